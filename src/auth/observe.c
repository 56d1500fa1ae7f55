/* Messages become parts of an exchange. */
#include "auth/live.h"

#include <stddef.h>
#include <string.h>

#include "sip/uri.h"

/* The exchange keeps the message. */
static void observe(struct exchange *x, struct arrival *from)
{
	const struct datagram *d = &from->d;
	struct observed *out = &from->place->seen;
	size_t auth_size = out->msg.auth_count * sizeof(*out->msg.auth);

	arena_join(&x->arena, &from->arena);
	out->msg.auth =
		auth_size ? memcpy(arena_take(&x->arena, auth_size), from->auth, auth_size) : NULL;
	out->src = d->src;
	out->dst = d->dst;
	out->transport = d->transport;
	out->time = d->time;
	out->frame = d->frame;
	out->file = d->file;
	out->cut = d->cut;
	/* a body that is cut hides no header field */
	out->truncated = (out->msg.defects & MESSAGE_NO_END) != 0;
	if (d->time > x->last_time)
		x->last_time = d->time;
}

static bool is_credentials(enum auth_field_kind kind)
{
	return kind == AUTH_AUTHORIZATION || kind == AUTH_PROXY_AUTHORIZATION;
}

static bool is_challenge(enum auth_field_kind kind)
{
	return kind == AUTH_WWW_AUTHENTICATE || kind == AUTH_PROXY_AUTHENTICATE;
}

static uint32_t nc_value(struct slice nc)
{
	uint32_t value = 0;

	if (!nc.n || nc.n > 8)
		return 0;
	for (size_t i = 0; i < nc.n; i++) {
		char c = nc.p[i];
		unsigned digit = c >= '0' && c <= '9'        ? (unsigned)(c - '0')
			: (c | 32) >= 'a' && (c | 32) <= 'f' ? (unsigned)((c | 32) - 'a' + 10)
							     : 16;

		if (digit > 15)
			return 0;
		value = value << 4 | digit;
	}
	return value;
}

/* Challenges or credentials of a message: the first `count` are kept, the last field may have more. */
struct scanned {
	struct params params[MESSAGE_AUTH_MAX + PARAMS_LIST_MAX];
	struct place {
		const struct auth_field *field;
		uint16_t at, joined; /* in the field, and how many it has */
	} places[MESSAGE_AUTH_MAX];
	size_t count;
};

/* Places in challenge.values and credential.values, from 1; 0: none. */
#define PLACE(type, member) (1 + (offsetof(struct type, member) - offsetof(struct type, values)) / sizeof(struct slice))

static const uint8_t in_challenge[PARAM_COUNT + 1] = {
	[PARAM_REALM] = PLACE(challenge, realm),
	[PARAM_NONCE] = PLACE(challenge, nonce),
	[PARAM_OPAQUE] = PLACE(challenge, opaque),
	[PARAM_QOP] = PLACE(challenge, qop),
	[PARAM_ALGORITHM] = PLACE(challenge, algorithm_name),
};

static const uint8_t in_credential[PARAM_COUNT + 1] = {
	[PARAM_USERNAME] = PLACE(credential, username),
	[PARAM_REALM] = PLACE(credential, realm),
	[PARAM_NONCE] = PLACE(credential, nonce),
	[PARAM_URI] = PLACE(credential, uri),
	[PARAM_RESPONSE] = PLACE(credential, response),
	[PARAM_ALGORITHM] = PLACE(credential, algorithm_name),
	[PARAM_CNONCE] = PLACE(credential, cnonce),
	[PARAM_NC] = PLACE(credential, nc),
	[PARAM_QOP] = PLACE(credential, qop),
	[PARAM_OPAQUE] = PLACE(credential, opaque),
};

static void fill(struct slice *values, const struct params *p, const uint8_t places[PARAM_COUNT + 1])
{
	for (unsigned i = 0; i < p->count; i++) {
		const struct param *param = &p->list[i];

		if (places[param->id] && !param->duplicate)
			values[places[param->id] - 1] = param_value(param);
	}
}

static void credential_fill(struct credential *k, const struct params *p, const struct place *place)
{
	k->kind = place->field->kind == AUTH_AUTHORIZATION ? AUTH_KIND_USER : AUTH_KIND_PROXY;
	k->params = *p;
	fill(k->values, p, in_credential);
	if (!k->username.p)
		k->username = params_value(p, PARAM_USERNAME_STAR);
	k->algorithm = algorithm_find(k->algorithm_name);
	k->qops = (uint8_t)advice_qops(k->qop);
	k->digest = params_is_digest(p);
	k->placeholder = k->digest && !k->nonce.n && !k->response.n;
	k->lines = place->field->lines;
	k->joined = place->joined;
	k->joined_at = place->at;
	k->nc_value = nc_value(k->nc);
	k->nonce_hash = slice_hash(k->nonce, 0);
	k->response_hash = slice_hash(k->response, 0);
	k->cnonce_hash = slice_hash(k->cnonce, 0);
	k->names_hash = slice_hash(k->username, slice_hash(k->realm, 0));
	k->slot = -1;
}

static inline bool scan_auth(
	struct scanned *s, struct arena *arena, const struct message *m, bool (*wanted)(enum auth_field_kind))
{
	s->count = 0;
	for (unsigned i = 0; i < m->auth_count && s->count < MESSAGE_AUTH_MAX; i++) {
		const struct auth_field *field = &m->auth[i];
		size_t n;

		if (!wanted(field->kind))
			continue;
		n = params_scan(field->value, arena, s->params + s->count, PARAMS_LIST_MAX);
		for (size_t j = 0; j < n && s->count < MESSAGE_AUTH_MAX; j++)
			s->places[s->count++] = (struct place){field, (uint16_t)j, (uint16_t)n};
	}
	return s->count;
}

static void scan_credentials(struct arena *arena, struct attempt *a)
{
	struct scanned s;

	if (!scan_auth(&s, arena, &a->request.msg, is_credentials))
		return;
	a->credentials = arena_alloc(arena, s.count * sizeof(*a->credentials));
	a->credential_count = (uint16_t)s.count;
	for (size_t i = 0; i < s.count; i++)
		credential_fill(&a->credentials[i], &s.params[i], &s.places[i]);
}

static bool qop_usable(struct slice qop)
{
	return !qop.p || qop_has(qop, SLICE("auth")) || qop_has(qop, SLICE("auth-int"));
}

static void challenge_fill(struct challenge *c, const struct params *p, const struct place *place)
{
	c->kind = place->field->kind == AUTH_WWW_AUTHENTICATE ? AUTH_KIND_USER : AUTH_KIND_PROXY;
	c->params = *p;
	fill(c->values, p, in_challenge);
	c->algorithm = algorithm_find(c->algorithm_name);
	c->qops = (uint8_t)advice_qops(c->qop);
	c->digest = params_is_digest(p);
	c->malformed = p->defects & PARAMS_MALFORMED;
	c->stale = params_stale(p);
	c->usable = c->digest && c->realm.p && c->nonce.n && c->algorithm != ALGORITHM_UNKNOWN &&
		qop_usable(c->qop);
	c->lines = place->field->lines;
	c->joined = place->joined;
	c->joined_at = place->at;
	c->nonce_hash = slice_hash(c->nonce, 0);
	c->slot = -1;
}

static void scan_challenges(struct arena *arena, struct response *r)
{
	struct scanned s;

	if (!scan_auth(&s, arena, &r->seen.msg, is_challenge))
		return;
	r->challenges = arena_alloc(arena, s.count * sizeof(*r->challenges));
	r->challenge_count = (uint16_t)s.count;
	for (size_t i = 0; i < s.count; i++)
		challenge_fill(&r->challenges[i], &s.params[i], &s.places[i]);
}

/* What is behind the message; in pieces, as it is short (see message_scan()). */
static inline void clear_rest(struct observed *o, size_t size)
{
	uint64_t *rest = (uint64_t *)(void *)(o + 1);

#pragma GCC unroll 16
	for (size_t i = 0; i < (size - sizeof(*o)) / sizeof(*rest); i++)
		memset(&rest[i], 0, sizeof(*rest));
}

void observe_ahead(struct arrival *from)
{
	const struct message *m = &from->place->seen.msg;

	if (m->request)
		clear_rest(&from->place->seen, sizeof(struct attempt));
	else
		clear_rest(&from->place->seen, sizeof(struct response));
	if (!m->auth_count || m->method == METHOD_ACK || m->method == METHOD_CANCEL)
		return;
	if (m->request)
		scan_credentials(&from->arena, &from->place->attempt);
	else if (m->status >= 200)
		scan_challenges(&from->arena, &from->place->response);
}

struct attempt *attempt_add(struct exchange *x, struct arrival *from)
{
	struct attempt *a = &from->place->attempt;

	observe(x, from);
	a->exchange = x;
	a->last_sent = a->request.time;
	if (x->last_attempt) {
		x->last_attempt->next = a;
	} else {
		x->attempts = a;
		x->from_user = name_addr_user(a->request.msg.from);
	}
	x->last_attempt = a;
	x->attempt_count++;
	return a;
}

/* What some servers say in words and not in stale=true: "nonce has changed". */
static bool says_stale(struct slice reason)
{
	static const struct slice words[] = {{"chang", 5}, {"expir", 5}, {"stale", 5}, {"old", 3}};

	if (!slice_has_nocase(reason, SLICE("nonce")))
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (slice_has_nocase(reason, words[i]))
			return true;
	return false;
}

struct response *response_new(struct exchange *x, struct arrival *from)
{
	struct response *r = &from->place->response;

	observe(x, from);
	r->status = r->seen.msg.status;
	r->copies = 1;
	r->stale_phrase = status_is_challenge(r->status) && says_stale(r->seen.msg.reason);
	for (unsigned i = 0; i < r->seen.msg.auth_count && !r->info; i++)
		if (r->seen.msg.auth[i].kind == AUTH_AUTHENTICATION_INFO) {
			r->info = arena_take(&x->arena, sizeof(*r->info));
			params_scan_info(r->seen.msg.auth[i].value, &x->arena, r->info);
		}
	return r;
}

bool attempt_has_credentials(const struct attempt *a)
{
	for (unsigned i = 0; i < a->credential_count; i++)
		if (!a->credentials[i].placeholder)
			return true;
	return false;
}

bool message_has_credentials(const struct message *m)
{
	for (unsigned i = 0; i < m->auth_count; i++)
		if (is_credentials(m->auth[i].kind))
			return true;
	return false;
}

bool response_answerable(const struct response *r)
{
	for (unsigned i = 0; i < r->challenge_count; i++)
		if (r->challenges[i].usable)
			return true;
	return false;
}

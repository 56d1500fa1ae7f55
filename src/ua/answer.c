#include "ua/answer.h"

#include <stdio.h>
#include <string.h>

#include "ua/wait.h"

enum { CNONCE_BYTES = 8 };

void spaces_free(struct spaces *s)
{
	for (unsigned i = 0; i < s->count; i++)
		arena_free(&s->list[i].arena);
	s->count = 0;
}

void spaces_row(struct spaces *s, bool keep)
{
	for (unsigned i = 0; i < s->count; i++) {
		s->list[i].active = keep;
		s->list[i].answers = 0;
	}
}

bool spaces_any_active(const struct spaces *s)
{
	for (unsigned i = 0; i < s->count; i++)
		if (s->list[i].active)
			return true;
	return false;
}

/* ---- the challenges of a response ---- */

/* A challenge that may be taken. */
struct offer {
	enum auth_kind kind;
	struct params params;
	struct slice realm, nonce, qop, user;
	enum algorithm algorithm;
	const struct secret *secret;
	bool stale, taken;
};

struct offers {
	struct offer list[PARAMS_LIST_MAX];
	unsigned count;
	bool any, ignored, no_secret; /* of those that are not in the list */
	struct slice realm;           /* one for which there is no secret */
	struct arena arena;
};

static bool qop_usable(const struct answer_policy *p, struct slice qop)
{
	if (!qop.p || p->qop == ANSWER_QOP_NONE)
		return true;
	return qop_has(qop, SLICE("auth")) || qop_has(qop, SLICE("auth-int"));
}

/* Without a name the secrets tell it: the first one that is good for the realm. */
static bool find_secret(const struct answer_policy *p, struct offer *o)
{
	o->user = p->user;
	if (o->user.p)
		return secrets_find(p->secrets, o->user, o->realm, o->algorithm, &o->secret, 1) > 0;
	for (int any = 0; any < 2; any++)
		for (size_t i = 0; i < secrets_count(p->secrets); i++) {
			const struct secret *s = secrets_at(p->secrets, i);

			if (!s->username.p || !slice_eq(s->realm, any ? SLICE("*") : o->realm))
				continue;
			o->user = s->username;
			if (secrets_find(
				    p->secrets, o->user, o->realm, o->algorithm, &o->secret, 1))
				return true;
		}
	return false;
}

static bool wanted_algorithm(const struct answer_policy *p, enum algorithm a)
{
	const struct algorithm_info *info = algorithm_info(a);

	if (!info || !hash_available(info->hash))
		return false;
	return p->choice != CHOICE_NAMED || p->algorithm == a;
}

static void add_offer(struct offers *os, const struct answer_policy *p, enum auth_kind kind,
	const struct params *params)
{
	struct offer o = {
		.kind = kind,
		.params = *params,
		.realm = params_value(params, PARAM_REALM),
		.nonce = params_value(params, PARAM_NONCE),
		.qop = params_value(params, PARAM_QOP),
		.algorithm = algorithm_find(params_value(params, PARAM_ALGORITHM)),
		.stale = params_stale(params),
	};

	if (!params_is_digest(params) || !o.realm.p || !o.nonce.n || os->count == PARAMS_LIST_MAX)
		return;
	os->any = true;
	if (kind == AUTH_KIND_USER ? p->ignore_user : p->ignore_proxy) {
		os->ignored = true;
		return;
	}
	if (!wanted_algorithm(p, o.algorithm) || !qop_usable(p, o.qop))
		return;
	if (!find_secret(p, &o)) {
		os->no_secret = true;
		os->realm = o.realm;
		return;
	}
	os->list[os->count++] = o;
}

static void collect(struct offers *os, const struct answer_policy *p, const struct message *m)
{
	for (unsigned i = 0; i < m->auth_count; i++) {
		struct params params[PARAMS_LIST_MAX];
		size_t n;

		if (m->auth[i].kind != AUTH_WWW_AUTHENTICATE &&
			m->auth[i].kind != AUTH_PROXY_AUTHENTICATE)
			continue;
		n = params_scan(m->auth[i].value, &os->arena, params, PARAMS_LIST_MAX);
		for (size_t j = 0; j < n; j++)
			add_offer(os, p,
				m->auth[i].kind == AUTH_WWW_AUTHENTICATE ? AUTH_KIND_USER
									 : AUTH_KIND_PROXY,
				&params[j]);
	}
}

static unsigned strength(const struct offer *o)
{
	return algorithm_info(o->algorithm)->strength;
}

/* Is `a` to be taken rather than `b`, which stands above it and has the same kind and realm? */
static bool preferred(const struct answer_policy *p, const struct offer *a, const struct offer *b)
{
	unsigned aka_a = algorithm_info(a->algorithm)->aka,
		 aka_b = algorithm_info(b->algorithm)->aka;

	/* AKAv2 must be chosen where both versions are offered (RFC 4169 4.1) */
	if (aka_a && aka_b && aka_a != aka_b)
		return aka_a > aka_b;
	return p->choice == CHOICE_STRONGEST && strength(a) > strength(b);
}

/* Marks one challenge for each kind and realm. */
static void choose(struct offers *os, const struct answer_policy *p)
{
	for (unsigned i = 0; i < os->count; i++) {
		struct offer *o = &os->list[i], *best = NULL;

		for (unsigned j = 0; j < i; j++)
			if (os->list[j].taken && os->list[j].kind == o->kind &&
				slice_eq(os->list[j].realm, o->realm))
				best = &os->list[j];
		if (best && !preferred(p, o, best))
			continue;
		if (best)
			best->taken = false;
		o->taken = true;
	}
}

/* ---- learning ---- */

static struct space *space_for(
	struct spaces *s, enum auth_kind kind, struct slice realm, bool known_only)
{
	for (unsigned i = 0; i < s->count; i++)
		if (s->list[i].kind == kind && slice_eq(s->list[i].realm, realm))
			return &s->list[i];
	if (s->count == SPACES_MAX || known_only)
		return NULL;
	s->list[s->count] = (struct space){.kind = kind};
	return &s->list[s->count++];
}

static enum qop choose_qop(const struct answer_policy *p, struct slice offered)
{
	if (!offered.p || p->qop == ANSWER_QOP_NONE)
		return QOP_NONE;
	if (p->qop == ANSWER_QOP_AUTH_INT)
		return QOP_AUTH_INT;
	return qop_has(offered, SLICE("auth")) || p->qop == ANSWER_QOP_AUTH ? QOP_AUTH
									    : QOP_AUTH_INT;
}

static void new_nonce(struct space *x, struct slice nonce)
{
	x->nonce = arena_copy(&x->arena, nonce);
	x->nc = 0;
	wait_token(x->cnonce, CNONCE_BYTES);
}

static void take(
	struct space *x, const struct answer_policy *p, const struct offer *o, unsigned status)
{
	struct arena old = x->arena;
	bool same = x->nonce.p && slice_eq(x->nonce, o->nonce);
	uint32_t nc = x->nc;
	char cnonce[ANSWER_CNONCE];

	memcpy(cnonce, x->cnonce, sizeof(cnonce));
	x->arena = (struct arena){0};
	x->realm = arena_copy(&x->arena, o->realm);
	x->opaque = arena_copy(&x->arena, params_value(&o->params, PARAM_OPAQUE));
	x->algorithm_name = arena_copy(&x->arena, params_value(&o->params, PARAM_ALGORITHM));
	x->algorithm = o->algorithm;
	x->qop = choose_qop(p, o->qop);
	x->secret = o->secret;
	x->user = o->user;
	x->status = status;
	new_nonce(x, o->nonce);
	if (same) {
		/* issued again: the count of requests with it goes on (RFC 7616 3.4) */
		x->nc = nc;
		memcpy(x->cnonce, cnonce, sizeof(cnonce));
	}
	arena_free(&old);
}

/* Another answer is of use once more if the nonce was old, whether the server says so or not (RFC
 * 3261 22.1). */
static bool worth_again(const struct space *x, const struct offer *o)
{
	return o->stale || !slice_eq(x->nonce, o->nonce);
}

static enum answer_verdict learn_one(struct spaces *s, const struct answer_policy *p,
	const struct offer *o, unsigned status, bool *refused)
{
	struct space *x = space_for(s, o->kind, o->realm, p->known_only);
	bool answered;

	if (!x)
		return ANSWER_NOTHING;
	answered = x->active && x->answers; /* those sent before any challenge do not count */
	*refused = *refused || (answered && !o->stale);
	if (answered && !worth_again(x, o))
		return ANSWER_REFUSED;
	if (answered && x->answers >= p->attempts)
		return ANSWER_ENOUGH;
	take(x, p, o, status);
	x->active = true;
	x->answers++;
	return ANSWER_GO;
}

static enum answer_verdict verdict_without(const struct offers *os, char note[ANSWER_NOTE])
{
	if (!os->any) {
		snprintf(note, ANSWER_NOTE, "no Digest challenge that can be answered");
		return ANSWER_NOTHING;
	}
	if (os->ignored)
		return ANSWER_IGNORED;
	if (os->no_secret) {
		struct buf realm = {0};

		buf_add_printable(&realm, os->realm);
		snprintf(note, ANSWER_NOTE, "no secret for realm \"%.100s\"", buf_string(&realm));
		buf_free(&realm);
		return ANSWER_NO_SECRET;
	}
	snprintf(note, ANSWER_NOTE, "no challenge with a usable algorithm and qop");
	return ANSWER_NOTHING;
}

void answer_learn(struct spaces *s, const struct answer_policy *p, const struct message *response,
	struct answer_result *out)
{
	struct offers os = {0};

	*out = (struct answer_result){.verdict = ANSWER_GO};
	collect(&os, p, response);
	choose(&os, p);
	/* one refusal ends the row: more answers would be tries of the same secret */
	for (unsigned i = 0; i < os.count && out->verdict == ANSWER_GO; i++)
		if (os.list[i].taken)
			out->verdict =
				learn_one(s, p, &os.list[i], response->status, &out->refused);
	if (!os.count)
		out->verdict = verdict_without(&os, out->note);
	arena_free(&os.arena);
}

void answer_success(struct spaces *s, const struct message *response)
{
	for (unsigned i = 0; i < response->auth_count; i++) {
		struct arena scratch = {0};
		struct params info;
		struct slice next;

		if (response->auth[i].kind != AUTH_AUTHENTICATION_INFO)
			continue;
		params_scan_info(response->auth[i].value, &scratch, &info);
		next = params_value(&info, PARAM_NEXTNONCE);
		/* it does not name a realm: it is meant for the only one that was answered */
		for (unsigned j = 0, n = 0; next.n && j < s->count; j++)
			if (s->list[j].active && !n++)
				new_nonce(&s->list[j], next);
		arena_free(&scratch);
	}
}

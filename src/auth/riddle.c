#include "auth/riddle.h"

#include <string.h>

#include "auth/inquiry.h"
#include "sip/uri.h"

static void add_uri_of(struct clues *c, enum clue_kind kind, struct slice field)
{
	struct slice uri = field.p ? name_addr_uri(field) : SLICE_ABSENT;

	if (uri.n)
		clues_add(c, kind, uri);
}

/* The value of the first header field of this name, which the scanner does not pick out. */
static struct slice find_field(const struct message *m, struct slice name)
{
	struct slice rest = m->bytes;

	while (rest.n) {
		size_t end = slice_find(rest, '\n');
		struct slice line = slice_trim(slice_head(rest, end));

		if (!line.n)
			break;
		if (slice_starts_nocase(line, name) && slice_find(line, ':') == name.n)
			return slice_trim(slice_from(line, name.n + 1));
		rest = slice_from(rest, end + 1);
	}
	return SLICE_ABSENT;
}

static void add_via(struct clues *c, struct slice via, struct arena *arena)
{
	struct slice port, host, received, rport;

	if (!via.p)
		return;
	host = via_sent_by(via, &port);
	received = header_param(via, SLICE("received"));
	rport = header_param(via, SLICE("rport"));
	if (host.n)
		clues_add(c, CLUE_VIA,
			port.n ? arena_printf(arena, "%.*s:%.*s", SLICE_ARG(host), SLICE_ARG(port))
			       : host);
	if (received.n)
		clues_add(c, CLUE_RECEIVED,
			rport.n ? arena_printf(
					  arena, "%.*s:%.*s", SLICE_ARG(received), SLICE_ARG(rport))
				: received);
}

static void add_message(struct clues *c, const struct message *m, struct arena *arena)
{
	add_uri_of(c, CLUE_FROM, m->from);
	add_uri_of(c, CLUE_TO, m->to);
	add_uri_of(c, CLUE_CONTACT, m->contact);
	add_via(c, m->via, arena);
	if (m->request) {
		clues_add(c, CLUE_REQUEST_URI, m->request_uri);
		add_uri_of(c, CLUE_ROUTE, find_field(m, SLICE("Route")));
	}
	clues_add(c, CLUE_CSEQ_METHOD, m->cseq_method);
}

static void add_challenges(struct clues *c, const struct response *r, const struct response *own)
{
	for (unsigned i = 0; i < r->challenge_count; i++) {
		const struct challenge *ch = &r->challenges[i];

		clues_add(c, CLUE_REALM, ch->realm);
		if (ch->nonce.n)
			clues_add(c, r == own ? CLUE_SIBLING_NONCE : CLUE_NONCE, ch->nonce);
		clues_add(c, CLUE_OPAQUE, ch->opaque);
		clues_add(c, CLUE_QOP_LIST, ch->qop);
		clues_add(c, CLUE_DOMAIN, params_value(&ch->params, PARAM_DOMAIN));
	}
	clues_add(c, CLUE_NEXTNONCE, response_info(r, PARAM_NEXTNONCE));
}

static void add_credentials(struct clues *c, const struct attempt *a)
{
	for (unsigned i = 0; i < a->credential_count; i++) {
		const struct credential *k = &a->credentials[i];

		if (k->placeholder)
			continue;
		clues_add(c, CLUE_REALM, k->realm);
		clues_add(c, CLUE_NONCE, k->nonce);
		clues_add(c, CLUE_CNONCE, k->cnonce);
		clues_add(c, CLUE_USER, k->username);
		clues_add(c, CLUE_URI, k->uri);
		clues_add(c, CLUE_OPAQUE, k->opaque);
	}
}

/* What the requests before this one, and the answers to them, held; the newest last. */
static void add_attempt(
	struct clues *c, const struct attempt *a, const struct riddle_place *p, struct arena *arena)
{
	add_credentials(c, a);
	if (a != p->a)
		clues_add(c, CLUE_BODY, a->request.msg.body);
	clues_add(c, CLUE_REQUEST_URI, a->request.msg.request_uri);
	if (a->final) {
		add_challenges(c, a->final, p->k->challenged_by);
		add_via(c, a->final->seen.msg.via, arena);
	}
	for (const struct response *r = a->others; r; r = r->next)
		add_challenges(c, r, p->k->challenged_by);
}

static void add_exchange(struct clues *c, const struct riddle_place *p, struct arena *arena)
{
	const struct attempt *list[EXCHANGE_ATTEMPTS_MAX];
	unsigned n = 0;

	/* its own challenge before all others: that is what "the" opaque and the qop list are */
	clues_add(c, CLUE_OPAQUE, p->k->opaque);
	if (p->k->challenge) {
		clues_add(c, CLUE_OPAQUE, p->k->challenge->opaque);
		clues_add(c, CLUE_QOP_LIST, p->k->challenge->qop);
	}
	clues_add(c, CLUE_FIRST_REQUEST_URI, p->x->attempts->request.msg.request_uri);
	for (const struct attempt *a = p->x->attempts; a && n < EXCHANGE_ATTEMPTS_MAX;
		a = a->next) {
		list[n++] = a;
		if (a == p->a)
			break;
	}
	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < list[i]->credential_count; k++) {
			clues_add(c, CLUE_FIRST_NONCE, list[i]->credentials[k].nonce);
			clues_add(c, CLUE_FIRST_CNONCE, list[i]->credentials[k].cnonce);
		}
	while (n--)
		add_attempt(c, list[n], p, arena);
}

static void add_address(
	struct clues *c, enum clue_kind kind, const struct address *a, struct arena *arena)
{
	char text[ADDRESS_TEXT];

	if (a->family)
		clues_add(c, kind, arena_copy(arena, slice_of(address_format(a, text))));
}

/* ---- other exchanges ---- */

static bool is_other_leg(const struct exchange *a, const struct exchange *b)
{
	return a->leg_of == b->n || b->leg_of == a->n || (a->leg_of && a->leg_of == b->leg_of);
}

static void add_other_exchange(struct clues *c, const struct exchange *other, bool leg)
{
	for (const struct attempt *a = other->attempts; a; a = a->next) {
		if (leg)
			clues_add(c, CLUE_OTHER_LEG_URI, a->request.msg.request_uri);
		clues_add(c, CLUE_BODY, a->request.msg.body);
		add_credentials(c, a);
		if (a->final)
			add_challenges(c, a->final, NULL);
	}
}

/* Legs and other exchanges of this account that go on at the same time. */
static void add_open(struct tracker *t, const struct riddle_place *p, struct clues *c)
{
	uint64_t user = slice_hash(exchange_user(p->x), 0);

	for (const struct live *l = t->oldest; l; l = l->newer) {
		bool leg;

		if (&l->x == p->x)
			continue;
		leg = is_other_leg(&l->x, p->x);
		if (leg || l->user_hash == user)
			add_other_exchange(c, &l->x, leg);
	}
}

static void add_given(struct tracker *t, const struct riddle_place *p, struct clues *c)
{
	const struct secrets *secrets = t->options.secrets;

	clues_add(c, CLUE_REALM_GIVEN, t->options.configured_realm);
	for (const struct secret *s = secrets_of(secrets, p->k->username, NULL); s;
		s = secrets_of(secrets, p->k->username, s))
		if (!slice_eq(s->realm, SLICE("*")))
			clues_add(c, CLUE_REALM_GIVEN, s->realm);
	if (p->k->secret->username.p)
		clues_add(c, CLUE_USER, p->k->secret->username);
}

bool riddle_begin(
	struct tracker *t, const struct riddle_place *p, struct riddle *out, struct arena *arena)
{
	bool good;

	/* the list of clues is long, and counted */
	memset(out, 0, offsetof(struct riddle, clues));
	out->clues.count = 0;
	memset(out->clues.of_kind, 0, sizeof(out->clues.of_kind));
	good = p->r ? verify_rspauth_input(p->k, p->r, &out->in, arena)
		    : verify_input(p->k, &p->a->request, p->k->secret, &out->in, arena);
	if (!good)
		return false;
	out->response = p->r ? response_info(p->r, PARAM_RSPAUTH) : p->k->response;
	out->secret = p->k->secret;
	out->secrets = t->options.secrets;
	return true;
}

void riddle_gather(struct tracker *t, const struct riddle_place *p, bool all, struct riddle *out,
	struct arena *arena)
{
	struct clues *c = &out->clues;

	add_message(c, &p->a->request.msg, arena);
	if (p->r)
		clues_add(c, CLUE_BODY, p->a->request.msg.body);
	add_exchange(c, p, arena);
	add_address(c, CLUE_SERVER, &p->x->target, arena);
	add_address(c, CLUE_CLIENT, &p->x->client, arena);
	if (!slice_eq(p->k->username, out->in.username))
		clues_add(c, CLUE_USER_SENT, p->k->username);
	add_given(t, p, c);
	if (all)
		add_open(t, p, c);
	inquiries_clues(t->inquiries, exchange_user(p->x), c);
}

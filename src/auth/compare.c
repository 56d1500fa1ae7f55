#include "auth/compare_rows.h"

#include <string.h>

#include "base/format.h"
#include "sip/uri.h"

/* ---- rows ---- */

static enum compare_state state_of(enum weight w, struct slice left, struct slice right)
{
	if (slice_eq(left, right))
		return COMPARE_SAME;
	if (!right.p)
		return COMPARE_ONLY_LEFT;
	if (!left.p)
		return COMPARE_ONLY_RIGHT;
	return w == WEIGHT_MUST ? COMPARE_MUST : COMPARE_DIFFERS;
}

void compare_add_slice(
	struct comparing *c, enum weight w, struct slice name, struct slice left, struct slice right)
{
	struct comparison *out = c->out;
	struct compare_row *row;

	if (!left.p && !right.p)
		return;
	if (out->count == COMPARE_ROWS_MAX) {
		out->dropped++;
		return;
	}
	if (out->count == out->room)
		out->rows = arena_grow(&out->arena, out->rows, &out->room, sizeof(*out->rows));
	row = &out->rows[out->count++];
	*row = (struct compare_row){c->section, c->part, name, left, right, state_of(w, left, right), false};
	row->matters = row->state != COMPARE_SAME && row->state != COMPARE_MUST && w != WEIGHT_OWN;
}

void compare_add(struct comparing *c, enum weight w, const char *name, struct slice left, struct slice right)
{
	compare_add_slice(c, w, slice_of(name), left, right);
}

void compare_texts(struct comparing *c, enum weight w, const char *name, const char *left, const char *right)
{
	compare_add(c, w, name, left ? slice_of(left) : SLICE_ABSENT, right ? slice_of(right) : SLICE_ABSENT);
}

void comparison_free(struct comparison *c)
{
	arena_free(&c->arena);
	*c = (struct comparison){0};
}

unsigned comparison_count(const struct comparison *c, enum compare_state state)
{
	unsigned n = 0;

	for (unsigned i = 0; i < c->count; i++)
		n += c->rows[i].state == state;
	return n;
}

unsigned comparison_matters(const struct comparison *c)
{
	unsigned n = 0;

	for (unsigned i = 0; i < c->count; i++)
		n += c->rows[i].matters;
	return n;
}

const char *compare_state_name(enum compare_state s)
{
	static const char *const names[COMPARE_STATE_COUNT] = {
		[COMPARE_SAME] = "same",
		[COMPARE_DIFFERS] = "differs",
		[COMPARE_ONLY_LEFT] = "only-left",
		[COMPARE_ONLY_RIGHT] = "only-right",
		[COMPARE_MUST] = "must-differ",
	};

	return names[s];
}

/* ---- the exchange as a whole ---- */

static struct slice text_of(struct comparing *c, struct buf *b)
{
	struct slice copy = arena_copy(&c->out->arena, buf_slice(b));

	buf_free(b);
	return copy;
}

static struct slice place(struct comparing *c, const struct address *a)
{
	char text[ADDRESS_TEXT];

	return a->family ? arena_copy(&c->out->arena, slice_of(address_format(a, text))) : SLICE_ABSENT;
}

static struct slice number(struct comparing *c, uint32_t n)
{
	return arena_printf(&c->out->arena, "%u", n);
}

static struct slice outcome(struct comparing *c, const struct exchange *x)
{
	if (!x->status)
		return slice_of(outcome_name(x->outcome));
	return arena_printf(&c->out->arena, "%s (%u)", outcome_name(x->outcome), x->status);
}

static struct slice span(struct comparing *c, int64_t t)
{
	struct buf b = {0};

	format_span(&b, t);
	return text_of(c, &b);
}

static int64_t round_trip(const struct exchange *x)
{
	const struct attempt *a = x->attempts;

	return a->final && !a->retransmissions ? a->final->seen.time - a->request.time : -1;
}

/* Times never agree to the last digit: only what is much longer, and long, is worth a look. */
static void compare_times(struct comparing *c, const char *name, int64_t left, int64_t right)
{
	int64_t apart = left > right ? left - right : right - left, less = left < right ? left : right;
	bool alike = left >= 0 && right >= 0 && (apart < 100 * INT64_C(1000000) || apart < less);
	struct slice a = left < 0 ? SLICE_ABSENT : span(c, left);

	if (alike && !slice_eq(a, span(c, right)))
		compare_add(c, WEIGHT_MUST, name, a, span(c, right));
	else
		compare_add(c, WEIGHT_OWN, name, a, right < 0 ? SLICE_ABSENT : span(c, right));
}

static uint32_t retransmissions(const struct exchange *x)
{
	uint32_t n = 0;

	for (const struct attempt *a = x->attempts; a; a = a->next)
		n += a->retransmissions;
	return n;
}

static struct slice cause(const struct exchange *x)
{
	return x->cause ? slice_of(finding_kind(x->cause->id)->id) : SLICE_ABSENT;
}

static void compare_wholes(struct comparing *c, const struct exchange *l, const struct exchange *r)
{
	c->section = "Exchange";
	compare_add(c, WEIGHT_MATTERS, "outcome", outcome(c, l), outcome(c, r));
	compare_add(c, WEIGHT_MATTERS, "cause", cause(l), cause(r));
	compare_add(c, WEIGHT_MATTERS, "method", l->method_name, r->method_name);
	compare_add(c, WEIGHT_MATTERS, "challenges", number(c, l->rounds), number(c, r->rounds));
	compare_add(c, WEIGHT_MATTERS, "client software", exchange_user_agent(l), exchange_user_agent(r));
	compare_add(c, WEIGHT_MATTERS, "server software", exchange_server(l), exchange_server(r));
	compare_add(c, WEIGHT_OWN, "client", place(c, &l->client), place(c, &r->client));
	compare_add(c, WEIGHT_MATTERS, "server", place(c, &l->target), place(c, &r->target));
	compare_texts(c, WEIGHT_MATTERS, "transport", transport_name(l->transport), transport_name(r->transport));
	compare_add(c, WEIGHT_MATTERS, "signs of an ALG", l->alg, r->alg);
	compare_texts(c, WEIGHT_MATTERS, "in a dialog", l->in_dialog ? "yes" : "no", r->in_dialog ? "yes" : "no");
	compare_add(c, WEIGHT_MATTERS, "repeated requests", number(c, retransmissions(l)),
		number(c, retransmissions(r)));
	compare_times(c, "first round trip", round_trip(l), round_trip(r));
	compare_times(c, "duration", l->duration, r->duration);
}

/* ---- findings ---- */

static const struct finding *find(const struct exchange *x, enum finding_id id)
{
	for (unsigned i = 0; i < x->finding_count; i++)
		if (x->findings[i]->id == id)
			return x->findings[i];
	return NULL;
}

static void compare_findings(struct comparing *c, const struct exchange *l, const struct exchange *r)
{
	c->section = "Findings";
	for (int id = 0; id < FINDING_COUNT; id++) {
		const struct finding *a = find(l, (enum finding_id)id), *b = find(r, (enum finding_id)id);
		bool serious = (a && a->severity >= SEVERITY_WARNING) || (b && b->severity >= SEVERITY_WARNING);

		compare_texts(c, serious ? WEIGHT_MATTERS : WEIGHT_OWN, finding_kind((enum finding_id)id)->id,
			a ? severity_name(a->severity) : NULL, b ? severity_name(b->severity) : NULL);
	}
}

/* ---- challenges and what answers them, in pairs ---- */

struct sides {
	struct compare_round list[EXCHANGE_SLOTS_MAX];
	bool paired[EXCHANGE_SLOTS_MAX];
	unsigned count;
};

static int slot_of(const struct compare_round *s)
{
	return s->credential ? s->credential->slot : s->challenge->slot;
}

/* The one with this slot, or a new one; NULL: there are too many. */
static struct compare_round *side_for(struct sides *s, int slot)
{
	for (unsigned i = 0; slot >= 0 && i < s->count; i++)
		if (slot_of(&s->list[i]) == slot)
			return &s->list[i];
	return s->count < EXCHANGE_SLOTS_MAX ? &s->list[s->count++] : NULL;
}

static void collect_credentials(struct sides *s, const struct attempt *a)
{
	for (unsigned i = 0; i < a->credential_count; i++) {
		const struct credential *k = &a->credentials[i];
		struct compare_round *side = side_for(s, k->slot);

		if (!side)
			return;
		side->credential = k;
		side->attempt = a;
		if (k->challenge) {
			side->challenge = k->challenge;
			side->response = k->challenged_by;
		}
	}
}

static void collect_challenges(struct sides *s, const struct response *r)
{
	for (unsigned i = 0; i < r->challenge_count; i++) {
		struct compare_round *side = side_for(s, r->challenges[i].slot);

		/* of several that one realm offers the first stands for all, until one is answered */
		if (!side || side->challenge)
			continue;
		side->challenge = &r->challenges[i];
		side->response = r;
	}
}

static void collect(struct sides *s, const struct exchange *x)
{
	for (const struct attempt *a = x->attempts; a; a = a->next) {
		collect_credentials(s, a);
		if (a->final)
			collect_challenges(s, a->final);
	}
}

static enum auth_kind side_kind(const struct compare_round *s)
{
	return s->challenge ? s->challenge->kind : s->credential->kind;
}

static struct slice side_realm(const struct compare_round *s)
{
	return s->challenge ? s->challenge->realm : s->credential->realm;
}

static unsigned likeness(const struct compare_round *a, const struct compare_round *b)
{
	return 2u * (side_kind(a) == side_kind(b)) + (unsigned)slice_eq(side_realm(a), side_realm(b));
}

/* The one on the right that is most like it, in order; NULL: none is left. */
static const struct compare_round *partner(struct sides *right, const struct compare_round *left)
{
	unsigned best = right->count;

	for (unsigned i = 0; i < right->count; i++)
		if (!right->paired[i] && (best == right->count ||
			likeness(left, &right->list[i]) > likeness(left, &right->list[best])))
			best = i;
	if (best == right->count)
		return NULL;
	right->paired[best] = true;
	return &right->list[best];
}

static void compare_pair(struct comparing *c, const struct compare_round *left, const struct compare_round *right)
{
	static const struct compare_round none = {0};

	c->section = "Challenge";
	compare_challenges(c, left ? left : &none, right ? right : &none);
	c->section = "Credentials";
	compare_credentials(c, left ? left : &none, right ? right : &none);
}

static void compare_auth(struct comparing *c, const struct exchange *l, const struct exchange *r)
{
	struct sides left = {0}, right = {0};

	collect(&left, l);
	collect(&right, r);
	c->part = left.count > 1 || right.count > 1;
	for (unsigned i = 0; i < left.count; i++, c->part += c->part > 0)
		compare_pair(c, &left.list[i], partner(&right, &left.list[i]));
	for (unsigned i = 0; i < right.count; i++) {
		if (right.paired[i])
			continue;
		compare_pair(c, NULL, &right.list[i]);
		c->part += c->part > 0;
	}
	c->part = 0;
}

/* ---- messages ---- */

/* The request that was decided on: the last with credentials, else the last. */
static const struct attempt *decisive(const struct exchange *x)
{
	const struct attempt *best = x->last_attempt;

	for (const struct attempt *a = x->attempts; a; a = a->next)
		if (a->credential_count)
			best = a;
	return best;
}

static struct slice final_bytes(const struct attempt *a)
{
	return a->final ? a->final->seen.msg.bytes : SLICE_ABSENT;
}

static struct slice final_status(struct comparing *c, const struct attempt *a)
{
	if (!a->final)
		return SLICE("none");
	return arena_printf(&c->out->arena, "%u %.*s", a->final->status, SLICE_ARG(a->final->seen.msg.reason));
}

static bool only_users_differ(struct slice a, struct slice b)
{
	const char *where = uri_difference(a, b);

	return where && strcmp(where, "user") == 0;
}

static void compare_decisive(struct comparing *c, const struct exchange *l, const struct exchange *r)
{
	const struct attempt *a = decisive(l), *b = decisive(r);
	const struct message *x = &a->request.msg, *y = &b->request.msg;

	c->section = "Request";
	compare_add(c, only_users_differ(x->request_uri, y->request_uri) ? WEIGHT_OWN : WEIGHT_MATTERS,
		"Request-URI", x->request_uri, y->request_uri);
	compare_fields(c, x->bytes, y->bytes);
	c->section = "Response";
	compare_add(c, WEIGHT_MATTERS, "status", final_status(c, a), final_status(c, b));
	compare_fields(c, final_bytes(a), final_bytes(b));
}

void compare_exchanges(const struct exchange *left, const struct exchange *right, struct comparison *out)
{
	const struct message *l = &left->attempts->request.msg, *r = &right->attempts->request.msg;
	struct comparing c = {.out = out};

	c.same_user = slice_eq(name_addr_user(l->from), name_addr_user(r->from));
	c.same_target = slice_eq(l->request_uri, r->request_uri);
	compare_wholes(&c, left, right);
	compare_auth(&c, left, right);
	compare_findings(&c, left, right);
	compare_decisive(&c, left, right);
}

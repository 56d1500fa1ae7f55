/* Challenges and credentials beside each other: what was sent, in which form, and how it answers. */
#include "auth/compare_rows.h"

#include "sip/uri.h"

/* What is expected of a parameter in two exchanges that behave alike. */
struct treatment {
	enum param_id id;
	enum weight weight;
	bool form;     /* the value is of no interest: its length and alphabet are */
};

static const struct treatment challenge_params[] = {
	{PARAM_REALM, WEIGHT_MATTERS, false},
	{PARAM_NONCE, WEIGHT_MUST, true},
	{PARAM_OPAQUE, WEIGHT_MUST, true},
	{PARAM_ALGORITHM, WEIGHT_MATTERS, false},
	{PARAM_QOP, WEIGHT_MATTERS, false},
	{PARAM_STALE, WEIGHT_MATTERS, false},
	{PARAM_DOMAIN, WEIGHT_MATTERS, false},
	{PARAM_USERHASH, WEIGHT_MATTERS, false},
	{PARAM_CHARSET, WEIGHT_MATTERS, false},
	{PARAM_UNKNOWN, WEIGHT_MATTERS, false},
};

static const struct treatment credential_params[] = {
	{PARAM_USERNAME, WEIGHT_OWN, false},
	{PARAM_USERNAME_STAR, WEIGHT_OWN, false},
	{PARAM_REALM, WEIGHT_MATTERS, false},
	{PARAM_NONCE, WEIGHT_MUST, true},
	{PARAM_URI, WEIGHT_OWN, false},
	{PARAM_RESPONSE, WEIGHT_MUST, true},
	{PARAM_ALGORITHM, WEIGHT_MATTERS, false},
	{PARAM_CNONCE, WEIGHT_MUST, true},
	{PARAM_QOP, WEIGHT_MATTERS, false},
	{PARAM_NC, WEIGHT_MUST, true},
	{PARAM_OPAQUE, WEIGHT_MUST, true},
	{PARAM_USERHASH, WEIGHT_MATTERS, false},
	{PARAM_AUTS, WEIGHT_MUST, true},
	{PARAM_UNKNOWN, WEIGHT_MATTERS, false},
};

/* ---- one parameter ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_base64(char c)
{
	return is_digit(c) || (c | 32) == 'a' || ((c | 32) > 'a' && (c | 32) <= 'z') || c == '+' || c == '/' ||
		c == '=';
}

static const char *alphabet(struct slice s)
{
	bool digits = true, lower = true, upper = true, hex = true, base64 = true;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		digits = digits && is_digit(c);
		lower = lower && (is_digit(c) || (c >= 'a' && c <= 'f'));
		upper = upper && (is_digit(c) || (c >= 'A' && c <= 'F'));
		hex = hex && (is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'f'));
		base64 = base64 && is_base64(c);
	}
	return digits ? "digits"
		: lower ? "hex digits, lower case"
		: upper ? "hex digits, upper case"
		: hex ? "hex digits, both cases"
		: base64 ? "base64 characters"
		: "characters";
}

/* "32 hex digits, lower case, quoted" */
static struct slice form_of(struct comparing *c, const struct param *p)
{
	struct slice value = p ? param_value(p) : SLICE_ABSENT;

	if (!p)
		return SLICE_ABSENT;
	return arena_printf(&c->out->arena, "%zu %s, %s", value.n, value.n ? alphabet(value) : "characters",
		p->quoted ? "quoted" : "not quoted");
}

/* As it was sent, quotes and all: a server may mind them. */
static struct slice sent(const struct param *p)
{
	if (!p)
		return SLICE_ABSENT;
	return p->value_at ? param_raw(p) : SLICE("");
}

static enum weight weight_of(const struct comparing *c, const struct treatment *t)
{
	if (t->id == PARAM_USERNAME && c->same_user)
		return WEIGHT_MATTERS;
	if (t->id == PARAM_URI && c->same_target)
		return WEIGHT_MATTERS;
	return t->weight;
}

static void compare_known(struct comparing *c, const struct treatment *t, const struct param *l,
	const struct param *r)
{
	const char *name = param_name(t->id);

	compare_add(c, weight_of(c, t), name, sent(l), sent(r));
	if (t->form && l && r)
		compare_add_slice(c, WEIGHT_MATTERS, arena_printf(&c->out->arena, "%s form", name),
			form_of(c, l), form_of(c, r));
}

static const struct param *named(const struct params *p, struct slice name)
{
	for (uint32_t i = 0; p && i < p->count; i++)
		if (p->list[i].id == PARAM_UNKNOWN && slice_eq_nocase(param_name_sent(&p->list[i]), name))
			return &p->list[i];
	return NULL;
}

/* Names nobody knows, in the order of the left side; then those of the right side alone. */
static void compare_unknown(struct comparing *c, const struct params *l, const struct params *r)
{
	for (uint32_t i = 0; l && i < l->count; i++)
		if (l->list[i].id == PARAM_UNKNOWN)
			compare_add_slice(c, WEIGHT_MATTERS, param_name_sent(&l->list[i]), sent(&l->list[i]),
				sent(named(r, param_name_sent(&l->list[i]))));
	for (uint32_t i = 0; r && i < r->count; i++)
		if (r->list[i].id == PARAM_UNKNOWN && !named(l, param_name_sent(&r->list[i])))
			compare_add_slice(
				c, WEIGHT_MATTERS, param_name_sent(&r->list[i]), SLICE_ABSENT, sent(&r->list[i]));
}

static struct slice order_of(struct comparing *c, const struct params *p)
{
	struct buf b = {0};
	struct slice order;

	if (!p)
		return SLICE_ABSENT;
	for (uint32_t i = 0; i < p->count; i++) {
		buf_adds(&b, i ? " " : "");
		buf_add_slice(&b, param_name_sent(&p->list[i]));
	}
	order = arena_copy(&c->out->arena, buf_slice(&b));
	buf_free(&b);
	return order;
}

static void compare_table(struct comparing *c, const struct treatment *table, const struct params *l,
	const struct params *r)
{
	compare_add(c, WEIGHT_MATTERS, "scheme", l ? l->scheme : SLICE_ABSENT, r ? r->scheme : SLICE_ABSENT);
	for (; table->id != PARAM_UNKNOWN; table++)
		compare_known(c, table, l ? params_get(l, table->id) : NULL, r ? params_get(r, table->id) : NULL);
	compare_unknown(c, l, r);
	compare_add(c, WEIGHT_OWN, "order", order_of(c, l), order_of(c, r));
}

void compare_params(
	struct comparing *c, bool credentials, const struct params *left, const struct params *right)
{
	compare_table(c, credentials ? credential_params : challenge_params, left, right);
}

/* ---- challenges ---- */

static struct slice status_of(struct comparing *c, const struct response *r)
{
	return r ? arena_printf(&c->out->arena, "%u", r->status) : SLICE_ABSENT;
}

/* "SHA-256, MD5": what the response offers for this realm; a realm may come with several algorithms. */
static struct slice offered(struct comparing *c, const struct compare_round *s)
{
	struct buf b = {0};
	struct slice list;

	if (!s->challenge || !s->response)
		return SLICE_ABSENT;
	for (unsigned i = 0; i < s->response->challenge_count; i++) {
		const struct challenge *other = &s->response->challenges[i];

		if (other->kind != s->challenge->kind || !slice_eq(other->realm, s->challenge->realm))
			continue;
		buf_adds(&b, b.n ? ", " : "");
		if (other->algorithm_name.n)
			buf_add_slice(&b, other->algorithm_name);
		else
			buf_adds(&b, "MD5 by default");
	}
	list = arena_copy(&c->out->arena, buf_slice(&b));
	buf_free(&b);
	return list;
}

void compare_challenges(struct comparing *c, const struct compare_round *left, const struct compare_round *right)
{
	const struct challenge *l = left->challenge, *r = right->challenge;

	if (!l && !r)
		return;
	compare_add(c, WEIGHT_MATTERS, "status", status_of(c, left->response), status_of(c, right->response));
	compare_texts(c, WEIGHT_MATTERS, "header field", l ? challenge_field_name(l->kind) : NULL,
		r ? challenge_field_name(r->kind) : NULL);
	compare_add(c, WEIGHT_MATTERS, "offered", offered(c, left), offered(c, right));
	if (l && r)
		compare_table(c, challenge_params, &l->params, &r->params);
	else
		compare_add(c, WEIGHT_MATTERS, "realm", l ? l->realm : SLICE_ABSENT, r ? r->realm : SLICE_ABSENT);
}

/* ---- credentials ---- */

/* How is the user of the digest written, beside that of From? */
static const char *user_form(const struct compare_round *s)
{
	struct slice user = s->credential->username;
	struct slice from = name_addr_user(s->attempt->request.msg.from);

	if (!user.p)
		return "none";
	if (!user.n)
		return "empty";
	if (slice_eq(user, from))
		return "the From user";
	if (from.n && user.n > from.n && slice_eq(slice_head(user, from.n), from) && user.p[from.n] == '@')
		return "the From user with a domain";
	return "not the From user";
}

static const char *echoed(struct slice sent_value, struct slice challenged)
{
	if (!challenged.p)
		return sent_value.p ? "yes, though the challenge has none" : "none to return";
	if (!sent_value.p)
		return "no";
	return slice_eq(sent_value, challenged) ? "yes" : "changed";
}

static const char *realm_echo(const struct compare_round *s)
{
	return s->challenge ? echoed(s->credential->realm, s->challenge->realm) : "challenge not seen";
}

static const char *opaque_echo(const struct compare_round *s)
{
	return s->challenge ? echoed(s->credential->opaque, s->challenge->opaque) : "challenge not seen";
}

static const char *nonce_echo(const struct compare_round *s)
{
	static const char *const names[] = {
		[MATCH_NONE] = "challenge not seen",
		[MATCH_NONCE] = "of an older challenge",
		[MATCH_OLDER] = "of an exchange before",
		[MATCH_REALM] = "not the challenge's",
		[MATCH_OTHER_KIND] = "of the other kind of challenge",
		[MATCH_KIND] = "not the challenge's, nor is the realm",
	};

	if (s->credential->match == MATCH_NONCE && s->credential->newest)
		return "of the newest challenge";
	return names[s->credential->match];
}

static struct slice uri_relation(struct comparing *c, const struct compare_round *s)
{
	struct slice target = s->attempt->request.msg.request_uri;
	const char *where = uri_difference(s->credential->uri, target);

	if (slice_eq(s->credential->uri, target))
		return SLICE("yes");
	if (!where)
		return SLICE("equivalent, other bytes");
	return arena_printf(&c->out->arena, "no, other %s", where);
}

static const char *judgement_of(const struct compare_round *s)
{
	static const char *const names[] = {
		[JUDGEMENT_NONE] = "not told",
		[JUDGEMENT_ACCEPTED] = "accepted",
		[JUDGEMENT_PASSED] = "passed, another realm asked",
		[JUDGEMENT_REJECTED] = "refused",
		[JUDGEMENT_STALE] = "nonce too old",
		[JUDGEMENT_OLD_NONCE] = "refused with an older nonce",
		[JUDGEMENT_RESYNC] = "resynchronization",
		[JUDGEMENT_PREEMPTIVE] = "challenged anew",
	};

	return names[s->credential->judgement];
}

void compare_credentials(struct comparing *c, const struct compare_round *left, const struct compare_round *right)
{
	const struct credential *l = left->credential, *r = right->credential;

	compare_texts(c, WEIGHT_MATTERS, "header field", l ? credential_field_name(l->kind) : NULL,
		r ? credential_field_name(r->kind) : NULL);
	/* against nothing at all, each single value would say the same */
	if (!l || !r)
		return;
	compare_texts(c, WEIGHT_MATTERS, "digest", verification_name(l->verification),
		verification_name(r->verification));
	compare_texts(c, WEIGHT_MATTERS, "the server says", judgement_of(left), judgement_of(right));
	compare_texts(c, WEIGHT_MATTERS, "user is", user_form(left), user_form(right));
	compare_texts(c, WEIGHT_MATTERS, "realm returned", realm_echo(left), realm_echo(right));
	compare_texts(c, WEIGHT_MATTERS, "nonce is", nonce_echo(left), nonce_echo(right));
	compare_texts(c, WEIGHT_MATTERS, "opaque returned", opaque_echo(left), opaque_echo(right));
	compare_add(c, WEIGHT_MATTERS, "uri is Request-URI", uri_relation(c, left), uri_relation(c, right));
	compare_table(c, credential_params, &l->params, &r->params);
}

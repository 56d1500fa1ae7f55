/* Where a strict and widely used parser reads something else (CATALOGUE parser-disagreement). */
#include "auth/rules.h"

#include "sip/strict.h"

/*
 * libosip2 is slow beside the scanner: what it read well in one form, it reads well again, and there is an
 * end to it all.
 */
enum { OPINION_COST = 16, LOOK_COST = 4, COST_MAX = 65536 };

static const enum param_id same_param[STRICT_PARAM_COUNT] = {
	[STRICT_USERNAME] = PARAM_USERNAME,
	[STRICT_REALM] = PARAM_REALM,
	[STRICT_NONCE] = PARAM_NONCE,
	[STRICT_URI] = PARAM_URI,
	[STRICT_RESPONSE] = PARAM_RESPONSE,
	[STRICT_ALGORITHM] = PARAM_ALGORITHM,
	[STRICT_CNONCE] = PARAM_CNONCE,
	[STRICT_NC] = PARAM_NC,
	[STRICT_QOP] = PARAM_QOP,
	[STRICT_OPAQUE] = PARAM_OPAQUE,
	[STRICT_STALE] = PARAM_STALE,
	[STRICT_DOMAIN] = PARAM_DOMAIN,
};

/* The bytes without any white space are the same: folds and blanks are no disagreement. */
static bool equal_but_space(struct slice a, struct slice b)
{
	for (;;) {
		while (a.n && (unsigned char)a.p[0] <= ' ')
			a = slice_from(a, 1);
		while (b.n && (unsigned char)b.p[0] <= ' ')
			b = slice_from(b, 1);
		if (!a.n || !b.n)
			return a.n == b.n;
		if (a.p[0] != b.p[0])
			return false;
		a = slice_from(a, 1);
		b = slice_from(b, 1);
	}
}

static struct slice disagreement(
	struct diagnosis *d, const struct params *p, const struct strict_field *s)
{
	for (int i = 0; i < STRICT_PARAM_COUNT; i++) {
		struct slice ours = params_value(p, same_param[i]);

		if (ours.p && !s->values[i].p)
			return arena_printf(&d->x->arena, "%s is absent, the bytes say \"%.*s\"",
				strict_param_name(i), SLICE_ARG(ours));
		if (s->values[i].p && !equal_but_space(ours, s->values[i]))
			return arena_printf(&d->x->arena, "%s is \"%.*s\", the bytes say \"%.*s\"",
				strict_param_name(i), SLICE_ARG(s->values[i]), SLICE_ARG(ours));
	}
	return SLICE_ABSENT;
}

static unsigned fields_of_kind(const struct message *m, enum auth_field_kind kind)
{
	unsigned n = 0;

	for (unsigned i = 0; i < m->auth_count; i++)
		n += m->auth[i].kind == kind;
	return n;
}

static const struct strict_field *strict_field(
	const struct strict_message *s, enum auth_field_kind kind, unsigned at, unsigned *count)
{
	const struct strict_field *found = NULL;

	*count = 0;
	for (unsigned i = 0; i < s->field_count; i++)
		if (s->fields[i].kind == kind && (*count)++ == at)
			found = &s->fields[i];
	return found;
}

/* One field of ours against libosip2's: `at` counts the fields of this kind. */
static void compare(struct diagnosis *d, enum finding_id id, struct where where,
	const struct message *m, const struct strict_message *s, enum auth_field_kind kind,
	unsigned at, const struct params *p, struct finding_arg header)
{
	unsigned count;
	const struct strict_field *theirs = strict_field(s, kind, at, &count);
	struct slice detail;

	if (count != fields_of_kind(m, kind))
		detail = SLICE("the header field is lost");
	else
		detail = disagreement(d, p, theirs);
	if (detail.p)
		raise_finding(d, id, CONFIDENCE_PROVEN, where, SAY(header, say("detail", detail)));
}

bool strict_is_asked(const struct tracker *t)
{
	return t->strict_cost < COST_MAX;
}

/* `*shape`: to be learnt if the opinion is a good one. */
static bool read_strictly(struct diagnosis *d, const struct observed *seen, uint64_t *shape,
	struct arena *scratch, struct strict_message *s)
{
	if (!seen->msg.auth_count || !strict_is_asked(d->t))
		return false;
	d->t->strict_cost += LOOK_COST;
	*shape = shape_of(&d->t->strict_shapes, &seen->msg);
	if (shapes_know(&d->t->strict_shapes, *shape))
		return false;
	d->t->strict_cost += OPINION_COST;
	return strict_read(seen->msg.bytes, scratch, s);
}

static void request_opinion(struct diagnosis *d, enum finding_id id, const struct attempt *a)
{
	struct arena scratch = {0};
	struct strict_message s;
	unsigned at[AUTH_KIND_COUNT] = {0};
	bool raised = was_raised(d->x, id);
	uint64_t shape;

	if (!read_strictly(d, &a->request, &shape, &scratch, &s)) {
		arena_free(&scratch);
		return;
	}
	if (!s.parsed && a->credential_count)
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_UNKNOWN),
			SAY(say_header(a->credentials[0].kind, false),
				say_text("detail", "the message is refused")));
	for (unsigned i = 0; s.parsed && i < a->credential_count; i++) {
		const struct credential *k = &a->credentials[i];

		if (k->joined_at == 0 && k->digest)
			compare(d, id, at_request(a, PARAM_UNKNOWN), &a->request.msg, &s,
				k->kind == AUTH_KIND_USER ? AUTH_AUTHORIZATION
							  : AUTH_PROXY_AUTHORIZATION,
				at[k->kind], &k->params, say_header(k->kind, false));
		at[k->kind] += k->joined_at == 0;
	}
	if (s.parsed && !raised && !was_raised(d->x, id))
		shapes_learn(&d->t->strict_shapes, shape);
	arena_free(&scratch);
}

static void response_opinion(
	struct diagnosis *d, enum finding_id id, const struct attempt *a, const struct response *r)
{
	struct arena scratch = {0};
	struct strict_message s;
	unsigned at[AUTH_KIND_COUNT] = {0};
	bool raised = was_raised(d->x, id);
	uint64_t shape;

	if (!read_strictly(d, &r->seen, &shape, &scratch, &s)) {
		arena_free(&scratch);
		return;
	}
	if (!s.parsed && r->challenge_count)
		raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, r, PARAM_UNKNOWN),
			SAY(say_header(r->challenges[0].kind, true),
				say_text("detail", "the message is refused")));
	for (unsigned i = 0; s.parsed && i < r->challenge_count; i++) {
		const struct challenge *c = &r->challenges[i];

		if (c->joined_at == 0 && c->digest)
			compare(d, id, at_response(a, r, PARAM_UNKNOWN), &r->seen.msg, &s,
				c->kind == AUTH_KIND_USER ? AUTH_WWW_AUTHENTICATE
							  : AUTH_PROXY_AUTHENTICATE,
				at[c->kind], &c->params, say_header(c->kind, true));
		at[c->kind] += c->joined_at == 0;
	}
	if (s.parsed && !raised && !was_raised(d->x, id))
		shapes_learn(&d->t->strict_shapes, shape);
	arena_free(&scratch);
}

static void second_opinion(struct diagnosis *d, enum finding_id id)
{
	if (!outcome_failed(d->x->outcome) || d->x->keepalive)
		return;
	for (const struct attempt *a = d->x->attempts; a; a = a->next) {
		request_opinion(d, id, a);
		if (a->final)
			response_opinion(d, id, a, a->final);
	}
}

static const struct rule rules[] = {
	{FINDING_PARSER_DISAGREEMENT, .exchange = second_opinion, .odd = ODD_END},
};

const struct rule_table rules_strict = RULE_TABLE(rules);

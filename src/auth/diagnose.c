/* A finished exchange: the rules are walked, the cause is chosen, the verdict is written. */
#include "auth/rules.h"

#include "base/err.h"

/* ---- the walk over the rules ---- */

static void apply(struct diagnosis *d, const struct rule *rule)
{
	challenge_rule *challenge = rule->challenge;
	credential_rule *credential = rule->credential;
	retry_rule *retry = rule->retry;
	enum finding_id id = rule->id;

	for (const struct attempt *a = challenge || credential || retry ? d->x->attempts : NULL; a; a = a->next) {
		const struct response *r = challenge ? a->final : NULL;

		for (unsigned i = 0; r && i < r->challenge_count; i++)
			challenge(d, id, a, r, &r->challenges[i]);
		for (unsigned i = 0; credential && i < a->credential_count; i++)
			if (!a->credentials[i].placeholder)
				credential(d, id, a, &a->credentials[i]);
		if (retry && a->next && challenge_response(a))
			retry(d, id, a, a->next);
	}
	if (rule->exchange)
		rule->exchange(d, id);
}

static const struct rule_table *const tables[] = {
	&rules_syntax,
	&rules_values,
	&rules_algorithm,
	&rules_challenge,
	&rules_retry,
	&rules_realm,
	&rules_nonce,
	&rules_digest,
	&rules_silence,
	&rules_summary,
	&rules_strict,
};

static void make_walk(struct rule_walk *w, unsigned odd)
{
	*w = (struct rule_walk){.odd = odd};
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		for (size_t j = 0; j < tables[i]->count; j++) {
			const struct rule *rule = &tables[i]->rules[j];

			if (w->count < FINDING_COUNT && (!rule->odd || rule->odd & odd))
				w->rules[w->count++] = rule;
		}
}

/* Few combinations of oddities are common: the rules that they ask for are kept. */
static const struct rule_walk *walk_for(struct tracker *t, unsigned odd)
{
	struct rule_walk **w = &t->walks[odd % RULE_WALKS];

	if (!*w)
		*w = xmalloc(sizeof(**w));
	else if ((*w)->odd == odd)
		return *w;
	make_walk(*w, odd);
	return *w;
}

static void apply_all(struct diagnosis *d)
{
	const struct rule_walk *w = walk_for(d->t, oddities(d));

	for (unsigned i = 0; i < w->count; i++)
		apply(d, w->rules[i]);
}

/* ---- cause ---- */

/* A digest that verifies with the challenge's own values clears realm, qop and algorithm (7c). */
static bool digest_clears(const struct exchange *x)
{
	const struct attempt *a = x->last_attempt;

	for (unsigned i = 0; i < a->credential_count; i++) {
		const struct credential *k = &a->credentials[i];

		if (k->verification == VERIFICATION_MATCH && k->match == MATCH_NONCE &&
			k->challenge && slice_eq(k->realm, k->challenge->realm) &&
			k->algorithm == k->challenge->algorithm)
			return true;
	}
	return false;
}

static bool is_cleared(enum finding_id id)
{
	int rank = finding_kind(id)->cause_rank;

	return (rank >= 501 && rank <= 504) || (rank >= 701 && rank <= 709);
}

/* Is `a` a better explanation than `b`? */
static bool explains_better(const struct finding *a, const struct finding *b)
{
	if (!b || a->as_cause != b->as_cause)
		return !b || a->as_cause > b->as_cause;
	if (a->cause_rank != b->cause_rank)
		return a->cause_rank < b->cause_rank;
	return a->time < b->time;
}

static const struct finding *find_cause(const struct exchange *x)
{
	bool cleared = digest_clears(x);
	const struct finding *best = NULL;

	for (unsigned i = 0; i < x->finding_count; i++) {
		const struct finding *f = x->findings[i];

		if (f->cause_rank && !(cleared && is_cleared(f->id)) && explains_better(f, best))
			best = f;
	}
	return best;
}

static void settle_severities(struct exchange *x)
{
	bool failed = outcome_failed(x->outcome) && !x->keepalive;

	for (unsigned i = 0; i < x->finding_count; i++) {
		struct finding *f = x->findings[i];
		const struct finding_kind *kind = finding_kind(f->id);

		f->severity = failed ? kind->severity_if_failed : kind->severity;
		if (f->severity < f->at_least)
			f->severity = f->at_least;
		if (f->severity > f->at_most)
			f->severity = f->at_most;
	}
}

static bool comes_before(const struct finding *a, const struct finding *b)
{
	if (a->severity != b->severity)
		return a->severity > b->severity;
	if (a->time != b->time)
		return a->time < b->time;
	return a->id < b->id;
}

/* The most severe ones first, and then by time. They are few, and mostly in order. */
static void sort_findings(struct exchange *x)
{
	for (unsigned i = 1; i < x->finding_count; i++) {
		struct finding *f = x->findings[i];
		unsigned place = i;

		for (; place && comes_before(f, x->findings[place - 1]); place--)
			x->findings[place] = x->findings[place - 1];
		x->findings[place] = f;
	}
}

/* auth-loop is told with its cause, which is known last. */
static void finish_loop(struct diagnosis *d)
{
	struct finding *loop = find_finding(d->x, FINDING_AUTH_LOOP);
	const struct finding *cause = d->x->cause;

	if (!loop)
		return;
	if (cause)
		loop->fault = cause->fault;
	else
		loop->fault = FAULT_NONE;
	finding_values(d, loop,
		SAY(say_number(d, "count", d->x->rounds),
			say_text("value", cause ? finding_kind(cause->id)->id : "not clear")));
}

void diagnose(struct live *l, struct tracker *t)
{
	struct exchange *x = &l->x;
	struct diagnosis d = {
		.x = x, .live = l, .t = t, .absence = CONFIDENCE_LIKELY, .counted = FINDING_COUNT};

	if (t->options.client != CLIENT_SEEN)
		d.absence = CONFIDENCE_PROVEN;
	else if (x->guards.loss_event || x->guards.one_way)
		d.absence = CONFIDENCE_POSSIBLE;
	decide_outcome(&d);
	x->keepalive =
		x->method == METHOD_OPTIONS && !x->in_dialog && x->outcome == OUTCOME_UNANSWERED;
	apply_all(&d);
	settle_400(&d);
	settle_severities(x);
	x->cause = outcome_failed(x->outcome) && !x->keepalive ? find_cause(x) : NULL;
	finish_loop(&d);
	sort_findings(x);
}

static bool is_member(const struct finding *f)
{
	return f->id == FINDING_CHALLENGE_IGNORED || f->id == FINDING_REGISTER_407_IGNORED ||
		f->id == FINDING_REFUSED_WITHOUT_CHALLENGE || f->id == FINDING_REJECTED_CREDENTIALS;
}

bool has_members(const struct exchange *x)
{
	for (unsigned i = 0; i < x->finding_count; i++)
		if (is_member(x->findings[i]))
			return true;
	return false;
}

void absorb_members(struct exchange *x)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < x->finding_count; i++)
		if (!is_member(x->findings[i]))
			x->findings[kept++] = x->findings[i];
	x->finding_count = kept;
	if (x->cause && is_member(x->cause)) {
		x->cause = NULL;
		x->verdict = SLICE("A member of a scan, see scan-suspected.");
	}
}

/* A finished exchange: outcome, findings, cause, verdict. */
#include "auth/rules.h"

#include <stdlib.h>

/* ---- raising ---- */

struct where at_request(const struct attempt *a, enum param_id param)
{
	return (struct where){a, NULL, param};
}

struct where at_response(const struct attempt *a, const struct response *r, enum param_id param)
{
	return (struct where){a, r, param};
}

struct finding_arg say(const char *name, struct slice value)
{
	return (struct finding_arg){name, value.p ? value.p : "", value.n};
}

struct finding_arg say_text(const char *name, const char *value)
{
	return say(name, slice_of(value));
}

struct finding_arg say_number(struct diagnosis *d, const char *name, uint64_t value)
{
	return say(name, arena_printf(&d->x->arena, "%llu", (unsigned long long)value));
}

struct finding_arg say_seconds(struct diagnosis *d, const char *name, int64_t nanoseconds)
{
	double seconds = (double)nanoseconds / (double)SECOND;

	return say(name, arena_printf(&d->x->arena, seconds < 10 ? "%.1f" : "%.0f", seconds));
}

struct finding_arg say_address(struct diagnosis *d, const char *name, const struct address *value)
{
	char text[ADDRESS_TEXT];

	return say(name, arena_copy(&d->x->arena, slice_of(address_format(value, text))));
}

struct finding_arg say_header(enum auth_kind kind, bool challenge)
{
	return say_text("header", challenge ? challenge_field_name(kind) : credential_field_name(kind));
}

static struct finding *find_finding(const struct exchange *x, enum finding_id id)
{
	for (unsigned i = 0; i < x->finding_count; i++)
		if (x->findings[i]->id == id)
			return x->findings[i];
	return NULL;
}

bool was_raised(const struct exchange *x, enum finding_id id)
{
	return find_finding(x, id) != NULL;
}

void finding_frame(struct finding *f, uint32_t frame)
{
	if (!frame || (f->frame_count && f->frames[f->frame_count - 1] == frame))
		return;
	if (f->frame_count < FINDING_FRAMES_MAX)
		f->frames[f->frame_count++] = frame;
	f->frame_total++;
}

static struct slice message_of(struct diagnosis *d, enum finding_id id, const struct finding_arg *args,
	size_t count)
{
	struct buf text = {0};
	struct slice message;

	finding_say(id, args, count, &text);
	message = arena_copy(&d->x->arena, buf_slice(&text));
	buf_free(&text);
	return message;
}

/* A breach that many servers accept is a possible cause only, unless something else shows it (7c). */
static enum confidence confidence_as_cause(enum finding_id id, enum confidence confidence)
{
	switch (id) {
	case FINDING_QOP_IGNORED:
	case FINDING_QOP_UNREQUESTED:
	case FINDING_QUOTED_QOP:
	case FINDING_QUOTED_NC:
	case FINDING_QUOTED_ALGORITHM:
	case FINDING_ALGORITHM_CASE:
	case FINDING_ALGORITHM_MISSING_IN_CREDENTIALS:
	case FINDING_NC_WITHOUT_QOP:
	case FINDING_OPAQUE_MISSING:
	case FINDING_RETRY_TO_OTHER_SERVER:
		return CONFIDENCE_POSSIBLE;
	default:
		return confidence;
	}
}

static enum fault resolve_fault(enum fault fault, bool in_response)
{
	if (fault == FAULT_EITHER)
		return in_response ? FAULT_SERVER : FAULT_CLIENT;
	return fault;
}

struct finding *raise_finding(struct diagnosis *d, enum finding_id id, enum confidence confidence,
	struct where where, const struct finding_arg *args, size_t count)
{
	const struct finding_kind *kind = finding_kind(id);
	const struct observed *seen = where.response ? &where.response->seen : &where.attempt->request;
	struct finding *f = find_finding(d->x, id);

	if (f) {
		finding_frame(f, seen->frame);
		if (confidence > f->confidence)
			f->confidence = confidence;
		return f;
	}
	if (d->x->finding_count == EXCHANGE_FINDINGS_MAX)
		return NULL;
	f = arena_alloc(&d->x->arena, sizeof(*f));
	f->id = id;
	f->fault = resolve_fault(kind->fault, where.response != NULL);
	f->confidence = confidence;
	f->as_cause = confidence_as_cause(id, confidence);
	f->at_most = SEVERITY_ERROR;
	f->cause_rank = kind->cause_rank;
	f->message = message_of(d, id, args, count);
	f->file = seen->file;
	f->time = seen->time;
	f->attempt = where.attempt;
	f->in_response = where.response != NULL;
	f->param = where.param;
	finding_frame(f, seen->frame);
	d->x->findings[d->x->finding_count++] = f;
	return f;
}

/* ---- shared questions ---- */

struct slice challenge_algorithm(const struct challenge *c)
{
	return c->algorithm_name.p ? c->algorithm_name : SLICE("MD5");
}

const struct response *challenge_response(const struct attempt *a)
{
	return a->final && status_is_challenge(a->final->status) ? a->final : NULL;
}

const struct challenge *main_challenge(const struct response *r)
{
	for (unsigned i = 0; i < r->challenge_count; i++)
		if (r->challenges[i].digest)
			return &r->challenges[i];
	return r->challenge_count ? &r->challenges[0] : NULL;
}

bool was_refused(const struct credential *k)
{
	return k->judgement == JUDGEMENT_REJECTED || k->judgement == JUDGEMENT_STALE ||
		k->judgement == JUDGEMENT_OLD_NONCE || k->judgement == JUDGEMENT_PREEMPTIVE;
}

int64_t shortest_refused_age(const struct exchange *x)
{
	int64_t shortest = 0;

	for (const struct attempt *a = x->attempts; a; a = a->next)
		for (unsigned i = 0; i < a->credential_count; i++) {
			const struct credential *k = &a->credentials[i];
			int64_t age = k->history.issued ? a->request.time - k->history.issued : 0;

			if (was_refused(k) && age > 0 && (!shortest || age < shortest))
				shortest = age;
		}
	return shortest;
}

/* ---- outcome (CATALOGUE section 1, "Slot" and "Silence window") ---- */

static bool any_rejection(const struct attempt *a)
{
	for (unsigned i = 0; i < a->credential_count; i++)
		if (a->credentials[i].judgement == JUDGEMENT_REJECTED)
			return true;
	return false;
}

static unsigned refused_rounds(const struct exchange *x)
{
	unsigned most = 0;

	for (unsigned i = 0; i < x->slot_count; i++) {
		const struct slot *s = &x->slots[i];
		unsigned rounds = s->rejected + s->stale + s->old_nonce + s->dropped;

		if (rounds > most)
			most = rounds;
	}
	return most;
}

/* Did the capture go on long enough after the last challenge to call it unanswered? */
static bool silence_is_over(const struct diagnosis *d, const struct response *challenge)
{
	const struct exchange *x = d->x;

	if (d->live->cut || x->unanswered_rounds >= 2)
		return true;
	if (x->guards.one_way || !x->guards.both_directions)
		return false;
	return x->capture_end >= challenge->seen.time + SILENCE_WINDOW;
}

static enum outcome outcome_of_challenge(struct diagnosis *d, const struct attempt *last)
{
	const struct exchange *x = d->x;

	if (last->request.truncated || d->live->cancelled)
		return OUTCOME_UNKNOWN;
	if (any_rejection(last) || refused_rounds(x) >= 2)
		return OUTCOME_REJECTED;
	return silence_is_over(d, last->final) ? OUTCOME_UNANSWERED : OUTCOME_UNKNOWN;
}

static bool no_answer_ever(const struct diagnosis *d, const struct attempt *last)
{
	if (last->provisional)
		return false;
	if (last->unreachable)
		return true;
	if (!transport_is_reliable(last->request.transport))
		return last->retransmissions >= 3;
	/* one hole in a conversation that works is rather a hole of the capture */
	return !d->x->server_answers && d->x->capture_end >= last->last_sent + SILENCE_WINDOW;
}

static enum outcome outcome_of(struct diagnosis *d, const struct attempt *last)
{
	const struct response *r = last->final;
	bool with_credentials = attempt_has_credentials(last);

	if (last->progress && with_credentials)
		return last->request.truncated ? OUTCOME_UNKNOWN : OUTCOME_ACCEPTED;
	if (!r) {
		if (last->progress && !d->x->rounds)
			return OUTCOME_UNCHALLENGED;
		return no_answer_ever(d, last) ? OUTCOME_NO_REPLY : OUTCOME_UNKNOWN;
	}
	if (status_is_challenge(r->status))
		return outcome_of_challenge(d, last);
	if (last->request.truncated)
		return OUTCOME_UNKNOWN;
	if (!with_credentials)
		return d->x->rounds ? OUTCOME_UNKNOWN : OUTCOME_UNCHALLENGED;
	if (r->status == 403)
		return OUTCOME_REJECTED;
	return status_accepts(r->status) ? OUTCOME_ACCEPTED : OUTCOME_UNKNOWN;
}

static void decide_outcome(struct diagnosis *d)
{
	struct exchange *x = d->x;
	const struct attempt *last = x->last_attempt;
	int64_t end = last->last_sent;

	x->outcome = outcome_of(d, last);
	if (last->progress && (!last->final || x->outcome == OUTCOME_ACCEPTED)) {
		x->status = last->progress;
		end = last->progress_time;
	}
	if (last->final) {
		x->status = last->final->status;
		if (!last->progress)
			end = last->final->seen.time;
	}
	x->duration = end - x->first_time;
}

/* ---- the walk over the rules ---- */

static void walk_response(struct diagnosis *d, const struct rule *rule, const struct attempt *a,
	const struct response *r)
{
	for (unsigned i = 0; i < r->challenge_count; i++)
		rule->challenge(d, rule->id, a, r, &r->challenges[i]);
}

static void apply(struct diagnosis *d, const struct rule *rule)
{
	for (const struct attempt *a = d->x->attempts; a; a = a->next) {
		if (rule->challenge && a->final)
			walk_response(d, rule, a, a->final);
		for (unsigned i = 0; rule->credential && i < a->credential_count; i++)
			if (!a->credentials[i].placeholder)
				rule->credential(d, rule->id, a, &a->credentials[i]);
		if (rule->retry && a->next && challenge_response(a))
			rule->retry(d, rule->id, a, a->next);
	}
	if (rule->exchange)
		rule->exchange(d, rule->id);
}

static void apply_all(struct diagnosis *d)
{
	static const struct rule_table *const tables[] = {
		&rules_syntax, &rules_algorithm, &rules_challenge, &rules_retry, &rules_realm, &rules_nonce,
		&rules_digest, &rules_silence, &rules_summary,
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		for (size_t j = 0; j < tables[i]->count; j++)
			apply(d, &tables[i]->rules[j]);
}

/* ---- cause ---- */

/* A digest that verifies with the challenge's own values clears realm, qop and algorithm (7c). */
static bool digest_clears(const struct exchange *x)
{
	const struct attempt *a = x->last_attempt;

	for (unsigned i = 0; i < a->credential_count; i++) {
		const struct credential *k = &a->credentials[i];

		if (k->verification == VERIFICATION_MATCH && k->match == MATCH_NONCE && k->challenge &&
			slice_eq(k->realm, k->challenge->realm) && k->algorithm == k->challenge->algorithm)
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

/* 400: rejected if a finding about the credentials explains it (CATALOGUE section 1). */
static void settle_400(struct diagnosis *d)
{
	static const enum finding_id explaining[] = {
		FINDING_URI_MISMATCH, FINDING_QUOTED_QOP, FINDING_QUOTED_NC, FINDING_QUOTED_ALGORITHM,
		FINDING_UNQUOTED_PARAM, FINDING_HEADER_MALFORMED, FINDING_PARAM_DUPLICATED,
		FINDING_REQUIRED_PARAM_MISSING, FINDING_RESPONSE_MALFORMED,
		FINDING_NONCE_COUNT_MALFORMED, FINDING_CNONCE_MISSING, FINDING_NC_MISSING,
	};
	const struct attempt *last = d->x->last_attempt;

	if (!last->final || last->final->status != 400 || !attempt_has_credentials(last))
		return;
	for (size_t i = 0; i < sizeof(explaining) / sizeof(*explaining); i++) {
		struct finding *f = find_finding(d->x, explaining[i]);

		if (!f || f->in_response)
			continue;
		d->x->outcome = OUTCOME_REJECTED;
		/* "improper directives" is what 400 says (RFC 2617 3.2.2): here the breach explains it */
		f->as_cause = f->confidence;
	}
}

static void settle_severities(struct exchange *x)
{
	bool failed = outcome_failed(x->outcome) && !x->keepalive;

	for (unsigned i = 0; i < x->finding_count; i++) {
		struct finding *f = x->findings[i];
		const struct finding_kind *kind = finding_kind(f->id);

		f->severity = failed ? kind->severity_if_failed : kind->severity;
		if (f->severity > f->at_most)
			f->severity = f->at_most;
	}
}

static int more_severe_first(const void *a, const void *b)
{
	const struct finding *x = *(const struct finding *const *)a, *y = *(const struct finding *const *)b;

	if (x->severity != y->severity)
		return x->severity < y->severity ? 1 : -1;
	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
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
	loop->message = message_of(d, FINDING_AUTH_LOOP,
		SAY(say_number(d, "count", d->x->rounds),
			say_text("value", cause ? finding_kind(cause->id)->id : "not clear")));
}

static const char *outcome_sentence(const struct exchange *x)
{
	switch (x->outcome) {
	case OUTCOME_ACCEPTED:
		return "The credentials were accepted.";
	case OUTCOME_UNCHALLENGED:
		return "The server asked for no credentials.";
	case OUTCOME_REJECTED:
		return "The credentials were refused.";
	case OUTCOME_UNANSWERED:
		return "The challenge was never answered.";
	case OUTCOME_NO_REPLY:
		return "The request was never answered.";
	default:
		break;
	}
	if (was_raised(x, FINDING_CAPTURE_ENDED))
		return "The capture ends before the outcome is known.";
	if (x->guards.one_way)
		return "Only one direction is in the capture: the outcome cannot be told.";
	if (x->last_attempt->request.truncated)
		return "The request is cut in the capture: the outcome cannot be told.";
	if (x->last_attempt->final)
		return "The final response does not tell whether the credentials were accepted.";
	return "The outcome cannot be told from this capture.";
}

void diagnose(struct live *l, struct tracker *t)
{
	struct exchange *x = &l->x;
	struct diagnosis d = {.x = x, .live = l, .t = t, .absence = CONFIDENCE_LIKELY};

	if (x->guards.loss_event || x->guards.one_way)
		d.absence = CONFIDENCE_POSSIBLE;
	decide_outcome(&d);
	x->keepalive = x->method == METHOD_OPTIONS && !x->in_dialog && x->outcome == OUTCOME_UNANSWERED;
	apply_all(&d);
	settle_400(&d);
	settle_severities(x);
	x->cause = outcome_failed(x->outcome) && !x->keepalive ? find_cause(x) : NULL;
	finish_loop(&d);
	x->verdict = x->cause ? x->cause->message : slice_of(outcome_sentence(x));
	qsort(x->findings, x->finding_count, sizeof(x->findings[0]), more_severe_first);
}

/* Rules raise findings through these, and ask the same questions. */
#include "auth/rules.h"

#include <string.h>

enum { FINDINGS_USUAL = 4 };

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
	char digits[20];
	size_t i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	return say(name, arena_copy(&d->x->arena, (struct slice){digits + i, sizeof(digits) - i}));
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
	return say_text(
		"header", challenge ? challenge_field_name(kind) : credential_field_name(kind));
}

struct finding *find_finding(const struct exchange *x, enum finding_id id)
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

void finding_values(
	struct diagnosis *d, struct finding *f, const struct finding_arg *args, size_t count)
{
	struct finding_arg *copy = count ? arena_alloc(&d->x->arena, count * sizeof(*copy)) : NULL;

	if (count)
		memcpy(copy, args, count * sizeof(*copy));
	f->args = copy;
	f->arg_count = (unsigned)count;
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
	const struct observed *seen =
		where.response ? &where.response->seen : &where.attempt->request;
	struct finding *f = find_finding(d->x, id);

	if (!f)
		return raise_another(d, id, confidence, where, args, count);
	finding_frame(f, seen->frame);
	if (confidence > f->confidence)
		f->confidence = confidence;
	return f;
}

static void more_room(struct exchange *x)
{
	if (x->finding_room) {
		x->findings = arena_grow(&x->arena, x->findings, &x->finding_room, sizeof(*x->findings));
	} else {
		x->finding_room = FINDINGS_USUAL;
		x->findings = arena_alloc(&x->arena, FINDINGS_USUAL * sizeof(*x->findings));
	}
}

static bool is_full(const struct exchange *x)
{
	return x->finding_count + x->counted[SEVERITY_OK] + x->counted[SEVERITY_INFO] >= EXCHANGE_FINDINGS_MAX;
}

struct finding *raise_another(struct diagnosis *d, enum finding_id id, enum confidence confidence,
	struct where where, const struct finding_arg *args, size_t count)
{
	const struct finding_kind *kind = finding_kind(id);
	const struct observed *seen = where.response ? &where.response->seen : &where.attempt->request;
	struct finding *f;

	if (is_full(d->x))
		return NULL;
	if (d->x->finding_count == d->x->finding_room)
		more_room(d->x);
	f = arena_alloc(&d->x->arena, sizeof(*f));
	f->id = id;
	f->fault = resolve_fault(kind->fault, where.response != NULL);
	f->confidence = confidence;
	f->as_cause = confidence_as_cause(id, confidence);
	f->at_most = SEVERITY_ERROR;
	f->cause_rank = kind->cause_rank;
	finding_values(d, f, args, count);
	f->file = seen->file;
	f->time = seen->time;
	f->attempt = where.attempt;
	f->in_response = where.response != NULL;
	f->param = where.param;
	finding_frame(f, seen->frame);
	d->x->findings[d->x->finding_count++] = f;
	return f;
}

/* Once for the exchange: whoever raises it for several of its messages does so in a row. */
static void count_finding(struct diagnosis *d, enum finding_id id)
{
	if (d->counted != id && !is_full(d->x))
		d->x->counted[finding_kind(id)->severity]++;
	d->counted = id;
}

void raise_later(struct diagnosis *d, enum finding_id id, enum confidence confidence, struct where where,
	void (*values)(struct diagnosis *d, struct finding *f))
{
	struct finding *f;

	if (d->t->reader.skims) {
		count_finding(d, id);
		return;
	}
	f = raise_finding(d, id, confidence, where, SAY_NOTHING);
	if (f)
		f->later = values;
}

/* ---- shared questions ---- */

struct slice challenge_algorithm(const struct challenge *c)
{
	return c->algorithm_name.p ? c->algorithm_name : SLICE("MD5");
}

const struct challenge *main_challenge(const struct response *r)
{
	for (unsigned i = 0; i < r->challenge_count; i++)
		if (r->challenges[i].digest)
			return &r->challenges[i];
	return r->challenge_count ? &r->challenges[0] : NULL;
}

bool client_went_silent(const struct diagnosis *d)
{
	return d->x->outcome == OUTCOME_UNANSWERED && d->t->options.client != CLIENT_OURS;
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

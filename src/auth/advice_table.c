#include "auth/advice_table.h"

#include <inttypes.h>

#include "auth/profile.h"

static const char *const classes[] = {
	[ADVICE_REGISTER] = "REGISTER", [ADVICE_OTHERS] = "other requests"};
static const unsigned codes[] = {[AUTH_KIND_USER] = 401, [AUTH_KIND_PROXY] = 407};

const char *advice_result_name(enum advice_result r)
{
	static const char *const names[] = {"unknown", "works", "breaks"};

	return names[r];
}

const char *advice_basis_name(enum advice_basis b)
{
	static const char *const names[] = {"none", "profile", "observed"};

	return names[b];
}

static void next(struct buf *why)
{
	if (why->n)
		buf_adds(why, "; ");
}

/* " (12 times, first in frame 7)" */
static void add_evidence(struct buf *why, const struct advice_evidence *e)
{
	if (e->count > 1)
		buf_printf(why, " (%" PRIu32 " times, first in frame %" PRIu32, e->count, e->frame);
	else
		buf_printf(why, " (frame %" PRIu32, e->frame);
	if (e->file > 1)
		buf_printf(why, " of file %u", (unsigned)e->file);
	buf_addc(why, ')');
}

static struct advice_verdict verdict(enum advice_result result, enum advice_basis basis)
{
	return (struct advice_verdict){result, basis};
}

/* What one kind of challenge met with in one class of requests. */
static enum advice_result observed(
	const struct advice_endpoint *e, unsigned class, enum auth_kind kind, struct buf *why)
{
	const struct advice_evidence *answered = &e->answered[class][kind];
	const struct advice_evidence *silent = &e->silent[class][kind];

	if (!answered->count && !silent->count)
		return ADVICE_UNKNOWN;
	next(why);
	buf_printf(why, "%s %u to %s", answered->count ? "answered" : "ignored", codes[kind],
		classes[class]);
	add_evidence(why, answered->count ? answered : silent);
	if (answered->count && silent->count) {
		buf_adds(why, ", and was silent");
		add_evidence(why, silent);
	}
	return answered->count ? ADVICE_WORKS : ADVICE_BREAKS;
}

/* By what is said of this kind of endpoint. */
static struct advice_verdict by_profile(const struct advice_endpoint *e, unsigned mode,
	const struct profile *believed, struct buf *why)
{
	const struct profile *p = e->profile ? e->profile : believed;
	bool fits;

	if (!p)
		return verdict(ADVICE_UNKNOWN, ADVICE_BY_NOTHING);
	fits = p->modes & PROFILE_MODE(mode);
	next(why);
	buf_printf(why, "profile %s %s this mode", p->name, fits ? "fits" : "does not fit");
	return verdict(fits ? ADVICE_WORKS : ADVICE_BREAKS, ADVICE_BY_PROFILE);
}

static bool answered_anything(const struct advice_endpoint *e)
{
	return e->answers[AUTH_KIND_USER] || e->answers[AUTH_KIND_PROXY];
}

static struct advice_verdict one_kind(const struct advice_endpoint *e, enum auth_kind kind,
	const struct profile *believed, struct buf *why)
{
	bool breaks = false, open = false;
	struct advice_verdict v;

	for (unsigned class = 0; class < ADVICE_CLASSES; class++) {
		enum advice_result r =
			e->asked[class] ? observed(e, class, kind, why) : ADVICE_WORKS;

		breaks = breaks || r == ADVICE_BREAKS;
		open = open || r == ADVICE_UNKNOWN;
	}
	if (breaks && !answered_anything(e)) {
		buf_adds(why, ", or has no password");
		/* everybody knows these two: who never answers rather has none */
		if (kind == AUTH_KIND_USER || !e->silent[ADVICE_REGISTER][kind].count)
			return verdict(ADVICE_UNKNOWN, ADVICE_BY_OBSERVATION);
	}
	if (breaks)
		return verdict(ADVICE_BREAKS, ADVICE_BY_OBSERVATION);
	if (!open)
		return verdict(ADVICE_WORKS, ADVICE_BY_OBSERVATION);
	v = by_profile(e, kind == AUTH_KIND_USER ? 1 : 2, believed, why);
	if (v.basis != ADVICE_BY_NOTHING)
		return v;
	for (unsigned class = 0; class < ADVICE_CLASSES; class++) {
		if (!e->asked[class] || e->answered[class][kind].count)
			continue;
		next(why);
		buf_printf(why, "never seen with %u to %s", codes[kind], classes[class]);
	}
	return v;
}

/* What mode 3 sends is not documented: only one who takes either kind is sure to live with it. */
static struct advice_verdict both_kinds(
	const struct advice_endpoint *e, const struct profile *believed, struct buf *why)
{
	struct advice_verdict v[AUTH_KIND_COUNT];
	struct buf ignored = {0};

	if (e->both_answered.count || e->both_silent.count) {
		bool works = e->both_answered.count;

		buf_printf(why, "%s a response with both kinds", works ? "answered" : "ignored");
		add_evidence(why, works ? &e->both_answered : &e->both_silent);
		return verdict(works ? ADVICE_WORKS : ADVICE_BREAKS, ADVICE_BY_OBSERVATION);
	}
	for (unsigned kind = 0; kind < AUTH_KIND_COUNT; kind++)
		v[kind] = one_kind(e, (enum auth_kind)kind, NULL, &ignored);
	buf_free(&ignored);
	if (v[0].result == ADVICE_WORKS && v[1].result == ADVICE_WORKS &&
		v[0].basis == ADVICE_BY_OBSERVATION && v[1].basis == ADVICE_BY_OBSERVATION) {
		buf_adds(why, "answers 401 and 407 alike");
		return v[0];
	}
	v[0] = by_profile(e, 3, believed, why);
	if (v[0].basis == ADVICE_BY_NOTHING)
		buf_adds(why, "no response with both kinds was seen");
	return v[0];
}

struct advice_verdict advice_verdict(const struct advice_endpoint *e, unsigned mode,
	const struct profile *believed, struct buf *why)
{
	if (mode == 3)
		return both_kinds(e, believed, why);
	return one_kind(e, mode == 1 ? AUTH_KIND_USER : AUTH_KIND_PROXY, believed, why);
}

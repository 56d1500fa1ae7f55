/* What to change: told once for each kind of finding and each software, then by reference. */
#include "report/walk.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/format.h"

enum { ADVICE = 4 };

static bool nothing_to_do(const char *fix)
{
	return !*fix || slice_starts_nocase(slice_of(fix), SLICE("nothing"));
}

static bool has_advice(enum finding_id id)
{
	return !nothing_to_do(finding_kind(id)->fix) || *finding_kind(id)->vos3000;
}

void walk_advice(struct buf *out, const struct report *r, enum finding_id id,
	const struct software_advice *a, size_t indent)
{
	const struct finding_kind *kind = finding_kind(id);
	char label[32];

	if (!nothing_to_do(kind->fix))
		walk_paragraph(out, r, indent, "Fix:", slice_of(kind->fix));
	if (a->fix) {
		snprintf(label, sizeof(label), "%s:", software_name(a->software));
		walk_paragraph(out, r, indent, label, slice_of(a->fix));
	}
	if (a->vos3000 && *kind->vos3000)
		walk_paragraph(out, r, indent, "VOS3000:", slice_of(kind->vos3000));
}

/* Wire bytes are escaped, so that this one cannot come from them. */
enum { PLACE = '\002', ROWS = 256 };

/* A finding, whether it is the cause, and which advice belongs to it, as one number. */
struct place {
	enum finding_id id;
	bool cause;
	struct software_advice advice;
};

static uint64_t place_number(const struct place *p)
{
	uint64_t n = (uint64_t)p->id * ROWS + p->advice.row;

	return n * 4 + 2 * p->advice.vos3000 + p->cause;
}

static bool place_of(uint64_t number, struct place *p)
{
	p->advice = software_row((unsigned)(number / 4 % ROWS));
	p->advice.vos3000 = number >> 1 & 1;
	p->cause = number & 1;
	p->id = (enum finding_id)(number / 4 / ROWS);
	return p->id < FINDING_COUNT;
}

void walk_hold_place(struct buf *out, const struct exchange *x, const struct finding *f)
{
	struct place p = {f->id, f == x->cause, report_advice(x, f)};

	if (!has_advice(f->id))
		return;
	buf_printf(out, "%c%" PRIu64 "\n", PLACE, place_number(&p));
}

void walk_told_free(struct walk_told *told)
{
	map_free(&told->exchanges);
}

static uint32_t told_in(const struct walk_told *told, uint64_t key)
{
	return (uint32_t)(uintptr_t)map_get(&told->exchanges, hash_mix(key, 1));
}

static void tell_in(struct walk_told *told, uint64_t key, uint32_t n)
{
	map_put(&told->exchanges, hash_mix(key, 1), (void *)(uintptr_t)n);
}

/* The setting to change is that of the cause, or a matter of settings itself; else the fix is enough. */
static void fill_place(struct buf *out, const struct report *r, const struct place *p, uint32_t n,
	struct walk_told *told)
{
	const char *fix = finding_kind(p->id)->fix;
	/* the neutral fix stands there once, whatever the software */
	uint64_t key = place_number(p), neutral = UINT64_C(1) << 40 | (uint64_t)p->id;

	if (p->cause && told_in(told, key)) {
		format_indent(out, ADVICE);
		buf_printf(out, "What to change: see #%" PRIu32 ".\n", told_in(told, key));
	} else if (p->cause) {
		tell_in(told, key, n);
		tell_in(told, neutral, n);
		walk_advice(out, r, p->id, &p->advice, ADVICE);
	} else if (!told_in(told, neutral) && finding_kind(p->id)->fault == FAULT_CONFIG) {
		tell_in(told, neutral, n);
		walk_advice(out, r, p->id, &p->advice, ADVICE);
	} else if (!told_in(told, neutral) && !nothing_to_do(fix)) {
		tell_in(told, neutral, n);
		walk_paragraph(out, r, ADVICE, "Fix:", slice_of(fix));
	}
}

void walk_fill(struct buf *out, const struct report *r, struct slice walk, uint32_t n,
	struct walk_told *told)
{
	while (walk.n) {
		size_t text = slice_find(walk, PLACE);
		struct place place;
		uint64_t number;

		buf_add_slice(out, slice_head(walk, text));
		walk = slice_from(walk, text);
		if (!walk.n)
			break;
		walk = slice_from(walk, 1);
		text = slice_find(walk, '\n');
		if (slice_to_u64(slice_head(walk, text), UINT32_MAX, &number) &&
			place_of(number, &place))
			fill_place(out, r, &place, n, told);
		walk = slice_from(walk, text + 1);
	}
}

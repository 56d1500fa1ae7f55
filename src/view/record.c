#include "view/record.h"

#include <string.h>

/* ---- writing ---- */

static void put(struct buf *out, const void *value, size_t n)
{
	buf_add(out, value, n);
}

static void put_u32(struct buf *out, uint32_t value)
{
	put(out, &value, sizeof(value));
}

/* Absent and empty are two things. */
static void put_slice(struct buf *out, struct slice s)
{
	put_u32(out, s.p ? (uint32_t)s.n + 1 : 0);
	if (s.p)
		buf_add_slice(out, s);
}

static uint32_t attempt_index(const struct exchange *x, const struct attempt *attempt)
{
	uint32_t i = 1;

	for (const struct attempt *a = x->attempts; a; a = a->next, i++)
		if (a == attempt)
			return i;
	return 0;
}

static void put_deviation(struct buf *out, const struct deviation *d)
{
	put_slice(out, d->id);
	put_slice(out, d->value);
	put_u32(out, (uint32_t)d->also_count);
	for (size_t i = 0; i < d->also_count; i++)
		put_slice(out, slice_of(d->also[i]));
}

static void put_finding(struct buf *out, const struct exchange *x, const struct finding *f)
{
	put_u32(out, f->id);
	put_u32(out, (uint32_t)(f->severity | f->fault << 8 | f->confidence << 16 | (f->in_response ? 1 << 24 : 0)));
	put_u32(out, (uint32_t)f->param);
	put_u32(out, attempt_index(x, f->attempt));
	put_slice(out, f->message);
	put_slice(out, f->steps);
	put_u32(out, f->file);
	put_u32(out, f->frame_count);
	put(out, f->frames, f->frame_count * sizeof(*f->frames));
	put_u32(out, f->frame_total);
	put(out, &f->time, sizeof(f->time));
	put_u32(out, (uint32_t)f->deviation_count);
	for (size_t i = 0; i < f->deviation_count; i++)
		put_deviation(out, &f->deviations[i]);
}

void record_write(struct buf *out, const struct exchange *x)
{
	uint32_t cause = 0;

	put_slice(out, x->verdict);
	put_slice(out, x->alg);
	put_u32(out, x->outcome);
	put_u32(out, x->status);
	put_u32(out, x->leg_of);
	put_u32(out, x->hop);
	put(out, &x->duration, sizeof(x->duration));
	put_u32(out, x->finding_count);
	for (unsigned i = 0; i < x->finding_count; i++) {
		put_finding(out, x, x->findings[i]);
		if (x->findings[i] == x->cause)
			cause = i + 1;
	}
	put_u32(out, cause);
}

/* ---- reading: our own bytes, but from a file all the same ---- */

struct reader {
	struct slice rest;
	bool bad;
};

static void get(struct reader *r, void *to, size_t n)
{
	memset(to, 0, n);
	if (r->bad || r->rest.n < n) {
		r->bad = true;
		return;
	}
	memcpy(to, r->rest.p, n);
	r->rest = slice_from(r->rest, n);
}

static uint32_t get_u32(struct reader *r)
{
	uint32_t value;

	get(r, &value, sizeof(value));
	return value;
}

static struct slice get_slice(struct reader *r)
{
	uint32_t n = get_u32(r);
	struct slice s = SLICE_ABSENT;

	if (!n)
		return s;
	if (n - 1 > r->rest.n) {
		r->bad = true;
		return s;
	}
	s = slice_head(r->rest, n - 1);
	r->rest = slice_from(r->rest, n - 1);
	return s;
}

static const struct attempt *attempt_at(const struct exchange *x, uint32_t index)
{
	const struct attempt *a = x->attempts;

	while (a && index > 1) {
		a = a->next;
		index--;
	}
	return index ? a : NULL;
}

static void get_names(struct reader *r, struct deviation *d, struct arena *arena)
{
	uint32_t count = get_u32(r);
	const char **names;

	if (r->bad || count > r->rest.n) {
		r->bad = true;
		return;
	}
	names = arena_alloc(arena, count * sizeof(*names));
	for (uint32_t i = 0; i < count; i++) {
		struct slice name = get_slice(r);

		names[i] = arena_printf(arena, "%.*s", SLICE_ARG(name)).p;
	}
	d->also = names;
	d->also_count = count;
}

static void get_deviations(struct reader *r, struct finding *f, struct arena *arena)
{
	uint32_t count = get_u32(r);
	struct deviation *list;

	if (r->bad || count > r->rest.n) {
		r->bad = true;
		return;
	}
	list = arena_alloc(arena, count * sizeof(*list));
	for (uint32_t i = 0; i < count; i++) {
		list[i].id = arena_copy(arena, get_slice(r));
		list[i].value = arena_copy(arena, get_slice(r));
		get_names(r, &list[i], arena);
	}
	f->deviations = list;
	f->deviation_count = count;
}

static struct finding *get_finding(struct reader *r, const struct exchange *x, struct arena *arena)
{
	struct finding *f = arena_alloc(arena, sizeof(*f));
	uint32_t bits;

	f->id = (enum finding_id)get_u32(r);
	bits = get_u32(r);
	f->severity = (enum severity)(bits & 0xff);
	f->fault = (enum fault)(bits >> 8 & 0xff);
	f->confidence = (enum confidence)(bits >> 16 & 0xff);
	f->in_response = bits >> 24;
	f->param = (enum param_id)get_u32(r);
	f->attempt = attempt_at(x, get_u32(r));
	f->message = arena_copy(arena, get_slice(r));
	f->steps = arena_copy(arena, get_slice(r));
	f->file = (uint16_t)get_u32(r);
	f->frame_count = get_u32(r);
	r->bad |= f->frame_count > FINDING_FRAMES_MAX || !finding_kind(f->id);
	if (!r->bad)
		get(r, f->frames, f->frame_count * sizeof(*f->frames));
	f->frame_total = get_u32(r);
	get(r, &f->time, sizeof(f->time));
	get_deviations(r, f, arena);
	return f;
}

bool record_apply(struct slice record, struct exchange *x, struct arena *arena)
{
	struct reader r = {.rest = record};
	struct exchange new = *x;
	uint32_t cause;

	new.verdict = arena_copy(arena, get_slice(&r));
	new.alg = arena_copy(arena, get_slice(&r));
	new.outcome = (enum outcome)get_u32(&r);
	new.status = get_u32(&r);
	new.leg_of = get_u32(&r);
	new.hop = get_u32(&r);
	get(&r, &new.duration, sizeof(new.duration));
	new.finding_count = get_u32(&r);
	if (r.bad || new.finding_count > EXCHANGE_FINDINGS_MAX)
		return false;
	new.findings = arena_alloc(arena, new.finding_count * sizeof(*new.findings));
	for (unsigned i = 0; i < new.finding_count && !r.bad; i++)
		new.findings[i] = get_finding(&r, x, arena);
	cause = get_u32(&r);
	if (r.bad || cause > new.finding_count)
		return false;
	new.cause = cause ? new.findings[cause - 1] : NULL;
	*x = new;
	return true;
}

struct slice record_verdict(struct slice record)
{
	struct reader r = {.rest = record};
	struct slice verdict = get_slice(&r);

	return verdict.p ? verdict : SLICE("");
}

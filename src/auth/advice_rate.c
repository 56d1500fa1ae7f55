#include "auth/advice_rate.h"

#include <string.h>

#define SECOND INT64_C(1000000000)
#define DAY (86400 * SECOND)

/* Each is a multiple of the one before, so that steps can be joined. */
static const int64_t widths[] = {SECOND, 10 * SECOND, 60 * SECOND, 600 * SECOND, 3600 * SECOND,
	6 * 3600 * SECOND, DAY, 10 * DAY, 400 * DAY, 40000 * DAY};

static int64_t step_of(int64_t time, int64_t width)
{
	return time < 0 ? 0 : time / width;
}

static int64_t wider(int64_t width)
{
	for (unsigned i = 0; i < sizeof(widths) / sizeof(*widths); i++)
		if (widths[i] > width)
			return widths[i];
	return width;
}

static void widen(struct rate *r)
{
	struct rate old = *r;
	int64_t factor = wider(old.step) / old.step;

	*r = (struct rate){.first = old.first / factor, .step = old.step * factor};
	for (unsigned i = 0; i < old.used; i++) {
		unsigned to = (unsigned)((old.first + i) / factor - r->first);

		r->total[to] += old.total[i];
		r->failed[to] += old.failed[i];
		r->used = to + 1;
	}
}

/* Exchanges close out of order: one that began earlier moves the row, as far as there is room. */
static bool make_room(struct rate *r, int64_t step)
{
	unsigned shift;

	if (step >= r->first)
		return step - r->first < RATE_STEPS;
	if (r->first + r->used - step > RATE_STEPS)
		return false;
	shift = (unsigned)(r->first - step);
	memmove(r->total + shift, r->total, r->used * sizeof(*r->total));
	memmove(r->failed + shift, r->failed, r->used * sizeof(*r->failed));
	memset(r->total, 0, shift * sizeof(*r->total));
	memset(r->failed, 0, shift * sizeof(*r->failed));
	r->first = step;
	r->used += shift;
	return true;
}

void rate_note(struct rate *r, int64_t time, bool failed)
{
	int64_t step;
	unsigned at;

	if (!r->step)
		*r = (struct rate){.first = step_of(time, widths[0]), .step = widths[0]};
	step = step_of(time, r->step);
	while (!make_room(r, step) && wider(r->step) > r->step) {
		widen(r);
		step = step_of(time, r->step);
	}
	at = (unsigned)(step - r->first);
	if (at >= RATE_STEPS)
		return;
	r->total[at]++;
	r->failed[at] += failed;
	if (at >= r->used)
		r->used = at + 1;
}

int64_t rate_time(const struct rate *r, unsigned i)
{
	return (r->first + i) * r->step;
}

int rate_percent(const struct rate *r, unsigned i)
{
	if (i >= r->used || !r->total[i])
		return -1;
	return (int)((200 * (uint64_t)r->failed[i] + r->total[i]) / (2 * (uint64_t)r->total[i]));
}

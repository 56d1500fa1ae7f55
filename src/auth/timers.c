/* The timer wheel: when is an exchange finished? (HOUSE: the transaction decides, packets drive the clock.) */
#include "auth/engine.h"

void timer_stop(struct live *l)
{
	if (!l->timer_link)
		return;
	*l->timer_link = l->timer_next;
	if (l->timer_next)
		l->timer_next->timer_link = l->timer_link;
	l->timer_link = NULL;
}

void timer_set(struct tracker *t, struct live *l, int64_t deadline)
{
	int64_t second = deadline / SECOND + 1;
	struct live **place;

	if (second <= t->wheel.second)
		second = t->wheel.second + 1;
	timer_stop(l);
	l->deadline = second;
	place = &t->wheel.slots[second % WHEEL_SLOTS];
	l->timer_next = *place;
	if (*place)
		(*place)->timer_link = &l->timer_next;
	l->timer_link = place;
	*place = l;
}

/* Two lists by number, merged. */
static struct live *merge(struct live *a, struct live *b)
{
	struct live *first = NULL, **end = &first;

	while (a && b) {
		struct live **less = a->x.n < b->x.n ? &a : &b;

		*end = *less;
		end = &(*end)->timer_next;
		*less = *end;
	}
	*end = a ? a : b;
	return first;
}

/* A list in any order becomes one by number: runs of 1, 2, 4 ... are merged. */
static struct live *sort(struct live *list)
{
	struct live *runs[32] = {NULL};
	struct live *sorted = NULL;
	unsigned i;

	while (list) {
		struct live *run = list;

		list = list->timer_next;
		run->timer_next = NULL;
		for (i = 0; runs[i]; i++) {
			run = merge(run, runs[i]);
			runs[i] = NULL;
		}
		runs[i] = run;
	}
	for (i = 0; i < sizeof(runs) / sizeof(*runs); i++)
		sorted = merge(sorted, runs[i]);
	return sorted;
}

static void foresee_next(const struct tracker *t, const struct live *l)
{
	for (unsigned ahead = 1; l && ahead <= CLOSE_FORESEEN; ahead++, l = l->timer_next)
		close_foresee(t, l, ahead);
}

/* Those of one place whose second has come; in the order in which the exchanges began. */
static void run_place(
	struct tracker *t, int64_t second, void (*expired)(struct tracker *t, struct live *l))
{
	struct live *due = NULL;

	for (struct live *l = t->wheel.slots[second % WHEEL_SLOTS], *next; l; l = next) {
		next = l->timer_next;
		if (l->deadline > second)
			continue;
		timer_stop(l);
		l->timer_next = due;
		due = l;
	}
	due = sort(due);
	while (due) {
		struct live *l = due;

		due = l->timer_next;
		foresee_next(t, due);
		expired(t, l);
	}
}

void timers_run(struct tracker *t, int64_t now, void (*expired)(struct tracker *t, struct live *l))
{
	int64_t second = now / SECOND;

	if (!t->started) {
		t->started = true;
		t->wheel.second = second;
	}
	/* after a gap longer than the wheel every place is due once */
	if (second - t->wheel.second > WHEEL_SLOTS)
		t->wheel.second = second - WHEEL_SLOTS;
	while (t->wheel.second < second) {
		t->wheel.second++;
		run_place(t, t->wheel.second, expired);
	}
}

bool timers_hurry(struct tracker *t, void (*expired)(struct tracker *t, struct live *l))
{
	for (int64_t second = t->wheel.second + 1; second <= t->wheel.second + WHEEL_SLOTS; second++)
		if (t->wheel.slots[second % WHEEL_SLOTS]) {
			run_place(t, second, expired);
			return true;
		}
	return false;
}

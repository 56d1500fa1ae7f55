/* The timer wheel: when is an exchange finished? (HOUSE: the transaction decides, packets drive the clock.) */
#include "auth/engine.h"

static void unlink_timer(struct timer *timer)
{
	if (!timer->link)
		return;
	*timer->link = timer->next;
	if (timer->next)
		timer->next->link = timer->link;
	timer->link = NULL;
}

static unsigned slot_of(int64_t second)
{
	return (unsigned)((uint64_t)second % WHEEL_SLOTS);
}

static void link_timer(struct wheel *w, struct timer *timer)
{
	struct timer **place = &w->slots[slot_of(timer->second)];

	timer->placed = timer->second;
	timer->next = *place;
	if (*place)
		(*place)->link = &timer->next;
	timer->link = place;
	*place = timer;
}

void timer_stop(struct tracker *t, struct live *l)
{
	struct timer *timer = l->timer;

	if (!timer)
		return;
	unlink_timer(timer);
	timer->next = t->wheel.unused;
	t->wheel.unused = timer;
	l->timer = NULL;
}

static struct timer *timer_new(struct wheel *w, struct live *l)
{
	struct timer *timer = w->unused;

	if (timer)
		w->unused = timer->next;
	else
		timer = arena_alloc(&w->arena, sizeof(*timer));
	*timer = (struct timer){.live = l, .n = l->x.n};
	return timer;
}

void timer_set(struct tracker *t, struct live *l, int64_t deadline)
{
	int64_t second = deadline / SECOND + 1;
	struct timer *timer;

	if (second <= t->wheel.second)
		second = t->wheel.second + 1;
	if (!l->timer)
		l->timer = timer_new(&t->wheel, l);
	timer = l->timer;
	timer->second = second;
	/* mostly it is due later than before: it goes there when its place has its turn */
	if (timer->link && timer->placed <= second)
		return;
	unlink_timer(timer);
	link_timer(&t->wheel, timer);
}

/* Two lists by number, merged. */
static struct timer *merge(struct timer *a, struct timer *b)
{
	struct timer *first = NULL, **end = &first;

	while (a && b) {
		struct timer **less = a->n < b->n ? &a : &b;

		*end = *less;
		end = &(*end)->next;
		*less = *end;
	}
	*end = a ? a : b;
	return first;
}

/* A list in any order becomes one by number: runs of 1, 2, 4 ... are merged. */
static struct timer *sort(struct timer *list)
{
	struct timer *runs[32] = {NULL};
	struct timer *sorted = NULL;
	unsigned i;

	while (list) {
		struct timer *run = list;

		list = list->next;
		run->next = NULL;
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

/* Those of one place that are due by this second are taken out; the others go to their own places. */
static struct timer *take_due(struct wheel *w, unsigned place, int64_t second)
{
	struct timer *due = NULL;

	for (struct timer *timer = w->slots[place], *next; timer; timer = next) {
		next = timer->next;
		if (timer->second > second && timer->placed == timer->second)
			continue;
		unlink_timer(timer);
		if (timer->second > second) {
			link_timer(w, timer);
		} else {
			timer->next = due;
			due = timer;
		}
	}
	return due;
}

/* Those of one place whose second has come; in the order in which the exchanges began. False: none. */
static bool run_place(
	struct tracker *t, int64_t second, void (*expired)(struct tracker *t, struct live *l))
{
	struct timer *due = sort(take_due(&t->wheel, slot_of(second), second));
	bool any = due != NULL;

	while (due) {
		struct live *l = due->live;
		unsigned before = 0;

		due = due->next;
		for (const struct timer *ahead = due; ahead && before < CLOSE_AHEAD; ahead = ahead->next)
			close_foresee(t, ahead->live, ++before);
		expired(t, l);
	}
	return any;
}

void timers_run(struct tracker *t, int64_t now, void (*expired)(struct tracker *t, struct live *l))
{
	int64_t second = now / SECOND;

	if (!t->started) {
		t->started = true;
		t->wheel.second = second;
	}
	/* after a gap longer than the wheel every place is due once */
	if (second - t->wheel.second > WHEEL_SLOTS) {
		for (unsigned place = 0; place < WHEEL_SLOTS; place++)
			take_due(&t->wheel, place, INT64_MIN);
		t->wheel.second = second - WHEEL_SLOTS;
	}
	while (t->wheel.second < second) {
		t->wheel.second++;
		run_place(t, t->wheel.second, expired);
	}
}

bool timers_hurry(struct tracker *t, void (*expired)(struct tracker *t, struct live *l))
{
	for (int64_t second = t->wheel.second + 1; second <= t->wheel.second + WHEEL_SLOTS; second++)
		if (run_place(t, second, expired))
			return true;
	return false;
}

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

/* Those of one place whose second has come; in the order in which the exchanges began. */
static void run_place(
	struct tracker *t, int64_t second, void (*expired)(struct tracker *t, struct live *l))
{
	for (;;) {
		struct live *first = NULL;

		for (struct live *l = t->wheel.slots[second % WHEEL_SLOTS]; l; l = l->timer_next)
			if (l->deadline <= second && (!first || l->x.n < first->x.n))
				first = l;
		if (!first)
			return;
		timer_stop(first);
		expired(t, first);
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

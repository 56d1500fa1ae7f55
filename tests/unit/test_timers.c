/* Timers of exchanges, beside a plain list of deadlines: which are due, and in which order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "auth/engine.h"

enum { LIVES = 300, STEPS = 20000 };

static struct live lives[LIVES];
static struct attempt attempt;
static int64_t due[LIVES]; /* the second, 0: no timer */
static int64_t last_second;
static uint32_t last_n;
static unsigned expired_count;

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16;
}

static void on_expired(struct tracker *t, struct live *l)
{
	uint32_t i = l->x.n - 1;

	assert_ptr_equal(l, &lives[i]);
	assert_int_equal(due[i], t->wheel.second);
	assert_true(due[i] > last_second || (due[i] == last_second && l->x.n > last_n));
	last_second = due[i];
	last_n = l->x.n;
	due[i] = 0;
	timer_stop(t, l);
	assert_null(l->timer);
	expired_count++;
}

static void set(struct tracker *t, uint32_t i, int64_t deadline)
{
	timer_set(t, &lives[i], deadline);
	due[i] = deadline / SECOND + 1;
	if (due[i] <= t->wheel.second)
		due[i] = t->wheel.second + 1;
}

static void test_order(void **state)
{
	struct tracker *t = tracker_new(&(struct tracker_options){0}, &(struct tracker_reader){0});
	int64_t now = 1000 * SECOND;
	unsigned seed = 7;

	(void)state;
	timers_run(t, now, on_expired);
	for (uint32_t i = 0; i < LIVES; i++)
		lives[i].x = (struct exchange){
			.n = i + 1, .attempts = &attempt, .last_attempt = &attempt};
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned what = next_random(&seed) % 100;
		uint32_t i = next_random(&seed) % LIVES;

		if (what < 80) {
			set(t, i,
				now +
					(int64_t)(next_random(&seed) % (what < 40 ? 5 : 300)) *
						SECOND -
					SECOND);
		} else if (what < 85) {
			timer_stop(t, &lives[i]);
			due[i] = 0;
		} else {
			now += (int64_t)(next_random(&seed) % (what == 99 ? 100 : 2)) * SECOND +
				SECOND / 3;
			timers_run(t, now, on_expired);
			for (i = 0; i < LIVES; i++)
				assert_true(!due[i] || due[i] > now / SECOND);
		}
	}
	assert_true(expired_count > STEPS / 20);
	for (uint32_t i = 0; i < LIVES; i++)
		timer_stop(t, &lives[i]);
	tracker_free(t);
}

static uint32_t hurried[LIVES];
static unsigned hurried_count;

static void on_hurried(struct tracker *t, struct live *l)
{
	hurried[hurried_count++] = l->x.n;
	timer_stop(t, l);
}

/* Those of the next second that has any, and no others. */
static void test_hurry(void **state)
{
	struct tracker *t = tracker_new(&(struct tracker_options){0}, &(struct tracker_reader){0});

	(void)state;
	timers_run(t, 1000 * SECOND, on_hurried);
	assert_false(timers_hurry(t, on_hurried));
	for (uint32_t i = 0; i < 6; i++) {
		lives[i] = (struct live){
			.x = {.n = i + 1, .attempts = &attempt, .last_attempt = &attempt}};
		/* what was meant at first does not count */
		timer_set(t, &lives[i], (1030 + i) * SECOND);
		timer_set(t, &lives[i], (1040 + i % 2 * 20) * SECOND);
	}
	assert_true(timers_hurry(t, on_hurried));
	assert_int_equal(hurried_count, 3);
	assert_true(timers_hurry(t, on_hurried));
	assert_int_equal(hurried_count, 6);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(hurried[i], i < 3 ? 2 * i + 1 : 2 * (i - 3) + 2);
	assert_false(timers_hurry(t, on_hurried));
	tracker_free(t);
}

/* After a gap longer than the wheel: those that were put off are due at their own time all the same. */
static void test_gap(void **state)
{
	struct tracker *t = tracker_new(&(struct tracker_options){0}, &(struct tracker_reader){0});

	(void)state;
	hurried_count = 0;
	timers_run(t, 1000 * SECOND, on_hurried);
	for (uint32_t i = 0; i < 2; i++) {
		lives[i] = (struct live){.x = {.n = i + 1, .attempts = &attempt, .last_attempt = &attempt}};
		timer_set(t, &lives[i], 1030 * SECOND);
		timer_set(t, &lives[i], (i ? 1040 : 1100) * SECOND);
	}
	timers_run(t, 2000 * SECOND, on_hurried);
	assert_int_equal(hurried_count, 2);
	assert_int_equal(hurried[0], 2);
	assert_int_equal(hurried[1], 1);
	tracker_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_hurry),
		cmocka_unit_test(test_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

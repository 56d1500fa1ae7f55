/* Records are found, dropped in turn but for the used ones, and their places closed up again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/slice.h"
#include "base/table.h"

struct item {
	struct table_node node;
	int number;
};

static int dropped[8], dropped_count;

static void drop(void *arg, void *record)
{
	assert_ptr_equal(arg, dropped);
	if (dropped_count < 8)
		dropped[dropped_count] = ((struct item *)record)->number;
	dropped_count++;
}

static void start(struct table *t, size_t limit)
{
	dropped_count = 0;
	table_init(t, sizeof(struct item), limit);
	t->drop = drop;
	t->arg = dropped;
}

static uint64_t key_of(int number)
{
	return hash_mix((uint64_t)number, 7);
}

static void add(struct table *t, int number)
{
	struct item *item = table_add(t, key_of(number));

	assert_int_equal(item->number, 0);
	item->number = number;
}

static int get(struct table *t, int number)
{
	struct item *item = table_get(t, key_of(number));

	return item ? item->number : -1;
}

static void test_second_chance(void **state)
{
	struct table t;

	(void)state;
	start(&t, 3);
	assert_int_equal(get(&t, 1), -1);
	for (int i = 1; i <= 3; i++)
		add(&t, i);
	assert_int_equal(get(&t, 1), 1);
	assert_non_null(table_peek(&t, key_of(2))); /* no use */
	add(&t, 4);
	assert_int_equal(dropped_count, 1);
	assert_int_equal(dropped[0], 2);
	assert_int_equal(get(&t, 2), -1);
	add(&t, 5);
	assert_int_equal(dropped[1], 3);
	/* 1 had its chance: it is the next, if it is not used again */
	assert_int_equal(((struct item *)table_unused(&t))->number, 1);
	assert_int_equal(t.evicted, 2);
	assert_int_equal(t.count, 3);
	table_free(&t);
	assert_int_equal(dropped_count, 5);
	table_free(&t);
}

static void test_all_used(void **state)
{
	struct table t;

	(void)state;
	start(&t, 3);
	for (int i = 1; i <= 3; i++)
		add(&t, i);
	for (int i = 1; i <= 3; i++)
		assert_int_equal(get(&t, i), i);
	add(&t, 4);
	assert_int_equal(dropped[0], 1);
	table_free(&t);
}

static void test_limit_of_one(void **state)
{
	struct table t;

	(void)state;
	start(&t, 1);
	for (int i = 1; i <= 5; i++) {
		add(&t, i);
		assert_int_equal(get(&t, i), i);
		assert_int_equal(t.count, 1);
	}
	assert_int_equal(t.evicted, 4);
	table_free(&t);
}

/* Beside a plain list of what must be there; the keys share few homes, so that they push each other on. */
static void test_like_a_list(void **state)
{
	enum { KEYS = 400, STEPS = 60000 };
	struct table t;
	bool there[KEYS] = {false};
	unsigned seed = 1, count = 0;

	(void)state;
	start(&t, KEYS);
	for (int step = 0; step < STEPS; step++) {
		uint64_t key, which;
		struct item *item;

		seed = seed * 1103515245u + 12345u;
		which = seed / 65536 % KEYS;
		key = (which % 5) << 61 | (which % 40) << 32 | which;
		item = table_get(&t, key);
		assert_int_equal(item != NULL, there[which]);
		if (item) {
			assert_int_equal(item->number, which);
			table_remove(&t, item);
		} else {
			((struct item *)table_add(&t, key))->number = (int)which;
		}
		there[which] = !there[which];
		count += there[which] ? 1u : -1u;
		assert_int_equal(t.count, count);
	}
	count = 0;
	for (struct item *item = table_oldest(&t); item; item = table_newer(&t, item)) {
		assert_true(there[item->number]);
		count++;
	}
	assert_int_equal(t.count, count);
	assert_int_equal(t.evicted, 0);
	assert_true(table_bytes(&t) >= count * sizeof(struct item));
	table_free(&t);
}

/* Found, or made with room for it. */
static void test_put(void **state)
{
	struct table t;

	(void)state;
	start(&t, 3);
	for (int round = 0; round < 2; round++)
		for (int i = 1; i <= 3; i++) {
			struct item *item = table_put(&t, (uint64_t)i << 32);

			assert_int_equal(item->number, round ? i : 0);
			item->number = i;
		}
	assert_int_equal(t.count, 3);
	/* the mark of a use is lost in the turn of the oldest: 1 goes */
	((struct item *)table_put(&t, UINT64_C(4) << 32))->number = 4;
	assert_int_equal(t.count, 3);
	assert_int_equal(t.evicted, 1);
	assert_null(table_peek(&t, UINT64_C(1) << 32));
	assert_int_equal(((struct item *)table_put(&t, UINT64_C(3) << 32))->number, 3);
	table_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_second_chance),
		cmocka_unit_test(test_all_used),
		cmocka_unit_test(test_limit_of_one),
		cmocka_unit_test(test_like_a_list),
		cmocka_unit_test(test_put),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

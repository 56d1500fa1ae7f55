#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/lru.h"

struct item {
	struct lru_node node;
	int number;
};

static int dropped[16], dropped_count;

static void drop(struct lru_node *node)
{
	struct item *item = (struct item *)node;

	dropped[dropped_count++] = item->number;
	free(item);
}

static void add(struct lru *l, int number)
{
	struct item *item = calloc(1, sizeof(*item));

	item->number = number;
	lru_add(l, (uint64_t)number, &item->node);
}

static int number_at(struct lru *l, uint64_t key)
{
	struct lru_node *node = lru_get(l, key);

	return node ? ((struct item *)node)->number : -1;
}

static void start(struct lru *l, size_t limit)
{
	dropped_count = 0;
	lru_init(l, limit, drop);
}

static void test_evicts_oldest(void **state)
{
	struct lru l;

	(void)state;
	start(&l, 3);
	assert_int_equal(number_at(&l, 1), -1);
	for (int i = 1; i <= 3; i++)
		add(&l, i);
	assert_int_equal(number_at(&l, 1), 1); /* now 2 is the oldest */
	add(&l, 4);
	assert_int_equal(dropped_count, 1);
	assert_int_equal(dropped[0], 2);
	assert_int_equal(l.evicted, 1);
	assert_int_equal(number_at(&l, 2), -1);
	assert_int_equal(number_at(&l, 3), 3);
	assert_int_equal(number_at(&l, 1), 1);
	assert_int_equal(number_at(&l, 4), 4);
	add(&l, 5);
	assert_int_equal(dropped[1], 3);
	lru_free(&l);
	assert_int_equal(dropped_count, 5);
	assert_int_equal(l.evicted, 2);
}

static void test_remove(void **state)
{
	static const int orders[][3] = {{1, 2, 3}, {3, 2, 1}, {2, 1, 3}, {2, 3, 1}};
	struct lru l;

	(void)state;
	for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++) {
		start(&l, 3);
		for (int n = 1; n <= 3; n++)
			add(&l, n);
		for (int n = 0; n < 3; n++) {
			lru_remove(&l, lru_get(&l, (uint64_t)orders[i][n]));
			assert_int_equal(dropped[n], orders[i][n]);
		}
		assert_int_equal(l.map.count, 0);
		assert_null(l.newest);
		assert_null(l.oldest);
		add(&l, 9);
		assert_int_equal(number_at(&l, 9), 9);
		assert_int_equal(l.evicted, 0);
		lru_free(&l);
	}
}

static void test_limit_of_one(void **state)
{
	struct lru l;

	(void)state;
	start(&l, 1);
	for (int i = 1; i <= 5; i++) {
		add(&l, i);
		assert_int_equal(l.map.count, 1);
		assert_int_equal(number_at(&l, (uint64_t)i), i);
	}
	assert_int_equal(l.evicted, 4);
	lru_free(&l);
	lru_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_evicts_oldest),
		cmocka_unit_test(test_remove),
		cmocka_unit_test(test_limit_of_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

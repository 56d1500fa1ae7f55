#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "auth/tombs.h"

#define SECOND INT64_C(1000000000)

static void test_for_a_while(void **state)
{
	struct map map = {0};
	struct tombs t;

	(void)state;
	tombs_init(&t, &map, 8);
	tombs_add(&t, 1, 0);
	tombs_add(&t, 2, 10 * SECOND);
	tombs_expire(&t, 31 * SECOND);
	assert_true(is_tomb(&t, map_get(&map, 1)));
	tombs_expire(&t, 32 * SECOND);
	assert_null(map_get(&map, 1));
	assert_true(is_tomb(&t, map_get(&map, 2)));
	tombs_free(&t);
	map_free(&map);
}

static void fill(size_t limit)
{
	struct map map = {0};
	struct tombs t;

	tombs_init(&t, &map, limit);
	for (uint64_t key = 1; key <= 100; key++)
		tombs_add(&t, key, (int64_t)key);
	assert_int_equal(map.count, limit);
	assert_null(map_get(&map, 100 - limit));
	for (uint64_t key = 101 - limit; key <= 100; key++)
		assert_true(is_tomb(&t, map_get(&map, key)));
	for (uint64_t key = 101 - limit; key <= 100; key++) {
		tombs_expire(&t, 32 * SECOND + (int64_t)key);
		assert_null(map_get(&map, key));
		assert_int_equal(map.count, 100 - key);
	}
	tombs_free(&t);
	map_free(&map);
}

static void test_oldest_out(void **state)
{
	(void)state;
	fill(3);
	fill(32);
}

/* The key may be in use again: that is no tomb, and it stays. */
static void test_opened_again(void **state)
{
	struct map map = {0};
	struct tombs t;
	int transaction;

	(void)state;
	tombs_init(&t, &map, 3);
	tombs_add(&t, 1, 0);
	map_put(&map, 1, &transaction);
	tombs_expire(&t, 100 * SECOND);
	assert_ptr_equal(map_get(&map, 1), &transaction);
	tombs_free(&t);
	map_free(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_for_a_while),
		cmocka_unit_test(test_oldest_out),
		cmocka_unit_test(test_opened_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

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
	struct storage storage = {0};
	struct tombs t;

	(void)state;
	tombs_init(&t, &storage, &map, 8);
	assert_null(tombs_look(&t, 1));
	tombs_add(&t, NULL, 1, 0);
	tombs_add(&t, NULL, 2, 10 * SECOND);
	tombs_expire(&t, 31 * SECOND);
	assert_true(is_tomb(tombs_look(&t, 1)));
	tombs_expire(&t, 32 * SECOND);
	assert_null(tombs_look(&t, 1));
	assert_true(is_tomb(tombs_look(&t, 2)));
	storage_free(&storage);
	map_free(&map);
}

static void fill(size_t limit)
{
	struct map map = {0};
	struct storage storage = {0};
	struct tombs t;

	tombs_init(&t, &storage, &map, limit);
	for (uint64_t key = 1; key <= 100; key++)
		tombs_add(&t, NULL, key, (int64_t)key);
	assert_int_equal(t.count, limit);
	for (uint64_t key = 1; key <= 100 - limit; key++)
		assert_null(tombs_look(&t, key));
	for (uint64_t key = 101 - limit; key <= 100; key++)
		assert_true(is_tomb(tombs_look(&t, key)));
	for (uint64_t key = 101 - limit; key <= 100; key++) {
		tombs_expire(&t, 32 * SECOND + (int64_t)key);
		assert_null(tombs_look(&t, key));
		assert_int_equal(t.count, 100 - key);
	}
	storage_free(&storage);
	map_free(&map);
}

static void test_oldest_out(void **state)
{
	(void)state;
	fill(3);
	fill(32);
}

/* Those that are over go for good before they are many. */
static void test_swept(void **state)
{
	struct map map = {0};
	struct storage storage = {0};
	struct tombs t;

	(void)state;
	tombs_init(&t, &storage, &map, 20);
	for (uint64_t key = 1; key <= 10000; key++) {
		tombs_add(&t, NULL, key, (int64_t)key * SECOND);
		if (key % 3)
			tombs_expire(&t, (int64_t)key * SECOND);
		assert_in_range(map.count, t.count, 64);
		assert_true(is_tomb(tombs_look(&t, key)));
	}
	storage_free(&storage);
	map_free(&map);
}

/* A transaction takes the place of its key, or of a tomb that is over, and later a tomb takes its place. */
static void test_opened_again(void **state)
{
	struct map map = {0};
	struct storage storage = {0};
	struct tombs t;
	int transaction;

	(void)state;
	tombs_init(&t, &storage, &map, 3);
	map_put(&map, 1, &transaction);
	tombs_add(&t, map_place(&map, 1), 1, 0);
	assert_true(is_tomb(tombs_look(&t, 1)));
	assert_int_equal(map.count, 1);
	tombs_expire(&t, 100 * SECOND);
	map_put(&map, 1, &transaction);
	assert_false(is_tomb(&transaction));
	for (uint64_t key = 2; key <= 100; key++) {
		tombs_add(&t, NULL, key, (int64_t)key * 100 * SECOND);
		tombs_expire(&t, (int64_t)key * 100 * SECOND);
		assert_ptr_equal(tombs_look(&t, 1), &transaction);
	}
	tombs_add(&t, map_place(&map, 1), 1, 20000 * SECOND);
	assert_true(is_tomb(tombs_look(&t, 1)));
	storage_free(&storage);
	map_free(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_for_a_while),
		cmocka_unit_test(test_oldest_out),
		cmocka_unit_test(test_swept),
		cmocka_unit_test(test_opened_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

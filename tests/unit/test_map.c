#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/map.h"
#include "base/slice.h"

enum { KEYS = 512 };

static int values[KEYS];

static void test_basics(void **state)
{
	struct map m = {0};

	(void)state;
	assert_null(map_get(&m, 5));
	map_remove(&m, 5);
	map_put(&m, 5, &values[0]);
	map_put(&m, 0, &values[1]);
	map_put(&m, UINT64_MAX, &values[2]);
	assert_ptr_equal(map_get(&m, 5), &values[0]);
	assert_ptr_equal(map_get(&m, 0), &values[1]);
	assert_ptr_equal(map_get(&m, UINT64_MAX), &values[2]);
	assert_int_equal(m.count, 3);
	map_put(&m, 5, &values[3]);
	assert_ptr_equal(map_get(&m, 5), &values[3]);
	assert_int_equal(m.count, 3);
	map_remove(&m, 5);
	assert_null(map_get(&m, 5));
	assert_int_equal(m.count, 2);
	map_remove(&m, 5);
	assert_int_equal(m.count, 2);
	map_free(&m);
	assert_null(map_get(&m, 0));
}

static void test_place(void **state)
{
	struct map m = {0};

	(void)state;
	assert_null(map_place(&m, 5));
	map_put(&m, 5, &values[0]);
	assert_null(map_place(&m, 6));
	assert_ptr_equal(*map_place(&m, 5), &values[0]);
	*map_place(&m, 5) = &values[1];
	assert_ptr_equal(map_get(&m, 5), &values[1]);
	assert_int_equal(m.count, 1);
	map_free(&m);
}

static uint64_t crowded_key(size_t i)
{
	/* few different homes, at both ends of the table: long runs that wrap around */
	static const uint64_t homes[] = {0, 1, 62, 63, UINT64_MAX, UINT64_MAX - 1};

	return homes[i % 6] ^ ((uint64_t)(i / 6) << 40);
}

static uint64_t spread_key(size_t i)
{
	return hash_mix(i, 42);
}

/* Random puts and removals against a plain array. */
static void churn(uint64_t (*key)(size_t i), size_t keys)
{
	struct map m = {0};
	bool present[KEYS] = {false};
	size_t count = 0;
	uint64_t random = 1;

	for (int step = 0; step < 30000; step++) {
		size_t i = (random = hash_mix(random, (uint64_t)step)) % keys;

		if (random >> 40 & 1) {
			map_put(&m, key(i), &values[i]);
			count += !present[i];
			present[i] = true;
		} else {
			map_remove(&m, key(i));
			count -= present[i];
			present[i] = false;
		}
		assert_int_equal(m.count, count);
		if (step % 97 == 0)
			for (size_t j = 0; j < keys; j++)
				assert_ptr_equal(map_get(&m, key(j)), present[j] ? &values[j] : NULL);
	}
	map_free(&m);
}

/* With room from the beginning it stays where it is until it has more. */
static void test_room(void **state)
{
	enum { ROOM = 100 };
	struct storage storage = {0};
	struct map m;
	struct map_entry *first;

	(void)state;
	map_init(&m, &storage, ROOM);
	first = m.entries;
	assert_null(map_get(&m, spread_key(0)));
	for (size_t i = 0; i < KEYS; i++) {
		map_put(&m, spread_key(i), &values[i]);
		if (i < ROOM)
			assert_ptr_equal(m.entries, first);
	}
	assert_ptr_not_equal(m.entries, first);
	for (size_t i = 0; i < KEYS; i++)
		assert_ptr_equal(map_get(&m, spread_key(i)), &values[i]);
	map_free(&m);
	storage_free(&storage);
}

static void test_churn(void **state)
{
	(void)state;
	churn(crowded_key, 40);
	churn(crowded_key, KEYS);
	churn(spread_key, 40);
	churn(spread_key, KEYS);
}

/* Keys with odd numbers, but every third with a pointer. */
static void *value_of(size_t i)
{
	return i % 3 ? (void *)(2 * i + 1) : &values[i];
}

static void sweep(uint64_t (*key)(size_t i), size_t keys, size_t end)
{
	struct map m = {0};
	size_t left = 0;

	map_sweep(&m, 2 * end + 1);
	for (size_t i = 0; i < keys; i++)
		map_put(&m, key(i), value_of(i));
	map_sweep(&m, 2 * end + 1);
	for (size_t i = 0; i < keys; i++) {
		assert_ptr_equal(map_get(&m, key(i)), i % 3 && i < end ? NULL : value_of(i));
		left += !(i % 3 && i < end);
	}
	assert_int_equal(m.count, left);
	map_free(&m);
}

static void test_sweep(void **state)
{
	(void)state;
	for (size_t end = 0; end <= 40; end++) {
		sweep(crowded_key, 40, end);
		sweep(spread_key, 40, end);
	}
	sweep(crowded_key, KEYS, KEYS / 2);
	sweep(spread_key, KEYS, KEYS / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_basics),
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_churn),
		cmocka_unit_test(test_sweep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

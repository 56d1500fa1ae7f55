#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/storage.h"

enum { MANY = 300, BIG = 100 << 20 /* more than a region has */ };

static void fill(char *piece, size_t size, int value)
{
	assert_int_equal((uintptr_t)piece % 64, 0);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(piece[i], 0);
	memset(piece, value, size);
}

static void holds(const char *piece, size_t size, int value)
{
	for (size_t i = 0; i < size; i++)
		assert_int_equal(piece[i], (char)value);
}

/* Zeroed, each for itself. */
static void test_pieces(void **state)
{
	struct storage s = {0};
	char *pieces[MANY];

	(void)state;
	for (int i = 0; i < MANY; i++) {
		pieces[i] = storage_take(&s, (size_t)i * 7 + 1);
		fill(pieces[i], (size_t)i * 7 + 1, i + 1);
	}
	for (int i = 0; i < MANY; i++)
		holds(pieces[i], (size_t)i * 7 + 1, i + 1);
	storage_free(&s);
	storage_free(&s);
}

/* What was given back is handed out again, in parts, too, and nothing of what is used. */
static void test_given_back(void **state)
{
	struct storage s = {0};
	char *first = storage_take(&s, 1000), *second = storage_take(&s, 5000), *other = storage_take(&s, 64);
	char *parts[3];

	(void)state;
	fill(first, 1000, 1);
	fill(second, 5000, 2);
	fill(other, 64, 3);
	storage_give(&s, second, 5000);
	storage_give(&s, first, 1000);
	for (int i = 0; i < 3; i++) {
		parts[i] = storage_take(&s, 1500);
		assert_in_range((uintptr_t)parts[i], (uintptr_t)second, (uintptr_t)second + 5000 - 1);
		fill(parts[i], 1500, 10 + i);
	}
	/* the rest of the second one is too short: 1000 bytes take 16 lines */
	assert_ptr_equal(storage_take(&s, 1000), first);
	assert_true((char *)storage_take(&s, 1500) > other);
	for (int i = 0; i < 3; i++)
		holds(parts[i], 1500, 10 + i);
	holds(other, 64, 3);
	storage_free(&s);
}

static void test_larger_than_a_region(void **state)
{
	struct storage s = {0};
	char *small = storage_take(&s, 100), *big = storage_take(&s, BIG), *next = storage_take(&s, 100);

	(void)state;
	fill(small, 100, 1);
	big[0] = big[BIG - 1] = 2;
	fill(next, 100, 3);
	assert_int_equal(big[0], 2);
	assert_int_equal(big[BIG - 1], 2);
	holds(small, 100, 1);
	storage_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_given_back),
		cmocka_unit_test(test_larger_than_a_region),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

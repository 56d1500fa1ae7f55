#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdalign.h>

#include "base/arena.h"
#include "guard.h"

/* All sizes around a block: zeroed, aligned, and none over another. */
static void test_alloc(void **state)
{
	static const size_t sizes[] = {0, 1, 15, 16, 17, 100, 4000, 4095, 4096, 4097, 100000, 3, 8};
	enum { ROUNDS = 5, N = sizeof(sizes) / sizeof(*sizes) };
	struct arena a = {0};
	unsigned char *given[ROUNDS * N];

	(void)state;
	for (size_t i = 0; i < ROUNDS * N; i++) {
		given[i] = arena_alloc(&a, sizes[i % N]);
		assert_non_null(given[i]);
		assert_int_equal((uintptr_t)given[i] % alignof(max_align_t), 0);
		for (size_t b = 0; b < sizes[i % N]; b++)
			assert_int_equal(given[i][b], 0);
		memset(given[i], (int)i + 1, sizes[i % N]);
	}
	for (size_t i = 0; i < ROUNDS * N; i++)
		for (size_t b = 0; b < sizes[i % N]; b++)
			assert_int_equal(given[i][b], i + 1);
	assert_true(arena_bytes(&a) >= ROUNDS * 100000);
	arena_free(&a);
	assert_int_equal(arena_bytes(&a), 0);
	arena_free(&a);
}

static void test_copy(void **state)
{
	struct arena a = {0};
	struct slice text = guard_copy(SLICE("a\0b")), copy = arena_copy(&a, text);

	(void)state;
	assert_true(slice_eq(copy, text));
	assert_ptr_not_equal(copy.p, text.p);
	assert_null(arena_copy(&a, SLICE_ABSENT).p);
	copy = arena_copy(&a, guard_copy(SLICE("")));
	assert_non_null(copy.p);
	assert_int_equal(copy.n, 0);
	arena_free(&a);
}

static void test_printf(void **state)
{
	struct arena a = {0};
	char *longer = calloc(1, 10001);
	struct slice s;

	(void)state;
	assert_true(slice_eq(arena_printf(&a, "%s", ""), SLICE("")));
	s = arena_printf(&a, "%d of %s", 3, "5");
	assert_true(slice_eq(s, SLICE("3 of 5")));
	assert_string_equal(s.p, "3 of 5"); /* NUL-terminated, too */
	memset(longer, 'x', 10000);
	assert_string_equal(arena_printf(&a, "%s", longer).p, longer);
	free(longer);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alloc),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_printf),
	};

	return cmocka_run_group_tests(tests, guard_map, guard_unmap);
}

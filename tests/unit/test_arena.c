#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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

/* What one arena holds becomes part of another, and goes with it. */
static void test_join(void **state)
{
	enum { ROUNDS = 200 };
	struct arena_pool pool = {0};
	struct arena a = {.pool = &pool}, from = {.pool = &pool};
	struct slice kept[ROUNDS];

	(void)state;
	arena_join(&a, &from);
	assert_int_equal(arena_bytes(&a), 0);
	for (size_t i = 0; i < ROUNDS; i++) {
		size_t bytes;

		arena_renew(&from);
		kept[i] = arena_printf(&from, "%0*zu", (int)(i * 37 % 5000 + 1), i);
		bytes = arena_bytes(&a) + arena_bytes(&from);
		arena_join(&a, &from);
		assert_int_equal(arena_bytes(&a), bytes);
		assert_int_equal(arena_bytes(&from), 0);
		arena_alloc(&a, i % 50);
	}
	assert_int_equal(pool.lent, arena_bytes(&a));
	for (size_t i = 0; i < ROUNDS; i++) {
		char text[5001];
		int n = snprintf(text, sizeof(text), "%0*zu", (int)(i * 37 % 5000 + 1), i);

		assert_true(slice_eq(kept[i], (struct slice){text, (size_t)n}));
	}
	arena_free(&a);
	assert_int_equal(pool.lent, 0);
	arena_pool_free(&pool);
}

/* It is empty then, and has a block, whatever it had before. */
static void test_renew(void **state)
{
	static const size_t sizes[] = {10, 100, 10000, 1500, 1500, 3};
	struct arena_pool pool = {0};
	struct arena a = {.pool = &pool};
	size_t block;
	void *place;

	(void)state;
	arena_renew(&a);
	block = arena_bytes(&a);
	assert_true(block);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		arena_alloc(&a, sizes[i]);
		arena_alloc(&a, sizes[i]);
		arena_renew(&a);
		assert_int_equal(arena_bytes(&a), block);
		assert_int_equal(pool.lent, block);
	}
	place = arena_take(&a, 8);
	arena_renew(&a);
	assert_ptr_equal(arena_take(&a, 8), place);
	arena_free(&a);
	arena_pool_free(&pool);
}

/* Blocks that many arenas lend and give back, in no order: none is lent twice. */
static void test_pool(void **state)
{
	enum { ARENAS = 5000, STEPS = 40000 };
	struct arena_pool pool = {0};
	struct arena *arenas = calloc(ARENAS, sizeof(*arenas));
	unsigned **held = calloc(ARENAS, sizeof(*held)), seed = 1;

	(void)state;
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned i = (seed = seed * 1103515245u + 12345u) / 65536 % ARENAS;

		arenas[i].pool = &pool;
		if (held[i]) {
			for (unsigned j = 0; j < 400; j++)
				assert_int_equal(held[i][j], i);
			arena_free(&arenas[i]);
			held[i] = NULL;
			continue;
		}
		held[i] = arena_take(&arenas[i], 400 * sizeof(unsigned));
		for (unsigned j = 0; j < 400; j++)
			held[i][j] = i;
	}
	for (unsigned i = 0; i < ARENAS; i++)
		arena_free(&arenas[i]);
	assert_int_equal(pool.lent, 0);
	arena_pool_free(&pool);
	free(arenas);
	free(held);
}

static unsigned slabs_in(const struct arena_pool *pool)
{
	unsigned n = 0;

	for (unsigned i = 0; i < pool->slab_room; i++)
		n += pool->slabs[i] != NULL;
	return n;
}

/* What is used longer than others holds few slabs: the lowest are filled up first. */
static void test_slabs_go(void **state)
{
	enum { ARENAS = 6000, LEFT = ARENAS / 6 };
	struct arena_pool pool = {0};
	struct arena *arenas = calloc(ARENAS, sizeof(*arenas));
	unsigned most, full = 0; /* a slab has so many blocks */

	(void)state;
	for (unsigned i = 0; i < ARENAS; i++) {
		arenas[i].pool = &pool;
		arena_take(&arenas[i], 1);
		full += slabs_in(&pool) == 1;
	}
	most = slabs_in(&pool);
	assert_true(most >= 6);
	/* one of six stays everywhere, and then comes again */
	for (unsigned i = 0; i < ARENAS; i++)
		if (i % 6)
			arena_free(&arenas[i]);
	assert_int_equal(slabs_in(&pool), most);
	for (unsigned i = 0; i < ARENAS; i += 6) {
		arena_take(&arenas[i + 1], 1);
		arena_free(&arenas[i]);
	}
	assert_int_equal(slabs_in(&pool), (LEFT + full - 1) / full + 1);
	for (unsigned i = 1; i < ARENAS; i += 6)
		arena_free(&arenas[i]);
	assert_int_equal(slabs_in(&pool), 1);
	arena_pool_free(&pool);
	free(arenas);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alloc),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_printf),
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_renew),
		cmocka_unit_test(test_pool),
		cmocka_unit_test(test_slabs_go),
	};

	return cmocka_run_group_tests(tests, guard_map, guard_unmap);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/find.h"
#include "guard.h"

enum { LONGEST = 3 * FIND_BLOCK + 3 };

static const char filler[LONGEST] = "................................................!!.";

/* Every length, with a hit at every place or none, from every place on. */
static void test_every_place(void **state)
{
	(void)state;
	for (size_t n = 0; n <= LONGEST; n++)
		for (size_t hit = 0; hit <= n; hit++) {
			struct slice s = guard_copy((struct slice){filler, n});

			if (hit < n)
				guard_end[(long)hit - (long)n] = ',';
			for (size_t from = 0; from <= n; from++) {
				size_t expected = hit < from ? n : hit;

				assert_int_equal(find_byte(s, from, ','), expected);
				assert_int_equal(find_any(s, from, ';', ',', '"'), expected);
				assert_int_equal(find_any_plain(s, from, ';', ',', '"'), expected);
				assert_int_equal(find_end(s, from, ' ', ';', ',', '"'), expected);
				assert_int_equal(find_end(s, from, ' ', ',', '<', '>'), expected);
				assert_int_equal(find_end_plain(s, from, ' ', ',', '<', '>'), expected);
				for (size_t skip = 0; skip < FIND_BLOCK && skip <= from; skip++)
					assert_int_equal(
						find_end_behind(s, from - skip, skip, ' ', ',', '<', '>'), expected);
			}
		}
}

/* The same places in a map: bits of what is there, and none of what is not. */
static void test_map(void **state)
{
	(void)state;
	for (size_t n = 1; n <= 2 * FIND_MAP + 3; n++)
		for (size_t hit = 0; hit < n; hit++) {
			char text[2 * FIND_MAP + 3];
			struct slice s;

			memset(text, '.', sizeof(text));
			text[hit] = text[0] = '\n';
			s = guard_copy((struct slice){text, n});
			for (size_t from = 0; from < n; from++) {
				uint64_t expected = from == 0;

				if (hit >= from && hit - from < FIND_MAP)
					expected |= (uint64_t)1 << (hit - from);
				assert_true(find_map(s, from, '\n') == expected);
				assert_true(find_map_plain(s, from, '\n') == expected);
			}
		}
}

/* The first one counts, whichever of the three it is, and bytes above 127 are bytes as others. */
static void test_first(void **state)
{
	static const char text[] = "0123456789abcdef<123\"56789;bcd\xff\xfe";
	struct slice s = guard_copy(SLICE(text));

	(void)state;
	assert_int_equal(find_any(s, 0, ';', '"', '<'), 16);
	assert_int_equal(find_any(s, 17, '<', ';', '"'), 20);
	assert_int_equal(find_any(s, 21, '"', '<', ';'), 26);
	assert_int_equal(find_either(s, 27, '<', '\xfe'), 31);
	assert_int_equal(find_either(s, 0, '\xff', '?'), 30);
	assert_int_equal(find_byte(s, 0, '\x7f'), s.n);
	assert_int_equal(find_byte(SLICE_ABSENT, 0, 'x'), 0);
	assert_int_equal(find_end(s, 0, '"', ';', '<', '<'), 16);
	assert_int_equal(find_end(s, 17, '"', ';', '<', '<'), 20);
	assert_int_equal(find_end(s, 27, '"', ';', '\xff', '<'), 30);
	assert_int_equal(find_end(s, 27, '"', ';', '<', '<'), s.n);
}

static void test_difference(void **state)
{
	(void)state;
	for (size_t n = 0; n <= FIND_BLOCK; n++) {
		char a[FIND_BLOCK], b[FIND_BLOCK];

		memcpy(a, filler, sizeof(a));
		memcpy(b, filler, sizeof(b));
		for (size_t i = n; i < FIND_BLOCK; i += 3)
			b[i] = '\xae';
		assert_int_equal(find_difference(a, b), n);
		assert_int_equal(find_difference_plain(a, b), n);
	}
}

/* A block that ends where what can be read does. */
static void test_block(void **state)
{
	static const char text[] = "Content-Length: ";
	struct slice s = guard_copy(SLICE(text));

	(void)state;
	assert_int_equal(s.n, FIND_BLOCK);
	assert_int_equal(find_in_first(s.p, ':'), 14);
	assert_int_equal(find_in_first(s.p, 'C'), 0);
	assert_int_equal(find_in_first(s.p, ' '), 15);
	assert_int_equal(find_in_first(s.p, ','), FIND_BLOCK);
	for (size_t n = 0; n <= FIND_BLOCK; n++)
		for (size_t at = 0; at < FIND_BLOCK; at++) {
			uint16_t but = (uint16_t)(0xffffu << n);

			s = guard_copy(SLICE(text));
			assert_true(block_same(s.p, text, but));
			guard_end[(long)at - FIND_BLOCK] ^= 0x20;
			assert_int_equal(block_same(s.p, text, but), at >= n);
			assert_int_equal(block_same_plain(s.p, text, but), at >= n);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_place),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_difference),
		cmocka_unit_test(test_first),
		cmocka_unit_test(test_block),
	};

	return cmocka_run_group_tests(tests, guard_map, guard_unmap);
}

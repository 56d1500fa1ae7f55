#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/slice.h"
#include "base/utf8.h"
#include "guard.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static struct slice guarded(const char *string)
{
	return guard_copy(slice_of(string));
}

static void test_make(void **state)
{
	static const char text[] = "abc";

	(void)state;
	assert_null(slice_of(NULL).p);
	assert_int_equal(slice_of(NULL).n, 0);
	assert_int_equal(slice_of("abc").n, 3);
	assert_int_equal(SLICE("a\0b").n, 3);
	assert_int_equal(slice_between(text, text + 2).n, 2);
	assert_int_equal(slice_between(text + 2, text).n, 0);
	assert_non_null(slice_between(text, text).p);
}

/* NULL is "absent", which no other slice equals; "" is empty. */
static void test_equal(void **state)
{
	static const struct {
		const char *a, *b;
		bool same, nocase;
	} cases[] = {
		{"", "", true, true},
		{NULL, NULL, true, true},
		{NULL, "", false, false},
		{"", NULL, false, false},
		{"Digest", "Digest", true, true},
		{"Digest", "dIGEST", false, true},
		{"Digest", "Diges", false, false},
		{"Digest", "Digesu", false, false},
		{"a@z[`{", "A@Z[`{", false, true},
		{"@", "`", false, false}, /* 0x20 apart, no letters */
		{"[", "{", false, false},
		{"\xc4", "\xe4", false, false},
	};
	static const char name[] = "Proxy-Authentication-Info";

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice a = guarded(cases[i].a), b = slice_of(cases[i].b);

		assert_int_equal(slice_eq(a, b), cases[i].same);
		assert_int_equal(slice_eq_nocase(a, b), cases[i].nocase);
	}
	/* every length, with a difference at every place */
	for (size_t n = 0; n < sizeof(name); n++)
		for (size_t at = 0; at <= n; at++) {
			struct slice other = guard_copy((struct slice){name, n});

			if (at < n)
				guard_end[(long)at - (long)n] ^= 0x20;
			assert_int_equal(bytes_equal(name, other.p, n), at == n);
			assert_int_equal(bytes_equal_nocase(name, other.p, n), at == n || name[at] != '-');
		}
}

static void test_search(void **state)
{
	static const struct {
		const char *text, *part;
		bool starts, has;
	} cases[] = {
		{"VOS3000 V2", "vos3000", true, true},
		{"VOS3000 V2", "v2", false, true},
		{"VOS3000 V2", "V21", false, false},
		{"VOS3000 V2", "VOS3000 V21", false, false},
		{"aab", "ab", false, true},
		{"a", "", true, true},
		{"", "", true, true},
		{"", "a", false, false},
		{NULL, "", false, false},
		{NULL, "a", false, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice text = guarded(cases[i].text), part = slice_of(cases[i].part);

		assert_int_equal(slice_starts_nocase(text, part), cases[i].starts);
		assert_int_equal(slice_has_nocase(text, part), cases[i].has);
	}
	assert_int_equal(slice_find(guarded("a;b"), ';'), 1);
	assert_int_equal(slice_find(guarded("ab"), ';'), 2);
	assert_int_equal(slice_find(guarded(""), ';'), 0);
	assert_int_equal(slice_find(SLICE_ABSENT, ';'), 0);
}

static void test_trim(void **state)
{
	static const struct {
		const char *text, *trimmed;
	} cases[] = {
		{"", ""}, {" ", ""}, {" \t\r\n", ""}, {" a b\t", "a b"}, {"\r\n a", "a"}, {"a", "a"},
		{"\va\f", "\va\f"}, {"\xa0", "\xa0"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_true(slice_eq(slice_trim(guarded(cases[i].text)), slice_of(cases[i].trimmed)));
	assert_null(slice_trim(SLICE_ABSENT).p);
}

static void test_parts(void **state)
{
	struct slice s = guarded("abc");

	(void)state;
	assert_true(slice_eq(slice_from(s, 1), SLICE("bc")));
	assert_true(slice_eq(slice_from(s, 3), SLICE("")));
	assert_true(slice_eq(slice_from(s, 4), SLICE("")));
	assert_true(slice_eq(slice_from(s, SIZE_MAX), SLICE("")));
	assert_null(slice_from(SLICE_ABSENT, 1).p);
	assert_true(slice_eq(slice_head(s, 0), SLICE("")));
	assert_true(slice_eq(slice_head(s, 2), SLICE("ab")));
	assert_true(slice_eq(slice_head(s, SIZE_MAX), s));
	assert_null(slice_head(SLICE_ABSENT, 1).p);
}

static void test_number(void **state)
{
	static const struct {
		const char *text;
		uint64_t max;
		bool valid;
		uint64_t value;
	} cases[] = {
		{"0", 9, true, 0},
		{"007", 9, true, 7},
		{"", 9, false, 0},
		{NULL, 9, false, 0},
		{"9", 9, true, 9},
		{"10", 9, false, 0},
		{"-1", 9, false, 0},
		{"+1", 9, false, 0},
		{" 1", 9, false, 0},
		{"1 ", 9, false, 0},
		{"1a", 99, false, 0},
		{"4294967295", UINT32_MAX, true, UINT32_MAX},
		{"4294967296", UINT32_MAX, false, 0},
		{"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
		{"18446744073709551616", UINT64_MAX, false, 0},
		{"99999999999999999999999999", UINT64_MAX, false, 0},
		{"0", 0, true, 0},
		{"1", 0, false, 0},
		{"5", 3, false, 0}, /* the digit alone is above the limit */
		{"05", 3, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint64_t value = 77;

		if (slice_to_u64(guarded(cases[i].text), cases[i].max, &value) != cases[i].valid)
			fail_msg("'%s' up to %llu", cases[i].text, (unsigned long long)cases[i].max);
		assert_int_equal(value, cases[i].valid ? cases[i].value : 77);
	}
}

static void test_hash(void **state)
{
	static const char text[] = "nonce-0123456789abcdef-and-more, and a whole message, which is hashed in blocks of "
				   "64 bytes: more than one of them, and what is left over at the end of it all, too";

	(void)state;
	assert_int_not_equal(slice_hash(SLICE_ABSENT, 1), slice_hash(SLICE(""), 1));
	assert_int_not_equal(slice_hash(SLICE("a"), 1), slice_hash(SLICE("a"), 2));
	assert_int_not_equal(slice_hash(SLICE("a"), 1), slice_hash(SLICE("a\0"), 1));
	for (size_t n = 0; n < sizeof(text); n++) {
		struct slice s = guard_copy((struct slice){text, n});
		uint64_t hash = slice_hash(s, 7);

		assert_int_equal(hash, slice_hash((struct slice){text, n}, 7));
		for (size_t i = 0; i < n; i++) {
			guard_end[(long)i - (long)n] ^= 1;
			assert_int_not_equal(hash >> 32, slice_hash(s, 7) >> 32);
			assert_int_not_equal((uint32_t)hash, (uint32_t)slice_hash(s, 7));
			guard_end[(long)i - (long)n] ^= 1;
		}
	}
}

static void test_utf8(void **state)
{
	static const struct {
		const char *bytes;
		size_t n; /* of the valid sequence at the beginning */
	} cases[] = {
		{"a", 1}, {"\x7f", 1}, {"\xc3\xbc", 2}, {"\xe2\x82\xac", 3}, {"\xf0\x9f\x93\x9e", 4},
		{"\xc3", 0}, {"\xe2\x82", 0}, {"\xf0\x9f\x93", 0}, {"\x80", 0}, {"\xbf", 0},
		{"\xc0\x80", 0}, {"\xc1\xbf", 0}, {"\xe0\x9f\xbf", 0}, {"\xe0\xa0\x80", 3},
		{"\xed\x9f\xbf", 3}, {"\xed\xa0\x80", 0}, {"\xf0\x8f\xbf\xbf", 0},
		{"\xf0\x90\x80\x80", 4}, {"\xf4\x8f\xbf\xbf", 4}, {"\xf4\x90\x80\x80", 0},
		{"\xf5\x80\x80\x80", 0}, {"\xff", 0}, {"\xc3""a", 0}, {"\xe2\x82""a", 0}, {"", 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice s = guarded(cases[i].bytes);

		assert_int_equal(utf8_sequence(s), cases[i].n);
		assert_int_equal(utf8_valid(s), cases[i].n == s.n);
	}
	assert_int_equal(utf8_sequence(SLICE("\0")), 1);
	assert_true(utf8_valid(SLICE("M\xc3\xbcller \xe2\x82\xac")));
	assert_false(utf8_valid(SLICE("M\xfcller")));
	assert_true(utf8_valid(SLICE_ABSENT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_make),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_trim),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_utf8),
	};

	return cmocka_run_group_tests(tests, guard_map, guard_unmap);
}

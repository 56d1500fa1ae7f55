#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "guard.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static void test_empty(void **state)
{
	struct buf b = {0};

	(void)state;
	assert_true(slice_eq(buf_slice(&b), SLICE("")));
	buf_add(&b, NULL, 0);
	buf_add_slice(&b, SLICE_ABSENT);
	buf_adds(&b, "");
	buf_printf(&b, "%s", "");
	assert_int_equal(b.n, 0);
	assert_string_equal(buf_string(&b), "");
	buf_clear(&b);
	buf_free(&b);
	assert_null(b.p);
	buf_free(&b);
}

static void test_add(void **state)
{
	struct buf b = {0};

	(void)state;
	buf_adds(&b, "ab");
	buf_addc(&b, '\0');
	buf_add_slice(&b, guard_copy(SLICE("cd")));
	buf_printf(&b, "%d-%s", 42, "x");
	assert_true(slice_eq(buf_slice(&b), SLICE("ab\0cd42-x")));
	assert_int_equal(strlen(buf_string(&b) + 3), 6);
	buf_clear(&b);
	buf_adds(&b, "again");
	assert_string_equal(buf_string(&b), "again");
	buf_free(&b);
}

/* Every length around the places where it grows. */
static void test_grow(void **state)
{
	struct buf b = {0}, printed = {0};

	(void)state;
	for (size_t n = 1; n <= 1100; n++) {
		buf_addc(&b, (char)('a' + n % 26));
		assert_int_equal(strlen(buf_string(&b)), n);
		buf_clear(&printed);
		buf_printf(&printed, "%s", buf_string(&b));
		assert_true(slice_eq(buf_slice(&b), buf_slice(&printed)));
		if (n % 100 == 0)
			buf_free(&printed);
	}
	for (size_t i = 0; i < b.n; i++)
		assert_int_equal(b.p[i], 'a' + (i + 1) % 26);
	buf_free(&b);
	buf_free(&printed);
}

/* A hostile message must not drive the terminal. */
static void test_printable(void **state)
{
	static const struct {
		struct slice bytes;
		const char *shown;
	} cases[] = {
		{{"plain ~", 7}, "plain ~"},
		{{"", 0}, ""},
		{{NULL, 0}, ""},
		{{"a\x1b[2J", 5}, "a\\x1b[2J"},
		{{"\r\n\t\0", 4}, "\\x0d\\x0a\\x09\\x00"},
		{{"\x7f", 1}, "\\x7f"},
		{{"\xc2\x80\xc2\x9f", 4}, "\\xc2\\x80\\xc2\\x9f"},
		{{"\xc2\xa0", 2}, "\xc2\xa0"},
		{{"\xe2\x82\xac\xff", 4}, "\xe2\x82\xac\\xff"},
		{{"\xe2\x82", 2}, "\\xe2\\x82"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf b = {0};

		buf_add_printable(&b, guard_copy(cases[i].bytes));
		assert_string_equal(buf_string(&b), cases[i].shown);
		buf_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_grow),
		cmocka_unit_test(test_printable),
	};

	return cmocka_run_group_tests(tests, guard_map, guard_unmap);
}

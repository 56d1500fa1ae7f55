/* The documents that the viewer shows, and where messages are found again. */
#include "captured.h"

#include <locale.h>

#include "view/page.h"

static void expect(const struct page *p, const char *expected)
{
	struct buf text = {0};

	page_plain(p, &text);
	assert_string_equal(buf_string(&text), expected);
	buf_free(&text);
}

static void test_lines(void **state)
{
	struct page p = {0};
	struct page_line line;

	(void)state;
	page_heading(&p, "Who");
	page_text(&p, STYLE_FIELD, "%s: ", "user");
	page_slice(&p, STYLE_VALUE, SLICE("10"));
	page_slice(&p, STYLE_VALUE, SLICE("01"));
	page_to_column(&p, 14);
	page_text(&p, STYLE_PLAIN, "x");
	page_end_line(&p, (struct link){LINK_MESSAGE, 7, 0});
	page_heading(&p, "What");
	expect(&p, "Who\nuser: 1001    x\n\nWhat\n");
	assert_int_equal(page_line_count(&p), 4);
	line = page_line_at(&p, 1);
	assert_int_equal(line.link.kind, LINK_MESSAGE);
	assert_int_equal(line.link.number, 7);
	assert_int_equal(line.span_count, 2);
	assert_int_equal(line.spans[1].from, 6);
	assert_int_equal(line.spans[1].to, 10);
	assert_int_equal(line.spans[1].style, STYLE_VALUE);
	page_clear(&p);
	expect(&p, "");
	page_free(&p);
}

static void test_hostile_bytes(void **state)
{
	struct page p = {0};

	(void)state;
	page_slice(&p, STYLE_PLAIN, SLICE("a\033[2J\r\nb\xff\xc2\x9b\t\x7f"));
	page_text(&p, STYLE_PLAIN, "%s", "\033c");
	page_end_line(&p, NO_LINK);
	expect(&p, "a\\x1b[2J\\x0d\\x0ab\\xff\\xc2\\x9b\\x09\\x7f\\x1bc\n");
	page_free(&p);
}

static void test_wrap(void **state)
{
	struct page p = {.columns = 20};

	(void)state;
	page_text(&p, STYLE_HEAD, "Fix: ");
	page_wrap(&p, STYLE_PLAIN, slice_of("enter the password again on both sides"), 5, NO_LINK);
	page_wrap(&p, STYLE_PLAIN, slice_of("0123456789012345678901234"), 2, NO_LINK);
	expect(&p,
		"Fix: enter the\n     password again\n     on both sides\n"
		"01234567890123456789\n  01234\n");
	page_free(&p);
}

static void test_short(void **state)
{
	struct page p = {0};
	struct buf hostile = {0};

	(void)state;
	page_short(&p, STYLE_PLAIN, SLICE("0123456789"), 10);
	page_end_line(&p, NO_LINK);
	page_short(&p, STYLE_PLAIN, SLICE("0123456789abcdef"), 12);
	page_end_line(&p, NO_LINK);
	page_short(&p, STYLE_PLAIN, SLICE("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6"), 8);
	page_end_line(&p, NO_LINK);
	expect(&p, "0123456789\n012345..cdef\n"
		   "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\n");
	page_clear(&p);
	for (int i = 0; i < 60000; i++)
		buf_addc(&hostile, (char)(i * 7));
	page_short(&p, STYLE_PLAIN, buf_slice(&hostile), 40);
	assert_in_range(page_column(&p), 20, 40);
	buf_free(&hostile);
	page_free(&p);
}

static void test_columns(void **state)
{
	(void)state;
	assert_int_equal(page_columns(SLICE("abc")), 3);
	assert_int_equal(page_columns(SLICE("\xc3\xa4")), 1);
	assert_int_equal(page_columns(SLICE("\xe4\xb8\xad\xe6\x96\x87")), 4);
	assert_int_equal(page_columns(SLICE("e\xcc\x81")), 1);
}

static void test_nonce_style(void **state)
{
	(void)state;
	assert_int_equal(page_nonce_style(SLICE("abc")), page_nonce_style(SLICE("abc")));
	assert_in_range(page_nonce_style(SLICE("")), STYLE_NONCE_0, STYLE_NONCE_5);
}

static void test_messages_are_found(void **state)
{
	struct captured *c = captured_open("captures/wrong-password.pcap", NULL);
	const struct detail *d = captured_detail(c, (uint32_t[]){1, 0});
	const struct attempt *a = d->exchanges[0].x->attempts, *of;

	(void)state;
	assert_int_equal(d->count, 4);
	assert_int_equal(detail_find(d, &a->request), 0);
	assert_int_equal(detail_find(d, &a->final->seen), 1);
	assert_int_equal(detail_find(d, &a->next->request), 2);
	assert_int_equal(detail_find(d, &(struct observed){.frame = 1}), 4);
	assert_ptr_equal(detail_credential(d->exchanges[0].x, 0, &of), a->next->credentials);
	assert_ptr_equal(of, a->next);
	assert_null(detail_credential(d->exchanges[0].x, 1, &of));
	captured_close(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_hostile_bytes),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_nonce_style),
		cmocka_unit_test(test_messages_are_found),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/address.h"
#include "guard.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static struct address parsed(const char *text)
{
	struct address a;

	if (!address_parse_ip(guard_copy(slice_of(text)), &a))
		fail_msg("'%s' is no address", text);
	return a;
}

static void test_format(void **state)
{
	static const struct {
		const char *text;
		uint16_t port;
		const char *full, *ip;
	} cases[] = {
		{"10.0.0.1", 5060, "10.0.0.1:5060", "10.0.0.1"},
		{"255.255.255.255", 65535, "255.255.255.255:65535", "255.255.255.255"},
		{"2001:db8::1", 5060, "[2001:db8::1]:5060", "2001:db8::1"},
		{"[2001:DB8:0:0::1]", 0, "[2001:db8::1]:0", "2001:db8::1"},
		{"::", 1, "[::]:1", "::"},
		{"1111:2222:3333:4444:5555:6666:7777:8888", 65535,
			"[1111:2222:3333:4444:5555:6666:7777:8888]:65535",
			"1111:2222:3333:4444:5555:6666:7777:8888"},
		{"::ffff:192.168.100.100", 65535, "[::ffff:192.168.100.100]:65535",
			"::ffff:192.168.100.100"},
	};
	struct address none = {0};
	char text[ADDRESS_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct address a = parsed(cases[i].text);

		assert_int_equal(a.port, 0);
		a.port = cases[i].port;
		assert_string_equal(address_format(&a, text), cases[i].full);
		assert_string_equal(address_format_ip(&a, text), cases[i].ip);
	}
	assert_string_equal(address_format_ip(&none, text), "-");
	assert_string_equal(address_format(&none, text), "-:0");
}

static void test_no_address(void **state)
{
	static const char *const cases[] = {
		"", "[", "]", "[]", "10.0.0", "10.0.0.256", "10.0.0.1:5060", "example.com", " 10.0.0.1",
		"10.0.0.1 ", "2001:db8::1::2", "[2001:db8::1", "2001:db8::1]", "[2001:db8::1]:5060",
		"fe80::1%eth0", "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb",
	};
	struct address a;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (address_parse_ip(guard_copy(slice_of(cases[i])), &a))
			fail_msg("'%s' is taken for an address", cases[i]);
	assert_false(address_parse_ip(SLICE_ABSENT, &a));
	assert_false(address_parse_ip(SLICE("10.0.0.1\0"), &a) && a.family != 4);
}

static void test_compare(void **state)
{
	struct address a = parsed("10.0.0.1"), b = a, six = parsed("a00:1::");

	(void)state;
	assert_true(address_eq(&a, &b));
	assert_int_equal(address_hash(&a, 1), address_hash(&b, 1));
	b.port = 5060;
	assert_false(address_eq(&a, &b));
	assert_true(address_same_ip(&a, &b));
	assert_int_not_equal(address_hash(&a, 1), address_hash(&b, 1));
	assert_int_equal(address_ip_hash(&a, 1), address_ip_hash(&b, 1));
	assert_int_not_equal(address_ip_hash(&a, 1), address_ip_hash(&a, 2));
	/* the same first bytes in another family */
	assert_false(address_same_ip(&a, &six));
	assert_int_not_equal(address_ip_hash(&a, 1), address_ip_hash(&six, 1));
}

static void test_private(void **state)
{
	static const struct {
		const char *text;
		bool private;
	} cases[] = {
		{"10.255.0.1", true}, {"11.0.0.1", false}, {"127.0.0.1", true}, {"172.15.0.1", false},
		{"172.16.0.1", true}, {"172.31.255.255", true}, {"172.32.0.1", false},
		{"192.168.0.1", true}, {"192.169.0.1", false}, {"169.254.1.1", true},
		{"100.63.0.1", false}, {"100.64.0.1", true}, {"100.127.255.255", true},
		{"100.128.0.1", false}, {"203.0.113.1", false}, {"::1", true}, {"::2", false},
		{"fc00::1", true}, {"fdff::1", true}, {"fe00::1", false}, {"fe80::1", true},
		{"febf::1", true}, {"fec0::1", false}, {"2001:db8::1", false},
	};
	struct address none = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct address a = parsed(cases[i].text);

		if (address_is_private(&a) != cases[i].private)
			fail_msg("%s", cases[i].text);
	}
	assert_false(address_is_private(&none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_no_address),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_private),
	};

	return cmocka_run_group_tests(tests, guard_map, guard_unmap);
}

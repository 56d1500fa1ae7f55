/* The order of servers (RFC 2782, RFC 3263), and what is resolved without a question. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ua/resolve.h"
#include "ua/srv.h"
#include "ua/wait.h"

static unsigned drawn, asked;

static unsigned give(unsigned below)
{
	asked = below;
	return drawn;
}

static void test_priority(void **state)
{
	struct srv_record list[] = {{20, 0, 1, "c"}, {10, 0, 2, "a"}, {10, 0, 3, "b"}, {30, 0, 4, "d"}};

	(void)state;
	drawn = 0;
	srv_sort(list, 4, give);
	assert_true(list[0].priority == 10 && list[1].priority == 10);
	assert_string_equal(list[2].target, "c");
	assert_string_equal(list[3].target, "d");
}

/* RFC 2782: the first whose running sum of weights reaches the number drawn from 0 to the sum. */
static void test_weight(void **state)
{
	static const struct {
		unsigned drawn;
		const char *first;
	} cases[] = {{0, "zero"}, {1, "light"}, {10, "light"}, {11, "heavy"}, {100, "heavy"}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct srv_record list[] = {{1, 10, 1, "light"}, {1, 0, 2, "zero"}, {1, 90, 3, "heavy"}};

		/* only the first draw is looked at: the list behind it is drawn with the same number */
		drawn = cases[i].drawn;
		srv_sort(list, 3, give);
		assert_string_equal(list[0].target, cases[i].first);
		assert_int_not_equal(asked, 0);
	}
	srv_sort(NULL, 0, give);
}

static void test_shares(void **state)
{
	unsigned heavy = 0;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct srv_record list[] = {{1, 25, 1, "light"}, {1, 75, 2, "heavy"}};

		srv_sort(list, 2, wait_random);
		heavy += strcmp(list[0].target, "heavy") == 0;
	}
	assert_in_range(heavy, 1350, 1650);
}

static void test_naptr(void **state)
{
	struct naptr_record list[] = {{100, 50, "s", "SIP+D2U", "u"}, {50, 60, "s", "SIP+D2T", "t"},
		{50, 50, "s", "SIPS+D2T", "s"}};

	(void)state;
	naptr_sort(list, 3);
	assert_string_equal(list[0].replacement, "s");
	assert_string_equal(list[1].replacement, "t");
	assert_string_equal(list[2].replacement, "u");
	assert_int_equal(naptr_transport("SIP+D2U", false), TRANSPORT_UDP);
	assert_int_equal(naptr_transport("sip+d2t", false), TRANSPORT_TCP);
	assert_int_equal(naptr_transport("SIPS+D2T", false), TRANSPORT_TLS);
	assert_int_equal(naptr_transport("SIPS+D2W", true), TRANSPORT_WSS);
	/* a SIPS URI discards the others (RFC 3263 4.1) */
	assert_int_equal(naptr_transport("SIP+D2T", true), -1);
	assert_int_equal(naptr_transport("SIP+D2S", false), -1);
	assert_int_equal(naptr_transport("E2U+sip", false), -1);
}

static const struct {
	const char *host;
	uint16_t port;
	int transport;
	bool sips;
	const char *address;
	enum transport chosen;
} numeric[] = {
	{"10.0.0.1", 0, -1, false, "10.0.0.1:5060", TRANSPORT_UDP},
	{"10.0.0.1", 0, -1, true, "10.0.0.1:5061", TRANSPORT_TLS},
	{"10.0.0.1", 5070, -1, false, "10.0.0.1:5070", TRANSPORT_UDP},
	{"10.0.0.1", 0, TRANSPORT_TCP, false, "10.0.0.1:5060", TRANSPORT_TCP},
	{"10.0.0.1", 0, TRANSPORT_TLS, false, "10.0.0.1:5061", TRANSPORT_TLS},
	{"10.0.0.1", 0, TRANSPORT_WS, false, "10.0.0.1:80", TRANSPORT_WS},
	{"10.0.0.1", 0, TRANSPORT_WSS, true, "10.0.0.1:443", TRANSPORT_WSS},
	{"2001:db8::1", 0, -1, false, "[2001:db8::1]:5060", TRANSPORT_UDP},
	{"[2001:db8::1]", 5062, TRANSPORT_TCP, false, "[2001:db8::1]:5062", TRANSPORT_TCP},
};

/* No DNS for an address (RFC 3263 4.2): a server that is none is not asked. */
static void test_numeric(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(numeric) / sizeof(*numeric); i++) {
		struct resolve_question q = {slice_of(numeric[i].host), numeric[i].port, numeric[i].transport,
			numeric[i].sips, "no server", 0};
		struct resolve_answer a;
		char text[ADDRESS_TEXT];

		assert_true(resolve(&q, wait_now(), &a));
		assert_int_equal(a.count, 1);
		assert_string_equal(address_format(&a.list[0].address, text), numeric[i].address);
		assert_int_equal(a.list[0].transport, numeric[i].chosen);
		assert_int_equal(a.way.n, 0);
	}
}

static void test_failures(void **state)
{
	struct resolve_question q = {SLICE(""), 0, -1, false, NULL, 0};
	struct resolve_answer a;

	(void)state;
	assert_false(resolve(&q, wait_now(), &a));
	assert_string_not_equal(a.text, "");
	q.host = SLICE("name.example");
	q.servers = "no server";
	assert_false(resolve(&q, wait_now() + WAIT_SECOND, &a));
	assert_non_null(strstr(a.text, "no address of a DNS server"));
	buf_free(&a.way);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_priority),
		cmocka_unit_test(test_weight),
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_naptr),
		cmocka_unit_test(test_numeric),
		cmocka_unit_test(test_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

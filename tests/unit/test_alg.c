/* Signs of a SIP ALG: addresses of two worlds in one request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "auth/tracker.h"

static char seen[256];

static void keep(void *arg, const struct exchange *x)
{
	(void)arg;
	snprintf(seen, sizeof(seen), "%.*s", SLICE_ARG(x->alg));
}

static const char *signs_of(const char *via, const char *contact, const char *call_id, int length)
{
	struct tracker_options options = {0};
	struct tracker_reader reader = {.exchange = keep};
	struct tracker *t = tracker_new(&options, &reader);
	struct datagram d = {
		.src = {4, 5060, {198, 51, 100, 7}}, .dst = {4, 5060, {203, 0, 113, 1}}, .time = 1000000000};
	char text[1024];

	snprintf(text, sizeof(text),
		"REGISTER sip:203.0.113.1 SIP/2.0\r\nVia: SIP/2.0/UDP %s:5060;branch=z9hG4bK1\r\n"
		"From: <sip:1@a>;tag=1\r\nTo: <sip:1@a>\r\nCall-ID: %s\r\nCSeq: 1 REGISTER\r\n"
		"Contact: <sip:1@%s:5060>\r\nContent-Length: %d\r\n\r\n",
		via, call_id, contact, length);
	seen[0] = '\0';
	d.bytes = slice_of(text);
	tracker_feed(t, &d);
	tracker_finish(t);
	tracker_free(t);
	return seen;
}

static void test_signs(void **state)
{
	static const struct {
		const char *via, *contact, *call_id;
		int length;
		const char *expect;
	} cases[] = {
		{"192.168.1.20", "192.168.1.20", "a@192.168.1.20", 0, ""},
		{"198.51.100.7", "198.51.100.7", "a@198.51.100.7", 0, ""},
		/* a phone that keeps its private address in the Call-ID has no ALG */
		{"198.51.100.7", "198.51.100.7", "a@192.168.1.20", 0, ""},
		{"phone.example", "192.168.1.20", "a", 0, ""},
		{"192.168.1.20", "198.51.100.7", "a", 0, "Via shows 192.168.1.20, Contact 198.51.100.7"},
		{"192.168.1.20", "192.168.1.20", "a@198.51.100.7", 0,
			"Via shows 192.168.1.20, the Call-ID 198.51.100.7"},
		{"192.168.1.20", "192.168.1.20", "a", 4, "the Content-Length does not fit the body"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(signs_of(cases[i].via, cases[i].contact, cases[i].call_id,
					    cases[i].length),
			cases[i].expect);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_signs)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

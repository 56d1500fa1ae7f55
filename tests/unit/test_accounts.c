/* Registration in time: what was granted, when it lapses, and the refresh that does not renew it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "auth/tracker.h"

#define SECOND INT64_C(1000000000)
#define START (1000 * SECOND)

static const struct address server = {4, 5060, {10, 0, 0, 1}};
static struct address phone = {4, 5060, {10, 1, 0, 7}};
static const char *software = "";
static struct tracker *tracker;
static uint32_t frame;

static void message(bool from_phone, double at, const char *text)
{
	struct datagram d = {
		.bytes = slice_of(text),
		.src = from_phone ? phone : server,
		.dst = from_phone ? server : phone,
		.time = START + (int64_t)(at * (double)SECOND),
		.frame = ++frame,
		.file = 1,
	};

	tracker_feed(tracker, &d);
}

/* A REGISTER with credentials at `at`, and the answer to it 10 ms later. */
static void registration(double at, int cseq, const char *answer)
{
	char text[1024], end[256];

	snprintf(end, sizeof(end),
		"Via: SIP/2.0/UDP 10.1.0.7;branch=z9hG4bK%d\r\nFrom: <sip:1001@a>;tag=1\r\n"
		"To: <sip:1001@a>\r\nCall-ID: c\r\nCSeq: %d REGISTER\r\n",
		cseq, cseq);
	snprintf(text, sizeof(text),
		"REGISTER sip:a SIP/2.0\r\n%s%sContact: <sip:1001@10.1.0.7>\r\nExpires: 60\r\n"
		"Authorization: Digest username=\"1001\", realm=\"a\", nonce=\"n%d\", uri=\"sip:a\", "
		"response=\"00000000000000000000000000000000\"\r\n\r\n",
		end, software, cseq);
	message(true, at, text);
	snprintf(text, sizeof(text), "SIP/2.0 %s\r\n%s\r\n", answer, end);
	message(false, at + 0.01, text);
}

#define GRANTED(seconds) "200 OK\r\nContact: <sip:1001@10.1.0.7>;expires=" seconds

static void begin(void)
{
	static const struct tracker_options options;
	static const struct tracker_reader reader;

	tracker = tracker_new(&options, &reader);
	frame = 0;
}

/* Ends the input at `at` and returns the only account. */
static const struct account *end(double at)
{
	const struct account *a;

	tracker_advance(tracker, START + (int64_t)(at * (double)SECOND));
	tracker_finish(tracker);
	assert_int_equal(accounts_count(tracker_accounts(tracker)), 1);
	a = accounts_get(tracker_accounts(tracker), &server, SLICE("1001"), SLICE("a"));
	assert_non_null(a);
	return a;
}

static double offline_at(const struct account *a)
{
	return a->offline_since ? (double)(a->offline_since - START) / (double)SECOND : 0;
}

static void test_renewed(void **state)
{
	const struct account *a;

	(void)state;
	begin();
	registration(0, 1, GRANTED("60"));
	registration(50, 2, GRANTED("60"));
	a = end(100);
	assert_int_equal(a->granted, 60);
	assert_false(a->lapsed);
	assert_int_equal(a->offline_since, 0);
	tracker_free(tracker);
}

static void test_ran_out(void **state)
{
	const struct account *a;

	(void)state;
	begin();
	registration(0, 1, GRANTED("60"));
	a = end(100);
	assert_true(a->lapsed);
	assert_int_equal((int)offline_at(a), 60);
	tracker_free(tracker);
}

static void test_refresh_too_brief(void **state)
{
	const struct account *a;

	(void)state;
	begin();
	registration(0, 1, GRANTED("60"));
	registration(50, 2, "423 Interval Too Brief");
	a = end(100);
	assert_int_equal(a->refresh_status, 423);
	assert_int_equal((int)offline_at(a), 60);
	tracker_free(tracker);
}

static void test_refresh_refused(void **state)
{
	const struct account *a;

	(void)state;
	begin();
	registration(0, 1, GRANTED("60"));
	registration(50, 2, "403 Forbidden");
	a = end(100);
	assert_int_equal(a->refresh_status, 0);
	assert_true(a->refused == 1 && a->last_cause != FINDING_COUNT);
	assert_int_equal((int)offline_at(a), 60);
	tracker_free(tracker);
}

static void test_removed(void **state)
{
	const struct account *a;

	(void)state;
	begin();
	registration(0, 1, GRANTED("60"));
	registration(50, 2, "200 OK");
	a = end(200);
	assert_int_equal(a->offline_since, 0);
	assert_false(a->lapsed);
	tracker_free(tracker);
}

/* Names and addresses stay what they are while there come more of them. */
static void test_many_phones(void **state)
{
	static const char *const names[] = {"", "User-Agent: A\r\n", "User-Agent: Another/2.0\r\n", "User-Agent: A\r\n"};
	const struct address first = phone;
	const struct account *a;

	(void)state;
	begin();
	for (int i = 0; i < ACCOUNT_ADDRESSES_MAX + 4; i++) {
		phone.ip[3] = (uint8_t)i;
		software = names[i % 4];
		registration(100 * i, i + 1, GRANTED("60"));
		if (i < ACCOUNT_ADDRESSES_MAX)
			registration(100 * i + 50, i + 1001, GRANTED("60"));
	}
	a = end(2000);
	assert_int_equal(a->address_count, ACCOUNT_ADDRESSES_MAX + 4);
	for (int i = 0; i < ACCOUNT_ADDRESSES_MAX; i++)
		assert_int_equal(a->addresses[i].ip[3], i);
	assert_true(slice_eq(a->user, SLICE("1001")));
	assert_true(slice_eq(a->realm, SLICE("a")));
	assert_true(slice_eq(a->user_agent, SLICE("A")));
	tracker_free(tracker);
	phone = first;
	software = "";
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_renewed),
		cmocka_unit_test(test_ran_out),
		cmocka_unit_test(test_refresh_too_brief),
		cmocka_unit_test(test_refresh_refused),
		cmocka_unit_test(test_removed),
		cmocka_unit_test(test_many_phones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

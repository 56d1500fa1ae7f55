/* More than the memory holds: what is forgotten is counted, and nothing wrong is said because of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "auth/tracker.h"

enum { CLIENTS = 80000, PER_SECOND = 2000, STEP = 1000000000 / PER_SECOND };

static const struct address server = {4, 5060, {10, 0, 0, 1}};
static struct tracker *tracker;
static uint32_t frame;
static int64_t now;

static void message(uint32_t client, bool from_client, const char *text)
{
	struct address phone = {4, 5060,
		{11, (uint8_t)(client >> 16), (uint8_t)(client >> 8), (uint8_t)client}};
	struct datagram d = {
		.bytes = slice_of(text),
		.src = from_client ? phone : server,
		.dst = from_client ? server : phone,
		.time = now,
		.frame = ++frame,
		.file = 1,
	};

	now += STEP / 4;
	tracker_feed(tracker, &d);
}

static void request(uint32_t client, int cseq, const char *credentials)
{
	char text[1024];

	snprintf(text, sizeof(text),
		"REGISTER sip:a SIP/2.0\r\nVia: SIP/2.0/UDP 11.1.1.1;branch=z9hG4bK%u.%d\r\n"
		"From: <sip:u%u@a>;tag=%u\r\nTo: <sip:u%u@a>\r\nCall-ID: %u\r\nCSeq: %d REGISTER\r\n"
		"Contact: <sip:u%u@11.1.1.1>\r\n%sContent-Length: 0\r\n\r\n",
		client, cseq, client, client, client, client, cseq, client, credentials);
	message(client, true, text);
}

static void answer(uint32_t client, int cseq, const char *status)
{
	char text[1024];

	snprintf(text, sizeof(text),
		"SIP/2.0 %sVia: SIP/2.0/UDP 11.1.1.1;branch=z9hG4bK%u.%d\r\n"
		"From: <sip:u%u@a>;tag=%u\r\nTo: <sip:u%u@a>;tag=s\r\nCall-ID: %u\r\n"
		"CSeq: %d REGISTER\r\nContent-Length: 0\r\n\r\n",
		status, client, cseq, client, client, client, client, cseq);
	message(client, false, text);
}

/* REGISTER, 401, REGISTER, 200. */
static void register_one(uint32_t client)
{
	char line[512];

	request(client, 1, "");
	snprintf(line, sizeof(line),
		"401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"a\", nonce=\"%08xn\", "
		"algorithm=MD5, qop=\"auth\"\r\n",
		client);
	answer(client, 1, line);
	snprintf(line, sizeof(line),
		"Authorization: Digest username=\"u%u\", realm=\"a\", nonce=\"%08xn\", uri=\"sip:a\", "
		"response=\"00000000000000000000000000000000\", algorithm=MD5, cnonce=\"%x\", qop=auth, "
		"nc=00000001\r\n",
		client, client, client);
	request(client, 2, line);
	answer(client, 2, "200 OK\r\n");
}

static void test_healthy_crowd(void **state)
{
	static const struct tracker_options options = {.memory = TRACKER_MEMORY_LEAST};
	static const struct tracker_reader reader;
	const struct tracker_stats *s;

	(void)state;
	now = INT64_C(1000000000000);
	frame = 0;
	tracker = tracker_new(&options, &reader);
	for (uint32_t client = 1; client <= CLIENTS; client++)
		register_one(client);
	tracker_finish(tracker);
	s = tracker_stats(tracker);
	assert_int_equal(s->exchanges, CLIENTS);
	assert_int_equal(s->outcomes[OUTCOME_ACCEPTED], CLIENTS);
	assert_int_equal(s->findings[SEVERITY_ERROR], 0);
	assert_int_equal(s->findings[SEVERITY_WARNING], 0);
	assert_true(s->evicted_exchanges > 0);
	assert_true(s->evicted_nonces > 0);
	assert_true(s->evicted_accounts > 0);
	assert_true(s->evicted_facts > 0);
	assert_true(s->evicted_requests > 0);
	tracker_free(tracker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_healthy_crowd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

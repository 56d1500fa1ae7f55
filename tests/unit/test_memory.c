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
static uint32_t nat; /* the number in all addresses; 0: that of the client */

static void message(uint32_t client, bool from_client, const char *text)
{
	uint32_t host = nat ? nat : client;
	struct address phone = {4, 5060, {11, (uint8_t)(host >> 16), (uint8_t)(host >> 8), (uint8_t)host}};
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

/* REGISTER, 401, REGISTER, and `status`. */
static void register_one(uint32_t client, const char *status)
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
	answer(client, 2, status);
}

static void start(void)
{
	static const struct tracker_options options = {.memory = TRACKER_MEMORY_LEAST};
	static const struct tracker_reader reader;

	now = INT64_C(1000000000000);
	frame = 0;
	tracker = tracker_new(&options, &reader);
}

static void test_healthy_crowd(void **state)
{
	const struct tracker_stats *s;

	(void)state;
	start();
	for (uint32_t client = 1; client <= CLIENTS; client++)
		register_one(client, "200 OK\r\n");
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

/* What is remembered of the users behind one address is given back with it, whatever became of them. */
static void test_forgotten_nat(void **state)
{
	(void)state;
	start();
	nat = 1;
	register_one(1, "401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"a\", nonce=\"other\", qop=\"auth\"\r\n");
	for (uint32_t client = 2; client < 10; client++)
		register_one(client, "200 OK\r\n");
	nat = 0;
	for (uint32_t client = 10; client <= CLIENTS / 5; client++)
		register_one(client, "200 OK\r\n");
	tracker_finish(tracker);
	assert_true(tracker_stats(tracker)->evicted_watched > 0);
	assert_true(tracker_stats(tracker)->evicted_watched < CLIENTS / 5);
	tracker_free(tracker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_healthy_crowd),
		cmocka_unit_test(test_forgotten_nat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Wrong digests in the engine: one search for a client, statements about it, time that runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/tracker.h"

#define SECOND INT64_C(1000000000)

struct world {
	struct tracker *tracker;
	struct secrets *secrets;
	struct tracker_options options;
	int64_t now;
	uint32_t frame;
	/* the answers of the search callback, and what it was asked */
	bool early, late, waits;
	unsigned begun, begun_late;
	/* what was given out */
	unsigned exchanges, deviations, mismatches, scope, others;
	char last[1024], last_scope[1024];
	char ids[256], values[256];
	enum severity severity;
	enum fault fault;
	bool caused;
	uint64_t scope_count;
};

static bool search(void *arg, enum search_step step)
{
	struct world *w = arg;

	if (step == SEARCH_BEGINS) {
		w->begun += w->early;
		return w->early;
	}
	if (step == SEARCH_BEGINS_LATE) {
		w->begun_late += w->late;
		return w->late;
	}
	return step != SEARCH_WAITS || w->waits;
}

static void copy(char *to, size_t size, struct slice s)
{
	snprintf(to, size, "%.*s", (int)s.n, s.p ? s.p : "");
}

static void note_deviations(struct world *w, const struct finding *f)
{
	w->ids[0] = w->values[0] = '\0';
	for (size_t i = 0; i < f->deviation_count; i++) {
		strncat(w->ids, f->deviations[i].id.p, f->deviations[i].id.n);
		strcat(w->ids, " ");
		if (f->deviations[i].value.p)
			strncat(w->values, f->deviations[i].value.p, f->deviations[i].value.n);
		strcat(w->values, " ");
	}
}

static void on_exchange(void *arg, const struct exchange *x)
{
	struct world *w = arg;

	w->exchanges++;
	for (unsigned i = 0; i < x->finding_count; i++) {
		const struct finding *f = x->findings[i];

		if (f->id != FINDING_DIGEST_DEVIATION && f->id != FINDING_DIGEST_MISMATCH &&
			f->id != FINDING_RSPAUTH_WRONG)
			continue;
		w->deviations += f->id == FINDING_DIGEST_DEVIATION;
		w->mismatches += f->id == FINDING_DIGEST_MISMATCH;
		w->others += f->id == FINDING_RSPAUTH_WRONG;
		copy(w->last, sizeof(w->last), f->message);
		note_deviations(w, f);
		w->severity = f->severity;
		w->fault = f->fault;
		w->caused = x->cause == f;
	}
}

static void on_finding(void *arg, const struct scope_finding *f)
{
	struct world *w = arg;

	if (f->finding.id != FINDING_DIGEST_DEVIATION)
		return;
	w->scope++;
	w->scope_count = f->count;
	w->severity = f->finding.severity;
	copy(w->last_scope, sizeof(w->last_scope), f->finding.message);
	note_deviations(w, &f->finding);
}

static void world_new(struct world *w)
{
	struct tracker_reader reader = {on_exchange, on_finding, w};

	*w = (struct world){.now = 1750000000 * SECOND, .early = true, .late = true, .waits = true};
	w->secrets = secrets_new();
	secrets_add(w->secrets, SLICE("1001"), SLICE_ABSENT, SLICE("S3cret"));
	w->options =
		(struct tracker_options){.secrets = w->secrets, .search = search, .search_arg = w};
	w->tracker = tracker_new(&w->options, &reader);
}

static void world_end(struct world *w)
{
	tracker_free(w->tracker);
	secrets_free(w->secrets);
}

static void feed(struct world *w, bool request, const char *text)
{
	struct datagram d = {.bytes = slice_of(text), .transport = TRANSPORT_UDP};
	struct address client, server;

	address_parse_ip(SLICE("192.0.2.7"), &client);
	address_parse_ip(SLICE("10.0.0.1"), &server);
	client.port = server.port = 5060;
	d.src = request ? client : server;
	d.dst = request ? server : client;
	d.time = w->now += SECOND / 50;
	d.frame = ++w->frame;
	d.file = 1;
	tracker_feed(w->tracker, &d);
}

/* A registration: challenged, answered with a digest of this password and realm, and judged. */
struct registration {
	const char *realm, *password; /* that are hashed */
	const char *status;           /* of the last response */
	const char *info;             /* Authentication-Info, or "" */
};

static void head(char *out, size_t size, const struct world *w, unsigned cseq, uint32_t call)
{
	(void)w;
	snprintf(out, size,
		"Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK%u-%u\r\nFrom: "
		"<sip:1001@ex.com>;tag=%u\r\n"
		"To: <sip:1001@ex.com>\r\nCall-ID: c%u\r\nCSeq: %u REGISTER\r\n",
		call, cseq, call, call, cseq);
}

static void do_register(struct world *w, uint32_t call, struct registration r)
{
	char fields[512], message[2048], nonce[32], challenge[128], authorization[512];
	struct digest_steps steps;
	struct digest_input in = {.algorithm = ALGORITHM_MD5,
		.username = SLICE("1001"),
		.realm = slice_of(r.realm),
		.password = slice_of(r.password),
		.method = SLICE("REGISTER"),
		.uri = SLICE("sip:ex.com"),
		.nc = SLICE("00000001"),
		.cnonce = SLICE("abc"),
		.qop = SLICE("auth")};

	snprintf(nonce, sizeof(nonce), "nonce%u", call);
	in.nonce = slice_of(nonce);
	assert_int_equal(digest_compute(&in, &steps), DIGEST_OK);
	snprintf(challenge, sizeof(challenge),
		"WWW-Authenticate: Digest realm=\"ex.com\", nonce=\"%s\", qop=\"auth\"\r\n", nonce);
	snprintf(authorization, sizeof(authorization),
		"Authorization: Digest username=\"1001\", realm=\"ex.com\", nonce=\"%s\", "
		"uri=\"sip:ex.com\", "
		"response=\"%s\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\"abc\"\r\n",
		nonce, steps.response);
	head(fields, sizeof(fields), w, 1, call);
	snprintf(message, sizeof(message),
		"REGISTER sip:ex.com SIP/2.0\r\n%sContent-Length: 0\r\n\r\n", fields);
	feed(w, true, message);
	snprintf(message, sizeof(message),
		"SIP/2.0 401 Unauthorized\r\n%s%sContent-Length: 0\r\n\r\n", fields, challenge);
	feed(w, false, message);
	head(fields, sizeof(fields), w, 2, call);
	snprintf(message, sizeof(message),
		"REGISTER sip:ex.com SIP/2.0\r\n%s%sContent-Length: 0\r\n\r\n", fields,
		authorization);
	feed(w, true, message);
	snprintf(message, sizeof(message), "SIP/2.0 %s\r\n%s%s%sContent-Length: 0\r\n\r\n",
		r.status, fields, r.status[0] == '2' ? "" : challenge, r.info);
	feed(w, false, message);
	w->now += 40 * SECOND;
	tracker_advance(w->tracker, w->now);
}

static const struct registration healthy = {"ex.com", "S3cret", "200 OK", ""};
static const struct registration other_realm = {"asterisk", "S3cret", "401 Unauthorized", ""};
static const struct registration other_password = {"ex.com", "Sparrow", "401 Unauthorized", ""};

static void test_healthy(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	for (uint32_t i = 1; i <= 20; i++)
		do_register(&w, i, healthy);
	tracker_finish(w.tracker);
	assert_int_equal(w.exchanges, 20);
	assert_int_equal(w.begun + w.begun_late, 0);
	world_end(&w);
}

static void test_one_statement(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	for (uint32_t i = 1; i <= 14; i++)
		do_register(&w, i, other_realm);
	assert_int_equal(w.deviations, 14);
	assert_int_equal(w.mismatches, 0);
	assert_int_equal(w.begun, 1);
	assert_true(w.caused);
	assert_int_equal(w.severity, SEVERITY_ERROR);
	assert_int_equal(w.fault, FAULT_CONFIG);
	assert_string_equal(w.last,
		"The response is right if the realm is \"asterisk\" instead of \"ex.com\".");
	tracker_finish(w.tracker);
	assert_int_equal(w.scope, 1);
	assert_int_equal(w.scope_count, 14);
	assert_string_equal(w.ids, "realm-asterisk ");
	assert_string_equal(w.last_scope,
		"All 14 wrong responses of user \"1001\" from 192.0.2.7 are right if the realm "
		"is \"asterisk\" instead of \"ex.com\".");
	assert_int_equal(w.severity, SEVERITY_ERROR);
	assert_int_equal(tracker_stats(w.tracker)->unsearched, 0);
	world_end(&w);
}

/* The server is not bothered: then it is no fault, it tells what the server uses. */
static void test_accepted(void **state)
{
	struct registration r = other_realm;
	struct world w;

	(void)state;
	world_new(&w);
	r.status = "200 OK";
	do_register(&w, 1, r);
	assert_int_equal(w.deviations, 1);
	assert_int_equal(w.severity, SEVERITY_INFO);
	assert_false(w.caused);
	assert_non_null(strstr(w.last, "; the server really uses it."));
	do_register(&w, 2, r);
	tracker_finish(w.tracker);
	assert_int_equal(w.scope, 1);
	assert_int_equal(w.severity, SEVERITY_INFO);
	world_end(&w);
}

/* A wrong password costs a search or a few, however often it is sent. */
static void test_wrong_password(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	for (uint32_t i = 1; i <= 40; i++)
		do_register(&w, i, other_password);
	tracker_finish(w.tracker);
	assert_int_equal(w.mismatches, 40);
	assert_int_equal(w.deviations + w.scope, 0);
	assert_in_range(w.begun + w.begun_late, 1, 8);
	assert_non_null(strstr(w.last, "no deviation explains it either, as in frame 3"));
	world_end(&w);
}

static void test_password_is_not_told(void **state)
{
	struct registration r = {"ex.com", "S3cret\n", "401 Unauthorized", ""};
	struct world w;

	(void)state;
	world_new(&w);
	do_register(&w, 1, r);
	assert_string_equal(w.ids, "pw-newline ");
	assert_string_equal(w.values, "S3cret\n ");
	assert_string_equal(
		w.last, "The response is right if the password has a line feed at its end.");
	assert_int_equal(w.fault, FAULT_CONFIG);
	tracker_finish(w.tracker);
	assert_int_equal(w.scope, 0);
	world_end(&w);
}

/* Another mistake of the same client is looked for, too. */
static void test_two_mistakes(void **state)
{
	struct registration r = {"ex.com", "s3cret", "401 Unauthorized", ""};
	struct world w;

	(void)state;
	world_new(&w);
	do_register(&w, 1, other_realm);
	do_register(&w, 2, r);
	do_register(&w, 3, other_realm);
	do_register(&w, 4, r);
	assert_int_equal(w.deviations, 4);
	assert_int_equal(w.begun, 2);
	tracker_finish(w.tracker);
	assert_int_equal(w.scope, 2);
	assert_int_equal(w.scope_count, 2);
	assert_non_null(strstr(w.last_scope, "2 of 4 wrong responses"));
	world_end(&w);
}

static void test_waits(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	w.early = false;
	do_register(&w, 1, other_realm);
	assert_int_equal(w.mismatches, 1);
	assert_non_null(strstr(w.last, "there was no time"));
	tracker_finish(w.tracker);
	assert_int_equal(w.begun_late, 1);
	assert_int_equal(w.scope, 1);
	assert_string_equal(w.last_scope,
		"A wrong response of user \"1001\" from 192.0.2.7 is right if the realm is "
		"\"asterisk\" instead of \"ex.com\".");
	assert_int_equal(tracker_stats(w.tracker)->unsearched, 0);
	world_end(&w);
}

static void test_idle(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	w.early = false;
	assert_false(tracker_idle(w.tracker));
	do_register(&w, 1, other_realm);
	assert_true(tracker_idle(w.tracker));
	assert_false(tracker_idle(w.tracker));
	/* what was found is known from now on */
	do_register(&w, 2, other_realm);
	assert_int_equal(w.deviations, 1);
	tracker_finish(w.tracker);
	assert_int_equal(w.scope, 1);
	assert_int_equal(w.scope_count, 2);
	world_end(&w);
}

static void test_no_time(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	w.early = w.late = false;
	for (uint32_t i = 1; i <= 5; i++)
		do_register(&w, i, other_realm);
	tracker_finish(w.tracker);
	assert_int_equal(w.scope, 0);
	assert_int_equal(tracker_stats(w.tracker)->unsearched, 1);
	world_end(&w);
}

/* Where it is known that there will never be time, nothing waits for it. */
static void test_never_time(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	w.early = w.waits = false;
	for (uint32_t i = 1; i <= 5; i++)
		do_register(&w, i, other_realm);
	tracker_finish(w.tracker);
	assert_int_equal(w.begun_late, 0);
	assert_int_equal(tracker_stats(w.tracker)->unsearched, 1);
	world_end(&w);
}

/* rspauth with the method of the request in it: the server is the one that is wrong. */
static void test_rspauth(void **state)
{
	struct digest_input in = {.algorithm = ALGORITHM_MD5,
		.username = SLICE("1001"),
		.realm = SLICE("ex.com"),
		.password = SLICE("S3cret"),
		.method = SLICE("REGISTER"),
		.uri = SLICE("sip:ex.com"),
		.nonce = SLICE("nonce1"),
		.nc = SLICE("00000001"),
		.cnonce = SLICE("abc"),
		.qop = SLICE("auth")};
	struct registration r = healthy;
	struct digest_steps steps;
	char info[256];
	struct world w;

	(void)state;
	world_new(&w);
	digest_compute(&in, &steps);
	snprintf(info, sizeof(info),
		"Authentication-Info: rspauth=\"%s\", qop=auth, cnonce=\"abc\", nc=00000001\r\n",
		steps.response);
	r.info = info;
	do_register(&w, 1, r);
	assert_int_equal(w.others, 1);
	assert_non_null(
		strstr(w.last, "it is right if the method is \"REGISTER\" instead of \"\""));
	tracker_finish(w.tracker);
	world_end(&w);
}

/* Nonces of exchanges that are long gone are tried. */
static void test_history(void **state)
{
	char fields[512], message[2048];
	struct digest_input in = {.algorithm = ALGORITHM_MD5,
		.username = SLICE("1001"),
		.realm = SLICE("ex.com"),
		.password = SLICE("S3cret"),
		.method = SLICE("REGISTER"),
		.uri = SLICE("sip:ex.com"),
		.nonce = SLICE("nonce1")};
	struct digest_steps steps;
	struct world w;

	(void)state;
	world_new(&w);
	do_register(&w, 1, healthy);
	digest_compute(&in, &steps);
	head(fields, sizeof(fields), &w, 1, 99);
	snprintf(message, sizeof(message),
		"REGISTER sip:ex.com SIP/2.0\r\n%sContent-Length: 0\r\n\r\n", fields);
	feed(&w, true, message);
	snprintf(message, sizeof(message),
		"SIP/2.0 401 Unauthorized\r\n%sWWW-Authenticate: Digest realm=\"ex.com\", "
		"nonce=\"new\"\r\nContent-Length: 0\r\n\r\n",
		fields);
	feed(&w, false, message);
	head(fields, sizeof(fields), &w, 2, 99);
	snprintf(message, sizeof(message),
		"REGISTER sip:ex.com SIP/2.0\r\n%sAuthorization: Digest username=\"1001\", "
		"realm=\"ex.com\", nonce=\"new\", uri=\"sip:ex.com\", "
		"response=\"%s\"\r\nContent-Length: 0\r\n\r\n",
		fields, steps.response);
	feed(&w, true, message);
	tracker_finish(w.tracker);
	assert_int_equal(w.deviations, 1);
	assert_string_equal(w.ids, "nonce-previous ");
	assert_int_equal(w.fault, FAULT_CLIENT);
	world_end(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_healthy),
		cmocka_unit_test(test_one_statement),
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_wrong_password),
		cmocka_unit_test(test_password_is_not_told),
		cmocka_unit_test(test_two_mistakes),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_no_time),
		cmocka_unit_test(test_never_time),
		cmocka_unit_test(test_rspauth),
		cmocka_unit_test(test_history),
	};
	int failed;

	failed = cmocka_run_group_tests(tests, NULL, NULL);
	hash_free();
	return failed;
}

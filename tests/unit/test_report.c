/*
 * The report over exchanges made by hand: text for eyes, JSON for scripts, and what is bounded in
 * both.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "report/json_write.h"
#include "report/report.h"
#include "report/spill.h"
#include "fake.h"

/* The example of the contract: the wrong realm was hashed. */
static struct exchange *wrong_realm(uint32_t n)
{
	static const char *const also[] = {"realm-other"};
	struct exchange *x = exchange_new(n, METHOD_REGISTER);
	struct deviation *d;
	struct finding *f;

	add_attempt(x, REQUEST("1", ""), 5, T0);
	respond(x, RESPONSE("1", "401 Unauthorized", "WWW-Authenticate: Digest realm=\"10.0.0.1\", "
		"nonce=\"9f2c\", algorithm=MD5, qop=\"auth\", opaque=\"\"\r\n"), 6, T0 + 42 * MS);
	add_attempt(x, REQUEST("2", "Authorization: Digest username=\"1001\", realm=\"10.0.0.1\", "
		"nonce=\"9f2c\", uri=\"sip:example.com\", algorithm=MD5, "
		"response=\"5d41402abc4b2a76b9719d911017c592\"\r\n"), 7, T0 + 990 * MS);
	x->last_attempt->credentials[0].verification = VERIFICATION_MISMATCH;
	x->last_attempt->credentials[0].judgement = JUDGEMENT_REJECTED;
	respond(x, RESPONSE("2", "401 Unauthorized", "WWW-Authenticate: Digest realm=\"10.0.0.1\", "
		"nonce=\"9f2d\", stale=FALSE\r\n"), 8, T0 + 1043200 * MS / 1000);
	f = add_finding(x, FINDING_DIGEST_DEVIATION, SEVERITY_ERROR,
		"The response is right if the realm is \"asterisk\" instead of \"10.0.0.1\".");
	d = arena_alloc(&x->arena, sizeof(*d));
	*d = (struct deviation){SLICE("realm-asterisk"), SLICE("asterisk"), also, 1};
	f->deviations = d;
	f->deviation_count = 1;
	f->attempt = x->last_attempt;
	f->param = PARAM_REALM;
	add_finding(x, FINDING_QOP_IGNORED, SEVERITY_INFO, "The client used the old formula.");
	x->cause = f;
	x->verdict = f->message;
	x->outcome = OUTCOME_REJECTED;
	x->status = 401;
	x->rounds = 2;
	x->duration = 1043200000;
	return x;
}

/* ---- running a report ---- */

struct run {
	char *text;
	size_t size;
	FILE *out;
	struct report *report;
	struct report_options options;
	struct tracker_stats stats;
	struct report_end end;
};

static const char *const files[] = {"capture.pcap"};

static void begin(struct run *run, enum report_format format)
{
	run->options.format = format;
	run->options.fail_on = run->options.fail_on ? run->options.fail_on : SEVERITY_ERROR;
	run->options.files = files;
	run->options.file_count = 1;
	run->out = open_memstream(&run->text, &run->size);
	run->report = report_new(run->out, &run->options);
	run->stats.messages = 4;
	run->stats.first_time = T0;
	run->stats.last_time = T0 + 2100 * MS;
	run->end = (struct report_end){.stats = &run->stats, .packets = 14, .linktype = -1};
}

static void finish(struct run *run)
{
	assert_true(report_finish(run->report, &run->end));
}

static void done(struct run *run)
{
	report_free(run->report);
	fclose(run->out);
	free(run->text);
}

static void give(struct run *run, struct exchange *x)
{
	report_exchange(run->report, x);
	exchange_free(x);
}

static void has(const struct run *run, const char *part)
{
	if (!strstr(run->text, part))
		fail_msg("not there: %s\nin: %s", part, run->text);
}

static void has_not(const struct run *run, const char *part)
{
	if (strstr(run->text, part))
		fail_msg("there: %s\nin: %s", part, run->text);
}

static size_t occurrences(const struct run *run, const char *part)
{
	size_t n = 0;

	for (const char *p = run->text; (p = strstr(p, part)) != NULL; p += strlen(part))
		n++;
	return n;
}

/* ---- JSON ---- */

static void test_json_strings(void **state)
{
	static const struct {
		struct slice in;
		const char *out;
	} rows[] = {
		{SLICE("plain"), "{\"k\":\"plain\"}"},
		{SLICE(""), "{\"k\":\"\"}"},
		{SLICE_ABSENT, "{}"},
		{SLICE("a\"b\\c\r\n\t"), "{\"k\":\"a\\\"b\\\\c\\r\\n\\t\"}"},
		{SLICE("\x1b[2J\x7f"), "{\"k\":\"\\u001b[2J\\u007f\"}"},
		{SLICE("a\0b"), "{\"k\":\"a\\u0000b\"}"},
		{SLICE("M\xc3\xbcller"), "{\"k\":\"M\xc3\xbcller\"}"},
		{SLICE("\xc2\x9b"), "{\"k\":\"\\u009b\"}"},
		{SLICE("M\xfcller"), "{\"k\":\"M\\u00fcller\",\"invalid_utf8\":true}"},
		{SLICE("\xc3"), "{\"k\":\"\\u00c3\",\"invalid_utf8\":true}"},
		{SLICE("\xed\xa0\x80"), "{\"k\":\"\\u00ed\\u00a0\\u0080\",\"invalid_utf8\":true}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf b = {0};
		struct json j = {.out = &b};

		json_object(&j, NULL);
		json_slice(&j, "k", rows[i].in);
		json_end(&j);
		assert_string_equal(buf_string(&b), rows[i].out);
		buf_free(&b);
	}
}

static void test_json_nesting(void **state)
{
	struct buf b = {0};
	struct json j = {.out = &b};

	(void)state;
	json_object(&j, NULL);
	json_array(&j, "a");
	json_object(&j, NULL);
	json_slice(&j, "s", SLICE("\xff"));
	json_end(&j);
	json_uint(&j, NULL, 7);
	json_end(&j);
	json_ms(&j, "ms", 1043200000);
	json_time(&j, "t", T0);
	json_null(&j, "none");
	json_end(&j);
	assert_string_equal(buf_string(&b), "{\"a\":[{\"s\":\"\\u00ff\",\"invalid_utf8\":true},7],"
		"\"ms\":1043.2,\"t\":\"2026-11-22T10:22:01.310000Z\",\"none\":null,"
		"\"invalid_utf8\":true}");
	buf_free(&b);
}

static void test_json_exchange(void **state)
{
	struct run run = {0};

	(void)state;
	begin(&run, REPORT_NDJSON);
	give(&run, wrong_realm(1));
	/* a line is out as soon as it is known */
	fflush(run.out);
	has(&run,
		"{\"type\":\"exchange\",\"n\":1,\"final\":true,\"file\":1,\"method\":\"REGISTER\","
		"\"call_id\":\"a84b@10.1.0.7\",\"from\":\"sip:1001@example.com\"");
	has(&run,
		"\"user_agent\":\"Grandstream GXP1625\",\"server\":\"VOS3000 V2.1.9.07\","
		"\"client\":\"10.1.0.7:5060\",\"target\":\"10.0.0.1:5060\",\"transport\":\"UDP\","
		"\"time\":\"2026-11-22T10:22:01.310000Z\",\"duration_ms\":1043.2,"
		"\"outcome\":\"rejected\",\"status\":401,\"rounds\":2,\"cause\":\"digest-"
		"deviation\"");
	/* present and empty is told, absent is not */
	has(&run, "\"nonce\":\"9f2c\",\"opaque\":\"\",\"algorithm\":\"MD5\",\"qop\":\"auth\"}]}");
	has(&run, "\"nonce\":\"9f2d\",\"stale\":\"FALSE\"}");
	has(&run, "\"verification\":\"mismatch\"");
	has(&run, "\"deviations\":[{\"id\":\"realm-asterisk\",\"value\":\"asterisk\","
		"\"also\":[\"realm-other\"]}]");
	has(&run, "\"frames\":[7],\"frames_total\":1");
	assert_int_equal(occurrences(&run, "\n"), 1);
	finish(&run);
	has(&run, "\n{\"type\":\"summary\",\"files\":1,\"packets\":14,");
	has(&run, "\"groups\":[{\"cause\":\"digest-deviation\",\"server\":\"VOS3000 V2.1.9.07\","
		"\"client\":\"Grandstream GXP1625\",\"count\":1,\"exchanges\":[1]}]");
	done(&run);
}

static void test_json_secrets(void **state)
{
	for (int shown = 0; shown < 2; shown++) {
		struct run run = {.options.show_secrets = shown};
		struct exchange *x = wrong_realm(1);
		struct deviation *d = arena_alloc(&x->arena, sizeof(*d));

		*d = (struct deviation){SLICE("pw-space"), SLICE("s3cret "), NULL, 0};
		x->findings[0]->deviations = d;
		begin(&run, REPORT_JSON);
		give(&run, x);
		finish(&run);
		has(&run, "\"id\":\"pw-space\"");
		(shown ? has : has_not)(&run, "s3cret");
		done(&run);
	}
	(void)state;
}

static void test_json_document(void **state)
{
	struct run run = {0};
	struct address source = address("192.0.2.9", 5060);
	struct scope_finding f = {.scope = SCOPE_ACCOUNT,
		.user = SLICE("1001"),
		.realm = SLICE("r"),
		.addresses = &source,
		.address_count = 1,
		.count = 3,
		.first = T0,
		.last = T0 + MS,
		.exchanges = {1, 2},
		.exchange_count = 2};

	(void)state;
	f.finding = (struct finding){.id = FINDING_AUTH_LOOP, .severity = SEVERITY_ERROR,
		.message = SLICE("again and again"), .file = 1};
	begin(&run, REPORT_JSON);
	give(&run, wrong_realm(1));
	/* a scope finding between two exchanges still belongs to "findings" */
	report_finding(run.report, &f);
	give(&run, wrong_realm(2));
	finish(&run);
	assert_ptr_equal(strstr(run.text, "{\"schema\":1,\"exchanges\":[\n{\"type\":\"exchange\""),
		run.text);
	has(&run, "},\n{\"type\":\"exchange\",\"n\":2");
	has(&run,
		"],\n\"findings\":[\n{\"type\":\"finding\",\"scope\":\"account\",\"id\":\"auth-"
		"loop\"");
	has(&run,
		"\"exchanges\":[1,2],\"account\":{\"user\":\"1001\",\"realm\":\"r\"},"
		"\"addresses\":[\"192.0.2.9\"],\"count\":3,\"first\":\"2026-11-22T10:22:01."
		"310000Z\"");
	has(&run, "],\n\"summary\":{\"type\":\"summary\"");
	assert_string_equal(run.text + run.size - 3, "}}\n");
	done(&run);
}

/* ---- text ---- */

static void test_text_walk(void **state)
{
	struct run run = {0};

	(void)state;
	begin(&run, REPORT_TEXT);
	give(&run, wrong_realm(1));
	give(&run, exchange_new(2, METHOD_INVITE));
	finish(&run);
	if (getenv("SHOW"))
		puts(run.text);
	has(&run, "1 exchange failed, 1 authenticated (14 packets, 4 SIP messages, 2.1 s).\n"
		"capture.pcap, 2026-11-22 10:22:01 to 10:22:03 UTC\n");
	has(&run, "    1 x digest-deviation: ");
	has(&run, "      client Grandstream GXP1625, server VOS3000 V2.1.9.07\n");
	has(&run, "  10:22:01.310     5 -> REGISTER sip:example.com, CSeq 1, no credentials\n");
	has(&run, "        +0.042     6 <- 401 Unauthorized\n");
	has(&run, "!                         realm=\"10.0.0.1\"  <-- digest-deviation\n");
	has(&run, "  error: digest-deviation (client, proven)\n");
	has(&run, "    Fix: ");
	has(&run, "    VOS3000: ");
	has(&run, "  Wireshark (capture.pcap): frame.number in {5,6,7,8}\n");
	/* info needs -v; and the verdict is not told twice */
	has_not(&run, "qop-ignored");
	assert_int_equal(occurrences(&run, "is \"asterisk\""), 1);
	has_not(&run, "\033");
	done(&run);
}

static void test_text_verbose(void **state)
{
	struct run run = {.options.verbose = true};

	(void)state;
	begin(&run, REPORT_TEXT);
	give(&run, wrong_realm(1));
	give(&run, exchange_new(2, METHOD_INVITE));
	finish(&run);
	has(&run, "info: qop-ignored");
	has(&run, "#2    10:22:01 INVITE 10.1.0.7 -> 10.0.0.1:5060, accepted (200)");
	done(&run);
}

static void test_text_hostile(void **state)
{
	struct run run = {.options.color = true};
	struct exchange *x = exchange_new(1, METHOD_REGISTER);

	(void)state;
	add_attempt(x,
		REQUEST("1",
			"Authorization: Digest username=\"\x1b]0;x\x07\", realm=\"\x1b[2J\"\r\n"),
		1, T0);
	respond(x, RESPONSE("1", "403 \x1b[31mNo", ""), 2, T0);
	x->cause = add_finding(x, FINDING_AUTH_REJECTED_403, SEVERITY_ERROR, "Refused.");
	x->outcome = OUTCOME_REJECTED;
	begin(&run, REPORT_TEXT);
	give(&run, x);
	finish(&run);
	has_not(&run, "\x1b]");
	has_not(&run, "\x1b[2J");
	has_not(&run, "\x07");
	has(&run, "\\x1b[2J");
	done(&run);
}

/*
 * Failures beyond the first 50 are counted, and a cause that comes late is walked through all the
 * same.
 */
static void test_text_many(void **state)
{
	struct run run = {0};
	struct exchange *late = wrong_realm(201);

	(void)state;
	begin(&run, REPORT_TEXT);
	for (uint32_t n = 1; n <= 200; n++)
		give(&run, wrong_realm(n));
	late->findings[0]->id = FINDING_DIGEST_MISMATCH;
	give(&run, late);
	finish(&run);
	has(&run, "  200 x digest-deviation");
	has(&run, "      and 197 more\n");
	has(&run, "51 of 201 failed exchanges");
	has(&run, "== #201 ");
	assert_int_equal(occurrences(&run, "== #"), 51);
	/* advice stands there once for each kind, then by reference */
	assert_int_equal(occurrences(&run, "Fix: "), 2);
	assert_int_equal(occurrences(&run, "What to change: see #1."), 49);
	done(&run);
}

static void test_text_all(void **state)
{
	struct run run = {.options.all = true};

	(void)state;
	begin(&run, REPORT_TEXT);
	/* beyond what the spill holds in memory, and not in the order of their numbers */
	for (uint32_t n = 3000; n > 0; n--)
		give(&run, wrong_realm(n));
	finish(&run);
	assert_int_equal(occurrences(&run, "== #"), 3000);
	assert_true(strstr(run.text, "== #1 ") < strstr(run.text, "== #2 "));
	assert_true(strstr(run.text, "== #1500 ") < strstr(run.text, "== #3000 "));
	done(&run);
}

/* ---- what is selected, and what is known all the same ---- */

static void test_selection(void **state)
{
	static const struct selection selection = {.methods = 1u << METHOD_INVITE};
	struct address server = address("10.0.0.1", 5060);
	struct scope_finding f = {.server = &server, .exchanges = {1}, .exchange_count = 1};

	(void)state;
	f.finding = (struct finding){.id = FINDING_AUTH_LOOP, .severity = SEVERITY_ERROR,
		.message = SLICE("again and again"), .file = 1};
	for (int format = REPORT_TEXT; format <= REPORT_NDJSON; format++) {
		struct run run = {.options.selection = &selection};

		begin(&run, (enum report_format)format);
		give(&run, wrong_realm(1));
		give(&run, exchange_new(2, METHOD_INVITE));
		give(&run, exchange_new(3, METHOD_INVITE));
		/* of a hidden exchange, then of one that is shown */
		report_finding(run.report, &f);
		assert_false(report_found(run.report));
		f.exchanges[0] = 3;
		report_finding(run.report, &f);
		assert_true(report_found(run.report));
		f.exchanges[0] = 1;
		finish(&run);
		has_not(&run, "is \"asterisk\"");
		if (format == REPORT_TEXT) {
			has(&run, "1 exchange failed, 2 authenticated (");
			has(&run, "\n2 of 3 exchanges shown, 0 failed; 1 finding beside them.\n");
			has_not(&run, "What failed");
		} else {
			has(&run, "\"shown\":{\"exchanges\":2,\"findings\":1}");
			/* the groups of the summary are of all */
			has(&run, "\"groups\":[{\"cause\":\"digest-deviation\"");
		}
		done(&run);
	}
}

/* ---- servers and accounts ---- */

static void test_text_summary(void **state)
{
	struct run run = {.options.advise = true};
	struct advice *advice = advice_new();
	struct storage storage = {0};
	struct accounts *accounts = accounts_new(&storage, 100, 10);

	(void)state;
	begin(&run, REPORT_TEXT);
	for (uint32_t n = 1; n <= 20; n++) {
		struct exchange *x = wrong_realm(n);
		struct credential *k = x->last_attempt->credentials;

		x->first_time += n * 1000 * MS;
		if (n > 10) {
			x->outcome = OUTCOME_ACCEPTED;
			x->cause = NULL;
		}
		k->username = n % 2 ? SLICE("1001") : SLICE("1003");
		k->names_hash = slice_hash(k->username, slice_hash(k->realm, 0));
		accounts_note(accounts, x);
		advice_note(advice, x);
		give(&run, x);
	}
	advice_conclude(advice);
	run.end.advice = advice;
	run.end.accounts = accounts;
	finish(&run);
	if (getenv("SHOW"))
		puts(run.text);
	has(&run, "\nServers\n\n  10.0.0.1:5060 (VOS3000 V2.1.9.07): 10 of 20 challenged exchanges "
		"failed\n");
	has(&run, "    Failures in each 1 s from 2026-11-22 10:22:02: 100 100 ");
	has(&run, "Offers MD5, qop auth, no qop;\n    used: MD5, no qop.");
	has(&run, "    - Grandstream GXP1625: 10 of 20 failed; answers 401\n");
	has(&run, "        20  works     breaks?   works?    Grandstream GXP1625\n");
	has(&run, "            1: answered 401 to REGISTER (20 times, first in frame 7)\n");
	has(&run, "Accounts that need attention first\n\n  1003 (realm \"10.0.0.1\") at 10.0.0.1:5060: ");
	has(&run, "(5 refused, 5\n    accepted)");
	done(&run);
	advice_free(advice);
	accounts_free(accounts);
	storage_free(&storage);
}

static void test_software(void **state)
{
	static const char kamailio[] = "Server: kamailio (5.6.3)\r\n";
	struct run run = {0};

	(void)state;
	begin(&run, REPORT_TEXT);
	for (uint32_t n = 1; n <= 3; n++) {
		struct exchange *x = exchange_new(n, METHOD_REGISTER);

		add_attempt(x, REQUEST("1", ""), 1, T0);
		respond(x, "SIP/2.0 403 No\r\nCSeq: 1 REGISTER\r\n\r\n", 2, T0);
		if (n > 1)
			x->last_attempt->final->seen.msg.server = slice_of(kamailio);
		x->cause = add_finding(x, FINDING_DIGEST_MISMATCH, SEVERITY_ERROR, "Wrong.");
		x->findings[0]->fault = FAULT_CONFIG;
		x->outcome = OUTCOME_REJECTED;
		give(&run, x);
	}
	finish(&run);
	/* the first server does not name itself; the other one has advice of its own */
	assert_int_equal(occurrences(&run, "    VOS3000: "), 1);
	assert_int_equal(occurrences(&run, "    Kamailio: auth_db"), 1);
	assert_int_equal(occurrences(&run, "What to change: see #2."), 1);
	done(&run);
}

static void test_text_no_sip(void **state)
{
	static const struct report_count undecoded[] = {{"link-type", 9}, {"not-ip", 0}};
	struct run run = {0};

	(void)state;
	begin(&run, REPORT_TEXT);
	run.stats = (struct tracker_stats){0};
	run.end.undecoded = undecoded;
	run.end.undecoded_count = 2;
	run.end.linktype = 195;
	finish(&run);
	has(&run, "No SIP messages found in capture.pcap (14 packets).\n");
	has(&run, "9 packets of a link type that cannot be read (LINKTYPE 195)");
	has_not(&run, "ARP");
	done(&run);
}

/* ---- exit status ---- */

static void test_found(void **state)
{
	static const struct {
		enum severity found, fail_on;
		bool expected;
	} rows[] = {
		{SEVERITY_ERROR, SEVERITY_ERROR, true},
		{SEVERITY_WARNING, SEVERITY_ERROR, false},
		{SEVERITY_WARNING, SEVERITY_WARNING, true},
		{SEVERITY_OK, SEVERITY_INFO, false},
		{SEVERITY_ERROR, SEVERITY_OK, false}, /* never */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct run run = {0};
		struct exchange *x = wrong_realm(1);

		x->findings[0]->severity = rows[i].found;
		x->finding_count = 1;
		begin(&run, REPORT_NDJSON);
		report_free(run.report);
		run.options.fail_on = rows[i].fail_on;
		run.report = report_new(run.out, &run.options);
		give(&run, x);
		assert_int_equal(report_found(run.report), rows[i].expected);
		done(&run);
	}
}

static void test_write_error(void **state)
{
	struct run run = {0};
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	if (!full)
		skip();
	begin(&run, REPORT_JSON);
	report_free(run.report);
	run.report = report_new(full, &run.options);
	for (uint32_t n = 1; n <= 50; n++)
		give(&run, wrong_realm(n));
	assert_false(report_finish(run.report, &run.end));
	done(&run);
	fclose(full);
}

/* ---- the small parts ---- */

static void test_format(void **state)
{
	struct buf b = {0};

	(void)state;
	format_iso(&b, -1);
	format_span(&b, 59999 * MS);
	buf_addc(&b, ' ');
	format_span(&b, 7800 * INT64_C(1000000000));
	buf_addc(&b, ' ');
	format_count(&b, 1, "exchange");
	assert_string_equal(
		buf_string(&b), "1969-12-31T23:59:59.999999Z59.9 s 2 h 10 min 1 exchange");
	buf_clear(&b);
	format_wrap(&b, SLICE("one  two three four"), 0, 2, 10);
	assert_string_equal(buf_string(&b), "one  two\n  three\n  four");
	buf_clear(&b);
	format_short(&b, SLICE("abcdefghijklmnopqrstuvwxyz"), 12);
	assert_string_equal(buf_string(&b), "abcdef..wxyz");
	buf_free(&b);
}

static void test_spill(void **state)
{
	struct spill s = {0};
	struct buf b = {0};
	char text[4096];

	(void)state;
	for (int i = 999; i >= 0; i--) {
		memset(text, 'a' + i % 26, sizeof(text));
		spill_add(&s, (uint64_t)i, (struct slice){text, sizeof(text)});
	}
	assert_non_null(s.file);
	spill_sort(&s);
	for (size_t i = 0; i < s.count; i++) {
		assert_true(spill_get(&s, i, &b));
		assert_int_equal(b.n, sizeof(text));
		assert_int_equal(b.p[17], 'a' + (int)i % 26);
	}
	buf_free(&b);
	spill_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_strings),
		cmocka_unit_test(test_json_nesting),
		cmocka_unit_test(test_json_exchange),
		cmocka_unit_test(test_json_secrets),
		cmocka_unit_test(test_json_document),
		cmocka_unit_test(test_text_walk),
		cmocka_unit_test(test_text_verbose),
		cmocka_unit_test(test_text_hostile),
		cmocka_unit_test(test_text_many),
		cmocka_unit_test(test_text_all),
		cmocka_unit_test(test_selection),
		cmocka_unit_test(test_text_summary),
		cmocka_unit_test(test_software),
		cmocka_unit_test(test_text_no_sip),
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_write_error),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_spill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

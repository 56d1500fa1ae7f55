/* Rules that are not asked about an exchange, since it is not odd in the respect they need, find nothing in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "auth/rules.h"

#define VIA(branch) "Via: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bK" branch "\r\n"
#define REST(tag, cseq)                                                                                  \
	"From: <sip:1001@pbx.example>;tag=f\r\nTo: <sip:1001@pbx.example>" tag "\r\nCall-ID: c1@host\r\n"  \
	"CSeq: " cseq " REGISTER\r\nContact: <sip:1001@10.0.0.9:5060>\r\nContent-Length: 0\r\n"

enum { MESSAGES = 4, SIZE = 2048 };

static const char *const healthy[MESSAGES] = {
	"REGISTER sip:pbx.example SIP/2.0\r\n" VIA("1") REST("", "1") "\r\n",
	"SIP/2.0 401 Unauthorized\r\n" VIA("1") REST(";tag=s", "1")
	"WWW-Authenticate: Digest realm=\"pbx.example\", nonce=\"2f6c41d90ba7\", opaque=\"5c\", algorithm=MD5, qop=\"auth\""
	"\r\n\r\n",
	"REGISTER sip:pbx.example SIP/2.0\r\n" VIA("2") REST("", "2")
	"Authorization: Digest username=\"1001\", realm=\"pbx.example\", nonce=\"2f6c41d90ba7\", uri=\"sip:pbx.example\", "
	"response=\"6629fae49393a05397450978507c4ef1\", opaque=\"5c\", algorithm=MD5, qop=auth, nc=00000001, "
	"cnonce=\"8d20\"\r\n\r\n",
	"SIP/2.0 200 OK\r\n" VIA("2") REST(";tag=s", "2") "\r\n",
};

/*
 * In message `at`, `is` in place of `was`, and in the answer if it has it, too; what the exchange is odd in then,
 * at least: in its form (and so in all) only if that is named.
 */
static const struct change {
	unsigned at;
	const char *was, *is;
	unsigned odd;
} changes[] = {
	{1, "401 Unauthorized", "407 Proxy", ODD_FORM},
	{1, "\"pbx.example\"", "pbx.example", ODD_FORM},
	{1, "\"pbx.example\"", "\"other\"", ODD_ANSWER},
	{1, "\"pbx.example\"", "\"Asterisk\"", ODD_REALM},
	{1, "\"pbx.example\"", "\"10.0.0.1\"", ODD_REALM},
	{1, "2f6c41d90ba7", "2f6c41d90bA7", ODD_ANSWER},
	{1, ", qop=\"auth\"", "", ODD_QOP | ODD_ANSWER},
	{1, ", qop=\"auth\"", ", qop=auth", ODD_FORM},
	{1, "qop=\"auth\"", "qop=\"auth-int\"", ODD_ANSWER},
	{1, "algorithm=MD5", "algorithm=md5", ODD_FORM},
	{1, "algorithm=MD5", "algorithm=SHA-256", ODD_ANSWER},
	{1, "algorithm=MD5", "stale=true", ODD_REFUSED},
	{1, "algorithm=MD5", "domain=\"x\"", ODD_FORM},
	{1, "opaque=\"5c\"", "opaque=\"5d\"", ODD_ANSWER},
	{1, "\r\n\r\n", "\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\r\n", ODD_FORM},
	{2, "username=\"1001\"", "username=\"1002\"", ODD_USER},
	{2, "username=\"1001\"", "username=\"1001@pbx.example\"", ODD_USER},
	{2, "realm=\"pbx.example\"", "realm=\"PBX.example\"", ODD_ANSWER},
	{2, "nonce=\"2f6c41d90ba7\"", "nonce=\"2f6c41d90\"", ODD_ANSWER},
	{2, "uri=\"sip:pbx.example\"", "uri=\"sip:pbx.example:5060\"", ODD_ANSWER},
	{2, "6629fae49393a05397450978507c4ef1", "6629FAE49393a05397450978507c4ef1", ODD_FORM},
	{2, "6629fae49393a05397450978507c4ef1", "6629fae49393a053", ODD_FORM},
	{2, "opaque=\"5c\", ", "", ODD_ANSWER},
	{2, "algorithm=MD5, ", "algorithm=\"MD5\", ", ODD_FORM},
	{2, "qop=auth", "qop=\"auth\"", ODD_FORM},
	{2, "qop=auth, nc=00000001, ", "", ODD_FORM},
	{2, "nc=00000001", "nc=00000000", ODD_NONCE},
	{2, "nc=00000001", "nc=00000002", ODD_NONCE},
	{2, "nc=00000001", "nc=1", ODD_FORM},
	{2, "CSeq: 2", "CSeq: 1", ODD_RETRY},
	{2, "tag=f", "tag=g", ODD_RETRY},
	{2, "z9hG4bK2", "z9hG4bK1", ODD_RETRY},
	{2, "To: <sip:1001@pbx.example>", "To: <sip:1001@pbx.example>;tag=s", ODD_RETRY},
	{2, "REGISTER sip:pbx.example SIP", "REGISTER sip:pbx.example:5060 SIP", ODD_RETRY | ODD_ANSWER},
	{2, "Contact: <sip:1001@", "Contact: <sip:1001:secret@", ODD_PASSWORD},
	{2, "Authorization: Digest", "Authorization: Basic", ODD_FORM},
	{2, "Authorization:", "X:", ODD_FORM},
	{3, "200 OK", "403 Forbidden", ODD_END | ODD_REFUSED},
	{3, "200 OK", "400 Bad", ODD_END},
	{3, "200 OK", "500 Oops", ODD_END | ODD_REFUSED},
};

static struct tracker *tracker;
static unsigned seen, exchanges;

static void ask(struct diagnosis *d, const struct rule *rule)
{
	for (const struct attempt *a = d->x->attempts; a; a = a->next) {
		for (unsigned i = 0; rule->challenge && a->final && i < a->final->challenge_count; i++)
			rule->challenge(d, rule->id, a, a->final, &a->final->challenges[i]);
		for (unsigned i = 0; rule->credential && i < a->credential_count; i++)
			rule->credential(d, rule->id, a, &a->credentials[i]);
		if (rule->retry && a->next && challenge_response(a))
			rule->retry(d, rule->id, a, a->next);
	}
	if (rule->exchange)
		rule->exchange(d, rule->id);
}

/* The engine's exchanges are live ones, and not const to it. */
static void look(void *arg, const struct exchange *given)
{
	static const struct rule_table *const tables[] = {&rules_syntax, &rules_values, &rules_algorithm,
		&rules_challenge, &rules_retry, &rules_realm, &rules_nonce, &rules_digest, &rules_silence,
		&rules_summary, &rules_strict};
	struct exchange *x = (struct exchange *)given;
	struct diagnosis d = {.x = x, .live = (struct live *)(void *)x, .t = tracker, .absence = CONFIDENCE_LIKELY};

	(void)arg;
	exchanges++;
	seen = oddities(&d);
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		for (size_t j = 0; j < tables[i]->count; j++) {
			const struct rule *rule = &tables[i]->rules[j];
			unsigned before = x->finding_count;

			if (!rule->odd || rule->odd & seen)
				continue;
			ask(&d, rule);
			if (x->finding_count != before)
				fail_msg("%s was not asked: %x", finding_kind(rule->id)->id, seen);
		}
}

/* Message `i`, or a copy in which the change is made. */
static const char *message(unsigned i, const struct change *c, char out[SIZE])
{
	const char *text = healthy[i], *at = c ? strstr(text, c->was) : NULL;
	bool answer = c && c->at % 2 == 0 && c->at + 1 == i;

	if (!c || (c->at != i && !(answer && at)))
		return text;
	assert_non_null(at);
	snprintf(out, SIZE, "%.*s%s%s", (int)(at - text), text, c->is, at + strlen(c->was));
	return out;
}

/* Gives the numbers of what was found. */
static struct tracker_stats run(const struct change *c, const struct tracker_reader *reader)
{
	struct tracker_options options = {0};
	struct tracker_stats stats;
	struct address phone = {4, 5060, {10, 0, 0, 9}}, server = {4, 5060, {10, 0, 0, 1}};
	char text[SIZE];

	tracker = tracker_new(&options, reader);
	seen = exchanges = 0;
	for (unsigned i = 0; i < MESSAGES; i++) {
		struct datagram d = {.src = i % 2 ? server : phone, .dst = i % 2 ? phone : server,
			.frame = i + 1, .file = 1, .time = SECOND + (int64_t)i * SECOND / 100};

		d.bytes = slice_of(message(i, c, text));
		tracker_feed(tracker, &d);
	}
	tracker_finish(tracker);
	stats = *tracker_stats(tracker);
	tracker_free(tracker);
	return stats;
}

/* Gives what the exchange was odd in. */
static unsigned oddities_with(const struct change *c)
{
	run(c, &(struct tracker_reader){.exchange = look});
	assert_true(exchanges);
	return seen;
}

static void test_healthy(void **state)
{
	(void)state;
	assert_int_equal(oddities_with(NULL), 0);
}

static void test_one_change(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		unsigned odd = oddities_with(&changes[i]);

		if ((odd & changes[i].odd) != changes[i].odd || (odd & ODD_FORM & ~changes[i].odd))
			fail_msg("%s in place of %s: %x", changes[i].is, changes[i].was, odd);
	}
}

static enum severity worst;

static void note_severity(void *arg, const struct exchange *x)
{
	(void)arg;
	worst = exchange_severity(x);
}

/* What is only counted adds up to what would have been listed. */
static void test_skimmed(void **state)
{
	struct tracker_reader reader = {.exchange = note_severity}, skimmer = {.exchange = note_severity, .skims = true};

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		struct tracker_stats listed = run(&changes[i], &reader), counted;
		enum severity severity = worst;

		counted = run(&changes[i], &skimmer);
		assert_memory_equal(counted.findings, listed.findings, sizeof(listed.findings));
		assert_int_equal(worst, severity);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_healthy),
		cmocka_unit_test(test_one_change),
		cmocka_unit_test(test_skimmed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Which challenge mode a server looks like, and which its endpoints need. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/advice.h"
#include "auth/advice_table.h"
#include "auth/profile.h"
#include "fake.h"

enum { WWW = 1, PROXY = 2 };

/* How an exchange goes: first response, then what the client does. */
struct plan {
	enum method method;
	unsigned status;
	unsigned headers;      /* WWW, PROXY; 0: as the status says */
	unsigned answer;       /* header field of the credentials, 0: none */
	bool silent;           /* challenge-ignored */
	const char *agent, *server;
	unsigned then;         /* a second challenge, 0: accepted */
};

#define CHALLENGE(name) name "-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n"

static void request(struct exchange *x, const struct plan *p, unsigned answer)
{
	char text[1024];

	snprintf(text, sizeof(text),
		"%s sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.0.7;branch=z9hG4bK1\r\n"
		"CSeq: 1 %s\r\nUser-Agent: %s\r\n%s\r\n",
		method_name(p->method), method_name(p->method), p->agent,
		answer == WWW ? "Authorization: Digest username=\"u\", realm=\"r\"\r\n"
			: answer == PROXY
			? "Proxy-Authorization: Digest username=\"u\", realm=\"r\"\r\n"
			: "");
	add_attempt(x, text, 1, T0);
}

static void challenge(struct exchange *x, const struct plan *p, unsigned status, unsigned headers)
{
	char text[1024];

	if (!headers)
		headers = status == 407 ? PROXY : WWW;
	snprintf(text, sizeof(text), "SIP/2.0 %u X\r\nCSeq: 1 %s\r\n%s%s%s%s%s\r\n", status,
		method_name(p->method), *p->server ? "Server: " : "", p->server,
		*p->server ? "\r\n" : "", headers & WWW ? CHALLENGE("WWW") : "",
		headers & PROXY ? CHALLENGE("Proxy") : "");
	respond(x, text, 2, T0 + MS);
}

static void note(struct advice *a, const struct plan *p)
{
	struct exchange *x = exchange_new(1, p->method);

	request(x, p, 0);
	challenge(x, p, p->status, p->headers);
	if (p->answer)
		request(x, p, p->answer);
	if (p->then) {
		add_finding(x, FINDING_DOUBLE_CHALLENGE_SEQUENCE, SEVERITY_INFO, "");
		challenge(x, p, p->then, 0);
	}
	if (p->silent) {
		x->outcome = OUTCOME_UNANSWERED;
		x->cause = add_finding(x, FINDING_CHALLENGE_IGNORED, SEVERITY_ERROR, "");
	}
	advice_note(a, x);
	exchange_free(x);
}

#define VOS "VOS3000 V2.1.9.07"
#define GXP "Grandstream GXP1625 1.0.4.132"

static void test_modes(void **state)
{
	static const struct {
		const char *name;
		struct plan plans[3];
		unsigned observed, recommended;
		enum confidence confidence;
		const char *reason;
	} rows[] = {
		{"only REGISTER 401: any registrar",
			{{METHOD_REGISTER, 401, 0, WWW, false, "a", "", 0}},
			0, 0, CONFIDENCE_POSSIBLE, "as any registrar does"},
		{"only REGISTER 401, of a VOS3000",
			{{METHOD_REGISTER, 401, 0, WWW, false, "a", VOS, 0}},
			1, 1, CONFIDENCE_LIKELY, "as any registrar does"},
		{"401 everywhere",
			{{METHOD_REGISTER, 401, 0, WWW, false, "a", "", 0},
				{METHOD_INVITE, 401, 0, WWW, false, "a", "", 0}},
			1, 1, CONFIDENCE_POSSIBLE, "Every challenge is a 401."},
		{"407 everywhere",
			{{METHOD_REGISTER, 407, 0, PROXY, false, "a", VOS, 0},
				{METHOD_INVITE, 407, 0, PROXY, false, "a", VOS, 0}},
			2, 2, CONFIDENCE_LIKELY, "Every challenge is a 407"},
		{"407 to INVITE alone: any proxy",
			{{METHOD_INVITE, 407, 0, PROXY, false, "a", "kamailio", 0}},
			0, 0, CONFIDENCE_POSSIBLE, "what any proxy sends"},
		{"form F4: open even of a VOS3000",
			{{METHOD_REGISTER, 401, 0, WWW, false, "a", VOS, 0},
				{METHOD_INVITE, 407, 0, PROXY, false, "a", VOS, 0}},
			0, 0, CONFIDENCE_POSSIBLE, "Kamailio"},
		{"form F1",
			{{METHOD_REGISTER, 401, WWW | PROXY, WWW, false, "a", VOS, 0}},
			3, 3, CONFIDENCE_LIKELY, "One response carries both"},
		{"form F3",
			{{METHOD_INVITE, 401, 0, WWW, false, "a", VOS, 407}},
			3, 3, CONFIDENCE_LIKELY, "one after the other"},
		{"form F3 of two proxies",
			{{METHOD_INVITE, 401, 0, WWW, false, "a", "", 407}},
			0, 0, CONFIDENCE_POSSIBLE, "two challengers"},
		{"one method, two codes",
			{{METHOD_INVITE, 401, 0, WWW, false, "a", VOS, 0},
				{METHOD_INVITE, 407, 0, PROXY, false, "a", VOS, 0}},
			0, 0, CONFIDENCE_POSSIBLE, "same method"},
		{"a phone that knows only 401",
			{{METHOD_REGISTER, 407, 0, 0, true, GXP, VOS, 0},
				{METHOD_INVITE, 401, 0, WWW, false, GXP, VOS, 0}},
			0, 1, CONFIDENCE_POSSIBLE, GXP " answers 401 and ignores 407"},
		{"a phone that ignores 407 and was asked nothing else",
			{{METHOD_REGISTER, 407, 0, 0, true, GXP, VOS, 0}},
			2, 1, CONFIDENCE_POSSIBLE, "ignores 407 (or has no password)"},
		{"a phone that ignores 401 has no password",
			{{METHOD_REGISTER, 401, 0, 0, true, GXP, VOS, 0}},
			1, 1, CONFIDENCE_LIKELY, ""},
		{"a carrier that answers only 407",
			{{METHOD_INVITE, 401, 0, 0, true, "x", VOS, 0},
				{METHOD_MESSAGE, 407, 0, PROXY, false, "x", VOS, 0}},
			0, 2, CONFIDENCE_POSSIBLE, "answers 407 and ignores 401"},
		{"no mode serves both",
			{{METHOD_REGISTER, 407, 0, 0, true, GXP, VOS, 0},
				{METHOD_INVITE, 401, 0, 0, true, "x", VOS, 0},
				{METHOD_MESSAGE, 407, 0, PROXY, false, "x", VOS, 0}},
			0, 0, CONFIDENCE_POSSIBLE, "one mode does not serve both"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct advice *a = advice_new();
		const struct advice_server *s;

		for (size_t k = 0; k < 3 && rows[i].plans[k].status; k++)
			note(a, &rows[i].plans[k]);
		advice_conclude(a);
		assert_int_equal(a->count, 1);
		s = &a->servers[0];
		if (s->observed_mode != rows[i].observed ||
			s->recommended_mode != rows[i].recommended ||
			s->confidence != rows[i].confidence || !strstr(s->reason, rows[i].reason))
			fail_msg("%s: observed %u, recommended %u, %s: %s", rows[i].name,
				s->observed_mode, s->recommended_mode,
				confidence_name(s->confidence), s->reason);
		advice_free(a);
	}
}

static void test_endpoints(void **state)
{
	struct advice *a = advice_new();
	const struct plan ignores = {METHOD_REGISTER, 407, 0, 0, true, GXP, VOS, 0};
	const struct plan answers = {
		METHOD_INVITE, 407, 0, PROXY, false, "Yealink SIP-T46", VOS, 0};
	const struct advice_server *s;

	(void)state;
	note(a, &ignores);
	note(a, &answers);
	note(a, &answers);
	advice_conclude(a);
	s = &a->servers[0];
	assert_int_equal(s->exchanges, 3);
	assert_int_equal(s->failed, 1);
	assert_int_equal(s->endpoint_count, 2);
	assert_string_equal(s->endpoints[0].user_agent, "Yealink SIP-T46");
	assert_true(s->endpoints[0].answers[1] && !s->endpoints[0].ignores[1]);
	assert_true(s->endpoints[1].ignores[1] && !s->endpoints[1].answers[1]);
	assert_string_equal(s->endpoints[1].profile->name, "grandstream");
	assert_int_equal(s->by_method[METHOD_INVITE].count[0], 2);
	/* more may come after a conclusion */
	note(a, &ignores);
	advice_conclude(a);
	assert_int_equal(a->count, 1);
	assert_int_equal(a->servers[0].exchanges, 4);
	advice_free(a);
}

/* ---- endpoints and modes ---- */

static void test_table(void **state)
{
	static const struct {
		const char *name;
		struct plan plans[3];
		const char *expected; /* per mode: result by basis */
		const char *evidence; /* part of the words, of any mode */
	} rows[] = {
		{"answered 401 to all it asked for",
			{{METHOD_REGISTER, 401, 0, WWW, false, "a", VOS, 0},
				{METHOD_INVITE, 401, 0, WWW, false, "a", VOS, 0}},
			"works/observed unknown/none unknown/none",
			"never seen with 407 to REGISTER"},
		{"INVITE alone says nothing of REGISTER",
			{{METHOD_REGISTER, 401, 0, WWW, false, "a", VOS, 0},
				{METHOD_INVITE, 407, 0, PROXY, false, "a", VOS, 0}},
			"unknown/none unknown/none unknown/none",
			"answered 407 to other requests (frame 1)"},
		{"either kind: lives with both",
			{{METHOD_INVITE, 401, 0, WWW, false, "a", VOS, 0},
				{METHOD_INVITE, 407, 0, PROXY, false, "a", VOS, 0}},
			"works/observed works/observed works/observed", "alike"},
		{"observation outranks the profile",
			{{METHOD_REGISTER, 407, 0, PROXY, false, GXP, VOS, 0}},
			"works/profile works/observed works/profile", "profile grandstream"},
		{"ignored a 407 to REGISTER",
			{{METHOD_REGISTER, 407, 0, 0, true, "a", VOS, 0},
				{METHOD_REGISTER, 407, 0, 0, true, "a", VOS, 0}},
			"unknown/none breaks/observed unknown/none",
			"ignored 407 to REGISTER (2 times, first in frame 2), or has no password"},
		{"ignored a 401 and nothing else: no password",
			{{METHOD_REGISTER, 401, 0, 0, true, "a", VOS, 0}},
			"unknown/observed unknown/none unknown/none", "or has no password"},
		{"both kinds in one response",
			{{METHOD_INVITE, 407, WWW | PROXY, PROXY, false, "a", VOS, 0}},
			"unknown/none works/observed works/observed", "both kinds"},
		{"silent now and then",
			{{METHOD_REGISTER, 401, 0, WWW, false, "a", VOS, 0},
				{METHOD_REGISTER, 401, 0, 0, true, "a", VOS, 0}},
			"works/observed unknown/none unknown/none", "and was silent (frame 2)"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct advice *a = advice_new();
		struct buf why = {0}, got = {0};

		for (size_t k = 0; k < 3 && rows[i].plans[k].status; k++)
			note(a, &rows[i].plans[k]);
		advice_conclude(a);
		for (unsigned mode = 1; mode <= ADVICE_MODES; mode++) {
			struct advice_verdict v =
				advice_verdict(&a->servers[0].endpoints[0], mode, NULL, &why);

			buf_printf(&got, "%s%s/%s", mode > 1 ? " " : "",
				advice_result_name(v.result), advice_basis_name(v.basis));
			buf_addc(&why, '\n');
		}
		if (strcmp(buf_string(&got), rows[i].expected) != 0 ||
			!strstr(buf_string(&why), rows[i].evidence))
			fail_msg("%s: %s\n%s", rows[i].name, buf_string(&got), buf_string(&why));
		buf_free(&why);
		buf_free(&got);
		advice_free(a);
	}
}

/* --profile stands in where the User-Agent tells nothing. */
static void test_believed(void **state)
{
	const struct plan p = {METHOD_INVITE, 401, 0, WWW, false, "a", VOS, 0};
	struct advice *a = advice_new();
	struct buf why = {0};
	struct advice_verdict v;

	(void)state;
	note(a, &p);
	v = advice_verdict(&a->servers[0].endpoints[0], 2, profile_find("cisco"), &why);
	assert_int_equal(v.result, ADVICE_BREAKS);
	assert_int_equal(v.basis, ADVICE_BY_PROFILE);
	assert_string_equal(buf_string(&why), "profile cisco does not fit this mode");
	buf_free(&why);
	advice_free(a);
}

/* ---- what a server offers, and how long its nonces live ---- */

/* An exchange whose credentials come `age` after the nonce, judged so. */
static void note_nonce(struct advice *a, int64_t age, enum judgement judgement, bool stale,
	bool reuse, enum outcome outcome)
{
	const struct plan p = {METHOD_REGISTER, 401, 0, WWW, false, "a", VOS, 0};
	struct exchange *x = exchange_new(1, METHOD_REGISTER);
	struct credential *c;

	request(x, &p, 0);
	challenge(x, &p, 401, 0);
	request(x, &p, WWW);
	c = &x->last_attempt->credentials[0];
	c->newest = true;
	c->judgement = judgement;
	c->history.known = true;
	c->history.issued = x->last_attempt->request.time - age;
	c->history.accepted_before = reuse;
	if (judgement == JUDGEMENT_STALE) {
		challenge(x, &p, 401, 0);
		/* else only its reason phrase says so */
		x->last_attempt->final->challenges[0].stale = stale;
	}
	x->outcome = outcome;
	advice_note(a, x);
	exchange_free(x);
}

static void test_nonces(void **state)
{
	const int64_t s = 1000 * MS;
	struct advice *a = advice_new();
	const struct advice_nonces *n;

	(void)state;
	note_nonce(a, 20 * s, JUDGEMENT_ACCEPTED, false, false, OUTCOME_ACCEPTED);
	note_nonce(a, 61 * s, JUDGEMENT_STALE, true, false, OUTCOME_ACCEPTED);
	note_nonce(a, 90 * s, JUDGEMENT_STALE, true, false, OUTCOME_ACCEPTED);
	note_nonce(a, 95 * s, JUDGEMENT_STALE, false, false, OUTCOME_ACCEPTED);
	/* a wrong password has nothing to do with the age of the nonce */
	note_nonce(a, 1 * s, JUDGEMENT_REJECTED, false, false, OUTCOME_REJECTED);
	advice_conclude(a);
	n = &a->servers[0].nonces;
	assert_true(n->at_least == 20 * s && n->at_most == 61 * s);
	assert_int_equal(n->flagged, 2);
	assert_int_equal(n->unflagged, 1);
	/* a second use that is refused: expired, or good for once only */
	note_nonce(a, 30 * s, JUDGEMENT_REJECTED, false, true, OUTCOME_ACCEPTED);
	advice_conclude(a);
	assert_true(a->servers[0].nonces.at_most == 61 * s);
	assert_int_equal(a->servers[0].nonces.unflagged, 2);
	/* other second uses are accepted: expired, then */
	note_nonce(a, 25 * s, JUDGEMENT_ACCEPTED, false, true, OUTCOME_ACCEPTED);
	advice_conclude(a);
	assert_true(a->servers[0].nonces.at_least == 25 * s);
	assert_true(a->servers[0].nonces.at_most == 30 * s);
	/* older ones were accepted, so that it was not the age */
	note_nonce(a, 70 * s, JUDGEMENT_ACCEPTED, false, false, OUTCOME_ACCEPTED);
	advice_conclude(a);
	assert_true(a->servers[0].nonces.at_most == 0);
	advice_free(a);
}

static void test_offers(void **state)
{
	struct advice *a = advice_new();
	struct exchange *x = exchange_new(1, METHOD_REGISTER);
	const struct advice_server *s;

	(void)state;
	add_attempt(x, REQUEST("1", ""), 1, T0);
	respond(x, RESPONSE("1", "401 Unauthorized",
		"WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256, "
		"qop=\"auth, auth-int\"\r\n"
		"WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n"), 2, T0);
	add_attempt(x, REQUEST("2", "Authorization: Digest username=\"u\", realm=\"r\", "
		"qop=auth, algorithm=SHA-256\r\n"), 3, T0);
	advice_note(a, x);
	s = advice_server(a, &x->target);
	assert_non_null(s);
	assert_int_equal(s->offered[ALGORITHM_SHA256], 1);
	assert_int_equal(s->offered[ALGORITHM_MD5], 1);
	assert_int_equal(s->used[ALGORITHM_SHA256], 1);
	assert_int_equal(s->used[ALGORITHM_MD5], 0);
	assert_int_equal(s->qop_offered[ADVICE_QOP_AUTH], 1);
	assert_int_equal(s->qop_offered[ADVICE_QOP_INT], 1);
	assert_int_equal(s->qop_offered[ADVICE_QOP_NONE], 1);
	assert_int_equal(s->qop_offered[ADVICE_QOP_OTHER], 0);
	assert_int_equal(s->qop_used[ADVICE_QOP_AUTH], 1);
	x->target.port = 1;
	assert_null(advice_server(a, &x->target));
	exchange_free(x);
	advice_free(a);
}

static void test_rate(void **state)
{
	const int64_t s = 1000 * MS, hour = 3600 * s;
	struct rate r = {0};
	uint64_t total = 0, failed = 0;

	(void)state;
	rate_note(&r, T0, true);
	assert_true(r.step == s && r.used == 1);
	assert_int_equal(rate_percent(&r, 0), 100);
	/* closed later, begun earlier */
	rate_note(&r, T0 - 2 * s, false);
	assert_int_equal(r.used, 3);
	assert_int_equal(rate_percent(&r, 0), 0);
	assert_int_equal(rate_percent(&r, 1), -1);
	assert_int_equal(rate_percent(&r, 2), 100);
	assert_true(rate_time(&r, 2) == T0 / s * s);
	for (int i = 0; i < 100; i++)
		rate_note(&r, T0 + i * hour, i % 2);
	assert_true(r.step == 6 * hour);
	assert_true(r.used <= RATE_STEPS);
	for (unsigned i = 0; i < r.used; i++) {
		total += r.total[i];
		failed += r.failed[i];
	}
	assert_int_equal(total, 102);
	assert_int_equal(failed, 51);
	/* nothing is too far away */
	rate_note(&r, INT64_MAX, false);
	rate_note(&r, -5, true);
	assert_true(r.used <= RATE_STEPS);
}

/* Nothing to learn: no challenge at all. */
static void test_unchallenged(void **state)
{
	struct advice *a = advice_new();
	struct plan p = {METHOD_INVITE, 486, 0, 0, false, "a", "", 0};

	(void)state;
	note(a, &p);
	advice_conclude(a);
	assert_int_equal(a->count, 0);
	advice_free(a);
}

static void test_bounded(void **state)
{
	struct advice *a = advice_new();
	struct exchange *x = exchange_new(1, METHOD_REGISTER);
	struct plan p = {METHOD_REGISTER, 401, 0, 0, false, "a", "", 0};

	(void)state;
	request(x, &p, 0);
	challenge(x, &p, 401, 0);
	for (uint16_t port = 1; port <= ADVICE_SERVERS_MAX + 5; port++) {
		x->target.port = port;
		advice_note(a, x);
		advice_note(a, x);
	}
	assert_int_equal(a->count, ADVICE_SERVERS_MAX);
	assert_int_equal(a->dropped, 10);
	advice_conclude(a);
	assert_int_equal(a->servers[0].address.port, 1);
	exchange_free(x);
	advice_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_endpoints),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_believed),
		cmocka_unit_test(test_nonces),
		cmocka_unit_test(test_offers),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_unchallenged),
		cmocka_unit_test(test_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

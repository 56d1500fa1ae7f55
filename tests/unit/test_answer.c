/* Which challenges a client answers, how often, and with what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ua/answer.h"

static struct secrets *secrets;
static struct answer_policy policy;

static int setup(void **state)
{
	(void)state;
	secrets = secrets_new();
	secrets_add(secrets, SLICE("bob"), SLICE("biloxi.com"), SLICE("zanzibar"));
	secrets_add(secrets, SLICE("alice"), SLICE_ABSENT, SLICE("s3cret"));
	policy = (struct answer_policy){.secrets = secrets, .user = SLICE("alice"), .attempts = 2};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	secrets_free(secrets);
	hash_free();
	return 0;
}

static enum answer_verdict learn(struct spaces *s, const struct answer_policy *p, unsigned status, const char *fields)
{
	struct auth_field auth[MESSAGE_AUTH_MAX];
	struct answer_result result;
	struct message m;
	char text[2048];

	snprintf(text, sizeof(text), "SIP/2.0 %u X\r\nCSeq: 1 REGISTER\r\n%s\r\n", status, fields);
	assert_true(message_scan(slice_of(text), &m, auth));
	answer_learn(s, p, &m, &result);
	return result.verdict;
}

static const char *credentials(struct spaces *s, const struct answer_policy *p, struct buf *b)
{
	char note[ANSWER_NOTE];

	buf_clear(b);
	assert_true(answer_credentials(s, p, SLICE("REGISTER"), SLICE("sip:h"), SLICE_ABSENT, b, note));
	return buf_string(b);
}

static unsigned count(const char *text, const char *part)
{
	unsigned n = 0;

	for (const char *p = text; (p = strstr(p, part)); p++)
		n++;
	return n;
}

#define W(params) "WWW-Authenticate: Digest " params "\r\n"
#define P(params) "Proxy-Authenticate: Digest " params "\r\n"

static const struct {
	const char *fields;      /* of a 401 */
	const char *wanted;      /* must stand in the credentials; NULL: no answer */
	unsigned lines;
} choices[] = {
	{W("realm=\"r\", nonce=\"n\""), "Authorization: Digest username=\"alice\", realm=\"r\", nonce=\"n\", uri=\"sip:h\"", 1},
	{P("realm=\"r\", nonce=\"n\""), "Proxy-Authorization: ", 1},
	{W("realm=\"r\", nonce=\"n\"") P("realm=\"r\", nonce=\"n\""), "Proxy-Authorization: ", 2},
	{W("realm=\"a\", nonce=\"n\"") W("realm=\"b\", nonce=\"m\""), "realm=\"b\", nonce=\"m\"", 2},
	/* the topmost that is supported (RFC 8760 2.4) */
	{W("realm=\"r\", nonce=\"n\", algorithm=SHA-256") W("realm=\"r\", nonce=\"m\", algorithm=MD5"), "algorithm=SHA-256", 1},
	{W("realm=\"r\", nonce=\"n\", algorithm=X") W("realm=\"r\", nonce=\"m\", algorithm=md5"), "algorithm=md5", 1},
	{W("realm=\"r\", nonce=\"n\", qop=\"x\"") W("realm=\"r\", nonce=\"m\", qop=\"auth-int,auth\""), "qop=auth, nc=00000001", 1},
	{W("realm=\"r\", nonce=\"n\", qop=\"auth-int\""), "qop=auth-int, nc=00000001", 1},
	{W("realm=\"r\", nonce=\"n\", opaque=\"\""), "opaque=\"\"", 1},
	{W("realm=\"\", nonce=\"n\""), "realm=\"\"", 1},
	{W("realm=\"a\\\"b, c\", nonce=\"n\""), "realm=\"a\\\"b, c\"", 1},
	{W("realm=r,nonce=n,qop=auth"), "realm=\"r\", nonce=\"n\"", 1},
	{"WWW-Authenticate: Basic realm=\"r\"\r\n", NULL, 0},
	{W("realm=\"r\", nonce=\"\""), NULL, 0},
	{W("realm=\"r\", nonce=\"n\", algorithm=X"), NULL, 0},
	{W("realm=\"r\", nonce=\"n\", algorithm=AKAv1-MD5"), NULL, 0},
	{"", NULL, 0},
};

static void test_choices(void **state)
{
	struct buf b = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(choices) / sizeof(*choices); i++) {
		struct spaces s = {0};
		enum answer_verdict v = learn(&s, &policy, 401, choices[i].fields);

		assert_int_equal(v == ANSWER_GO, choices[i].wanted != NULL);
		if (choices[i].wanted) {
			assert_non_null(strstr(credentials(&s, &policy, &b), choices[i].wanted));
			assert_int_equal(count(buf_string(&b), "\r\n"), choices[i].lines);
		}
		spaces_free(&s);
	}
	buf_free(&b);
}

static void test_policies(void **state)
{
	static const char two[] = W("realm=\"r\", nonce=\"n\", algorithm=MD5") W("realm=\"r\", nonce=\"m\", algorithm=SHA-256");
	struct answer_policy p = policy;
	struct spaces s = {0};
	struct buf b = {0};

	(void)state;
	p.choice = CHOICE_STRONGEST;
	assert_int_equal(learn(&s, &p, 401, two), ANSWER_GO);
	assert_non_null(strstr(credentials(&s, &p, &b), "algorithm=SHA-256"));
	spaces_free(&s);
	p.choice = CHOICE_NAMED;
	p.algorithm = ALGORITHM_SHA512_256;
	assert_int_equal(learn(&s, &p, 401, two), ANSWER_NOTHING);
	p = policy;
	p.ignore_proxy = true;
	assert_int_equal(learn(&s, &p, 407, P("realm=\"r\", nonce=\"n\"")), ANSWER_IGNORED);
	p = policy;
	p.known_only = true;
	assert_int_equal(learn(&s, &p, 401, two), ANSWER_NOTHING);
	p = policy;
	p.user = SLICE("bob");
	assert_int_equal(learn(&s, &p, 401, W("realm=\"r\", nonce=\"n\"")), ANSWER_NO_SECRET);
	/* without a name the secrets tell it: the one of this realm first */
	p.user = SLICE_ABSENT;
	assert_int_equal(learn(&s, &p, 401, W("realm=\"biloxi.com\", nonce=\"n\"")), ANSWER_GO);
	assert_non_null(strstr(credentials(&s, &p, &b), "username=\"bob\""));
	spaces_free(&s);
	buf_free(&b);
}

/* One answer, one more after stale=true or a changed nonce, never more than `attempts`. */
static void test_attempts(void **state)
{
	struct spaces s = {0};
	struct buf b = {0};

	(void)state;
	assert_int_equal(learn(&s, &policy, 401, W("realm=\"r\", nonce=\"1\"")), ANSWER_GO);
	assert_int_equal(learn(&s, &policy, 401, W("realm=\"r\", nonce=\"1\"")), ANSWER_REFUSED);
	assert_int_equal(learn(&s, &policy, 401, W("realm=\"r\", nonce=\"1\", stale=TRUE")), ANSWER_GO);
	assert_int_equal(learn(&s, &policy, 401, W("realm=\"r\", nonce=\"2\", stale=true")), ANSWER_ENOUGH);
	spaces_free(&s);
	assert_int_equal(learn(&s, &policy, 401, W("realm=\"r\", nonce=\"1\"")), ANSWER_GO);
	assert_int_equal(learn(&s, &policy, 401, W("realm=\"r\", nonce=\"2\"")), ANSWER_GO);
	assert_int_equal(learn(&s, &policy, 401, W("realm=\"r\", nonce=\"3\"")), ANSWER_ENOUGH);
	/* another realm is another hurdle, and the first answer stays */
	spaces_row(&s, false);
	assert_int_equal(learn(&s, &policy, 407, P("realm=\"a\", nonce=\"1\"")), ANSWER_GO);
	assert_int_equal(learn(&s, &policy, 407, P("realm=\"b\", nonce=\"2\"")), ANSWER_GO);
	assert_int_equal(count(credentials(&s, &policy, &b), "Proxy-Authorization"), 2);
	spaces_free(&s);
	buf_free(&b);
}

/* A nonce that is used again counts on; a new row need not carry it. Refused before any challenge: no attempt. */
static void test_reuse(void **state)
{
	struct spaces s = {0};
	struct buf b = {0};

	(void)state;
	learn(&s, &policy, 401, W("realm=\"r\", nonce=\"1\", qop=\"auth\""));
	assert_non_null(strstr(credentials(&s, &policy, &b), "nc=00000001"));
	spaces_row(&s, true);
	assert_non_null(strstr(credentials(&s, &policy, &b), "nc=00000002"));
	assert_int_equal(learn(&s, &policy, 401, W("realm=\"r\", nonce=\"1\", qop=\"auth\"")), ANSWER_GO);
	assert_non_null(strstr(credentials(&s, &policy, &b), "nc=00000003"));
	spaces_row(&s, false);
	assert_false(spaces_any_active(&s));
	assert_int_equal(learn(&s, &policy, 401, W("realm=\"r\", nonce=\"2\", qop=\"auth\"")), ANSWER_GO);
	assert_non_null(strstr(credentials(&s, &policy, &b), "nc=00000001"));
	spaces_free(&s);
	buf_free(&b);
}

static void test_nextnonce(void **state)
{
	struct auth_field auth[MESSAGE_AUTH_MAX];
	struct spaces s = {0};
	struct buf b = {0};
	struct message m;

	(void)state;
	learn(&s, &policy, 401, W("realm=\"r\", nonce=\"1\", qop=\"auth\""));
	credentials(&s, &policy, &b);
	assert_true(message_scan(SLICE("SIP/2.0 200 OK\r\nAuthentication-Info: nextnonce=\"next\"\r\n\r\n"), &m, auth));
	answer_success(&s, &m);
	spaces_row(&s, true);
	assert_non_null(strstr(credentials(&s, &policy, &b), "nonce=\"next\""));
	assert_non_null(strstr(buf_string(&b), "nc=00000001"));
	spaces_free(&s);
	buf_free(&b);
}

static void test_faults(void **state)
{
	struct answer_policy p = policy;
	struct spaces s = {0};
	struct buf b = {0};

	(void)state;
	learn(&s, &policy, 401, W("realm=\"Realm\", nonce=\"1\", qop=\"auth\""));
	p.faults = (struct answer_faults){.other_field = true, .realm_case = true, .other_uri = true,
		.fabricated_nonce = true, .domain = SLICE("d")};
	credentials(&s, &p, &b);
	assert_non_null(strstr(buf_string(&b), "Proxy-Authorization: Digest username=\"alice@d\", realm=\"rEALM\""));
	assert_null(strstr(buf_string(&b), "nonce=\"1\""));
	assert_null(strstr(buf_string(&b), "uri=\"sip:h\""));
	p.faults = (struct answer_faults){.same_nc = true};
	assert_non_null(strstr(credentials(&s, &p, &b), "nc=00000001"));
	assert_null(strstr(buf_string(&b), "s3cret"));
	spaces_free(&s);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_choices),
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_attempts),
		cmocka_unit_test(test_reuse),
		cmocka_unit_test(test_nextnonce),
		cmocka_unit_test(test_faults),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

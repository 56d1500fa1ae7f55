#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/finding.h"
#include "auth/profile.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

/* The list at the top of catalogue.def. */
static const char *const placeholders[] = {
	"status", "reason", "header", "realm", "method", "nonce", "other_nonce", "user", "address",
	"other_address", "count", "seconds", "bytes", "limit", "param", "value", "wanted",
	"algorithm", "qop", "frame", "uri", "other_uri", "detail", "server", "ms",
};

static const char id_letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

static const struct finding_kind *kind_at(size_t i)
{
	return finding_kind((enum finding_id)i);
}

static void assert_text(const char *id, const char *text)
{
	size_t n = strlen(text);

	if (n == 0 || text[0] == ' ' || text[n - 1] == ' ' || strstr(text, "  "))
		fail_msg("%s: bad text '%s'", id, text);
	for (size_t i = 0; i < n; i++)
		if (text[i] < ' ' || text[i] > '~')
			fail_msg("%s: not printable ASCII: '%s'", id, text);
}

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < FINDING_COUNT; i++) {
		const struct finding_kind *k = kind_at(i);
		const char *const texts[] = {
			k->title, k->why, k->fix, k->source, k->say, k->vos3000,
		};

		assert_int_equal(strspn(k->id, id_letters), strlen(k->id));
		for (size_t t = 0; t < COUNT(texts); t++) {
			if (texts[t] == k->vos3000 && !*texts[t])
				continue;
			assert_text(k->id, texts[t]);
			if (texts[t] != k->say && strpbrk(texts[t], "{}"))
				fail_msg("%s: a placeholder outside the message", k->id);
		}
		if (strlen(k->title) > 60)
			fail_msg("%s: title too long", k->id);
		if (k->say[strlen(k->say) - 1] != '.' && !strstr(k->say, "{detail}"))
			fail_msg("%s: the message is no sentence", k->id);
	}
}

static void test_no_duplicates(void **state)
{
	(void)state;
	for (size_t i = 0; i < FINDING_COUNT; i++) {
		for (size_t j = 0; j < i; j++) {
			const struct finding_kind *a = kind_at(i), *b = kind_at(j);

			assert_string_not_equal(a->id, b->id);
			if (strcmp(a->title, b->title) == 0 || strcmp(a->say, b->say) == 0)
				fail_msg("%s and %s say the same", a->id, b->id);
			if (a->cause_rank && a->cause_rank == b->cause_rank)
				fail_msg("%s and %s have the same rank", a->id, b->id);
		}
	}
}

static void test_severities(void **state)
{
	(void)state;
	for (size_t i = 0; i < FINDING_COUNT; i++) {
		const struct finding_kind *k = kind_at(i);

		if (k->severity == SEVERITY_ERROR || k->severity > k->severity_if_failed)
			fail_msg("%s: an error, or worse, where nothing failed", k->id);
		if (k->severity_if_failed == SEVERITY_OK && k->cause_rank)
			fail_msg("%s: a success as a cause", k->id);
	}
	assert_int_equal(finding_kind(FINDING_CHALLENGE_MISSING)->cause_rank, 101);
	assert_int_equal(finding_kind(FINDING_SCHEME_BASIC)->cause_rank, 726);
	assert_int_equal(finding_kind(FINDING_NO_REPLY_TO_REQUEST)->cause_rank, 1603);
	assert_int_equal(finding_kind(FINDING_AUTH_LOOP)->cause_rank, 0);
	assert_int_equal(finding_kind(FINDING_AUTH_LOOP)->fault, FAULT_DERIVED);
	assert_null(finding_kind(FINDING_COUNT));
}

/* A parameter is changed in vain without a reload, and found only by its path. */
static void test_vos3000_advice(void **state)
{
	static const char mode[] =
		"SS_AUTHCHALLENGEMODE (some manuals: SS_SIP_AUTHENTICATION_CODE)";
	static const char path[] =
		"Operation Management > Softswitch Management > Additional Settings > "
		"System Parameter";

	(void)state;
	for (size_t i = 0; i < FINDING_COUNT; i++) {
		const struct finding_kind *k = kind_at(i);

		if (!strstr(k->vos3000, mode))
			continue;
		if (!strstr(k->vos3000, "reload") || !strstr(k->vos3000, path))
			fail_msg("%s: advice without path or reload", k->id);
	}
}

static bool is_placeholder(const char *name, size_t n, bool *used)
{
	for (size_t i = 0; i < COUNT(placeholders); i++) {
		if (strlen(placeholders[i]) == n && memcmp(placeholders[i], name, n) == 0) {
			used[i] = true;
			return true;
		}
	}
	return false;
}

static void test_placeholders(void **state)
{
	bool used[COUNT(placeholders)] = {false};

	(void)state;
	for (size_t i = 0; i < FINDING_COUNT; i++) {
		for (const char *p = kind_at(i)->say; (p = strpbrk(p, "{}")); p++) {
			size_t n = strcspn(p + 1, "{}");

			if (*p != '{' || p[n + 1] != '}' || !is_placeholder(p + 1, n, used))
				fail_msg("%s: bad placeholder at '%s'", kind_at(i)->id, p);
			p += n + 1;
		}
	}
	for (size_t i = 0; i < COUNT(placeholders); i++)
		if (!used[i])
			fail_msg("no message uses {%s}", placeholders[i]);
}

static void test_find(void **state)
{
	static const struct {
		const char *name;
		int id;
	} cases[] = {
		{"challenge-ignored", FINDING_CHALLENGE_IGNORED},
		{"clock-jump", FINDING_CLOCK_JUMP},
		{"wrong-password", FINDING_DIGEST_MISMATCH},
		{"challenge-from-callee", FINDING_DIGEST_LEAK},
		{"qop-downgraded", FINDING_QOP_IGNORED},
		{"digest-deviation", FINDING_DIGEST_DEVIATION},
		{"digest-deviation/realm-asterisk", FINDING_DIGEST_DEVIATION},
		{"digest-deviation/pw-trunc-8", FINDING_DIGEST_DEVIATION},
		{"digest-deviation/", -1},
		{"digest-deviation/Realm", -1},
		{"digest-deviation/a/b", -1},
		{"digest-mismatch/realm-asterisk", -1},
		{"challenge-ignore", -1},
		{"Challenge-Ignored", -1},
		{"", -1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(finding_find(cases[i].name), cases[i].id);
	for (size_t i = 0; i < FINDING_COUNT; i++) {
		const char *alias;

		assert_int_equal(finding_find(kind_at(i)->id), i);
		for (size_t n = 0; (alias = finding_alias((enum finding_id)i, n)); n++)
			assert_int_equal(finding_find(alias), i);
	}
}

static void test_nearest(void **state)
{
	static const struct {
		const char *name, *nearest;
	} cases[] = {
		{"chalenge-ignored", "challenge-ignored"},
		{"challenge-ignored", "challenge-ignored"},
		{"digest-missmatch", "digest-mismatch"},
		{"wrong-pasword", "wrong-password"},
		{"auth_loop", "auth-loop"},
		{"realm", "realm-empty"},
	};
	char *name = malloc(100001);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(finding_nearest(cases[i].name), cases[i].nearest);
	assert_true(finding_find(finding_nearest("")) >= 0);
	memset(name, 'x', 100000);
	name[100000] = '\0';
	assert_true(finding_find(finding_nearest(name)) >= 0);
	free(name);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(severity_name(SEVERITY_WARNING), "warning");
	assert_string_equal(fault_name(FAULT_MIDDLEBOX), "middlebox");
	assert_string_equal(fault_name(FAULT_DERIVED), "derived");
	assert_string_equal(confidence_name(CONFIDENCE_LIKELY), "likely");
	assert_string_equal(severity_name((enum severity)99), "");
	for (int s = SEVERITY_OK; s <= SEVERITY_ERROR; s++)
		assert_int_equal(severity_parse(severity_name((enum severity)s)), s);
	assert_int_equal(severity_parse("never"), -1);
	assert_int_equal(severity_parse(""), -1);
}

static void test_sections(void **state)
{
	size_t count = 0;

	(void)state;
	assert_non_null(finding_section(FINDING_CHALLENGE_IGNORED));
	assert_null(finding_section(FINDING_REGISTER_407_IGNORED));
	for (size_t i = 0; i < FINDING_COUNT; i++)
		count += finding_section((enum finding_id)i) != NULL;
	assert_int_equal(count, 8);
}

#define ARG(name, value) {name, value, sizeof(value) - 1}

static void assert_says(enum finding_id id, const struct finding_arg *args, size_t n,
	const char *expected)
{
	struct buf out = {0};

	buf_adds(&out, "> ");
	finding_say(id, args, n, &out);
	assert_string_equal(buf_string(&out) + 2, expected);
	buf_free(&out);
}

static void test_say(void **state)
{
	static const struct finding_arg args[] = {
		ARG("realm", "10.0.0.1"), ARG("unused", "x"), {"detail", NULL, 0},
		{"value", "asterisk and more", 8}, /* no NUL where it ends */
		ARG("realm", "only the first counts"),
	};
	static const struct finding_arg empty[] = {ARG("realm", ""), ARG("value", "{realm}")};

	(void)state;
	assert_says(FINDING_REALM_MISMATCH, args, COUNT(args),
		"The server asked for realm \"10.0.0.1\", the client answered for \"asterisk\".");
	assert_says(FINDING_REALM_MISMATCH, NULL, 0,
		"The server asked for realm \"\", the client answered for \"\".");
	assert_says(FINDING_REALM_MISMATCH, empty, COUNT(empty),
		"The server asked for realm \"\", the client answered for \"{realm}\".");
	assert_says(FINDING_COUNT, args, COUNT(args), "");
	assert_says(FINDING_REALM_EMPTY, args, COUNT(args), "The  challenge has an empty realm.");
}

/* What a SIP message must not be able to do to a terminal. */
static void test_say_hostile(void **state)
{
	static const struct {
		const char *value;
		size_t n;
		const char *shown;
	} cases[] = {
		{"a\x1b[2Jb", 6, "a\\x1b[2Jb"},
		{"\x1b]0;title\a", 10, "\\x1b]0;title\\x07"},
		{"line\r\nline", 10, "line\\x0d\\x0aline"},
		{"nul\0tab\t", 8, "nul\\x00tab\\x09"},
		{"\x7f", 1, "\\x7f"},
		{"\xc2\x9b" "31m", 5, "\\xc2\\x9b31m"}, /* C1 control as UTF-8 */
		{"\x9b" "31m", 4, "\\x9b31m"},          /* and as a single byte */
		{"M\xc3\xbcller \xe2\x82\xac \xf0\x9f\x93\x9e", 16,
			"M\xc3\xbcller \xe2\x82\xac \xf0\x9f\x93\x9e"},
		{"M\xfcller", 6, "M\\xfcller"},
		{"\xc0\xaf", 2, "\\xc0\\xaf"},
		{"\xe2\x82", 2, "\\xe2\\x82"},
		{"50%s%n\\", 7, "50%s%n\\"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct finding_arg arg = {"realm", NULL, cases[i].n};
		char *exact = malloc(cases[i].n); /* so that a sanitizer sees a byte too many */
		struct buf expected = {0};

		memcpy(exact, cases[i].value, cases[i].n);
		arg.value = exact;
		buf_printf(&expected, "Realm \"%s\" is a default or private value that other "
			"servers use as well.", cases[i].shown);
		assert_says(FINDING_REALM_NOT_UNIQUE, &arg, 1, buf_string(&expected));
		buf_free(&expected);
		free(exact);
	}
}

static void test_profiles(void **state)
{
	static const struct {
		const char *agent, *profile;
	} cases[] = {
		{"Grandstream GXP1625 1.0.4.132", "grandstream"},
		{"Yealink SIP-T46G 28.83.0.50", "yealink"},
		{"CISCO-SIPGateway/IOS-12.x", "cisco"},
		{"X-Lite release 1104o stamp 56125", "softphone"},
		{"eyeBeam release 3007n", "softphone"},
		{"Zoiper rv2.8.1", "softphone"},
		{"GoIP4", "goip"},
		{"baresip v3.1.0", NULL},
		{"cisc", NULL},
		{"", NULL},
	};
	const unsigned modes = PROFILE_MODE(1) | PROFILE_MODE(2) | PROFILE_MODE(3);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_ptr_equal(profile_for_agent(cases[i].agent, strlen(cases[i].agent)),
			cases[i].profile ? profile_find(cases[i].profile) : NULL);
	assert_null(profile_for_agent(NULL, 0));
	assert_null(profile_find("nobody"));
	assert_non_null(profile_find("Cisco"));
	for (size_t i = 0; profile_at(i); i++) {
		const struct profile *p = profile_at(i);

		assert_ptr_equal(profile_find(p->name), p);
		assert_true(*p->title && *p->note);
		assert_true(p->modes && !(p->modes & ~modes));
	}
	assert_null(profile_at(1000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_no_duplicates),
		cmocka_unit_test(test_severities),
		cmocka_unit_test(test_vos3000_advice),
		cmocka_unit_test(test_placeholders),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_say),
		cmocka_unit_test(test_say_hostile),
		cmocka_unit_test(test_profiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

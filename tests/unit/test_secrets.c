#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/secrets.h"
#include "base/buf.h"

static void note(void *arg, unsigned line, const char *what)
{
	buf_printf(arg, "%u: %s\n", line, what);
}

static struct secrets *parsed(const char *text, size_t bad)
{
	struct secrets *s = secrets_new();

	assert_int_equal(secrets_parse(s, slice_of(text), NULL, NULL), bad);
	return s;
}

static void assert_slice(struct slice s, const char *expect)
{
	assert_non_null(s.p);
	assert_int_equal(s.n, strlen(expect));
	assert_memory_equal(s.p, expect, s.n);
}

#define MD5_HEX "0123456789abcdef0123456789ABCDEF"
#define SHA_HEX MD5_HEX MD5_HEX

static const struct {
	const char *line, *username, *realm;
	enum secret_kind kind;
	const char *secret; /* the password, or HA1 */
} good[] = {
	{"1001:example.com:s3cret", "1001", "example.com", SECRET_PASSWORD, "s3cret"},
	{"1001:*:a:b:c ", "1001", "*", SECRET_PASSWORD, "a:b:c "},
	{"1001:*:", "1001", "*", SECRET_PASSWORD, ""},
	{"u::x", "u", "", SECRET_PASSWORD, "x"},
	{"DOM\\user:r:x\\:y", "DOM\\user", "r", SECRET_PASSWORD, "x\\:y"},
	{"a\\:b\\\\:[2001\\:db8\\:\\:1]:x", "a:b\\", "[2001:db8::1]", SECRET_PASSWORD, "x"},
	{"J\xc3\xa4s\xc3\xb8n Doe:api@example.org:p\xc3\xa4ss", "J\xc3\xa4s\xc3\xb8n Doe",
		"api@example.org", SECRET_PASSWORD, "p\xc3\xa4ss"},
	{"\xef\xbb\xbfu:r:x", "u", "r", SECRET_PASSWORD, "x"},
	{"u:r:x\r", "u", "r", SECRET_PASSWORD, "x"},
	{"u:r:#x", "u", "r", SECRET_PASSWORD, "#x"},
	{"u:r:{x}y", "u", "r", SECRET_PASSWORD, "{x}y"},
	{"u:r:{ha1}" MD5_HEX, "u", "r", SECRET_HA1, "0123456789abcdef0123456789abcdef"},
	{"u:r:{HA1}" MD5_HEX " ", "u", "r", SECRET_HA1, "0123456789abcdef0123456789abcdef"},
	{"u:r:{ha1-sha256}" SHA_HEX, "u", "r", SECRET_HA1,
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
	{"u:r:{aka-res}a54211d5e3ba50bf", "u", "r", SECRET_AKA_RES, NULL},
	{"u:r:{aka-res}a54211d5e3ba50bf:" MD5_HEX ":" MD5_HEX, "u", "r", SECRET_AKA_RES, NULL},
	{"u:r:{aka}K=" MD5_HEX ",OPC=" MD5_HEX, "u", "r", SECRET_AKA_KEY, NULL},
	{"u:r:{aka} k = " MD5_HEX " , amf=8000, op=" MD5_HEX, "u", "r", SECRET_AKA_KEY, NULL},
};

static void test_good_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct secrets *s = parsed(good[i].line, 0);
		const struct secret *found = secrets_at(s, 0);

		assert_int_equal(secrets_count(s), 1);
		assert_null(secrets_at(s, 1));
		assert_slice(found->username, good[i].username);
		assert_slice(found->realm, good[i].realm);
		assert_int_equal(found->kind, good[i].kind);
		assert_int_equal(found->line, 1);
		if (found->kind == SECRET_PASSWORD)
			assert_slice(found->password, good[i].secret);
		else if (found->kind == SECRET_HA1)
			assert_string_equal(found->value->ha1, good[i].secret);
		secrets_free(s);
	}
}

static void test_bad_lines(void **state)
{
	static const char text[] = "# comment\n"
				   "\n"
				   "  \t\r\n"
				   "  # indented comment\n"
				   "noseparator-Sekret\n"
				   "user:Sekret\n"
				   ":realm:Sekret\n"
				   "u:r:{ha1}0123456789abcdef-Sekret\n"
				   "u:r:{ha1}Sekret6789abcdef0123456789abcdef\n"
				   "u:r:{ha1-sha256}" MD5_HEX "\n"
				   "u:r:{ha1-sha1}Sekret\n"
				   "u:r:{aka-res}abc\n"
				   "u:r:{aka-res}a54211d5:" MD5_HEX "\n"
				   "u:r:{aka}K=" MD5_HEX "\n"
				   "u:r:{aka}K=" MD5_HEX ",OP=" MD5_HEX ",OPC=" MD5_HEX "\n"
				   "u:r:{aka}K=Sekret,OP=" MD5_HEX "\n"
				   "u:r:{aka}X=Sekret\n"
				   "u:r:{aka}\n"
				   "good:r:x";
	struct secrets *s = secrets_new();
	struct buf notes = {0};

	(void)state;
	assert_int_equal(secrets_parse(s, SLICE(text), note, &notes), 14);
	assert_int_equal(secrets_count(s), 1);
	assert_int_equal(secrets_at(s, 0)->line, 19);
	assert_null(strstr(buf_string(&notes), "Sekret"));
	assert_non_null(strstr(buf_string(&notes), "5: a line is username:realm:secret"));
	assert_non_null(strstr(buf_string(&notes), "\n18: {aka} needs K"));
	buf_free(&notes);
	secrets_free(s);
}

/* Parts of lines must neither crash nor reach beyond the end. */
static void test_every_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		for (size_t n = 0; n <= strlen(good[i].line); n++) {
			struct secrets *s = secrets_new();
			char *exact = malloc(n ? n : 1);

			memcpy(exact, good[i].line, n);
			secrets_parse(s, (struct slice){exact, n}, NULL, NULL);
			free(exact);
			assert_true(secrets_count(s) <= 1);
			secrets_free(s);
		}
}

/* The lines of the secrets that were found, "3 1 ". */
static const char *found_lines(
	const struct secrets *s, const char *user, const char *realm, enum algorithm a, size_t max)
{
	static char text[128];
	const struct secret *out[16];
	size_t n = secrets_find(s, slice_of(user), slice_of(realm), a, out, max), used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < n; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%u ", out[i]->line);
	return text;
}

static void test_find(void **state)
{
	struct secrets *s = parsed("1001:*:any\n"
				   "1001:example.com:first\n"
				   "1001:example.com:second\n"
				   "1001:example.com:{ha1}" MD5_HEX "\n"
				   "1001:example.com:{ha1-sha256}" SHA_HEX "\n"
				   "1001@example.com:example.com:full\n"
				   "1001:Example.com:other\n"
				   "ims:*:{aka-res}a54211d5e3ba50bf\n"
				   "ims:*:{aka}K=" MD5_HEX ",OPC=" MD5_HEX "\n"
				   "ims:*:plain\n",
		0);

	(void)state;
	assert_string_equal(found_lines(s, "1001", "example.com", ALGORITHM_MD5, 16), "2 3 4 1 ");
	assert_string_equal(found_lines(s, "1001", "example.com", ALGORITHM_MD5, 2), "2 3 ");
	assert_string_equal(
		found_lines(s, "1001", "example.com", ALGORITHM_SHA256_SESS, 16), "2 3 5 1 ");
	assert_string_equal(
		found_lines(s, "1001", "example.com", ALGORITHM_SHA512_256, 16), "2 3 1 ");
	assert_string_equal(found_lines(s, "1001", "elsewhere", ALGORITHM_MD5, 16), "1 ");
	assert_string_equal(found_lines(s, "1001", NULL, ALGORITHM_MD5, 16), "1 ");
	assert_string_equal(
		found_lines(s, "1001@example.com", "example.com", ALGORITHM_MD5, 16), "6 2 3 4 1 ");
	assert_string_equal(found_lines(s, "1002", "example.com", ALGORITHM_MD5, 16), "");
	assert_string_equal(found_lines(s, NULL, NULL, ALGORITHM_MD5, 16), "");
	assert_string_equal(found_lines(s, "ims", "r", ALGORITHM_AKAV1_MD5, 16), "8 9 ");
	assert_string_equal(found_lines(s, "ims", "r", ALGORITHM_AKAV2_SHA256, 16), "9 ");
	assert_string_equal(found_lines(s, "ims", "r", ALGORITHM_MD5, 16), "10 ");
	assert_string_equal(found_lines(s, "1001", "example.com", ALGORITHM_UNKNOWN, 16), "2 3 1 ");
	secrets_add(s, SLICE_ABSENT, SLICE_ABSENT, SLICE("everybody"));
	assert_string_equal(found_lines(s, "1002", "example.com", ALGORITHM_MD5, 16), "0 ");
	assert_string_equal(found_lines(s, "1001", "example.com", ALGORITHM_MD5, 16), "2 3 4 1 0 ");
	assert_string_equal(found_lines(NULL, "1001", "example.com", ALGORITHM_MD5, 16), "");
	secrets_free(s);
	secrets_free(NULL);
}

static void test_many(void **state)
{
	struct buf text = {0};
	struct secrets *s = secrets_new();

	(void)state;
	for (int i = 0; i < 20000; i++)
		buf_printf(&text, "%d:r:p%d\nsame:r:p%d\n", i, i, i);
	assert_int_equal(secrets_parse(s, buf_slice(&text), NULL, NULL), 0);
	assert_int_equal(secrets_count(s), 40000);
	assert_string_equal(found_lines(s, "777", "r", ALGORITHM_MD5, 16), "1555 ");
	buf_free(&text);
	secrets_free(s);
}

#define SET1_NONCE "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M="

/* The rows own-akav1-md5-auth and own-akav2-md5-auth of tests/vectors.tsv, from every form of the
 * secret. */
static void test_apply_aka(void **state)
{
	struct secrets *s = parsed(
		"u:*:{aka-res}a54211d5e3ba50bf:f769bcd751044604127672711c6d3441:"
		"b40ba9a3c58b2a05bbf0d987b21bf8cb\n"
		"u:*:{aka}K=465b5ce8b199b49faa5f0a2ee238a6bc,OPC=cd63cb71954a9f4e48a5994e37a02baf\n"
		"u:*:{aka}K=465b5ce8b199b49faa5f0a2ee238a6bc,OP=cdc202d5123e20f62b6d676ac72cb318,"
		"AMF=b9b9\n",
		0);

	(void)state;
	for (size_t i = 0; i < secrets_count(s); i++) {
		struct digest_input in = {.algorithm = ALGORITHM_AKAV1_MD5,
			.username = SLICE("user1_private@home1.net"),
			.realm = SLICE("home1.net"),
			.method = SLICE("REGISTER"),
			.uri = SLICE("sip:home1.net"),
			.nonce = SLICE(SET1_NONCE),
			.qop = SLICE("auth"),
			.nc = SLICE("00000001"),
			.cnonce = SLICE("0a4f113b")};
		struct digest_steps steps;
		struct arena arena = {0};

		assert_true(secret_apply(secrets_at(s, i), &in, &arena));
		assert_int_equal(digest_compute(&in, &steps), DIGEST_OK);
		assert_string_equal(steps.response, "d631c17126f6ad3a5984ced4459958df");
		in.algorithm = ALGORITHM_AKAV2_MD5;
		assert_true(secret_apply(secrets_at(s, i), &in, &arena));
		assert_int_equal(digest_compute(&in, &steps), DIGEST_OK);
		assert_string_equal(steps.response, "9e134df9490c2cff01853e49a32aa59c");
		in.algorithm = ALGORITHM_MD5;
		assert_false(secret_apply(secrets_at(s, i), &in, &arena));
		arena_free(&arena);
	}
	secrets_free(s);
}

static void test_apply(void **state)
{
	struct secrets *s = parsed("u:r:x\nu:r:{ha1}" MD5_HEX "\n", 0);
	struct digest_input in = {.algorithm = ALGORITHM_MD5_SESS};
	struct arena arena = {0};

	(void)state;
	assert_true(secret_apply(secrets_at(s, 0), &in, &arena));
	assert_slice(in.password, "x");
	assert_null(in.ha1.p);
	assert_true(secret_apply(secrets_at(s, 1), &in, &arena));
	assert_int_equal(in.ha1.n, 32);
	in.algorithm = ALGORITHM_SHA256;
	assert_false(secret_apply(secrets_at(s, 1), &in, &arena));
	in.algorithm = ALGORITHM_UNKNOWN;
	assert_false(secret_apply(secrets_at(s, 0), &in, &arena));
	arena_free(&arena);
	secrets_free(s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_lines),
		cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_apply_aka),
		cmocka_unit_test(test_apply),
	};
	int failed;

	failed = cmocka_run_group_tests(tests, NULL, NULL);
	hash_free();
	return failed;
}

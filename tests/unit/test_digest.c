#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "digest/response.h"

static void test_algorithms(void **state)
{
	(void)state;
	assert_int_equal(algorithm_find(SLICE_ABSENT), ALGORITHM_MD5);
	assert_int_equal(algorithm_find(SLICE("")), ALGORITHM_UNKNOWN);
	assert_int_equal(algorithm_find(SLICE("md5")), ALGORITHM_MD5);
	assert_int_equal(algorithm_find(SLICE("Md5-Sess")), ALGORITHM_MD5_SESS);
	assert_int_equal(algorithm_find(SLICE("SHA-256-sess")), ALGORITHM_SHA256_SESS);
	assert_int_equal(algorithm_find(SLICE("SHA-512-256")), ALGORITHM_SHA512_256);
	assert_int_equal(algorithm_find(SLICE("akav1-md5")), ALGORITHM_AKAV1_MD5);
	assert_int_equal(algorithm_find(SLICE("MD5-")), ALGORITHM_UNKNOWN);
	assert_int_equal(algorithm_find(SLICE("SHA-1")), ALGORITHM_UNKNOWN);
	assert_null(algorithm_info(ALGORITHM_UNKNOWN));
	for (int a = 0; a < ALGORITHM_COUNT; a++) {
		const struct algorithm_info *info = algorithm_info((enum algorithm)a);

		assert_int_equal(algorithm_find(slice_of(info->name)), a);
		for (int b = 0; b < a; b++)
			assert_int_not_equal(
				info->strength, algorithm_info((enum algorithm)b)->strength);
	}
}

static void test_hashes(void **state)
{
	static const char *const empty[HASH_COUNT] = {
		[HASH_MD5] = "d41d8cd98f00b204e9800998ecf8427e",
		[HASH_SHA256] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		[HASH_SHA512_256] =
			"c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a",
		[HASH_SHA512] =
			("cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
			 "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"),
		[HASH_SHA1] = "da39a3ee5e6b4b0d3255bfef95601890afd80709",
	};
	const struct slice parts[] = {SLICE("a"), SLICE(""), SLICE_ABSENT, SLICE("bc")};
	char hex[HASH_HEX_MAX];

	(void)state;
	for (int h = 0; h < HASH_COUNT; h++) {
		assert_true(hash_hex((enum hash)h, NULL, 0, hex));
		assert_string_equal(hex, empty[h]);
		assert_int_equal(strlen(hex), hash_hex_length((enum hash)h));
	}
	assert_true(hash_hex(HASH_MD5, parts, 4, hex));
	assert_string_equal(hex, "900150983cd24fb0d6963f7d28e17f72");
	assert_false(hash_available(HASH_COUNT));
}

static void test_hmac(void **state)
{
	static const uint8_t expect[16] = {0x75, 0x0c, 0x78, 0x3e, 0x6a, 0xb0, 0xb5, 0x03, 0xea,
		0xa8, 0x6e, 0x31, 0x0a, 0x5d, 0xb7, 0x38}; /* RFC 2202, test 2 */
	static const uint8_t long_key[16] = {0x6b, 0x1a, 0xb7, 0xfe, 0x4b, 0xd7, 0xbf, 0x8f, 0x0b,
		0x62, 0xe6, 0xce, 0x61, 0xb9, 0xd0, 0xcd}; /* RFC 2202, test 6 */
	uint8_t out[HASH_MAX];
	char key[80];

	(void)state;
	assert_true(hmac_raw(HASH_MD5, SLICE("Jefe"), SLICE("what do ya want for nothing?"), out));
	assert_memory_equal(out, expect, 16);
	memset(key, 0xaa, sizeof(key));
	assert_true(hmac_raw(HASH_MD5, (struct slice){key, sizeof(key)},
		SLICE("Test Using Larger Than Block-Size Key - Hash Key First"), out));
	assert_memory_equal(out, long_key, 16);
}

/* Nothing has to be called before the first hash, nor after everything was given back. */
static void test_fetched_when_asked(void **state)
{
	uint8_t block[16] = {0}, out[16];
	char hex[HASH_HEX_MAX];

	(void)state;
	for (int i = 0; i < 2; i++) {
		hash_free();
		assert_true(hash_hex(HASH_MD5, NULL, 0, hex));
		assert_string_equal(hex, "d41d8cd98f00b204e9800998ecf8427e");
		assert_true(aes128_encrypt(block, block, out));
		assert_true(hash_available(HASH_SHA512_256));
		assert_false(hash_available(HASH_COUNT));
	}
}

static void test_secret_eq(void **state)
{
	(void)state;
	assert_true(secret_eq(SLICE("abc"), SLICE("abc")));
	assert_false(secret_eq(SLICE("abc"), SLICE("abd")));
	assert_false(secret_eq(SLICE("abc"), SLICE("ab")));
	assert_false(secret_eq(SLICE_ABSENT, SLICE_ABSENT));
}

static void test_hex_and_qop(void **state)
{
	(void)state;
	assert_true(digest_is_hex(SLICE("00ff"), 4));
	assert_true(digest_is_hex(SLICE("00FF"), 4));
	assert_false(digest_is_hex(SLICE("00Ff"), 4));
	assert_false(digest_is_hex(SLICE("00f"), 4));
	assert_false(digest_is_hex(SLICE("00fg"), 4));
	assert_false(digest_is_hex(SLICE_ABSENT, 0));
	assert_int_equal(qop_parse(SLICE_ABSENT), QOP_NONE);
	assert_int_equal(qop_parse(SLICE("Auth")), QOP_AUTH);
	assert_int_equal(qop_parse(SLICE("auth-int")), QOP_AUTH_INT);
	assert_int_equal(qop_parse(SLICE("")), QOP_OTHER);
	assert_int_equal(qop_parse(SLICE("auth,auth-int")), QOP_OTHER);
}

/* RFC 5090 6 */
static struct digest_input example(void)
{
	return (struct digest_input){
		.algorithm = ALGORITHM_MD5,
		.username = SLICE("12345678"),
		.realm = SLICE("example.com"),
		.password = SLICE("secret"),
		.method = SLICE("INVITE"),
		.uri = SLICE("sip:97226491335@example.com"),
		.nonce = SLICE("3bada1a0"),
		.nc = SLICE("00000001"),
		.cnonce = SLICE("56593a80"),
		.qop = SLICE("auth"),
	};
}

static void test_incomplete(void **state)
{
	struct digest_input in = example();
	struct digest_steps steps;

	(void)state;
	assert_int_equal(digest_compute(&in, &steps), DIGEST_OK);
	in.password = SLICE_ABSENT;
	assert_int_equal(digest_compute(&in, &steps), DIGEST_INCOMPLETE);
	assert_string_equal(steps.ha2, "cfd00bb3a3f8e5edf4011ed17fe63a46");
	assert_string_equal(steps.ha1, "");
	in = example();
	in.cnonce = SLICE_ABSENT;
	assert_int_equal(digest_compute(&in, &steps), DIGEST_INCOMPLETE);
	in.qop = SLICE_ABSENT;
	assert_int_equal(digest_compute(&in, &steps), DIGEST_OK);
	in.algorithm = ALGORITHM_MD5_SESS;
	assert_int_equal(digest_compute(&in, &steps), DIGEST_INCOMPLETE);
	in = example();
	in.qop = SLICE("auth-int");
	assert_int_equal(digest_compute(&in, &steps), DIGEST_INCOMPLETE);
	in.body = SLICE("");
	assert_int_equal(digest_compute(&in, &steps), DIGEST_OK);
	assert_string_equal(steps.body, "d41d8cd98f00b204e9800998ecf8427e");
	in.algorithm = ALGORITHM_UNKNOWN;
	assert_int_equal(digest_compute(&in, &steps), DIGEST_UNSUPPORTED);
}

static void test_explain(void **state)
{
	struct digest_input in = example();
	struct digest_steps steps;
	struct buf out = {0};

	(void)state;
	digest_compute(&in, &steps);
	digest_explain(&in, &steps, true, &out);
	assert_string_equal(buf_string(&out),
		"A1       = 12345678:example.com:secret\n"
		"HA1      = MD5(A1) = 625e946c1e25361d07c427ce2858f85d\n"
		"A2       = method:uri = INVITE:sip:97226491335@example.com\n"
		"HA2      = MD5(A2) = cfd00bb3a3f8e5edf4011ed17fe63a46\n"
		"string   = HA1:nonce:nc:cnonce:qop:HA2 = "
		"625e946c1e25361d07c427ce2858f85d:3bada1a0:00000001:"
		"56593a80:auth:cfd00bb3a3f8e5edf4011ed17fe63a46\n"
		"response = MD5(string) = 756933f735fcd93f90a4bbdd5467f263\n");
	buf_free(&out);
}

/* Without show_secrets neither the password nor any HA1 may appear, whatever the algorithm. */
static void test_explain_masks(void **state)
{
	(void)state;
	for (int a = 0; a <= ALGORITHM_UNKNOWN; a++)
		for (int given = 0; given < 2; given++) {
			struct digest_input in = example();
			struct digest_steps steps;
			struct buf out = {0};

			in.algorithm = (enum algorithm)a;
			in.qop = SLICE("auth-int");
			in.body = SLICE("v=0\r\n");
			if (given)
				in.ha1 = SLICE("0123456789abcdef0123456789abcdef");
			digest_compute(&in, &steps);
			digest_explain(&in, &steps, false, &out);
			assert_null(strstr(buf_string(&out), "secret"));
			assert_null(strstr(buf_string(&out), "0123456789abcdef"));
			if (a != ALGORITHM_UNKNOWN) {
				assert_null(strstr(buf_string(&out), steps.ha1));
				assert_null(strstr(buf_string(&out), steps.ha1_base));
				assert_non_null(strstr(buf_string(&out), steps.response));
			}
			buf_free(&out);
		}
}

/* 3GPP TS 35.208, test set 1 */
static const uint8_t set1_k[16] = {0x46, 0x5b, 0x5c, 0xe8, 0xb1, 0x99, 0xb4, 0x9f, 0xaa, 0x5f, 0x0a,
	0x2e, 0xe2, 0x38, 0xa6, 0xbc};
static const uint8_t set1_op[16] = {0xcd, 0xc2, 0x02, 0xd5, 0x12, 0x3e, 0x20, 0xf6, 0x2b, 0x6d,
	0x67, 0x6a, 0xc7, 0x2c, 0xb3, 0x18};
static const uint8_t set1_opc[16] = {0xcd, 0x63, 0xcb, 0x71, 0x95, 0x4a, 0x9f, 0x4e, 0x48, 0xa5,
	0x99, 0x4e, 0x37, 0xa0, 0x2b, 0xaf};
static const uint8_t set1_res[8] = {0xa5, 0x42, 0x11, 0xd5, 0xe3, 0xba, 0x50, 0xbf};
static const uint8_t set1_ck[16] = {0xb4, 0x0b, 0xa9, 0xa3, 0xc5, 0x8b, 0x2a, 0x05, 0xbb, 0xf0,
	0xd9, 0x87, 0xb2, 0x1b, 0xf8, 0xcb};
static const uint8_t set1_ik[16] = {0xf7, 0x69, 0xbc, 0xd7, 0x51, 0x04, 0x46, 0x04, 0x12, 0x76,
	0x72, 0x71, 0x1c, 0x6d, 0x34, 0x41};
#define SET1_NONCE "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M="

static void test_milenage(void **state)
{
	struct aka_key key = {0};
	struct aka_secret out;

	(void)state;
	memcpy(key.k, set1_k, 16);
	assert_true(aka_opc(set1_k, set1_op, key.opc));
	assert_memory_equal(key.opc, set1_opc, 16);
	assert_true(aka_from_nonce(&key, SLICE(SET1_NONCE), &out));
	assert_int_equal(out.res_length, 8);
	assert_memory_equal(out.res, set1_res, 8);
	assert_true(out.has_keys);
	assert_memory_equal(out.ck, set1_ck, 16);
	assert_memory_equal(out.ik, set1_ik, 16);
	assert_true(out.autn_valid);
	key.has_amf = true; /* another AMF than the one in AUTN */
	assert_true(aka_from_nonce(&key, SLICE(SET1_NONCE), &out));
	assert_false(out.autn_valid);
	key.has_amf = false;
	key.k[0] ^= 1;
	assert_true(aka_from_nonce(&key, SLICE(SET1_NONCE), &out));
	assert_false(out.autn_valid);
	assert_false(aka_from_nonce(&key, SLICE("abcd"), &out));
	assert_false(aka_from_nonce(&key, SLICE_ABSENT, &out));
}

static void test_aka_password(void **state)
{
	struct aka_secret s = {.res_length = 8};
	uint8_t out[64];

	(void)state;
	memcpy(s.res, set1_res, 8);
	assert_int_equal(aka_password(ALGORITHM_AKAV1_MD5, &s, out), 8);
	assert_memory_equal(out, set1_res, 8);
	assert_int_equal(aka_password(ALGORITHM_AKAV2_MD5, &s, out), 0);
	assert_int_equal(aka_password(ALGORITHM_MD5, &s, out), 0);
	memcpy(s.ik, set1_ik, 16);
	memcpy(s.ck, set1_ck, 16);
	s.has_keys = true;
	assert_int_equal(aka_password(ALGORITHM_AKAV2_MD5, &s, out), 24);
	assert_memory_equal(out, "shzt3q8CWaZnCAWqs3WmEQ==", 24);
	assert_int_equal(aka_password(ALGORITHM_AKAV2_SHA256, &s, out), 44);
	assert_memory_equal(out, "wpC+5dv/7kC35JEI2hluv8XcBd+vf8XcfedJBan1buk=", 44);
	s.res_length = 0;
	assert_int_equal(aka_password(ALGORITHM_AKAV1_MD5, &s, out), 0);
}

static void test_nonce_length(void **state)
{
	(void)state;
	assert_int_equal(aka_nonce_length(SLICE(SET1_NONCE)), 32);
	assert_int_equal(aka_nonce_length(SLICE("YQ==")), 1);
	assert_int_equal(aka_nonce_length(SLICE("YWI=")), 2);
	assert_int_equal(aka_nonce_length(SLICE("YWJj")), 3);
	/* RFC 3310 4: surplus padding */
	assert_int_equal(
		aka_nonce_length(SLICE("CjPk9mRqNuT25eRkajM09uTl9nM09uTl9nMz5OX25PZz==")), 33);
	assert_int_equal(aka_nonce_length(SLICE("84f1c1ae-6cbe")), 0);
	assert_int_equal(aka_nonce_length(SLICE("YQ=a")), 0);
	assert_int_equal(aka_nonce_length(SLICE("")), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_algorithms),
		cmocka_unit_test(test_hashes),
		cmocka_unit_test(test_hmac),
		cmocka_unit_test(test_fetched_when_asked),
		cmocka_unit_test(test_secret_eq),
		cmocka_unit_test(test_hex_and_qop),
		cmocka_unit_test(test_incomplete),
		cmocka_unit_test(test_explain),
		cmocka_unit_test(test_explain_masks),
		cmocka_unit_test(test_milenage),
		cmocka_unit_test(test_aka_password),
		cmocka_unit_test(test_nonce_length),
	};
	int failed;

	failed = cmocka_run_group_tests(tests, NULL, NULL);
	hash_free();
	return failed;
}

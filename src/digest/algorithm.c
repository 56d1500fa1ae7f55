/*
 * The door to OpenSSL's hashes. Algorithms are fetched once and contexts reused: a one-shot call
 * costs two to three times as much. Not for several threads at a time.
 */
#include "digest/algorithm.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

enum { JOINED_MAX = 512 };

static const struct algorithm_info algorithms[ALGORITHM_COUNT] = {
	[ALGORITHM_MD5] = {"MD5", 3, HASH_MD5, false, 0, 1},
	[ALGORITHM_MD5_SESS] = {"MD5-sess", 8, HASH_MD5, true, 0, 2},
	[ALGORITHM_SHA256] = {"SHA-256", 7, HASH_SHA256, false, 0, 5},
	[ALGORITHM_SHA256_SESS] = {"SHA-256-sess", 12, HASH_SHA256, true, 0, 6},
	[ALGORITHM_SHA512_256] = {"SHA-512-256", 11, HASH_SHA512_256, false, 0, 8},
	[ALGORITHM_SHA512_256_SESS] = {"SHA-512-256-sess", 16, HASH_SHA512_256, true, 0, 9},
	[ALGORITHM_AKAV1_MD5] = {"AKAv1-MD5", 9, HASH_MD5, false, 1, 3},
	[ALGORITHM_AKAV2_MD5] = {"AKAv2-MD5", 9, HASH_MD5, false, 2, 4},
	[ALGORITHM_AKAV2_SHA256] = {"AKAv2-SHA-256", 13, HASH_SHA256, false, 2, 7},
};

static const struct {
	const char *name; /* OpenSSL's */
	uint8_t length, block;
} hashes[HASH_COUNT] = {
	[HASH_MD5] = {"MD5", 16, 64},
	[HASH_SHA256] = {"SHA2-256", 32, 64},
	[HASH_SHA512_256] = {"SHA2-512/256", 32, 128},
	[HASH_SHA512] = {"SHA2-512", 64, 128},
	[HASH_SHA1] = {"SHA1", 20, 64},
};

static struct {
	bool asked[HASH_COUNT], aes_asked;
	EVP_MD *md[HASH_COUNT];
	EVP_MD_CTX *context[HASH_COUNT];
	EVP_CIPHER *aes;
	EVP_CIPHER_CTX *aes_context;
} door;

enum algorithm algorithm_find(struct slice name)
{
	if (!name.p)
		return ALGORITHM_MD5;
	for (int a = 0; a < ALGORITHM_COUNT; a++)
		if (slice_eq_nocase(name, (struct slice){algorithms[a].name, algorithms[a].name_length}))
			return (enum algorithm)a;
	return ALGORITHM_UNKNOWN;
}

const struct algorithm_info *algorithm_info(enum algorithm a)
{
	return a < ALGORITHM_COUNT ? &algorithms[a] : NULL;
}

/*
 * "-fips" takes away a configured default of "fips=yes", so that MD5 is found in the default
 * provider where that is loaded; where only the FIPS provider is, the plain query finds the others.
 */
static EVP_MD *fetch(const char *name)
{
	EVP_MD *md = EVP_MD_fetch(NULL, name, "-fips");

	return md ? md : EVP_MD_fetch(NULL, name, NULL);
}

static void open_hash(enum hash h)
{
	ERR_set_mark();
	door.md[h] = fetch(hashes[h].name);
	door.context[h] = door.md[h] ? EVP_MD_CTX_new() : NULL;
	ERR_pop_to_mark();
	door.asked[h] = true;
}

static bool open_aes(void)
{
	if (door.aes_asked)
		return door.aes_context;
	ERR_set_mark();
	door.aes = EVP_CIPHER_fetch(NULL, "AES-128-ECB", "-fips");
	if (!door.aes)
		door.aes = EVP_CIPHER_fetch(NULL, "AES-128-ECB", NULL);
	door.aes_context = door.aes ? EVP_CIPHER_CTX_new() : NULL;
	ERR_pop_to_mark();
	door.aes_asked = true;
	return door.aes_context;
}

void hash_free(void)
{
	for (int h = 0; h < HASH_COUNT; h++) {
		EVP_MD_CTX_free(door.context[h]);
		EVP_MD_free(door.md[h]);
	}
	EVP_CIPHER_CTX_free(door.aes_context);
	EVP_CIPHER_free(door.aes);
	memset(&door, 0, sizeof(door));
}

bool hash_available(enum hash h)
{
	if (h >= HASH_COUNT)
		return false;
	if (!door.asked[h])
		open_hash(h);
	return door.context[h];
}

size_t hash_length(enum hash h)
{
	return h < HASH_COUNT ? hashes[h].length : 0;
}

size_t hash_hex_length(enum hash h)
{
	return 2 * hash_length(h);
}

static bool update(EVP_MD_CTX *context, const struct slice *parts, size_t count)
{
	char text[JOINED_MAX];
	size_t total = 0, n = 0;
	bool good = true;

	for (size_t i = 0; i < count; i++)
		total += parts[i].n;
	if (total > sizeof(text)) {
		for (size_t i = 0; good && i < count; i++)
			good = !parts[i].n || EVP_DigestUpdate(context, parts[i].p, parts[i].n);
		return good;
	}
	/* a call is dearer than a copy */
	for (size_t i = 0; i < count; i++)
		if (parts[i].n) {
			memcpy(text + n, parts[i].p, parts[i].n);
			n += parts[i].n;
		}
	good = !n || EVP_DigestUpdate(context, text, n);
	secret_wipe(text, n);
	return good;
}

bool hash_raw(enum hash h, const struct slice *parts, size_t count, uint8_t out[HASH_MAX])
{
	EVP_MD_CTX *context;

	if (!hash_available(h))
		return false;
	context = door.context[h];
	return EVP_DigestInit_ex2(context, door.md[h], NULL) && update(context, parts, count) &&
		EVP_DigestFinal_ex(context, out, NULL) == 1;
}

bool hash_hex(enum hash h, const struct slice *parts, size_t count, char out[HASH_HEX_MAX])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t raw[HASH_MAX];
	size_t n = hash_length(h);

	out[0] = '\0';
	if (!hash_raw(h, parts, count, raw))
		return false;
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[raw[i] >> 4];
		out[2 * i + 1] = digits[raw[i] & 15];
	}
	out[2 * n] = '\0';
	return true;
}

/* RFC 2104, by hand: OpenSSL's own would fetch the hash again, with the default properties. */
bool hmac_raw(enum hash h, struct slice key, struct slice data, uint8_t out[HASH_MAX])
{
	uint8_t pad[128] = {0}, inner[HASH_MAX];
	struct slice parts[2] = {{(const char *)pad, 0}, data};
	bool done;

	if (!hash_available(h))
		return false;
	parts[0].n = hashes[h].block;
	if (key.n > parts[0].n) {
		if (!hash_raw(h, &key, 1, pad))
			return false;
	} else if (key.n) {
		memcpy(pad, key.p, key.n);
	}
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36;
	done = hash_raw(h, parts, 2, inner);
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36 ^ 0x5c;
	parts[1] = (struct slice){(const char *)inner, hash_length(h)};
	done = done && hash_raw(h, parts, 2, out);
	secret_wipe(pad, sizeof(pad));
	secret_wipe(inner, sizeof(inner));
	return done;
}

bool secret_eq(struct slice a, struct slice b)
{
	return a.p && b.p && a.n == b.n && CRYPTO_memcmp(a.p, b.p, a.n) == 0;
}

void secret_wipe(void *p, size_t n)
{
	if (p)
		explicit_bzero(p, n);
}

bool aes128_encrypt(const uint8_t key[16], const uint8_t in[16], uint8_t out[16])
{
	int n = 0;

	return open_aes() &&
	       EVP_EncryptInit_ex2(door.aes_context, door.aes, key, NULL, NULL) &&
	       EVP_CIPHER_CTX_set_padding(door.aes_context, 0) &&
	       EVP_EncryptUpdate(door.aes_context, out, &n, in, 16) && n == 16;
}

#include "capture/tls_crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "capture/tls_suite.h"

static const char *const hash_names[] = {[SHA1] = "SHA1", [SHA256] = "SHA256", [SHA384] = "SHA384"};
static const size_t hash_sizes[] = {[SHA1] = 20, [SHA256] = 32, [SHA384] = 48};

struct tls_opener {
	const struct tls_suite *suite;
	EVP_CIPHER_CTX *context;
	bool is_13, etm;
	uint16_t version;
	uint8_t iv[16];       /* fixed part of the nonce; CBC in TLS 1.0: the last block */
	uint8_t mac[48];
	uint64_t next;        /* sequence number */
};

size_t tls_suite_secret(const struct tls_suite *s)
{
	return hash_sizes[s->hash];
}

/* ---- key derivation ---- */

static bool derive(const char *kdf, OSSL_PARAM *params, uint8_t *out, size_t n)
{
	EVP_KDF *method = EVP_KDF_fetch(NULL, kdf, NULL);
	EVP_KDF_CTX *context = method ? EVP_KDF_CTX_new(method) : NULL;
	bool good = context && EVP_KDF_derive(context, out, n, params) > 0;

	EVP_KDF_CTX_free(context);
	EVP_KDF_free(method);
	ERR_clear_error();
	return good;
}

static OSSL_PARAM octets(const char *name, const void *bytes, size_t n)
{
	return OSSL_PARAM_construct_octet_string(name, (void *)bytes, n);
}

static OSSL_PARAM text(const char *name, const char *value)
{
	return OSSL_PARAM_construct_utf8_string(name, (char *)value, 0);
}

/* RFC 5246 5; before TLS 1.2 the hash is MD5 and SHA-1 together (RFC 2246 5). */
static bool prf(const struct tls_suite *s, uint16_t version, struct slice secret, const char *label,
	struct slice seed, uint8_t *out, size_t n)
{
	OSSL_PARAM params[] = {
		text(OSSL_KDF_PARAM_DIGEST, version < TLS_1_2 ? "MD5-SHA1" : hash_names[s->hash]),
		octets(OSSL_KDF_PARAM_SECRET, secret.p, secret.n),
		octets(OSSL_KDF_PARAM_SEED, label, strlen(label)),
		octets(OSSL_KDF_PARAM_SEED, seed.p, seed.n),
		OSSL_PARAM_construct_end(),
	};

	return derive("TLS1-PRF", params, out, n);
}

/* RFC 8446 7.1, with an empty context */
static bool expand_label(const struct tls_suite *s, const uint8_t *secret, const char *label,
	uint8_t *out, size_t n)
{
	uint8_t info[64];
	size_t length = strlen(label);
	int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
	OSSL_PARAM params[5] = {
		text(OSSL_KDF_PARAM_DIGEST, hash_names[s->hash]),
		OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
		octets(OSSL_KDF_PARAM_KEY, secret, hash_sizes[s->hash]),
	};

	info[0] = 0;
	info[1] = (uint8_t)n;
	info[2] = (uint8_t)(6 + length);
	memcpy(info + 3, "tls13 ", 6);
	memcpy(info + 9, label, length);
	info[9 + length] = 0;
	params[3] = octets(OSSL_KDF_PARAM_INFO, info, 10 + length);
	params[4] = OSSL_PARAM_construct_end();
	return derive("HKDF", params, out, n);
}

bool tls_secret_update(const struct tls_suite *s, uint8_t *secret)
{
	uint8_t next[TLS_SECRET_MAX];

	if (!expand_label(s, secret, "traffic upd", next, hash_sizes[s->hash]))
		return false;
	memcpy(secret, next, hash_sizes[s->hash]);
	return true;
}

static size_t hash_of(const char *name, struct slice in, uint8_t *out)
{
	size_t n = 0;

	return EVP_Q_digest(NULL, name, NULL, in.p, in.n, out, &n) > 0 ? n : 0;
}

bool tls_master(const struct tls_suite *s, uint16_t version, struct slice premaster,
	const uint8_t client_random[32], const uint8_t server_random[32], struct slice transcript,
	uint8_t master[TLS_MASTER])
{
	uint8_t seed[64];
	size_t n = 64;

	if (transcript.p) {
		if (version < TLS_1_2) {
			n = hash_of("MD5", transcript, seed);
			n += hash_of("SHA1", transcript, seed + 16);
		} else {
			n = hash_of(hash_names[s->hash], transcript, seed);
		}
	} else {
		memcpy(seed, client_random, 32);
		memcpy(seed + 32, server_random, 32);
	}
	return n && prf(s, version, premaster, transcript.p ? "extended master secret" : "master secret",
		(struct slice){(char *)seed, n}, master, TLS_MASTER);
}

/* ---- openers ---- */

static const EVP_CIPHER *cipher_of(const struct tls_suite *s)
{
	switch ((enum tls_cipher)s->cipher) {
	case GCM:
		return s->key == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
	case CCM:
	case CCM_8:
		return s->key == 16 ? EVP_aes_128_ccm() : EVP_aes_256_ccm();
	case CHACHA:
		return EVP_chacha20_poly1305();
	case CBC:
		break;
	}
	return s->key == 16 ? EVP_aes_128_cbc() : EVP_aes_256_cbc();
}

static int tag_size(const struct tls_suite *s)
{
	return s->cipher == CCM_8 ? 8 : 16;
}

static struct tls_opener *opener_new(const struct tls_suite *s, const uint8_t *key)
{
	struct tls_opener *o = xcalloc(1, sizeof(*o));
	EVP_CIPHER_CTX *c = o->context = EVP_CIPHER_CTX_new();
	bool ccm = s->cipher == CCM || s->cipher == CCM_8, good;

	o->suite = s;
	good = c && EVP_DecryptInit_ex(c, cipher_of(s), NULL, NULL, NULL) > 0;
	/* each set where it says something: what is set makes OpenSSL set it again with every nonce */
	if (s->cipher == CBC)
		good = good && EVP_CIPHER_CTX_set_padding(c, 0);
	else
		good = good && EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_IVLEN, 12, NULL) > 0;
	if (ccm)
		good = good && EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, tag_size(s), NULL) > 0;
	good = good && EVP_DecryptInit_ex(c, NULL, NULL, key, NULL) > 0;
	if (good)
		return o;
	ERR_clear_error();
	tls_opener_free(o);
	return NULL;
}

void tls_opener_free(struct tls_opener *o)
{
	if (!o)
		return;
	EVP_CIPHER_CTX_free(o->context);
	OPENSSL_cleanse(o, sizeof(*o));
	free(o);
}

/* Of the nonce, what the key block has. */
static size_t fixed_iv(const struct tls_suite *s, uint16_t version)
{
	if (s->cipher == CHACHA)
		return 12;
	if (s->cipher == CBC)
		return version < TLS_1_1 ? 16 : 0;
	return 4;
}

struct tls_opener *tls_opener_new(const struct tls_suite *s, uint16_t version, bool etm, bool server,
	const uint8_t master[TLS_MASTER], const uint8_t client_random[32], const uint8_t server_random[32])
{
	uint8_t seed[64], block[2 * (48 + 32 + 16)];
	size_t mac = s->cipher == CBC ? hash_sizes[s->mac] : 0, iv = fixed_iv(s, version);
	struct tls_opener *o;

	/* RFC 5246 6.3: MAC keys, cipher keys, IVs; of each the client's first */
	memcpy(seed, server_random, 32);
	memcpy(seed + 32, client_random, 32);
	if (!prf(s, version, (struct slice){(const char *)master, TLS_MASTER}, "key expansion",
		(struct slice){(char *)seed, 64}, block, 2 * (mac + s->key + iv)))
		return NULL;
	o = opener_new(s, block + 2 * mac + (server ? s->key : 0));
	if (!o)
		return NULL;
	o->version = version;
	o->etm = etm;
	memcpy(o->mac, block + (server ? mac : 0), mac);
	memcpy(o->iv, block + 2 * (mac + s->key) + (server ? iv : 0), iv);
	OPENSSL_cleanse(block, sizeof(block));
	return o;
}

struct tls_opener *tls_opener_new_13(const struct tls_suite *s, const uint8_t *secret)
{
	uint8_t key[32], iv[12];
	struct tls_opener *o;

	if (!expand_label(s, secret, "key", key, s->key) || !expand_label(s, secret, "iv", iv, 12))
		return NULL;
	o = opener_new(s, key);
	if (o) {
		o->is_13 = true;
		o->version = TLS_1_3;
		memcpy(o->iv, iv, 12);
	}
	return o;
}

/* ---- records ---- */

static void put64(uint8_t *out, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		out[i] = (uint8_t)(value >> (56 - 8 * i));
}

/* Sequence number, type, version, length: what is authenticated beside the text (RFC 5246 6.2.3). */
static void put_head(uint8_t out[13], uint64_t number, const uint8_t header[5], size_t n)
{
	put64(out, number);
	memcpy(out + 8, header, 3);
	out[11] = (uint8_t)(n >> 8);
	out[12] = (uint8_t)n;
}

static ssize_t open_aead(struct tls_opener *o, const uint8_t header[5], struct slice in, uint64_t number,
	uint8_t *out)
{
	EVP_CIPHER_CTX *c = o->context;
	int tag = tag_size(o->suite), done = 0, last = 0;
	bool explicit_nonce = !o->is_13 && o->suite->cipher != CHACHA;
	bool ccm = o->suite->cipher == CCM || o->suite->cipher == CCM_8;
	uint8_t nonce[12], head[13], count[8];
	size_t n, head_size = o->is_13 ? 5 : 13;

	if (in.n < (size_t)tag + (explicit_nonce ? 8 : 0))
		return -1;
	n = in.n - (size_t)tag - (explicit_nonce ? 8 : 0);
	memcpy(nonce, o->iv, 12);
	put64(count, number);
	if (explicit_nonce)
		memcpy(nonce + 4, in.p, 8);
	for (int i = 0; i < 8 && !explicit_nonce; i++)
		nonce[4 + i] ^= count[i];
	if (o->is_13)
		memcpy(head, header, 5);
	else
		put_head(head, number, header, n);
	in = slice_from(in, explicit_nonce ? 8 : 0);
	if (EVP_DecryptInit_ex(c, NULL, NULL, NULL, nonce) <= 0 ||
		EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, tag, (void *)(in.p + n)) <= 0 ||
		(ccm && EVP_DecryptUpdate(c, NULL, &done, NULL, (int)n) <= 0) ||
		EVP_DecryptUpdate(c, NULL, &done, head, (int)head_size) <= 0 ||
		EVP_DecryptUpdate(c, out, &done, (const uint8_t *)in.p, (int)n) <= 0)
		return -1;
	/* CCM has checked the tag with the text */
	if (!ccm && EVP_DecryptFinal_ex(c, out + done, &last) <= 0)
		return -1;
	return done + last;
}

static bool mac_fits(const struct tls_opener *o, const uint8_t head[13], const uint8_t *text_bytes, size_t n,
	const uint8_t *mac)
{
	uint8_t expected[64], bytes[13 + TLS_RECORD_MAX];
	size_t size = hash_sizes[o->suite->mac], got = 0;

	memcpy(bytes, head, 13);
	memcpy(bytes + 13, text_bytes, n);
	return EVP_Q_mac(NULL, "HMAC", NULL, hash_names[o->suite->mac], NULL, o->mac, size, bytes, 13 + n,
		expected, sizeof(expected), &got) && got == size && memcmp(expected, mac, size) == 0;
}

/* The length of the text in what CBC gave, without padding and MAC; -1: wrong. */
static ssize_t check_cbc(const struct tls_opener *o, const uint8_t header[5], uint64_t number,
	const uint8_t *out, size_t n)
{
	size_t mac = o->etm ? 0 : hash_sizes[o->suite->mac], padding;
	uint8_t head[13];

	padding = n ? out[n - 1] + 1u : 0;
	if (!padding || padding + mac > n)
		return -1;
	n -= padding + mac;
	put_head(head, number, header, n);
	return o->etm || mac_fits(o, head, out, n, out + n) ? (ssize_t)n : -1;
}

static ssize_t open_cbc(struct tls_opener *o, const uint8_t header[5], struct slice in, uint64_t number,
	uint8_t *out)
{
	size_t mac = hash_sizes[o->suite->mac];
	uint8_t head[13];
	const uint8_t *iv = o->iv;
	int done = 0;
	ssize_t n;

	if (o->etm) {
		if (in.n < mac)
			return -1;
		in.n -= mac;
		put_head(head, number, header, in.n);
		if (!mac_fits(o, head, (const uint8_t *)in.p, in.n, (const uint8_t *)in.p + in.n))
			return -1;
	}
	if (o->version >= TLS_1_1) {
		iv = (const uint8_t *)in.p;
		if (in.n < 16)
			return -1;
		in = slice_from(in, 16);
	}
	if (!in.n || in.n % 16 || EVP_DecryptInit_ex(o->context, NULL, NULL, NULL, iv) <= 0 ||
		EVP_DecryptUpdate(o->context, out, &done, (const uint8_t *)in.p, (int)in.n) <= 0)
		return -1;
	n = check_cbc(o, header, number, out, (size_t)done);
	if (n >= 0 && o->version < TLS_1_1)
		memcpy(o->iv, in.p + in.n - 16, 16);
	return n;
}

ssize_t tls_opener_open(struct tls_opener *o, const uint8_t header[5], struct slice in, uint64_t skipped,
	uint8_t *out)
{
	uint64_t number = o->next + skipped;
	ssize_t n = -1;

	if (in.n <= TLS_RECORD_MAX)
		n = o->suite->cipher == CBC ? open_cbc(o, header, in, number, out) :
			open_aead(o, header, in, number, out);
	if (n >= 0)
		o->next = number + 1;
	else
		ERR_clear_error();
	return n;
}

/*
 * The digest algorithms of SIP and the only door to OpenSSL's hashes (and AES for MILENAGE).
 * RFC 2617, RFC 7616, RFC 8760; AKA: RFC 3310, RFC 4169.
 */
#ifndef DIGEST_ALGORITHM_H
#define DIGEST_ALGORITHM_H

#include "base/slice.h"

enum hash { HASH_MD5, HASH_SHA256, HASH_SHA512_256, HASH_SHA512, HASH_SHA1, HASH_COUNT };

enum { HASH_MAX = 64, HASH_HEX_MAX = 2 * HASH_MAX + 1 };

enum algorithm {
	ALGORITHM_MD5, ALGORITHM_MD5_SESS, ALGORITHM_SHA256, ALGORITHM_SHA256_SESS,
	ALGORITHM_SHA512_256, ALGORITHM_SHA512_256_SESS,
	ALGORITHM_AKAV1_MD5, ALGORITHM_AKAV2_MD5, ALGORITHM_AKAV2_SHA256,
	ALGORITHM_UNKNOWN,
	ALGORITHM_COUNT = ALGORITHM_UNKNOWN
};

struct algorithm_info {
	const char *name;  /* as registered: "SHA-256-sess" */
	uint8_t name_length;
	enum hash hash;
	bool sess;
	uint8_t aka;       /* 0, 1 (AKAv1) or 2 (AKAv2) */
	uint8_t strength;  /* for "strongest": higher is better */
};

/* Absent means MD5 (RFC 2617 3.2.1); names are compared without case. */
enum algorithm algorithm_find(struct slice name);
/* Never NULL but for ALGORITHM_UNKNOWN. */
const struct algorithm_info *algorithm_info(enum algorithm a);

/*
 * Is this hash to be had? MD5 may not (FIPS). It is fetched from OpenSSL when it is first asked for, which takes
 * milliseconds: most captures are read without any.
 */
bool hash_available(enum hash h);
void hash_free(void);
size_t hash_length(enum hash h);           /* bytes */
size_t hash_hex_length(enum hash h);       /* 32, 64, ... */

/* Hash of the parts joined. `out` gets lower-case hex and a NUL. False: hash not available. */
bool hash_hex(enum hash h, const struct slice *parts, size_t count, char out[HASH_HEX_MAX]);
/* The same as raw bytes. */
bool hash_raw(enum hash h, const struct slice *parts, size_t count, uint8_t out[HASH_MAX]);
bool hmac_raw(enum hash h, struct slice key, struct slice data, uint8_t out[HASH_MAX]);

/* Constant time; false if the lengths differ. */
bool secret_eq(struct slice a, struct slice b);
void secret_wipe(void *p, size_t n);

/* One AES-128 block (MILENAGE, 3GPP TS 35.206). */
bool aes128_encrypt(const uint8_t key[16], const uint8_t in[16], uint8_t out[16]);

#endif

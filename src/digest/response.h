/*
 * A1, A2 and the response (RFC 2617 3.2.2.1-3, RFC 7616 3.4.1-4, RFC 3261 22.4). Pure: values in,
 * values out. Which value goes in is the caller's decision; nothing is taken from a header here.
 */
#ifndef DIGEST_RESPONSE_H
#define DIGEST_RESPONSE_H

#include "base/buf.h"
#include "digest/algorithm.h"

enum qop { QOP_NONE /* RFC 2069 form */, QOP_AUTH, QOP_AUTH_INT, QOP_OTHER };

enum qop qop_parse(struct slice token); /* absent: QOP_NONE; case ignored */

struct digest_input {
	enum algorithm algorithm;
	struct slice username, realm;
	struct slice password;      /* used if ha1 is absent; bytes, not text */
	struct slice ha1;           /* hex, before -sess is applied; absent: computed */
	struct slice method, uri;
	struct slice nonce, nc, cnonce;
	struct slice qop;           /* the token as it is hashed; absent: RFC 2069 form */
	struct slice body;          /* for auth-int; absent = unknown (cut): DIGEST_INCOMPLETE */
};

enum digest_status {
	DIGEST_OK,
	DIGEST_UNSUPPORTED,   /* unknown algorithm, or its hash is not available (FIPS) */
	DIGEST_INCOMPLETE     /* auth-int without a body, -sess without a cnonce, no password... */
};

struct digest_steps {
	char ha1[HASH_HEX_MAX];       /* of the final A1 (with -sess applied) */
	char ha1_base[HASH_HEX_MAX];  /* H(user:realm:password) */
	char ha2[HASH_HEX_MAX];
	char body[HASH_HEX_MAX];      /* H(entity-body), auth-int only, else "" */
	char response[HASH_HEX_MAX];
};

/*
 * Whatever can be computed is in `out` also if the result is DIGEST_INCOMPLETE; what cannot is "".
 * With a qop, absent nc or cnonce are incomplete; present and empty ones are hashed as such.
 */
enum digest_status digest_compute(const struct digest_input *in, struct digest_steps *out);

/*
 * The computation step by step, as lines for a person: "A1 = ...", "HA1 = ...". Bytes are printable
 * (buf_add_printable). Without `show_secrets` the password, HA1 and everything from which the
 * password could be computed are masked.
 */
void digest_explain(const struct digest_input *in, const struct digest_steps *steps,
	bool show_secrets, struct buf *out);

/* Is `text` hex of this length, all lower-case or all upper-case? */
bool digest_is_hex(struct slice text, size_t length);

/* AKA. `aka_password` gives the password bytes for HA1: RES itself (v1, RFC 3310 3.3) or
 * base64(HMAC(RES|IK|CK)) (v2, RFC 4169 2.1). Returns its length, 0 if it cannot be made. */
struct aka_secret {
	uint8_t res[16]; size_t res_length;
	uint8_t ik[16], ck[16]; bool has_keys;  /* IK and CK known */
	bool autn_valid;                        /* aka_from_nonce(): this key made AUTN's MAC */
};
size_t aka_password(enum algorithm a, const struct aka_secret *s, uint8_t out[64]);
/* Returns the length of the text, four bytes for each three or less. */
size_t aka_base64(const uint8_t *in, size_t n, uint8_t *out);
/* MILENAGE f1-f5 (TS 35.206): from K, OPc and the challenge's nonce (base64 of RAND and AUTN). */
struct aka_key { uint8_t k[16], opc[16]; uint8_t amf[2]; bool has_amf; };
bool aka_opc(const uint8_t k[16], const uint8_t op[16], uint8_t opc[16]);
bool aka_from_nonce(const struct aka_key *key, struct slice nonce, struct aka_secret *out);
/* Bytes that the nonce decodes to (base64); < 32 is no AKA nonce (RFC 3310 3.2). */
size_t aka_nonce_length(struct slice nonce);

#endif

/*
 * The secrets that the user gave: lines of a credentials file, options, environment
 * (CONTRACT "--credentials"). Wiped when freed. No I/O: the command hands over the bytes.
 */
#ifndef AUTH_SECRETS_H
#define AUTH_SECRETS_H

#include "digest/params.h"
#include "digest/response.h"

enum secret_kind { SECRET_PASSWORD, SECRET_HA1, SECRET_AKA_RES, SECRET_AKA_KEY };

/* What is no password. */
struct secret_value {
	enum hash ha1_hash;        /* of SECRET_HA1: MD5, SHA256, SHA512_256 */
	char ha1[HASH_HEX_MAX];    /* lower case */
	struct aka_secret res;
	struct aka_key key;
};

struct secret {
	struct slice username;
	struct slice realm;        /* "*" for any */
	struct slice password;
	struct secret_value *value; /* NULL: SECRET_PASSWORD */
	enum secret_kind kind;
	unsigned line;             /* in the file; 0: from options */
};

struct secrets;

struct secrets *secrets_new(void);
void secrets_free(struct secrets *s); /* NULL is fine; wipes */
/*
 * Adds the lines of a credentials file. Bad lines are skipped; each gets one complaint through
 * `complain` (line number, what is wrong; never the secret). Returns how many were bad.
 */
size_t secrets_parse(struct secrets *s, struct slice text,
	void (*complain)(void *arg, unsigned line, const char *what), void *arg);
/* One plain password from options; realm absent = any, username absent = any user. */
void secrets_add(
	struct secrets *s, struct slice username, struct slice realm, struct slice password);
/* A copy of one secret of any kind; its texts are copied too. */
void secrets_put(struct secrets *s, const struct secret *secret);
/*
 * Those of this very user will be looked for soon: first where the index has them is fetched from memory, then, some
 * time later, what it leads to. NULL is fine.
 */
void secrets_foresee(const struct secrets *s, struct slice username);
void secrets_foresee_found(const struct secrets *s, struct slice username);
/* So many will be added, about. Before the first one. */
void secrets_expect(struct secrets *s, size_t count);
size_t secrets_count(const struct secrets *s);
size_t secrets_bytes(const struct secrets *s);
/* The first one of this very user, or the next one after `after`; NULL: no more. */
const struct secret *secrets_of(
	const struct secrets *s, struct slice username, const struct secret *after);
const struct secret *secrets_at(const struct secrets *s, size_t i);

/*
 * Candidates for a user and realm, best first (exact realm before "*"; HA1 only where its hash fits
 * the algorithm). Writes at most `max` pointers, returns how many. Fast: hashed by user name.
 * `user@domain` also finds `user`, after the exact ones.
 */
size_t secrets_find(const struct secrets *s, struct slice username, struct slice realm,
	enum algorithm algorithm, const struct secret **out, size_t max);

/*
 * Fills in password or ha1 of `in` from the secret (AKA: from RES, or from K and the nonce; buffers
 * in the arena, which the caller must wipe or keep private). False if this secret cannot serve this
 * algorithm.
 */
bool secret_apply(const struct secret *secret, struct digest_input *in, struct arena *arena);

#endif

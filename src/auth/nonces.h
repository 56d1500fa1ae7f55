/*
 * The nonce table beside the exchanges: who issued a nonce, when and to whom, and who used it with
 * which nc. Uses are kept apart by user and client, because servers give one nonce to everybody within a
 * second (CATALOGUE section 1 "Nonce use", trap 24). Bounded: what few nonces need (several clients, users, nc) is
 * forgotten first if it was not used for long, then the nonce. Nonces are given as hashes: slice_hash(nonce, 0).
 */
#ifndef AUTH_NONCES_H
#define AUTH_NONCES_H

#include "auth/exchange.h"
#include "base/storage.h"

/* The same nonce was given to others, or long before (CATALOGUE nonce-repeated). */
struct nonce_repeat {
	bool repeated;
	uint32_t times, clients;
	int64_t span; /* ns since it was first issued */
};

struct nonces;

/* At most `limit`, and `whole` that were issued or used again with all of that; `storage` must live longer. */
struct nonces *nonces_new(struct storage *storage, size_t limit, size_t whole);
void nonces_free(struct nonces *n);

/* A server gave this nonce to a client, in a challenge or as nextnonce. `owner`: the exchange, 0: none. */
struct nonce_repeat nonces_issue(struct nonces *n, enum auth_kind kind, struct slice realm,
	uint64_t nonce, const struct observed *response, uint32_t owner);

/*
 * A request uses it: records the use and says what was known before. A copy of the same credentials on
 * another leg (equal response value) is not a further use.
 */
struct nonce_history nonces_use(struct nonces *n, const struct credential *k,
	const struct observed *request);

/* It will be looked for soon: fetched from memory meanwhile. */
void nonces_foresee(const struct nonces *n, uint64_t nonce);

/* The request with these credentials was accepted. */
void nonces_accept(struct nonces *n, const struct credential *k, const struct observed *request);

/* The exchange in which this nonce was issued last; 0: none known. */
uint32_t nonces_owner(const struct nonces *n, uint64_t nonce);

/* How many were forgotten: after the first, "unknown" proves nothing. */
uint64_t nonces_evicted(const struct nonces *n);
size_t nonces_bytes(const struct nonces *n);

#endif

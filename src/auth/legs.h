/*
 * The same authentication on several hops: which exchange is a further leg of another one, and what the first leg
 * showed of a credential or challenge, so that a further leg can be compared (CATALOGUE realm-altered). Prints live
 * 64 s. Internal to auth/.
 */
#ifndef AUTH_LEGS_H
#define AUTH_LEGS_H

#include "auth/exchange.h"
#include "base/storage.h"

struct legs;
struct tracker;

/* At most `limit` requests are remembered, in `storage`, which must live longer. */
struct legs *legs_new(struct storage *storage, size_t limit);
void legs_free(struct legs *l);
size_t legs_bytes(const struct legs *l);
uint64_t legs_evicted(const struct legs *l);
/* The exchange that began with a request. */
struct first_leg {
	int64_t time;
	uint32_t n;
	uint32_t client; /* hash of its address */
	uint32_t via_count;
};

/* What is known of this request will be looked for soon: fetched from memory meanwhile. `same` as in attempt. */
void legs_foresee(const struct legs *l, uint64_t same);
void legs_foresee_credential(const struct legs *l, uint64_t same, const struct credential *k);
/*
 * Did another exchange begin with the same request, at another hop? Then `first` has its number and count of Vias;
 * else this one is remembered.
 */
bool legs_further(
	struct legs *l, uint64_t same, const struct first_leg *leg, struct first_leg *first);
/* Compares with an earlier leg, or remembers for a later one; a difference goes to x->altered. */
void legs_request(struct tracker *t, struct exchange *x, const struct attempt *a);
void legs_response(
	struct tracker *t, struct exchange *x, const struct attempt *a, const struct response *r);

#endif

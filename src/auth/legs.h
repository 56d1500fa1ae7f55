/*
 * The same authentication on several hops: what the first leg showed of a credential or challenge, so that
 * a further leg can be compared (CATALOGUE realm-altered). Prints live 64 s. Internal to auth/.
 */
#ifndef AUTH_LEGS_H
#define AUTH_LEGS_H

#include "auth/exchange.h"

struct legs;
struct tracker;

struct legs *legs_new(size_t limit);
void legs_free(struct legs *l);
size_t legs_bytes(const struct legs *l);
uint64_t legs_evicted(const struct legs *l);
/* A challenge to this request will be looked for soon: fetched from memory meanwhile. */
void legs_foresee(const struct legs *l, const struct attempt *a);
/* Compares with an earlier leg, or remembers for a later one; a difference goes to x->altered. */
void legs_request(struct tracker *t, struct exchange *x, const struct attempt *a);
void legs_response(
	struct tracker *t, struct exchange *x, const struct attempt *a, const struct response *r);

#endif

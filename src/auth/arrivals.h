/*
 * Datagrams that were fed wait here for a few others, and then all go the same way together: what they need is
 * fetched from memory before their turn, and the processor keeps the code of one step at hand while it is used. One by
 * one, a message runs through more code than its nearest cache holds. Internal to auth/.
 */
#ifndef AUTH_ARRIVALS_H
#define AUTH_ARRIVALS_H

#include <stddef.h>

#include "auth/exchange.h"
#include "auth/keys.h"

enum { ARRIVALS_MAX = 16 };

/* What a message becomes in an exchange. */
union arrived {
	struct observed seen;
	struct attempt attempt;
	struct response response;
};

_Static_assert(offsetof(struct attempt, request) == 0 && offsetof(struct response, seen) == 0,
	"what was scanned is where all of them begin");

struct arrival {
	struct datagram d;
	struct arena arena;    /* has its bytes and its place: an exchange that keeps it takes them over */
	union arrived *place;  /* of what was scanned (seen.msg), and of all that it may become */
	int64_t clock;         /* newest time of other packets before it, since the first one came; 0: none */
	/* found out when its turn comes near */
	uint64_t hash;
	bool sip;              /* the rest is valid */
	struct keys keys;
	struct auth_field auth[MESSAGE_AUTH_MAX];
};

struct arrivals {
	struct arrival list[ARRIVALS_MAX];
	unsigned count;
	int64_t clock;         /* the same for what comes next */
};

/* Memory comes from `pool`, which is borrowed; `a` was zeroed. */
void arrivals_init(struct arrivals *a, struct arena_pool *pool);
/* Gives all memory back. */
void arrivals_clear(struct arrivals *a);
/* What they hold, which is no exchange's yet. */
size_t arrivals_bytes(const struct arrivals *a);
/* It is done with: there is room for another one, which is on its way from memory. */
void arrival_renew(struct arrival *a);
/* The last one now: a copy, with its bytes. There are fewer than ARRIVALS_MAX. */
void arrivals_add(struct arrivals *a, const struct datagram *d);

#endif

/*
 * Datagrams that were fed wait here for a few others, and then all go the same way together: what they need is
 * fetched from memory before their turn, and the processor keeps the code of one step at hand while it is used. One by
 * one, a message runs through more code than its nearest cache holds. Internal to auth/.
 */
#ifndef AUTH_ARRIVALS_H
#define AUTH_ARRIVALS_H

#include <stdalign.h>
#include <stddef.h>

#include "auth/exchange.h"
#include "auth/keys.h"

enum {
	ARRIVALS_MAX = 16,
	/* bytes beside what is observed, for all that a message may become in an exchange: a request or a response */
	ARRIVAL_BEFORE = offsetof(struct attempt, request),
	ARRIVAL_BEHIND = sizeof(struct response) - offsetof(struct response, seen) - sizeof(struct observed)
};
_Static_assert(ARRIVAL_BEFORE % alignof(max_align_t) == 0 && offsetof(struct response, seen) <= ARRIVAL_BEFORE &&
		sizeof(struct attempt) - ARRIVAL_BEFORE - sizeof(struct observed) <= ARRIVAL_BEHIND,
	"an arrival must have room for both");

struct arrival {
	struct datagram d;
	struct arena arena;    /* has its bytes and `seen`: an exchange that keeps it takes them over */
	struct observed *seen; /* what was scanned, within the record that it may become */
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

/* The record around what was scanned. */
static inline struct attempt *arrival_request(const struct arrival *a)
{
	return (void *)((char *)a->seen - offsetof(struct attempt, request));
}

static inline struct response *arrival_response(const struct arrival *a)
{
	return (void *)((char *)a->seen - offsetof(struct response, seen));
}

/* Memory comes from `pool`, which is borrowed; `a` was zeroed. */
void arrivals_init(struct arrivals *a, struct arena_pool *pool);
/* Gives all memory back. */
void arrivals_clear(struct arrivals *a);
/* The last one now: a copy, with its bytes. There are fewer than ARRIVALS_MAX. */
void arrivals_add(struct arrivals *a, const struct datagram *d);

#endif

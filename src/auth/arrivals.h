/*
 * Datagrams that were fed wait here for a few others, and then all go the same way together: what they need is
 * fetched from memory before their turn, and the processor keeps the code of one step at hand while it is used. One by
 * one, a message runs through more code than its nearest cache holds. Internal to auth/.
 */
#ifndef AUTH_ARRIVALS_H
#define AUTH_ARRIVALS_H

#include "auth/keys.h"

enum { ARRIVALS_MAX = 16, ARRIVALS_BYTES = 1 << 17 };

struct arrival {
	struct datagram d;
	int64_t clock;         /* newest time of other packets before it, since the first one came; 0: none */
	/* found out when its turn comes near */
	uint64_t hash;
	bool sip;              /* the rest is valid */
	struct keys keys;
	struct message m;
	struct auth_field auth[MESSAGE_AUTH_MAX];
};

struct arrivals {
	struct arrival list[ARRIVALS_MAX];
	unsigned count;
	int64_t clock;         /* the same for what comes next */
	size_t used;           /* of bytes */
	char bytes[ARRIVALS_BYTES];
};

/* Has it a place? */
bool arrivals_fit(const struct arrivals *a, const struct datagram *d);
/* The last one now: a copy, with its bytes unless they stay. */
void arrivals_add(struct arrivals *a, const struct datagram *d);

#endif

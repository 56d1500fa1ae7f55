/*
 * What is left of a closed transaction for 32 s (Timer J): its key, so that late retransmissions open no
 * new exchange. It stays in the map of the transactions, where its value is the graveyard itself. Bounded: the
 * oldest out.
 */
#ifndef AUTH_TOMBS_H
#define AUTH_TOMBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"

struct tomb {
	uint64_t key;
	int64_t until;
};

struct tombs {
	struct map *map;    /* of the transactions */
	struct tomb *ring;  /* the oldest first */
	size_t limit, first, count;
};

/* At most `limit` keys in `map`, which is borrowed. */
void tombs_init(struct tombs *t, struct map *map, size_t limit);
void tombs_free(struct tombs *t);
/* The transaction with this key is closed; in the map it has no other value, or none. */
void tombs_add(struct tombs *t, uint64_t key, int64_t now);
void tombs_expire(struct tombs *t, int64_t now);
size_t tombs_bytes(const struct tombs *t);

/* What the map says of a key: closed a while ago? */
static inline bool is_tomb(const struct tombs *t, const void *value)
{
	return value == t;
}

#endif

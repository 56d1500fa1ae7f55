/*
 * What is left of a closed transaction for 32 s (Timer J): its key, so that late retransmissions open no
 * new exchange. It stays in the map of the transactions, where its value is an odd number, as no pointer is: they are
 * numbered in the order in which they were closed, so the least number that is still valid tells which are over.
 * Those are as good as gone, and swept out of the map when it would grow. Bounded: the oldest out.
 */
#ifndef AUTH_TOMBS_H
#define AUTH_TOMBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"

struct tombs {
	struct map *map;    /* of the transactions */
	int64_t *until;     /* a ring: of those that are not over, the oldest first */
	size_t limit, first, count;
	uintptr_t next;     /* value of the next one: odd */
	size_t over;        /* at most so many are in the map that are over */
};

/* At most `limit` keys in `map`, which is borrowed; memory comes from `storage` and stays with it. */
void tombs_init(struct tombs *t, struct storage *storage, struct map *map, size_t limit);
/* The transaction with this key is closed: `place` is where the map has its value, or NULL. */
void tombs_add(struct tombs *t, void **place, uint64_t key, int64_t now);
void tombs_expire(struct tombs *t, int64_t now);
size_t tombs_bytes(const struct tombs *t);

/* Of a value in the map: closed, a while ago or long ago? */
static inline bool is_tomb(const void *value)
{
	return (uintptr_t)value & 1;
}

/* The least value of one that is not over. */
static inline uintptr_t tombs_begin(const struct tombs *t)
{
	return t->next - 2 * t->count;
}

/* Is it a tomb that is over? */
static inline bool tomb_is_over(const struct tombs *t, const void *value)
{
	return is_tomb(value) && (uintptr_t)value < tombs_begin(t);
}

/* What the map says of a key, except of those that are over: a transaction, a tomb, or NULL. */
static inline void *tombs_look(const struct tombs *t, uint64_t key)
{
	void *value = map_get(t->map, key);

	return tomb_is_over(t, value) ? NULL : value;
}

#endif

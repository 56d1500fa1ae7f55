/*
 * A bounded table of small records of one size: found by a 64-bit key (itself a good hash); when there
 * are too many, one that was not used for long is dropped. Many records lie in a row: nothing is allocated for a
 * single one. A record begins with a struct table_node and stays where it is until it is removed. Keys that
 * collide are the caller's business.
 *
 * The index has buckets of one cache line each. A record lies in the bucket of its key, or, if that was full, in
 * the next one that was not; the full ones count those that passed. So most look-ups take one line.
 *
 * Records are dropped in the order in which they lie, like the hand of a clock goes round: a new one takes the place of
 * the one that was dropped. A use leaves a mark; when the hand comes to one with a mark, that is wiped off, and the
 * hand goes on (second chance).
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/foresee.h"
#include "base/storage.h"

struct table_node {
	uint64_t key; /* but for two bits, which are the table's */
};

/* Neither the bucket of a key nor its tag depends on them. */
#define TABLE_MARKED UINT64_C(0x10000) /* used since the hand came by */
#define TABLE_FREE   UINT64_C(0x20000) /* there is no record */
#define TABLE_BITS   (TABLE_MARKED | TABLE_FREE)

enum { TABLE_SLOTS = 10 };

struct table_bucket {
	_Alignas(64) uint16_t tags[TABLE_SLOTS]; /* a part of the key, 0: free */
	uint32_t passed;                         /* records that lie further on because it was full */
	uint32_t numbers[TABLE_SLOTS];
};

struct table {
	struct storage *storage;
	char **chunks;         /* of records */
	struct table_bucket *buckets;
	uint32_t size;         /* bytes of a record */
	uint32_t chunk_bits;   /* of a record's number: its place in the chunk; those above are the chunk's */
	uint32_t bucket_count;
	uint32_t room;         /* records before there must be more buckets */
	uint32_t limit, count;
	uint32_t used;         /* records that were ever handed out: they have the numbers from 1 */
	uint32_t hand;         /* number of the record whose turn comes next */
	uint32_t unused, last_unused; /* removed ones, the first first; linked by the upper half of `key` */
	uint64_t evicted;      /* dropped because of the limit */
	/* called before a record is dropped or removed; NULL: nothing to do */
	void (*drop)(void *arg, void *record);
	void *arg;
};

/* `limit`: of records, at least one and at most 268 million. Memory comes from `storage`, which must live longer. */
void table_init(struct table *t, struct storage *storage, size_t size, size_t limit);
/* All records are dropped. */
void table_free(struct table *t);

/* The bucket of a key: its upper half as a fraction of the buckets. */
static inline struct table_bucket *table_home(const struct table *t, uint64_t key)
{
	return &t->buckets[(key >> 32) * t->bucket_count >> 32];
}

/* A look-up of this key comes soon: what it begins with is fetched from memory meanwhile. */
static inline void table_foresee(const struct table *t, uint64_t key)
{
	foresee(table_home(t, key));
}

/* What tells a record from all others: its key without the two bits. */
static inline uint64_t table_key(const struct table_node *node)
{
	return node->key & ~TABLE_BITS;
}

static inline bool table_has_key(const struct table_node *node, uint64_t key)
{
	return ((node->key ^ key) & ~TABLE_BITS) == 0;
}

/* The record, marked as used; NULL if there is none. */
void *table_get(struct table *t, uint64_t key);
/* The same without being a use. */
void *table_peek(const struct table *t, uint64_t key);
/* A new one, zeroed but for its node; drops one not used for long if the table is full. The key must be new. */
void *table_add(struct table *t, uint64_t key);
/* table_get(), or table_add() if there is none. */
void *table_put(struct table *t, uint64_t key);
void table_remove(struct table *t, void *record);
/* What it takes, without what its records own. */
size_t table_bytes(const struct table *t);
/* The one to be dropped next, after those before it had their second chance; NULL: there is none. */
void *table_unused(struct table *t);
/* The same, or NULL if it is not near: for what is done again and again, which must not walk over all that is free. */
void *table_unused_near(struct table *t);
/* All of them, one by one: the one after `number`, which is 0 at first; NULL: no more. */
void *table_each(const struct table *t, uint32_t *number);

#endif

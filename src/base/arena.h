/*
 * Memory that is given back all at once. An exchange owns an arena: its bytes are copied once,
 * and forgetting it is one call.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/slice.h"

struct arena_slab;
struct arena_own;

/* Where blocks come from that many short-lived arenas share. Zeroed is empty. */
struct arena_pool {
	struct arena_slab **slabs; /* by number; NULL: none */
	unsigned slab_room;
	uint64_t *open;            /* a bit for each slab: does it have free blocks? */
	unsigned open_from;        /* no such bit in the words before this one */
	unsigned empty;            /* of these, without a block in use */
	size_t lent;               /* bytes of the blocks that arenas hold */
};

/* Where there is room: in the newest block, and in the roomiest of those before it. */
enum { ARENA_PLACES = 2 };

/* All that giving it back needs is here and in the pool: its blocks are out of the caches by then. */
struct arena {
	struct arena_pool *pool;   /* NULL: blocks are its own */
	struct arena_own *own;     /* those that come from the system and go there */
	char *at[ARENA_PLACES];
	uint32_t left[ARENA_PLACES]; /* bytes from there on */
	uint32_t first;            /* number of a block of the pool, which leads to the others; 0: none */
	uint32_t count;            /* of these */
};

/* After all of its arenas were freed. */
void arena_pool_free(struct arena_pool *pool);

void arena_free(struct arena *a);
/* The same for an arena that held secrets: its bytes are overwritten first. */
void arena_wipe(struct arena *a);
/* What its blocks take. */
size_t arena_bytes(const struct arena *a);
/* Empties it: one block is left to it, or lent. */
void arena_renew(struct arena *a);
/* All that `from` holds becomes part of `a`: nothing moves. They have the same pool. */
void arena_join(struct arena *a, struct arena *from);
/* Memory as it is, aligned for any type. */
void *arena_take(struct arena *a, size_t size);
/* The same, zeroed. */
void *arena_alloc(struct arena *a, size_t size);
/* An array twice as long (1 at first) with the old elements; *room is their number, `size` that of one. */
void *arena_grow(struct arena *a, const void *old, unsigned *room, size_t size);
/* A copy of the bytes; an absent slice stays absent. */
struct slice arena_copy(struct arena *a, struct slice s);
struct slice arena_printf(struct arena *a, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif

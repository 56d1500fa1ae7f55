/*
 * Hash table from a 64-bit key (itself a good hash) to a pointer. Open addressing, linear probing,
 * removal without tombstones. Keys that collide are the caller's business: it compares what the
 * pointer leads to.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/foresee.h"
#include "base/storage.h"

struct map_entry {
	uint64_t key;
	void *value; /* NULL: free place */
};

/* Zeroed is empty. */
struct map {
	struct map_entry *entries;
	size_t mask;  /* places - 1, or 0 when empty */
	size_t count;
	bool lent;    /* by storage: not to be freed */
};

/* An empty one that has room for `count` from the beginning. */
void map_init(struct map *m, struct storage *storage, size_t count);
void map_free(struct map *m);
/* A look-up of this key comes soon: where it begins is fetched from memory meanwhile. */
static inline void map_foresee(const struct map *m, uint64_t key)
{
	if (m->entries)
		foresee(&m->entries[key & m->mask]);
}

/* The value, or NULL. */
void *map_get(const struct map *m, uint64_t key);
/* Sets or replaces. `value` must not be NULL. */
void map_put(struct map *m, uint64_t key, void *value);
void map_remove(struct map *m, uint64_t key);
/* Where the value is kept until the next change of the map, to be replaced; NULL: there is none. */
void **map_place(const struct map *m, uint64_t key);
/* Removes all whose value is no pointer, but an odd number less than `end`: a walk over the whole table. */
void map_sweep(struct map *m, uintptr_t end);

#endif

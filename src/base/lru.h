/*
 * A bounded table: nodes by 64-bit key, the least recently used one dropped when there are too many.
 * Nodes are embedded in the caller's structs (first member), which the table frees through `drop`.
 */
#ifndef BASE_LRU_H
#define BASE_LRU_H

#include "base/map.h"

struct lru_node {
	uint64_t key;
	struct lru_node *newer, *older;
};

struct lru {
	struct map map;
	struct lru_node *newest, *oldest;
	size_t limit;
	uint64_t evicted;                    /* dropped because of the limit */
	void (*drop)(struct lru_node *node); /* frees it */
};

void lru_init(struct lru *l, size_t limit, void (*drop)(struct lru_node *node));
void lru_free(struct lru *l);
/* The node, now the most recently used; NULL if there is none. */
struct lru_node *lru_get(struct lru *l, uint64_t key);
/* Takes the node over; drops the oldest one if the table is full. The key must be new. */
void lru_add(struct lru *l, uint64_t key, struct lru_node *node);
/* Takes it out and drops it. */
void lru_remove(struct lru *l, struct lru_node *node);

#endif

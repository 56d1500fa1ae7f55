/*
 * A bounded table of small records of one size: found by a 64-bit key (itself a good hash), the least
 * recently used one dropped when there are too many. Records lie in blocks, linked by number, with 4
 * to 8 bytes of index each: nothing is allocated for a single record. A record begins with a struct
 * table_node and stays where it is until it is removed. Keys that collide are the caller's business.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table_node {
	uint64_t key;
	uint32_t newer, older; /* numbers of records, 0: none */
};

struct table {
	char **blocks;
	uint32_t *places;      /* a number, and above its bits some of the key; 0: free */
	size_t size;           /* bytes of a record */
	uint32_t mask;         /* places - 1, or 0 when empty */
	uint32_t limit, count;
	uint32_t used;         /* records that were ever handed out */
	uint32_t unused;       /* removed ones, linked by `newer` */
	uint32_t newest, oldest;
	unsigned bits;         /* of a number */
	uint64_t evicted;      /* dropped because of the limit */
	/* called before a record is dropped or removed; NULL: nothing to do */
	void (*drop)(void *arg, void *record);
	void *arg;
};

/* `limit`: at most 16 million records. */
void table_init(struct table *t, size_t size, size_t limit);
void table_free(struct table *t);
/* The record, now the most recently used; NULL if there is none. */
void *table_get(struct table *t, uint64_t key);
/* The same without being a use. */
void *table_peek(const struct table *t, uint64_t key);
/* A new record, zeroed but for its node; drops the oldest one if the table is full. The key must be new. */
void *table_add(struct table *t, uint64_t key);
void table_remove(struct table *t, void *record);
/* What it takes, without what its records own. */
size_t table_bytes(const struct table *t);
/* The least recently used one, and from there on; NULL: no more. */
void *table_oldest(const struct table *t);
void *table_newer(const struct table *t, const void *record);

#endif

/*
 * Memory for tables, zeroed, which lasts until all of it is given back. What is looked into at random would pay for a
 * walk through the page tables of the processor at every look, and for each page when it is touched first: so pages are
 * huge, and pieces lie side by side in them.
 */
#ifndef BASE_STORAGE_H
#define BASE_STORAGE_H

#include <stddef.h>

struct storage_region;
struct storage_spare;

/* Zeroed is empty. */
struct storage {
	struct storage_region *regions;
	struct storage_spare *spare; /* pieces that were given back */
};

/* Aligned to lines of the caches. Only what is touched takes memory. */
void *storage_take(struct storage *p, size_t size);
/* Others may have the piece, of which `size` bytes were asked for. */
void storage_give(struct storage *p, void *piece, size_t size);
void storage_free(struct storage *p);

#endif

/*
 * Short byte strings, each kept once: rows of the list name them by number. Number 0 is the empty one. Only
 * texts_free() gives anything back.
 */
#ifndef VIEW_TEXTS_H
#define VIEW_TEXTS_H

#include "base/address.h"
#include "base/buf.h"

enum { TEXT_MAX = 255 }; /* bytes; what is longer is cut */

struct texts {
	struct buf bytes;      /* of each: its length, its bytes */
	uint32_t *places;      /* hash table of offsets in it, 0: free */
	size_t mask, count;
};

void texts_free(struct texts *t);
uint32_t texts_put(struct texts *t, struct slice s);
/* Dies with the next texts_put(). */
struct slice texts_get(const struct texts *t, uint32_t number);
uint32_t texts_put_address(struct texts *t, const struct address *a);
struct address texts_get_address(const struct texts *t, uint32_t number);

#endif

#include "base/storage.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"

enum { LINE = 64, REGION_LEAST = 32 * HUGE_PAGE /* of addresses */ };

struct storage_region {
	struct storage_region *next;
	char *start;
	size_t size, used;
};

/* It lies in the piece itself. */
struct storage_spare {
	struct storage_spare *next;
	size_t size;
};

static size_t whole_lines(size_t size)
{
	return (size + LINE - 1) / LINE * LINE;
}

static struct storage_region *region_new(struct storage *p, size_t least)
{
	struct storage_region *r = xmalloc(sizeof(*r));

	r->size = least < REGION_LEAST ? REGION_LEAST : (least + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	r->start = xpages(r->size);
	r->used = 0;
	r->next = p->regions;
	p->regions = r;
	return r;
}

/* The end of the first that is large enough; NULL: none is. */
static void *take_spare(struct storage *p, size_t need)
{
	struct storage_spare **link = &p->spare, *s;
	char *piece;

	while (*link && (*link)->size < need)
		link = &(*link)->next;
	s = *link;
	if (!s)
		return NULL;
	s->size -= need;
	piece = (char *)s + s->size;
	if (!s->size)
		*link = s->next;
	return memset(piece, 0, need);
}

void *storage_take(struct storage *p, size_t size)
{
	size_t need = whole_lines(size);
	struct storage_region *r = p->regions;
	char *piece = take_spare(p, need);

	if (piece)
		return piece;
	if (!r || r->size - r->used < need)
		r = region_new(p, need);
	piece = r->start + r->used;
	r->used += need;
	return piece;
}

void storage_give(struct storage *p, void *piece, size_t size)
{
	struct storage_spare *s = piece;

	*s = (struct storage_spare){p->spare, whole_lines(size)};
	p->spare = s;
}

void storage_free(struct storage *p)
{
	struct storage_region *next;

	for (struct storage_region *r = p->regions; r; r = next) {
		next = r->next;
		munmap(r->start, r->size);
		free(r);
	}
	*p = (struct storage){0};
}

#include "base/arena.h"

#include <stdarg.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"
#include "base/foresee.h"

enum {
	/* an odd number of lines: else all blocks would begin in few places of the caches */
	BLOCK_SIZE = 33 * 64,
	SLAB_SIZE = 1 << 18,
	SLAB_BLOCKS = SLAB_SIZE / BLOCK_SIZE,
	SLABS_EMPTY_MAX = 4 /* that wait for the next arena: fresh pages from the system are dear */
};

struct arena_block {
	struct arena_block *next;
	struct arena_slab *slab; /* NULL: of its own */
	size_t left, size;       /* bytes; what is left lies at the end */
	alignas(max_align_t) char bytes[];
};

/*
 * Many blocks in a piece that goes back to the system as a whole. The slab lies in the first of them. Free blocks are
 * known by their numbers: a list through the blocks would wait for each of them to come from memory.
 */
struct arena_slab {
	struct arena_slab *next, **link; /* of the slabs with free blocks; link NULL: it has none */
	unsigned free_count;
	uint8_t free[SLAB_BLOCKS - 1]; /* the one that goes next last */
};

/* ---- slabs ---- */

static void slab_link(struct arena_pool *pool, struct arena_slab *slab)
{
	slab->next = pool->slabs;
	if (slab->next)
		slab->next->link = &slab->next;
	slab->link = &pool->slabs;
	pool->slabs = slab;
}

static void slab_unlink(struct arena_slab *slab)
{
	*slab->link = slab->next;
	if (slab->next)
		slab->next->link = slab->link;
	slab->link = NULL;
}

static void slab_new(struct arena_pool *pool)
{
	struct arena_slab *slab = xpages(SLAB_SIZE);

	for (unsigned number = SLAB_BLOCKS - 1; number; number--)
		slab->free[slab->free_count++] = (uint8_t)number;
	slab_link(pool, slab);
	pool->empty++;
}

static struct arena_block *slab_take(struct arena_pool *pool)
{
	struct arena_slab *slab;
	struct arena_block *block;

	if (!pool->slabs)
		slab_new(pool);
	slab = pool->slabs;
	pool->empty -= slab->free_count == SLAB_BLOCKS - 1;
	block = (void *)((char *)slab + slab->free[--slab->free_count] * BLOCK_SIZE);
	if (!slab->free_count)
		slab_unlink(slab);
	foresee_all(block, BLOCK_SIZE / 2); /* the rest is needed later, and some of it never */
	block->slab = slab;
	block->size = BLOCK_SIZE - sizeof(*block);
	return block;
}

static void slab_give(struct arena_pool *pool, struct arena_block *block)
{
	struct arena_slab *slab = block->slab;

	slab->free[slab->free_count++] = (uint8_t)(((char *)block - (char *)slab) / BLOCK_SIZE);
	if (!slab->link)
		slab_link(pool, slab);
	if (slab->free_count < SLAB_BLOCKS - 1)
		return;
	if (pool->empty == SLABS_EMPTY_MAX) {
		slab_unlink(slab);
		munmap(slab, SLAB_SIZE);
	} else {
		pool->empty++;
	}
}

void arena_pool_free(struct arena_pool *pool)
{
	while (pool->slabs) {
		struct arena_slab *slab = pool->slabs;

		slab_unlink(slab);
		munmap(slab, SLAB_SIZE);
	}
	*pool = (struct arena_pool){0};
}

/* ---- arenas ---- */

static void block_free(struct arena_pool *pool, struct arena_block *block)
{
	if (pool)
		pool->lent -= sizeof(*block) + block->size;
	if (block->slab)
		slab_give(pool, block);
	else
		free(block);
}

size_t arena_bytes(const struct arena *a)
{
	size_t n = 0;

	for (const struct arena_block *block = a->blocks; block; block = block->next)
		n += sizeof(*block) + block->size;
	return n;
}

void arena_free(struct arena *a)
{
	struct arena_block *block, *next;

	for (block = a->blocks; block; block = next) {
		next = block->next;
		block_free(a->pool, block);
	}
	*a = (struct arena){.pool = a->pool};
}

void arena_join(struct arena *a, struct arena *from)
{
	struct arena_block **end = &from->blocks;

	while (*end)
		end = &(*end)->next;
	*end = a->blocks;
	a->blocks = from->blocks;
	*from = (struct arena){.pool = from->pool};
}

void arena_wipe(struct arena *a)
{
	for (struct arena_block *block = a->blocks; block; block = block->next)
		explicit_bzero(block->bytes, block->size - block->left);
	arena_free(a);
}

static struct arena_block *block_new(struct arena *a, size_t need)
{
	size_t size = BLOCK_SIZE - sizeof(struct arena_block);
	struct arena_block *block;

	if (need <= size && a->pool) {
		block = slab_take(a->pool);
	} else {
		if (size < need)
			size = need;
		block = xmalloc(sizeof(*block) + size);
		block->slab = NULL;
		block->size = size;
	}
	if (a->pool)
		a->pool->lent += sizeof(*block) + block->size;
	block->left = block->size;
	block->next = a->blocks;
	a->blocks = block;
	return block;
}

void arena_renew(struct arena *a)
{
	struct arena_block *block = a->blocks;

	if (block && !block->next && block->slab) {
		block->left = block->size;
		return;
	}
	arena_free(a);
	block_new(a, 0);
}

void *arena_take(struct arena *a, size_t size)
{
	size_t align = alignof(max_align_t);
	size_t need = (size + align - 1) / align * align;
	struct arena_block *block = a->blocks;
	void *p;

	/* what is small fills up the block before the newest one */
	if (block && block->next && block->next->left >= need)
		block = block->next;
	else if (!block || block->left < need)
		block = block_new(a, need);
	p = block->bytes + block->size - block->left;
	block->left -= need;
	return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
	return memset(arena_take(a, size), 0, size);
}

void *arena_grow(struct arena *a, const void *old, unsigned *room, size_t size)
{
	unsigned more = *room ? *room * 2 : 1;
	void *p = arena_alloc(a, more * size);

	if (*room)
		memcpy(p, old, *room * size);
	*room = more;
	return p;
}

struct slice arena_copy(struct arena *a, struct slice s)
{
	char *copy;

	if (!s.p)
		return s;
	copy = arena_take(a, s.n ? s.n : 1);
	memcpy(copy, s.p, s.n);
	return (struct slice){copy, s.n};
}

struct slice arena_printf(struct arena *a, const char *format, ...)
{
	va_list args;
	char *p;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		n = 0;
	p = arena_alloc(a, (size_t)n + 1);
	va_start(args, format);
	vsnprintf(p, (size_t)n + 1, format, args);
	va_end(args);
	return (struct slice){p, (size_t)n};
}

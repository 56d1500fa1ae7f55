#include "base/arena.h"

#include <stdarg.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum { BLOCK_SIZE = 2048, POOL_MAX = 2048 };

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size;
	alignas(max_align_t) char bytes[];
};

/* Only blocks of the usual size are worth keeping. */
static bool is_usual(const struct arena_block *block)
{
	return block->size == BLOCK_SIZE - sizeof(*block);
}

static void block_free(struct arena_pool *pool, struct arena_block *block)
{
	if (pool)
		pool->lent -= sizeof(*block) + block->size;
	if (pool && pool->count < POOL_MAX && is_usual(block)) {
		block->next = pool->blocks;
		pool->blocks = block;
		pool->count++;
	} else {
		free(block);
	}
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

void arena_wipe(struct arena *a)
{
	for (struct arena_block *block = a->blocks; block; block = block->next)
		explicit_bzero(block->bytes, block->used);
	arena_free(a);
}

void arena_pool_free(struct arena_pool *pool)
{
	struct arena unpooled = {.blocks = pool->blocks};

	arena_free(&unpooled);
	*pool = (struct arena_pool){0};
}

static struct arena_block *block_new(struct arena *a, size_t need)
{
	size_t size = BLOCK_SIZE - sizeof(struct arena_block);
	struct arena_block *block;

	if (need <= size && a->pool && a->pool->blocks) {
		block = a->pool->blocks;
		a->pool->blocks = block->next;
		a->pool->count--;
	} else {
		if (size < need)
			size = need;
		block = xmalloc(sizeof(*block) + size);
		block->size = size;
	}
	if (a->pool)
		a->pool->lent += sizeof(*block) + block->size;
	block->used = 0;
	block->next = a->blocks;
	a->blocks = block;
	return block;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t align = alignof(max_align_t);
	size_t need = (size + align - 1) / align * align;
	struct arena_block *block = a->blocks;
	void *p;

	if (!block || block->size - block->used < need)
		block = block_new(a, need);
	p = block->bytes + block->used;
	block->used += need;
	a->used += need;
	return memset(p, 0, size);
}

void *arena_grow(struct arena *a, const void *old, unsigned *room, size_t size)
{
	unsigned more = *room ? *room * 2 : 4;
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
	copy = arena_alloc(a, s.n ? s.n : 1);
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

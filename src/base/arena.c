#include "base/arena.h"

#include <stdarg.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"

enum {
	/* an odd number of lines: else all blocks would begin in few places of the caches */
	BLOCK_SIZE = 29 * 64,
	SLAB_SIZE = HUGE_PAGE,
	SLAB_BLOCKS = SLAB_SIZE / BLOCK_SIZE,
	SLABS_EMPTY_MAX = 1 /* that wait for the next arena: fresh pages from the system are dear */
};

/*
 * Many blocks in a piece that goes back to the system as a whole. What is known of them lies apart, for none is
 * fetched from memory to be lent or given back.
 */
struct arena_slab {
	char *blocks;
	uint32_t first;             /* number of its first block */
	uint32_t free, free_count;  /* the first of those that are free */
	uint32_t after[SLAB_BLOCKS]; /* the next one of the same arena, or that is free; 0: none */
};

/* A block that is no part of a slab. */
struct arena_own {
	struct arena_own *next;
	size_t size; /* of its bytes */
	alignas(max_align_t) char bytes[];
};

/* ---- slabs ---- */

enum { BITS = 64 /* of a word of arena_pool.open */ };

static struct arena_slab *slab_of(const struct arena_pool *pool, uint32_t number)
{
	return pool->slabs[number / SLAB_BLOCKS];
}

static uint32_t *block_after(struct arena_slab *slab, uint32_t number)
{
	return &slab->after[number % SLAB_BLOCKS];
}

static void slab_open(struct arena_pool *pool, unsigned number)
{
	pool->open[number / BITS] |= UINT64_C(1) << number % BITS;
	if (pool->open_from > number / BITS)
		pool->open_from = number / BITS;
}

static void slab_shut(struct arena_pool *pool, unsigned number)
{
	pool->open[number / BITS] &= ~(UINT64_C(1) << number % BITS);
}

/* The lowest number that no slab has; not 0, since no block has the number 0. */
static unsigned slab_number(struct arena_pool *pool)
{
	unsigned number = 1, room = pool->slab_room;

	while (number < room && pool->slabs[number])
		number++;
	if (number >= room) {
		pool->slab_room = room ? room * 2 : BITS;
		pool->slabs = xrealloc(pool->slabs, pool->slab_room * sizeof(*pool->slabs));
		pool->open = xrealloc(pool->open, pool->slab_room / BITS * sizeof(*pool->open));
		for (unsigned i = room; i < pool->slab_room; i++)
			pool->slabs[i] = NULL;
		for (unsigned i = room / BITS; i < pool->slab_room / BITS; i++)
			pool->open[i] = 0;
	}
	return number;
}

static void slab_new(struct arena_pool *pool)
{
	struct arena_slab *slab = xmalloc(sizeof(*slab));
	unsigned number = slab_number(pool);

	slab->blocks = xpages(SLAB_SIZE);
	slab->first = number * SLAB_BLOCKS;
	slab->free = slab->first;
	slab->free_count = SLAB_BLOCKS;
	for (unsigned i = 0; i < SLAB_BLOCKS; i++)
		slab->after[i] = i + 1 < SLAB_BLOCKS ? slab->first + i + 1 : 0;
	pool->slabs[number] = slab;
	slab_open(pool, number);
	pool->empty++;
}

static void slab_free(struct arena_pool *pool, unsigned number)
{
	struct arena_slab *slab = pool->slabs[number];

	pool->slabs[number] = NULL;
	slab_shut(pool, number);
	munmap(slab->blocks, SLAB_SIZE);
	free(slab);
}

/* The lowest with free blocks: so those above get empty, and can go. */
static struct arena_slab *lowest_open(struct arena_pool *pool)
{
	unsigned words = pool->slab_room / BITS, i = pool->open_from;

	while (i < words && !pool->open[i])
		i++;
	if (i == words) {
		slab_new(pool);
		i = pool->open_from;
	}
	pool->open_from = i;
	return pool->slabs[i * BITS + (unsigned)__builtin_ctzll(pool->open[i])];
}

/* A block for `a`. */
static char *slab_take(struct arena *a)
{
	struct arena_pool *pool = a->pool;
	struct arena_slab *slab = lowest_open(pool);
	uint32_t number = slab->free, *after = block_after(slab, number);
	char *block = slab->blocks + number % SLAB_BLOCKS * BLOCK_SIZE;

	pool->empty -= slab->free_count == SLAB_BLOCKS;
	slab->free = *after;
	if (!--slab->free_count)
		slab_shut(pool, number / SLAB_BLOCKS);
	*after = a->first;
	a->first = number;
	a->count++;
	return block;
}

static void slab_give(struct arena_pool *pool, struct arena_slab *slab, uint32_t number)
{
	*block_after(slab, number) = slab->free;
	slab->free = number;
	if (!slab->free_count++)
		slab_open(pool, number / SLAB_BLOCKS);
	if (slab->free_count < SLAB_BLOCKS)
		return;
	if (pool->empty == SLABS_EMPTY_MAX)
		slab_free(pool, number / SLAB_BLOCKS);
	else
		pool->empty++;
}

void arena_pool_free(struct arena_pool *pool)
{
	for (unsigned i = 0; i < pool->slab_room; i++)
		if (pool->slabs[i])
			slab_free(pool, i);
	free(pool->slabs);
	free(pool->open);
	*pool = (struct arena_pool){0};
}

/* ---- arenas ---- */

size_t arena_bytes(const struct arena *a)
{
	size_t n = (size_t)a->count * BLOCK_SIZE;

	for (const struct arena_own *own = a->own; own; own = own->next)
		n += sizeof(*own) + own->size;
	return n;
}

void arena_free(struct arena *a)
{
	struct arena_pool *pool = a->pool;
	struct arena_own *own, *next_own;
	uint32_t number, next;

	if (pool)
		pool->lent -= arena_bytes(a);
	for (number = a->first; number; number = next) {
		struct arena_slab *slab = slab_of(pool, number);

		next = *block_after(slab, number);
		slab_give(pool, slab, number);
	}
	for (own = a->own; own; own = next_own) {
		next_own = own->next;
		free(own);
	}
	*a = (struct arena){.pool = pool};
}

void arena_wipe(struct arena *a)
{
	for (uint32_t number = a->first; number; number = *block_after(slab_of(a->pool, number), number))
		explicit_bzero(slab_of(a->pool, number)->blocks + number % SLAB_BLOCKS * BLOCK_SIZE, BLOCK_SIZE);
	for (struct arena_own *own = a->own; own; own = own->next)
		explicit_bzero(own->bytes, own->size);
	arena_free(a);
}

/* There is room in a block, which is the newest now. */
static void place_add(struct arena *a, char *at, size_t left)
{
	if (a->left[0] >= a->left[1]) {
		a->at[1] = a->at[0];
		a->left[1] = a->left[0];
	}
	a->at[0] = at;
	a->left[0] = (uint32_t)left;
}

void arena_join(struct arena *a, struct arena *from)
{
	struct arena_own **own_end = &from->own;
	uint32_t *end = &from->first;

	while (*end)
		end = block_after(slab_of(from->pool, *end), *end);
	*end = a->first;
	a->first = from->first;
	a->count += from->count;
	while (*own_end)
		own_end = &(*own_end)->next;
	*own_end = a->own;
	a->own = from->own;
	place_add(a, from->at[1], from->left[1]);
	place_add(a, from->at[0], from->left[0]);
	*from = (struct arena){.pool = from->pool};
}

static char *own_new(struct arena *a, size_t size)
{
	struct arena_own *own = xmalloc(sizeof(*own) + size);

	own->size = size;
	own->next = a->own;
	a->own = own;
	if (a->pool)
		a->pool->lent += sizeof(*own) + size;
	return own->bytes;
}

static void block_new(struct arena *a)
{
	if (!a->pool) {
		place_add(a, own_new(a, BLOCK_SIZE), BLOCK_SIZE);
		return;
	}
	place_add(a, slab_take(a), BLOCK_SIZE);
	a->pool->lent += BLOCK_SIZE;
}

void arena_renew(struct arena *a)
{
	if (a->count == 1 && !a->own) {
		a->at[0] -= BLOCK_SIZE - a->left[0];
		a->left[0] = BLOCK_SIZE;
		return;
	}
	arena_free(a);
	block_new(a);
}

void *arena_take(struct arena *a, size_t size)
{
	size_t align = alignof(max_align_t), need = (size + align - 1) / align * align;
	unsigned i = 0;
	char *p;

	if (need > a->left[0] || !a->at[0]) {
		if (need > BLOCK_SIZE)
			return own_new(a, need);
		i = need <= a->left[1] && a->at[1];
		if (!i)
			block_new(a);
	}
	p = a->at[i];
	a->at[i] += need;
	a->left[i] -= (uint32_t)need;
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

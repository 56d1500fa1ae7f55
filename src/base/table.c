#include "base/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum { BLOCK_RECORDS = 512, PLACES_FIRST = 64, LIMIT_MAX = (1 << 24) - 1 };

void table_init(struct table *t, size_t size, size_t limit)
{
	*t = (struct table){.size = size};
	t->limit = limit < LIMIT_MAX ? (uint32_t)limit : LIMIT_MAX;
	while (t->limit >> t->bits)
		t->bits++;
}

static struct table_node *node_at(const struct table *t, uint32_t number)
{
	uint32_t i = number - 1;

	return (struct table_node *)(void *)(t->blocks[i / BLOCK_RECORDS] + i % BLOCK_RECORDS * t->size);
}

void table_free(struct table *t)
{
	for (uint32_t n = t->oldest; n && t->drop; n = node_at(t, n)->newer)
		t->drop(t->arg, node_at(t, n));
	for (uint32_t i = 0; i * BLOCK_RECORDS < t->used; i++)
		free(t->blocks[i]);
	free(t->blocks);
	free(t->places);
	*t = (struct table){0};
}

/* ---- the index ---- */

/* What a place holds for this record: other keys are told apart without a look at theirs. */
static uint32_t place_value(const struct table *t, uint64_t key, uint32_t number)
{
	return (uint32_t)(key >> 40) << t->bits | number;
}

static uint32_t number_of(const struct table *t, uint32_t place)
{
	return place & ((UINT32_C(1) << t->bits) - 1);
}

/* The place of the key, or the free place where it would go. */
static uint32_t find_place(const struct table *t, uint64_t key)
{
	uint32_t i = (uint32_t)key & t->mask, tag = place_value(t, key, 0);

	for (; t->places[i]; i = (i + 1) & t->mask)
		if ((t->places[i] & ~((UINT32_C(1) << t->bits) - 1)) == tag &&
			node_at(t, number_of(t, t->places[i]))->key == key)
			break;
	return i;
}

static void grow_index(struct table *t)
{
	uint32_t places = t->places ? (t->mask + 1) * 2 : PLACES_FIRST;

	free(t->places);
	t->places = xcalloc(places, sizeof(*t->places));
	t->mask = places - 1;
	for (uint32_t n = t->oldest; n; n = node_at(t, n)->newer) {
		uint64_t key = node_at(t, n)->key;
		uint32_t i = (uint32_t)key & t->mask;

		while (t->places[i])
			i = (i + 1) & t->mask;
		t->places[i] = place_value(t, key, n);
	}
}

static void index_remove(struct table *t, uint32_t hole)
{
	/* close the gap: move back every entry whose home is not between the hole and itself */
	for (uint32_t i = (hole + 1) & t->mask; t->places[i]; i = (i + 1) & t->mask) {
		uint32_t home = (uint32_t)node_at(t, number_of(t, t->places[i]))->key & t->mask;

		if (((i - home) & t->mask) >= ((i - hole) & t->mask)) {
			t->places[hole] = t->places[i];
			hole = i;
		}
	}
	t->places[hole] = 0;
}

/* ---- the order of use ---- */

static void unlink_node(struct table *t, struct table_node *node)
{
	*(node->newer ? &node_at(t, node->newer)->older : &t->newest) = node->older;
	*(node->older ? &node_at(t, node->older)->newer : &t->oldest) = node->newer;
}

static void link_newest(struct table *t, struct table_node *node, uint32_t number)
{
	node->newer = 0;
	node->older = t->newest;
	*(t->newest ? &node_at(t, t->newest)->newer : &t->oldest) = number;
	t->newest = number;
}

void *table_peek(const struct table *t, uint64_t key)
{
	uint32_t place = t->places ? t->places[find_place(t, key)] : 0;

	return place ? node_at(t, number_of(t, place)) : NULL;
}

void *table_get(struct table *t, uint64_t key)
{
	uint32_t place = t->places ? t->places[find_place(t, key)] : 0, number;
	struct table_node *node;

	if (!place)
		return NULL;
	number = number_of(t, place);
	node = node_at(t, number);
	if (number != t->newest) {
		unlink_node(t, node);
		link_newest(t, node, number);
	}
	return node;
}

/* ---- records ---- */

static uint32_t take_number(struct table *t)
{
	uint32_t number = t->unused;

	if (number) {
		t->unused = node_at(t, number)->newer;
		return number;
	}
	if (t->used % BLOCK_RECORDS == 0) {
		t->blocks = xrealloc(t->blocks, (t->used / BLOCK_RECORDS + 1) * sizeof(*t->blocks));
		t->blocks[t->used / BLOCK_RECORDS] = xmalloc(BLOCK_RECORDS * t->size);
	}
	return ++t->used;
}

void *table_add(struct table *t, uint64_t key)
{
	struct table_node *node;
	uint32_t number;

	if (t->count >= t->limit && t->oldest) {
		t->evicted++;
		table_remove(t, node_at(t, t->oldest));
	}
	/* two thirds full at most */
	if (!t->places || (t->count + 1) * UINT64_C(3) > (t->mask + UINT64_C(1)) * 2)
		grow_index(t);
	number = take_number(t);
	node = node_at(t, number);
	memset(node, 0, t->size);
	node->key = key;
	link_newest(t, node, number);
	t->places[find_place(t, key)] = place_value(t, key, number);
	t->count++;
	return node;
}

void table_remove(struct table *t, void *record)
{
	struct table_node *node = record;
	uint32_t place = find_place(t, node->key);
	uint32_t number = number_of(t, t->places[place]);

	if (t->drop)
		t->drop(t->arg, record);
	index_remove(t, place);
	unlink_node(t, node);
	node->newer = t->unused;
	t->unused = number;
	t->count--;
}

size_t table_bytes(const struct table *t)
{
	return t->used * t->size + (t->places ? (t->mask + (size_t)1) * sizeof(*t->places) : 0);
}

void *table_oldest(const struct table *t)
{
	return t->oldest ? node_at(t, t->oldest) : NULL;
}

void *table_newer(const struct table *t, const void *record)
{
	const struct table_node *node = record;

	return node->newer ? node_at(t, node->newer) : NULL;
}

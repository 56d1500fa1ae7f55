#include "base/table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"
#include "base/foresee.h"

enum { PLACES_FIRST = 48, LIMIT_MAX = (1 << 28) - 1 };

/* In table_node.newer: used since it became the newest. */
#define MARK (UINT32_C(1) << 31)

void table_init(struct table *t, size_t size, size_t limit)
{
	*t = (struct table){.size = size};
	t->limit = limit < LIMIT_MAX ? (uint32_t)limit : LIMIT_MAX;
	if (!t->limit)
		t->limit = 1;
}

static struct table_node *node_at(const struct table *t, uint32_t number)
{
	return (struct table_node *)(void *)(t->records + (number - 1) * t->size);
}

static uint32_t newer_than(const struct table_node *node)
{
	return node->newer & ~MARK;
}

void table_free(struct table *t)
{
	for (uint32_t n = t->oldest; n && t->drop; n = newer_than(node_at(t, n)))
		t->drop(t->arg, node_at(t, n));
	if (t->records)
		munmap(t->records, t->limit * t->size);
	if (t->places)
		munmap(t->places, t->place_count * sizeof(*t->places));
	*t = (struct table){0};
}

/* ---- the index ---- */

static uint32_t hash_of(uint64_t key)
{
	return (uint32_t)(key >> 32);
}

/* Where an entry would lie if it were alone: the hash as a fraction of the places. */
static uint32_t home_of(const struct table *t, uint32_t hash)
{
	return (uint32_t)((uint64_t)hash * t->place_count >> 32);
}

void table_foresee(const struct table *t, uint64_t key)
{
	if (t->places)
		foresee(&t->places[home_of(t, hash_of(key))]);
}

static uint32_t next_place(const struct table *t, uint32_t i)
{
	return i + 1 < t->place_count ? i + 1 : 0;
}

/* The place of the key, or the free place where it would go. */
static uint32_t find_place(const struct table *t, uint64_t key)
{
	uint32_t hash = hash_of(key), i = home_of(t, hash);

	for (; t->places[i].number; i = next_place(t, i))
		if (t->places[i].hash == hash && node_at(t, t->places[i].number)->key == key)
			break;
	return i;
}

/* More places, but no more than the limit needs: two of five stay free, so that ways are short. */
static void grow_index(struct table *t)
{
	struct table_place *old = t->places;
	uint32_t count = t->place_count;
	uint64_t most = (uint64_t)t->limit * 5 / 3 + 2, more = count ? count * UINT64_C(2) : PLACES_FIRST;

	t->place_count = (uint32_t)(more < most ? more : most);
	t->places = xpages(t->place_count * sizeof(*t->places));
	for (uint32_t k = 0; k < count; k++) {
		uint32_t i = home_of(t, old[k].hash);

		if (!old[k].number)
			continue;
		while (t->places[i].number)
			i = next_place(t, i);
		t->places[i] = old[k];
	}
	if (old)
		munmap(old, count * sizeof(*old));
}

/* How far place `i` lies behind place `from`. */
static uint32_t distance(const struct table *t, uint32_t from, uint32_t i)
{
	return i >= from ? i - from : i + t->place_count - from;
}

static void index_remove(struct table *t, uint32_t hole)
{
	/* close the gap: move back every entry whose home is not between the hole and itself */
	for (uint32_t i = next_place(t, hole); t->places[i].number; i = next_place(t, i))
		if (distance(t, home_of(t, t->places[i].hash), i) >= distance(t, hole, i)) {
			t->places[hole] = t->places[i];
			hole = i;
		}
	t->places[hole].number = 0;
}

/* ---- the order ---- */

static void set_newer(struct table_node *node, uint32_t number)
{
	node->newer = (node->newer & MARK) | number;
}

static void unlink_node(struct table *t, const struct table_node *node)
{
	uint32_t newer = newer_than(node);

	if (newer)
		node_at(t, newer)->older = node->older;
	else
		t->newest = node->older;
	if (node->older)
		set_newer(node_at(t, node->older), newer);
	else
		t->oldest = newer;
}

static void link_newest(struct table *t, struct table_node *node, uint32_t number)
{
	node->newer = 0;
	node->older = t->newest;
	if (t->newest)
		set_newer(node_at(t, t->newest), number);
	else
		t->oldest = number;
	t->newest = number;
}

void *table_unused(struct table *t)
{
	while (t->oldest) {
		uint32_t number = t->oldest;
		struct table_node *node = node_at(t, number);

		if (!(node->newer & MARK))
			return node;
		unlink_node(t, node);
		link_newest(t, node, number);
	}
	return NULL;
}

/* ---- records ---- */

void *table_peek(const struct table *t, uint64_t key)
{
	uint32_t number = t->places ? t->places[find_place(t, key)].number : 0;

	return number ? node_at(t, number) : NULL;
}

void *table_get(struct table *t, uint64_t key)
{
	struct table_node *node = table_peek(t, key);

	if (node)
		node->newer |= MARK;
	return node;
}

static uint32_t take_number(struct table *t)
{
	uint32_t number = t->unused;

	if (number) {
		t->unused = node_at(t, number)->newer;
		return number;
	}
	if (!t->records)
		t->records = xpages(t->limit * t->size);
	return ++t->used;
}

/* Room for one more; true if places changed. */
static bool make_room(struct table *t)
{
	bool full = t->count >= t->limit;

	if (full) {
		t->evicted++;
		table_remove(t, table_unused(t));
	}
	if ((t->count + UINT64_C(1)) * 5 <= t->place_count * UINT64_C(3))
		return full;
	grow_index(t);
	return true;
}

static void *add_at(struct table *t, uint64_t key, uint32_t place)
{
	uint32_t number = take_number(t);
	struct table_node *node = node_at(t, number);

	memset(node, 0, t->size);
	node->key = key;
	link_newest(t, node, number);
	t->places[place] = (struct table_place){hash_of(key), number};
	t->count++;
	return node;
}

void *table_add(struct table *t, uint64_t key)
{
	make_room(t);
	return add_at(t, key, find_place(t, key));
}

void *table_put(struct table *t, uint64_t key)
{
	uint32_t place = t->places ? find_place(t, key) : 0;

	if (t->places && t->places[place].number) {
		struct table_node *node = node_at(t, t->places[place].number);

		node->newer |= MARK;
		return node;
	}
	if (make_room(t))
		place = find_place(t, key);
	return add_at(t, key, place);
}

/* The oldest is mostly removed next: its place, and the record after it, are fetched from memory meanwhile. */
static void foresee_oldest(const struct table *t)
{
	const struct table_node *node = node_at(t, t->oldest);
	uint32_t newer = newer_than(node);

	table_foresee(t, node->key);
	if (newer)
		foresee_all(node_at(t, newer), t->size);
}

void table_remove(struct table *t, void *record)
{
	struct table_node *node = record;
	uint32_t place = find_place(t, node->key), number = t->places[place].number;

	if (t->drop)
		t->drop(t->arg, record);
	index_remove(t, place);
	unlink_node(t, node);
	node->newer = t->unused;
	t->unused = number;
	t->count--;
	if (t->oldest)
		foresee_oldest(t);
}

size_t table_bytes(const struct table *t)
{
	return t->used * t->size + t->place_count * sizeof(*t->places);
}

void *table_oldest(const struct table *t)
{
	return t->oldest ? node_at(t, t->oldest) : NULL;
}

void *table_newer(const struct table *t, const void *record)
{
	uint32_t newer = newer_than(record);

	return newer ? node_at(t, newer) : NULL;
}

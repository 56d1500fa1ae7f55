#include "base/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#include "base/foresee.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
	LIMIT_MAX = (1 << 28) - 1,
	BUCKETS_FIRST = 16,
	BUCKETS_GROWTH = 4,
	CHUNK_MOST = 128 << 10, /* bytes of records that lie in a row */
	BUCKET_LOAD = 6, /* records for each bucket at most, on average: then one of 25 is full */
	STEPS_NEAR = 16, /* of the hand */
	AHEAD = 4        /* so many turns before its own a record's bucket is fetched from memory */
};

/* The index of an empty table: nothing is found there, and nothing written. */
static const struct table_bucket nothing;

void table_init(struct table *t, struct storage *storage, size_t size, size_t limit)
{
	*t = (struct table){.storage = storage, .size = (uint32_t)size,
		.buckets = (struct table_bucket *)&nothing, .bucket_count = 1};
	t->limit = limit < LIMIT_MAX ? (uint32_t)limit : LIMIT_MAX;
	if (!t->limit)
		t->limit = 1;
	t->hand = 1;
	while ((size_t)t->size << (t->chunk_bits + 1) <= CHUNK_MOST)
		t->chunk_bits++;
}

static struct table_node *node_at(const struct table *t, uint32_t number)
{
	char *chunk = t->chunks[number >> t->chunk_bits];

	return (struct table_node *)(void *)(chunk + (size_t)(number & ((1u << t->chunk_bits) - 1)) * t->size);
}

void *table_each(const struct table *t, uint32_t *number)
{
	while (++*number <= t->used) {
		struct table_node *node = node_at(t, *number);

		if (!(node->key & TABLE_FREE))
			return node;
	}
	return NULL;
}

void table_free(struct table *t)
{
	uint32_t n = 0;

	for (void *record; t->drop && (record = table_each(t, &n));)
		t->drop(t->arg, record);
	free(t->chunks);
	*t = (struct table){0};
}

/* ---- the index ---- */

/* From the half of the key that does not choose the bucket. */
static uint16_t tag_of(uint64_t key)
{
	uint16_t tag = (uint16_t)key;

	return tag ? tag : 1;
}

/* The slots with this tag: a bit for each. */
static unsigned slots_with(const struct table_bucket *b, uint16_t tag)
{
#ifdef __SSE2__
	const __m128i *p = (const __m128i *)(const void *)b;
	__m128i tags = _mm_set1_epi16((short)tag);
	__m128i equal = _mm_packs_epi16(_mm_cmpeq_epi16(p[0], tags), _mm_cmpeq_epi16(p[1], tags));

	/* what lies behind the tags was compared, too */
	return (unsigned)_mm_movemask_epi8(equal) & ((1u << TABLE_SLOTS) - 1);
#else
	unsigned slots = 0;

	for (unsigned i = 0; i < TABLE_SLOTS; i++)
		slots |= (unsigned)(b->tags[i] == tag) << i;
	return slots;
#endif
}

static struct table_bucket *next_bucket(const struct table *t, struct table_bucket *b)
{
	return b + 1 < t->buckets + t->bucket_count ? b + 1 : t->buckets;
}

static struct table_node *find(const struct table *t, uint64_t key)
{
	struct table_bucket *b = table_home(t, key);
	uint16_t tag = tag_of(key);

	/* not round in circles, if records passed every one of them */
	for (uint32_t left = t->bucket_count; left; left--) {
		for (unsigned slots = slots_with(b, tag); slots; slots &= slots - 1) {
			struct table_node *node = node_at(t, b->numbers[__builtin_ctz(slots)]);

			if (table_has_key(node, key))
				return node;
		}
		if (!b->passed)
			break;
		b = next_bucket(t, b);
	}
	return NULL;
}

static void index_add(struct table *t, uint64_t key, uint32_t number)
{
	struct table_bucket *b = table_home(t, key);
	unsigned slots, i;

	while (!(slots = slots_with(b, 0))) {
		b->passed++;
		b = next_bucket(t, b);
	}
	i = (unsigned)__builtin_ctz(slots);
	b->tags[i] = tag_of(key);
	b->numbers[i] = number;
}

/* The number of the record. */
static uint32_t index_remove(struct table *t, const struct table_node *node)
{
	struct table_bucket *b = table_home(t, node->key);
	uint16_t tag = tag_of(node->key);

	for (;; b = next_bucket(t, b)) {
		for (unsigned slots = slots_with(b, tag); slots; slots &= slots - 1) {
			unsigned i = (unsigned)__builtin_ctz(slots);

			if (node_at(t, b->numbers[i]) == node) {
				b->tags[i] = 0;
				return b->numbers[i];
			}
		}
		b->passed--;
	}
}

/* More buckets, but no more than the limit needs. */
static void grow_index(struct table *t)
{
	uint32_t most = t->limit / BUCKET_LOAD + 1, more = t->room ? t->bucket_count * BUCKETS_GROWTH : BUCKETS_FIRST;
	const struct table_node *node;

	if (t->room)
		storage_give(t->storage, t->buckets, t->bucket_count * sizeof(*t->buckets));
	t->bucket_count = more < most ? more : most;
	t->room = t->bucket_count * BUCKET_LOAD;
	t->buckets = storage_take(t->storage, t->bucket_count * sizeof(*t->buckets));
	for (uint32_t n = 0; (node = table_each(t, &n));)
		index_add(t, node->key, n);
}

/* ---- the order ---- */

static uint32_t after(const struct table *t, uint32_t number, uint32_t steps)
{
	return number + steps <= t->used ? number + steps : number + steps - t->used;
}

/* The hand goes on. Buckets of those whose turn comes soon, and the records behind them, are fetched from memory. */
static void turn(struct table *t)
{
	if (t->used > AHEAD * 2) {
		table_foresee(t, node_at(t, after(t, t->hand, AHEAD))->key);
		foresee_all(node_at(t, after(t, t->hand, AHEAD * 2)), t->size);
	}
	t->hand = after(t, t->hand, 1);
}

void *table_unused_near(struct table *t)
{
	for (unsigned steps = t->count ? STEPS_NEAR : 0; steps; steps--) {
		struct table_node *node = node_at(t, t->hand);

		if (!(node->key & TABLE_BITS))
			return node;
		node->key &= ~TABLE_MARKED;
		turn(t);
	}
	return NULL;
}

void *table_unused(struct table *t)
{
	void *record = NULL;

	while (t->count && !record)
		record = table_unused_near(t);
	return record;
}

/* ---- records ---- */

void *table_peek(const struct table *t, uint64_t key)
{
	return find(t, key);
}

void *table_get(struct table *t, uint64_t key)
{
	struct table_node *node = find(t, key);

	if (node)
		node->key |= TABLE_MARKED;
	return node;
}

static uint32_t take_number(struct table *t)
{
	uint32_t number = t->unused;

	if (number) {
		t->unused = (uint32_t)(node_at(t, number)->key >> 32);
		return number;
	}
	number = ++t->used;
	if (!t->chunks)
		t->chunks = xcalloc((t->limit >> t->chunk_bits) + 1, sizeof(*t->chunks));
	if (!t->chunks[number >> t->chunk_bits])
		t->chunks[number >> t->chunk_bits] = storage_take(t->storage, (size_t)t->size << t->chunk_bits);
	return number;
}

/* The number of the record, which is free then. */
static uint32_t take_out(struct table *t, struct table_node *node)
{
	uint32_t number;

	if (t->drop)
		t->drop(t->arg, node);
	number = index_remove(t, node);
	if (number == t->hand)
		turn(t);
	t->count--;
	return number;
}

static uint32_t evict(struct table *t)
{
	t->evicted++;
	return take_out(t, table_unused(t));
}

void *table_add(struct table *t, uint64_t key)
{
	struct table_node *node;
	uint32_t number;

	if (t->count >= t->room)
		grow_index(t);
	number = t->count < t->limit ? take_number(t) : evict(t);
	node = node_at(t, number);
	memset(node, 0, t->size);
	node->key = key & ~TABLE_BITS;
	index_add(t, key, number);
	t->count++;
	return node;
}

void *table_put(struct table *t, uint64_t key)
{
	void *record = table_get(t, key);

	return record ? record : table_add(t, key);
}

void table_remove(struct table *t, void *record)
{
	struct table_node *node = record;
	uint32_t number = take_out(t, node);

	node->key = TABLE_FREE;
	if (t->unused)
		node_at(t, t->last_unused)->key |= (uint64_t)number << 32;
	else
		t->unused = number;
	t->last_unused = number;
}

size_t table_bytes(const struct table *t)
{
	return (size_t)t->used * t->size + (t->room ? t->bucket_count * sizeof(*t->buckets) : 0);
}

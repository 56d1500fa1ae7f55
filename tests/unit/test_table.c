/* Records are found, dropped in turn but for the used ones, and their places closed up again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/slice.h"
#include "base/table.h"

struct item {
	struct table_node node;
	int number;
};

static int dropped[8], dropped_count;

static void drop(void *arg, void *record)
{
	assert_ptr_equal(arg, dropped);
	if (dropped_count < 8)
		dropped[dropped_count] = ((struct item *)record)->number;
	dropped_count++;
}

static struct storage storage;

static void end(struct table *t)
{
	table_free(t);
	storage_free(&storage);
}

static void start(struct table *t, size_t limit)
{
	dropped_count = 0;
	table_init(t, &storage, sizeof(struct item), limit);
	t->drop = drop;
	t->arg = dropped;
}

static uint64_t key_of(int number)
{
	return hash_mix((uint64_t)number, 7);
}

static void add(struct table *t, int number)
{
	struct item *item = table_add(t, key_of(number));

	assert_int_equal(item->number, 0);
	item->number = number;
}

static int get(struct table *t, int number)
{
	struct item *item = table_get(t, key_of(number));

	return item ? item->number : -1;
}

static void test_second_chance(void **state)
{
	struct table t;

	(void)state;
	start(&t, 3);
	assert_int_equal(get(&t, 1), -1);
	for (int i = 1; i <= 3; i++)
		add(&t, i);
	assert_int_equal(get(&t, 1), 1);
	assert_non_null(table_peek(&t, key_of(2))); /* no use */
	add(&t, 4);
	assert_int_equal(dropped_count, 1);
	assert_int_equal(dropped[0], 2);
	assert_int_equal(get(&t, 2), -1);
	add(&t, 5);
	assert_int_equal(dropped[1], 3);
	/* 1 had its chance: it is the next, if it is not used again */
	assert_int_equal(((struct item *)table_unused(&t))->number, 1);
	assert_int_equal(t.evicted, 2);
	assert_int_equal(t.count, 3);
	end(&t);
	assert_int_equal(dropped_count, 5);
	end(&t);
}

static void test_all_used(void **state)
{
	struct table t;

	(void)state;
	start(&t, 3);
	for (int i = 1; i <= 3; i++)
		add(&t, i);
	for (int i = 1; i <= 3; i++)
		assert_int_equal(get(&t, i), i);
	add(&t, 4);
	assert_int_equal(dropped[0], 1);
	end(&t);
}

static void test_limit_of_one(void **state)
{
	struct table t;

	(void)state;
	start(&t, 1);
	for (int i = 1; i <= 5; i++) {
		add(&t, i);
		assert_int_equal(get(&t, i), i);
		assert_int_equal(t.count, 1);
	}
	assert_int_equal(t.evicted, 4);
	end(&t);
}

/* Beside a plain list of what must be there; the keys share few homes, so that they push each other on. */
static void test_like_a_list(void **state)
{
	enum { KEYS = 400, STEPS = 60000 };
	struct table t;
	bool there[KEYS] = {false};
	unsigned seed = 1, count = 0;
	struct item *item;

	(void)state;
	start(&t, KEYS);
	for (int step = 0; step < STEPS; step++) {
		uint64_t key, which;

		seed = seed * 1103515245u + 12345u;
		which = seed / 65536 % KEYS;
		key = (which % 5) << 61 | (which % 40) << 32 | which;
		item = table_get(&t, key);
		assert_int_equal(item != NULL, there[which]);
		if (item) {
			assert_int_equal(item->number, which);
			table_remove(&t, item);
		} else {
			((struct item *)table_add(&t, key))->number = (int)which;
		}
		there[which] = !there[which];
		count += there[which] ? 1u : -1u;
		assert_int_equal(t.count, count);
	}
	count = 0;
	for (uint32_t n = 0; (item = table_each(&t, &n));) {
		assert_true(there[item->number]);
		count++;
	}
	assert_int_equal(t.count, count);
	assert_int_equal(t.evicted, 0);
	assert_true(table_bytes(&t) >= count * sizeof(struct item));
	end(&t);
}

/* One record behind many free places is found in the end, but not in one step. */
static void test_near(void **state)
{
	enum { RECORDS = 1000 };
	struct table t;
	struct item *last = NULL, *item = NULL;
	int steps;

	(void)state;
	start(&t, RECORDS);
	assert_null(table_unused_near(&t));
	for (int i = 0; i < RECORDS; i++) {
		last = table_add(&t, (uint64_t)i << 32);
		last->number = i;
	}
	assert_ptr_equal(table_unused_near(&t), table_unused(&t));
	for (int i = RECORDS / 2; i < RECORDS - 1; i++)
		table_remove(&t, table_peek(&t, (uint64_t)i << 32));
	for (int i = 0; i < RECORDS / 2; i++)
		table_remove(&t, table_unused(&t));
	for (steps = 0; !item && steps < RECORDS; steps++)
		item = table_unused_near(&t);
	assert_ptr_equal(item, last);
	assert_true(steps > RECORDS / 100);
	assert_ptr_equal(table_unused_near(&t), last);
	end(&t);
}

/* Found, or made with room for it. */
static void test_put(void **state)
{
	struct table t;

	(void)state;
	start(&t, 3);
	for (int round = 0; round < 2; round++)
		for (int i = 1; i <= 3; i++) {
			struct item *item = table_put(&t, (uint64_t)i << 32);

			assert_int_equal(item->number, round ? i : 0);
			item->number = i;
		}
	assert_int_equal(t.count, 3);
	/* the mark of a use is lost in the turn of the oldest: 1 goes */
	((struct item *)table_put(&t, UINT64_C(4) << 32))->number = 4;
	assert_int_equal(t.count, 3);
	assert_int_equal(t.evicted, 1);
	assert_null(table_peek(&t, UINT64_C(1) << 32));
	assert_int_equal(((struct item *)table_put(&t, UINT64_C(3) << 32))->number, 3);
	end(&t);
}

/* ---- beside a plain list ---- */

enum { LIST_MAX = 600 };

struct entry {
	uint64_t key;
	void *record; /* NULL: none */
	bool marked;
};

/* What a table is to do, in the plainest way: places round which the hand goes. */
struct list {
	struct entry entries[LIST_MAX];
	unsigned used, hand, count, limit;
	struct entry *unused[LIST_MAX]; /* the first to be used again first */
	unsigned unused_count;
	uint64_t evicted;
};

static struct entry *list_find(struct list *l, uint64_t key)
{
	for (unsigned i = 0; i < l->used; i++)
		if (l->entries[i].record && l->entries[i].key == key)
			return &l->entries[i];
	return NULL;
}

static struct entry *list_take_out(struct list *l, struct entry *e)
{
	e->record = NULL;
	l->count--;
	if (e == &l->entries[l->hand])
		l->hand = (l->hand + 1) % l->used;
	return e;
}

static void list_remove(struct list *l, struct entry *e)
{
	l->unused[l->unused_count++] = list_take_out(l, e);
}

static struct entry *list_unused(struct list *l)
{
	while (l->count) {
		struct entry *e = &l->entries[l->hand];

		if (e->record && !e->marked)
			return e;
		e->marked = false;
		l->hand = (l->hand + 1) % l->used;
	}
	return NULL;
}

static struct entry *list_place(struct list *l)
{
	struct entry *first = l->unused[0];

	if (l->count == l->limit) {
		l->evicted++;
		return list_take_out(l, list_unused(l));
	}
	if (!l->unused_count)
		return &l->entries[l->used++];
	memmove(l->unused, l->unused + 1, --l->unused_count * sizeof(*l->unused));
	return first;
}

static void list_add(struct list *l, uint64_t key, void *record)
{
	*list_place(l) = (struct entry){key, record, false};
	l->count++;
}

/* Wide apart; in few buckets; all in one, and alike in what the bucket tells of them. */
static uint64_t spread(unsigned i)
{
	return hash_mix(i, 11);
}

static uint64_t crowded(unsigned i)
{
	return (uint64_t)(i % 3) * 0x7fffffff << 32 | i;
}

static uint64_t alike(unsigned i)
{
	return UINT64_MAX << 48 | (uint64_t)i << 18 | i % 2;
}

static void step(struct table *t, struct list *l, unsigned what, uint64_t key)
{
	struct entry *e = list_find(l, key);
	struct table_node *record;

	switch (what) {
	case 0:
		assert_ptr_equal(table_peek(t, key), e ? e->record : NULL);
		return;
	case 1:
	case 2:
		assert_ptr_equal(table_get(t, key), e ? e->record : NULL);
		if (e)
			e->marked = true;
		return;
	case 3:
		e = list_unused(l);
		assert_ptr_equal(table_unused(t), e ? e->record : NULL);
		return;
	case 4:
		if (!e)
			return;
		table_remove(t, e->record);
		list_remove(l, e);
		return;
	case 5:
		if (!list_unused(l))
			return;
		table_remove(t, table_unused(t));
		list_remove(l, list_unused(l));
		return;
	default:
		record = what % 2 || e ? table_put(t, key) : table_add(t, key);
		assert_true(table_has_key(record, key));
		if (e) {
			assert_ptr_equal(record, e->record);
			e->marked = true;
			return;
		}
		assert_int_equal(((struct item *)(void *)record)->number, 0);
		((struct item *)(void *)record)->number = 1;
		list_add(l, key, record);
	}
}

static void same_order(const struct table *t, const struct list *l)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < l->used; i++)
		if (l->entries[i].record)
			assert_ptr_equal(table_each(t, &n), l->entries[i].record);
	assert_null(table_each(t, &n));
}

/* `adding`: of 16 steps so many add or find; the others look, or remove. */
static void run_beside_list(
	uint64_t (*key)(unsigned i), unsigned limit, unsigned keys, unsigned adding)
{
	struct table t;
	struct list l = {.limit = limit};
	unsigned seed = limit + adding;

	table_init(&t, &storage, sizeof(struct item), limit);
	for (unsigned n = 0; n < 6000; n++) {
		unsigned which, what;

		seed = seed * 1103515245u + 12345u;
		which = seed / 65536 % keys;
		seed = seed * 1103515245u + 12345u;
		what = seed / 65536 % 16;
		step(&t, &l, what < adding ? 6 + what : what % 6, key(which));
		assert_int_equal(t.count, l.count);
		assert_int_equal(t.evicted, l.evicted);
		if (n % 16 == 0)
			same_order(&t, &l);
	}
	same_order(&t, &l);
	end(&t);
}

static void test_beside_list(void **state)
{
	static const unsigned limits[] = {1, 2, 7, 9, 64, 500};
	uint64_t (*const keys[])(unsigned i) = {spread, crowded, alike};

	(void)state;
	for (unsigned i = 0; i < sizeof(limits) / sizeof(*limits); i++)
		for (unsigned k = 0; k < 3; k++) {
			run_beside_list(keys[k], limits[i], limits[i] * 2, 10);
			run_beside_list(keys[k], limits[i], limits[i] + 1, 5);
		}
}

/* Of each bucket one record lies further on, and no other is left: a look-up comes to an end. */
static void test_all_passed(void **state)
{
	enum { LIMIT = 100 };
	struct table t;

	(void)state;
	table_init(&t, &storage, sizeof(struct item), LIMIT);
	for (uint64_t key = 0; key < LIMIT; key++)
		table_add(&t, key);
	while (t.count)
		table_remove(&t, table_unused(&t));
	for (uint32_t home = 0; home < t.bucket_count; home++) {
		uint64_t key = (((uint64_t)home << 32) / t.bucket_count + 1) << 32, n = 0;

		while (!t.buckets[home].passed)
			table_add(&t, key | n++);
		while (--n)
			table_remove(&t, table_peek(&t, key | (n - 1)));
	}
	assert_int_equal(t.count, t.bucket_count);
	for (uint32_t home = 0; home < t.bucket_count; home++) {
		assert_int_equal(t.buckets[home].passed, 1);
		assert_null(table_peek(
			&t, (((uint64_t)home << 32) / t.bucket_count + 1) << 32 | LIMIT));
	}
	while (t.count)
		table_remove(&t, table_unused(&t));
	for (uint32_t home = 0; home < t.bucket_count; home++)
		assert_int_equal(t.buckets[home].passed, 0);
	end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_second_chance),
		cmocka_unit_test(test_all_used),
		cmocka_unit_test(test_limit_of_one),
		cmocka_unit_test(test_like_a_list),
		cmocka_unit_test(test_near),
		cmocka_unit_test(test_put),
		cmocka_unit_test(test_beside_list),
		cmocka_unit_test(test_all_passed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "base/map.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/err.h"

enum { PLACES_FIRST = 64 };

void map_init(struct map *m, struct storage *storage, size_t count)
{
	size_t places = PLACES_FIRST;

	while (places / 2 < count)
		places *= 2;
	*m = (struct map){storage_take(storage, places * sizeof(*m->entries)), places - 1, .lent = true};
}

void map_free(struct map *m)
{
	if (!m->lent)
		free(m->entries);
	*m = (struct map){0};
}

/* The place of the key, or the free place where it would go. */
static size_t place(const struct map *m, uint64_t key)
{
	size_t i = (size_t)key & m->mask;

	while (m->entries[i].value && m->entries[i].key != key)
		i = (i + 1) & m->mask;
	return i;
}

void *map_get(const struct map *m, uint64_t key)
{
	return m->entries ? m->entries[place(m, key)].value : NULL;
}

void **map_place(const struct map *m, uint64_t key)
{
	struct map_entry *e = m->entries ? &m->entries[place(m, key)] : NULL;

	return e && e->value ? &e->value : NULL;
}

static void grow(struct map *m)
{
	struct map old = *m;
	size_t places = old.entries ? (old.mask + 1) * 2 : PLACES_FIRST;

	m->entries = xcalloc(places, sizeof(*m->entries));
	m->mask = places - 1;
	for (size_t i = 0; old.entries && i <= old.mask; i++)
		if (old.entries[i].value)
			m->entries[place(m, old.entries[i].key)] = old.entries[i];
	if (!old.lent)
		free(old.entries);
	m->lent = false;
}

void map_put(struct map *m, uint64_t key, void *value)
{
	size_t i;

	/* half full at most: short ways to the free place, in removal, too */
	if (!m->entries || (m->count + 1) * 2 > m->mask + 1)
		grow(m);
	i = place(m, key);
	if (!m->entries[i].value)
		m->count++;
	m->entries[i] = (struct map_entry){key, value};
}

static void remove_at(struct map *m, size_t hole)
{
	m->count--;
	/* close the gap: move back every entry whose home is not between the hole and itself */
	for (size_t i = (hole + 1) & m->mask; m->entries[i].value; i = (i + 1) & m->mask) {
		size_t home = (size_t)m->entries[i].key & m->mask;

		if (((i - home) & m->mask) >= ((i - hole) & m->mask)) {
			m->entries[hole] = m->entries[i];
			hole = i;
		}
	}
	m->entries[hole].value = NULL;
}

void map_remove(struct map *m, uint64_t key)
{
	size_t i = m->entries ? place(m, key) : 0;

	if (m->entries && m->entries[i].value)
		remove_at(m, i);
}

void map_sweep(struct map *m, uintptr_t end)
{
	size_t free_one = 0;

	if (!m->entries)
		return;
	while (m->entries[free_one].value)
		free_one++;
	/* in the order of the homes: one that is not at home moves back to the first free place */
	for (size_t n = 1; n <= m->mask; n++) {
		size_t i = (free_one + n) & m->mask;
		struct map_entry e = m->entries[i];
		uintptr_t value = (uintptr_t)e.value;
		bool gone = (value & 1) & (value < end);

		/* about every other one: nothing for a branch to foresee */
		e.value = (void *)(value & ((uintptr_t)gone - 1));
		m->entries[i].value = e.value;
		m->count -= gone;
		if (e.value && ((size_t)e.key & m->mask) != i) {
			m->entries[i].value = NULL;
			m->entries[place(m, e.key)] = e;
		}
	}
}

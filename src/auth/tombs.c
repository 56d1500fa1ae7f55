#include "auth/tombs.h"

#define LIFETIME INT64_C(32000000000) /* ns */

void tombs_init(struct tombs *t, struct storage *storage, struct map *map, size_t limit)
{
	*t = (struct tombs){.map = map, .limit = limit, .next = 1};
	t->until = storage_take(storage, limit * sizeof(*t->until));
}

static void drop_first(struct tombs *t)
{
	t->first = t->first + 1 < t->limit ? t->first + 1 : 0;
	t->count--;
	t->over++;
}

/* If that keeps the map from growing: it does so when every other place is taken. */
static void sweep(struct tombs *t)
{
	size_t places = t->map->mask + 1;

	if (t->over < places / 16 || t->map->count < places / 2 - places / 32)
		return;
	map_sweep(t->map, tombs_begin(t));
	t->over = 0;
}

void tombs_add(struct tombs *t, void **place, uint64_t key, int64_t now)
{
	void *value = (void *)t->next;
	size_t last;

	if (place)
		*place = value;
	else
		map_put(t->map, key, value);
	if (t->count == t->limit)
		drop_first(t);
	last = t->first + t->count++;
	t->next += 2;
	t->until[last < t->limit ? last : last - t->limit] = now + LIFETIME;
	sweep(t);
}

void tombs_expire(struct tombs *t, int64_t now)
{
	while (t->count && t->until[t->first] <= now)
		drop_first(t);
	sweep(t);
}

size_t tombs_bytes(const struct tombs *t)
{
	return t->limit * sizeof(*t->until) + t->count * 2 * sizeof(struct map_entry);
}

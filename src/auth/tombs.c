#include "auth/tombs.h"

#include <stdlib.h>

#include "base/err.h"

#define LIFETIME INT64_C(32000000000) /* ns */

void tombs_init(struct tombs *t, struct map *map, size_t limit)
{
	*t = (struct tombs){.map = map, .limit = limit, .ring = xcalloc(limit, sizeof(*t->ring))};
}

void tombs_free(struct tombs *t)
{
	free(t->ring);
	*t = (struct tombs){0};
}

static void drop_first(struct tombs *t)
{
	uint64_t key = t->ring[t->first].key;

	if (is_tomb(t, map_get(t->map, key)))
		map_remove(t->map, key);
	t->first = t->first + 1 < t->limit ? t->first + 1 : 0;
	t->count--;
}

void tombs_add(struct tombs *t, uint64_t key, int64_t now)
{
	size_t last;

	if (t->count == t->limit)
		drop_first(t);
	last = t->first + t->count++;
	t->ring[last < t->limit ? last : last - t->limit] = (struct tomb){key, now + LIFETIME};
	map_put(t->map, key, t);
}

void tombs_expire(struct tombs *t, int64_t now)
{
	while (t->count && t->ring[t->first].until <= now)
		drop_first(t);
}

size_t tombs_bytes(const struct tombs *t)
{
	return t->limit * sizeof(*t->ring) + t->count * 2 * sizeof(struct map_entry);
}

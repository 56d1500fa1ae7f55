#include "auth/tombs.h"

#include <stdlib.h>

#include "base/err.h"

#define LIFETIME INT64_C(32000000000) /* ns */

enum { AHEAD = 8 /* so many before its own turn the place of a key is fetched from memory */ };

void tombs_init(struct tombs *t, struct map *map, size_t limit)
{
	*t = (struct tombs){.map = map, .limit = limit, .ring = xcalloc(limit, sizeof(*t->ring))};
}

void tombs_free(struct tombs *t)
{
	free(t->ring);
	*t = (struct tombs){0};
}

/* The one that is so many behind the first. */
static struct tomb *tomb_at(const struct tombs *t, size_t behind)
{
	size_t i = t->first + behind;

	return &t->ring[i < t->limit ? i : i - t->limit];
}

static void drop_first(struct tombs *t)
{
	/* the key may be in use again */
	map_remove_value(t->map, t->ring[t->first].key, t);
	if (t->count > AHEAD)
		map_foresee(t->map, tomb_at(t, AHEAD)->key);
	t->first = t->first + 1 < t->limit ? t->first + 1 : 0;
	t->count--;
}

void tombs_add(struct tombs *t, uint64_t key, int64_t now)
{
	if (t->count == t->limit)
		drop_first(t);
	*tomb_at(t, t->count++) = (struct tomb){key, now + LIFETIME};
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

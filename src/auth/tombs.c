#include "auth/tombs.h"

#include <stdlib.h>

#include "base/err.h"

#define LIFETIME INT64_C(32000000000) /* ns */

enum { TOMBS_MAX = 1 << 20 };

void tombs_free(struct tombs *t)
{
	map_free(&t->map);
	free(t->ring);
	*t = (struct tombs){0};
}

static void remove_oldest(struct tombs *t)
{
	map_remove(&t->map, t->ring[t->first].key);
	t->first = (t->first + 1) & (t->places - 1);
	t->count--;
}

static void grow(struct tombs *t)
{
	size_t places = t->places ? t->places * 2 : 256;
	struct tomb *ring = xcalloc(places, sizeof(*ring));

	for (size_t i = 0; i < t->count; i++)
		ring[i] = t->ring[(t->first + i) & (t->places - 1)];
	free(t->ring);
	t->ring = ring;
	t->first = 0;
	t->places = places;
}

void tombs_add(struct tombs *t, uint64_t key, int64_t now)
{
	if (tombs_has(t, key))
		return;
	if (t->count == TOMBS_MAX)
		remove_oldest(t);
	if (t->count == t->places)
		grow(t);
	t->ring[(t->first + t->count++) & (t->places - 1)] = (struct tomb){key, now + LIFETIME};
	/* any pointer that is not NULL says "there" */
	map_put(&t->map, key, t);
}

bool tombs_has(const struct tombs *t, uint64_t key)
{
	return map_get(&t->map, key) != NULL;
}

void tombs_expire(struct tombs *t, int64_t now)
{
	while (t->count && t->ring[t->first].until <= now)
		remove_oldest(t);
}

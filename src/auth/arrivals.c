#include "auth/arrivals.h"

void arrivals_init(struct arrivals *a, struct arena_pool *pool)
{
	for (unsigned i = 0; i < ARRIVALS_MAX; i++)
		a->list[i].arena.pool = pool;
}

void arrivals_clear(struct arrivals *a)
{
	for (unsigned i = 0; i < ARRIVALS_MAX; i++)
		arena_free(&a->list[i].arena);
}

size_t arrivals_bytes(const struct arrivals *a)
{
	size_t bytes = 0;

	for (unsigned i = 0; i < ARRIVALS_MAX; i++)
		bytes += arena_bytes(&a->list[i].arena);
	return bytes;
}

void arrivals_add(struct arrivals *a, const struct datagram *d)
{
	struct arrival *last = &a->list[a->count++];

	last->place = arena_take(&last->arena, sizeof(*last->place));
	last->d = *d;
	last->d.bytes = arena_copy(&last->arena, d->bytes);
	last->clock = a->clock;
}

#include "auth/arrivals.h"

#include "base/foresee.h"

enum {
	TEXT_USUAL = 640, /* bytes of a message */
	AUTH_USUAL = 384  /* and of what its challenges or credentials become, which lies behind */
};

void arrival_renew(struct arrival *a)
{
	arena_renew(&a->arena);
	a->place = arena_take(&a->arena, sizeof(*a->place));
	foresee_all(a->place + 1, TEXT_USUAL);
}

void arrivals_init(struct arrivals *a, struct arena_pool *pool)
{
	for (unsigned i = 0; i < ARRIVALS_MAX; i++) {
		a->list[i].arena.pool = pool;
		arrival_renew(&a->list[i]);
	}
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

	last->d = *d;
	last->d.bytes = arena_copy(&last->arena, d->bytes);
	last->clock = a->clock;
	/* what is written when its turn comes */
	foresee_all(last->place, sizeof(*last->place));
	foresee_all(last->d.bytes.p + last->d.bytes.n, AUTH_USUAL);
}

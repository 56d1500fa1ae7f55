#include "auth/arrivals.h"

bool arrivals_fit(const struct arrivals *a, const struct datagram *d)
{
	return a->count < ARRIVALS_MAX && d->bytes.n <= ARRIVALS_BYTES - a->used;
}

void arrivals_add(struct arrivals *a, const struct datagram *d)
{
	struct arrival *last = &a->list[a->count++];
	char *bytes = a->bytes + a->used;

	if (d->bytes.n)
		memcpy(bytes, d->bytes.p, d->bytes.n);
	a->used += d->bytes.n;
	last->d = *d;
	last->d.bytes.p = bytes;
	last->clock = a->clock;
}

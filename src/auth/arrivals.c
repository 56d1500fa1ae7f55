#include "auth/arrivals.h"

#include "base/foresee.h"

bool arrivals_fit(const struct arrivals *a, const struct datagram *d)
{
	return a->count < ARRIVALS_MAX && (d->stays || d->bytes.n <= ARRIVALS_BYTES - a->used);
}

void arrivals_add(struct arrivals *a, const struct datagram *d)
{
	struct arrival *last = &a->list[a->count++];

	last->d = *d;
	last->clock = a->clock;
	if (d->stays) {
		foresee_all(d->bytes.p, d->bytes.n);
		return;
	}
	last->d.bytes.p = a->bytes + a->used;
	if (d->bytes.n)
		memcpy(a->bytes + a->used, d->bytes.p, d->bytes.n);
	a->used += d->bytes.n;
}

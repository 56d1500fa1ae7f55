#include "auth/dedupe.h"

#include <stdlib.h>

#include "base/err.h"

#define SAME_TIME  INT64_C(20000000)   /* ns: the same bytes on another interface */
#define SAME_IP_ID INT64_C(1000000000) /* ns: the same bytes with the same IP id */

/* Direct-mapped: a collision forgets a packet, which costs nothing but one duplicate not folded. */
enum { PLACES = 1 << 15 };

struct dedupe {
	struct {
		uint64_t hash;
		int64_t time;
		uint16_t ip_id;
	} places[PLACES];
};

struct dedupe *dedupe_new(void)
{
	return xcalloc(1, sizeof(struct dedupe));
}

void dedupe_free(struct dedupe *d)
{
	free(d);
}

bool dedupe_seen(struct dedupe *d, const struct datagram *g)
{
	uint64_t hash = slice_hash(
		g->bytes, address_hash(&g->src, address_hash(&g->dst, (uint64_t)g->transport)));
	size_t i = (size_t)(hash >> 32) % PLACES;
	int64_t apart = g->time - d->places[i].time;
	bool seen;

	if (apart < 0)
		apart = -apart;
	seen = d->places[i].hash == hash &&
		(apart <= SAME_TIME ||
			(g->ip_id && g->ip_id == d->places[i].ip_id && apart <= SAME_IP_ID));
	d->places[i].hash = hash;
	d->places[i].time = g->time;
	d->places[i].ip_id = g->ip_id;
	return seen;
}

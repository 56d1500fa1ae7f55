#include "auth/dedupe.h"

#include "base/foresee.h"

#define SAME_TIME  INT64_C(20000000)   /* ns: the same bytes on another interface */
#define SAME_IP_ID INT64_C(1000000000) /* ns: the same bytes with the same IP id */

/*
 * A message is looked for in one line of the cache, which has the newest ones; what has left it is forgotten, which
 * costs nothing but one duplicate not folded. All of this is small: it is at hand with every message.
 */
enum { LINES = 1 << 11, PLACES = 4 };

/* The lower 16 bits of the hash make room for the IP id. */
#define HASH_BITS (~UINT64_C(0xffff))

struct place {
	uint64_t hash_and_id;
	int64_t time;
};

struct dedupe {
	struct line {
		struct place places[PLACES]; /* the newest first */
	} lines[LINES];
};

struct dedupe *dedupe_new(struct storage *storage)
{
	return storage_take(storage, sizeof(struct dedupe));
}

static size_t line_of(uint64_t hash)
{
	return (size_t)(hash >> 32) % LINES;
}

/* The addresses, without regard to what else is known: this is for every message. */
static uint64_t way_of(const struct datagram *g)
{
	const struct address *src = &g->src, *dst = &g->dst;
	uint64_t hash = (uint64_t)src->port << 48 | (uint64_t)dst->port << 32 |
		(uint64_t)src->family << 16 | (uint64_t)dst->family << 8 | (uint64_t)g->transport;

	hash = hash_mix(hash ^ load8((const char *)src->ip), load8((const char *)dst->ip));
	return hash_mix(hash ^ load8((const char *)src->ip + 8), load8((const char *)dst->ip + 8));
}

uint64_t dedupe_hash(const struct dedupe *d, const struct datagram *g)
{
	uint64_t hash = slice_hash(g->bytes, way_of(g));

	foresee(&d->lines[line_of(hash)]);
	return hash;
}

/* The bytes are the same: was it too short a time ago for them to be sent again? */
static bool too_soon(const struct place *p, const struct datagram *g)
{
	int64_t apart = g->time < p->time ? p->time - g->time : g->time - p->time;

	return apart <= SAME_TIME ||
		(g->ip_id && g->ip_id == (uint16_t)p->hash_and_id && apart <= SAME_IP_ID);
}

bool dedupe_seen(struct dedupe *d, const struct datagram *g, uint64_t hash)
{
	struct place *places = d->lines[line_of(hash)].places;
	struct place newer = {(hash & HASH_BITS) | g->ip_id, g->time};

	/* it comes first, and those before the one that was the same, or all, move on by one */
	for (unsigned i = 0; i < PLACES; i++) {
		struct place p = places[i];

		places[i] = newer;
		if (((p.hash_and_id ^ hash) & HASH_BITS) == 0)
			return too_soon(&p, g);
		newer = p;
	}
	return false;
}

#include "cmd_recent.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum {
	HELD_MAX = 512,
	LOOK_AT = 192,      /* bytes of a packet in which its IP header must stand */
	KEY_MAX = 36        /* two IPv6 addresses and two ports */
};

struct held {
	struct packet packet;
	uint8_t *data;
	uint32_t size;
	bool picked;
};

struct recent {
	void (*pass)(void *arg, const struct packet *p);
	void *arg;
	struct held ring[HELD_MAX];
	size_t first, count;
};

struct recent *recent_new(void (*pass)(void *arg, const struct packet *p), void *arg)
{
	struct recent *r = xcalloc(1, sizeof(*r));

	r->pass = pass;
	r->arg = arg;
	return r;
}

static struct held *at(struct recent *r, size_t i)
{
	return &r->ring[(r->first + i) % HELD_MAX];
}

static void pass_oldest(struct recent *r)
{
	struct held *h = at(r, 0);

	if (h->picked)
		r->pass(r->arg, &h->packet);
	r->first = (r->first + 1) % HELD_MAX;
	r->count--;
}

void recent_free(struct recent *r)
{
	if (!r)
		return;
	while (r->count)
		pass_oldest(r);
	for (size_t i = 0; i < HELD_MAX; i++)
		free(r->ring[i].data);
	free(r);
}

void recent_push(struct recent *r, const struct packet *p)
{
	struct held *h;

	if (r->count == HELD_MAX)
		pass_oldest(r);
	h = at(r, r->count++);
	if (h->size < p->captured) {
		h->data = xrealloc(h->data, p->captured);
		h->size = p->captured;
	}
	if (p->captured)
		memcpy(h->data, p->data, p->captured);
	h->packet = *p;
	h->packet.data = h->data;
	h->picked = false;
}

void recent_pick_last(struct recent *r)
{
	if (r->count)
		at(r, r->count - 1)->picked = true;
}

/* Source and destination as they stand in an IP header without options and the ports after it. */
static size_t flow_key(const struct datagram *d, uint8_t key[KEY_MAX])
{
	size_t n = d->src.family == 6 ? 16 : 4;

	memcpy(key, d->src.ip, n);
	memcpy(key + n, d->dst.ip, n);
	key[2 * n] = (uint8_t)(d->src.port >> 8);
	key[2 * n + 1] = (uint8_t)d->src.port;
	key[2 * n + 2] = (uint8_t)(d->dst.port >> 8);
	key[2 * n + 3] = (uint8_t)d->dst.port;
	return 2 * n + 4;
}

/*
 * UDP comes in fragments, and only the first has ports; streams come in segments that all have
 * them.
 */
static bool carries(const struct packet *p, const struct datagram *d, const uint8_t *key, size_t n)
{
	if (d->transport == TRANSPORT_UDP)
		n -= 4;
	return memmem(p->data, p->captured < LOOK_AT ? p->captured : LOOK_AT, key, n) != NULL;
}

void recent_pick(struct recent *r, const struct datagram *d)
{
	uint8_t key[KEY_MAX];
	size_t n = flow_key(d, key), i = r->count;
	uint32_t first = d->first_frame ? d->first_frame : d->frame;

	recent_pick_last(r);
	while (i--) {
		struct held *h = at(r, i);

		if (h->packet.file != d->file)
			continue;
		if (h->packet.frame < first)
			break;
		if (h->packet.frame == d->frame || h->packet.frame == first ||
			carries(&h->packet, d, key, n))
			h->picked = true;
	}
}

#include "capture/fragment.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/err.h"
#include "base/map.h"

enum { LENGTH_MAX = 65535 };

static const int64_t lifetime = 30 * INT64_C(1000000000);
static const int64_t copy_time = INT64_C(1000000000);  /* copies of fragments come that soon */
static const int64_t order_time = INT64_C(500000000);  /* fragments of one message come that soon */

/* What one fragment brought. */
struct piece {
	uint32_t offset;
	uint32_t n;     /* bytes that are here */
	uint32_t wire;  /* bytes that were sent */
	uint8_t *bytes;
};

struct whole {
	uint64_t key;
	struct whole *newer, *older;
	struct address src, dst;  /* without ports */
	uint32_t id;
	uint8_t protocol;         /* what it carries; IPv6: known with the first fragment */
	bool first;               /* the fragment at offset 0 is here */
	bool sip;                 /* it begins like a message that is sent in one datagram */
	bool done;                /* given out, or of no interest: what still comes is passed over */
	bool last;                /* `total` is known */
	uint32_t total;
	size_t count, room;
	struct piece *pieces;     /* in the order of their arrival */
	uint32_t first_frame;
	struct packet packet;     /* the one of offset 0, or the first that came; without bytes */
	int64_t since;
};

struct fragments {
	struct map map;
	struct whole *newest, *oldest;
	size_t count, memory, sip_count;
	uint64_t seed;
};

struct fragments *fragments_new(void)
{
	struct fragments *t = xcalloc(1, sizeof(*t));

	/* so that nobody can send datagrams that fall into one place of the map */
	if (getrandom(&t->seed, sizeof(t->seed), GRND_NONBLOCK) != sizeof(t->seed))
		t->seed = (uintptr_t)t;
	return t;
}

static void drop_pieces(struct fragments *t, struct whole *w)
{
	for (size_t i = 0; i < w->count; i++) {
		t->memory -= w->pieces[i].n;
		free(w->pieces[i].bytes);
	}
	w->count = 0;
	t->sip_count -= w->sip;
	w->sip = false;
}

static void forget(struct fragments *t, struct whole *w)
{
	drop_pieces(t, w);
	map_remove(&t->map, w->key);
	*(w->newer ? &w->newer->older : &t->newest) = w->older;
	*(w->older ? &w->older->newer : &t->oldest) = w->newer;
	t->count--;
	free(w->pieces);
	free(w);
}

void fragments_free(struct fragments *t)
{
	if (!t)
		return;
	while (t->oldest)
		forget(t, t->oldest);
	map_free(&t->map);
	free(t);
}

/* The protocol tells datagrams apart in IPv4 only: in IPv6 not every fragment says it (RFC 8200 4.5). */
static uint64_t key_of(const struct fragments *t, const struct address *src, const struct address *dst,
	const struct ip *ip)
{
	return hash_mix(address_ip_hash(src, t->seed) ^ ip->fragment,
		address_ip_hash(dst, t->seed + 1) ^ (ip->family == 4 ? ip->protocol : 0));
}

static struct whole *add_whole(struct fragments *t, const struct packet *p, const struct ip *ip,
	uint64_t key)
{
	struct whole *w = xcalloc(1, sizeof(*w));

	w->key = key;
	ip_address(&w->src, ip, ip->src, 0);
	ip_address(&w->dst, ip, ip->dst, 0);
	w->id = ip->fragment;
	w->protocol = ip->protocol;
	w->first_frame = p->frame;
	w->packet = *p;
	w->packet.data = NULL;
	w->since = p->time;
	w->older = t->newest;
	*(t->newest ? &t->newest->newer : &t->oldest) = w;
	t->newest = w;
	t->count++;
	map_put(&t->map, key, w);
	return w;
}

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Does it say something else than what came before it? */
static bool contradicts(const struct whole *w, const struct piece *new)
{
	for (size_t i = 0; i < w->count; i++) {
		const struct piece *p = &w->pieces[i];
		size_t from = p->offset > new->offset ? p->offset : new->offset;
		size_t to = min(p->offset + p->n, new->offset + new->n);

		if (from < to && memcmp(p->bytes + (from - p->offset), new->bytes + (from - new->offset), to - from))
			return true;
	}
	return false;
}

static bool is_copy(const struct whole *w, const struct piece *new)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->pieces[i].offset == new->offset && w->pieces[i].n >= new->n &&
			w->pieces[i].wire >= new->wire)
			return true;
	return false;
}

/* How far the pieces reach without a hole: on the wire, or what of it is here. */
static size_t reach(const struct whole *w, bool wire)
{
	size_t at = 0, before;

	do {
		before = at;
		for (size_t i = 0; i < w->count; i++) {
			const struct piece *p = &w->pieces[i];
			size_t end = p->offset + (wire ? p->wire : p->n);

			if (p->offset <= at && end > at)
				at = end;
		}
	} while (at != before);
	return at;
}

static uint8_t *assemble(const struct whole *w, size_t n)
{
	uint8_t *bytes = xmalloc(n ? n : 1);

	/* the bytes that came first are written last */
	for (size_t i = w->count; i-- > 0;) {
		const struct piece *p = &w->pieces[i];

		if (p->offset < n)
			memcpy(bytes + p->offset, p->bytes, min(p->n, n - p->offset));
	}
	return bytes;
}

/* Decodes what is there up to the first hole. `more`: the rest is missing. */
static void give(struct dissector *d, struct whole *w, const struct packet *p, bool more)
{
	size_t n = reach(w, false);
	uint8_t *bytes = assemble(w, n);
	struct address src = w->src, dst = w->dst;
	struct ip ip = {.src = src.ip, .dst = dst.ip, .family = src.family, .protocol = w->protocol,
		.id = src.family == 4 ? (uint16_t)w->id : 0, .more = more, .fragment = w->id,
		.first_frame = w->first_frame};
	struct span s = {bytes, (uint32_t)n, more ? (uint32_t)n : w->total};

	w->done = true;
	drop_pieces(d->fragments, w);
	if (ip.family == 4 || ip_extensions(&ip, &s))
		ip_payload(d, p, &ip, s);
	else
		d->stats.undecoded[UNDECODED_TRUNCATED]++;
	free(bytes);
}

/* The rest will not come. */
static void give_up(struct dissector *d, struct whole *w)
{
	struct packet p = w->packet;

	if (w->done)
		return;
	d->stats.undecoded[UNDECODED_FRAGMENT] += w->count;
	if (w->sip) {
		give(d, w, &p, true);
	} else {
		w->done = true;
		drop_pieces(d->fragments, w);
	}
}

/* Is the whole datagram worth its memory? Its first fragment is here: what it begins with tells. */
static bool is_wanted(struct dissector *d, struct whole *w, const struct ip *ip, struct span s)
{
	w->protocol = ip->protocol;
	switch (ip->protocol) {
	case IP_UDP:
		if (!udp_is_wanted(s, &w->sip))
			return false;
		d->fragments->sip_count += w->sip;
		return true;
	case IP_ICMP:
	case IP_ICMP6:
		return false;
	default:
		return true;
	}
}

static void add_piece(struct dissector *d, struct whole *w, const struct piece *new)
{
	if (contradicts(w, new))
		d->stats.undecoded[UNDECODED_OVERLAP]++;
	if (w->count == w->room) {
		w->room = w->room ? w->room * 2 : 4;
		w->pieces = xrealloc(w->pieces, w->room * sizeof(*w->pieces));
	}
	w->pieces[w->count] = *new;
	w->pieces[w->count].bytes = xmalloc(new->n ? new->n : 1);
	memcpy(w->pieces[w->count++].bytes, new->bytes, new->n);
	d->fragments->memory += new->n;
}

static void keep_bounds(struct dissector *d)
{
	struct fragments *t = d->fragments;

	while (t->oldest && t->oldest->newer &&
		(t->count > FRAGMENT_DATAGRAMS_MAX || t->memory > FRAGMENT_MEMORY_MAX)) {
		d->stats.dropped_fragments += !t->oldest->done;
		give_up(d, t->oldest);
		forget(t, t->oldest);
	}
}

static struct whole *find(struct dissector *d, const struct packet *p, const struct ip *ip)
{
	struct fragments *t = d->fragments;
	struct address src, dst;
	struct whole *w;
	uint64_t key;

	ip_address(&src, ip, ip->src, 0);
	ip_address(&dst, ip, ip->dst, 0);
	key = key_of(t, &src, &dst, ip);
	w = map_get(&t->map, key);
	if (w && w->id == ip->fragment && address_same_ip(&w->src, &src) && address_same_ip(&w->dst, &dst) &&
		!(w->done && p->time > w->since + copy_time))
		return w;
	/* the number is used again, or two have one key: the newer one wins */
	if (w) {
		give_up(d, w);
		forget(t, w);
	}
	return add_whole(t, p, ip, key);
}

void fragments_add(struct dissector *d, const struct packet *p, const struct ip *ip, struct span s)
{
	struct piece new = {ip->offset, s.n, s.wire, (uint8_t *)s.p};
	struct whole *w;

	if (s.wire > LENGTH_MAX || ip->offset + s.wire > LENGTH_MAX) {
		d->stats.undecoded[UNDECODED_FRAGMENT]++;
		return;
	}
	w = find(d, p, ip);
	if (w->done || is_copy(w, &new))
		return;
	if (!ip->offset && !w->first) {
		w->first = true;
		w->packet = *p;
		w->packet.data = NULL;
		if (!is_wanted(d, w, ip, s)) {
			w->done = true;
			drop_pieces(d->fragments, w);
			return;
		}
	}
	if (w->count == FRAGMENT_PIECES_MAX) {
		give_up(d, w);
		return;
	}
	add_piece(d, w, &new);
	if (!ip->more && !w->last) {
		w->last = true;
		w->total = new.offset + new.wire;
	}
	w->since = p->time;
	if (w->last && reach(w, true) >= w->total)
		give(d, w, p, false);
	keep_bounds(d);
}

void fragments_advance(struct dissector *d, int64_t now)
{
	struct fragments *t = d->fragments;

	while (t->oldest && t->oldest->packet.time < now - lifetime) {
		give_up(d, t->oldest);
		forget(t, t->oldest);
	}
}

void fragments_settle(struct dissector *d, const struct datagram *next)
{
	struct whole *w, *newer;

	if (!d->fragments->sip_count || d->settling)
		return;
	d->settling = true;
	for (w = d->fragments->oldest; w; w = newer) {
		bool answered = address_same_ip(&w->src, &next->dst) && address_same_ip(&w->dst, &next->src);
		bool overtaken = address_same_ip(&w->src, &next->src) &&
			address_same_ip(&w->dst, &next->dst) && next->time > w->since + order_time;

		newer = w->newer;
		if (w->sip && (answered || overtaken))
			give_up(d, w);
	}
	d->settling = false;
}

void fragments_finish(struct dissector *d)
{
	struct fragments *t = d->fragments;

	while (t->oldest) {
		give_up(d, t->oldest);
		forget(t, t->oldest);
	}
}

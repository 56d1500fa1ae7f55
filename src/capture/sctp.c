#include "capture/sctp.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/lru.h"
#include "capture/bytes.h"
#include "sip/frame.h"

enum {
	CHUNK_DATA = 0,
	CHUNK_I_DATA = 64, /* RFC 8260 */
	FLAG_END = 1,
	FLAG_BEGIN = 2,
	CHUNKS_MAX = 64,   /* in a packet */
	FLOWS_MAX = 4096,
	PARTS_MAX = 128,   /* pieces of messages that are under way, of one sender */
	PARTS_MEMORY = 256 << 10, /* the same in bytes */
	MEMORY_MAX = 8 << 20,     /* of all senders */
	RECENT = 64,
};

/* A piece of a message. */
struct part {
	uint32_t tsn;
	uint8_t flags;
	uint32_t n;
	uint32_t frame;
	uint8_t *bytes;
};

struct sctp {
	struct lru flows;
	size_t memory;
};

/* What one end of an association sends. */
struct flow {
	struct lru_node node;
	struct sctp *all;
	struct address src, dst;
	uint32_t highest;          /* TSN */
	uint64_t seen;             /* which of the RECENT before it were there, bit 0: itself */
	struct part parts[PARTS_MAX]; /* by TSN */
	size_t count, memory;
};

struct chunk {
	uint32_t tsn;
	uint8_t flags;
	struct span bytes;
};

static void drop_parts(struct flow *f, size_t from, size_t count)
{
	for (size_t i = from; i < from + count; i++) {
		f->memory -= f->parts[i].n;
		f->all->memory -= f->parts[i].n;
		free(f->parts[i].bytes);
	}
	f->count -= count;
	memmove(f->parts + from, f->parts + from + count, (f->count - from) * sizeof(*f->parts));
}

static void drop_flow(struct lru_node *node)
{
	struct flow *f = (struct flow *)node;

	drop_parts(f, 0, f->count);
	free(f);
}

struct sctp *sctp_new(void)
{
	struct sctp *t = xcalloc(1, sizeof(*t));

	lru_init(&t->flows, FLOWS_MAX, drop_flow);
	return t;
}

void sctp_free(struct sctp *t)
{
	if (!t)
		return;
	lru_free(&t->flows);
	free(t);
}

static void give(struct dissector *d, const struct packet *p, const struct flow *f, uint32_t frame,
	struct slice bytes, uint64_t cut)
{
	struct datagram out = {
		.bytes = bytes,
		.cut = cut,
		.src = f->src,
		.dst = f->dst,
		.transport = TRANSPORT_SCTP,
		.time = p->time,
		.frame = frame,
		.file = p->file,
	};

	if (!sip_looks_like(bytes))
		return;
	d->stats.datagrams++;
	if (d->sink.datagram)
		d->sink.datagram(d->sink.arg, &out);
}

static struct flow *flow_for(struct sctp *t, const struct address *src, const struct address *dst)
{
	uint64_t key = hash_mix(address_hash(src, 1), address_hash(dst, 2));
	struct flow *f = (struct flow *)lru_get(&t->flows, key);

	if (f && address_eq(&f->src, src) && address_eq(&f->dst, dst))
		return f;
	if (f)
		lru_remove(&t->flows, &f->node);
	f = xcalloc(1, sizeof(*f));
	f->all = t;
	f->src = *src;
	f->dst = *dst;
	lru_add(&t->flows, key, &f->node);
	return f;
}

/* Was this TSN there before? A retransmission is no message of its own. */
static bool is_repeated(struct flow *f, uint32_t tsn)
{
	int32_t ahead = (int32_t)(tsn - f->highest);

	if (!f->seen || ahead > 1 << 20 || ahead < -(1 << 20)) {
		f->highest = tsn;
		f->seen = 1;
		return false;
	}
	if (ahead > 0) {
		f->seen = ahead < RECENT ? f->seen << ahead | 1 : 1;
		f->highest = tsn;
		return false;
	}
	if (-ahead >= RECENT || f->seen >> -ahead & 1)
		return true;
	f->seen |= UINT64_C(1) << -ahead;
	return false;
}

static size_t place_of(const struct flow *f, uint32_t tsn)
{
	size_t at = f->count;

	while (at && (int32_t)(f->parts[at - 1].tsn - tsn) > 0)
		at--;
	return at;
}

/* The pieces around `at` without a hole, from a beginning to an end? */
static bool is_whole(const struct flow *f, size_t at, size_t *first, size_t *count)
{
	size_t last = at;

	*first = at;
	while (!(f->parts[*first].flags & FLAG_BEGIN)) {
		if (!*first || f->parts[*first - 1].tsn + 1 != f->parts[*first].tsn)
			return false;
		--*first;
	}
	while (!(f->parts[last].flags & FLAG_END)) {
		if (last + 1 == f->count || f->parts[last].tsn + 1 != f->parts[last + 1].tsn)
			return false;
		last++;
	}
	*count = last + 1 - *first;
	return true;
}

static void give_parts(struct dissector *d, const struct packet *p, struct flow *f, size_t first, size_t count)
{
	struct buf whole = {0};
	uint32_t frame = f->parts[first].frame;

	for (size_t i = first; i < first + count; i++)
		buf_add(&whole, f->parts[i].bytes, f->parts[i].n);
	drop_parts(f, first, count);
	if (whole.n <= FRAME_MAX)
		give(d, p, f, frame, buf_slice(&whole), 0);
	buf_free(&whole);
}

/* TSNs of one message follow on each other, whatever its stream. */
static void add_part(struct dissector *d, const struct packet *p, struct flow *f, const struct chunk *c)
{
	size_t at, first, count;

	/* what is that old has a hole that nothing will fill */
	while (f->count && (f->count == PARTS_MAX || f->memory + c->bytes.n > PARTS_MEMORY ||
		f->all->memory + c->bytes.n > MEMORY_MAX)) {
		drop_parts(f, 0, 1);
		d->stats.undecoded[UNDECODED_FRAGMENT]++;
	}
	if (f->all->memory + c->bytes.n > MEMORY_MAX) {
		d->stats.undecoded[UNDECODED_FRAGMENT]++;
		return;
	}
	at = place_of(f, c->tsn);
	memmove(f->parts + at + 1, f->parts + at, (f->count - at) * sizeof(*f->parts));
	f->parts[at] = (struct part){c->tsn, c->flags, c->bytes.n, p->frame, xmalloc(c->bytes.n + 1)};
	memcpy(f->parts[at].bytes, c->bytes.p, c->bytes.n);
	f->count++;
	f->memory += c->bytes.n;
	f->all->memory += c->bytes.n;
	if (is_whole(f, at, &first, &count))
		give_parts(d, p, f, first, count);
}

static void take_chunk(struct dissector *d, const struct packet *p, struct flow *f, const struct chunk *c)
{
	if (is_repeated(f, c->tsn))
		return;
	if ((c->flags & (FLAG_BEGIN | FLAG_END)) == (FLAG_BEGIN | FLAG_END))
		give(d, p, f, p->frame, (struct slice){(const char *)c->bytes.p, c->bytes.n}, span_cut(&c->bytes));
	else
		add_part(d, p, f, c);
}

/* Is it worth a place in the table? A message, or the middle of something in a flow that is there. */
static bool is_wanted(const struct chunk *c)
{
	bool whole = (c->flags & (FLAG_BEGIN | FLAG_END)) == (FLAG_BEGIN | FLAG_END);

	return !whole || sip_looks_like((struct slice){(const char *)c->bytes.p, c->bytes.n});
}

void sctp_decode(struct dissector *d, const struct packet *p, const struct ip *ip, struct span s)
{
	struct address src, dst;

	if (s.n < 12) {
		d->stats.undecoded[UNDECODED_TRUNCATED]++;
		return;
	}
	ip_address(&src, ip, ip->src, be16(s.p));
	ip_address(&dst, ip, ip->dst, be16(s.p + 2));
	span_skip(&s, 12);
	for (int i = 0; i < CHUNKS_MAX && s.n >= 4; i++) {
		unsigned type = s.p[0];
		size_t length = be16(s.p + 2), padded = (length + 3) & ~(size_t)3;
		size_t header = type == CHUNK_I_DATA ? 20 : 16;
		struct chunk c = {.flags = s.p[1], .bytes = s};

		if (length < 4)
			break;
		if ((type == CHUNK_DATA || type == CHUNK_I_DATA) && length > header && s.n >= header) {
			c.tsn = be32(s.p + 4);
			/* to the end of the packet, should the length lie */
			span_limit(&c.bytes, length < s.wire ? length : s.wire);
			span_skip(&c.bytes, header);
			if (is_wanted(&c))
				take_chunk(d, p, flow_for(d->sctp, &src, &dst), &c);
		}
		span_skip(&s, padded < s.n ? padded : s.n);
	}
}

void sctp_finish(struct dissector *d)
{
	for (struct lru_node *n = d->sctp->flows.oldest; n; n = n->newer)
		d->stats.undecoded[UNDECODED_FRAGMENT] += ((struct flow *)n)->count;
}

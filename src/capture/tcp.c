#include "capture/tcp.h"

#include <stdlib.h>

#include "base/err.h"
#include "capture/bytes.h"
#include "capture/stream.h"
#include "capture/tls.h"

enum {
	FIN = 1,
	SYN = 2,
	RST = 4,
	ACK = 16,
	WINDOW = 1 << 20, /* a sequence number further off belongs to another connection */
};

struct tcp {
	struct streams streams;
};

/* A segment of a connection. */
struct arrival {
	struct address src, dst;
	struct segment segment;
	uint32_t ack;
	uint8_t flags;
};

struct tcp *tcp_new(const struct dissect_sink *sink, struct dissect_stats *stats)
{
	struct tcp *t = xcalloc(1, sizeof(*t));

	streams_init(&t->streams, sink, stats);
	return t;
}

void tcp_free(struct tcp *t)
{
	if (!t)
		return;
	streams_free(&t->streams);
	free(t);
}

void tcp_use_keys(struct tcp *t, struct tls_keys *keys)
{
	t->streams.output.keys = keys;
}

void tcp_finish(struct tcp *t)
{
	streams_free(&t->streams);
}

void tcp_advance(struct tcp *t, int64_t now)
{
	if (t->streams.gap_count)
		streams_advance(&t->streams, now);
}

static struct slice payload(const struct arrival *a)
{
	return (struct slice){(const char *)a->segment.bytes.p, a->segment.bytes.n};
}

/* The ports are used again: nothing that was known of the connection holds any more. */
static void forget_connection(struct streams *t, struct stream *s)
{
	for (int i = 0; i < 2; i++) {
		flow_flush(&s->flow[i], &t->output);
		s->flow[i].known = s->flow[i].has_syn = false;
	}
	connection_reset(&s->connection, &t->output);
}

/* SIP begins anew in one direction; the others know what both have said. */
static void restart(struct streams *t, struct stream *s, int side, uint32_t next)
{
	if (s->connection.kind == CONNECTION_SIP)
		flow_flush(&s->flow[side], &t->output);
	else
		forget_connection(t, s);
	flow_start(&s->flow[side], next, false);
}

/* A SYN: the ports may have been in use before. */
static struct stream *open_stream(struct streams *t, struct stream *s, int *side,
	const struct arrival *a)
{
	struct flow *f;

	if (!s) {
		s = streams_add(t, &a->src, &a->dst);
		*side = 0;
	}
	f = &s->flow[*side];
	if (f->has_syn && f->syn == a->segment.seq - 1)
		return s;
	if (!(a->flags & ACK))
		forget_connection(t, s);
	if (f->known)
		restart(t, s, *side, a->segment.seq);
	else
		flow_start(f, a->segment.seq, false);
	f->syn = a->segment.seq - 1;
	f->has_syn = true;
	return s;
}

/* The capture began after the connection did: is there a message in this segment? */
static struct stream *join_stream(struct streams *t, const struct arrival *a)
{
	struct stream *s;
	size_t start;
	enum connection_kind kind = connection_join(payload(a), &start);

	if (kind == CONNECTION_UNDECIDED)
		return NULL;
	s = streams_add(t, &a->src, &a->dst);
	s->connection.kind = kind;
	s->connection.sip = kind == CONNECTION_SIP || kind == CONNECTION_WEBSOCKET;
	for (int i = 0; i < 2; i++)
		s->connection.side[i].upgraded = kind == CONNECTION_WEBSOCKET;
	flow_start(&s->flow[0], a->segment.seq + (uint32_t)start, false);
	return s;
}

/* Brings a flow and a segment together that do not fit. False: they never will. */
static bool match_flow(struct streams *t, struct stream *s, int side, const struct arrival *a)
{
	struct flow *f = &s->flow[side];
	int32_t ahead = (int32_t)(a->segment.seq - f->next);
	bool far = ahead > WINDOW || ahead < -WINDOW;

	if (!f->known) {
		/* of TLS and of an upgrade both directions begin together */
		bool begins = s->connection.kind == CONNECTION_TLS || s->connection.kind == CONNECTION_UPGRADE;

		flow_start(f, a->segment.seq, !begins);
	} else if (far || (f->closed && ahead >= 0)) {
		if (!sip_starts_here(payload(a)) && !tls_begins(payload(a)))
			return false;
		restart(t, s, side, a->segment.seq);
	}
	return true;
}

/* False: the connection is nothing that can be read, and forgotten. */
static bool add_payload(struct streams *t, struct stream *s, int side, const struct arrival *a)
{
	if (!match_flow(t, s, side, a) || flow_add(&s->flow[side], &t->output, &a->segment))
		return true;
	streams_remove(t, s);
	return false;
}

static void close_flow(struct streams *t, struct flow *f)
{
	flow_flush(f, &t->output);
	f->closed = true;
}

/* What the other side acknowledges in an answer has arrived there: the capture lacks it for good. */
static void heed_ack(struct streams *t, struct flow *f, uint32_t ack)
{
	while (f->held_count && (int32_t)(ack - f->next) > 0)
		flow_give_up_gap(f, &t->output);
}

static void arrive(struct streams *t, const struct arrival *a)
{
	int side = 0;
	struct stream *s = streams_find(t, &a->src, &a->dst, &side);
	struct flow *f;

	if (a->flags & SYN)
		s = open_stream(t, s, &side, a);
	else if (!s && a->segment.bytes.n)
		s = join_stream(t, a);
	if (!s)
		return;
	f = &s->flow[side];
	s->connection.heard[side] = true;
	if (a->flags & ACK && a->segment.bytes.n)
		heed_ack(t, &s->flow[!side], a->ack);
	if (a->segment.bytes.wire && !(a->flags & RST) && !add_payload(t, s, side, a))
		return;
	if (a->flags & RST) {
		close_flow(t, &s->flow[0]);
		close_flow(t, &s->flow[1]);
	} else if (a->flags & FIN && f->next == a->segment.seq + a->segment.bytes.wire) {
		close_flow(t, f);
	}
	streams_use(t, s, a->segment.mark.time);
}

void tcp_decode(struct tcp *t, const struct packet *p, const struct ip *ip, struct span s)
{
	const uint8_t *header = s.p;
	size_t length = s.n >= 20 ? (header[12] >> 4) * 4u : 0;
	struct arrival a;

	if (length < 20 || length > s.n) {
		t->streams.output.stats->undecoded[UNDECODED_TRUNCATED]++;
		return;
	}
	a.flags = header[13];
	span_skip(&s, length);
	/* most segments are a bare ACK or belong to nothing that is followed */
	if (!s.wire && !(a.flags & (SYN | FIN | RST)))
		return;
	ip_address(&a.src, ip, ip->src, be16(header));
	ip_address(&a.dst, ip, ip->dst, be16(header + 2));
	a.ack = be32(header + 8);
	a.segment.seq = be32(header + 4) + ((a.flags & SYN) != 0);
	a.segment.bytes = s;
	a.segment.mark = (struct mark){p->time, p->frame, p->file};
	arrive(&t->streams, &a);
}

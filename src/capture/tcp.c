#include "capture/tcp.h"

#include <stdlib.h>

#include "base/err.h"
#include "capture/bytes.h"
#include "capture/stream.h"

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

/* A TLS handshake record with a ClientHello, RFC 8446 5.1 and 4. */
static bool is_client_hello(struct slice s)
{
	return s.n >= 6 && s.p[0] == 0x16 && s.p[1] == 3 && (unsigned char)s.p[2] <= 4 && s.p[5] == 1;
}

static void flow_restart(struct streams *t, struct flow *f, uint32_t next)
{
	flow_flush(f, &t->output);
	flow_start(f, next);
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
	flow_restart(t, f, a->segment.seq);
	f->syn = a->segment.seq - 1;
	f->has_syn = true;
	if (!(a->flags & ACK)) {
		struct flow *other = &s->flow[!*side];

		flow_flush(other, &t->output);
		other->known = other->has_syn = false;
		s->sip = false;
	}
	return s;
}

/* The capture began after the connection did: is there a message in this segment? */
static struct stream *join_stream(struct streams *t, const struct arrival *a)
{
	struct stream *s;
	struct slice bytes = payload(a);
	size_t start = 0;

	if (is_client_hello(bytes)) {
		t->output.stats->tls_connections++;
		return NULL;
	}
	if (!sip_starts_here(bytes) && !frame_resync(bytes, false, &start))
		return NULL;
	s = streams_add(t, &a->src, &a->dst);
	s->sip = true;
	flow_start(&s->flow[0], a->segment.seq + (uint32_t)start);
	return s;
}

/* Brings a flow and a segment together that do not fit. False: they never will. */
static bool match_flow(struct streams *t, struct flow *f, const struct arrival *a)
{
	int32_t ahead = (int32_t)(a->segment.seq - f->next);
	bool far = ahead > WINDOW || ahead < -WINDOW;

	if (!f->known) {
		flow_start(f, a->segment.seq);
		f->lost = true;
	} else if (far || (f->closed && ahead >= 0)) {
		if (!sip_starts_here(payload(a)))
			return false;
		flow_restart(t, f, a->segment.seq);
	}
	return true;
}

/* False: the connection is no SIP, and forgotten. */
static bool add_payload(struct streams *t, struct stream *s, struct flow *f,
	const struct arrival *a)
{
	if (!match_flow(t, f, a) || flow_add(f, &t->output, &a->segment))
		return true;
	if (is_client_hello(payload(a)))
		t->output.stats->tls_connections++;
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
	s->flow[!side].peer_seen = true;
	if (a->flags & ACK && a->segment.bytes.n)
		heed_ack(t, &s->flow[!side], a->ack);
	if (a->segment.bytes.wire && !(a->flags & RST) && !add_payload(t, s, f, a))
		return;
	if (a->flags & RST) {
		close_flow(t, &s->flow[0]);
		close_flow(t, &s->flow[1]);
	} else if (a->flags & FIN && f->next == a->segment.seq + (uint32_t)a->segment.bytes.wire) {
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
	a.src = ip_address(ip, ip->src, be16(header));
	a.dst = ip_address(ip, ip->dst, be16(header + 2));
	a.ack = be32(header + 8);
	a.segment.seq = be32(header + 4) + ((a.flags & SYN) != 0);
	a.segment.bytes = s;
	a.segment.mark = (struct mark){p->time, p->frame, p->file};
	arrive(&t->streams, &a);
}

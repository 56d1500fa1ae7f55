#include "capture/dissect.h"

#include <stdlib.h>

#include "base/err.h"
#include "capture/bytes.h"
#include "capture/fragment.h"
#include "capture/hep.h"
#include "capture/layers.h"
#include "capture/sctp.h"
#include "capture/tcp.h"
#include "sip/frame.h"

static const char *const names[UNDECODED_COUNT] = {
	[UNDECODED_LINK_TYPE] = "link-type",
	[UNDECODED_NOT_IP] = "not-ip",
	[UNDECODED_TRUNCATED] = "truncated",
	[UNDECODED_FRAGMENT] = "fragment",
	[UNDECODED_IP_PROTOCOL] = "ip-protocol",
	[UNDECODED_ENCRYPTED] = "encrypted",
	[UNDECODED_TUNNEL] = "tunnel",
	[UNDECODED_OVERLAP] = "fragment-overlap",
};

const char *undecoded_name(enum undecoded u)
{
	return names[u];
}

struct dissector *dissector_new(const struct dissect_sink *sink)
{
	struct dissector *d = xcalloc(1, sizeof(*d));

	d->sink = *sink;
	d->stats.unknown_linktype = -1;
	d->tcp = tcp_new(&d->sink, &d->stats);
	d->fragments = fragments_new();
	d->sctp = sctp_new();
	return d;
}

void dissector_use_keys(struct dissector *d, struct tls_keys *keys)
{
	tcp_use_keys(d->tcp, keys);
}

void dissector_feed(struct dissector *d, const struct packet *p)
{
	tcp_advance(d->tcp, p->time);
	fragments_advance(d, p->time);
	link_decode(d, p);
}

void dissector_finish(struct dissector *d)
{
	fragments_finish(d);
	sctp_finish(d);
	tcp_finish(d->tcp);
}

const struct dissect_stats *dissector_stats(const struct dissector *d)
{
	return &d->stats;
}

void dissector_free(struct dissector *d)
{
	if (!d)
		return;
	tcp_free(d->tcp);
	fragments_free(d->fragments);
	sctp_free(d->sctp);
	free(d);
}

static void give_loss(struct dissector *d, const struct datagram *whole)
{
	struct loss loss = {.what = "fragment", .count = 1, .time = whole->time, .frame = whole->frame,
		.file = whole->file, .src = whole->src, .dst = whole->dst};

	if (d->sink.loss)
		d->sink.loss(d->sink.arg, &loss);
}

bool udp_is_wanted(struct span s, bool *sip)
{
	*sip = s.n > 8 && sip_looks_like((struct slice){(const char *)s.p + 8, s.n - 8});
	return *sip || s.n < 8 || tunnel_is_port(be16(s.p + 2)) || hep_begins(s.p + 8, s.n - 8);
}

static void give_message(struct dissector *d, const struct packet *p, const struct ip *ip, const uint8_t *header,
	const struct span *s)
{
	struct datagram out = {
		.bytes = {(const char *)s->p, s->n},
		.cut = span_cut(s),
		.transport = TRANSPORT_UDP,
		.time = p->time,
		.frame = p->frame,
		.first_frame = ip->first_frame,
		.file = p->file,
		.ip_id = ip->id,
		.late = ip->more,
	};

	ip_address(&out.src, ip, ip->src, be16(header));
	ip_address(&out.dst, ip, ip->dst, be16(header + 2));
	fragments_settle(d, &out);
	if (ip->more) {
		/* whatever the length says, more was sent */
		out.cut += !out.cut;
		give_loss(d, &out);
	}
	d->stats.datagrams++;
	if (d->sink.datagram)
		d->sink.datagram(d->sink.arg, &out);
}

/* This runs for every RTP packet: nothing is filled in before the payload is known to be SIP. */
void udp_decode(struct dissector *d, const struct packet *p, const struct ip *ip, struct span s)
{
	const uint8_t *header = s.p;
	size_t length;

	if (s.n < 8) {
		d->stats.undecoded[UNDECODED_TRUNCATED]++;
		return;
	}
	length = be16(header + 4);
	if (length >= 8)
		span_limit(&s, length);
	span_skip(&s, 8);
	/* an incomplete one is given out for the message in it only */
	if (!ip->more && tunnel_is_port(be16(header + 2)) && tunnel_decode(d, p, be16(header + 2), s))
		return;
	if (sip_looks_like((struct slice){(const char *)s.p, s.n}))
		give_message(d, p, ip, header, &s);
	else if (hep_begins(s.p, s.n))
		hep_decode(&d->sink, &d->stats, p, s);
}

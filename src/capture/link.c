/* Link layers: from the beginning of a packet to its IP header. */
#include "capture/bytes.h"
#include "capture/layers.h"

enum {
	ETHERTYPE_IP4 = 0x0800,
	ETHERTYPE_IP6 = 0x86dd,
	ETHERTYPE_VLAN = 0x8100,
	ETHERTYPE_QINQ = 0x88a8,
	ETHERTYPE_QINQ_OLD = 0x9100,
	ETHERTYPE_MPLS = 0x8847,
	ETHERTYPE_MPLS_MULTICAST = 0x8848,
	ETHERTYPE_PPPOE = 0x8864,
	VLAN_TAGS_MAX = 8,
};

static void undecoded(struct dissector *d, enum undecoded why)
{
	d->stats.undecoded[why]++;
}

static bool is_vlan(unsigned type)
{
	return type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ || type == ETHERTYPE_QINQ_OLD;
}

/* `type` says what the span begins with. */
static void decode_ethertype(struct dissector *d, const struct packet *p, struct span s,
	unsigned type)
{
	for (int tags = 0; is_vlan(type); tags++) {
		if (tags == VLAN_TAGS_MAX || s.n < 4) {
			undecoded(d, UNDECODED_TRUNCATED);
			return;
		}
		type = be16(s.p + 2);
		span_skip(&s, 4);
	}
	switch (type) {
	case ETHERTYPE_IP4:
	case ETHERTYPE_IP6:
		ip_decode(d, p, s);
		break;
	case ETHERTYPE_MPLS:
	case ETHERTYPE_MPLS_MULTICAST:
	case ETHERTYPE_PPPOE:
		undecoded(d, UNDECODED_TUNNEL);
		break;
	default:
		undecoded(d, UNDECODED_NOT_IP);
	}
}

/* A header of `size` bytes with an Ethernet type at `at`. */
static void decode_typed(struct dissector *d, const struct packet *p, struct span s, size_t size,
	size_t at)
{
	unsigned type;

	if (s.n < size) {
		undecoded(d, UNDECODED_TRUNCATED);
		return;
	}
	type = be16(s.p + at);
	span_skip(&s, size);
	decode_ethertype(d, p, s, type);
}

static void decode_ethernet(struct dissector *d, const struct packet *p, struct span s)
{
	decode_typed(d, p, s, 14, 12);
}

static void decode_sll(struct dissector *d, const struct packet *p, struct span s)
{
	decode_typed(d, p, s, 16, 14);
}

static void decode_sll2(struct dissector *d, const struct packet *p, struct span s)
{
	decode_typed(d, p, s, 20, 0);
}

/* An address family of the capturing host, in its byte order (network order for OpenBSD's loop). */
static void decode_loop(struct dissector *d, const struct packet *p, struct span s)
{
	uint32_t family;

	if (s.n < 4) {
		undecoded(d, UNDECODED_TRUNCATED);
		return;
	}
	family = le32(s.p);
	if (family > 0xffff)
		family = be32(s.p);
	span_skip(&s, 4);
	/* AF_INET is 2 everywhere; AF_INET6 is 10, 24, 28 or 30 */
	if (family == 2 || family == 10 || family == 24 || family == 28 || family == 30)
		ip_decode(d, p, s);
	else
		undecoded(d, UNDECODED_NOT_IP);
}

/* LINKTYPE_ number -> decoder (pcap-linktype(7)); 12 and 14 are what raw IP was called before. */
static void (*const decoders[])(struct dissector *d, const struct packet *p, struct span s) = {
	[0] = decode_loop,
	[1] = decode_ethernet,
	[12] = ip_decode,
	[14] = ip_decode,
	[101] = ip_decode,
	[108] = decode_loop,
	[113] = decode_sll,
	[228] = ip_decode,
	[229] = ip_decode,
	[276] = decode_sll2,
};

void link_decode(struct dissector *d, const struct packet *p)
{
	struct span s = {p->data, p->captured, p->length > p->captured ? p->length : p->captured};

	if (p->linktype >= 0 && (size_t)p->linktype < sizeof(decoders) / sizeof(*decoders) &&
		decoders[p->linktype]) {
		decoders[p->linktype](d, p, s);
		return;
	}
	undecoded(d, UNDECODED_LINK_TYPE);
	if (d->stats.unknown_linktype < 0)
		d->stats.unknown_linktype = p->linktype;
}

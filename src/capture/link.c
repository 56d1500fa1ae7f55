/* Link layers: from the beginning of a packet to its IP header. */
#include "capture/bytes.h"
#include "capture/layers.h"
#include "capture/pdu.h"

enum {
	ETHERTYPE_IP4 = 0x0800,
	ETHERTYPE_IP6 = 0x86dd,
	ETHERTYPE_VLAN = 0x8100,
	ETHERTYPE_QINQ = 0x88a8,
	ETHERTYPE_QINQ_OLD = 0x9100,
	ETHERTYPE_MPLS = 0x8847,
	ETHERTYPE_MPLS_MULTICAST = 0x8848,
	ETHERTYPE_PPPOE = 0x8864,
	ETHERTYPE_LENGTH = 0x0600, /* below it is a length, and LLC follows (IEEE 802.3) */
	VLAN_TAGS_MAX = 8,
	NFLOG_PAYLOAD = 9,
};

static void undecoded(struct dissector *d, enum undecoded why)
{
	d->stats.undecoded[why]++;
}

static bool is_vlan(unsigned type)
{
	return type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ || type == ETHERTYPE_QINQ_OLD;
}

void ethertype_decode(struct dissector *d, const struct packet *p, struct span s, unsigned type)
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
		mpls_decode(d, p, s);
		break;
	case ETHERTYPE_PPPOE:
		pppoe_decode(d, p, s);
		break;
	default:
		if (type < ETHERTYPE_LENGTH)
			llc_decode(d, p, s);
		else
			undecoded(d, UNDECODED_NOT_IP);
	}
}

/* LLC with SNAP (RFC 1042), the only one that carries IP. */
void llc_decode(struct dissector *d, const struct packet *p, struct span s)
{
	unsigned type;

	if (s.n < 8 || s.p[0] != 0xaa || s.p[1] != 0xaa || s.p[2] != 3 || be16(s.p + 6) < ETHERTYPE_LENGTH) {
		undecoded(d, s.wire > s.n && s.n < 8 ? UNDECODED_TRUNCATED : UNDECODED_NOT_IP);
		return;
	}
	type = be16(s.p + 6);
	span_skip(&s, 8);
	ethertype_decode(d, p, s, type);
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
	ethertype_decode(d, p, s, type);
}

void ethernet_decode(struct dissector *d, const struct packet *p, struct span s)
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

/* Cisco HDLC: address, control, type */
static void decode_hdlc(struct dissector *d, const struct packet *p, struct span s)
{
	/* on these links there may be PPP as well */
	if (s.n >= 2 && s.p[0] == 0xff && s.p[1] == 3)
		ppp_decode(d, p, s);
	else
		decode_typed(d, p, s, 4, 2);
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

/* A header of so many bytes before IP. */
static void decode_behind(struct dissector *d, const struct packet *p, struct span s, size_t header)
{
	if (s.n < header) {
		undecoded(d, UNDECODED_TRUNCATED);
		return;
	}
	span_skip(&s, header);
	ip_decode(d, p, s);
}

/* OpenBSD's IPsec after decryption: family, SPI, flags */
static void decode_enc(struct dissector *d, const struct packet *p, struct span s)
{
	decode_behind(d, p, s, 12);
}

/* Solaris: version, family, hook type, lengths, interfaces, zones */
static void decode_ipnet(struct dissector *d, const struct packet *p, struct span s)
{
	decode_behind(d, p, s, 24);
}

/* Values {length, type, bytes} in the byte order of the host, padded to four bytes. */
static void decode_nflog(struct dissector *d, const struct packet *p, struct span s)
{
	if (s.n < 4) {
		undecoded(d, UNDECODED_TRUNCATED);
		return;
	}
	span_skip(&s, 4);
	while (s.n >= 4) {
		/* a type is a small number: the byte that is zero tells the order */
		bool big = !s.p[2] && s.p[3];
		size_t length = file16(s.p, big), padded = (length + 3) & ~(size_t)3;
		unsigned type = file16(s.p + 2, big);

		if (length < 4)
			break;
		if (type == NFLOG_PAYLOAD) {
			span_limit(&s, length < s.wire ? length : s.wire);
			span_skip(&s, 4);
			ip_decode(d, p, s);
			return;
		}
		span_skip(&s, padded < s.n ? padded : s.n);
	}
	undecoded(d, s.wire > s.n ? UNDECODED_TRUNCATED : UNDECODED_NOT_IP);
}

/* LINKTYPE_ number -> decoder (pcap-linktype(7)); 12 and 14 are what raw IP was called before. */
static void (*const decoders[])(struct dissector *d, const struct packet *p, struct span s) = {
	[0] = decode_loop,
	[LINKTYPE_ETHERNET] = ethernet_decode,
	[9] = ppp_decode,
	[12] = ip_decode,
	[14] = ip_decode,
	[50] = ppp_decode,
	[51] = pppoe_decode,
	[101] = ip_decode,
	[104] = decode_hdlc,
	[LINKTYPE_WLAN] = wlan_decode,
	[108] = decode_loop,
	[109] = decode_enc,
	[113] = decode_sll,
	[119] = prism_decode,
	[127] = radiotap_decode,
	[163] = prism_decode,
	[192] = ppi_decode,
	[219] = mpls_decode,
	[226] = decode_ipnet,
	[228] = ip_decode,
	[229] = ip_decode,
	[239] = decode_nflog,
	[LINKTYPE_PDU] = pdu_decode,
	[276] = decode_sll2,
};

void link_decode(struct dissector *d, const struct packet *p)
{
	struct span s = {p->data, p->captured, p->length > p->captured ? p->length : p->captured};

	d->depth = 0;
	if (p->linktype >= 0 && (size_t)p->linktype < sizeof(decoders) / sizeof(*decoders) &&
		decoders[p->linktype]) {
		decoders[p->linktype](d, p, s);
		return;
	}
	undecoded(d, UNDECODED_LINK_TYPE);
	if (d->stats.unknown_linktype < 0)
		d->stats.unknown_linktype = p->linktype;
}

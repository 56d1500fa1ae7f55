/* IPv4 (RFC 791) and IPv6 (RFC 8200). */
#include "capture/bytes.h"
#include "capture/fragment.h"
#include "capture/layers.h"
#include "capture/sctp.h"
#include "capture/tcp.h"

enum {
	IP_HOP_BY_HOP = 0,
	IP_IP4 = 4,
	IP_IP6 = 41,
	IP_ROUTING = 43,
	IP_FRAGMENT = 44,
	IP_GRE = 47,
	IP_ESP = 50,
	IP_AH = 51,
	IP_NONE = 59,
	IP_OPTIONS = 60,
	IP_MOBILITY = 135,
	IP_MPLS = 137,
	IP_ETHERNET = 143, /* RFC 8986 */
	EXTENSIONS_MAX = 8,
};

static inline bool parse_ip4(struct ip *ip, struct span *s, enum undecoded *why)
{
	unsigned header, total;
	const uint8_t *p = s->p;

	*why = UNDECODED_TRUNCATED;
	if (s->n < 20)
		return false;
	header = (p[0] & 15u) * 4u;
	total = be16(p + 2);
	if (header < 20 || s->n < header || (total && total < header))
		return false;
	ip->family = 4;
	ip->protocol = p[9];
	ip->id = be16(p + 4);
	ip->fragment = ip->id;
	ip->more = (p[6] & 0x20) != 0;
	ip->offset = (be16(p + 6) & 0x1fffu) * 8u;
	ip->src = p + 12;
	ip->dst = p + 16;
	/* 0: the network card was to cut it into segments, and it was captured before that */
	if (total)
		span_limit(s, total);
	span_skip(s, header);
	return true;
}

/* The length of an extension header; 0: that is none. */
static size_t extension_length(uint8_t protocol, const uint8_t *p)
{
	switch (protocol) {
	case IP_HOP_BY_HOP:
	case IP_ROUTING:
	case IP_OPTIONS:
	case IP_MOBILITY:
		return (p[1] + 1u) * 8u;
	case IP_FRAGMENT:
		return 8;
	case IP_AH:
		return (p[1] + 2u) * 4u;
	default:
		return 0;
	}
}

bool ip_extensions(struct ip *ip, struct span *s)
{
	static const uint8_t none[2] = {0};

	for (int i = 0; i < EXTENSIONS_MAX; i++) {
		size_t length = extension_length(ip->protocol, s->n >= 2 ? s->p : none);

		if (!length)
			return true;
		if (s->n < length)
			return false;
		if (ip->protocol == IP_FRAGMENT) {
			ip->offset = be16(s->p + 2) & 0xfff8u;
			ip->more = s->p[3] & 1;
			ip->fragment = be32(s->p + 4);
		}
		ip->protocol = s->p[0];
		span_skip(s, length);
		/* what follows is a part of the fragmented one, whatever the number says */
		if (ip->offset || ip->more)
			return true;
	}
	return !extension_length(ip->protocol, none);
}

static inline bool parse_ip6(struct ip *ip, struct span *s, enum undecoded *why)
{
	const uint8_t *p = s->p;
	struct span rest;
	unsigned payload;
	bool whole;

	*why = UNDECODED_TRUNCATED;
	if (s->n < 40)
		return false;
	*ip = (struct ip){.src = p + 8, .dst = p + 24, .family = 6, .protocol = p[6]};
	payload = be16(p + 4);
	span_skip(s, 40);
	/* 0: a jumbogram, or captured before it was cut into segments */
	if (payload)
		span_limit(s, payload);
	rest = *s;
	whole = ip_extensions(ip, &rest);
	*s = rest;
	return whole;
}

/* Inline, and the address of the span goes nowhere, so that it stays in registers. */
static inline bool parse(struct ip *ip, struct span *s, enum undecoded *why)
{
	unsigned version = s->n ? s->p[0] >> 4 : 0;

	if (version == 4)
		return parse_ip4(ip, s, why);
	if (version == 6)
		return parse_ip6(ip, s, why);
	*why = s->n ? UNDECODED_NOT_IP : UNDECODED_TRUNCATED;
	return false;
}

bool ip_parse(struct ip *ip, struct span *s, enum undecoded *why)
{
	return parse(ip, s, why);
}

static enum undecoded undecoded_protocol(uint8_t protocol)
{
	switch (protocol) {
	case IP_ESP:
		return UNDECODED_ENCRYPTED;
	default:
		return UNDECODED_IP_PROTOCOL;
	}
}

void ip_decode(struct dissector *d, const struct packet *p, struct span s)
{
	struct ip ip;
	enum undecoded why;

	if (!parse(&ip, &s, &why))
		d->stats.undecoded[why]++;
	else if (ip.offset || ip.more)
		fragments_add(d, p, &ip, s);
	else
		ip_payload(d, p, &ip, s);
}

void ip_payload(struct dissector *d, const struct packet *p, const struct ip *ip, struct span s)
{
	switch (ip->protocol) {
	case IP_UDP:
		udp_decode(d, p, ip, s);
		break;
	case IP_TCP:
		tcp_decode(d->tcp, p, ip, s);
		break;
	case IP_SCTP:
		sctp_decode(d, p, ip, s);
		break;
	case IP_ICMP:
	case IP_ICMP6:
		icmp_decode(d, p, ip, s);
		break;
	case IP_IP4:
	case IP_IP6:
		if (layers_deeper(d))
			ip_decode(d, p, s);
		break;
	case IP_GRE:
		gre_decode(d, p, s);
		break;
	case IP_MPLS:
		mpls_decode(d, p, s);
		break;
	case IP_ETHERNET:
		if (layers_deeper(d))
			ethernet_decode(d, p, s);
		break;
	case IP_NONE:
		break;
	default:
		d->stats.undecoded[undecoded_protocol(ip->protocol)]++;
	}
}

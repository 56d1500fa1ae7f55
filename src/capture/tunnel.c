/*
 * Headers with packets in them: MPLS (RFC 3032), PPP (RFC 1661) and PPPoE (RFC 2516), GRE (RFC 2784,
 * 2890, 2637) with ERSPAN, VXLAN (RFC 7348), Geneve (RFC 8926), GTP-U (3GPP TS 29.281).
 */
#include "capture/bytes.h"
#include "capture/layers.h"

enum {
	LABELS_MAX = 16,
	GTP_EXTENSIONS_MAX = 8,
};

enum {
	PPP_IP4 = 0x0021,
	PPP_IP6 = 0x0057,
	PPP_ENCRYPTED = 0x0053,  /* RFC 1968; 0x0055 on one link of several */
	PPP_ENCRYPTED_LINK = 0x0055,
	PPP_COMPRESSED = 0x00fd, /* RFC 1962; MPPE as well */
	PPP_MPLS = 0x0281,
};

static void undecoded(struct dissector *d, enum undecoded why)
{
	d->stats.undecoded[why]++;
}

bool layers_deeper(struct dissector *d)
{
	if (d->depth++ < LAYERS_MAX)
		return true;
	undecoded(d, UNDECODED_TUNNEL);
	return false;
}

/* Behind the labels stands no type: IP shows its version, a pseudowire its control word (RFC 4385). */
static void decode_labelled(struct dissector *d, const struct packet *p, struct span s)
{
	unsigned nibble = s.n ? s.p[0] >> 4 : 0;

	if (nibble == 4 || nibble == 6) {
		ip_decode(d, p, s);
		return;
	}
	if (!nibble && s.n >= 4)
		span_skip(&s, 4);
	ethernet_decode(d, p, s);
}

void mpls_decode(struct dissector *d, const struct packet *p, struct span s)
{
	bool last = false;

	if (!layers_deeper(d))
		return;
	for (int labels = 0; !last; labels++) {
		if (labels == LABELS_MAX || s.n < 4) {
			undecoded(d, labels == LABELS_MAX ? UNDECODED_TUNNEL : UNDECODED_TRUNCATED);
			return;
		}
		last = s.p[2] & 1;
		span_skip(&s, 4);
	}
	decode_labelled(d, p, s);
}

/* Address and control may be left out (RFC 1661 6.6), and the first byte of the protocol (6.5). */
static bool ppp_protocol(struct span *s, unsigned *protocol)
{
	if (s->n >= 2 && s->p[0] == 0xff && s->p[1] == 3)
		span_skip(s, 2);
	if (s->n < 2)
		return false;
	*protocol = s->p[0] & 1 ? s->p[0] : be16(s->p);
	span_skip(s, s->p[0] & 1 ? 1 : 2);
	return true;
}

void ppp_decode(struct dissector *d, const struct packet *p, struct span s)
{
	unsigned protocol;

	if (!layers_deeper(d))
		return;
	if (!ppp_protocol(&s, &protocol)) {
		undecoded(d, UNDECODED_TRUNCATED);
		return;
	}
	switch (protocol) {
	case PPP_IP4:
	case PPP_IP6:
		ip_decode(d, p, s);
		break;
	case PPP_MPLS:
		mpls_decode(d, p, s);
		break;
	case PPP_ENCRYPTED:
	case PPP_ENCRYPTED_LINK:
		undecoded(d, UNDECODED_ENCRYPTED);
		break;
	case PPP_COMPRESSED:
		undecoded(d, UNDECODED_TUNNEL);
		break;
	default:
		undecoded(d, UNDECODED_NOT_IP);
	}
}

void pppoe_decode(struct dissector *d, const struct packet *p, struct span s)
{
	if (s.n < 6) {
		undecoded(d, UNDECODED_TRUNCATED);
		return;
	}
	if (s.p[0] != 0x11 || s.p[1]) {
		undecoded(d, UNDECODED_TUNNEL);
		return;
	}
	span_limit(&s, 6u + be16(s.p + 4));
	if (s.n >= 6) {
		span_skip(&s, 6);
		ppp_decode(d, p, s);
	}
}

/* Type II has 8 bytes, type III 12 and perhaps 8 more (draft-foschiano-erspan). */
static void erspan_decode(struct dissector *d, const struct packet *p, struct span s, bool third)
{
	size_t header = third ? 12 : 8;

	if (s.n >= header && third && s.p[11] & 1)
		header += 8;
	if (s.n < header) {
		undecoded(d, UNDECODED_TRUNCATED);
		return;
	}
	span_skip(&s, header);
	ethernet_decode(d, p, s);
}

static void gre_payload(struct dissector *d, const struct packet *p, struct span s, unsigned type,
	bool has_sequence)
{
	switch (type) {
	case 0x6558: /* transparent Ethernet bridging */
		ethernet_decode(d, p, s);
		break;
	case 0x880b:
		ppp_decode(d, p, s);
		break;
	case 0x88be:
		/* type I: nothing between the headers, and no sequence number */
		if (has_sequence)
			erspan_decode(d, p, s, false);
		else
			ethernet_decode(d, p, s);
		break;
	case 0x22eb:
		erspan_decode(d, p, s, true);
		break;
	default:
		ethertype_decode(d, p, s, type);
	}
}

void gre_decode(struct dissector *d, const struct packet *p, struct span s)
{
	size_t header = 4;
	unsigned flags, type;

	if (!layers_deeper(d))
		return;
	if (s.n < 4) {
		undecoded(d, UNDECODED_TRUNCATED);
		return;
	}
	flags = be16(s.p);
	type = be16(s.p + 2);
	/* source routes (RFC 1701) and versions after that of PPTP */
	if (flags & 0x4000 || (flags & 7) > 1) {
		undecoded(d, UNDECODED_TUNNEL);
		return;
	}
	header += flags & 0x8000 ? 4 : 0;
	header += flags & 0x2000 ? 4 : 0;
	header += flags & 0x1000 ? 4 : 0;
	header += (flags & 7) == 1 && flags & 0x80 ? 4 : 0;
	if (s.n < header) {
		undecoded(d, UNDECODED_TRUNCATED);
		return;
	}
	span_skip(&s, header);
	/* a bare acknowledgement of PPTP, a keep-alive */
	if (s.wire)
		gre_payload(d, p, s, type, flags & 0x1000);
}

static bool vxlan_decode(struct dissector *d, const struct packet *p, struct span s)
{
	if (s.n < 8 || s.p[0] != 8 || s.p[7])
		return false;
	if (layers_deeper(d)) {
		span_skip(&s, 8);
		ethernet_decode(d, p, s);
	}
	return true;
}

static bool geneve_decode(struct dissector *d, const struct packet *p, struct span s)
{
	size_t header = s.n ? 8 + (s.p[0] & 63u) * 4 : 0;
	unsigned type;

	if (s.n < 8 || s.p[0] >> 6 || s.p[7] || s.n < header)
		return false;
	type = be16(s.p + 2);
	if (layers_deeper(d)) {
		span_skip(&s, header);
		if (type == 0x6558)
			ethernet_decode(d, p, s);
		else
			ethertype_decode(d, p, s, type);
	}
	return true;
}

/* Behind the header its optional part; 0: it does not hold together. */
static size_t gtp_header(const struct span *s)
{
	size_t header = 8;

	if (!(s->p[0] & 7))
		return header;
	header = 12;
	for (int i = 0; s->p[0] & 4 && s->n >= header && s->p[header - 1]; i++) {
		if (i == GTP_EXTENSIONS_MAX || s->n == header || !s->p[header])
			return 0;
		header += s->p[header] * 4u;
	}
	return s->n >= header ? header : 0;
}

static bool gtp_decode(struct dissector *d, const struct packet *p, struct span s)
{
	size_t header;

	/* version 1, GTP and not GTP', a G-PDU */
	if (s.n < 8 || (s.p[0] & 0xf0) != 0x30 || s.p[1] != 255)
		return false;
	span_limit(&s, 8u + be16(s.p + 2));
	header = gtp_header(&s);
	if (!header) {
		undecoded(d, UNDECODED_TUNNEL);
		return true;
	}
	if (layers_deeper(d)) {
		span_skip(&s, header);
		ip_decode(d, p, s);
	}
	return true;
}

bool tunnel_decode(struct dissector *d, const struct packet *p, unsigned port, struct span s)
{
	switch (port) {
	case PORT_GTP:
		return gtp_decode(d, p, s);
	case PORT_VXLAN:
	case PORT_VXLAN_OLD:
		return vxlan_decode(d, p, s);
	case PORT_GENEVE:
		return geneve_decode(d, p, s);
	default:
		return false;
	}
}

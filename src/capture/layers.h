/* What the decoders share: bytes on their way through the layers. Internal to capture/. */
#ifndef CAPTURE_LAYERS_H
#define CAPTURE_LAYERS_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/address.h"
#include "capture/dissect.h"

struct tcp;
struct fragments;
struct sctp;

struct dissector {
	struct dissect_sink sink;
	struct dissect_stats stats;
	struct tcp *tcp;
	struct fragments *fragments;
	struct sctp *sctp;
	bool settling;     /* fragments are being given up */
	unsigned depth;    /* tunnels that this packet came through so far */
};

/*
 * The bytes of a layer that are here, and how many there were before the snap length cut them: in two registers on
 * their way from layer to layer.
 */
struct span {
	const uint8_t *p;
	uint32_t n;
	uint32_t wire;
};

/* Drops a header that is known to be here. */
static inline void span_skip(struct span *s, uint32_t header)
{
	s->p += header;
	s->n -= header;
	s->wire = s->wire > header ? s->wire - header : 0;
}

/* A length field spoke: it can move the end of the bytes inward only. */
static inline void span_limit(struct span *s, uint32_t length)
{
	s->wire = length;
	if (s->n > length)
		s->n = length;
}

static inline uint32_t span_cut(const struct span *s)
{
	return s->wire > s->n ? s->wire - s->n : 0;
}

/* What the layers above need of an IP header. */
struct ip {
	const uint8_t *src, *dst;
	uint8_t family;    /* 4 or 6 */
	uint8_t protocol;
	uint16_t id;
	bool more;         /* fragments follow */
	uint32_t offset;   /* of this fragment, in bytes */
	uint32_t fragment; /* identification */
	uint32_t first_frame; /* of a datagram that came in fragments */
};

enum {
	IP_ICMP = 1, IP_TCP = 6, IP_UDP = 17, IP_ICMP6 = 58, IP_SCTP = 132,
};

/* Written where it is to be: to copy what was just written in pieces, the processor would have to wait for them. */
static inline void ip_address(struct address *a, const struct ip *ip, const uint8_t *bytes, uint16_t port)
{
	*a = (struct address){.family = ip->family, .port = port};
	if (ip->family == 4)
		memcpy(a->ip, bytes, 4);
	else
		memcpy(a->ip, bytes, 16);
}

/*
 * Takes IPv4 or IPv6 headers, by their version, off the span. False: *why.
 */
bool ip_parse(struct ip *ip, struct span *s, enum undecoded *why);

/* Takes IPv6 extension headers off the span. False: they are not whole. */
bool ip_extensions(struct ip *ip, struct span *s);

enum {
	LINKTYPE_ETHERNET = 1, LINKTYPE_WLAN = 105,
	LAYERS_MAX = 16, /* tunnels in tunnels */
};

/* One more tunnel in a packet. False: too many; counted. */
bool layers_deeper(struct dissector *d);

/* Each counts what it cannot decode. */
void link_decode(struct dissector *d, const struct packet *p);
void ethernet_decode(struct dissector *d, const struct packet *p, struct span s);
void ethertype_decode(struct dissector *d, const struct packet *p, struct span s, unsigned type);
void llc_decode(struct dissector *d, const struct packet *p, struct span s);
void wlan_decode(struct dissector *d, const struct packet *p, struct span s);
void radiotap_decode(struct dissector *d, const struct packet *p, struct span s);
void prism_decode(struct dissector *d, const struct packet *p, struct span s);
void ppi_decode(struct dissector *d, const struct packet *p, struct span s);
void mpls_decode(struct dissector *d, const struct packet *p, struct span s);
void ppp_decode(struct dissector *d, const struct packet *p, struct span s);
void pppoe_decode(struct dissector *d, const struct packet *p, struct span s);
void gre_decode(struct dissector *d, const struct packet *p, struct span s);
enum {
	PORT_GTP = 2152,
	PORT_VXLAN = 4789,
	PORT_VXLAN_OLD = 8472,   /* Linux, before there was another */
	PORT_GENEVE = 6081,
};

static inline bool tunnel_is_port(unsigned port)
{
	return port == PORT_GTP || port == PORT_VXLAN || port == PORT_VXLAN_OLD || port == PORT_GENEVE;
}

/* A UDP payload to this port, if it is a tunnel. False: it is none. */
bool tunnel_decode(struct dissector *d, const struct packet *p, unsigned port, struct span s);
void ip_decode(struct dissector *d, const struct packet *p, struct span s);
/* What IP carries, whole or the first fragment of what is incomplete (ip->more). */
void ip_payload(struct dissector *d, const struct packet *p, const struct ip *ip, struct span s);
/* Is a datagram that begins so worth to be put together? *sip: it is a message itself. */
bool udp_is_wanted(struct span s, bool *sip);
void udp_decode(struct dissector *d, const struct packet *p, const struct ip *ip, struct span s);
void icmp_decode(struct dissector *d, const struct packet *p, const struct ip *ip, struct span s);

#endif

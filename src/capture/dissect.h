/*
 * From packets to datagrams: link layers, IPv4 and IPv6, UDP, TCP streams cut into SIP messages.
 * SIP is recognized by content, on any port; everything else costs a few tests and no allocation.
 */
#ifndef CAPTURE_DISSECT_H
#define CAPTURE_DISSECT_H

#include "base/packet.h"
#include "sip/datagram.h"

/* Called with borrowed values. Any may be NULL. */
struct dissect_sink {
	void (*datagram)(void *arg, const struct datagram *d);
	void (*icmp)(void *arg, const struct icmp_error *e);
	void (*loss)(void *arg, const struct loss *l);
	void *arg;
};

/* Why packets could not be decoded; names in undecoded_name(). */
enum undecoded {
	UNDECODED_LINK_TYPE, UNDECODED_NOT_IP, UNDECODED_TRUNCATED, UNDECODED_FRAGMENT, UNDECODED_IP_PROTOCOL,
	UNDECODED_ENCRYPTED, UNDECODED_TUNNEL, UNDECODED_OVERLAP, UNDECODED_COUNT
};

struct dissect_stats {
	uint64_t datagrams;                   /* given to the sink */
	uint64_t undecoded[UNDECODED_COUNT];
	uint64_t tls_connections;             /* looked like TLS, cannot be read */
	uint64_t dropped_streams;             /* the cap on streams bit */
	uint64_t dropped_fragments;           /* the caps on fragmented datagrams bit */
	int unknown_linktype;                 /* the first one, or -1 */
};

struct dissector;

struct dissector *dissector_new(const struct dissect_sink *sink);
void dissector_feed(struct dissector *d, const struct packet *p);
/* End of input: gives out what streams still hold. */
void dissector_finish(struct dissector *d);
const struct dissect_stats *dissector_stats(const struct dissector *d);
void dissector_free(struct dissector *d);
const char *undecoded_name(enum undecoded u); /* "link-type", "fragment", ... for JSON */

#endif

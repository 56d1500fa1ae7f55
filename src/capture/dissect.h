/*
 * From packets to datagrams: link layers, IPv4 and IPv6, UDP, TCP streams cut into SIP messages.
 * SIP is recognized by content, on any port; everything else costs a few tests and no allocation.
 */
#ifndef CAPTURE_DISSECT_H
#define CAPTURE_DISSECT_H

#include "base/packet.h"
#include "sip/datagram.h"

/* A TLS connection that was not read. */
struct tls_notice {
	struct address client, server;
	const char *server_name;     /* that the client asked for, "" if none */
	const char *alert;           /* that ended the handshake, NULL: none was seen */
	bool alert_by_client;
	bool wrong_keys;             /* there were keys, but they do not fit */
	unsigned unknown_suite;      /* a cipher suite that cannot be read, 0: that is not why */
};

/* Called with borrowed values. Any may be NULL. */
struct dissect_sink {
	void (*datagram)(void *arg, const struct datagram *d);
	void (*icmp)(void *arg, const struct icmp_error *e);
	void (*loss)(void *arg, const struct loss *l);
	void *arg;
	void (*encrypted)(void *arg, const struct tls_notice *n);
};

/* Why packets could not be decoded; names in undecoded_name(). */
enum undecoded {
	UNDECODED_LINK_TYPE, UNDECODED_NOT_IP, UNDECODED_TRUNCATED, UNDECODED_FRAGMENT, UNDECODED_IP_PROTOCOL,
	UNDECODED_ENCRYPTED, UNDECODED_TUNNEL, UNDECODED_OVERLAP, UNDECODED_COUNT
};

struct dissect_stats {
	uint64_t datagrams;                   /* given to the sink */
	uint64_t undecoded[UNDECODED_COUNT];
	uint64_t tls_connections;             /* TLS that was not read */
	uint64_t tls_wrong_keys;              /* of these, there were keys that do not fit */
	uint64_t tls_read;                    /* TLS that was read */
	uint64_t upgrades_refused;            /* WebSocket upgrades answered with 401 or 407 */
	uint64_t dropped_streams;             /* the cap on streams bit */
	uint64_t dropped_fragments;           /* the caps on fragmented datagrams bit */
	int unknown_linktype;                 /* the first one, or -1 */
};

struct dissector;
struct tls_keys;

struct dissector *dissector_new(const struct dissect_sink *sink);
void dissector_feed(struct dissector *d, const struct packet *p);
/* End of input: gives out what streams still hold. */
void dissector_finish(struct dissector *d);
const struct dissect_stats *dissector_stats(const struct dissector *d);
/* Secrets for TLS, not owned; NULL: none. */
void dissector_use_keys(struct dissector *d, struct tls_keys *keys);
void dissector_free(struct dissector *d);
const char *undecoded_name(enum undecoded u); /* "link-type", "fragment", ... for JSON */
const char *tls_alert_name(int number);

#endif

/*
 * What a source gives to the engine: one SIP message (or what may be one) with the circumstances
 * of its transport. UDP payloads arrive as they were; streams arrive cut into messages.
 * Everything is borrowed and valid during the call only.
 */
#ifndef SIP_DATAGRAM_H
#define SIP_DATAGRAM_H

#include "base/address.h"
#include "base/slice.h"

enum transport {
	TRANSPORT_UDP,
	TRANSPORT_TCP,
	TRANSPORT_TLS,
	TRANSPORT_SCTP,
	TRANSPORT_WS,
	TRANSPORT_WSS,
	TRANSPORT_COUNT
};

struct datagram {
	struct slice bytes;
	uint64_t cut;           /* bytes that were sent but are not here (snap length, gap); 0: whole */
	struct address src, dst;
	enum transport transport;
	int64_t time;           /* nanoseconds since 1970, UTC */
	uint32_t frame;         /* number of the packet in its file, first 1 */
	uint32_t first_frame;   /* of the first packet with a part of it, 0: `frame` */
	uint16_t file;          /* number of the file, first 1 */
	bool peer_seen;         /* streams: packets of the other direction are in the capture */
	uint16_t ip_id;         /* IPv4 identification, 0 if unknown */
	bool late;              /* given out after later packets: the rest of it was waited for */
};

/* An ICMP error about an earlier packet: never a message, but evidence (CATALOGUE port-unreachable). */
struct icmp_error {
	struct address reporter;
	struct address src, dst;    /* of the packet it embeds */
	enum transport transport;
	const char *what;           /* "port unreachable", ... */
	struct slice payload;       /* what it embeds of the UDP payload */
	int64_t time;
	uint32_t frame;
	uint16_t file;
};

/* Packets that are known to be missing near this time: absences prove less. */
struct loss {
	const char *what;           /* "TCP gap", "fragment", "kernel drop" */
	uint64_t count;
	int64_t time;
	uint32_t frame;
	uint16_t file;
	struct address src, dst;    /* family 0 if unknown */
};

/* "UDP", "TCP", ...: as the JSON says it. */
const char *transport_name(enum transport t);
/* Does the transport retransmit by itself (RFC 3261 17)? */
bool transport_is_reliable(enum transport t);

#endif

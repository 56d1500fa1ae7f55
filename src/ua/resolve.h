/*
 * From the host of a URI to addresses, ports and transports in the order to be tried (RFC 3263 4):
 * NAPTR, SRV, A and AAAA. Nothing of it for a numeric host, no SRV for an explicit port. The door
 * to c-ares.
 */
#ifndef UA_RESOLVE_H
#define UA_RESOLVE_H

#include "base/buf.h"
#include "sip/datagram.h"

enum { RESOLVE_MAX = 32, RESOLVE_TEXT = 240 };

struct resolve_question {
	struct slice host; /* IPv6 with or without brackets */
	uint16_t port;     /* 0: the URI has none */
	int transport;     /* enum transport; -1: not given */
	bool sips;
	const char *servers; /* "127.0.0.1:5353"; NULL: those of the system */
	unsigned family;     /* 4, 6; 0: either */
};

struct resolve_target {
	struct address address;
	enum transport transport;
};

struct resolve_answer {
	struct resolve_target list[RESOLVE_MAX];
	unsigned count;
	bool interrupted;
	char text[RESOLVE_TEXT]; /* if there is none: why */
	struct buf way;          /* for a person: what was asked and answered; to be freed */
};

/* False: there is no address. */
bool resolve(const struct resolve_question *q, int64_t until, struct resolve_answer *out);

#endif

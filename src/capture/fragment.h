/*
 * IP fragments put together (RFC 791 3.2, RFC 8200 4.5): any order, copies, overlaps (the bytes that came
 * first count), bounded in number, memory and time. Internal to capture/.
 */
#ifndef CAPTURE_FRAGMENT_H
#define CAPTURE_FRAGMENT_H

#include "capture/layers.h"

enum {
	FRAGMENT_DATAGRAMS_MAX = 4096,
	FRAGMENT_PIECES_MAX = 128,       /* of one datagram */
	FRAGMENT_MEMORY_MAX = 16 << 20,
};

struct fragments *fragments_new(void);
void fragments_free(struct fragments *t);
/* A fragment: decodes the datagram that it completes. */
void fragments_add(struct dissector *d, const struct packet *p, const struct ip *ip, struct span s);
/* The capture's clock: what did not become complete in 30 s never will. */
void fragments_advance(struct dissector *d, int64_t now);
/* A message between these hosts is about to be given: what was sent before is not to come after it. */
void fragments_settle(struct dissector *d, const struct datagram *next);
/* End of input. */
void fragments_finish(struct dissector *d);

#endif

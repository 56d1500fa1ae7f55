/*
 * HEP, what capture agents send to a collector: a SIP message with its addresses, ports and time (versions 1,
 * 2, and 3: github.com/sipcapture/HEP). Internal to capture/.
 */
#ifndef CAPTURE_HEP_H
#define CAPTURE_HEP_H

#include <sys/types.h>

#include "capture/layers.h"

/* Does a datagram begin like HEP? */
static inline bool hep_begins(const uint8_t *p, size_t n)
{
	/* "HEP3", or version, length of the header, family, protocol */
	return n >= 16 && ((p[0] == 'H' && p[1] == 'E' && p[2] == 'P' && p[3] == '3') ||
		((p[0] == 1 || p[0] == 2) && p[1] >= 16 && p[1] <= 52 && (p[2] == 2 || p[2] == 10 || p[2] == 28) &&
		(p[3] == 17 || p[3] == 6 || p[3] == 132)));
}

/* The length of a HEP 3 packet at the front of a stream; 0: more bytes are needed; -1: it is none. */
ssize_t hep_length(struct slice in);
/* Gives out the message in it. False: it is no HEP. */
bool hep_decode(const struct dissect_sink *sink, struct dissect_stats *stats, const struct packet *p,
	struct span s);

#endif

/* A message as a line of a walk, while it happens. */
#ifndef REPORT_LIVE_H
#define REPORT_LIVE_H

#include "report/report.h"
#include "sip/datagram.h"

/*
 * Adds the lines of a message: time (of the day for the first one, `since` 0; else the distance
 * from there), number, arrow, what it is, its challenges or credentials. Bytes that are no SIP are
 * told as such.
 */
void report_live(struct buf *out, const struct report *r, const struct datagram *d, bool sent,
	int64_t since);
/* The same for an ICMP error. */
void report_live_icmp(struct buf *out, const struct icmp_error *e, int64_t since);

#endif

/*
 * SCTP (RFC 9260): DATA and I-DATA chunks put together into the messages of SIP (RFC 4168: one message is one
 * SIP message). Bounded. Internal to capture/.
 */
#ifndef CAPTURE_SCTP_H
#define CAPTURE_SCTP_H

#include "capture/layers.h"

struct sctp;

struct sctp *sctp_new(void);
void sctp_free(struct sctp *t);
void sctp_decode(struct dissector *d, const struct packet *p, const struct ip *ip, struct span s);
/* End of input: gives out what is incomplete. */
void sctp_finish(struct dissector *d);

#endif

/*
 * TCP streams that carry SIP, put in order and cut into messages. A connection is followed from the
 * moment one of its segments looks like SIP; all other TCP costs a look at the segment's beginning.
 * Internal to capture/.
 */
#ifndef CAPTURE_TCP_H
#define CAPTURE_TCP_H

#include "capture/layers.h"

struct tcp *tcp_new(const struct dissect_sink *sink, struct dissect_stats *stats);
void tcp_use_keys(struct tcp *t, struct tls_keys *keys);
void tcp_decode(struct tcp *t, const struct packet *p, const struct ip *ip, struct span s);
/* The capture's clock: gaps that were not filled in time are given up. */
void tcp_advance(struct tcp *t, int64_t now);
/* End of input: gives out what the streams still hold. */
void tcp_finish(struct tcp *t);
void tcp_free(struct tcp *t);

#endif

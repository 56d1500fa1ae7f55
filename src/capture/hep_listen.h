/* Sockets at which HEP agents deliver, UDP and TCP. Internal to capture/. */
#ifndef CAPTURE_HEP_LISTEN_H
#define CAPTURE_HEP_LISTEN_H

#include <poll.h>

#include "capture/live.h"

enum { HEP_CLIENTS_MAX = 256, HEP_FDS_MAX = 2 + HEP_CLIENTS_MAX };

struct hep_listener;

struct hep_listener *hep_listen(const struct address *at, char why[LIVE_TROUBLE]);
void hep_listener_free(struct hep_listener *l);
/* What to wait for: how many entries. */
size_t hep_listener_fds(const struct hep_listener *l, struct pollfd fds[HEP_FDS_MAX]);
/*
 * The next HEP packet, in an IPv4 or IPv6 datagram from the agent to the collector (raw IP), as if it had
 * been captured. Valid until the next call. False: none is there now.
 */
bool hep_listener_next(struct hep_listener *l, struct packet *out);
/* Connections that were closed because they spoke no HEP, or were too many. */
uint64_t hep_listener_refused(const struct hep_listener *l);

#endif

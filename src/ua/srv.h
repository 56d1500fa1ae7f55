/*
 * The order in which servers are tried: NAPTR and SRV records (RFC 3263 4, RFC 2782, RFC 3403).
 * Pure.
 */
#ifndef UA_SRV_H
#define UA_SRV_H

#include <stdint.h>

#include "sip/datagram.h"

enum { SRV_NAME = 256, SRV_SERVICE = 32, SRV_MAX = 32 };

struct srv_record {
	uint16_t priority, weight, port;
	char target[SRV_NAME];
};

struct naptr_record {
	uint16_t order, preference;
	char flags[4];
	char service[SRV_SERVICE];
	char replacement[SRV_NAME];
};

/* Lowest priority first; among equals at random by weight. `random(n)` is below n. */
void srv_sort(struct srv_record *list, unsigned n, unsigned (*random)(unsigned below));
/* By order, then preference. */
void naptr_sort(struct naptr_record *list, unsigned n);
/* The transport that a service value stands for; -1: none of ours, or none for a SIPS URI. */
int naptr_transport(const char *service, bool sips);
/* "_sip._udp." and so on; NULL: this transport has no SRV service. */
const char *srv_prefix(enum transport t);
uint16_t transport_port(enum transport t);

#endif

/* Packets as they go by, from interfaces and from HEP agents. */
#ifndef CAPTURE_LIVE_H
#define CAPTURE_LIVE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/packet.h"

enum { LIVE_INTERFACES_MAX = 16, LIVE_HEP_MAX = 8, LIVE_TROUBLE = 256 };

struct live_options {
	const char *interfaces[LIVE_INTERFACES_MAX]; /* "any": all */
	size_t interface_count;
	struct address hep[LIVE_HEP_MAX];            /* where HEP is waited for, UDP and TCP */
	size_t hep_count;
	const char *filter;    /* BPF, or NULL; not for HEP */
	unsigned snaplen;      /* 0: whole packets */
	unsigned buffer;       /* of the kernel, MiB; 0: 16 */
	bool promiscuous;
	unsigned wait_ms;      /* live_next() waits so long, milliseconds; 0: 200 */
	/* one line: what is wrong with an interface that worked before */
	void (*complain)(void *arg, const char *line);
	void *arg;
};

struct live_stats {
	uint64_t packets;
	uint64_t dropped;      /* by the kernel or the interface */
	uint64_t refused;      /* HEP connections that were closed: too many, or no HEP */
};

struct live;

/* NULL: `why` tells. */
struct live *live_open(const struct live_options *o, char why[LIVE_TROUBLE]);
/* The next packet: 1; 0: none came while it waited; -1: nothing is left to wait for. */
int live_next(struct live *l, struct packet *out);
/* Asks the kernel for its drop counters; how many are new. */
uint64_t live_drops(struct live *l);
const struct live_stats *live_stats(const struct live *l);
void live_close(struct live *l);

#endif

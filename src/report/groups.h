/*
 * Failed exchanges by cause, server software and client software: "37 Grandstreams, one cause".
 * Bounded; what finds no room is counted.
 */
#ifndef REPORT_GROUPS_H
#define REPORT_GROUPS_H

#include "auth/exchange.h"

enum {
	GROUPS_MAX = 10000,
	GROUP_EXCHANGES_MAX = 16,
	GROUP_EXAMPLES_MAX = 3,
	GROUP_NAME_MAX = 255      /* bytes of a software name */
};

/* What one line tells of an exchange. */
struct exchange_row {
	uint32_t n, leg_of;
	int64_t time;
	enum method method;
	enum outcome outcome;
	unsigned status;
	struct address client, target;
	char *user;                   /* printable; owned */
};

struct group {
	enum finding_id cause;
	enum severity severity;       /* the worst of the cause in its exchanges */
	struct slice server, client;  /* absent: no message named any; owned */
	uint64_t count;
	uint32_t exchanges[GROUP_EXCHANGES_MAX];
	struct exchange_row examples[GROUP_EXAMPLES_MAX];
};

struct groups {
	struct group **list;          /* biggest first after groups_sort() */
	size_t count;
	uint64_t dropped;             /* exchanges beyond the cap */
	struct map *map;
};

/* `user` is to be freed. */
struct exchange_row exchange_row(const struct exchange *x);

struct groups *groups_new(void);
void groups_free(struct groups *g);
/*
 * The group of a failed exchange that has a cause; NULL if the cap bit. `*fresh`: it is the first
 * of its group.
 */
const struct group *groups_note(struct groups *g, const struct exchange *x, bool *fresh);
/* Biggest first, then by the first exchange. */
void groups_sort(struct groups *g);

#endif

/*
 * Which exchanges and findings are shown. A selection changes nothing of what is known: the engine
 * sees everything, and the counts of the summary are of all. Conditions of one kind are
 * alternatives, conditions of different kinds must all be met.
 */
#ifndef REPORT_SELECT_H
#define REPORT_SELECT_H

#include "auth/tracker.h"

enum { SELECT_MAX = 32 /* alternatives of one kind */ };

struct select_network {
	struct address address;
	unsigned prefix;         /* bits that must agree */
};

struct select_finding {
	enum finding_id id;
	struct slice deviation;  /* of digest-deviation/ID; absent: any */
};

/* A time, or a part of one that needs the first packet to be complete. */
struct select_time {
	enum { SELECT_NO_TIME, SELECT_ABSOLUTE, SELECT_CLOCK, SELECT_OFFSET } kind;
	int64_t value;           /* nanoseconds: since 1970, midnight, or the first packet */
	int64_t width;           /* what is meant by it: "10:42" is a whole minute */
};

/* Zero-initialized shows everything. What it points to must outlive it. */
struct selection {
	const char *accounts[SELECT_MAX];      /* USER or USER@REALM */
	struct select_network networks[SELECT_MAX];
	const char *call_ids[SELECT_MAX];      /* part of a Call-ID */
	struct select_finding findings[SELECT_MAX];
	unsigned account_count, network_count, call_id_count, finding_count;
	unsigned methods, outcomes;            /* bits; 0: all */
	bool failed;                           /* only what failed */
	struct select_time since, until;
	int64_t from, to;                      /* set by selection_begin(); 0: open */
};

/* Is there any condition? */
bool selection_active(const struct selection *s);
/* The input begins at this time; until then a window of time lets everything pass. */
void selection_begin(struct selection *s, int64_t first_packet);
/* Does an exchange meet the conditions? `takes` leaves those on findings out. */
bool selection_takes(const struct selection *s, const struct exchange *x);
bool selection_shows(const struct selection *s, const struct exchange *x);
/*
 * Does a finding beside the exchanges? `named`: an exchange that it names is taken; what it does
 * not tell itself (method, Call-ID, outcome) is decided by these.
 */
bool selection_shows_finding(
	const struct selection *s, const struct scope_finding *f, bool named);

#endif

/* analyze --compare N,M: two exchanges beside each other, of one capture or of two. */
#ifndef CMD_COMPARE_H
#define CMD_COMPARE_H

#include <stdio.h>

#include "auth/tracker.h"
#include "capture/tls_keys.h"
#include "report/report.h"

/* The numbers of the exchanges; 0: nothing is to be compared. */
struct compare_pair {
	unsigned left, right;
};

/* "3,5". False: it is no pair, and that was told. */
bool compare_parse(const char *value, struct compare_pair *out);

/* One of the two; filled in by compare_read(). */
struct compare_side {
	struct tracker *tracker;     /* that keeps the exchange; NULL: it is the other one's */
	const struct exchange *x;
};

struct compare {
	struct compare_pair numbers;
	const struct report_options *report; /* with one file, or two */
	struct tracker_options tracker;
	struct tls_keys *keys;
	bool (*stopped)(void *arg);
	void *arg;
	struct compare_side left, right;
	bool trouble;                /* a file could not be read to its end */
};

/* Reads the files. False: there is nothing to compare, and that was told. */
bool compare_read(struct compare *c);
/* EXIT_FINDINGS: something differs that matters. */
int compare_write(struct compare *c, FILE *out);
void compare_free(struct compare *c);

#endif

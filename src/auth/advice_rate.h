/*
 * How many exchanges began, and how many of them failed, in equal steps of time. The steps widen
 * with the capture, so that a short row of numbers tells of seconds and of weeks alike.
 */
#ifndef AUTH_ADVICE_RATE_H
#define AUTH_ADVICE_RATE_H

#include <stdbool.h>
#include <stdint.h>

enum { RATE_STEPS = 24 };

struct rate {
	int64_t first;          /* number of the first step since 1970 */
	int64_t step;           /* nanoseconds; 0: nothing noted yet */
	unsigned used;          /* steps up to the last one with an exchange */
	uint32_t total[RATE_STEPS], failed[RATE_STEPS];
};

void rate_note(struct rate *r, int64_t time, bool failed);
/* When the i-th step begins. */
int64_t rate_time(const struct rate *r, unsigned i);
/* Failures per hundred exchanges of a step, rounded; -1: there were none. */
int rate_percent(const struct rate *r, unsigned i);

#endif

/*
 * How much the engine keeps: one budget of memory, shared out among its tables; open exchanges have what
 * the tables leave. Internal to auth/.
 */
#ifndef AUTH_LIMITS_H
#define AUTH_LIMITS_H

#include <stddef.h>

struct limits {
	/* entries */
	size_t facts, requests, cnonces, prints, tombs;
	size_t nonces, nonces_whole;     /* whole: of those that were used again */
	size_t accounts, accounts_whole; /* whole: with their names */
	size_t sources, suspects;
	/* bytes */
	size_t all;                      /* tables and exchanges */
	size_t exchanges;                /* at least, however full the tables are */
};

/* Of TRACKER_MEMORY_LEAST to TRACKER_MEMORY_MOST megabytes (0: TRACKER_MEMORY), `taken` bytes are used already. */
struct limits limits_for(unsigned megabytes, size_t taken);

#endif

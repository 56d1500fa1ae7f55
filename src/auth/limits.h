/*
 * How much the engine keeps: one budget of memory, shared out among its tables; open exchanges have what
 * the tables leave. Internal to auth/.
 */
#ifndef AUTH_LIMITS_H
#define AUTH_LIMITS_H

#include <stddef.h>

/* Megabytes: what the whole program takes at most. */
enum { MEMORY_LEAST = 32, MEMORY_DEFAULT = 64, MEMORY_MOST = 65536 };

struct limits {
	/* entries */
	size_t facts, requests, cnonces, prints, tombs;
	size_t nonces, nonces_whole;     /* whole: not yet reduced to 48 bytes */
	size_t accounts, accounts_whole; /* whole: with their names */
	size_t sources, suspects;
	/* bytes */
	size_t all;                      /* tables and exchanges */
	size_t exchanges;                /* at least, however full the tables are */
};

/* 0: the default. */
struct limits limits_for(unsigned megabytes);

#endif

/*
 * How much the engine keeps: one budget of memory, shared out among its tables. Internal to auth/.
 */
#ifndef AUTH_LIMITS_H
#define AUTH_LIMITS_H

#include <stddef.h>

/* Megabytes: what the whole program takes at most. */
enum { MEMORY_LEAST = 32, MEMORY_DEFAULT = 64, MEMORY_MOST = 65536 };

/* Entries of each table; bytes for exchanges. */
struct limits {
	size_t facts, requests, cnonces, prints, tombs;
	size_t nonces, nonces_whole;     /* whole: not yet reduced to 48 bytes */
	size_t accounts, accounts_whole;
	size_t sources, suspects;
	size_t exchange_bytes;           /* of open and held exchanges */
};

/* 0: the default. */
struct limits limits_for(unsigned megabytes);

#endif

/*
 * What is left of a closed transaction for 32 s (Timer J): its key, so that late retransmissions open no
 * new exchange.
 */
#ifndef AUTH_TOMBS_H
#define AUTH_TOMBS_H

#include "base/map.h"

#include <stdbool.h>

struct tomb {
	uint64_t key;
	int64_t until;
};

struct tombs {
	struct map map;
	struct tomb *ring;         /* oldest at first; places are a power of two */
	size_t first, count, places;
};

void tombs_free(struct tombs *t);
void tombs_add(struct tombs *t, uint64_t key, int64_t now);
bool tombs_has(const struct tombs *t, uint64_t key);
void tombs_expire(struct tombs *t, int64_t now);

#endif

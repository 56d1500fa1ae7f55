/*
 * What is left of a closed transaction for 32 s (Timer J): its key, so that late retransmissions open no
 * new exchange. Bounded: the oldest out.
 */
#ifndef AUTH_TOMBS_H
#define AUTH_TOMBS_H

#include "base/table.h"

#include <stdbool.h>

struct tombs {
	struct table table;
};

void tombs_init(struct tombs *t, size_t limit);
void tombs_free(struct tombs *t);
void tombs_add(struct tombs *t, uint64_t key, int64_t now);
bool tombs_has(const struct tombs *t, uint64_t key);
void tombs_expire(struct tombs *t, int64_t now);

#endif

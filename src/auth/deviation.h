/* Hits of the search in words, and as readers get them. */
#ifndef AUTH_DEVIATION_H
#define AUTH_DEVIATION_H

#include "auth/exchange.h"
#include "auth/forensics.h"

/* Parts, and what is seen without a search. */
enum { DEVIATIONS_MAX = FORENSICS_PARTS_MAX + 2 };

/* "the realm is X instead of Y and ..." */
struct slice deviation_words(
	const struct hypotheses *h, const struct forensic_hit *hit, struct arena *arena);
/* The parts; those that derive from a secret get their value only with `secrets`. */
size_t deviation_list(const struct hypotheses *h, const struct forensic_hit *hit, bool secrets,
	struct deviation out[DEVIATIONS_MAX], struct arena *arena);
enum fault deviation_fault(const struct forensic_hit *hit);
/* Where nothing fits: what was tried and what would help, for the end of a sentence. */
struct slice deviation_none(const struct hypotheses *h, const struct forensic_result *r, bool deep,
	struct arena *arena);

#endif

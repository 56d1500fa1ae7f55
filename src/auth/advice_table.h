/*
 * Endpoints and challenge modes: would this endpoint live with 401 everywhere (mode 1), 407
 * everywhere (2), or both (3)? What it was seen to do outranks what its profile says.
 */
#ifndef AUTH_ADVICE_TABLE_H
#define AUTH_ADVICE_TABLE_H

#include "auth/advice.h"

struct profile;

enum { ADVICE_MODES = 3 };

enum advice_result { ADVICE_UNKNOWN, ADVICE_WORKS, ADVICE_BREAKS };
enum advice_basis { ADVICE_BY_NOTHING, ADVICE_BY_PROFILE, ADVICE_BY_OBSERVATION };

struct advice_verdict {
	enum advice_result result;
	enum advice_basis basis;
};

/*
 * The verdict on mode 1, 2 or 3, its evidence in words added to `why`. `believed` is the profile
 * that stands in where the User-Agent leads to none (--profile), or NULL.
 */
struct advice_verdict advice_verdict(const struct advice_endpoint *e, unsigned mode,
	const struct profile *believed, struct buf *why);
const char *advice_result_name(enum advice_result r); /* "works" */
const char *advice_basis_name(enum advice_basis b);   /* "observed" */

#endif

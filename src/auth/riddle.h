/* Inside the engine: what the trace holds about a response that does not match. */
#ifndef AUTH_RIDDLE_H
#define AUTH_RIDDLE_H

#include "auth/engine.h"
#include "auth/hypotheses.h"

/* Where the response stands: in credentials, or (r not NULL) in the Authentication-Info that answers them. */
struct riddle_place {
	const struct exchange *x;
	const struct attempt *a;
	const struct credential *k;
	const struct response *r;
};

/*
 * Fills in the riddle, in which passwords and other strings are made in the arena. False: the secret cannot
 * serve. `all`: also from exchanges that are still open, which takes a walk over all of them.
 */
bool riddle_make(struct tracker *t, const struct riddle_place *p, bool all, struct riddle *out,
	struct arena *arena);

#endif

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
 * Begins the riddle: the response and what it should have been made of; passwords and other strings are made
 * in the arena. False: the secret cannot serve.
 */
bool riddle_begin(
	struct tracker *t, const struct riddle_place *p, struct riddle *out, struct arena *arena);
/*
 * Fills in what else may have been hashed. `all`: also from exchanges that are still open, which takes a walk
 * over all of them.
 */
void riddle_gather(struct tracker *t, const struct riddle_place *p, bool all, struct riddle *out,
	struct arena *arena);

#endif

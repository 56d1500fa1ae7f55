/*
 * Responses that do not match, by who sent them: a search is dear, so one client, account and secret gets
 * one when its first wrong response is judged; what was found is tried first on all later ones, at the cost
 * of a digest. What could not be searched then waits for the end of the input, the most refused first.
 */
#ifndef AUTH_INQUIRY_H
#define AUTH_INQUIRY_H

#include "auth/forensics.h"
#include "auth/riddle.h"
#include "auth/rules.h"

struct inquiries;

/* One combination that explains the response; in the exchange's arena, but for values made from secrets. */
struct explanation {
	struct deviation *deviations;
	size_t count;
	struct slice words; /* "the realm is X instead of Y" */
	struct slice steps; /* the computation, line by line */
	enum fault fault;
	bool body; /* qop=auth-int with another form of the body */
};

struct inquiry {
	struct explanation list[FORENSICS_HITS_MAX];
	unsigned count;
	struct slice nothing; /* if there is none: what was tried, for the end of a sentence */
};

/* Its tables lie in `storage`, which must live longer. */
struct inquiries *inquiries_new(struct storage *storage);
void inquiries_free(struct inquiries *q);
/* The exchange is closed and was judged. */
void inquiries_note(struct inquiries *q, const struct exchange *x);
/* One of this user will be closed soon. */
void inquiries_foresee(const struct inquiries *q, struct slice user);
/* What earlier exchanges of the user held. */
void inquiries_clues(struct inquiries *q, struct slice user, struct clues *out);
/* Looks for what explains the response at this place. */
void inquire(struct diagnosis *d, const struct riddle_place *p, struct inquiry *out);
/* One search that waits; false: none does. */
bool inquiries_idle(struct tracker *t);
/* Those that wait, then the statements about clients. */
void inquiries_finish(struct tracker *t);

#endif

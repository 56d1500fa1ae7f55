/*
 * Two exchanges beside each other, value by value: the client that fails and the one that works. Says of each
 * value whether it differs, and whether authentication may hang on that.
 */
#ifndef AUTH_COMPARE_H
#define AUTH_COMPARE_H

#include "auth/exchange.h"

enum { COMPARE_ROWS_MAX = 1024 };

enum compare_state {
	COMPARE_SAME,
	COMPARE_DIFFERS,
	COMPARE_ONLY_LEFT,
	COMPARE_ONLY_RIGHT,
	COMPARE_MUST,          /* it differs, as it must: nonce, response, Call-ID, ... */
	COMPARE_STATE_COUNT
};

struct compare_row {
	const char *section;       /* "Challenge" */
	unsigned part;             /* of the section, from 1; 0: it has one only */
	struct slice name;         /* "realm" */
	struct slice left, right;  /* wire bytes; absent: not there */
	enum compare_state state;
	bool matters;              /* authentication may hang on the difference */
};

/* Owns what its rows point to, but for the bytes of the exchanges and messages themselves. */
struct comparison {
	struct arena arena;
	struct compare_row *rows;
	unsigned count, room;
	unsigned dropped;          /* beyond COMPARE_ROWS_MAX */
};

void compare_exchanges(const struct exchange *left, const struct exchange *right, struct comparison *out);
/* Header field by header field, those of authentication parameter by parameter. */
void compare_messages(struct slice left, struct slice right, struct comparison *out);
void comparison_free(struct comparison *c);

/* How many rows have this state, and how many differences matter. */
unsigned comparison_count(const struct comparison *c, enum compare_state state);
unsigned comparison_matters(const struct comparison *c);
/* "same", "differs", "only-left", "only-right", "must-differ" */
const char *compare_state_name(enum compare_state s);

#endif

/*
 * What each server challenges with, how its endpoints answer, and which SS_AUTHCHALLENGEMODE that
 * looks like (guide: 1 = 401, 2 = 407, 3 = both). Observed behavior outranks an endpoint's profile.
 */
#ifndef AUTH_ADVICE_H
#define AUTH_ADVICE_H

#include "auth/exchange.h"

enum { ADVICE_SERVERS_MAX = 4096, ADVICE_ENDPOINTS_MAX = 64, ADVICE_CODES_MAX = 4 };

/*
 * Codes of the first challenges of a method: 401, 407, 494, or 1401/1407 where both kinds came in
 * one response (ADVICE_BOTH added).
 */
enum { ADVICE_BOTH = 1000 };

struct advice_codes {
	uint16_t code[ADVICE_CODES_MAX];
	uint64_t count[ADVICE_CODES_MAX];
	unsigned n;
};

struct advice_endpoint {
	char *user_agent;             /* "" if it names none */
	const struct profile *profile; /* NULL: no profile fits */
	bool answers[2], ignores[2];  /* [0]: 401, [1]: 407 */
	uint64_t exchanges, failed;
};

struct advice_server {
	struct address address;
	char *server;                 /* Server field, "" */
	struct advice_codes by_method[METHOD_COUNT];
	struct advice_endpoint *endpoints;
	size_t endpoint_count;
	uint64_t exchanges, failed;   /* challenged ones */
	bool in_sequence; /* 401 and 407 one after the other in one exchange (form F3) */
	/* concluded by advice_conclude() */
	unsigned observed_mode;       /* 0: cannot be told */
	unsigned recommended_mode;    /* 0: none */
	enum confidence confidence;
	char *reason;                 /* one sentence */
};

struct advice {
	struct advice_server *servers; /* most exchanges first after advice_conclude() */
	size_t count;
	uint64_t dropped;              /* exchanges with servers beyond the cap */
};

struct advice *advice_new(void);
void advice_free(struct advice *a);
/* Learns from a closed exchange that was challenged (a further leg counts for its own server). */
void advice_note(struct advice *a, const struct exchange *x);
/* Sorts, and says what each server looks like. May be called again after more exchanges. */
void advice_conclude(struct advice *a);

#endif

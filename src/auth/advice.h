/*
 * What is learnt of each server: what it challenges with, how long its nonces live, what it offers
 * and its clients use, how many fail when; how its endpoints answer, and which SS_AUTHCHALLENGEMODE
 * that looks like (guide: 1 = 401, 2 = 407, 3 = both). Observed behavior outranks an endpoint's
 * profile.
 */
#ifndef AUTH_ADVICE_H
#define AUTH_ADVICE_H

#include "auth/advice_rate.h"
#include "auth/exchange.h"

enum {
	ADVICE_SERVERS_MAX = 2048,
	ADVICE_ENDPOINTS_MAX = 64,        /* of one server */
	ADVICE_ENDPOINTS_TOTAL = 8192,    /* of all */
	ADVICE_CODES_MAX = 4
};

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

/* How often something was seen, and where first. */
struct advice_evidence {
	uint32_t count, frame;
	uint16_t file;
};

/* Phones treat REGISTER and the rest differently. */
enum { ADVICE_REGISTER, ADVICE_OTHERS, ADVICE_CLASSES };

struct advice_endpoint {
	char *user_agent;             /* "" if it names none */
	const struct profile *profile; /* NULL: no profile fits */
	bool answers[2], ignores[2];  /* [0]: 401, [1]: 407 */
	uint64_t exchanges, failed;
	uint64_t asked[ADVICE_CLASSES];  /* challenged exchanges */
	struct advice_evidence answered[ADVICE_CLASSES][AUTH_KIND_COUNT];
	struct advice_evidence silent[ADVICE_CLASSES][AUTH_KIND_COUNT];
	struct advice_evidence both_answered, both_silent; /* both kinds in one response */
};

enum advice_qop {
	ADVICE_QOP_AUTH, ADVICE_QOP_INT, ADVICE_QOP_OTHER, ADVICE_QOP_NONE,
	ADVICE_QOP_COUNT
};

/* How long nonces live, from the ages at which they were accepted and refused. Nanoseconds. */
struct advice_nonces {
	int64_t accepted_age;         /* the longest; 0: none */
	int64_t refused_age;          /* the shortest of a nonce that was new to the server; 0: none */
	int64_t reuse_refused_age;    /* of one that had been accepted: expired, or good for once only */
	uint64_t reuse_accepted, reuse_refused;
	uint64_t flagged, unflagged;  /* old ones refused with stale=true, and without */
	/* concluded */
	int64_t at_least, at_most;    /* 0: not known */
};

struct advice_server {
	struct address address;
	char *server;                 /* Server field, "" */
	struct advice_codes by_method[METHOD_COUNT];
	struct advice_endpoint *endpoints;
	size_t endpoint_count;
	uint64_t exchanges, failed;   /* challenged ones */
	bool in_sequence; /* 401 and 407 one after the other in one exchange (form F3) */
	/* exchanges in which it was offered by the server, used by a client */
	uint64_t offered[ALGORITHM_UNKNOWN + 1], used[ALGORITHM_UNKNOWN + 1];
	uint64_t qop_offered[ADVICE_QOP_COUNT], qop_used[ADVICE_QOP_COUNT];
	struct advice_nonces nonces;
	struct rate rate;
	uint64_t endpoints_dropped;   /* exchanges of endpoints beyond the caps */
	/* concluded by advice_conclude() */
	unsigned observed_mode;       /* 0: cannot be told */
	unsigned recommended_mode;    /* 0: none */
	enum confidence confidence;
	char *reason;                 /* one sentence */
};

struct advice {
	struct advice_server *servers; /* after advice_conclude(): most failures, then exchanges */
	size_t count;
	uint64_t dropped;              /* exchanges with servers beyond the cap */
};

struct advice *advice_new(void);
void advice_free(struct advice *a);
/* Learns from a closed exchange that was challenged (a further leg counts for its own server). */
void advice_note(struct advice *a, const struct exchange *x);
/* Sorts, and says what each server looks like. May be called again after more exchanges. */
void advice_conclude(struct advice *a);
/* The server with this address, or NULL. Dies with the next advice_note(). */
const struct advice_server *advice_server(const struct advice *a, const struct address *address);
/* Bits of enum advice_qop: what a qop parameter names. */
unsigned advice_qops(struct slice qop);
/* "auth-int" */
const char *advice_qop_name(enum advice_qop q);

#endif

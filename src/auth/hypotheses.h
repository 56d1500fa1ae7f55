/*
 * What may have been hashed in place of the right values (CATALOGUE section 8): a table with one row for
 * each deviation id, in order of rank, and the candidates that it gives for one response.
 */
#ifndef AUTH_HYPOTHESES_H
#define AUTH_HYPOTHESES_H

#include "auth/charset.h"
#include "auth/clues.h"
#include "auth/secrets.h"
#include "base/arena.h"
#include "digest/response.h"

/* A response that does not match, and what is known about it. Borrowed. */
struct riddle {
	struct digest_input in; /* as sent, with the secret that it should have been made with */
	struct slice response;  /* as sent */
	const struct secret *secret;   /* NULL: only what `in` holds */
	const struct secrets *secrets; /* all that the user gave; NULL: none */
	struct clues clues;
};

/* Of each dimension one candidate is hashed; 0 is the right one. */
enum dimension {
	DIMENSION_ALG,
	DIMENSION_ORDER,
	DIMENSION_USER,
	DIMENSION_REALM,
	DIMENSION_PW, /* A1 */
	DIMENSION_METHOD,
	DIMENSION_URI,
	DIMENSION_QOP, /* A2 */
	DIMENSION_NONCE,
	DIMENSION_CNONCE,
	DIMENSION_NC,
	DIMENSION_COUNT
};

enum { CANDIDATES_MAX = 64, CANDIDATE_NAMES_MAX = 6 };

/* How a candidate changes the computation, not only a value. */
enum form {
	FORM_SESS = 1 << 0,
	FORM_SESS_RAW = 1 << 1, /* raw bytes of H(A1) in the session key (RFC 2617 5) */
	FORM_HA1_UPPER = 1 << 2,
	FORM_HA2_UPPER = 1 << 3,
	FORM_RAW = 1 << 4,    /* raw bytes of HA1 and HA2 in the final hash */
	FORM_DOUBLE = 1 << 5, /* the response hashed once more */
	FORM_HA1_DOUBLE = 1 << 6,
	FORM_NO_REALM = 1 << 7,
	FORM_REALM_FIRST = 1 << 8,
	FORM_QUOTED = 1 << 9,     /* every quoted string with its quotes */
	FORM_IS_HA1 = 1 << 10,    /* the value is HA1, not a password */
	FORM_NO_METHOD = 1 << 11, /* A2 is the uri alone */
	FORM_LEGACY = 1 << 12,    /* RFC 2069 */
	FORM_INTEGRITY = 1 << 13, /* A2 has the hash of the body */
	FORM_SESS_FIRST =
		1 << 14 /* session key of the first nonce and cnonce (`other`, `cnonce`) */
};

struct candidate {
	const char *names
		[CANDIDATE_NAMES_MAX]; /* ids that denote the same string; the first has the best rank */
	const char *phrase; /* for the sentence; NULL: "the WHAT is VALUE instead of BASE" */
	uint16_t rank;      /* place in the table */
	uint8_t name_count;
	unsigned forms;           /* enum form */
	struct slice value;       /* string that is hashed; of ALG a name, of ORDER absent */
	struct slice other;       /* QOP: the body, nc of a forced qop; ALG: the first nonce */
	struct slice cnonce;      /* QOP: of a forced qop; ALG: the first cnonce */
	enum hash ha1_hash, hash; /* ALG */
	uint8_t hash_bytes;       /* ALG: of the result, less than the hash has if it is cut */
};

struct hypotheses {
	const struct riddle *riddle;
	struct arena *arena;
	struct candidate list[DIMENSION_COUNT][CANDIDATES_MAX + 1];
	uint8_t count[DIMENSION_COUNT]; /* without the right one */
	unsigned dropped;               /* beyond CANDIDATES_MAX */
};

/* Fills in the dimensions of `mask` (bits), the right candidate in all. Passwords go into the arena. */
void hypotheses_make(
	struct hypotheses *h, const struct riddle *r, unsigned mask, struct arena *arena);
enum { DIMENSIONS_ALL = (1 << DIMENSION_COUNT) - 1 };

/* "the realm": what the value of a dimension is called in a sentence. */
const char *dimension_words(enum dimension d);
/* Is it made from the secret, so that only --show-secrets may print it? */
bool candidate_is_secret(enum dimension d, const struct candidate *c);
/* Ids of the table, in order; NULL after the last. pw-trunc stands for pw-trunc-N. */
const char *hypotheses_id(size_t i);

#endif

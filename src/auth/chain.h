/*
 * The computation of a response from candidates: as digest/response.h has it where they are the right ones,
 * and with what they change (struct candidate, enum form).
 */
#ifndef AUTH_CHAIN_H
#define AUTH_CHAIN_H

#include "auth/hypotheses.h"

/* One candidate of each dimension. */
struct pick {
	const struct candidate *of[DIMENSION_COUNT];
};

/* HA1 or HA2 as it goes into the next hash: hex, or raw bytes. */
struct half {
	char text[HASH_HEX_MAX];
	uint8_t n;
};

/* What lies between the values and the response. */
struct chain {
	struct half base; /* H(A1), before -sess */
	struct half ha1, ha2;
	char body[HASH_HEX_MAX];
	struct buf text; /* what is hashed last: the caller frees it */
	size_t head;     /* of it, before HA2 */
};

/* In this order; each takes what the ones before it left in the chain. */
void chain_a1(const struct pick *p, struct chain *c);
void chain_session(const struct pick *p, struct chain *c);
void chain_a2(const struct pick *p, struct chain *c);
void chain_head(const struct pick *p, struct chain *c);
/* Completes the text with this HA2; `out` gets hash_bytes of the algorithm. */
void chain_response(
	const struct pick *p, struct chain *c, const struct half *ha2, uint8_t out[HASH_MAX]);

bool chain_quoted(const struct pick *p);
/* nc and cnonce as they are hashed: a forced qop brings its own. */
struct slice chain_nc(const struct pick *p);
struct slice chain_cnonce(const struct pick *p);

#endif

/*
 * Endpoint profiles (--profile): which challenge codes a kind of endpoint is said to want, and
 * which SS_AUTHCHALLENGEMODE values fit. Claims of the VOS3000 guide: what is observed outranks
 * them.
 */
#ifndef AUTH_PROFILE_H
#define AUTH_PROFILE_H

#include <stddef.h>

enum { PROFILE_PATTERNS_MAX = 4 };

/* Bit of a challenge mode (1, 2, 3) in struct profile.modes. */
#define PROFILE_MODE(mode) (1u << (mode))

struct profile {
	const char *name;       /* for the command line */
	const char *title;
	/* parts of a User-Agent; the first NULL ends them */
	const char *patterns[PROFILE_PATTERNS_MAX];
	unsigned register_code; /* 401, or 0: any */
	unsigned invite_code;   /* 407, or 0: any */
	unsigned modes;         /* PROFILE_MODE() bits that fit */
	const char *note;
};

/* The profile with this name (ASCII case ignored), or NULL; static storage. */
const struct profile *profile_find(const char *name);

/*
 * The profile whose pattern occurs in a User-Agent value of `n` bytes (ASCII case ignored), or
 * NULL; static storage. `p` may be NULL if `n` is 0.
 */
const struct profile *profile_for_agent(const char *p, size_t n);

/* The i-th profile (from 0), NULL behind the last one; static storage. */
const struct profile *profile_at(size_t i);

#endif

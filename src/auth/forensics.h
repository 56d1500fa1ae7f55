/*
 * Why is the digest wrong? Tries what a client may have hashed in place of the right values: one deviation,
 * then two, then three; all hits of the first depth that has any (CATALOGUE section 8). A hit is proof.
 */
#ifndef AUTH_FORENSICS_H
#define AUTH_FORENSICS_H

#include "auth/chain.h"

enum {
	FORENSICS_DEPTH = 3,
	FORENSICS_PARTS_MAX = 5, /* realm, user, password, method and uri with `deep` */
	FORENSICS_HITS_MAX = 16,
	FORENSICS_DIGITS_MIN = 16 /* of a response that is cut */
};

struct forensic_hit {
	uint8_t count;
	struct {
		enum dimension dimension;
		uint8_t index; /* in struct hypotheses */
	} parts[FORENSICS_PARTS_MAX];
	bool cut;      /* the response is the beginning of the hash */
	unsigned rank; /* the lower the more likely */
};

struct forensic_limits {
	unsigned depth;           /* 1 to FORENSICS_DEPTH */
	bool deep;                /* then all of A1 with all of A2 */
	bool (*go_on)(void *arg); /* asked every few thousand responses; NULL: always */
	void *arg;
};

struct forensic_result {
	struct forensic_hit hits[FORENSICS_HITS_MAX]; /* likely ones first */
	unsigned hit_count;
	unsigned hits_total;
	unsigned depth; /* that was completed: 0 to 3 */
	bool deep;      /* completed, too */
	bool stopped;   /* by go_on */
	uint64_t tried; /* responses that were computed */
};

/* Can the response be searched: hex, and enough of it for the algorithm? */
bool forensics_can_search(const struct riddle *r);
void forensics_search(
	const struct hypotheses *h, const struct forensic_limits *l, struct forensic_result *out);

/* One of these ids in each of the dimensions; names are those of an earlier hit. */
struct forensic_guess {
	uint8_t count;
	struct {
		enum dimension dimension;
		const char *names[CANDIDATE_NAMES_MAX];
		uint8_t name_count;
	} parts[FORENSICS_PARTS_MAX];
};

/* Does the guess fit? Costs a digest, or a few where an id has several strings. */
bool forensics_try(
	const struct hypotheses *h, const struct forensic_guess *g, struct forensic_result *out);

/* The computation of a hit, line by line; secrets hidden unless asked for. */
void forensics_explain(const struct hypotheses *h, const struct forensic_hit *hit,
	bool show_secrets, struct buf *out);

#endif

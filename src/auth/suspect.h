/* Inside the inquiries: what is known of one client, account and secret. */
#ifndef AUTH_SUSPECT_H
#define AUTH_SUSPECT_H

#include "auth/inquiry.h"
#include "base/lru.h"

enum {
	SUSPECTS_MAX = 4096,
	SUSPECT_SETS_MAX = 6,
	SUSPECT_SEARCHES_MAX = 8,   /* while the input is read */
	PENDING_MAX = 256           /* that wait for the end of the input, in all */
};

/* Where a wrong response was, for statements about many. */
struct occasion {
	uint32_t exchange, frame;
	uint16_t file;
	int64_t time;
	bool failed, accepted, leg;
};

/* A combination that explained a response of this client. Everything is in the suspect's arena. */
struct known_set {
	struct forensic_guess guess;
	unsigned mask;              /* its dimensions */
	struct deviation deviations[FORENSICS_PARTS_MAX + 2];
	size_t count;
	struct slice words;
	enum fault fault;
	struct finding finding;     /* frames, file and time */
	uint32_t exchanges[FINDING_FRAMES_MAX];
	uint32_t exchange_count;
	uint64_t responses;
	int64_t last;
	bool all_failed, accepted;
	bool late;                  /* found after its exchange was written */
};

/* A response that waits for its search. */
struct pending {
	struct arena arena;
	struct riddle riddle;
	struct occasion at;
};

struct suspect {
	struct lru_node node;
	struct arena arena;         /* of the sets: values in it may be secrets */
	char *names;                /* the bytes of user and realm */
	struct slice user, realm;
	struct address client, server;
	bool rspauth;
	bool unsearched;            /* and counted as such */
	struct known_set *sets[SUSPECT_SETS_MAX];
	unsigned set_count;
	uint32_t wrong, refused;    /* responses */
	uint32_t searches;
	bool exhausted;             /* a whole search found nothing */
	uint32_t exhausted_frame;
	struct pending *pending;
};

struct history;

struct inquiries {
	struct lru suspects;
	struct history *history;
	unsigned pending_count;
	uint64_t unsearched;        /* that were dropped */
	uint64_t tried;             /* responses computed while the input is read */
	/* of the search at hand: too large for the stack */
	struct riddle riddle;
	struct hypotheses hypotheses;
};

/* suspect.c */

/* Of the place; made if it is new. */
struct suspect *suspect_for(struct inquiries *q, const struct riddle_place *p);
void suspect_drop(struct lru_node *node);
/* The set explains one more response. */
void suspect_count(struct known_set *set, const struct occasion *at);
/* Notes a hit; NULL if there are too many kinds. The occasion is counted. */
struct known_set *suspect_learn(struct suspect *s, const struct hypotheses *h, const struct forensic_hit *hit,
	const struct occasion *at);
void suspect_wait(struct inquiries *q, struct suspect *s, const struct riddle *r, const struct occasion *at);
/* Counts it, once. */
void suspect_unsearched(struct inquiries *q, struct suspect *s);
void suspect_stop_waiting(struct inquiries *q, struct suspect *s);

/* suspect_report.c: what it did again and again, and what was found after its exchange was written. */
void suspect_report(struct tracker *t, const struct suspect *s);

/* deviation.c: hits in words. */

/* "the realm is X instead of Y and ..." */
struct slice deviation_words(const struct hypotheses *h, const struct forensic_hit *hit, struct arena *arena);
/* The parts as the readers get them; those that derive from a secret get their value only with `secrets`. */
size_t deviation_list(const struct hypotheses *h, const struct forensic_hit *hit, bool secrets,
	struct deviation out[FORENSICS_PARTS_MAX + 2], struct arena *arena);
enum fault deviation_fault(const struct forensic_hit *hit);

#endif

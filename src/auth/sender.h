/* Inside the inquiries: what is known of one client, account and secret. */
#ifndef AUTH_SENDER_H
#define AUTH_SENDER_H

#include "auth/deviation.h"
#include "auth/inquiry.h"
#include "base/lru.h"

enum {
	SENDERS_MAX = 4096,
	SENDER_SETS_MAX = 6,
	SENDER_SEARCHES_MAX = 8, /* while the input is read */
	PENDING_MAX = 256        /* that wait for the end of the input, in all */
};

/* Where a wrong response was, for statements about many. */
struct occasion {
	uint32_t exchange, frame;
	uint16_t file;
	int64_t time;
	bool failed, accepted, leg;
};

/* A combination that explained a response of this client. Everything is in the sender's arena. */
struct known_set {
	struct forensic_guess guess;
	unsigned mask; /* its dimensions */
	struct deviation deviations[DEVIATIONS_MAX];
	size_t count;
	struct slice words;
	enum fault fault;
	struct finding finding; /* frames, file and time */
	uint32_t exchanges[FINDING_FRAMES_MAX];
	uint32_t exchange_count;
	uint64_t responses;
	int64_t last;
	bool all_failed, accepted;
	bool late; /* found after its exchange was written */
};

/* A response that waits for its search. */
struct pending {
	struct arena arena;
	struct riddle riddle;
	struct occasion at;
};

struct sender {
	struct lru_node node;
	struct arena arena; /* of the sets: values in it may be secrets */
	char *names;        /* the bytes of user and realm */
	struct slice user, realm;
	struct address client, server;
	bool rspauth;
	bool unsearched; /* and counted as such */
	struct known_set *sets[SENDER_SETS_MAX];
	unsigned set_count;
	uint32_t wrong, refused; /* responses */
	uint32_t searches;
	bool exhausted; /* a whole search found nothing */
	uint32_t exhausted_frame;
	struct pending *pending;
};

struct history;

struct inquiries {
	struct lru senders;
	struct history *history;
	unsigned pending_count;
	uint64_t unsearched; /* that were dropped */
	uint64_t tried;      /* responses computed while the input is read */
	/* of the search at hand: too large for the stack */
	struct riddle riddle;
	bool gathered; /* it is complete */
	struct hypotheses hypotheses;
};

/* sender.c */

/* Of the place; made if it is new. */
struct sender *sender_for(struct inquiries *q, const struct riddle_place *p);
void sender_drop(struct lru_node *node);
/* The set explains one more response. */
void sender_count(struct known_set *set, const struct occasion *at);
/* Notes a hit; NULL if there are too many kinds. The occasion is counted. */
struct known_set *sender_learn(struct sender *s, const struct hypotheses *h,
	const struct forensic_hit *hit, const struct occasion *at);
/* Would sender_wait() keep it? */
bool sender_may_wait(
	const struct inquiries *q, const struct sender *s, const struct occasion *at);
void sender_wait(
	struct inquiries *q, struct sender *s, const struct riddle *r, const struct occasion *at);
/* Counts it, once. */
void sender_unsearched(struct inquiries *q, struct sender *s);
void sender_stop_waiting(struct inquiries *q, struct sender *s);

/* sender_report.c: what it did again and again, and what was found after its exchange was written. */
void sender_report(struct tracker *t, const struct sender *s);

#endif

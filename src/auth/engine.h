/* Inside the engine: the state of a tracker, shared by tracker.c, chains.c, timers.c, scope.c. */
#ifndef AUTH_ENGINE_H
#define AUTH_ENGINE_H

#include "auth/dedupe.h"
#include "auth/facts.h"
#include "auth/live.h"
#include "auth/tombs.h"

enum { WHEEL_SLOTS = 512 };

/* Live exchanges by deadline, one place a second; deadlines lie at most 300 s ahead. */
struct wheel {
	struct live *slots[WHEEL_SLOTS];
	int64_t second; /* all before this one are done */
};

/* A request that was seen: leads from its key to where it belongs. Lives in the exchange's arena. */
struct transaction {
	struct live *live;
	struct attempt *attempt;
};

/* What is collected for findings about servers and the capture. */
struct scope_notes;

struct tracker {
	struct tracker_options options;
	struct tracker_reader reader;
	struct tracker_stats stats;
	struct map chains;         /* chain key -> struct live, the newest; more by next_same */
	struct map transactions;   /* transaction key -> struct transaction */
	struct map open;           /* exchange number -> struct live */
	struct wheel wheel;
	struct tombs tombs;
	struct dedupe *dedupe;
	struct nonces *nonces;
	struct facts *facts;
	struct advice *advice;
	struct scope_notes *scope;
	struct message scratch;    /* the message at hand, and its authentication fields */
	struct auth_field scratch_auth[MESSAGE_AUTH_MAX];
	struct arena_pool arenas;  /* of the exchanges */
	int64_t now;
	int64_t last_loss;         /* time of the newest loss event, 0: none */
	uint32_t last_n;
	bool started, clock_jumped;
};

/* messages.c: a request or response that was scanned and is no duplicate. */

void request_seen(struct tracker *t, const struct message *m, const struct datagram *d);
void response_seen(struct tracker *t, const struct message *m, const struct datagram *d);

/* chains.c */

/* Key of a transaction: hosts, branch, CSeq (CATALOGUE section 1 "Retransmission"). */
uint64_t transaction_key(const struct message *m, const struct datagram *d);
/* The exchange that this request goes on with, or a new one. */
struct live *chain_for(struct tracker *t, const struct message *m, const struct datagram *d);
/* The open exchange of an ACK to a 2xx, or of a response that came from another address. */
struct live *chain_of(struct tracker *t, const struct message *m, const struct datagram *d,
	const struct address *client);
void chain_remove(struct tracker *t, struct live *l);

/* timers.c */

void timer_set(struct tracker *t, struct live *l, int64_t deadline);
void timer_stop(struct live *l);
/* Calls `expired` for each exchange whose deadline lies before `now`. */
void timers_run(struct tracker *t, int64_t now, void (*expired)(struct tracker *t, struct live *l));

/* scope.c */

struct scope_notes *scope_new(void);
void scope_free(struct scope_notes *s);
void scope_exchange(struct tracker *t, const struct live *l);
void scope_loss(struct tracker *t, const struct loss *l);
void scope_clock(struct tracker *t, const struct datagram *d, int64_t back);
void scope_duplicate(struct tracker *t, const struct datagram *d);
void scope_orphan(struct tracker *t, const struct datagram *d);
void scope_encrypted(struct tracker *t, uint64_t connections, struct slice detail);
void scope_finish(struct tracker *t);

#endif

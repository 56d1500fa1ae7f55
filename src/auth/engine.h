/* Inside the engine: the state of a tracker, shared by tracker.c, chains.c, timers.c, scope.c. */
#ifndef AUTH_ENGINE_H
#define AUTH_ENGINE_H

#include "auth/arrivals.h"
#include "auth/dedupe.h"
#include "auth/facts.h"
#include "auth/legs.h"
#include "auth/limits.h"
#include "auth/live.h"
#include "auth/shapes.h"
#include "auth/tombs.h"
#include "auth/watch.h"
#include "base/map.h"

enum {
	WHEEL_SLOTS = 512,
	RULE_WALKS = 37 /* the powers of two are all different modulo this */
};

/* When an exchange is due. Apart from it: what is due is found without waiting for exchanges to come from memory. */
struct timer {
	struct live *live;
	uint32_t n;                  /* of the exchange */
	int64_t second;              /* its place in the wheel is that of this one, or of an earlier one */
	int64_t placed;
	struct timer *next, **link;  /* of its place; link NULL: it was taken out */
};

/* By deadline, one place a second; deadlines lie at most 300 s ahead. */
struct wheel {
	struct timer *slots[WHEEL_SLOTS];
	int64_t second;              /* all before this one are done */
	struct timer *unused;
	struct arena arena;          /* of all timers */
};

/* Open exchanges by number, modulo the number of places: those that follow each other lie side by side. */
struct numbers {
	struct live **places;      /* lists, by next_numbered */
	size_t mask, count;
};

/* The rules that are asked about exchanges which are odd in these respects. */
struct rule_walk {
	unsigned odd, count;
	const struct rule *rules[FINDING_COUNT];
};

/* What is collected for findings about servers and the capture. */
struct scope_notes;

struct tracker {
	struct tracker_options options;
	struct tracker_reader reader;
	struct tracker_stats stats;
	struct limits limits;
	struct map chains;         /* chain key -> struct live, the newest; more by next_same */
	struct map transactions;   /* transaction key -> struct attempt; or a tomb, if it is closed */
	struct numbers open;
	struct live *oldest, *newest; /* the same, in the order of their numbers */
	struct wheel wheel;
	struct tombs tombs;
	struct dedupe *dedupe;
	struct nonces *nonces;
	struct facts *facts;       /* about peers */
	struct facts *requests;    /* about requests of the last hour */
	struct table cnonces;      /* struct cnonce: one for nearly every request, lest they push out the others */
	struct advice *advice;
	struct accounts *accounts;
	struct watch *watch;
	struct legs *legs;
	struct scope_notes *scope;
	struct inquiries *inquiries; /* NULL: no secret is known, nothing to search */
	struct arrivals *arrivals; /* not processed yet */
	struct arrival *arrival;   /* the message at hand */
	struct keys keys;          /* what it is found by */
	struct leg *leg;           /* between its hosts: until another source or fact is added */
	struct storage storage;    /* of the tables */
	struct arena_pool arenas;  /* of the exchanges */
	size_t exchange_bytes;     /* that they may take */
	int64_t now;
	int64_t last_loss;         /* time of the newest loss event, 0: none */
	uint32_t last_n;
	struct live *held, **held_end; /* closed, may be members of a scan: oldest first */
	size_t held_count;
	struct live *kept;         /* given out, and wanted until the end */
	size_t kept_bytes;
	struct shapes strict_shapes; /* of messages that libosip2 read as we did */
	uint32_t strict_cost;      /* of its opinions */
	struct rule_walk *walks[RULE_WALKS]; /* NULL: not needed yet */
	bool started, clock_jumped;
	bool nextnonces;           /* some server offered one */
};

/* messages.c: a request or response that was scanned and is no duplicate. */

void request_seen(struct tracker *t, const struct message *m, const struct datagram *d);
void response_seen(struct tracker *t, const struct message *m, const struct datagram *d);

/* notes.c: what messages tell about peers, for the tables beside the exchanges. */

/* Of a client, user and cnonce: with how many nonces, the newest of them. */
struct cnonce {
	struct table_node node;
	uint32_t nonce, count;
};

/*
 * What will be looked up for this request, for these challenges, or to judge a final response, is fetched
 * from memory meanwhile. Requests and challenges need not be part of an exchange yet.
 */
void foresee_request(const struct tracker *t, const struct datagram *d, const struct keys *keys,
	const struct attempt *a);
void foresee_final(const struct tracker *t, const struct attempt *a, unsigned status);
void foresee_challenges(const struct tracker *t, const struct response *r);
void note_request(struct tracker *t, struct exchange *x, struct attempt *a);
/* Before a final response is judged: did another exchange get a newer nonce meanwhile? */
void note_crossing(struct tracker *t, const struct exchange *x, struct attempt *a);
/* Did the server give this status to the same request without credentials? (CATALOGUE "Slot") */
bool note_status(struct tracker *t, const struct exchange *x, const struct attempt *a);
/* The nonces of any final response; what the judgement of the attempt's credentials was. */
void note_issued(struct tracker *t, const struct exchange *x, const struct response *r);
void note_judged(struct tracker *t, const struct exchange *x, const struct attempt *a);
/* How long its answer took at least, and whether it challenges those who come first; while t->leg is at hand. */
void note_leg(struct tracker *t, const struct exchange *x, const struct attempt *a);
/* Where a client is at home and for how long, and what other legs show of the challenges. */
void note_server(struct tracker *t, struct exchange *x, const struct attempt *a);

/* chains.c */

/* The exchange that this request goes on with, or a new one. */
struct live *chain_for(struct tracker *t, const struct message *m, const struct datagram *d);
/* The open exchange of this number, or NULL. */
struct live *chain_numbered(const struct tracker *t, uint32_t n);
/* The open exchange of an ACK to a 2xx, or of a response that came from another address. */
void chain_foresee(const struct tracker *t, const struct live *l);
struct live *chain_of(const struct tracker *t, const struct message *m, const struct datagram *d);
void chain_remove(struct tracker *t, struct live *l);

/* timers.c */

void timer_set(struct tracker *t, struct live *l, int64_t deadline);
void timer_stop(struct tracker *t, struct live *l);
/* Calls `expired` for each exchange whose deadline lies before `now`. */
void timers_run(struct tracker *t, int64_t now, void (*expired)(struct tracker *t, struct live *l));
/* The same for those that are due next, as if their time had come; false: none waits. */
bool timers_hurry(struct tracker *t, void (*expired)(struct tracker *t, struct live *l));

/* close.c */

/* Diagnoses the exchange, gives it out and forgets it. `input_ended`: not because its time had come. */
void close_live(struct tracker *t, struct live *l, bool input_ended);
/*
 * It will be closed when CLOSE_AHEAD others are, then when fewer are: at each of these steps something of it or that it
 * leads to is fetched from memory meanwhile.
 */
enum { CLOSE_AHEAD = 4 };
void close_foresee(const struct tracker *t, const struct live *l, unsigned before);
/* Closes for the timers. */
void close_expired(struct tracker *t, struct live *l);
/* Gives out what was held back until `now`. */
void close_held(struct tracker *t, int64_t now);
/* Closes some early if all of them take too much memory. */
void close_for_room(struct tracker *t);
/* Frees all, open and held, without a word. */
void close_forget(struct tracker *t);

/* scope.c */

struct scope_notes *scope_new(void);
void scope_free(struct scope_notes *s);
/* Its first request was answered with this. */
void scope_challenged(struct exchange *x, const struct response *r);
/* It will be closed soon: what that looks up is fetched from memory meanwhile. */
void scope_foresee(const struct tracker *t, const struct exchange *x);
void scope_exchange(struct tracker *t, const struct live *l);
void scope_loss(struct tracker *t, const struct loss *l);
void scope_clock(struct tracker *t, const struct datagram *d, int64_t back);
void scope_duplicate(struct tracker *t, const struct datagram *d);
void scope_orphan(struct tracker *t, const struct datagram *d);
void scope_upgrades_refused(struct tracker *t, uint64_t count);
void scope_encrypted(struct tracker *t, uint64_t connections, struct slice detail);
/* A nonce was issued that was issued to others, or long before. */
void scope_nonce(struct tracker *t, const struct exchange *x, const struct response *r,
	const struct challenge *c, struct nonce_repeat repeat);
void scope_finish(struct tracker *t);

#endif

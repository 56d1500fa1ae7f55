/* The state of the watch, shared by watch.c and watch_{clients,sources,accounts}.c. Internal to them. */
#ifndef AUTH_WATCH_STATE_H
#define AUTH_WATCH_STATE_H

#include "auth/engine.h"
#include "auth/scope.h"

enum {
	FLOOD_REFUSALS = 20, /* in FLOOD_TIME from one source */
	BURST_REFUSALS = 5,  /* in BURST_TIME */
	FLOOD_USERS = 5,     /* in USERS_TIME from one source, mostly refused */
	FLOOD_SOURCES = 5,   /* in USERS_TIME on one user */
	SPRAY_ANSWERS = 3,   /* for one user, at most */
	GUESSES = 10,        /* refused for one user in USERS_TIME */
	GUESSES_PROVEN = 3,  /* different digests of the same values */
	SCAN_TARGETS = 10,   /* in SCAN_TIME from one source */
	LOCKOUT_REFUSALS = 3,
	LOCKOUT_SILENCES = 2,
	LOOP_CHAINS = 3, /* in LOOP_TIME */
	TRIED_MAX = 32,
	SOURCE_OWNED = 128, /* bytes beside its record, on average */
	HELD_TARGETS = 2, /* different users or targets that a source asked for, the same */
	HELD_FAILURES = 5 /* open failures of one source before its members are held back */
};

#define FLOOD_TIME (60 * SECOND)
#define BURST_TIME SECOND
#define USERS_TIME (300 * SECOND)
#define SCAN_TIME  (60 * SECOND)
#define LOOP_TIME  (3600 * SECOND)

/* One user that a source tried. */
struct tried {
	uint64_t user;
	int64_t last;
	uint32_t answers, refused;
	bool accepted;
};

/* What costs memory only once something was refused. */
struct refusals {
	int64_t times[FLOOD_REFUSALS]; /* ring */
	unsigned next;
	uint64_t total;
	int64_t began;                 /* the first of all */
	struct tried *tried;           /* at most TRIED_MAX */
	unsigned tried_count, tried_room;
	bool sprays;
};

/* A user or target that a source asked for. */
struct asked {
	uint64_t what;
	int64_t time;
};

/* In two lines of the caches: what every message needs comes first. What the client has to do with is hashed. */
struct source {
	struct table_node node;
	uint32_t hosts;                /* of its first leg; 0: none */
	bool accepted, scans;
	bool others_accepted;          /* users that it was not refused for: a NAT or an SBC */
	uint8_t asked_next;
	struct leg leg;
	int64_t challenged;            /* when its first requester was challenged last; 0: never */
	uint32_t challenged_n;         /* in which exchange */
	uint32_t requester;
	uint32_t agent;                /* its first software that answered, as about_client() has it; 0: none */
	uint32_t own;                  /* its first account that was accepted before anything was refused; 0: none */
	uint32_t home;                 /* the server that accepted its REGISTER; 0: none */
	uint32_t asked_total;
	struct asked first;            /* that it asked for, while there is no other one */
	struct asked *asked;           /* SCAN_TARGETS different ones, a ring; NULL: at most one, or it was accepted */
	struct refusals *refusals;
	struct habits habits;
	uint32_t failures;
	int64_t failures_since;
	int64_t scan_began;
};
_Static_assert(sizeof(struct source) == 128, "two lines for a source");

/* A refusal: its time, and hashes of the Call-ID and the response. */
struct guess {
	int64_t time;
	uint32_t call, response;
};

/* An account that was refused. */
struct suspect {
	struct table_node node;
	struct guess *guesses;   /* a ring, once there are GUESSES of them */
	unsigned guess_count, guess_room, next;
	int64_t began; /* the guessing */
	uint64_t total;
	uint64_t same_values; /* hash of what the newest legacy answer was made from */
	uint64_t digests[GUESSES_PROVEN];
	unsigned digest_count;
	struct {
		uint64_t source;
		int64_t time;
	} sources[FLOOD_SOURCES];
	unsigned source_next;
	/* since the last success */
	uint32_t refused, silent;
	bool verified; /* of the silent ones: a right digest was among them */
	int64_t silent_since;
	/* same failure again and again */
	struct {
		enum finding_id cause;
		int64_t time;
		uint32_t n;
	} failed[LOOP_CHAINS];
	unsigned failed_next;
	bool guessed;
};

struct watch {
	struct table sources, suspects;
	struct source *last;     /* that was looked for, and is still there */
	size_t owned; /* bytes that the sources hold beside their records */
	bool further_legs; /* some legs are among the facts */
};

/* Facts about accounts are weaker once some were forgotten (HOUSE "Speed"). */
enum confidence watch_at_best(const struct tracker *t, enum confidence confidence);

/* Without the port. */
static inline struct address host_of(const struct address *a)
{
	struct address host = *a;

	host.port = 0;
	return host;
}

/* watch_clients.c */

/* What is known of this source; NULL: nothing. */
struct source *find_source(struct watch *w, const struct address *address);
struct source *peek_source(const struct watch *w, const struct address *address);
/* The same, made if it is new. */
struct source *source_for(struct watch *w, const struct address *address);

/* watch_sources.c */

/* The entry of this user among those that the source tried, made if it is new. */
struct tried *tried_for(struct refusals *r, uint64_t user, int64_t now);
void source_refused(struct tracker *t, struct source *s, const struct exchange *x,
	const struct response *r, const struct credential *k);

/* watch_accounts.c */

struct suspect *suspect_for(struct watch *w, uint64_t account, bool create);
uint64_t account_of(const struct exchange *x, const struct credential *k);
struct scope_note *account_note(struct tracker *t, enum finding_id id, const struct exchange *x,
	const struct credential *k);
void account_refused(struct tracker *t, const struct exchange *x, const struct attempt *a,
	const struct credential *k);
/* No reply, or 403, to credentials of an account that was refused before. */
void account_silent(struct tracker *t, const struct exchange *x, const struct credential *k,
	const struct observed *seen);
void note_lockout(struct tracker *t, struct suspect *s, const struct exchange *x,
	const struct credential *k, const struct observed *seen, int64_t until);

#endif

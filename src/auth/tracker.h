/*
 * The engine: datagrams in, diagnosed exchanges out. No I/O, no clock of its own (time is that of the
 * packets, or tracker_advance()), no globals. Memory is bounded; what the caps cost is counted.
 */
#ifndef AUTH_TRACKER_H
#define AUTH_TRACKER_H

#include "auth/accounts.h"
#include "auth/advice.h"
#include "auth/exchange.h"
#include "auth/secrets.h"
#include "sip/datagram.h"

/* What the user believes (--expect, --vos-mode, --profile); 0 and NULL: nothing. */
enum expected { EXPECTED_NONE, EXPECTED_401, EXPECTED_407, EXPECTED_BOTH, EXPECTED_ANY };

/*
 * Whose requests are these? Of a client in a capture; our own (probe): then what did not come did not come, and our
 * silence is no fault; our own in the role of a real endpoint (probe --as): then it is the endpoint's.
 */
enum client_role { CLIENT_SEEN, CLIENT_OURS, CLIENT_PLAYED };

/* Searches for deviations take time, which the engine cannot measure: it asks. */
enum search_step {
	SEARCH_BEGINS,       /* while the input is read: may it? */
	SEARCH_BEGINS_LATE,  /* at the end of the input: may it? */
	SEARCH_GOES_ON,      /* may it? Every millisecond or so */
	SEARCH_WAITS,        /* will one that has no time now ever have any, as far as is known? */
	SEARCH_ENDS
};

/* Megabytes that the whole program takes at most, as long as the messages are no longer than usual. */
enum { TRACKER_MEMORY_LEAST = 32, TRACKER_MEMORY = 64, TRACKER_MEMORY_MOST = 65536 };

struct tracker_options {
	enum client_role client;
	unsigned loop_rounds;                 /* --loop-rounds, 0: 3 */
	unsigned memory;                      /* --memory, megabytes; 0: TRACKER_MEMORY */
	const struct secrets *secrets;        /* NULL: none */
	enum expected expect[METHOD_COUNT];
	unsigned vos_mode;
	const struct profile *profile;
	struct slice configured_realm;        /* absent: none */
	bool (*search)(void *arg, enum search_step step); /* NULL: always */
	void *search_arg;
	bool search_deep;                     /* --deep: all of A1 with all of A2 */
	bool show_secrets;                    /* in the steps of a computation */
};

/* A finding about an account, a server or the capture (CONTRACT `scope`). */
enum scope { SCOPE_ACCOUNT, SCOPE_SERVER, SCOPE_CAPTURE };

struct scope_finding {
	struct finding finding;
	enum scope scope;
	uint32_t exchanges[FINDING_FRAMES_MAX];
	uint32_t exchange_count;
	struct slice user, realm;             /* absent: not of an account */
	const struct address *server;         /* NULL: none */
	const struct address *addresses;
	size_t address_count;
	uint64_t count;
	int64_t first, last;
};

struct tracker_reader {
	/* in closing order; borrowed */
	void (*exchange)(void *arg, const struct exchange *x);
	void (*finding)(void *arg, const struct scope_finding *f);
	void *arg;
	bool says;                 /* it calls exchange_say() where it needs the words; else it was called before */
	bool skims;                /* of findings by raise_later(), no cause for worry, the number will do */
	/* After exchange(): does this one stay alive until tracker_free()? NULL: none does. */
	bool (*keeps)(void *arg, const struct exchange *x);
	/*
	 * What was fed just now belongs to this exchange, which is still open: a message (also a copy, an ACK), or
	 * an ICMP error (d is NULL then). May be NULL.
	 */
	void (*message)(void *arg, const struct exchange *x, const struct datagram *d);
};

struct tracker_stats {
	uint64_t datagrams, messages, not_sip, duplicates, icmp;
	uint64_t exchanges;                          /* without further legs (leg_of) */
	uint64_t legs;
	uint64_t outcomes[OUTCOME_COUNT];
	uint64_t findings[SEVERITY_ERROR + 1];       /* by severity, exchanges and scope findings */
	uint64_t evicted_exchanges, evicted_nonces, evicted_accounts, evicted_frames;
	uint64_t evicted_findings;                   /* about accounts and servers */
	uint64_t evicted_facts;                      /* about clients and servers */
	uint64_t evicted_requests;                   /* further legs and parts of them are not known as such */
	uint64_t evicted_watched;                    /* sources and accounts that are watched for attacks */
	uint64_t truncated_messages;
	uint64_t unsearched;                         /* clients whose wrong responses there was no time to search */
	int64_t first_time, last_time;
};

struct tracker;

struct tracker *tracker_new(const struct tracker_options *o, const struct tracker_reader *r);
/*
 * If nobody listens to messages (tracker_reader.message), it is copied and may wait for a few others; it is not counted
 * yet. Their turn comes with tracker_advance() into another second, or tracker_flush(), or tracker_finish().
 */
void tracker_feed(struct tracker *t, const struct datagram *d);
void tracker_icmp(struct tracker *t, const struct icmp_error *e);
void tracker_loss(struct tracker *t, const struct loss *l);
/* So many TLS connections could not be read; before tracker_finish(). */
void tracker_encrypted(struct tracker *t, uint64_t connections, struct slice detail);
/* So many upgrades to WebSocket were refused with 401 or 407; before tracker_finish(). */
void tracker_upgrades_refused(struct tracker *t, uint64_t count);
/* Time went on (every packet of a capture says so, SIP or not; live: once a second). Nanoseconds. */
void tracker_advance(struct tracker *t, int64_t now);
/* Nothing more will come of the exchanges that are open: closes them, and goes on. */
void tracker_flush(struct tracker *t);
/* Nothing else is to do: makes one search that waits. False: none does, or there is no time for it. */
bool tracker_idle(struct tracker *t);
/* End of input: closes everything, then gives out the scope findings. */
void tracker_finish(struct tracker *t);
const struct tracker_stats *tracker_stats(const struct tracker *t);
/* The accounts; after tracker_finish(). */
const struct accounts *tracker_accounts(const struct tracker *t);
/* Challenge modes by server (CONTRACT challenge_mode); after tracker_finish(). */
const struct advice *tracker_advice(const struct tracker *t);
void tracker_free(struct tracker *t);

#endif

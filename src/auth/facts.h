/*
 * Small facts about peers that outlive an exchange: who was accepted where and when, who answered which
 * challenge, which directions were seen between two hosts. One bounded table; a fact is found by
 * what it is about.
 */
#ifndef AUTH_FACTS_H
#define AUTH_FACTS_H

#include "auth/exchange.h"
#include "base/table.h"

/* Kinds of facts: part of the key. */
enum fact_kind {
	FACT_LEG,            /* two hosts: .leg; those that watch.h has no room for */
	FACT_CLIENT,         /* client, software: .habits; the same */
	FACT_CONNECTION,     /* two endpoints of a stream: credentials were accepted on it */
	FACT_REPORTED,       /* said once for this server */
	FACT_MODE,           /* server, method, user: count = 401s, n = 407s, flags = last code, value = changes */
	FACT_NEXTNONCE,      /* server, client, user: value = hash offered, n = hash of the one before */
	FACT_REUSE,          /* server: reuses of nonces: count refused, n accepted, value youngest age */
	FACT_DIALOG,         /* Call-ID: value = the two hosts of its INVITE, n = the caller, hashed */
	FACT_PLAIN_STATUS,   /* server, method, Request-URI: flags = status without credentials */
	FACT_SUSPECT,        /* server, client, From user: value = key of the refused account */
	FACT_OWN_PHONE,      /* client, a further account: accepted before anything was refused */
	FACT_NEWEST_NONCE    /* a further requester of a client: exchange n that was challenged last, at time */
};

/* Of a leg: the directions that were seen, from the lower host and from the higher. */
enum {
	LEG_UP = 1,
	LEG_DOWN = 2,
	LEG_BOTH = 3,
	LEG_CHALLENGED = 4, /* a REGISTER or initial INVITE was challenged */
	LEG_UNSURE = 8      /* it may have been forgotten: what was not seen proves nothing */
};

/* What is known of two hosts. */
struct leg {
	int64_t round_trip; /* the smallest, ns; 0: not known */
	unsigned flags;
};

/* What a client with this software made of challenges. Frames; 0: none. */
struct habits {
	uint32_t answered_401, answered_sha;
	bool ignored_401;
};

struct fact {
	struct table_node node;
	union {
		struct {
			int64_t time;
			int64_t value;
			uint32_t frame, n, count, flags;
		};
		struct leg leg;
		struct habits habits;
	};
};

struct facts;

/* At most `limit`, in `storage`, which must live longer. */
struct facts *facts_new(struct storage *storage, size_t limit);
void facts_free(struct facts *f);
/* It will be looked for soon: fetched from memory meanwhile. */
void facts_foresee(const struct facts *f, enum fact_kind kind, uint64_t about);
/* The fact, or NULL. */
struct fact *facts_get(struct facts *f, enum fact_kind kind, uint64_t about);
/* The fact, made if it is new (then all zero). */
struct fact *facts_put(struct facts *f, enum fact_kind kind, uint64_t about);
uint64_t facts_evicted(const struct facts *f);
size_t facts_bytes(const struct facts *f);
/* Forgets those whose turn has come and whose time is before `before`; for tables whose facts carry their time. */
void facts_expire(struct facts *f, int64_t before);

/* What a fact about two hosts is found by, whatever their order. */
uint64_t about_hosts(const struct address *a, const struct address *b);
/* The same with their ports. */
uint64_t about_endpoints(const struct address *a, const struct address *b);
/* An account at a server; the software of a client. */
uint64_t about_account(const struct address *server, struct slice user, struct slice realm);
uint64_t about_credential(const struct address *server, const struct credential *k);
uint64_t about_client(const struct address *client, struct slice user_agent);
/* The account as far as it is known before any credentials: From user at this client. */
uint64_t about_requester(const struct address *server, struct slice from_user,
	const struct address *client, enum method method);

#endif

/*
 * The account table beside the exchanges: what succeeded and failed over time for a user and realm at a
 * server, from which addresses, and the registration that hangs on it. Bounded: of those not used for
 * longest only numbers stay.
 */
#ifndef AUTH_ACCOUNTS_H
#define AUTH_ACCOUNTS_H

#include "auth/exchange.h"
#include "base/table.h"

enum { ACCOUNT_ADDRESSES_MAX = 8, ACCOUNT_USUAL = 94 };

/* In four lines of the caches. */
struct account {
	struct table_node node;
	struct slice user, realm;
	struct slice user_agent;        /* of the newest request */
	struct address *addresses;      /* that used it, without ports, first seen first; owned, with the names */
	uint32_t address_count;         /* all of them; more than the maximum are not kept */
	uint32_t accepted, refused;     /* exchanges */
	uint32_t unanswered;            /* exchanges: challenged as From user, no credentials */
	int64_t last_time;
	int64_t last_accepted, last_refused; /* 0: never */
	uint32_t last_accepted_frame;
	uint32_t last_exchange;         /* n of the newest exchange */
	/* registration (RFC 3261 10.2.8, 10.3): what the newest answered REGISTER granted */
	int64_t registered;             /* time of the newest 200 with a binding, 0: none or removed */
	int64_t granted;                /* seconds */
	int64_t offline_since;          /* 0: not offline */
	enum finding_id last_cause : 16; /* of the newest failure; FINDING_COUNT: none */
	uint16_t refresh_status;        /* that did not renew it although the credentials passed (423), 0 */
	bool registers;
	bool lapsed;                    /* the binding ran out, or its refresh failed, before the end */
	struct address server;
	_Alignas(struct address) char usual[ACCOUNT_USUAL]; /* addresses and names, if they are not more */
};
_Static_assert(sizeof(struct account) == 256, "four lines for an account");

struct accounts;

/* At most `limit` are counted, and `whole` kept with their names; in `storage`, which must live longer. */
struct accounts *accounts_new(struct storage *storage, size_t limit, size_t whole);
void accounts_free(struct accounts *a);
/* Learns from a closed exchange; the same leg only once (further legs are not counted). */
void accounts_note(struct accounts *a, const struct exchange *x);
/* The account of this user, realm and server, or NULL. */
const struct account *accounts_get(const struct accounts *a, const struct address *server,
	struct slice user, struct slice realm);
/* The frame at which an account (as about_account() has it) was accepted last; 0: never. */
uint32_t accounts_accepted(const struct accounts *a, uint64_t about);
/* It will be looked for soon: fetched from memory meanwhile. */
void accounts_foresee(const struct accounts *a, uint64_t about);
/* `now`: end of the input, for bindings that ran out. */
void accounts_conclude(struct accounts *a, int64_t now);
/* Those that need attention first: failing now, most failures, then the newest; at most `max`. Returns how many. */
size_t accounts_worst(const struct accounts *a, const struct account **out, size_t max);
/* Was the newest try refused, or was it never accepted? */
bool account_fails(const struct account *a);
/* Adds how it is doing: "offline since 10:42:10 because the credentials were refused". */
void account_state(const struct account *a, struct buf *out);
size_t accounts_count(const struct accounts *a);
/* Accounts whose names were forgotten. */
uint64_t accounts_evicted(const struct accounts *a);
size_t accounts_bytes(const struct accounts *a);

#endif

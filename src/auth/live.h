/*
 * Inside the engine: an exchange that is still open, and the steps that fill it. Nobody outside auth/
 * includes this.
 */
#ifndef AUTH_LIVE_H
#define AUTH_LIVE_H

#include "auth/arrivals.h"
#include "auth/exchange.h"
#include "auth/nonces.h"
#include "auth/tracker.h"

#define SECOND INT64_C(1000000000)

/* Numbers of CATALOGUE section 11, nanoseconds. */
#define SILENCE_WINDOW (32 * SECOND)
#define CHAIN_UNANSWERED (180 * SECOND)
#define CHAIN_RINGING (300 * SECOND)
#define CLOSE_ACCEPTED (5 * SECOND)
#define CLOSE_REFUSED (32 * SECOND)
#define REORDER_MARGIN (SECOND / 20)

struct live {
	struct exchange x;             /* first: a live exchange is an exchange */
	uint64_t chain_key;
	uint64_t user_hash;            /* of exchange_user(); only where secrets are known */
	struct live *next_same, *prev_same; /* others with the same chain key, newest first */
	struct live *newer, *older;    /* open exchanges in the order in which they began */
	struct timer *timer;           /* in the wheel; NULL: none */
	/* while it is open: of its place among the numbers; then of those that are held back, or kept */
	union {
		struct live *next_numbered, *next_closed;
	};
	int64_t held_until;
	bool cut;                      /* a later request without credentials went on in a new chain */
	bool cancelled;
	uint32_t ack_challenged, cancel_challenged; /* frames of such responses, 0: none */
	uint32_t ack2xx_frame;
	bool ack2xx, ack2xx_credentials;
};

static inline struct live *live_of(const struct attempt *a)
{
	return (struct live *)(void *)a->exchange;
}

/* observe.c: messages become parts of an exchange, where they are. */

/* Reads challenges and credentials of what was scanned: they are in its place when an exchange takes it. */
void observe_ahead(struct arrival *from);
struct attempt *attempt_add(struct exchange *x, struct arrival *from);
struct response *response_new(struct exchange *x, struct arrival *from);
/* Credentials that are an attempt to authenticate (no IMS placeholder). */
bool attempt_has_credentials(const struct attempt *a);
bool message_has_credentials(const struct message *m);
static inline bool status_is_challenge(unsigned status)
{
	return status == 401 || status == 407 || status == 494;
}

/* The response has at least one Digest challenge that a client can answer. */
bool response_answerable(const struct response *r);

/* bind.c: which challenge does each credential answer? */

void bind_credentials(struct exchange *x, struct attempt *a, struct nonces *nonces);
/*
 * Index of the slot of this kind and realm, made if it is new; -1 if there are too many. The realm alone is
 * the protection domain (RFC 3261 22.1).
 */
int slot_for(struct exchange *x, enum auth_kind kind, struct slice realm);

/* judge.c: what does a response say of the credentials and slots? */

/* `told_before`: the server gives this status without credentials as well, it proves nothing. */
void judge_response(struct exchange *x, struct attempt *a, struct response *r, bool told_before);
void judge_progress(struct exchange *x, struct attempt *a);
/* Statuses that come after authentication, and those that do not tell (CATALOGUE "Slot"). */
bool status_accepts(unsigned status);

/* verify.c: recompute. */

void verify_attempt(struct attempt *a, const struct secrets *secrets);
void verify_rspauth(const struct attempt *a, struct response *r);
/* What the response must have been computed from, with this secret; false: it cannot serve. */
bool verify_input(const struct credential *k, const struct observed *request, const struct secret *secret,
	struct digest_input *in, struct arena *arena);
bool verify_rspauth_input(const struct credential *k, const struct response *r, struct digest_input *in,
	struct arena *arena);
/* The credential that matches its secret, or NULL. */
const struct credential *verified_credential(const struct attempt *a);

/* ordinary.c: bits of enum oddity (rules.h). */

/* Of a request, after what is known of its credentials was noted; `before`: the one before it, or NULL. */
unsigned odd_request(const struct exchange *x, const struct attempt *before, const struct attempt *a);
/* Of its final response, after it was judged. */
unsigned odd_final(const struct exchange *x, const struct attempt *a);

/* diagnose.c: outcome, findings, cause, verdict; when everything is known. */

void diagnose(struct live *l, struct tracker *t);
/* alg.c: signs that somebody on the way rewrites messages, as a phrase in x->alg. */
void find_alg(struct exchange *x);
/* Findings that a scan absorbs: has it any, and without them (CATALOGUE scan-suspected). */
bool has_members(const struct exchange *x);
void absorb_members(struct exchange *x);

#endif

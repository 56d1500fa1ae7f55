/*
 * How a client answers challenges (RFC 3261 22.1-22.4, RFC 7616 3.4, RFC 8760 2.4, RFC 3310): which
 * of them it takes, with which secret, and the credentials. Challenges come from the scanner's
 * bytes. A protection space (header pair and realm) is remembered for the whole session, so that
 * its nonce can be used again with the next nc.
 */
#ifndef UA_ANSWER_H
#define UA_ANSWER_H

#include "auth/exchange.h"
#include "auth/secrets.h"
#include "base/buf.h"

enum { SPACES_MAX = 16, ANSWER_CNONCE = 36, ANSWER_NOTE = 200 };

enum answer_choice { CHOICE_TOPMOST /* RFC 8760 2.4 */, CHOICE_STRONGEST, CHOICE_NAMED };
enum answer_qop { ANSWER_QOP_OFFERED, ANSWER_QOP_AUTH, ANSWER_QOP_AUTH_INT, ANSWER_QOP_NONE };

/* What a bad client does (--matrix): all zero is a good one. */
struct answer_faults {
	bool other_field; /* Authorization for Proxy-Authorization, and the reverse */
	bool wrong_secret;
	bool fabricated_nonce;
	bool same_nc; /* the nc of the request before */
	bool realm_case;
	bool other_uri;      /* the digest uri is not the Request-URI */
	struct slice domain; /* username with "@" and this; absent: as it is */
};

struct answer_policy {
	const struct secrets *secrets;
	struct slice user; /* absent: the secrets tell */
	enum answer_choice choice;
	enum algorithm algorithm; /* CHOICE_NAMED */
	enum answer_qop qop;
	unsigned attempts;              /* answers in one row of requests, for each space */
	bool ignore_user, ignore_proxy; /* an endpoint that does not know this kind (--as) */
	bool known_only;                /* answer only realms that were answered before */
	struct answer_faults faults;
};

/* A protection space and the challenge of it that was taken. */
struct space {
	enum auth_kind kind;
	struct arena arena; /* of what follows; emptied with each new challenge */
	struct slice realm, nonce, opaque, algorithm_name;
	enum algorithm algorithm;
	enum qop qop;
	const struct secret *secret;
	struct slice user;
	char cnonce[ANSWER_CNONCE];
	uint32_t nc;     /* of the last credentials with this nonce; 0: none yet */
	unsigned status; /* that brought the challenge */
	/* in the row of requests at hand */
	unsigned answers; /* to challenges that it brought */
	bool active;      /* the next request of the row carries it */
};

struct spaces {
	struct space list[SPACES_MAX];
	unsigned count;
};

enum answer_verdict {
	ANSWER_GO,        /* the request is worth sending again with answer_credentials() */
	ANSWER_NOTHING,   /* no challenge in the response that could be answered */
	ANSWER_NO_SECRET, /* there is one, but no secret for it */
	ANSWER_IGNORED,   /* the endpoint that is played does not know this kind */
	ANSWER_REFUSED,   /* the answer was refused, and another one would be no better */
	ANSWER_ENOUGH     /* ... or it is one more than `attempts` */
};

void spaces_free(struct spaces *s);
/* A new row of requests begins; with `keep` the spaces go into its first request (pre-emptive, or
 * in a dialog). */
void spaces_row(struct spaces *s, bool keep);
bool spaces_any_active(const struct spaces *s);
struct answer_result {
	enum answer_verdict verdict;
	bool refused;           /* an answer was refused, and not because its nonce was stale */
	char note[ANSWER_NOTE]; /* what was not answered, and why; "" */
};

/* Learns from a 401, 407 or 494 to a request that carried the active spaces. */
void answer_learn(struct spaces *s, const struct answer_policy *p, const struct message *response,
	struct answer_result *out);
/* nextnonce of a success is the nonce to use from then on (RFC 2617 3.2.3). */
void answer_success(struct spaces *s, const struct message *response);
/*
 * Credential lines for a request with this method, Request-URI and body, one for each active space;
 * nc goes up. False: a digest could not be made (`note` says why).
 */
bool answer_credentials(struct spaces *s, const struct answer_policy *p, struct slice method,
	struct slice uri, struct slice body, struct buf *out, char note[ANSWER_NOTE]);

#endif

/*
 * The rules: each looks at one thing in an exchange that is finished and raises what it finds. They are
 * rows of the tables in rules_*.c; diagnose.c walks them. A rule changes nothing but the list of
 * findings; what is fixed about a finding (texts, severity, fault, rank) stands in catalogue.def.
 */
#ifndef AUTH_RULES_H
#define AUTH_RULES_H

#include "auth/engine.h"

enum { LARGE_REQUEST = 1300 /* bytes; RFC 3261 18.1.1, path MTU unknown */ };

struct diagnosis {
	struct exchange *x;
	const struct live *live;
	struct tracker *t;
	/* strongest statement that may rest on the absence of packets */
	enum confidence absence;
	enum finding_id counted; /* the newest that is counted only; FINDING_COUNT: none */
};

/* Where a finding points: a request or the response to it, and a parameter or PARAM_UNKNOWN. */
struct where {
	const struct attempt *attempt;
	const struct response *response; /* NULL: the request */
	enum param_id param;
};

struct where at_request(const struct attempt *a, enum param_id param);
struct where at_response(const struct attempt *a, const struct response *r, enum param_id param);

/* Values for the placeholders of the message. */
struct finding_arg say(const char *name, struct slice value);
struct finding_arg say_text(const char *name, const char *value);
struct finding_arg say_number(struct diagnosis *d, const char *name, uint64_t value);
struct finding_arg say_seconds(struct diagnosis *d, const char *name, int64_t nanoseconds);
struct finding_arg say_address(struct diagnosis *d, const char *name, const struct address *value);
#define SAY(...)                                                                                   \
	(const struct finding_arg[]){__VA_ARGS__},                                                 \
		sizeof((const struct finding_arg[]){__VA_ARGS__}) / sizeof(struct finding_arg)
#define SAY_NOTHING NULL, 0

/*
 * Raises a finding; raised again in the same exchange it only adds its frame. Returns it for adjustment
 * (at_most, fault, as_cause, cause_rank), or NULL if the exchange has too many.
 */
struct finding *raise_finding(struct diagnosis *d, enum finding_id id, enum confidence confidence,
	struct where where, const struct finding_arg *args, size_t count);
/* The same, but always another one. */
struct finding *raise_another(struct diagnosis *d, enum finding_id id, enum confidence confidence,
	struct where where, const struct finding_arg *args, size_t count);
/*
 * For what most exchanges are found to be, which is an info or less whatever becomes of them: counted only, if the
 * reader skims, and else `values` gives the values when they are read.
 */
void raise_later(struct diagnosis *d, enum finding_id id, enum confidence confidence, struct where where,
	void (*values)(struct diagnosis *d, struct finding *f));
/* Is it among the findings? */
bool was_raised(const struct exchange *x, enum finding_id id);
struct finding *find_finding(const struct exchange *x, enum finding_id id); /* NULL if not */
/* One more frame of an existing finding. */
void finding_frame(struct finding *f, uint32_t frame);

/* What its message is made of: the values live as long as the exchange. */
void finding_values(
	struct diagnosis *d, struct finding *f, const struct finding_arg *args, size_t count);

/* rules_strict.c: is there still an opinion to be had of libosip2? All of a message's header fields are read for it. */
bool strict_is_asked(const struct tracker *t);

/* outcome.c: before the rules, and once more for a 400, which findings may explain. */
void decide_outcome(struct diagnosis *d);
void settle_400(struct diagnosis *d);

typedef void challenge_rule(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct response *r, const struct challenge *c);
typedef void credential_rule(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k);
/* `before` was challenged, `a` is the next request of the exchange. */
typedef void retry_rule(struct diagnosis *d, enum finding_id id, const struct attempt *before,
	const struct attempt *a);
typedef void exchange_rule(struct diagnosis *d, enum finding_id id);

/* What may be out of the ordinary about an exchange (ordinary.c). */
enum oddity {
	ODD_FORM = 1 << 0,    /* messages, challenges, credentials: which there are, how they are written */
	ODD_CODE = 1 << 1,    /* 401 or 407 where this method meets the other one, or within a dialog */
	ODD_RETRY = 1 << 2,   /* the next request is not the same request with credentials */
	ODD_ANSWER = 1 << 3,  /* the credentials are no copy of the challenge before them, and of the Request-URI */
	ODD_USER = 1 << 4,    /* their user is not that of the From field */
	ODD_NONCE = 1 << 5,   /* their nonce, or its count, is not fresh */
	ODD_REFUSED = 1 << 6, /* they were refused, or were not judged */
	ODD_SECRET = 1 << 7,  /* the digest was recomputed, or might have been */
	ODD_END = 1 << 8,     /* it was not accepted, or not asked for credentials where that is worth a look */
	ODD_QOP = 1 << 9,     /* none is offered */
	ODD_PASSWORD = 1 << 10, /* some URI may hold one */
	ODD_REALM = 1 << 11,  /* is one that many servers have */
	ODD_EXPECTED = 1 << 12, /* the user believes to know how it is challenged */
	ODD_ANYHOW = (1 << 13) - 1
};

struct rule {
	enum finding_id id;
	challenge_rule *challenge;
	credential_rule *credential;
	retry_rule *retry;
	exchange_rule *exchange;
	unsigned odd; /* finds nothing unless the exchange is odd in one of these respects; 0: is always asked */
};

struct rule_table {
	const struct rule *rules;
	size_t count;
};
#define RULE_TABLE(array) {array, sizeof(array) / sizeof(*(array))}

/* In the order in which they are walked: later tables may ask was_raised() about earlier ones. */
extern const struct rule_table rules_syntax, rules_values, rules_algorithm, rules_challenge, rules_retry, rules_realm,
	rules_nonce, rules_digest, rules_silence, rules_summary, rules_strict;

/* rules_deviation.c: a response that does not match, and what explains it. */
void rule_mismatch(struct diagnosis *d, enum finding_id id, const struct attempt *a, const struct credential *k);
void rule_rspauth(struct diagnosis *d, enum finding_id id);

/* ordinary.c: bits of enum oddity; all of them, where it is not plain to see. */
unsigned oddities(const struct diagnosis *d);

/* rules_realm.c: a default, or a private address, which other servers have as well. */
bool realm_is_common(struct slice realm);

/* Shared questions. */

struct slice challenge_algorithm(const struct challenge *c); /* its name, "MD5" if it names none */
/* Its final response, if it is a challenge; else NULL. */
static inline const struct response *challenge_response(const struct attempt *a)
{
	return a->final && status_is_challenge(a->final->status) ? a->final : NULL;
}
/* The first Digest challenge, else the first of any kind, else NULL. */
const struct challenge *main_challenge(const struct response *r);
/* The name of the header field of the credentials or challenge. */
struct finding_arg say_header(enum auth_kind kind, bool challenge);
/* A challenge was not answered, and that says something about the client: it is not our own. */
bool client_went_silent(const struct diagnosis *d);
/* The credential was refused, for whatever reason. */
bool was_refused(const struct credential *k);
/* Nonces of refused credentials, for "too old": shortest age of a stale or refused one; 0: none. */
int64_t shortest_refused_age(const struct exchange *x);

#endif

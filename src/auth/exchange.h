/*
 * What the engine knows of one exchange: the transactions of one client with the same Call-ID, From tag
 * and method, from the first request to the end of its authentication (CATALOGUE section 1). An
 * exchange owns an arena; everything it points to lives there. Readers get it const, once, when it
 * closes, and copy what they keep.
 */
#ifndef AUTH_EXCHANGE_H
#define AUTH_EXCHANGE_H

#include "auth/finding.h"
#include "base/arena.h"
#include "digest/params.h"
#include "digest/response.h"
#include "sip/datagram.h"
#include "sip/message.h"

enum {
	EXCHANGE_ATTEMPTS_MAX = 64,
	EXCHANGE_SLOTS_MAX = 32,
	EXCHANGE_FINDINGS_MAX = 96,
	FINDING_FRAMES_MAX = 16
};

/* The two pairs of header fields (RFC 3261 22.2, 22.3). */
enum auth_kind {
	AUTH_KIND_USER,  /* WWW-Authenticate, Authorization */
	AUTH_KIND_PROXY, /* Proxy-Authenticate, Proxy-Authorization */
	AUTH_KIND_COUNT
};

/*
 * In these records, what is asked again when the exchange ends lies together, behind a few members that are not, so
 * that it is in few lines of the caches: by then they are out of them (close.c).
 */

/* A message that was kept. */
struct observed {
	struct message msg;
	int64_t time;
	uint32_t frame;
	uint16_t file;
	bool truncated;    /* header fields may be missing (snap length, gap) */
	enum transport transport : 8;
	uint64_t cut;      /* bytes that are missing */
	struct address src, dst;
};

struct challenge {
	enum auth_kind kind : 8;
	enum algorithm algorithm : 8;
	bool digest;        /* scheme Digest */
	bool stale;
	bool usable;        /* Digest with realm and nonce, a known algorithm and a usable qop */
	uint8_t qops;       /* bits of enum advice_qop */
	int8_t slot;        /* index in exchange.slots, -1: none */
	bool malformed;     /* as its parameters say (PARAMS_MALFORMED) */
	uint16_t lines;     /* of its header field; > 1: folded */
	uint16_t joined;    /* challenges in its header field */
	uint16_t joined_at; /* its place among them, from 0 */
	/* values that are asked for often; an array as well, to be filled in one loop */
	union {
		struct {
			struct slice realm, nonce, opaque, qop, algorithm_name;
		};
		struct slice values[5];
	};
	uint64_t nonce_hash;
	struct params params;
};

enum verification {
	VERIFICATION_NO_SECRET, VERIFICATION_MATCH, VERIFICATION_MISMATCH, VERIFICATION_UNSUPPORTED,
	VERIFICATION_INCOMPLETE
};

/* How a credential was bound to the challenge that it answers. */
enum match {
	MATCH_NONE,
	MATCH_NONCE,       /* same nonce, in this exchange */
	MATCH_OLDER,       /* same nonce, of an exchange before this one (reuse) */
	MATCH_REALM,       /* same kind and realm, another nonce */
	MATCH_OTHER_KIND,  /* same realm or nonce, but the other pair of header fields */
	MATCH_KIND         /* same kind, another realm and nonce */
};

/* What the final response said of a credential (CATALOGUE "Slot"). */
enum judgement {
	JUDGEMENT_NONE,      /* no final response, or one that does not tell */
	JUDGEMENT_ACCEPTED,
	JUDGEMENT_PASSED,    /* another slot was challenged, not this one */
	JUDGEMENT_REJECTED,
	JUDGEMENT_STALE,
	JUDGEMENT_OLD_NONCE, /* refused, but it answered an older nonce: no password verdict */
	JUDGEMENT_RESYNC,    /* AKA: auts, then a new challenge */
	JUDGEMENT_PREEMPTIVE /* refused in the first request of the exchange: the normal first challenge */
};

/* What the nonce table said when the credential was sent. Times 0: unknown. */
struct nonce_history {
	bool known;               /* issued in this capture */
	bool orphan;              /* by a challenge whose request is not in the capture */
	bool accepted_before;     /* used before, and accepted */
	bool replaced;            /* a newer challenge of the slot reached the client before */
	uint32_t issues;          /* times issued to this client */
	int64_t issued;           /* last issue to this client (else to anybody) */
	uint32_t same_nc;         /* requests that used this nc with it, this one included */
	uint32_t uses;            /* requests of this user and client with it, this one included */
	uint32_t highest_nc;      /* before this one; 0: first use */
	uint32_t other_frame;     /* of the request that used this nc (or a higher one) before */
};

struct response;

struct credential {
	enum auth_kind kind : 8;
	enum algorithm algorithm : 8;
	enum match match : 8;
	enum judgement judgement : 8;
	enum verification verification : 8;
	bool digest;
	bool placeholder;         /* nonce and response empty: IMS habit, no attempt (RFC 8760 2.7) */
	bool newest;              /* answers the newest challenge of its slot */
	bool kept;                /* sent before in this exchange, unchanged (RFC 3261 22.3) */
	bool next_ignored;        /* the server had offered another one (nextnonce) */
	bool crossed;             /* another exchange of this account got a newer nonce meanwhile */
	uint8_t qops;             /* bits of enum advice_qop */
	int8_t slot;
	uint64_t names_hash;      /* user and realm */
	struct nonce_history history;
	union { /* as in a challenge */
		struct {
			struct slice username, realm, nonce, uri, response, algorithm_name, cnonce, nc, qop, opaque;
		};
		struct slice values[10];
	};
	const struct challenge *challenge; /* that it answers; NULL: none known */
	const struct response *challenged_by;
	uint64_t nonce_hash, response_hash, cnonce_hash;
	const struct secret *secret; /* that was used */
	uint32_t nc_value;        /* 0: absent or unusable */
	uint32_t cnonce_nonces;   /* different nonces with this cnonce so far, this one included */
	uint16_t lines, joined, joined_at; /* as in a challenge */
	struct params params;
};

struct response {
	struct observed seen;
	struct response *next;    /* in attempt.others */
	struct params *info;      /* Authentication-Info; NULL: none */
	enum verification rspauth;
	bool stale_phrase;        /* its reason phrase says that the nonce is old ("nonce has changed") */
	bool other_nonce;         /* a copy had another nonce: stateless challenger */
	struct challenge *challenges;
	int64_t granted;          /* by a 2xx to REGISTER: seconds */
	unsigned status;
	uint32_t copies;          /* 1, and one for each retransmission */
	uint16_t challenge_count;
};

/* A value of its Authentication-Info; absent if there is none. */
static inline struct slice response_info(const struct response *r, enum param_id id)
{
	return r->info ? params_value(r->info, id) : SLICE_ABSENT;
}

/* An ICMP error that answered a request. */
struct unreachable {
	const char *what;         /* "port unreachable" */
	struct address by;
	uint32_t frame;
};

struct attempt {
	struct observed request;
	struct exchange *exchange;     /* that it is part of */
	uint64_t same;                 /* hash of Call-ID, From tag, method and CSeq: every leg has it */
	int64_t last_sent;
	struct attempt *next;
	struct response *final;        /* the first */
	struct response *others;       /* further final responses */
	struct credential *credentials;
	uint64_t key;                  /* of the transaction */
	struct unreachable *unreachable; /* NULL: not known */
	unsigned odd;                  /* in which respects: for the rules */
	uint32_t after_response;       /* of the retransmissions, those sent after the final response was seen */
	uint16_t credential_count;
	uint16_t progress;             /* first 18x status, 0: none */
	bool provisional;              /* any 1xx */
	bool ack_credentials;          /* the ACK had any */
	uint32_t retransmissions;
	uint32_t acks;
	uint32_t ack_frame;
	uint32_t progress_frame;
	int64_t progress_time;
};

enum slot_state { SLOT_CHALLENGED, SLOT_ANSWERED, SLOT_ACCEPTED, SLOT_REJECTED, SLOT_STALE, SLOT_PASSED };

/* A hurdle: one realm of one kind. */
struct slot {
	enum auth_kind kind;
	struct slice realm;
	enum slot_state state;
	uint32_t answers, rejected, stale, old_nonce, dropped;
	uint32_t stale_row;              /* successive stale=true, each after an answer to the newest nonce */
	const struct challenge *newest;
	const struct response *newest_in;
	const struct challenge *before;  /* the one before the newest */
};

/* What a device between two legs changed. */
struct alteration {
	const char *param;
	struct slice was, is;         /* was: cut to 47 bytes; absent: only known to differ */
	struct address before;        /* the device: where the earlier leg went */
	const struct attempt *attempt;
	const struct response *response;
};

enum outcome {
	OUTCOME_UNKNOWN, OUTCOME_ACCEPTED, OUTCOME_UNCHALLENGED, OUTCOME_REJECTED, OUTCOME_UNANSWERED,
	OUTCOME_NO_REPLY,
	OUTCOME_COUNT
};

/* A string that a deviation hashed in place of the right one (CATALOGUE section 8). */
struct deviation {
	struct slice id, value;
	const char *const *also;
	size_t also_count;
};

struct diagnosis;

struct finding {
	enum finding_id id;
	enum severity severity;
	enum fault fault;
	enum confidence confidence;
	struct slice message;            /* absent: exchange_say() makes it of `args` */
	const struct finding_arg *args;
	unsigned arg_count;
	/* makes `args` when the message is made; NULL: they are there */
	void (*later)(struct diagnosis *d, struct finding *f);
	const struct deviation *deviations;
	size_t deviation_count;
	struct slice steps;              /* the computation with them, line by line; absent: none */
	uint16_t file;
	uint32_t frames[FINDING_FRAMES_MAX];
	uint32_t frame_count, frame_total;
	int64_t time;                    /* of the first frame */
	/* where to point in the walk; NULL and PARAM_UNKNOWN: nowhere in particular */
	const struct attempt *attempt;
	bool in_response;
	enum param_id param;
	enum severity at_least, at_most; /* bounds for what the table says */
	enum confidence as_cause;        /* "this is why it failed" (CATALOGUE 7c) */
	int cause_rank;                  /* of the kind, or where it stands (challenge or credentials) */
};

/* What of the capture limits statements about this exchange. */
struct guards {
	bool starts_middle;    /* the capture, or at least what is seen of this exchange, starts in it */
	bool both_directions;  /* packets were seen both ways between the two addresses */
	bool loss_event;       /* the source reported missing packets near it */
	bool clock_jump;
	bool one_way;          /* proven: what is seen shows that the other direction is missing */
};

struct exchange {
	struct arena arena;
	uint32_t n;                    /* from 1, in the order of first messages */
	enum method method;
	struct attempt *attempts, *last_attempt;
	struct address client, target;
	enum transport transport;
	uint32_t attempt_count;
	uint32_t leg_of;               /* 0: a leg of its own */
	uint32_t hop;
	bool in_dialog;
	bool keepalive;                /* an OPTIONS ping that is challenged and not answered: no fault */
	bool input_ended;              /* it was closed by the end of input, not by time */
	bool challenge_stripped;       /* another leg shows the challenge that is missing here */
	struct guards guards;
	uint32_t rounds;               /* 401, 407 and 494 */
	uint32_t unanswered_rounds;    /* of these, to requests without usable credentials */
	struct slot *slots;            /* at most EXCHANGE_SLOTS_MAX */
	unsigned slot_count, slot_room;
	int64_t first_time, last_time; /* of its messages */
	int64_t capture_end;           /* newest packet time known when it closed */
	uint64_t hosts;                /* hash of client and target */
	uint64_t challenger;           /* hash of who challenged whom, if its first request was; 0 */
	struct slice method_name;
	struct slice from_user;        /* of the From field of its first request */
	uint64_t requester;            /* hash of server, From user, client and method */
	int64_t server_rtt;            /* round trip of the leg, ns; 0: unknown */

	/* the diagnosis */
	enum outcome outcome;
	unsigned status;               /* that decided; 0: none */
	int64_t duration;              /* first request to the deciding response, ns */
	struct finding **findings;     /* at most EXCHANGE_FINDINGS_MAX */
	unsigned finding_count, finding_room;
	uint8_t counted[SEVERITY_INFO + 1]; /* further ones, by severity, if the reader skims */
	const struct finding *cause;   /* NULL: it did not fail */
	const struct alteration *altered; /* NULL: nothing seen */
	/* by exchange_say() */
	struct slice verdict;
	struct slice alg;              /* signs of a SIP ALG, in words; absent: none */
	bool said;
};

const char *outcome_name(enum outcome o);
static inline bool outcome_failed(enum outcome o)
{
	return o == OUTCOME_REJECTED || o == OUTCOME_UNANSWERED || o == OUTCOME_NO_REPLY;
}
const char *verification_name(enum verification v);
/*
 * The computation of the response of these credentials, line by line: with the secret that was tried, else as far
 * as it goes without. False: there is nothing to compute (no digest, an algorithm that is not known).
 */
bool credential_explain(
	const struct credential *k, const struct observed *request, bool show_secrets, struct buf *out);
const char *challenge_field_name(enum auth_kind k);  /* "WWW-Authenticate" */
const char *credential_field_name(enum auth_kind k); /* "Authorization" */

/* Software, as far as any message told: User-Agent of the client, Server (or User-Agent) of the server. */
struct slice exchange_user_agent(const struct exchange *x);
struct slice exchange_server(const struct exchange *x);
/* The digest user of the last credentials, else the From user. */
struct slice exchange_user(const struct exchange *x);
/*
 * Puts the diagnosis into words: the messages of findings, the verdict, the signs of an ALG. Most exchanges are
 * only counted, so that is left to who reads them (tracker_reader.says); once is enough. They become part of the
 * exchange, which is const for what was found only.
 */
void exchange_say(const struct exchange *x);
/* The worst severity among its findings, listed or counted; SEVERITY_OK if there are none. */
enum severity exchange_severity(const struct exchange *x);

#endif

/*
 * A user agent that asks, answers challenges, and cleans up behind itself: the session of `sipauth
 * probe`. Every message that is sent or received goes, as it was on the wire, to the sink before
 * anything is parsed; the diagnosis is the engine's. It sends to the target only, answers within
 * bounds, and ends calls and bindings that it made.
 */
#ifndef UA_PROBE_H
#define UA_PROBE_H

#include "sip/message.h"
#include "ua/answer.h"
#include "ua/resolve.h"
#include "ua/request.h"
#include "ua/tls.h"

enum { PROBE_TEXT = 320, PROBE_CALL_ID = 64 };

/* What is remembered from one run to the next: refused answers since the last accepted one. */
struct probe_guard {
	unsigned refusals;
	bool held; /* an answer was not sent because of them */
};

/* All slices and pointers are borrowed and must live as long as the probe. */
struct probe_options {
	/* where to send */
	struct resolve_question where;
	struct address local; /* family 0: any; port 0: any */
	struct slice domain;  /* of the certificate, and the Host of WebSocket */
	struct tls_options tls;
	const char *ws_path;
	/* who asks whom; URIs */
	struct slice user;      /* of the default Contact; absent: none */
	struct slice from;      /* also the To of REGISTER */
	struct slice to;        /* and Request-URI of all but REGISTER; absent: cannot be called */
	struct slice registrar; /* Request-URI of REGISTER */
	struct slice request_uri; /* absent: as above */
	struct slice contact;     /* absent: our address */
	struct slice routes[REQUEST_ROUTES_MAX];
	unsigned route_count;
	struct slice extra; /* header lines, each with its line break */
	struct slice user_agent, event, content_type, body;
	unsigned expires;
	bool placeholder; /* empty credentials in the first REGISTER, as IMS phones do */
	/* how */
	struct answer_policy answer;
	bool preempt; /* use a known nonce also under a new Call-ID */
	bool yes;     /* go on where an account may be locked */
	bool keep_binding;
	int64_t timeout, ring, hold; /* nanoseconds */
	struct probe_guard *guard;
};

struct probe_sink {
	/* `datagram.frame` is the number of the message */
	void (*datagram)(void *arg, const struct datagram *d, bool sent);
	void (*icmp)(void *arg, const struct icmp_error *e);
	/* a sentence for the walk; `warning`: it must be read */
	void (*note)(void *arg, bool warning, const char *text);
	void *arg;
};

enum probe_outcome {
	PROBE_ANSWERED, /* the engine's outcome of the exchange is that of the step */
	PROBE_DNS_FAILURE,
	PROBE_NO_ROUTE,
	PROBE_PORT_UNREACHABLE,
	PROBE_TLS_FAILURE,
	PROBE_CLOSED,
	PROBE_NOT_SIP,
	PROBE_REDIRECTED,
	PROBE_TIMEOUT,
	PROBE_LOCAL, /* something of ours: address, file, memory */
	PROBE_INTERRUPTED,
	PROBE_OUTCOME_COUNT
};
/* "dns-failure" ...; "answered" for the first. */
const char *probe_outcome_name(enum probe_outcome o);

/* What a step did. */
struct probe_step {
	enum method method;
	enum probe_outcome outcome;
	unsigned status;  /* final, or the 18x of a call that was then cancelled; 0: none */
	int64_t rtt;      /* of the first request that was answered, ns; -1: none was */
	int64_t duration; /* until the final response */
	unsigned answers; /* parties that answered a call: more than 1, it was forked */
	enum answer_verdict verdict; /* on the last challenge; ANSWER_GO: there was none left */
	bool with_credentials;       /* the last request had any */
	/* the last challenge */
	bool stale, www, proxy;      /* stale=true; which header fields */
	bool qop_auth, qop_auth_int; /* offered in any of them */
	uint32_t offered;            /* algorithms: bits 1 << enum algorithm */
	bool realm_has_letters;
	char text[PROBE_TEXT]; /* what a person should know; "" */
	char call_id[PROBE_CALL_ID];
	uint32_t first_cseq, last_cseq;
};

struct probe;

struct probe *probe_new(const struct probe_options *o, const struct probe_sink *sink);
/* One row of requests of this method, until it is accepted, refused, or not worth another answer.
 */
void probe_run(struct probe *p, enum method method, struct probe_step *out);
/* Removes what was bound. False: that, or the end of a call, was not confirmed, and told through
 * the sink. */
bool probe_clean_up(struct probe *p);
void probe_free(struct probe *p);

/* Addresses that the target resolved to; empty before the first step. */
const struct resolve_answer *probe_targets(const struct probe *p);
/* The address in use, NULL before there is one. */
const struct resolve_target *probe_target(const struct probe *p);
/* A signal came: no further step. */
bool probe_stopping(const struct probe *p);

/* For --matrix: how the next rows go. */
struct probe_twist {
	bool reuse;       /* known nonces in the first request, whatever `preempt` says */
	bool same_cseq;   /* the answer has the CSeq number of the challenged request */
	bool new_call_id; /* ... or another Call-ID and From tag */
	bool first_only;  /* one request, no answer to what comes */
};
void probe_set_policy(
	struct probe *p, const struct answer_policy *answer, const struct probe_twist *twist);
struct spaces *probe_spaces(struct probe *p);

#endif

/* Inside of probe.c, incoming.c, ask.c, call.c, reply.c and step.c: the state of a probe. */
#ifndef UA_SESSION_H
#define UA_SESSION_H

#include "ua/conn.h"
#include "ua/probe.h"
#include "ua/transaction.h"

enum { TAG_TEXT = 24, SENT_BY = ADDRESS_TEXT, BINDINGS_MAX = 16, BINDING_TEXT = 256 };

/* One party that answered an INVITE. */
struct leg {
	struct dialog dialog;
	struct request ack;
	struct buf ack_bytes; /* sent again for each copy of the 2xx (RFC 3261 13.2.2.4) */
	bool ended;           /* by its own BYE */
	struct leg *next;
};

/* One request and what became of it. */
struct ask {
	struct request request;
	struct arena arena;
	struct buf bytes; /* as sent */
	struct transaction *transaction;
	struct address target;
	bool with_credentials;
	unsigned sends;
	int64_t first_sent, last_sent;
	int64_t rtt;          /* to the first response, -1: there was none */
	int64_t finished;     /* the final response */
	unsigned provisional; /* status of the last 1xx, 0: none */
	unsigned progress;    /* the first above 100 */
	int64_t progressed;
	bool timed_out;
	bool given_up;               /* INVITE: cancelled for want of any answer but 100 */
	struct conn_failure failure; /* trouble CONN_FINE: none */
	bool got_final;
	struct buf final_bytes;
	struct message final;
	struct auth_field auth[MESSAGE_AUTH_MAX];
	struct leg *legs; /* INVITE: who answered with 2xx */
	unsigned leg_count;
	struct ask *next;
};

/* What all requests of one Call-ID share. */
struct row {
	enum method method;
	char call_id[PROBE_CALL_ID], from_tag[TAG_TEXT];
	uint32_t cseq; /* of the last request; 0: none yet */
	unsigned expires;
	struct slice etag;     /* PUBLISH: of what is to be removed */
	struct slice contact;  /* REGISTER: of what is to be removed */
	const struct leg *leg; /* requests in this dialog */
	const struct request *invite;
	bool clean_up; /* goes on after a signal, for a little while */
};

/* What a server keeps for us: a binding (its Contact) or a publication (its entity-tag). */
struct binding {
	struct row row;
	char what[BINDING_TEXT];
};

struct probe {
	struct probe_options o;
	struct probe_sink sink;
	struct answer_policy policy;
	struct probe_twist twist;
	struct transactions *transactions;
	struct spaces spaces;
	struct resolve_answer targets;
	bool resolved;
	unsigned at;       /* index of the target in use */
	struct conn *conn; /* NULL: none open */
	struct address last_local;
	struct ask *asks;    /* all of them: late responses must find theirs */
	struct ask *current; /* the one that is waited for; NULL: none */
	uint32_t messages;
	unsigned signals;       /* that were seen */
	int64_t stop_until;     /* 0: no signal came */
	bool dead;              /* nothing can be sent any more */
	bool unconfirmed;       /* a call may still be up */
	char junk[PROBE_TEXT];  /* what came that is no SIP */
	char stray[PROBE_TEXT]; /* a response that fits no transaction */
	struct binding bindings[BINDINGS_MAX];
	unsigned binding_count;
	int rtp; /* a socket for media that nobody reads, -1 */
	uint16_t rtp_port;
	char tag[TAG_TEXT]; /* of our answers to requests of the peer */
};

/* probe.c */

void session_note(struct probe *p, bool warning, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Hands a message to the sink (incoming.c). */
void session_record(struct probe *p, struct slice bytes, const struct address *peer, bool sent);
/* Whatever came by now (incoming.c). */
void session_take(struct probe *p);
/* Sends and records. */
bool session_send(struct probe *p, struct slice bytes, struct conn_failure *why);
/* One round: timers, waiting until `until` at most, whatever came. */
void session_pump(struct probe *p, int64_t until);
/* Waits so long, while messages are taken care of. */
void session_linger(struct probe *p, int64_t time, bool clean_up);
/* A connection to the target in use. False: *why. */
bool session_connect(struct probe *p, struct conn_failure *why, bool clean_up);
/* The time when something that began now has to end. */
int64_t session_deadline(const struct probe *p, bool clean_up);

/* ask.c */

/*
 * Makes a request of the row and sends it; tries further targets while nothing came back, unless
 * `pinned`. Waits for its end. The ask stays in p->asks.
 */
struct ask *ask_run(struct probe *p, struct row *row, bool credentials, bool pinned);
/* Makes one that is sent as it is (ACK, CANCEL), with a transaction or without. */
struct ask *ask_start(struct probe *p, const struct request *r, bool transaction);
bool ask_over(const struct ask *a);
/* Waits until it is over, or `until`. */
void ask_wait(struct probe *p, struct ask *a, int64_t until, bool clean_up);
void ask_free(struct probe *p, struct ask *a);

/* call.c */

/* Waits for an INVITE's end: after ringing long enough it is cancelled. */
void call_wait(struct probe *p, struct ask *a, int64_t until);
/* A 2xx to an INVITE: the leg is made and acknowledged, or acknowledged again. */
void call_answered(struct probe *p, struct ask *a, const struct message *m);
/* Ends all legs; what is not confirmed is told. */
void call_end(struct probe *p, struct ask *a, struct row *row);

/* reply.c */

/* Answers a request of the peer. */
void reply_to(struct probe *p, const struct message *m);

/* step.c */

/* Requests until there is nothing more to be answered; the last ask. */
struct ask *row_run(struct probe *p, struct row *row, bool keep, struct probe_step *step);

#endif

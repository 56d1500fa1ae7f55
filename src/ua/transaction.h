/*
 * Client transactions (RFC 3261 17.1): the ICT and NICT machines of libosip2 with their timers. The
 * door to libosip2's transaction layer.
 *
 * libosip2 sees neither our requests nor the peer's responses, only stand-ins with the same branch,
 * method and status: it would drop, join or refuse what peers really send (design/LIBOSIP2.md), and
 * it takes WebSocket for an unreliable transport. So what is sent is exactly what was built, what
 * comes in is judged by the scanner, and the machines do what they are good at: retransmit,
 * acknowledge, time out.
 */
#ifndef UA_TRANSACTION_H
#define UA_TRANSACTION_H

#include <stdint.h>

#include "sip/message.h"

struct transactions;
struct transaction;

struct transaction_handler {
	/* Sends the request once more, or (`ack`) the ACK to its refusal `m`. False: it cannot be
	 * sent. */
	bool (*send)(void *arg, void *context, bool ack, const struct message *m);
	/* A response that the machine lets through: each 1xx, the first final one, each 2xx to an
	 * INVITE. */
	void (*response)(void *arg, void *context, const struct message *m);
	/* Timer B or F: no final response in 32 s. */
	void (*timeout)(void *arg, void *context);
	void *arg;
};

struct transactions *transactions_new(const struct transaction_handler *h);
void transactions_free(struct transactions *ts);

/* Starts one for a request with this branch; it is sent by the next transactions_run(). NULL:
 * libosip2 refused. */
struct transaction *transaction_start(struct transactions *ts, struct slice method,
	struct slice branch, bool reliable, void *context);
/* Forgets it, whatever its state: nothing is sent any more, the context is not used again. NULL is
 * fine. */
void transaction_end(struct transactions *ts, struct transaction *t);

/* Gives a response to the transaction that it answers (RFC 3261 17.1.3). False: there is none. */
bool transactions_receive(struct transactions *ts, const struct message *m);
/* Runs the timers and everything that is due. */
void transactions_run(struct transactions *ts);
/* Nanoseconds until transactions_run() has something to do; a second at most. */
int64_t transactions_wait(struct transactions *ts);

#endif

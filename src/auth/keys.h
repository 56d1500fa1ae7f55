/* What a message is found by: computed once, when it comes. */
#ifndef AUTH_KEYS_H
#define AUTH_KEYS_H

#include "sip/datagram.h"
#include "sip/message.h"

struct keys {
	uint64_t hosts;        /* its two ends, whatever their order */
	/* hosts, branch, method, CSeq; ACK and CANCEL have their INVITE's (CATALOGUE section 1 "Retransmission") */
	uint64_t transaction;
	/* of requests only */
	uint64_t same;         /* Call-ID, From tag, method, CSeq: the same on every leg */
	uint64_t chain;        /* client, Via values, Call-ID, From tag, method (CATALOGUE section 1 "Chain") */
	uint64_t call_id;
};

/* `hosts` as about_hosts() has it. */
struct keys keys_of(uint64_t hosts, const struct message *m, const struct datagram *d);
/* keys.chain of any message; an ACK or CANCEL and its responses have that of the INVITE. */
uint64_t keys_chain(const struct message *m, const struct datagram *d);

#endif

/*
 * What pages are made from: an exchange that was rebuilt from its kept messages, those of further legs of the
 * same authentication, and the messages themselves.
 */
#ifndef VIEW_DETAIL_H
#define VIEW_DETAIL_H

#include "auth/exchange.h"

/* Every message of the exchanges, retransmissions and ACKs included. */
struct detail_message {
	int64_t time;
	uint32_t frame;
	uint16_t file;
	struct address src, dst;
	enum transport transport;
	uint32_t exchange;   /* index in detail.exchanges */
	struct slice bytes;
	bool cut;            /* some of it is missing */
};

/* `n` is the number in the list; that of `x` may be another, since it was rebuilt. */
struct detail_exchange {
	uint32_t n;
	const struct exchange *x;
};

/* Everything is borrowed. */
struct detail {
	const struct detail_exchange *exchanges; /* the one that is shown, then its other legs; at least one */
	size_t exchange_count;
	size_t left_out;                         /* exchanges that belong here, too, but are too many */
	const struct detail_message *messages;   /* in order of time */
	size_t count;
	bool show_secrets;
};

/* What a message is in its exchange. */
struct place {
	const struct attempt *attempt;    /* NULL: none of its requests and final responses (an ACK, a 100) */
	const struct response *response;  /* NULL: the request itself */
	uint32_t first;                   /* index of the message that it repeats; its own: it is the first */
};

/* Fills `out`, one for each message; a copy has the attempt of the first. */
void detail_places(const struct detail *d, struct place *out);
/*
 * Does the finding point to this message? Then `param` of it, or PARAM_UNKNOWN: to no parameter in particular, is
 * what it is about.
 */
bool place_has_finding(const struct place *p, const struct finding *f);
/* The credentials or challenge of a message (index among them) that findings about its parameters mean. */
unsigned place_suspect(const struct place *p);

/* The index of the message that was kept as `o`; detail.count if it is not among them. */
size_t detail_find(const struct detail *d, const struct observed *o);
/* The credentials number `number` of an exchange, counted through its attempts from 0; NULL: none. */
const struct credential *detail_credential(
	const struct exchange *x, uint32_t number, const struct attempt **attempt);

#endif

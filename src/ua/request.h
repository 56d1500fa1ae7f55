/*
 * Requests as text (RFC 3261 7, 8.1.1, 9.1, 13.2.2.4, 17.1.1.3). What a request says is in a
 * struct, so that the ACK, the CANCEL and the repetition with credentials are made from it. Pure.
 */
#ifndef UA_REQUEST_H
#define UA_REQUEST_H

#include "base/address.h"
#include "base/arena.h"
#include "base/buf.h"
#include "sip/datagram.h"
#include "sip/message.h"

enum { REQUEST_ROUTES_MAX = 16, REQUEST_BRANCH = 48 };

/* All slices are borrowed. Absent: the header field is not there. */
struct request {
	struct slice method, uri;
	enum transport transport; /* of the Via */
	struct slice sent_by;     /* "10.0.0.1:5060" */
	char branch[REQUEST_BRANCH];
	struct slice routes[REQUEST_ROUTES_MAX]; /* whole values, topmost first */
	unsigned route_count;
	struct slice from, from_tag; /* name-addr without its tag */
	struct slice to, to_tag;     /* to_tag absent: outside of a dialog */
	struct slice call_id;
	uint32_t cseq;
	struct slice contact;     /* whole value */
	struct slice credentials; /* lines, each with its line break */
	struct slice more;        /* further lines of this method */
	struct slice extra;       /* lines that the user wants */
	struct slice user_agent;
	struct slice content_type, body; /* body absent: none */
};

void request_build(const struct request *r, struct buf *out);
/*
 * The ACK to a refusal of this INVITE: its Via, Request-URI, Route, CSeq number, and its
 * credentials (22.1); To from the response (17.1.1.3).
 */
struct request request_ack(const struct request *invite, struct slice to_tag);
/* The CANCEL of this INVITE (9.1). It cannot be challenged, so it carries no credentials (22.1). */
struct request request_cancel(const struct request *invite);

/* A dialog made by a 2xx to this INVITE or SUBSCRIBE (12.1.2). */
struct dialog {
	struct slice to_tag;
	struct slice target;       /* remote target: URI of the Contact, else the Request-URI */
	struct slice target_route; /* the same as a Route value */
	struct slice routes[REQUEST_ROUTES_MAX];
	unsigned route_count;
	bool too_many_routes;
};
/* What it holds is copied into the arena. */
void dialog_from(const struct request *invite, const struct message *response, struct arena *arena,
	struct dialog *out);
/* A request in it; the caller sets branch and CSeq. Strict routers get what they want (12.2.1.1).
 */
struct request request_in_dialog(
	const struct request *invite, const struct dialog *d, struct slice method);

/* "<sip:1001@example.com>" from a URI or a name-addr. */
void request_name_addr(struct slice uri, struct buf *out);
/* An offer that any endpoint understands: one audio stream, G.711 (RFC 3264 5). */
void request_offer(const struct address *local, unsigned port, struct buf *out);

#endif

/*
 * A way to the peer: a UDP socket, or a connection over TCP, TLS or WebSocket. Whole messages go
 * out, whole messages come in; what is no SIP and what ICMP says comes in, too.
 */
#ifndef UA_CONN_H
#define UA_CONN_H

#include <poll.h>

#include "base/buf.h"
#include "sip/datagram.h"

enum { CONN_TEXT = 240 };

struct conn;

struct conn_options {
	struct address local; /* family 0: any; port 0: any */
	struct slice domain;  /* of the URI: certificate, SNI, Host */
	const struct tls_options *tls;
	const char *ws_path; /* "/" */
};

enum conn_trouble {
	CONN_FINE,
	CONN_LOCAL, /* the local address cannot be had */
	CONN_NO_ROUTE,
	CONN_UNREACHABLE, /* ICMP, or the connection was refused */
	CONN_TIMEOUT,
	CONN_TLS,
	CONN_CLOSED,
	CONN_NOT_SIP,    /* the peer speaks something else */
	CONN_INTERRUPTED /* a signal came */
};

struct conn_failure {
	enum conn_trouble trouble;
	char text[CONN_TEXT];
};

/* Opens it, handshakes included, until `until` at most. NULL: *why says why. */
struct conn *conn_open(const struct conn_options *o, enum transport t, const struct address *peer,
	int64_t until, struct conn_failure *why);
void conn_close(struct conn *c); /* NULL is fine */

enum transport conn_transport(const struct conn *c);
/* Not the unspecified address: that of the route to the peer. */
const struct address *conn_local(const struct conn *c);
const struct address *conn_peer(const struct conn *c);

/* False: *why says why; the connection is of no more use, a UDP socket may be. */
bool conn_send(struct conn *c, struct slice message, struct conn_failure *why);

/* What to wait for. */
struct pollfd conn_poll(const struct conn *c);

enum conn_event_kind {
	CONN_NOTHING, /* no more for now */
	CONN_MESSAGE, /* bytes, from */
	CONN_JUNK,    /* the same, but it is no SIP */
	CONN_ICMP,    /* what, reporter; bytes: of the message that did not arrive; its destination:
			 from */
	CONN_ENDED    /* the connection is gone: text */
};

struct conn_event {
	enum conn_event_kind kind;
	struct slice bytes; /* until the next call */
	struct address from, reporter;
	const char *what;
	struct conn_failure failure;
};

/* The next thing that came; to be called until CONN_NOTHING. */
void conn_next(struct conn *c, struct conn_event *e);

#endif

/*
 * What the two ends of a connection say: SIP, WebSocket after its upgrade (RFC 7118), or TLS around either.
 * Their first bytes tell. Internal to capture/.
 */
#ifndef CAPTURE_CONNECTION_H
#define CAPTURE_CONNECTION_H

#include "capture/cutter.h"
#include "sip/websocket.h"

struct tls;

enum connection_kind {
	CONNECTION_UNDECIDED,
	CONNECTION_SIP,
	CONNECTION_UPGRADE,  /* HTTP that asks for a WebSocket */
	CONNECTION_WEBSOCKET,
	CONNECTION_TLS,
	CONNECTION_HEP        /* an agent and its collector */
};

/* What one end says. */
struct side {
	struct cutter cutter;
	struct buf bytes;        /* of WebSocket, or before the kind is known: what could not be taken yet */
	struct websocket websocket;
	bool upgraded;           /* frames from here on */
	bool lost;               /* of WebSocket: looking for a frame with a message */
	struct mark first;       /* of bytes.p[0] */
};

struct connection {
	struct address end[2];
	enum connection_kind kind;
	bool sip;                /* a message began in one direction */
	bool heard[2];           /* packets of end[i] are in the capture */
	bool secure;             /* this is what was found inside TLS */
	struct side side[2];     /* side[i] is what end[i] sends */
	struct tls *tls;         /* CONNECTION_TLS */
	struct connection *inside; /* of TLS */
};

void connection_init(struct connection *c, const struct address *a, const struct address *b);
/* A direction begins, or is joined in the middle (`lost`). */
void connection_start(struct connection *c, int side, bool lost);
/* Both directions begin anew: nothing is known of them. After connection_end() of both. */
void connection_reset(struct connection *c, struct output *o);
/* The next bytes of a direction. False: nothing that can be read, in neither direction so far. */
bool connection_take(struct connection *c, int side, struct output *o, struct slice in,
	const struct mark *mark);
/* `count` bytes are missing there. */
void connection_skip(struct connection *c, int side, struct output *o, size_t count);
/* Nothing more will come in this direction. */
void connection_end(struct connection *c, int side, struct output *o);
void connection_free(struct connection *c, struct output *o);

/*
 * A capture begins in the middle of a connection: what does it say, as far as these bytes tell? UNDECIDED:
 * nothing that is known. What is read begins at *skip.
 */
enum connection_kind connection_join(struct slice in, size_t *skip);

#endif

/*
 * WebSocket (RFC 6455) as SIP uses it (RFC 7118): frames and the HTTP upgrade. Pure: no I/O, no
 * randomness; who sends as a client brings the masking key along.
 */
#ifndef SIP_WEBSOCKET_H
#define SIP_WEBSOCKET_H

#include <sys/types.h>

#include "base/buf.h"

enum {
	WEBSOCKET_MAX = 65535,     /* bytes of a message; RFC 7118 knows no other limit than SIP's */
	WEBSOCKET_HEAD = 14,       /* of a frame, at most */
	WEBSOCKET_CONTROL = 125,   /* payload of a control frame, at most */
	WEBSOCKET_HTTP_MAX = 16384 /* bytes of an upgrade request or response */
};

enum websocket_opcode {
	WEBSOCKET_CONTINUATION = 0,
	WEBSOCKET_TEXT = 1,
	WEBSOCKET_BINARY = 2,
	WEBSOCKET_CLOSE = 8,
	WEBSOCKET_PING = 9,
	WEBSOCKET_PONG = 10
};

/* ---- frames ---- */

struct websocket_frame {
	bool fin;
	bool masked;
	uint8_t opcode;
	uint8_t mask[4];
	size_t head;      /* bytes before the payload */
	uint64_t length;  /* bytes of the payload */
};

/* The head of the frame that `in` begins with: its bytes; 0: more are needed; -1: no frame. */
ssize_t websocket_head(struct slice in, struct websocket_frame *f);
/* Masks or unmasks bytes that begin at `offset` of the payload. */
void websocket_mask(char *bytes, size_t n, const uint8_t mask[4], size_t offset);

/* One direction of a connection. Zero-initialised at its beginning. */
struct websocket {
	struct buf message;     /* fragments so far */
	struct buf control;     /* the control frame that was given last */
	uint8_t opcode;         /* of the message under way, 0: none */
	bool given;             /* the message was given out: the next frame begins another */
	uint64_t skip;          /* payload of an oversized frame that is still to come */
};

/* What a frame completed. `payload` is absent if nothing; it is valid until the next call. */
struct websocket_message {
	uint8_t opcode;         /* TEXT or BINARY for a message, else CLOSE, PING or PONG */
	struct slice payload;
	bool too_long;          /* a message above WEBSOCKET_MAX was left out */
};

/*
 * Takes the next frame off `in`, unmasks it and puts fragments together. Returns the bytes it
 * consumed; 0: more are needed; -1: this is no WebSocket, or it is one with extensions (RSV bits).
 */
ssize_t websocket_next(struct websocket *w, struct slice in, struct websocket_message *m);
void websocket_free(struct websocket *w);

/* Adds one whole frame. A client must mask (RFC 6455 5.1): mask != NULL, four random bytes. */
void websocket_add_frame(struct buf *out, enum websocket_opcode opcode, struct slice payload,
	const uint8_t *mask);

/* ---- the HTTP upgrade (RFC 6455 4, RFC 7118 4) ---- */

struct websocket_upgrade {
	bool request;
	bool upgrade;           /* it has "Upgrade: websocket" */
	bool sip;               /* Sec-WebSocket-Protocol names sip */
	unsigned status;        /* of a response; 101: from here on there are frames */
	struct slice target;    /* of a request: "/ws" */
	struct slice host;
	struct slice key;       /* Sec-WebSocket-Key, or -Accept in a response */
};

/* An HTTP request or response head: its bytes; 0: more are needed; -1: none, or too long. */
ssize_t websocket_upgrade(struct slice in, struct websocket_upgrade *u);
/* Writes a client's request. `key` is 16 random bytes in base64. */
void websocket_add_request(struct buf *out, const char *host, const char *target, const char *key);

#endif

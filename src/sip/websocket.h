/*
 * WebSocket frames (RFC 6455 5), as SIP uses them (RFC 7118): pure, no allocation. The opening
 * handshake is HTTP and not looked at here.
 */
#ifndef SIP_WEBSOCKET_H
#define SIP_WEBSOCKET_H

#include <sys/types.h>

#include "base/slice.h"

enum websocket_opcode {
	WEBSOCKET_CONTINUATION = 0,
	WEBSOCKET_TEXT = 1,
	WEBSOCKET_BINARY = 2,
	WEBSOCKET_CLOSE = 8,
	WEBSOCKET_PING = 9,
	WEBSOCKET_PONG = 10
};

enum {
	WEBSOCKET_HEAD_MAX = 14,
	WEBSOCKET_CONTROL_MAX = 125,        /* bytes in a control frame (RFC 6455 5.5) */
	WEBSOCKET_PAYLOAD_MAX = 1024 * 1024 /* a frame that is larger holds no SIP */
};

struct websocket_frame {
	bool final; /* the last one of its message */
	uint8_t opcode;
	bool masked;
	uint8_t key[4];
	struct slice payload; /* as on the wire: masked, if `masked` */
};

/*
 * Takes the next frame from the front of a stream. Returns the bytes it consumed, 0 if more are
 * needed, -1 if this can be no WebSocket: reserved bits or opcodes, a control frame that is long or
 * in parts, a length that is too large or not written in the shortest form.
 */
ssize_t websocket_next(struct slice in, struct websocket_frame *out);
/* Masks or unmasks (RFC 6455 5.3); `offset`: of the first byte in its payload. `out` may be the
 * same bytes. */
void websocket_mask(const uint8_t key[4], struct slice in, size_t offset, char *out);
/* The head of a frame with a payload of `n` bytes; `key` NULL: not masked (server). Returns its
 * length. */
size_t websocket_head(uint8_t head[WEBSOCKET_HEAD_MAX], bool final, enum websocket_opcode opcode,
	uint64_t n, const uint8_t key[4]);

#endif

/*
 * SIP over WebSocket (RFC 7118): the opening handshake of RFC 6455 4.1, one SIP message in each
 * WebSocket message, pings answered, our own frames masked.
 */
#include <stdio.h>
#include <string.h>

#include "digest/algorithm.h"
#include "sip/websocket.h"
#include "ua/conn_private.h"
#include "ua/wait.h"

enum { KEY_BYTES = 16, KEY_TEXT = 25, ACCEPT_TEXT = 29, HANDSHAKE_MAX = 16384, STATUS_TEXT = 80 };

static void base64(const uint8_t *in, size_t n, char *out)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (; n; in += n < 3 ? n : 3, n -= n < 3 ? n : 3) {
		uint32_t word = (uint32_t)in[0] << 16 | (uint32_t)(n > 1 ? in[1] : 0) << 8 |
				(n > 2 ? in[2] : 0);

		*out++ = letters[word >> 18];
		*out++ = letters[word >> 12 & 63];
		*out++ = n > 1 ? letters[word >> 6 & 63] : '=';
		*out++ = n > 2 ? letters[word & 63] : '=';
	}
	*out = '\0';
}

/* ---- the opening handshake ---- */

static void make_key(char key[KEY_TEXT])
{
	uint8_t bytes[KEY_BYTES];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)wait_random(256);
	base64(bytes, sizeof(bytes), key);
}

/* RFC 6455 4.2.2: what a server that understood the key answers. */
static bool make_accept(const char *key, char accept[ACCEPT_TEXT])
{
	const struct slice parts[] = {slice_of(key), SLICE("258EAFA5-E914-47DA-95CA-C5AB0DC85B11")};
	uint8_t hash[HASH_MAX];

	if (!hash_raw(HASH_SHA1, parts, 2, hash))
		return false;
	base64(hash, hash_length(HASH_SHA1), accept);
	return true;
}

static bool ask(struct conn *c, const struct conn_options *o, const char *key, int64_t until,
	struct conn_failure *why)
{
	struct buf b = {0};
	bool done, usual = c->peer.port == (c->tls ? 443 : 80);

	buf_printf(&b, "GET %s HTTP/1.1\r\nHost: ", o->ws_path ? o->ws_path : "/");
	buf_add_slice(&b, o->domain);
	if (!usual)
		buf_printf(&b, ":%u", c->peer.port);
	buf_printf(&b, "\r\nOrigin: %s://", c->tls ? "https" : "http");
	buf_add_slice(&b, o->domain);
	buf_printf(&b,
		"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: %s\r\n"
		"Sec-WebSocket-Protocol: sip\r\nSec-WebSocket-Version: 13\r\n\r\n",
		key);
	done = stream_write(c, buf_slice(&b), until, why);
	buf_free(&b);
	return done;
}

/* The end of the header of an HTTP response, 0: not there yet. */
static size_t header_end(struct slice s)
{
	for (size_t i = 0; i + 4 <= s.n; i++)
		if (memcmp(s.p + i, "\r\n\r\n", 4) == 0)
			return i + 4;
	return 0;
}

static struct slice http_field(struct slice head, struct slice name)
{
	while (head.n) {
		size_t end = slice_find(head, '\n');
		struct slice line = slice_head(head, end);
		size_t colon = slice_find(line, ':');

		if (colon < line.n && slice_eq_nocase(slice_trim(slice_head(line, colon)), name))
			return slice_trim(slice_from(line, colon + 1));
		head = end < head.n ? slice_from(head, end + 1) : SLICE_ABSENT;
	}
	return SLICE_ABSENT;
}

static bool judge(struct slice head, const char *accept, struct conn_failure *why)
{
	struct slice first = slice_trim(slice_head(head, slice_find(head, '\n')));
	struct buf text = {0};
	bool upgraded = slice_starts_nocase(first, SLICE("HTTP/1.1 101"));

	buf_add_printable(&text, slice_head(first, first.n < STATUS_TEXT ? first.n : STATUS_TEXT));
	if (slice_starts_nocase(first, SLICE("HTTP/1.1 401")))
		conn_fail(why, CONN_NOT_SIP,
			"the web server in front of SIP wants a password: \"%s\" "
			"(ws-handshake-401: another layer than SIP's digest)",
			buf_string(&text));
	else if (!upgraded)
		conn_fail(why, CONN_NOT_SIP, "no WebSocket here: \"%s\"", buf_string(&text));
	else if (!slice_eq(http_field(head, SLICE("Sec-WebSocket-Accept")), slice_of(accept)))
		conn_fail(why, CONN_NOT_SIP,
			"the WebSocket handshake is answered with a wrong Sec-WebSocket-Accept");
	else if (!slice_eq_nocase(http_field(head, SLICE("Sec-WebSocket-Protocol")), SLICE("sip")))
		conn_fail(why, CONN_NOT_SIP,
			"the WebSocket server does not speak the subprotocol sip");
	else
		why->trouble = CONN_FINE;
	buf_free(&text);
	return why->trouble == CONN_FINE;
}

bool ws_open(struct conn *c, const struct conn_options *o, int64_t until, struct conn_failure *why)
{
	char key[KEY_TEXT], accept[ACCEPT_TEXT];
	size_t end;

	make_key(key);
	if (!make_accept(key, accept)) {
		conn_fail(why, CONN_LOCAL, "SHA-1, which WebSocket needs, is not available");
		return false;
	}
	if (!ask(c, o, key, until, why))
		return false;
	while (!(end = header_end(stream_rest(c)))) {
		if (c->ended) {
			*why = c->failure;
			return false;
		}
		if (stream_rest(c).n > HANDSHAKE_MAX) {
			conn_fail(why, CONN_NOT_SIP,
				"the WebSocket handshake is not answered with HTTP");
			return false;
		}
		if (!conn_wait(c, POLLIN, until, why)) {
			if (why->trouble == CONN_TIMEOUT)
				conn_fail(why, CONN_TIMEOUT,
					"the WebSocket handshake was not answered");
			return false;
		}
		stream_read(c);
	}
	if (!judge(slice_head(stream_rest(c), end), accept, why))
		return false;
	stream_take(c, end);
	return true;
}

/* ---- messages ---- */

static bool send_frame(struct conn *c, enum websocket_opcode opcode, struct slice payload,
	int64_t until, struct conn_failure *why)
{
	uint8_t head[WEBSOCKET_HEAD_MAX], key[4];
	struct buf b = {0};
	bool done;

	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)wait_random(256);
	buf_add(&b, head, websocket_head(head, true, opcode, payload.n, key));
	if (payload.n) {
		size_t at = b.n;

		buf_add_slice(&b, payload);
		websocket_mask(key, payload, 0, b.p + at);
	}
	done = stream_write(c, buf_slice(&b), until, why);
	buf_free(&b);
	return done;
}

bool ws_send(struct conn *c, struct slice message, int64_t until, struct conn_failure *why)
{
	return send_frame(c, WEBSOCKET_TEXT, message, until, why);
}

static void end(struct conn *c, enum conn_trouble trouble, const char *text)
{
	c->ended = true;
	conn_fail(&c->failure, trouble, "%s", text);
}

static void add_payload(struct conn *c, const struct websocket_frame *f)
{
	size_t at = c->frames.n;

	if (at + f->payload.n > 2 * (size_t)FRAME_MAX) {
		end(c, CONN_NOT_SIP, "a WebSocket message too large for SIP");
		return;
	}
	buf_add_slice(&c->frames, f->payload);
	if (f->masked && f->payload.n)
		websocket_mask(f->key, f->payload, 0, c->frames.p + at);
}

/* True: a whole message stands in c->frames. */
static bool take_frame(struct conn *c, const struct websocket_frame *f)
{
	struct conn_failure ignored;

	switch (f->opcode) {
	case WEBSOCKET_PING:
		if (!f->masked)
			send_frame(
				c, WEBSOCKET_PONG, f->payload, wait_now() + WAIT_SECOND, &ignored);
		return false;
	case WEBSOCKET_PONG:
		return false;
	case WEBSOCKET_CLOSE:
		end(c, CONN_CLOSED, "the peer closed the WebSocket");
		return false;
	default:
		add_payload(c, f);
		return f->final && !c->ended;
	}
}

void ws_next(struct conn *c, struct conn_event *e)
{
	struct websocket_frame f;
	ssize_t n;

	/* the message before was given out whole */
	if (c->frame.total) {
		buf_clear(&c->frames);
		c->frame.total = 0;
	}
	stream_read(c);
	while (stream_rest(c).n && (n = websocket_next(stream_rest(c), &f)) != 0) {
		if (n < 0) {
			end(c, CONN_NOT_SIP, "what the peer sends is no WebSocket");
			stream_take(c, stream_rest(c).n);
			break;
		}
		stream_take(c, (size_t)n);
		if (!take_frame(c, &f))
			continue;
		c->frame.total = 1;
		e->bytes = buf_slice(&c->frames);
		e->from = c->peer;
		e->kind = sip_looks_like(e->bytes) ? CONN_MESSAGE : CONN_JUNK;
		return;
	}
	if (c->ended && c->failure.trouble != CONN_FINE) {
		e->kind = CONN_ENDED;
		e->failure = c->failure;
		c->failure.trouble = CONN_FINE;
	}
}

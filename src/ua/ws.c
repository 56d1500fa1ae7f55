/*
 * SIP over WebSocket (RFC 7118): the opening handshake of RFC 6455 4.1, one SIP message in each
 * WebSocket message, pings answered, our own frames masked.
 */
#include <stdio.h>

#include "digest/algorithm.h"
#include "ua/conn_private.h"
#include "ua/wait.h"

enum { KEY_BYTES = 16, KEY_TEXT = 25, ACCEPT_TEXT = 29, HOST_TEXT = 280, STATUS_TEXT = 80 };

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
	bool usual = c->peer.port == (c->tls ? 443 : 80);
	bool six = slice_find(o->domain, ':') < o->domain.n;
	char host[HOST_TEXT], port[8] = "";
	struct buf b = {0};
	bool done;

	if (!usual)
		snprintf(port, sizeof(port), ":%u", c->peer.port);
	snprintf(host, sizeof(host), "%s%.*s%s%s", six ? "[" : "", SLICE_ARG(o->domain),
		six ? "]" : "", port);
	websocket_add_request(&b, host, o->ws_path ? o->ws_path : "/", key);
	done = stream_write(c, buf_slice(&b), until, why);
	buf_free(&b);
	return done;
}

static bool judge(struct slice head, const struct websocket_upgrade *u, const char *accept,
	struct conn_failure *why)
{
	struct slice first = slice_trim(slice_head(head, slice_find(head, '\n')));
	struct buf text = {0};

	why->trouble = CONN_FINE;
	buf_add_printable(&text, slice_head(first, first.n < STATUS_TEXT ? first.n : STATUS_TEXT));
	if (u->status == 401)
		conn_fail(why, CONN_NOT_SIP,
			"the web server in front of SIP wants a password: \"%s\" "
			"(ws-handshake-401: another layer than SIP's digest)",
			buf_string(&text));
	else if (u->request || u->status != 101)
		conn_fail(why, CONN_NOT_SIP, "no WebSocket here: \"%s\"", buf_string(&text));
	else if (!slice_eq(u->key, slice_of(accept)))
		conn_fail(why, CONN_NOT_SIP,
			"the WebSocket handshake is answered with a wrong Sec-WebSocket-Accept");
	else if (!u->sip)
		conn_fail(why, CONN_NOT_SIP,
			"the WebSocket server does not speak the subprotocol sip");
	buf_free(&text);
	return why->trouble == CONN_FINE;
}

static ssize_t wait_for_answer(
	struct conn *c, struct websocket_upgrade *u, int64_t until, struct conn_failure *why)
{
	ssize_t n;

	while ((n = websocket_upgrade(stream_rest(c), u)) == 0) {
		if (c->ended) {
			*why = c->failure;
			return 0;
		}
		if (!conn_wait(c, POLLIN, until, why)) {
			if (why->trouble == CONN_TIMEOUT)
				conn_fail(why, CONN_TIMEOUT,
					"the WebSocket handshake was not answered");
			return 0;
		}
		stream_read(c);
	}
	if (n < 0)
		conn_fail(why, CONN_NOT_SIP, "the WebSocket handshake is not answered with HTTP");
	return n < 0 ? 0 : n;
}

bool ws_open(struct conn *c, const struct conn_options *o, int64_t until, struct conn_failure *why)
{
	char key[KEY_TEXT], accept[ACCEPT_TEXT];
	struct websocket_upgrade u;
	ssize_t n;

	make_key(key);
	if (!make_accept(key, accept)) {
		conn_fail(why, CONN_LOCAL, "SHA-1, which WebSocket needs, is not available");
		return false;
	}
	if (!ask(c, o, key, until, why))
		return false;
	n = wait_for_answer(c, &u, until, why);
	if (!n || !judge(slice_head(stream_rest(c), (size_t)n), &u, accept, why))
		return false;
	stream_take(c, (size_t)n);
	return true;
}

/* ---- messages ---- */

static bool send_frame(struct conn *c, enum websocket_opcode opcode, struct slice payload,
	int64_t until, struct conn_failure *why)
{
	struct buf b = {0};
	uint8_t mask[4];
	bool done;

	for (size_t i = 0; i < sizeof(mask); i++)
		mask[i] = (uint8_t)wait_random(256);
	websocket_add_frame(&b, opcode, payload, mask);
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

/* True: it is a message for the one above. */
static bool take(struct conn *c, const struct websocket_message *m, struct conn_event *e)
{
	struct conn_failure ignored;

	if (m->too_long)
		end(c, CONN_NOT_SIP, "a WebSocket message too large for SIP");
	if (m->too_long || !m->payload.p)
		return false;
	switch (m->opcode) {
	case WEBSOCKET_PING:
		send_frame(c, WEBSOCKET_PONG, m->payload, wait_now() + WAIT_SECOND, &ignored);
		return false;
	case WEBSOCKET_PONG:
		return false;
	case WEBSOCKET_CLOSE:
		end(c, CONN_CLOSED, "the peer closed the WebSocket");
		return false;
	}
	e->bytes = m->payload;
	e->from = c->peer;
	e->kind = sip_looks_like(e->bytes) ? CONN_MESSAGE : CONN_JUNK;
	return true;
}

void ws_next(struct conn *c, struct conn_event *e)
{
	struct websocket_message m;
	ssize_t n;

	stream_read(c);
	while (stream_rest(c).n && (n = websocket_next(&c->websocket, stream_rest(c), &m)) != 0) {
		if (n < 0) {
			end(c, CONN_NOT_SIP, "what the peer sends is no WebSocket");
			stream_take(c, stream_rest(c).n);
			break;
		}
		/* the bytes of the payload stay where they are until the next read */
		stream_take(c, (size_t)n);
		if (take(c, &m, e))
			return;
	}
	if (c->ended && c->failure.trouble != CONN_FINE) {
		e->kind = CONN_ENDED;
		e->failure = c->failure;
		c->failure.trouble = CONN_FINE;
	}
}

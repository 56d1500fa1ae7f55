#include "sip/websocket.h"

#include <string.h>

ssize_t websocket_head(struct slice in, struct websocket_frame *f)
{
	const uint8_t *p = (const uint8_t *)in.p;
	size_t extended;

	if (in.n < 2)
		return 0;
	*f = (struct websocket_frame){.fin = p[0] & 0x80, .masked = p[1] & 0x80,
		.opcode = p[0] & 15, .length = p[1] & 0x7f};
	/* RSV bits belong to extensions, and SIP negotiates none; opcodes in between are reserved */
	if (p[0] & 0x70 || (f->opcode > WEBSOCKET_BINARY && f->opcode < WEBSOCKET_CLOSE) ||
		f->opcode > WEBSOCKET_PONG)
		return -1;
	/* RFC 6455 5.5 */
	if (f->opcode >= WEBSOCKET_CLOSE && (!f->fin || f->length > WEBSOCKET_CONTROL))
		return -1;
	extended = f->length == 126 ? 2 : f->length == 127 ? 8 : 0;
	f->head = 2 + extended + (f->masked ? 4 : 0);
	if (in.n < f->head)
		return 0;
	if (extended)
		f->length = 0;
	for (size_t i = 0; i < extended; i++)
		f->length = f->length << 8 | p[2 + i];
	/* RFC 6455 5.2: the most significant bit must be 0 */
	if (f->length >> 63)
		return -1;
	if (f->masked)
		memcpy(f->mask, p + 2 + extended, 4);
	return (ssize_t)f->head;
}

void websocket_mask(char *bytes, size_t n, const uint8_t mask[4], size_t offset)
{
	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)((uint8_t)bytes[i] ^ mask[(offset + i) & 3]);
}

static void add_unmasked(struct buf *b, const struct websocket_frame *f, struct slice payload)
{
	size_t at = b->n;

	buf_add_slice(b, payload);
	if (f->masked && payload.n)
		websocket_mask(b->p + at, payload.n, f->mask, 0);
}

/* Never absent, even of a frame without payload. */
static struct slice whole(const struct buf *b)
{
	return b->p ? buf_slice(b) : SLICE("");
}

/* A frame above all limits is passed over as its bytes come. */
static ssize_t skip(struct websocket *w, struct slice in)
{
	size_t n = in.n < w->skip ? in.n : (size_t)w->skip;

	w->skip -= n;
	return (ssize_t)n;
}

static bool begins_right(const struct websocket *w, const struct websocket_frame *f)
{
	bool under_way = w->opcode && !w->given;

	return (f->opcode == WEBSOCKET_CONTINUATION) == under_way;
}

static ssize_t data_frame(struct websocket *w, const struct websocket_frame *f, struct slice payload,
	struct websocket_message *m)
{
	/* after a gap a message may go on whose beginning is not here: it is left out */
	if (!begins_right(w, f)) {
		buf_clear(&w->message);
		w->opcode = 0;
		w->given = false;
		if (f->opcode == WEBSOCKET_CONTINUATION)
			return (ssize_t)(f->head + f->length);
	}
	if (w->given)
		buf_clear(&w->message);
	w->given = false;
	if (f->opcode)
		w->opcode = f->opcode;
	add_unmasked(&w->message, f, payload);
	if (f->fin) {
		*m = (struct websocket_message){.opcode = w->opcode, .payload = whole(&w->message)};
		w->given = true;
	}
	return (ssize_t)(f->head + f->length);
}

ssize_t websocket_next(struct websocket *w, struct slice in, struct websocket_message *m)
{
	struct websocket_frame f;
	ssize_t head;
	struct slice payload;

	*m = (struct websocket_message){.payload = SLICE_ABSENT};
	if (w->skip)
		return skip(w, in);
	head = websocket_head(in, &f);
	if (head <= 0)
		return head;
	if (f.length > WEBSOCKET_MAX ||
		(f.opcode == WEBSOCKET_CONTINUATION && w->message.n + f.length > WEBSOCKET_MAX)) {
		m->too_long = true;
		buf_clear(&w->message);
		w->opcode = 0;
		w->given = false;
		w->skip = f.length;
		return head;
	}
	if (in.n - f.head < f.length)
		return 0;
	payload = slice_head(slice_from(in, f.head), (size_t)f.length);
	if (f.opcode < WEBSOCKET_CLOSE)
		return data_frame(w, &f, payload, m);
	buf_clear(&w->control);
	add_unmasked(&w->control, &f, payload);
	*m = (struct websocket_message){.opcode = f.opcode, .payload = whole(&w->control)};
	return (ssize_t)(f.head + f.length);
}

void websocket_free(struct websocket *w)
{
	buf_free(&w->message);
	buf_free(&w->control);
	*w = (struct websocket){0};
}

void websocket_add_frame(struct buf *out, enum websocket_opcode opcode, struct slice payload,
	const uint8_t *mask)
{
	size_t extended = payload.n < 126 ? 0 : payload.n <= 0xffff ? 2 : 8, at;

	buf_addc(out, (char)(0x80 | opcode));
	buf_addc(out, (char)((mask ? 0x80 : 0) | (extended == 8 ? 127 : extended ? 126 : (int)payload.n)));
	for (size_t i = extended; i-- > 0;)
		buf_addc(out, (char)((uint64_t)payload.n >> 8 * i));
	if (mask)
		buf_add(out, mask, 4);
	at = out->n;
	buf_add_slice(out, payload);
	if (mask)
		websocket_mask(out->p + at, payload.n, mask, 0);
}

/* Is `word` one of the values of the comma-separated list? */
static bool list_has(struct slice list, struct slice word)
{
	while (list.n) {
		size_t comma = slice_find(list, ',');

		if (slice_eq_nocase(slice_trim(slice_head(list, comma)), word))
			return true;
		list = slice_from(list, comma + 1 < list.n ? comma + 1 : list.n);
	}
	return false;
}

static void take_field(struct websocket_upgrade *u, struct slice line)
{
	size_t colon = slice_find(line, ':');
	struct slice name = slice_trim(slice_head(line, colon)), value;

	if (colon == line.n)
		return;
	value = slice_trim(slice_from(line, colon + 1));
	if (slice_eq_nocase(name, SLICE("Upgrade")))
		u->upgrade |= list_has(value, SLICE("websocket"));
	else if (slice_eq_nocase(name, SLICE("Sec-WebSocket-Protocol")))
		u->sip |= list_has(value, SLICE("sip"));
	else if (slice_eq_nocase(name, SLICE("Host")))
		u->host = value;
	else if (slice_eq_nocase(name, SLICE("Sec-WebSocket-Key")) ||
		slice_eq_nocase(name, SLICE("Sec-WebSocket-Accept")))
		u->key = value;
}

/* "GET /ws HTTP/1.1" or "HTTP/1.1 101 Switching Protocols" */
static bool first_line(struct websocket_upgrade *u, struct slice line)
{
	uint64_t status;

	line = slice_trim(line);
	if (slice_starts_nocase(line, SLICE("HTTP/1."))) {
		if (line.n < 12 || !slice_to_u64(slice_head(slice_from(line, 9), 3), 999, &status))
			return false;
		u->status = (unsigned)status;
		return true;
	}
	if (!slice_starts_nocase(line, SLICE("GET ")))
		return false;
	line = slice_from(line, 4);
	u->request = true;
	u->target = slice_head(line, slice_find(line, ' '));
	return slice_starts_nocase(slice_from(line, u->target.n), SLICE(" HTTP/1."));
}

/* As far as it is here, does it begin like one? */
static bool may_begin(struct slice in)
{
	static const struct slice begins[] = {{"GET ", 4}, {"HTTP/1.", 7}};

	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++)
		if (slice_starts_nocase(in, begins[i]) || slice_starts_nocase(begins[i], in))
			return true;
	return false;
}

ssize_t websocket_upgrade(struct slice in, struct websocket_upgrade *u)
{
	size_t at = 0;

	*u = (struct websocket_upgrade){0};
	if (!may_begin(in))
		return -1;
	while (at < in.n) {
		struct slice line = slice_from(in, at);
		size_t end = slice_find(line, '\n');

		if (end == line.n)
			break;
		line = slice_head(line, end);
		if (!at && !first_line(u, line))
			return -1;
		at += end + 1;
		if (!slice_trim(line).n)
			return (ssize_t)at;
		take_field(u, line);
		if (at > WEBSOCKET_HTTP_MAX)
			return -1;
	}
	return in.n > WEBSOCKET_HTTP_MAX ? -1 : 0;
}

void websocket_add_request(struct buf *out, const char *host, const char *target, const char *key)
{
	buf_printf(out, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: %s\r\nSec-WebSocket-Protocol: sip\r\nSec-WebSocket-Version: 13\r\n\r\n",
		target, host, key);
}

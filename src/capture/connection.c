#include "capture/connection.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "capture/hep.h"
#include "capture/tls.h"

enum {
	DECIDED = 6,          /* bytes that tell what a connection says */
	WEBSOCKET_LOOK = 256, /* bytes of a frame that are looked at for a message */
};

void connection_init(struct connection *c, const struct address *a, const struct address *b)
{
	*c = (struct connection){.end = {*a, *b}};
	for (int i = 0; i < 2; i++)
		c->side[i].cutter = (struct cutter){.src = &c->end[i], .dst = &c->end[!i], .sip = &c->sip,
			.peer_seen = &c->heard[!i], .transport = TRANSPORT_TCP};
}

void connection_start(struct connection *c, int side, bool lost)
{
	cutter_start(&c->side[side].cutter, lost);
	c->side[side].lost = lost;
}

static void side_clear(struct side *s, struct output *o)
{
	o->memory -= s->bytes.size + s->websocket.message.size;
	buf_free(&s->bytes);
	websocket_free(&s->websocket);
}

void connection_end(struct connection *c, int side, struct output *o)
{
	cutter_end(&c->side[side].cutter, o);
	side_clear(&c->side[side], o);
	if (c->inside)
		connection_end(c->inside, side, o);
}

void connection_reset(struct connection *c, struct output *o)
{
	if (c->tls)
		tls_end(c->tls, o);
	tls_free(c->tls);
	free(c->inside);
	c->tls = NULL;
	c->inside = NULL;
	c->sip = false;
	c->kind = CONNECTION_UNDECIDED;
	for (int i = 0; i < 2; i++)
		c->side[i].upgraded = c->side[i].lost = false;
}

void connection_free(struct connection *c, struct output *o)
{
	for (int i = 0; i < 2; i++)
		connection_end(c, i, o);
	connection_reset(c, o);
}

/* ---- WebSocket ---- */

static void give_message(struct connection *c, int side, struct output *o, struct slice bytes,
	const struct mark *first, const struct mark *last)
{
	struct datagram d = {
		.bytes = bytes,
		.src = c->end[side],
		.dst = c->end[!side],
		.transport = c->secure ? TRANSPORT_WSS : TRANSPORT_WS,
		.time = last->time,
		.frame = first->frame,
		.file = first->file,
		.peer_seen = *c->side[side].cutter.peer_seen,
	};

	/* one message each, and keep-alives of line breaks (RFC 7118 5.1, 6) */
	if (!sip_looks_like(bytes))
		return;
	c->sip = true;
	o->stats->datagrams++;
	if (o->sink->datagram)
		o->sink->datagram(o->sink->arg, &d);
}

/* Does a frame with the beginning of a message begin here? */
static bool message_frame(struct slice in)
{
	struct websocket_frame f;
	char look[WEBSOCKET_LOOK];
	struct slice payload;

	if (websocket_head(in, &f) <= 0 || (f.opcode != WEBSOCKET_TEXT && f.opcode != WEBSOCKET_BINARY))
		return false;
	payload = slice_head(slice_from(in, f.head), f.length < sizeof(look) ? (size_t)f.length : sizeof(look));
	memcpy(look, payload.p, payload.n);
	if (f.masked)
		websocket_mask(look, payload.n, f.mask, 0);
	payload.p = look;
	return payload.n && sip_starts_here(payload);
}

static bool take_upgrade(struct connection *c, struct side *s, struct output *o, ssize_t *taken)
{
	struct websocket_upgrade u;

	*taken = websocket_upgrade(buf_slice(&s->bytes), &u);
	if (*taken <= 0)
		return *taken == 0;
	if (u.request)
		return s->upgraded = u.upgrade;
	if (u.status == 401 || u.status == 407)
		o->stats->upgrades_refused++;
	if (u.status != 101)
		return false;
	s->upgraded = true;
	c->kind = CONNECTION_WEBSOCKET;
	return true;
}

/* The next frame of what is buffered: its bytes; 0: more are needed, or there is nothing to be done. */
static ssize_t take_frame(struct connection *c, int side, struct output *o, const struct mark *mark)
{
	struct side *s = &c->side[side];
	struct websocket_message m;
	size_t before = s->websocket.message.size;
	ssize_t n = websocket_next(&s->websocket, buf_slice(&s->bytes), &m);

	o->memory += s->websocket.message.size - before;
	if (n < 0) {
		/* nothing here is in its place any more: the next segment may begin with a frame */
		s->lost = true;
		return (ssize_t)s->bytes.n;
	}
	if (m.payload.p && m.opcode < WEBSOCKET_CLOSE)
		give_message(c, side, o, m.payload, &s->first, mark);
	return n;
}

static bool take_websocket(struct connection *c, int side, struct output *o, struct slice in,
	const struct mark *mark)
{
	struct side *s = &c->side[side];
	size_t before = s->bytes.size;
	ssize_t n = 0;
	bool good = true;

	if (s->lost && s->upgraded) {
		if (!message_frame(in))
			return true;
		s->lost = false;
		buf_clear(&s->bytes);
	}
	if (!s->bytes.n)
		s->first = *mark;
	buf_add_slice(&s->bytes, in);
	o->memory += s->bytes.size - before;
	while (good && s->bytes.n) {
		if (s->upgraded)
			n = take_frame(c, side, o, mark);
		else
			good = take_upgrade(c, s, o, &n);
		if (!good || !n)
			break;
		s->bytes.n -= (size_t)n;
		memmove(s->bytes.p, s->bytes.p + n, s->bytes.n);
		s->first = *mark;
	}
	return good;
}

/* ---- TLS ---- */

/* What was inside TLS; it is told apart like the outside. */
static bool take_plain(void *arg, int side, struct output *o, struct slice in, const struct mark *mark)
{
	struct connection *c = arg;

	if (!c->inside) {
		c->inside = xmalloc(sizeof(*c->inside));
		connection_init(c->inside, &c->end[0], &c->end[1]);
		c->inside->secure = true;
		for (int i = 0; i < 2; i++) {
			c->inside->side[i].cutter.peer_seen = &c->heard[!i];
			c->inside->side[i].cutter.transport = TRANSPORT_TLS;
			cutter_start(&c->inside->side[i].cutter, false);
		}
	}
	if (!connection_take(c->inside, side, o, in, mark))
		return false;
	c->sip |= c->inside->sip;
	return true;
}

static void skip_plain(void *arg, int side, struct output *o)
{
	struct connection *c = arg;

	if (c->inside)
		connection_skip(c->inside, side, o, 0);
}

static bool take_tls(struct connection *c, int side, struct output *o, struct slice in,
	const struct mark *mark)
{
	static const struct tls_reader reader = {take_plain, skip_plain};

	if (!c->tls)
		c->tls = tls_new(&c->end[0], &c->end[1]);
	return tls_take(c->tls, side, o, in, mark, &reader, c);
}

/* ---- HEP ---- */

static bool take_hep(struct connection *c, int side, struct output *o, struct slice in,
	const struct mark *mark)
{
	struct side *s = &c->side[side];
	struct packet p = {.time = mark->time, .frame = mark->frame, .file = mark->file};
	size_t before = s->bytes.size, at = 0;
	ssize_t n = 0;

	if (s->lost && hep_length(in) <= 0)
		return true;
	s->lost = false;
	buf_add_slice(&s->bytes, in);
	while (at < s->bytes.n) {
		struct slice rest = slice_from(buf_slice(&s->bytes), at);

		n = hep_length(rest);
		if (n <= 0 || (size_t)n > rest.n)
			break;
		hep_decode(o->sink, o->stats, &p, (struct span){(const uint8_t *)rest.p, (uint32_t)n, (uint32_t)n});
		c->sip = true;
		at += (size_t)n;
	}
	/* out of step: the next segment may begin with a packet */
	s->lost = n < 0;
	s->bytes.n = n < 0 ? 0 : s->bytes.n - at;
	if (s->bytes.n && at)
		memmove(s->bytes.p, s->bytes.p + at, s->bytes.n);
	o->memory += s->bytes.size - before;
	return true;
}

/* ---- the beginning ---- */

static enum connection_kind kind_of(const struct connection *c, struct slice in)
{
	if (!c->secure && tls_begins(in))
		return CONNECTION_TLS;
	if (slice_starts_nocase(in, SLICE("GET ")))
		return CONNECTION_UPGRADE;
	return hep_length(in) > 0 ? CONNECTION_HEP : CONNECTION_SIP;
}

/* So few bytes that they may become anything? */
static bool is_open(const struct connection *c, struct slice in)
{
	if (in.n >= DECIDED)
		return false;
	return (!c->secure && in.n && in.p[0] == 0x16) || slice_starts_nocase(SLICE("GET "), in) ||
		hep_length(in) == 0;
}

/* The bytes that came before the kind was known; they are few. */
static bool decide(struct connection *c, int side, struct output *o, struct slice in,
	const struct mark *mark)
{
	struct side *s = &c->side[side];
	size_t before = s->bytes.size;
	struct buf early = {0};
	bool good;

	if (!s->bytes.n)
		s->first = *mark;
	buf_add_slice(&s->bytes, in);
	o->memory += s->bytes.size - before;
	if (is_open(c, buf_slice(&s->bytes)))
		return true;
	c->kind = kind_of(c, buf_slice(&s->bytes));
	buf_add_slice(&early, buf_slice(&s->bytes));
	buf_clear(&s->bytes);
	good = connection_take(c, side, o, buf_slice(&early), early.n == in.n ? mark : &s->first);
	buf_free(&early);
	return good;
}

bool connection_take(struct connection *c, int side, struct output *o, struct slice in,
	const struct mark *mark)
{
	switch (c->kind) {
	case CONNECTION_UNDECIDED:
		/* the usual way, without a copy */
		if (!c->side[side].bytes.n && !is_open(c, in)) {
			c->kind = kind_of(c, in);
			return connection_take(c, side, o, in, mark);
		}
		return decide(c, side, o, in, mark);
	case CONNECTION_SIP:
		return cutter_take(&c->side[side].cutter, o, in, mark);
	case CONNECTION_UPGRADE:
	case CONNECTION_WEBSOCKET:
		return take_websocket(c, side, o, in, mark);
	case CONNECTION_HEP:
		return take_hep(c, side, o, in, mark);
	case CONNECTION_TLS:
		break;
	}
	return take_tls(c, side, o, in, mark);
}

void connection_skip(struct connection *c, int side, struct output *o, size_t count)
{
	struct side *s = &c->side[side];

	switch (c->kind) {
	case CONNECTION_UNDECIDED:
	case CONNECTION_SIP:
		cutter_skip(&s->cutter, o, count);
		break;
	case CONNECTION_UPGRADE:
	case CONNECTION_WEBSOCKET:
		s->lost = s->upgraded = true;
		buf_clear(&s->bytes);
		buf_clear(&s->websocket.message);
		s->websocket.opcode = 0;
		s->websocket.given = false;
		s->websocket.skip = 0;
		break;
	case CONNECTION_HEP:
		s->lost = true;
		buf_clear(&s->bytes);
		break;
	case CONNECTION_TLS:
		if (c->tls)
			tls_skip(c->tls, side);
		if (c->inside)
			connection_skip(c->inside, side, o, count);
		break;
	}
}

enum connection_kind connection_join(struct slice in, size_t *skip)
{
	struct websocket_upgrade u;

	*skip = 0;
	if (tls_begins(in))
		return CONNECTION_TLS;
	if (slice_starts_nocase(in, SLICE("GET ")) && websocket_upgrade(in, &u) > 0 && u.upgrade)
		return CONNECTION_UPGRADE;
	if (message_frame(in))
		return CONNECTION_WEBSOCKET;
	if (hep_length(in) > 0)
		return CONNECTION_HEP;
	return sip_starts_here(in) || frame_resync(in, false, skip) ? CONNECTION_SIP : CONNECTION_UNDECIDED;
}

#include "capture/textlog.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "capture/pdu.h"
#include "capture/textline.h"
#include "capture/textread.h"
#include "sip/frame.h"

enum {
	CONTEXT_LINES = 8,    /* what a line said holds so long */
	PREFIX_MAX = 256,     /* before each line of a message */
};

static const int64_t step = 1000000; /* between messages of which no time is known */

struct textlog {
	struct text_lines lines;
	bool started;
	struct text_clock clock;
	struct text_facts facts;
	unsigned since;        /* lines since the facts */
	struct buf message;
	struct buf prefix;
	struct buf packet;
	struct packet out;
};

/* What a message says of its own length, while it is collected. */
struct collecting {
	size_t column;     /* where its start line began */
	bool prefixed;     /* each line has something before it */
	bool dots;         /* ngrep writes a dot for each CR */
	bool in_body, has_via;
	uint64_t length;
	size_t header;     /* bytes */
	unsigned lines;
	struct address via;
	bool request;
};

struct textlog *textlog_new(struct input *in, uint16_t file)
{
	struct textlog *t = xcalloc(1, sizeof(*t));

	t->lines.in = in;
	t->clock.last = -1;
	t->out = (struct packet){.linktype = LINKTYPE_PDU, .file = file};
	return t;
}

void textlog_free(struct textlog *t)
{
	if (!t)
		return;
	text_lines_free(&t->lines);
	buf_free(&t->message);
	buf_free(&t->prefix);
	buf_free(&t->packet);
	free(t);
}

bool textlog_found(const struct textlog *t)
{
	return t->out.frame;
}

/* Log daemons write a line break as #015#012, programs as \r\n: in both cases the message is in one line. */
static const struct slice escapes[] = {{"#015#012", 8}, {"\\r\\n", 4}, {"#012", 4}};

static size_t escape_at(struct slice line, size_t at)
{
	for (size_t i = 0; i < sizeof(escapes) / sizeof(*escapes); i++)
		if (slice_starts_nocase(slice_from(line, at), escapes[i]))
			return escapes[i].n;
	return 0;
}

/* ---- a message ---- */

/* Is it the beginning of the lines of the message as well, but for digits? */
static bool has_prefix(const struct textlog *t, struct slice line)
{
	size_t n = t->prefix.n;

	/* the blank at its end may be missing where nothing follows */
	if (line.n + 1 == n && t->prefix.p[n - 1] == ' ')
		n--;
	if (!n || line.n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char a = t->prefix.p[i], b = line.p[i];

		if (a != b && !(a >= '0' && a <= '9' && b >= '0' && b <= '9'))
			return false;
	}
	return true;
}

static bool is_blank_line(struct slice line)
{
	return !slice_trim(line).n;
}

static bool is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool is_name(char c)
{
	return is_letter(c) || c == '-' || c == '_' || c == '.' || (c >= '0' && c <= '9');
}

/* A line of header fields: "Name: value", or the continuation of one. "10:22:01" is none. */
static bool is_field(struct slice line)
{
	size_t n = 0;

	if (line.n && (line.p[0] == ' ' || line.p[0] == '\t'))
		return true;
	if (!line.n || !is_letter(line.p[0]))
		return false;
	while (n < line.n && is_name(line.p[n]))
		n++;
	while (n < line.n && line.p[n] == ' ')
		n++;
	return n < line.n && line.p[n] == ':';
}

static struct slice field_value(struct slice line, struct slice name, struct slice compact)
{
	size_t colon = slice_find(line, ':');
	struct slice key = slice_trim(slice_head(line, colon));

	if (colon == line.n || (!slice_eq_nocase(key, name) && !slice_eq_nocase(key, compact)))
		return SLICE_ABSENT;
	return slice_trim(slice_from(line, colon + 1));
}

static void add_line(struct textlog *t, struct slice line)
{
	buf_add_slice(&t->message, line);
	buf_adds(&t->message, "\r\n");
}

/* What stands before the line and is no part of it. */
static struct slice strip(struct textlog *t, struct collecting *c, struct slice line)
{
	if (c->lines == 1)
		c->prefixed = has_prefix(t, line);
	if (c->prefixed)
		line = slice_from(line, t->prefix.n);
	else if (is_blank_line(buf_slice(&t->prefix)))
		for (size_t i = 0; i < c->column && line.n && (line.p[0] == ' ' || line.p[0] == '\t'); i++)
			line = slice_from(line, 1);
	if (c->lines == 1)
		c->dots = line.n && line.p[line.n - 1] == '.' && t->message.n > 3 &&
			t->message.p[t->message.n - 3] == '.';
	if (c->lines == 1 && c->dots) {
		/* the start line has one, too */
		t->message.n -= 3;
		buf_adds(&t->message, "\r\n");
	}
	if (c->dots && line.n && line.p[line.n - 1] == '.')
		line.n--;
	return line;
}

static void take_field(struct collecting *c, struct slice line)
{
	struct slice via = field_value(line, SLICE("Via"), SLICE("v"));
	struct slice length = field_value(line, SLICE("Content-Length"), SLICE("l"));

	if (via.p && !c->has_via) {
		c->has_via = true;
		c->via = text_via(via);
	}
	if (length.p && !slice_to_u64(length, FRAME_MAX, &c->length))
		c->length = 0;
}

/* The next line of the message. False: it is none of it. */
static bool take_line(struct textlog *t, struct collecting *c, struct slice raw)
{
	struct slice line;

	c->lines++;
	if (c->prefixed && !has_prefix(t, raw))
		return false;
	line = strip(t, c, raw);
	if (text_start(line) == 0 && line.n)
		return false;
	if (c->in_body) {
		add_line(t, line);
	} else if (is_blank_line(line)) {
		add_line(t, SLICE(""));
		c->in_body = true;
		c->header = t->message.n;
	} else if (is_field(line)) {
		add_line(t, line);
		take_field(c, line);
	} else {
		return false;
	}
	return true;
}

static bool is_complete(const struct textlog *t, const struct collecting *c)
{
	return t->message.n >= FRAME_MAX || (c->in_body && t->message.n - c->header >= c->length);
}

/* What is left of a message when its lines have ended. */
static void finish(struct textlog *t, struct collecting *c)
{
	if (!c->in_body) {
		add_line(t, SLICE(""));
		c->header = t->message.n;
	}
	if (t->message.n - c->header > c->length)
		t->message.n = c->header + (size_t)c->length;
	/* the last line of a body has no line break of its own, or one of another kind: not worth a complaint */
	if (t->message.n > FRAME_MAX)
		t->message.n = FRAME_MAX;
}

/* All of it in one line, with its line breaks written out. */
static void take_escaped(struct textlog *t, struct collecting *c, struct slice line)
{
	size_t from = 0;

	for (size_t at = 0; at <= line.n; at++) {
		size_t n = at < line.n ? escape_at(line, at) : 1;

		if (!n)
			continue;
		if (from == 0)
			add_line(t, slice_head(line, at));
		else if (!take_line(t, c, slice_head(slice_from(line, from), at - from)))
			return;
		from = at + n;
		at = from - 1;
	}
}

static void collect(struct textlog *t, struct collecting *c, struct slice line)
{
	size_t escape = 0;

	buf_clear(&t->message);
	buf_clear(&t->prefix);
	buf_add_slice(&t->prefix, slice_head(line, c->column < PREFIX_MAX ? c->column : 0));
	line = slice_from(line, c->column);
	c->request = !slice_starts_nocase(line, SLICE("SIP/2.0"));
	while (escape < line.n && !escape_at(line, escape))
		escape++;
	if (escape < line.n) {
		take_escaped(t, c, line);
		finish(t, c);
		return;
	}
	add_line(t, line);
	while (!is_complete(t, c) && text_line(&t->lines, &line)) {
		if (take_line(t, c, line))
			continue;
		t->lines.again = line;
		break;
	}
	finish(t, c);
}

/* ---- whose it is ---- */

/* One end is known and the direction, or only what the Via says of the client. */
static void set_ends(const struct textlog *t, const struct collecting *c, struct address *src, struct address *dst)
{
	const struct text_facts *f = &t->facts;
	struct address other = {.family = 4, .port = 5060};

	if (f->addresses == 2) {
		*src = f->address[0];
		*dst = f->address[1];
		return;
	}
	if (f->addresses == 1 && f->direction != DIRECTION_NONE) {
		other.family = f->address[0].family;
		*src = f->direction == DIRECTION_IN ? f->address[0] : other;
		*dst = f->direction == DIRECTION_IN ? other : f->address[0];
		return;
	}
	/* 0.0.0.1: a client whose Via has a name */
	*src = c->via.family ? c->via : (struct address){.family = 4, .port = 5060, .ip = {0, 0, 0, 1}};
	other.family = src->family;
	*dst = other;
	if (!c->request) {
		*dst = *src;
		*src = other;
	}
}

static void give(struct textlog *t, const struct collecting *c, struct packet *out)
{
	struct address src, dst;

	set_ends(t, c, &src, &dst);
	buf_clear(&t->packet);
	pdu_write(&t->packet, &src, &dst, t->facts.has_transport ? t->facts.transport : TRANSPORT_UDP,
		buf_slice(&t->message));
	t->out.frame++;
	t->out.time = t->facts.has_time ? t->facts.time : t->out.time + step;
	t->out.data = (const uint8_t *)t->packet.p;
	t->out.captured = t->out.length = (uint32_t)t->packet.n;
	*out = t->out;
	t->facts = (struct text_facts){.has_time = false};
	t->since = 0;
}

/* Messages before the first time that is told are to lie before it, and not in another century. */
static void look_ahead(struct textlog *t)
{
	struct text_clock clock = {.last = -1};
	struct text_facts facts = {.has_time = false};
	struct slice rest;

	t->started = true;
	rest = text_ahead(&t->lines);
	while (rest.n && !facts.has_time) {
		size_t n = slice_find(rest, '\n');

		if (!is_field(slice_head(rest, n)))
			text_read(&facts, &clock, slice_head(rest, n));
		rest = slice_from(rest, n + 1);
	}
	if (facts.has_time)
		t->out.time = facts.time - 1000 * step;
}

bool textlog_next(struct textlog *t, struct packet *out)
{
	struct slice line;

	if (!t->started)
		look_ahead(t);

	while (text_line(&t->lines, &line)) {
		struct collecting c = {.column = text_start(line)};

		if (c.column == line.n) {
			if (t->since++ == CONTEXT_LINES) {
				t->facts = (struct text_facts){.has_time = false};
				t->since = 0;
			}
			if (!is_blank_line(line) && !is_field(line))
				text_read(&t->facts, &t->clock, line);
			continue;
		}
		text_read(&t->facts, &t->clock, slice_head(line, c.column));
		collect(t, &c, line);
		if (!c.has_via)
			continue;
		give(t, &c, out);
		return true;
	}
	return false;
}

#include "sip/frame.h"

#include <string.h>

#include "base/find.h"
#include "sip/message.h"

enum {
	METHOD_MAX = 32,
	JUNK_MAX = 4,  /* bytes before a start line that are forgiven */
	CRLF_MAX = 64, /* line breaks before it */
};

enum { TOKEN = 1, BLANK = 2, BREAK = 4 };

/* RFC 3261 25.1: token, and what separates */
static const uint8_t kinds[256] = {
	['A' ... 'Z'] = TOKEN, ['a' ... 'z'] = TOKEN, ['0' ... '9'] = TOKEN, ['-'] = TOKEN, ['.'] = TOKEN,
	['!'] = TOKEN, ['%'] = TOKEN, ['*'] = TOKEN, ['_'] = TOKEN, ['+'] = TOKEN, ['`'] = TOKEN,
	['\''] = TOKEN, ['~'] = TOKEN, [' '] = BLANK, ['\t'] = BLANK, ['\r'] = BREAK, ['\n'] = BREAK,
};

static uint8_t kind_of(char c)
{
	return kinds[(unsigned char)c];
}

static bool token_at(struct slice s, size_t i)
{
	return i < s.n && kind_of(s.p[i]) == TOKEN;
}

static bool is_break(char c)
{
	return c == '\r' || c == '\n';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t breaks_before(struct slice s, size_t max)
{
	size_t i = 0;

	while (i < s.n && i < max && is_break(s.p[i]))
		i++;
	return i;
}

static const struct slice version = {"SIP/2.0", 7};

/* The length of the method if one begins the line and a blank follows, else 0. */
static size_t method_of(struct slice line)
{
	size_t i = 0;

	while (i <= METHOD_MAX && token_at(line, i))
		i++;
	return i && i <= METHOD_MAX && i < line.n && is_blank(line.p[i]) ? i : 0;
}

static bool has_sip_scheme(struct slice s)
{
	static const struct slice schemes[] = {{"sip:", 4}, {"sips:", 5}, {"tel:", 4}, {"urn:", 4}};

	while (s.n && is_blank(s.p[0]))
		s = slice_from(s, 1);
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (slice_starts_nocase(s, schemes[i]))
			return true;
	return false;
}

static struct slice without_trailing_blanks(struct slice s)
{
	while (s.n && (is_blank(s.p[s.n - 1]) || s.p[s.n - 1] == '\r'))
		s.n--;
	return s;
}

/* Does the line end with the name and version of a protocol that borrows SIP's grammar? */
static bool names_other_protocol(struct slice line)
{
	size_t last = line.n;
	struct slice word;

	while (last && !is_blank(line.p[last - 1]))
		last--;
	word = slice_from(line, last);
	return slice_starts_nocase(word, SLICE("HTTP/")) || slice_starts_nocase(word, SLICE("RTSP/"));
}

/* `line` comes after a method: URI and version, without the line break. */
static bool names_sip(struct slice line)
{
	line = without_trailing_blanks(line);
	if (line.n > version.n && is_blank(line.p[line.n - version.n - 1]) &&
		slice_eq_nocase(slice_from(line, line.n - version.n), version))
		return true;
	return has_sip_scheme(line) && slice_has_nocase(line, SLICE(" SIP/2.0")) &&
		!names_other_protocol(line);
}

enum start {
	START_NOT,
	START_UNKNOWN, /* too short to tell, or cut */
	START_SIP,
};

static enum start status_line(struct slice s)
{
	if (s.n <= version.n + 1)
		return slice_starts_nocase(SLICE("SIP/2.0 "), s) ? START_UNKNOWN : START_NOT;
	return slice_starts_nocase(s, version) && is_blank(s.p[7]) && is_digit(s.p[8]) ?
		START_SIP : START_NOT;
}

/* *rest: what is there of the line behind the method. */
static enum start request_line(struct slice s, struct slice *rest)
{
	struct slice line = slice_head(s, FRAME_LINE);
	size_t method = method_of(s), end;

	if (!method) {
		while (token_at(s, method))
			method++;
		return method == s.n && method <= METHOD_MAX ? START_UNKNOWN : START_NOT;
	}
	end = find_byte(line, method, '\n');
	*rest = slice_from(slice_head(line, end), method);
	if (end == line.n)
		return end < FRAME_LINE ? START_UNKNOWN : START_NOT;
	return names_sip(*rest) ? START_SIP : START_NOT;
}

static enum start start_of(struct slice s, struct slice *rest)
{
	enum start start;

	*rest = SLICE_ABSENT;
	if (!token_at(s, 0))
		return START_NOT;
	start = (s.p[0] | 0x20) == 's' ? status_line(s) : START_NOT;
	return start == START_NOT ? request_line(s, rest) : start;
}

/* The two beginnings that nearly every message has, told without a look at each character. */
static bool starts_as_usual(struct slice s)
{
	struct slice line = slice_head(s, FRAME_LINE);
	size_t space, end;

	if (s.n < FIND_BLOCK)
		return false;
	if (bytes_equal(s.p, "SIP/2.0 ", 8))
		return is_digit(s.p[8]);
	space = find_in_first(s.p, ' ');
	if (method_find(slice_head(s, space)) == METHOD_OTHER)
		return false;
	end = find_byte(line, space, '\n');
	return end < line.n && end > 9 && bytes_equal(s.p + end - 9, " SIP/2.0\r", 9);
}

/*
 * For a datagram: nothing will follow, so a first line without its end is judged as it is. After
 * junk the name of the protocol is not enough for a request.
 */
static bool starts_message(struct slice s, bool after_junk)
{
	struct slice rest;
	enum start start;

	s = slice_from(s, breaks_before(s, CRLF_MAX));
	start = start_of(s, &rest);
	if (start == START_SIP && !after_junk)
		return true;
	if (!rest.p)
		return start == START_SIP;
	return start != START_NOT && (has_sip_scheme(rest) || (!after_junk && names_sip(rest)));
}

bool sip_starts_here(struct slice s)
{
	return starts_as_usual(s) || starts_message(s, false);
}

/*
 * The first place from `i` on where a message may start, or `end`. Looks at two bytes at most: this runs for every
 * RTP packet.
 */
static inline size_t next_start(struct slice s, size_t i, size_t end)
{
	for (; i < end; i++) {
		uint8_t kind = kind_of(s.p[i]);

		if (kind == BREAK || (kind == TOKEN && (i + 1 == s.n || kind_of(s.p[i + 1]) & (TOKEN | BLANK))))
			break;
	}
	return i;
}

bool sip_looks_like(struct slice s)
{
	size_t end = s.n > JUNK_MAX ? JUNK_MAX + 1 : s.n, junk = next_start(s, 0, end);

	if (!junk && starts_as_usual(s))
		return true;
	for (; junk < end; junk = next_start(s, junk + 1, end))
		if (starts_message(slice_from(s, junk), junk))
			return true;
	return false;
}

/* The bytes up to and with the empty line, or 0. Those before `from` are known to hold none. */
static size_t header_end(struct slice in, size_t from)
{
	uint64_t before = 0; /* behind breaks of the last block */

	for (size_t at = from > 3 ? from - 3 : 0; at < in.n; at += FIND_MAP) {
		uint64_t map = find_map(in, at, '\n');

		/* breaks behind another one, at once or with one byte between them */
		for (uint64_t ends = map & (map << 1 | map << 2 | before); ends; ends &= ends - 1) {
			size_t end = at + (unsigned)__builtin_ctzll(ends);

			if (is_break(in.p[end - 1]))
				return end + 1;
		}
		before = map >> 63 | map >> 62;
	}
	return 0;
}

/* The value if the line is this header field, else absent. */
static inline struct slice field_value(struct slice line, struct slice name)
{
	size_t i = name.n;

	if (!slice_starts_nocase(line, name))
		return SLICE_ABSENT;
	while (i < line.n && is_blank(line.p[i]))
		i++;
	return i < line.n && line.p[i] == ':' ? slice_from(line, i + 1) : SLICE_ABSENT;
}

/* The value of the header field that begins at `at`, if it is the one that is looked for, else absent. */
static struct slice length_at(struct slice head, size_t at)
{
	struct slice rest = slice_from(head, at), value = field_value(rest, SLICE("Content-Length")), next;

	if (!value.p)
		value = field_value(rest, SLICE("l"));
	if (!value.p)
		return SLICE_ABSENT;
	next = slice_from(value, slice_find(value, '\n') + 1);
	value.n -= next.n;
	/* folded: the value may be on the next line */
	if (!slice_trim(value).n && next.n && is_blank(next.p[0]))
		value = slice_head(next, slice_find(next, '\n'));
	return slice_trim(value);
}

/* 0 as well if there is none, or none that is a number. */
static uint64_t content_length(struct slice head)
{
	uint64_t length;

	for (size_t from = 0; from < head.n; from += FIND_MAP) {
		for (uint64_t map = find_map(head, from, '\n'); map; map &= map - 1) {
			size_t at = from + (unsigned)__builtin_ctzll(map) + 1;
			char letter = at < head.n ? head.p[at] | 0x20 : '\0';

			if ((letter == 'c' || letter == 'l') &&
				slice_to_u64(length_at(head, at), UINT32_MAX, &length))
				return length;
		}
	}
	return 0;
}

static ssize_t done(struct frame *f, struct slice message, struct slice *out, size_t consumed)
{
	*f = (struct frame){0};
	*out = message;
	return (ssize_t)consumed;
}

/* Finds the end of the header. 0: not yet, else what frame_next() returns. */
static ssize_t take_header(struct frame *f, struct slice in, struct slice *message, uint64_t *cut)
{
	f->head = header_end(slice_head(in, FRAME_MAX), f->scanned);
	if (!f->head && in.n >= FRAME_MAX) {
		*cut = 1;
		return done(f, slice_head(in, FRAME_MAX), message, FRAME_MAX);
	}
	f->scanned = in.n;
	if (!f->head)
		return 0;
	f->total = f->head + content_length(slice_head(in, f->head));
	if (f->total <= FRAME_MAX)
		return 0;
	/* such a length is more often wrong than true: the body is not waited for */
	*cut = f->total - f->head;
	return done(f, slice_head(in, f->head), message, f->head);
}

ssize_t frame_next(struct frame *f, struct slice in, struct slice *message, uint64_t *cut)
{
	*message = SLICE_ABSENT;
	*cut = 0;
	if (!f->scanned) {
		size_t breaks = breaks_before(in, in.n);
		struct slice rest;
		enum start start;

		if (breaks)
			return done(f, SLICE_ABSENT, message, breaks);
		start = in.n ? start_of(in, &rest) : START_UNKNOWN;
		if (start != START_SIP)
			return start == START_UNKNOWN ? 0 : -1;
	}
	if (!f->head) {
		ssize_t consumed = take_header(f, in, message, cut);

		if (consumed)
			return consumed;
	}
	if (!f->head || in.n < f->total)
		return 0;
	return done(f, slice_head(in, f->total), message, f->total);
}

/* Is the line after the start line a header field, as far as it can be seen? */
static bool header_follows(struct slice s)
{
	size_t i = 0;

	s = slice_from(s, slice_find(s, '\n') + 1);
	while (token_at(s, i))
		i++;
	while (i && i < s.n && is_blank(s.p[i]))
		i++;
	return i == s.n || s.p[i] == ':';
}

bool frame_resync(struct slice in, bool fresh, size_t *skip)
{
	size_t at = fresh ? 0 : slice_find(in, '\n') + 1;

	while (at < in.n) {
		struct slice here = slice_from(in, at), rest;
		enum start start = start_of(here, &rest);

		if (start == START_UNKNOWN)
			break;
		if (start == START_SIP && header_follows(here)) {
			*skip = at;
			return true;
		}
		at += slice_find(here, '\n') + 1;
	}
	/* keep the line break with what follows it; without one there is nothing to keep */
	*skip = at > in.n ? in.n : at ? at - 1 : 0;
	return false;
}

uint64_t frame_missing(const struct frame *f, struct slice in)
{
	if (!f->scanned)
		return 0;
	return f->total > in.n ? f->total - in.n : 1;
}

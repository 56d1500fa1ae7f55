#include "sip/message.h"

#include <string.h>

#include "base/find.h"
#include "sip/known_field.h"
#include "sip/start_line.h"
#include "sip/uri.h"

/* For what is rarely needed, not to be in the way of the rest. */
#define not_inline __attribute__((noinline))

_Static_assert(sizeof(((struct message *)0)->slices) ==
		offsetof(struct message, server) - offsetof(struct message, bytes) +
			sizeof(struct slice),
	"message.slices must cover every slice");

/* The number of digits that `s` begins with, and what they say; any number above UINT32_MAX is as good as another. */
static inline size_t read_digits(struct slice s, uint64_t *number)
{
	size_t n = 0;
	unsigned digit;

	*number = 0;
	for (; n < s.n && (digit = (unsigned char)s.p[n] - (unsigned)'0') <= 9; n++)
		if (*number <= UINT32_MAX)
			*number = *number * 10 + digit;
	return n;
}

static inline bool is_number(struct slice s, uint64_t max, uint64_t *number)
{
	return s.n && read_digits(s, number) == s.n && *number <= max;
}

/* Of the value that was kept, the method remains. */
static inline void read_cseq(struct message *m)
{
	struct slice value = m->cseq_method;
	uint64_t number;
	size_t digits = read_digits(value, &number), method = digits;

	while (method < value.n && slice_is_space(value.p[method]))
		method++;
	m->cseq_method = slice_from(value, method);
	m->cseq_valid = digits && number <= UINT32_MAX;
	if (m->cseq_valid)
		m->cseq = (uint32_t)number;
	else
		m->defects |= MESSAGE_BAD_CSEQ;
}

/* The values that commas separate. */
static unsigned count_list(struct slice value)
{
	unsigned count = 1;
	bool quoted = false;

	if (find_byte(value, 0, ',') == value.n)
		return 1;
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '"')
			quoted = !quoted;
		else if (value.p[i] == ',' && !quoted)
			count++;
	}
	return count;
}

/* Of the value that was kept, the first via remains. */
static inline void read_via(struct message *m)
{
	if (find_any(m->via, 0, ',', '"', '<') == m->via.n) {
		m->branch = via_branch(m->via);
		m->via_count++;
	} else {
		m->via_count += count_list(m->via);
		m->via = slice_trim(slice_head(m->via, find_byte(m->via, 0, ',')));
		m->branch = header_param(m->via, SLICE("branch"));
	}
}

static void read_length(struct message *m, struct slice value)
{
	uint64_t length;

	if (!is_number(value, INT32_MAX, &length))
		m->defects |= MESSAGE_BAD_CONTENT_LENGTH;
	else if (m->content_length >= 0 && (uint64_t)m->content_length != length)
		m->defects |= MESSAGE_DUPLICATE_FIELD;
	else
		m->content_length = (int32_t)length;
}

static void read_expires(struct message *m, struct slice value)
{
	uint64_t seconds;

	if (m->expires < 0 && is_number(value, UINT32_MAX, &seconds))
		m->expires = (int64_t)seconds;
}

static void add_auth(struct message *m, enum auth_field_kind kind, struct slice value, unsigned lines)
{
	if (m->auth_count < MESSAGE_AUTH_MAX)
		m->auth[m->auth_count++] = (struct auth_field){kind, (uint16_t)lines, value};
}

/* What is not just kept. */
static void read_value(struct message *m, const struct known_field *known, struct slice value, unsigned lines)
{
	switch (known->kind) {
	case READ_ROUTE:
		m->route_count += count_list(value);
		break;
	case READ_LENGTH:
		read_length(m, value);
		break;
	case READ_EXPIRES:
		read_expires(m, value);
		break;
	case ADD_AUTH:
		add_auth(m, (enum auth_field_kind)known->place, value, lines);
		break;
	}
}

/* A field that is there already has one more value. */
static not_inline void repeat_value(struct message *m, enum field_kind kind, struct slice value)
{
	if (kind == KEEP_ONLY)
		m->defects |= MESSAGE_DUPLICATE_FIELD;
	else if (kind == KEEP_VIA)
		m->via_count += count_list(value);
}

/* `value` is trimmed, with folds inside. */
static inline void take_value(struct message *m, const struct known_field *known, struct slice value, unsigned lines)
{
	struct slice *place = (struct slice *)((char *)m + known->place);

	if (known->kind > KEEP_VIA)
		read_value(m, known, value, lines);
	else if (!place->p)
		*place = value;
	else
		repeat_value(m, (enum field_kind)known->kind, value);
}

/* A header field, however it is written, from `begin` to `end`. */
static not_inline void scan_field(struct message *m, const char *begin, const char *end, unsigned lines)
{
	struct slice line = slice_between(begin, end);
	size_t colon = find_byte(line, 0, ':');
	struct slice name = slice_trim(slice_head(line, colon));
	const struct known_field *known;

	if (colon == line.n || !name.n) {
		m->defects |= MESSAGE_BAD_LINE;
		return;
	}
	known = field_like(name.p + name.n, name.n);
	if (known->length == name.n && bytes_equal_nocase(known->name, name.p, name.n))
		take_value(m, known, slice_trim(slice_from(line, colon + 1)), lines);
}

/*
 * In a usual line. Most have a short name as it is usually written, and one space before the value: one look at the
 * name and its colon tells.
 */
static inline void scan_usual_field(struct message *m, const char *begin, const char *end)
{
	size_t length = find_in_first(begin, ':');
	const char *colon = begin + length, *value = colon + 2;
	const struct known_field *known = field_like(colon, length);

	if (block_same(begin, known->name, known->behind) && memcmp(colon, ": ", 2) == 0 &&
		(unsigned char)*value > ' ' && (unsigned char)end[-1] > ' ')
		take_value(m, known, (struct slice){value, (size_t)(end - value)}, 1);
	else if (known->length == length || length == FIND_BLOCK || colon >= end || slice_is_space(colon[-1]))
		scan_field(m, begin, end, 1);
}

struct line {
	const char *begin, *end; /* without CR LF */
	const char *next;        /* where the next line begins */
	unsigned lines;          /* > 1: folded */
};

/* The line that begins here, before the end of the text. */
static struct line next_line(struct slice text, const char *begin, uint16_t *defects)
{
	const char *end = text.p + find_byte(text, (size_t)(begin - text.p), '\n');
	struct line line = {begin, end, end + (end < text.p + text.n), 1};

	if (end[-1] == '\r')
		line.end--;
	else if (line.next > end)
		*defects |= MESSAGE_LF_ONLY;
	return line;
}

static inline bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static inline bool is_continued(struct slice text, const struct line *line)
{
	return line->next < text.p + text.n && is_blank(*line->next);
}

/* The line with those that continue it (RFC 3261 7.3.1). */
static not_inline struct line unfold(struct slice text, struct line line, uint16_t *defects)
{
	while (is_continued(text, &line)) {
		struct line more = next_line(text, line.next, defects);

		line.end = more.end;
		line.next = more.next;
		line.lines++;
	}
	return line;
}

/* The line breaks of the last block, before `last`. */
static not_inline uint64_t last_breaks(const char *block, const char *last)
{
	return find_in_map(last - FIND_MAP, '\n') >> (FIND_MAP - (last - block));
}

/*
 * Header fields from `begin` on as long as their lines are usual ones: they begin with no white space, end with CR LF,
 * and are not continued; and FIND_BLOCK bytes and two more can be read. `text` has more than FIND_MAP bytes. Returns
 * where another line begins, which may be the empty one.
 */
static inline const char *scan_usual_fields(struct message *m, struct slice text, const char *begin, unsigned *left)
{
	const char *last = text.p + text.n - 1; /* of a break before it the next byte can be read */
	const char *deep = last - FIND_BLOCK - 2;

	if (begin >= last || (unsigned char)*begin <= ' ' || !*left)
		return begin;
	for (const char *block = begin; block < last; block += FIND_MAP) {
		uint64_t breaks = last - block < FIND_MAP ? last_breaks(block, last) : find_in_map(block, '\n');

		for (; breaks; breaks &= breaks - 1) {
			const char *lf = block + __builtin_ctzll(breaks);
			unsigned char next = (unsigned char)lf[1];

			if (lf[-1] != '\r' || begin > deep || (next <= ' ' && is_blank(lf[1])))
				return begin;
			scan_usual_field(m, begin, lf - 1);
			begin = lf + 1;
			if (!--*left || next <= ' ')
				return begin;
		}
	}
	return begin;
}

/* The header fields from `begin` on; returns what follows the empty line. Absent: there was none. */
static not_inline struct slice scan_fields(struct message *m, struct slice text, const char *begin)
{
	const char *limit = text.p + text.n;
	unsigned left = MESSAGE_FIELDS_MAX;
	struct line line;

	for (; begin < limit; begin = line.next) {
		if (text.n > FIND_MAP)
			begin = scan_usual_fields(m, text, begin, &left);
		if (limit - begin >= 2 && memcmp(begin, "\r\n", 2) == 0)
			return slice_between(begin + 2, limit);
		line = next_line(text, begin, &m->defects);
		if (line.end == line.begin)
			return slice_between(line.next, limit);
		if (is_continued(text, &line))
			line = unfold(text, line, &m->defects);
		if (left) {
			left--;
			scan_field(m, begin, line.end, line.lines);
		}
	}
	m->defects |= MESSAGE_NO_END;
	return SLICE_ABSENT;
}

static void scan_body(struct message *m, struct slice rest)
{
	if (!rest.p)
		return;
	m->body = rest;
	if (m->content_length < 0)
		return;
	if ((uint64_t)m->content_length > rest.n)
		m->defects |= MESSAGE_BODY_SHORT;
	else if ((uint64_t)m->content_length < rest.n)
		m->defects |= MESSAGE_BODY_LONG;
	m->body = slice_head(rest, (size_t)m->content_length);
}

/* Keep-alive CRLFs may stand before the start line (RFC 3261 7.5). */
static struct slice skip_leading(struct slice bytes, uint16_t *defects)
{
	size_t i = 0;

	while (i < bytes.n && (bytes.p[i] == '\r' || bytes.p[i] == '\n'))
		i++;
	if (i)
		*defects |= MESSAGE_LEADING_JUNK;
	return slice_from(bytes, i);
}

static inline bool is_same(struct slice a, struct slice b)
{
	return a.n == b.n && bytes_equal(a.p, b.p, a.n);
}

/* In pieces: a memset() of all of it becomes a "rep stos", which takes longer to begin than this does. */
static inline void clear(struct message *m)
{
	memset(m, 0, offsetof(struct message, slices));
#pragma GCC unroll 32
	for (size_t i = 0; i < sizeof(m->slices) / sizeof(*m->slices); i++)
		memset(&m->slices[i], 0, sizeof(*m->slices));
}

bool message_scan(struct slice bytes, struct message *out, struct auth_field auth[MESSAGE_AUTH_MAX])
{
	struct message *m = out;
	size_t fields_begin;

	clear(m);
	m->auth = auth;
	m->content_length = -1;
	m->expires = -1;
	m->method = METHOD_OTHER;
	if (bytes.n > MESSAGE_MAX) {
		bytes.n = MESSAGE_MAX;
		m->defects |= MESSAGE_TOO_LONG;
	}
	m->bytes = skip_leading(bytes, &m->defects);
	if (!start_line_scan(m, m->bytes, &fields_begin))
		return false;
	scan_body(m, scan_fields(m, m->bytes, m->bytes.p + fields_begin));

	if (m->via.p)
		read_via(m);
	if (m->cseq_method.p)
		read_cseq(m);
	if (m->from.p)
		m->from_tag = name_addr_tag(m->from);
	if (m->to.p)
		m->to_tag = name_addr_tag(m->to);
	if (!m->request)
		m->method = method_find(m->cseq_method);
	else if (m->cseq_method.p && !is_same(m->cseq_method, m->method_name))
		m->defects |= MESSAGE_BAD_CSEQ;
	if (!m->call_id.p || !m->from.p || !m->to.p || !m->cseq_method.p || !m->via.p)
		m->defects |= MESSAGE_MISSING_FIELD;
	return true;
}

#include "sip/message.h"

#include <string.h>

#include "base/find.h"
#include "sip/uri.h"

/* For what is rarely needed, not to be in the way of the rest. */
#define not_inline __attribute__((noinline))

_Static_assert(sizeof(((struct message *)0)->slices) ==
		offsetof(struct message, body) - offsetof(struct message, bytes) +
			sizeof(struct slice),
	"message.slices must cover every slice");

/* What is done with the value of a field. */
enum field_kind { KEEP_FIRST, KEEP_ONLY, READ_VIA, READ_ROUTE, READ_CSEQ, READ_LENGTH, READ_EXPIRES, ADD_AUTH };

/* A name that is looked for. */
struct known_field {
	char name[28]; /* with its colon */
	uint8_t length;
	uint8_t kind;
	uint8_t place; /* of the value to keep: index in message.slices */
	uint8_t auth;  /* enum auth_field_kind */
};

static void read_cseq(struct message *m, struct slice value)
{
	uint64_t number;
	size_t digits = 0;

	if (m->cseq_method.p) {
		m->defects |= MESSAGE_DUPLICATE_FIELD;
		return;
	}
	while (digits < value.n && value.p[digits] >= '0' && value.p[digits] <= '9')
		digits++;
	m->cseq_method = slice_trim(slice_from(value, digits));
	if (slice_to_u64(slice_head(value, digits), UINT32_MAX, &number)) {
		m->cseq = (uint32_t)number;
		m->cseq_valid = true;
	} else {
		m->defects |= MESSAGE_BAD_CSEQ;
	}
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

static void read_via(struct message *m, struct slice value)
{
	bool plain = find_any(value, 0, ',', '"', '<') == value.n;

	if (!m->via.p && plain) {
		m->via = value;
		m->branch = plain_param(value, SLICE("branch"));
	} else if (!m->via.p) {
		m->via = slice_trim(slice_head(value, find_byte(value, 0, ',')));
		m->branch = header_param(m->via, SLICE("branch"));
	}
	m->via_count += plain ? 1 : count_list(value);
}

static void read_length(struct message *m, struct slice value)
{
	uint64_t length;

	if (!slice_to_u64(value, INT32_MAX, &length))
		m->defects |= MESSAGE_BAD_CONTENT_LENGTH;
	else if (m->content_length >= 0 && (uint64_t)m->content_length != length)
		m->defects |= MESSAGE_DUPLICATE_FIELD;
	else
		m->content_length = (int64_t)length;
}

static void read_expires(struct message *m, struct slice value)
{
	uint64_t seconds;

	if (m->expires < 0 && slice_to_u64(value, UINT32_MAX, &seconds))
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
	case READ_VIA:
		read_via(m, value);
		break;
	case READ_ROUTE:
		m->route_count += count_list(value);
		break;
	case READ_CSEQ:
		read_cseq(m, value);
		break;
	case READ_LENGTH:
		read_length(m, value);
		break;
	case READ_EXPIRES:
		read_expires(m, value);
		break;
	case ADD_AUTH:
		add_auth(m, (enum auth_field_kind)known->auth, value, lines);
		break;
	}
}

/* `value` is trimmed, with folds inside. */
static inline void take_value(struct message *m, const struct known_field *known, struct slice value, unsigned lines)
{
	struct slice *place = &m->slices[known->place];

	if (known->kind > KEEP_ONLY)
		read_value(m, known, value, lines);
	else if (!place->p)
		*place = value;
	else if (known->kind == KEEP_ONLY)
		m->defects |= MESSAGE_DUPLICATE_FIELD;
}

enum { FIELD_SLOTS = 128 };

/* No two names have the same length and the same last letter; and these numbers differ, too (a compiler warns). */
#define SLOT(length, last) ((4 * (length) - (unsigned char)((last) | 0x20)) % FIELD_SLOTS)
#define FIELD(name, last, ...) [SLOT(sizeof(name) - 1, last)] = {name ":", sizeof(name) - 1, __VA_ARGS__}
#define PLACE(member) ((offsetof(struct message, member) - offsetof(struct message, slices)) / sizeof(struct slice))
#define FIRST(member) KEEP_FIRST, PLACE(member)
#define ONLY(member) KEEP_ONLY, PLACE(member)
#define AUTH(which) ADD_AUTH, .auth = AUTH_##which

/* Compact names: RFC 3261 7.3.3. */
static const struct known_field fields[FIELD_SLOTS] = {
	FIELD("Via", 'a', READ_VIA), FIELD("v", 'v', READ_VIA),
	FIELD("From", 'm', ONLY(from)), FIELD("f", 'f', ONLY(from)),
	FIELD("To", 'o', ONLY(to)), FIELD("t", 't', ONLY(to)),
	FIELD("Call-ID", 'd', ONLY(call_id)), FIELD("i", 'i', ONLY(call_id)),
	FIELD("Contact", 't', FIRST(contact)), FIELD("m", 'm', FIRST(contact)),
	FIELD("Content-Length", 'h', READ_LENGTH), FIELD("l", 'l', READ_LENGTH),
	FIELD("Content-Type", 'e', ONLY(content_type)), FIELD("c", 'c', ONLY(content_type)),
	FIELD("CSeq", 'q', READ_CSEQ),
	FIELD("Expires", 's', READ_EXPIRES),
	FIELD("Route", 'e', READ_ROUTE),
	FIELD("Server", 'r', ONLY(server)),
	FIELD("User-Agent", 't', ONLY(user_agent)),
	FIELD("Require", 'e', FIRST(require)),
	FIELD("Proxy-Require", 'e', FIRST(require)),
	FIELD("Security-Server", 'r', FIRST(security_server)),
	FIELD("Authorization", 'n', AUTH(AUTHORIZATION)),
	FIELD("Proxy-Authorization", 'n', AUTH(PROXY_AUTHORIZATION)),
	FIELD("WWW-Authenticate", 'e', AUTH(WWW_AUTHENTICATE)),
	FIELD("Proxy-Authenticate", 'e', AUTH(PROXY_AUTHENTICATE)),
	FIELD("Authentication-Info", 'o', AUTH(AUTHENTICATION_INFO)),
	FIELD("Proxy-Authentication-Info", 'o', AUTH(AUTHENTICATION_INFO)),
};

/* What may be the field whose name ends here. */
static inline const struct known_field *field_like(const char *name_end, size_t length)
{
	return &fields[SLOT(length, name_end[-1])];
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

/* What is behind the colon of a usual line, without white space around it. */
static inline struct slice usual_value(const char *begin, const char *end)
{
	/* CR stands at `end`: where the second byte is more than a space, the value is not empty */
	if (*begin == ' ' && (unsigned char)begin[1] > ' ' && (unsigned char)end[-1] > ' ')
		return (struct slice){begin + 1, (size_t)(end - begin - 1)};
	return slice_trim(slice_between(begin, end));
}

/* In a usual line. Most have a short name as it is usually written: one look at it and its colon tells. */
static inline void scan_usual_field(struct message *m, const char *begin, const char *end)
{
	size_t length = find_in_first(begin, ':');
	const char *colon = begin + length;
	const struct known_field *known = field_like(colon, length);

	if (known->length == length && block_same(begin, known->name, length + 1))
		take_value(m, known, usual_value(colon + 1, end), 1);
	else if (known->length == length || length == FIND_BLOCK || colon >= end || slice_is_space(colon[-1]))
		scan_field(m, begin, end, 1);
}

struct line {
	const char *begin, *end; /* without CR LF */
	const char *next;        /* where the next line begins */
	unsigned lines;          /* > 1: folded */
};

/* The line that begins here, before the end of the text. */
static struct line next_line(struct slice text, const char *begin, unsigned *defects)
{
	const char *end = text.p + find_byte(text, (size_t)(begin - text.p), '\n');
	struct line line = {begin, end, end + (end < text.p + text.n), 1};

	if (end[-1] == '\r')
		line.end--;
	else if (line.next > end)
		*defects |= MESSAGE_LF_ONLY;
	return line;
}

static inline bool is_continued(struct slice text, const struct line *line)
{
	return line->next < text.p + text.n && (*line->next == ' ' || *line->next == '\t');
}

/* The line with those that continue it (RFC 3261 7.3.1). */
static not_inline struct line unfold(struct slice text, struct line line, unsigned *defects)
{
	while (is_continued(text, &line)) {
		struct line more = next_line(text, line.next, defects);

		line.end = more.end;
		line.next = more.next;
		line.lines++;
	}
	return line;
}

static not_inline uint64_t last_breaks(struct slice text, size_t from)
{
	return find_map(text, from, '\n');
}

/* The line breaks in the FIND_MAP bytes from `from` on. */
static inline uint64_t breaks_in(struct slice text, size_t from)
{
	return text.n - from < FIND_MAP ? last_breaks(text, from) : find_in_map(text.p + from, '\n');
}

/*
 * Nearly every line begins with no white space, ends with CR LF, and is not continued. FIND_BLOCK bytes of it can be
 * read, and one behind its `lf`.
 */
static inline bool is_usual(const char *begin, const char *lf, const char *limit)
{
	return limit - begin > FIND_BLOCK && lf + 1 < limit && (unsigned char)*begin > ' ' && lf[-1] == '\r' &&
		lf[1] != ' ' && lf[1] != '\t';
}

/* Header fields from `begin` on as long as their lines are usual ones: returns where the first other line begins. */
static inline const char *scan_usual_fields(
	struct message *m, struct slice text, const char *begin, unsigned *count)
{
	const char *limit = text.p + text.n;

	for (size_t at = (size_t)(begin - text.p); at < text.n; at += FIND_MAP)
		for (uint64_t breaks = breaks_in(text, at); breaks; breaks &= breaks - 1) {
			const char *lf = text.p + at + (unsigned)__builtin_ctzll(breaks);

			if (!is_usual(begin, lf, limit))
				return begin;
			if ((*count)++ < MESSAGE_FIELDS_MAX)
				scan_usual_field(m, begin, lf - 1);
			begin = lf + 1;
		}
	return begin;
}

/* The header fields from `begin` on; returns what follows the empty line. Absent: there was none. */
static not_inline struct slice scan_fields(struct message *m, struct slice text, const char *begin)
{
	const char *limit = text.p + text.n;
	unsigned count = 0;
	struct line line;

	for (; begin < limit; begin = line.next) {
		begin = scan_usual_fields(m, text, begin, &count);
		line = next_line(text, begin, &m->defects);
		if (line.end == line.begin)
			return slice_between(line.next, limit);
		if (is_continued(text, &line))
			line = unfold(text, line, &m->defects);
		if (count++ < MESSAGE_FIELDS_MAX)
			scan_field(m, begin, line.end, line.lines);
	}
	m->defects |= MESSAGE_NO_END;
	return SLICE_ABSENT;
}

static inline bool is_version(struct slice s)
{
	return s.n >= 5 && (s.p[0] | 0x20) == 's' && slice_starts_nocase(s, SLICE("SIP/")) && s.p[4] >= '0' &&
		s.p[4] <= '9';
}

static bool scan_status_line(struct message *m, struct slice line)
{
	struct slice rest = slice_trim(slice_from(line, find_byte(line, 0, ' ')));
	uint64_t status;

	if (!slice_to_u64(slice_head(rest, 3), 699, &status) || status < 100)
		return false;
	if (rest.n > 3 && rest.p[3] != ' ' && rest.p[3] != '\t')
		return false;
	m->status = (unsigned)status;
	m->reason = slice_trim(slice_from(rest, 3));
	return true;
}

static bool scan_request_line(struct message *m, struct slice line)
{
	size_t space = find_byte(line, 0, ' ');
	struct slice rest = slice_trim(slice_from(line, space));
	size_t last = rest.n;

	if (!space || space == line.n || space > 64)
		return false;
	/* the version is the last word */
	if (rest.n > 8 && bytes_equal(rest.p + rest.n - 8, " SIP/2.0", 8))
		last -= 7;
	while (last && rest.p[last - 1] != ' ')
		last--;
	if (!last || !is_version(slice_from(rest, last)))
		return false;
	m->request = true;
	m->method_name = slice_head(line, space);
	m->method = method_find(m->method_name);
	m->request_uri = slice_trim(slice_head(rest, last));
	return true;
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
static struct slice skip_leading(struct slice bytes, unsigned *defects)
{
	size_t i = 0;

	while (i < bytes.n && (bytes.p[i] == '\r' || bytes.p[i] == '\n'))
		i++;
	if (i)
		*defects |= MESSAGE_LEADING_JUNK;
	return slice_from(bytes, i);
}

/* The start line; the header fields begin at *next. */
static bool scan_start(struct message *m, struct slice text, size_t *next)
{
	struct slice line = slice_head(text, find_byte(text, 0, '\n'));

	*next = line.n + (line.n < text.n);
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	else if (*next > line.n)
		m->defects |= MESSAGE_LF_ONLY;
	return is_version(line) ? scan_status_line(m, line) : scan_request_line(m, line);
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
	if (!scan_start(m, m->bytes, &fields_begin))
		return false;
	scan_body(m, scan_fields(m, m->bytes, m->bytes.p + fields_begin));

	if (m->from.p)
		m->from_tag = header_param(m->from, SLICE("tag"));
	if (m->to.p)
		m->to_tag = header_param(m->to, SLICE("tag"));
	if (!m->request)
		m->method = method_find(m->cseq_method);
	else if (m->cseq_method.p && !is_same(m->cseq_method, m->method_name))
		m->defects |= MESSAGE_BAD_CSEQ;
	if (!m->call_id.p || !m->from.p || !m->to.p || !m->cseq_method.p || !m->via.p)
		m->defects |= MESSAGE_MISSING_FIELD;
	return true;
}

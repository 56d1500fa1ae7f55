#include "sip/message.h"

#include <string.h>

#include "base/find.h"
#include "sip/uri.h"

_Static_assert(sizeof(((struct message *)0)->slices) ==
		offsetof(struct message, body) - offsetof(struct message, bytes) +
			sizeof(struct slice),
	"message.slices must cover every slice");

struct known_field;

/* One header field while it is scanned. */
struct field {
	const struct known_field *known;
	struct slice value; /* trimmed; folds inside */
	uint16_t lines;
};

typedef void field_handler(struct message *m, const struct field *f);

/* A name that is looked for: its value goes to a place in the message, or to a handler. */
struct known_field {
	struct slice name;
	field_handler *handle;     /* NULL: the first value is enough */
	uint8_t place;             /* for that: index in message.slices */
	bool once;                 /* may stand once only: the first wins, as most peers read it */
	enum auth_field_kind auth; /* for on_auth() */
};

static inline void take_first(struct message *m, const struct known_field *known, struct slice value)
{
	struct slice *place = &m->slices[known->place];

	if (!place->p)
		*place = value;
	else if (known->once)
		m->defects |= MESSAGE_DUPLICATE_FIELD;
}

static void on_cseq(struct message *m, const struct field *f)
{
	struct slice number = f->value;
	uint64_t value;
	size_t i = 0;

	if (m->cseq_method.p) {
		m->defects |= MESSAGE_DUPLICATE_FIELD;
		return;
	}
	while (i < number.n && number.p[i] >= '0' && number.p[i] <= '9')
		i++;
	m->cseq_method = slice_trim(slice_from(f->value, i));
	if (slice_to_u64(slice_head(number, i), UINT32_MAX, &value)) {
		m->cseq = (uint32_t)value;
		m->cseq_valid = true;
	} else {
		m->defects |= MESSAGE_BAD_CSEQ;
	}
}

/* The values that commas separate; `comma` is the first one, or value.n. */
static unsigned count_list(struct slice value, size_t comma)
{
	unsigned count = 1;
	bool quoted = false;

	for (size_t i = comma < value.n ? 0 : value.n; i < value.n; i++) {
		if (value.p[i] == '"')
			quoted = !quoted;
		else if (value.p[i] == ',' && !quoted)
			count++;
	}
	return count;
}

static void on_via(struct message *m, const struct field *f)
{
	size_t comma = find_byte(f->value, 0, ',');

	if (!m->via.p)
		m->via = slice_trim(slice_head(f->value, comma));
	m->via_count += count_list(f->value, comma);
}

static void on_route(struct message *m, const struct field *f)
{
	m->route_count += count_list(f->value, find_byte(f->value, 0, ','));
}

static void on_content_length(struct message *m, const struct field *f)
{
	uint64_t value;

	if (slice_to_u64(f->value, INT32_MAX, &value)) {
		if (m->content_length >= 0 && (uint64_t)m->content_length != value)
			m->defects |= MESSAGE_DUPLICATE_FIELD;
		else
			m->content_length = (int64_t)value;
	} else {
		m->defects |= MESSAGE_BAD_CONTENT_LENGTH;
	}
}

static void on_expires(struct message *m, const struct field *f)
{
	uint64_t value;

	if (m->expires < 0 && slice_to_u64(f->value, UINT32_MAX, &value))
		m->expires = (int64_t)value;
}

static void on_auth(struct message *m, const struct field *f)
{
	if (m->auth_count < MESSAGE_AUTH_MAX)
		m->auth[m->auth_count++] = (struct auth_field){f->known->auth, f->lines, f->value};
}

enum { FIELD_SLOTS = 128 };

/* No two names have the same length and the same last letter; and these numbers differ, too (a compiler warns). */
#define SLOT(length, last) ((15 * (length) + (unsigned char)((last) | 0x20)) % FIELD_SLOTS)
#define FIELD(name, last, ...) [SLOT(sizeof(name) - 1, last)] = {{name, sizeof(name) - 1}, __VA_ARGS__}
#define FIRST(member)                                                                                                  \
	.place = (offsetof(struct message, member) - offsetof(struct message, slices)) / sizeof(struct slice)
#define ONCE(member) FIRST(member), .once = true
#define AUTH(which) .auth = AUTH_##which

/* Compact names: RFC 3261 7.3.3. */
static const struct known_field fields[FIELD_SLOTS] = {
	FIELD("Via", 'a', on_via), FIELD("v", 'v', on_via),
	FIELD("From", 'm', ONCE(from)), FIELD("f", 'f', ONCE(from)),
	FIELD("To", 'o', ONCE(to)), FIELD("t", 't', ONCE(to)),
	FIELD("Call-ID", 'd', ONCE(call_id)), FIELD("i", 'i', ONCE(call_id)),
	FIELD("Contact", 't', FIRST(contact)), FIELD("m", 'm', FIRST(contact)),
	FIELD("Content-Length", 'h', on_content_length), FIELD("l", 'l', on_content_length),
	FIELD("Content-Type", 'e', ONCE(content_type)), FIELD("c", 'c', ONCE(content_type)),
	FIELD("CSeq", 'q', on_cseq),
	FIELD("Expires", 's', on_expires),
	FIELD("Route", 'e', on_route),
	FIELD("Server", 'r', ONCE(server)),
	FIELD("User-Agent", 't', ONCE(user_agent)),
	FIELD("Require", 'e', FIRST(require)),
	FIELD("Proxy-Require", 'e', FIRST(require)),
	FIELD("Security-Server", 'r', FIRST(security_server)),
	FIELD("Authorization", 'n', on_auth, AUTH(AUTHORIZATION)),
	FIELD("Proxy-Authorization", 'n', on_auth, AUTH(PROXY_AUTHORIZATION)),
	FIELD("WWW-Authenticate", 'e', on_auth, AUTH(WWW_AUTHENTICATE)),
	FIELD("Proxy-Authenticate", 'e', on_auth, AUTH(PROXY_AUTHENTICATE)),
	FIELD("Authentication-Info", 'o', on_auth, AUTH(AUTHENTICATION_INFO)),
	FIELD("Proxy-Authentication-Info", 'o', on_auth, AUTH(AUTHENTICATION_INFO)),
};

/* `name` is not empty. */
static inline const struct known_field *field_find(struct slice name)
{
	const struct known_field *k = &fields[SLOT(name.n, name.p[name.n - 1])];

	if (k->name.n != name.n)
		return NULL;
	return bytes_equal_nocase(k->name.p, name.p, name.n) ? k : NULL;
}

/* The line breaks of a text, one after the other. */
struct breaks {
	size_t ahead; /* from here on the text was not looked at */
	uint64_t map; /* those found and not taken yet, in the FIND_MAP bytes before `ahead` */
};

/* The offset of the next line break, or text.n. */
static inline size_t next_break(struct breaks *b, struct slice text)
{
	size_t at;

	while (!b->map) {
		if (b->ahead >= text.n)
			return text.n;
		b->map = find_map(text, b->ahead, '\n');
		b->ahead += FIND_MAP;
	}
	at = b->ahead - FIND_MAP + (unsigned)__builtin_ctzll(b->map);
	b->map &= b->map - 1;
	return at;
}

/* Offsets in the message. */
struct line {
	size_t begin, end; /* without CR LF */
	size_t colon;      /* the first, not before the end if there is none */
	size_t next;       /* where the next line begins */
	uint16_t lines;    /* > 1: folded */
};

/* `end` is where its line break is, or text.n. */
static inline struct line line_at(struct slice text, size_t begin, size_t end, unsigned *defects)
{
	struct line line = {.begin = begin, .end = end, .next = end + (end < text.n), .lines = 1};

	line.colon = find_either(text, begin, ':', '\n');
	if (end > begin && text.p[end - 1] == '\r')
		line.end--;
	else if (end < text.n)
		*defects |= MESSAGE_LF_ONLY;
	return line;
}

static bool is_continued(struct slice text, const struct line *line)
{
	return line->next < text.n && (text.p[line->next] == ' ' || text.p[line->next] == '\t');
}

/* The line with those that continue it (RFC 3261 7.3.1). */
static struct line unfold(struct slice text, struct line line, unsigned *defects)
{
	while (is_continued(text, &line)) {
		struct line more = line_at(text, line.next, find_byte(text, line.next, '\n'), defects);

		line.end = more.end;
		line.next = more.next;
		line.lines += line.lines < UINT16_MAX;
	}
	line.colon = find_byte(slice_head(text, line.end), line.begin, ':');
	return line;
}

static inline void scan_field(struct message *m, struct slice text, const struct line *line)
{
	struct slice name = slice_trim(slice_between(text.p + line->begin, text.p + line->colon));
	const struct known_field *known;
	struct slice value;

	if (line->colon >= line->end || !name.n) {
		m->defects |= MESSAGE_BAD_LINE;
		return;
	}
	known = field_find(name);
	if (!known)
		return;
	value = slice_trim(slice_between(text.p + line->colon + 1, text.p + line->end));
	if (known->handle)
		known->handle(m, &(struct field){known, value, line->lines});
	else
		take_first(m, known, value);
}

/* The header fields from `at` on; returns what follows the empty line. Absent: there was none. */
static struct slice scan_fields(struct message *m, struct slice text, size_t at)
{
	struct breaks breaks = {.ahead = at};
	struct line line;

	for (unsigned count = 0; at < text.n; at = line.next) {
		line = line_at(text, at, next_break(&breaks, text), &m->defects);
		if (line.end == line.begin)
			return slice_from(text, line.next);
		if (is_continued(text, &line)) {
			line = unfold(text, line, &m->defects);
			breaks = (struct breaks){.ahead = line.next};
		}
		if (++count <= MESSAGE_FIELDS_MAX)
			scan_field(m, text, &line);
	}
	m->defects |= MESSAGE_NO_END;
	return SLICE_ABSENT;
}

static bool is_version(struct slice s)
{
	return s.n >= 5 && slice_starts_nocase(s, SLICE("SIP/")) && s.p[4] >= '0' && s.p[4] <= '9';
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

bool message_scan(struct slice bytes, struct message *out, struct auth_field auth[MESSAGE_AUTH_MAX])
{
	struct message *m = out;
	size_t fields_begin;

	memset(m, 0, sizeof(*m));
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
	scan_body(m, scan_fields(m, m->bytes, fields_begin));

	if (m->from.p)
		m->from_tag = header_param(m->from, SLICE("tag"));
	if (m->to.p)
		m->to_tag = header_param(m->to, SLICE("tag"));
	if (m->via.p)
		m->branch = header_param(m->via, SLICE("branch"));
	if (!m->request)
		m->method = method_find(m->cseq_method);
	else if (m->cseq_method.p && !slice_eq(m->cseq_method, m->method_name))
		m->defects |= MESSAGE_BAD_CSEQ;
	if (!m->call_id.p || !m->from.p || !m->to.p || !m->cseq_method.p || !m->via.p)
		m->defects |= MESSAGE_MISSING_FIELD;
	return true;
}

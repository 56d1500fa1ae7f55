#include "sip/message.h"

#include <string.h>

#include "sip/uri.h"

_Static_assert(sizeof(((struct message *)0)->slices) ==
		offsetof(struct message, body) - offsetof(struct message, bytes) +
			sizeof(struct slice),
	"message.slices must cover every slice");

/* One header field while it is scanned. */
struct field {
	struct slice name;
	struct slice value; /* trimmed; folds inside */
	uint16_t lines;
	enum auth_field_kind auth;
};

typedef void field_handler(struct message *m, const struct field *f);

/* Fields that may stand once only: the first wins, as most peers read it. */
static void once(struct message *m, struct slice *place, const struct field *f)
{
	if (place->p)
		m->defects |= MESSAGE_DUPLICATE_FIELD;
	else
		*place = f->value;
}

static void on_call_id(struct message *m, const struct field *f)
{
	once(m, &m->call_id, f);
}

static void on_from(struct message *m, const struct field *f)
{
	once(m, &m->from, f);
}

static void on_to(struct message *m, const struct field *f)
{
	once(m, &m->to, f);
}

/* Fields that may stand several times: the first is enough. */
static void first(struct slice *place, const struct field *f)
{
	if (!place->p)
		*place = f->value;
}

static void on_contact(struct message *m, const struct field *f)
{
	first(&m->contact, f);
}

static void on_user_agent(struct message *m, const struct field *f)
{
	once(m, &m->user_agent, f);
}

static void on_server(struct message *m, const struct field *f)
{
	once(m, &m->server, f);
}

static void on_content_type(struct message *m, const struct field *f)
{
	once(m, &m->content_type, f);
}

static void on_security_server(struct message *m, const struct field *f)
{
	first(&m->security_server, f);
}

static void on_require(struct message *m, const struct field *f)
{
	first(&m->require, f);
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

static unsigned count_list(struct slice value)
{
	unsigned count = 1;
	bool quoted = false;

	for (size_t i = slice_find(value, ',') < value.n ? 0 : value.n; i < value.n; i++) {
		if (value.p[i] == '"')
			quoted = !quoted;
		else if (value.p[i] == ',' && !quoted)
			count++;
	}
	return count;
}

static void on_via(struct message *m, const struct field *f)
{
	if (!m->via.p)
		m->via = slice_trim(slice_head(f->value, slice_find(f->value, ',')));
	m->via_count += count_list(f->value);
}

static void on_route(struct message *m, const struct field *f)
{
	m->route_count += count_list(f->value);
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
		m->auth[m->auth_count++] = (struct auth_field){f->auth, f->lines, f->value};
}

enum { NAME_MAX_LENGTH = 25, NAMES_PER_LENGTH = 8 };

/* By the length of the name, each row closed by an empty place. Compact names: RFC 3261 7.3.3. */
static const struct known_field {
	const char *name;
	field_handler *handle;
	enum auth_field_kind auth; /* for on_auth */
} fields[NAME_MAX_LENGTH + 1][NAMES_PER_LENGTH] = {
	[1] = {{"v", on_via}, {"f", on_from}, {"t", on_to}, {"i", on_call_id}, {"m", on_contact},
		{"l", on_content_length}, {"c", on_content_type}},
	[2] = {{"To", on_to}},
	[3] = {{"Via", on_via}},
	[4] = {{"From", on_from}, {"CSeq", on_cseq}},
	[5] = {{"Route", on_route}},
	[6] = {{"Server", on_server}},
	[7] = {{"Call-ID", on_call_id}, {"Contact", on_contact}, {"Expires", on_expires}, {"Require", on_require}},
	[10] = {{"User-Agent", on_user_agent}},
	[12] = {{"Content-Type", on_content_type}},
	[13] = {{"Authorization", on_auth, AUTH_AUTHORIZATION}, {"Proxy-Require", on_require}},
	[14] = {{"Content-Length", on_content_length}},
	[15] = {{"Security-Server", on_security_server}},
	[16] = {{"WWW-Authenticate", on_auth, AUTH_WWW_AUTHENTICATE}},
	[18] = {{"Proxy-Authenticate", on_auth, AUTH_PROXY_AUTHENTICATE}},
	[19] = {{"Authentication-Info", on_auth, AUTH_AUTHENTICATION_INFO},
		{"Proxy-Authorization", on_auth, AUTH_PROXY_AUTHORIZATION}},
	[25] = {{"Proxy-Authentication-Info", on_auth, AUTH_AUTHENTICATION_INFO}},
};

/* Names are nearly always written as in the table, or differ in their first letter. */
static inline bool is_name(const char *known, struct slice name)
{
	if ((known[0] ^ name.p[0]) & ~0x20)
		return false;
	return memcmp(known, name.p, name.n) == 0 || slice_eq_nocase((struct slice){known, name.n}, name);
}

static void handle_field(struct message *m, struct field *f)
{
	if (f->name.n > NAME_MAX_LENGTH)
		return;
	for (const struct known_field *k = fields[f->name.n]; k->name; k++)
		if (is_name(k->name, f->name)) {
			f->auth = k->auth;
			k->handle(m, f);
			return;
		}
}

/* Cuts the next line off `rest` (without CR LF). False at the end. */
static inline bool next_line(struct slice *rest, struct slice *line, unsigned *defects)
{
	size_t end;

	if (!rest->n)
		return false;
	end = slice_find(*rest, '\n');
	*line = slice_head(*rest, end);
	if (line->n && line->p[line->n - 1] == '\r')
		line->n--;
	else if (end < rest->n)
		*defects |= MESSAGE_LF_ONLY;
	if (end == rest->n)
		*defects |= MESSAGE_NO_END;
	*rest = slice_from(*rest, end + 1);
	return true;
}

static bool begins_with_space(struct slice s)
{
	return s.n && (s.p[0] == ' ' || s.p[0] == '\t');
}

static void scan_field(struct message *m, struct slice line, uint16_t lines)
{
	size_t colon = slice_find(line, ':');
	struct field f = {
		.name = slice_trim(slice_head(line, colon)),
		.value = slice_trim(slice_from(line, colon + 1)),
		.lines = lines,
	};

	if (colon == line.n || !f.name.n) {
		m->defects |= MESSAGE_BAD_LINE;
		return;
	}
	handle_field(m, &f);
}

/* The header fields; returns what follows the empty line. Absent: there was none. */
static struct slice scan_fields(struct message *m, struct slice rest)
{
	struct slice line, more;
	unsigned count = 0;

	while (next_line(&rest, &line, &m->defects)) {
		uint16_t lines = 1;

		if (!line.n) {
			m->defects &= ~(unsigned)MESSAGE_NO_END;
			return rest;
		}
		while (begins_with_space(rest) && next_line(&rest, &more, &m->defects)) {
			line.n = (size_t)(more.p + more.n - line.p);
			lines += lines < UINT16_MAX;
		}
		if (++count <= MESSAGE_FIELDS_MAX)
			scan_field(m, line, lines);
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
	struct slice rest = slice_trim(slice_from(line, slice_find(line, ' ')));
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
	size_t space = slice_find(line, ' ');
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

bool message_scan(struct slice bytes, struct message *out, struct auth_field auth[MESSAGE_AUTH_MAX])
{
	struct message *m = out;
	struct slice rest, line;

	memset(m, 0, sizeof(*m));
	m->auth = auth;
	m->content_length = -1;
	m->expires = -1;
	m->method = METHOD_OTHER;
	if (bytes.n > MESSAGE_MAX) {
		bytes.n = MESSAGE_MAX;
		m->defects |= MESSAGE_TOO_LONG;
	}
	rest = skip_leading(bytes, &m->defects);
	m->bytes = rest;
	if (!next_line(&rest, &line, &m->defects))
		return false;
	if (is_version(line) ? !scan_status_line(m, line) : !scan_request_line(m, line))
		return false;
	scan_body(m, scan_fields(m, rest));

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

void message_move(struct message *m, const char *to)
{
	const char *from = m->bytes.p;

	for (size_t i = 0; i < sizeof(m->slices) / sizeof(*m->slices); i++)
		if (m->slices[i].p)
			m->slices[i].p = to + (m->slices[i].p - from);
	for (unsigned i = 0; i < m->auth_count; i++)
		if (m->auth[i].value.p)
			m->auth[i].value.p = to + (m->auth[i].value.p - from);
}

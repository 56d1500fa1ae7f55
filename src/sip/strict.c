#include "sip/strict.h"

#include <pthread.h>
#include <string.h>

#include <osipparser2/osip_parser.h>
#include <osipparser2/osip_port.h>

#include "base/buf.h"

static const char *const param_names[STRICT_PARAM_COUNT] = {
	[STRICT_USERNAME] = "username",
	[STRICT_REALM] = "realm",
	[STRICT_NONCE] = "nonce",
	[STRICT_URI] = "uri",
	[STRICT_RESPONSE] = "response",
	[STRICT_ALGORITHM] = "algorithm",
	[STRICT_CNONCE] = "cnonce",
	[STRICT_NC] = "nc",
	[STRICT_QOP] = "qop",
	[STRICT_OPAQUE] = "opaque",
	[STRICT_STALE] = "stale",
	[STRICT_DOMAIN] = "domain",
};

const char *strict_param_name(enum strict_param param)
{
	return (unsigned)param < STRICT_PARAM_COUNT ? param_names[param] : "";
}

/* From the start line to the end of the last header field; absent if no empty line follows. */
static struct slice header_part(struct slice bytes)
{
	size_t i = 0;

	while (i < bytes.n && (bytes.p[i] == '\r' || bytes.p[i] == '\n'))
		i++;
	bytes = slice_from(bytes, i);
	for (i = slice_find(bytes, '\n'); i < bytes.n;
		i += 1 + slice_find(slice_from(bytes, i + 1), '\n')) {
		struct slice next = slice_from(bytes, i + 1);

		if ((next.n && next.p[0] == '\n') ||
			(next.n > 1 && next.p[0] == '\r' && next.p[1] == '\n'))
			return slice_head(bytes, i + 1);
	}
	return SLICE_ABSENT;
}

static bool few_enough(struct slice header)
{
	/* lines count in the upper half of a number, separators in the lower one: one step for each character */
	static const uint32_t counts[256] = {['\n'] = 1 << 16, [','] = 1, [';'] = 1, ['&'] = 1};
	uint32_t count = 0;

	for (size_t i = 0; i < header.n; i++)
		count += counts[(unsigned char)header.p[i]];
	return count >> 16 <= STRICT_FIELDS_MAX && (count & 0xffff) <= STRICT_SEPARATORS_MAX;
}

_Static_assert(STRICT_BYTES_MAX < 1 << 16, "neither count may run over");

static bool header_usable(struct slice header)
{
	return header.n && header.n <= STRICT_BYTES_MAX && !memchr(header.p, '\0', header.n) &&
		few_enough(header);
}

bool strict_usable(struct slice bytes)
{
	return header_usable(header_part(bytes));
}

static bool is_content_length(struct slice name)
{
	return slice_eq_nocase(name, SLICE("Content-Length")) || slice_eq_nocase(name, SLICE("l"));
}

bool strict_has_bare_cr(struct slice lines)
{
	for (size_t i = slice_find(lines, '\r'); i < lines.n; i += 1 + slice_find(slice_from(lines, i + 1), '\r'))
		if (i + 1 == lines.n || lines.p[i + 1] != '\n')
			return true;
	return false;
}

/* By the length of the name. */
bool strict_is_idle(struct slice name)
{
	static const char *const names[] = {[5] = "Allow", [6] = "Server", [7] = "Expires", [9] = "Supported",
		[10] = "User-Agent", [12] = "Max-Forwards"};

	if (name.n >= sizeof(names) / sizeof(*names) || !names[name.n])
		return false;
	return bytes_equal_nocase(name.p, names[name.n], name.n) || slice_eq_nocase(name, SLICE("Allow-Events"));
}

/* The message that libosip2 gets: the header fields that it reads, and no body, whose parser is fragile. */
static void without_body(struct slice header, struct buf *out)
{
	bool dropping = false, whole = strict_has_bare_cr(header);

	while (header.n) {
		struct slice line = slice_head(header, slice_find(header, '\n') + 1);
		size_t colon = slice_find(line, ':');
		struct slice name = slice_trim(slice_head(line, colon));
		bool folded = line.p[0] == ' ' || line.p[0] == '\t';

		dropping = folded ? dropping : is_content_length(name) ||
			(!whole && colon < line.n && strict_is_idle(name));
		if (!dropping)
			buf_add_slice(out, line);
		header = slice_from(header, line.n);
	}
	buf_adds(out, "Content-Length: 0\r\n\r\n");
}

static struct slice take(struct arena *arena, const char *value)
{
	struct slice s = slice_of(value);

	if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
		s = (struct slice){s.p + 1, s.n - 2};
	return arena_copy(arena, s);
}

static void take_credentials(struct strict_field *f, const osip_authorization_t *a,
	struct arena *arena)
{
	f->scheme = take(arena, a->auth_type);
	f->values[STRICT_USERNAME] = take(arena, a->username);
	f->values[STRICT_REALM] = take(arena, a->realm);
	f->values[STRICT_NONCE] = take(arena, a->nonce);
	f->values[STRICT_URI] = take(arena, a->uri);
	f->values[STRICT_RESPONSE] = take(arena, a->response);
	f->values[STRICT_ALGORITHM] = take(arena, a->algorithm);
	f->values[STRICT_CNONCE] = take(arena, a->cnonce);
	f->values[STRICT_NC] = take(arena, a->nonce_count);
	f->values[STRICT_QOP] = take(arena, a->message_qop);
	f->values[STRICT_OPAQUE] = take(arena, a->opaque);
}

static void take_challenge(struct strict_field *f, const osip_www_authenticate_t *w,
	struct arena *arena)
{
	f->scheme = take(arena, w->auth_type);
	f->values[STRICT_REALM] = take(arena, w->realm);
	f->values[STRICT_NONCE] = take(arena, w->nonce);
	f->values[STRICT_ALGORITHM] = take(arena, w->algorithm);
	f->values[STRICT_QOP] = take(arena, w->qop_options);
	f->values[STRICT_OPAQUE] = take(arena, w->opaque);
	f->values[STRICT_STALE] = take(arena, w->stale);
	f->values[STRICT_DOMAIN] = take(arena, w->domain);
}

static const osip_list_t *list_of(const osip_message_t *m, enum auth_field_kind kind)
{
	switch (kind) {
	case AUTH_WWW_AUTHENTICATE:
		return &m->www_authenticates;
	case AUTH_PROXY_AUTHENTICATE:
		return &m->proxy_authenticates;
	case AUTH_AUTHORIZATION:
		return &m->authorizations;
	default:
		return &m->proxy_authorizations;
	}
}

static void take_fields(struct strict_message *out, const osip_message_t *m,
	enum auth_field_kind kind, struct arena *arena)
{
	const osip_list_t *list = list_of(m, kind);
	bool challenge = kind == AUTH_WWW_AUTHENTICATE || kind == AUTH_PROXY_AUTHENTICATE;

	for (int i = 0; i < osip_list_size(list); i++) {
		struct strict_field *f = &out->fields[out->field_count++];
		const void *element = osip_list_get(list, i);

		f->kind = kind;
		/* libosip2 has one struct for both kinds of a pair */
		if (challenge)
			take_challenge(f, element, arena);
		else
			take_credentials(f, element, arena);
	}
}

/* Its tracing is on by default, and goes to standard output. */
static void silence(const char *file, int line, osip_trace_level_t level, const char *format,
	va_list args)
{
	(void)file, (void)line, (void)level, (void)format, (void)args;
}

static void start_library(void)
{
	osip_trace_initialize_func(TRACE_LEVEL0, silence);
	parser_init();
}

static bool parse(osip_message_t *m, struct slice header)
{
	struct buf text = {0};
	bool parsed;

	without_body(header, &text);
	parsed = osip_message_parse(m, buf_string(&text), text.n) == OSIP_SUCCESS;
	buf_free(&text);
	return parsed;
}

static void take_all(struct strict_message *out, const osip_message_t *m, struct arena *arena)
{
	static const enum auth_field_kind kinds[] = {AUTH_WWW_AUTHENTICATE,
		AUTH_PROXY_AUTHENTICATE, AUTH_AUTHORIZATION, AUTH_PROXY_AUTHORIZATION};
	size_t count = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		count += (size_t)osip_list_size(list_of(m, kinds[i]));
	out->fields = arena_alloc(arena, count * sizeof(*out->fields));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		take_fields(out, m, kinds[i], arena);
}

bool strict_read(struct slice bytes, struct arena *arena, struct strict_message *out)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct slice header = header_part(bytes);
	osip_message_t *m;

	if (!header_usable(header))
		return false;
	pthread_once(&once, start_library);
	if (osip_message_init(&m) != OSIP_SUCCESS)
		return false;
	*out = (struct strict_message){.parsed = parse(m, header)};
	if (out->parsed)
		take_all(out, m, arena);
	osip_message_free(m); /* owns memory even after a failed parse */
	return true;
}

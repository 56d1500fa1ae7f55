/* All header fields of two messages beside each other, and two messages as a whole. */
#include "auth/compare_rows.h"

#include "sip/fields.h"
#include "sip/uri.h"

enum { FIELDS_MAX = MESSAGE_FIELDS_MAX };

/* What is expected of a header field in two exchanges that behave alike; of all others: WEIGHT_OWN. */
static const struct {
	struct slice name;
	enum weight weight;
} weights[] = {
	{SLICE("Call-ID"), WEIGHT_MUST},
	{SLICE("CSeq"), WEIGHT_MUST},
	{SLICE("Date"), WEIGHT_MUST},
	{SLICE("Content-Length"), WEIGHT_OWN},
	{SLICE("Content-Type"), WEIGHT_MATTERS},
	{SLICE("Expires"), WEIGHT_MATTERS},
	{SLICE("Min-Expires"), WEIGHT_MATTERS},
	{SLICE("Retry-After"), WEIGHT_MATTERS},
	{SLICE("Require"), WEIGHT_MATTERS},
	{SLICE("Proxy-Require"), WEIGHT_MATTERS},
	{SLICE("Unsupported"), WEIGHT_MATTERS},
	{SLICE("Route"), WEIGHT_MATTERS},
	{SLICE("Path"), WEIGHT_MATTERS},
	{SLICE("Warning"), WEIGHT_MATTERS},
	{SLICE("Reason"), WEIGHT_MATTERS},
	{SLICE("Security-Client"), WEIGHT_MATTERS},
	{SLICE("Security-Verify"), WEIGHT_MATTERS},
	{SLICE("P-Asserted-Identity"), WEIGHT_OWN},
	{SLICE("P-Preferred-Identity"), WEIGHT_OWN},
};

/* Compared parameter by parameter elsewhere, or as the software of the exchange. */
static bool is_told_elsewhere(struct slice name)
{
	static const struct slice names[] = {
		SLICE("WWW-Authenticate"), SLICE("Proxy-Authenticate"), SLICE("Authorization"),
		SLICE("Proxy-Authorization"), SLICE("User-Agent"), SLICE("Server"),
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (slice_eq_nocase(name, names[i]))
			return true;
	return false;
}

static enum weight weight_of(struct slice name)
{
	for (size_t i = 0; i < sizeof(weights) / sizeof(*weights); i++)
		if (slice_eq_nocase(name, weights[i].name))
			return weights[i].weight;
	return WEIGHT_OWN;
}

struct fields {
	struct field_line list[FIELDS_MAX];
	bool told[FIELDS_MAX];
	unsigned count;
	struct slice body;
};

static void collect(struct fields *f, struct slice message)
{
	struct slice rest = fields_begin(message);

	f->count = 0;
	while (f->count < FIELDS_MAX && fields_next(&rest, &f->list[f->count])) {
		struct field_line *line = &f->list[f->count];

		line->name = line->name.p ? field_long_name(line->name) : SLICE("(no name)");
		f->told[f->count++] = false;
	}
	f->body = rest;
}

/* A parameter that no two requests share, cut out of the value: the rest may be the same. */
static struct slice without_param(struct arena *a, struct slice value, struct slice name)
{
	struct slice param = header_param(value, name);
	const char *begin = param.p;
	struct buf rest = {0};

	if (!param.p)
		return value;
	while (begin > value.p && *--begin != ';')
		;
	buf_add_slice(&rest, slice_between(value.p, begin));
	buf_add_slice(&rest, slice_between(param.p + param.n, value.p + value.n));
	value = arena_copy(a, buf_slice(&rest));
	buf_free(&rest);
	return value;
}

static bool differ_by_marks_only(struct arena *a, struct slice left, struct slice right)
{
	static const struct slice marks[] = {SLICE("tag"), SLICE("branch"), SLICE("rport"), SLICE("received")};

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		left = without_param(a, left, marks[i]);
		right = without_param(a, right, marks[i]);
	}
	return slice_eq(left, right);
}

/* The next field of this name that was not told yet; NULL: there is none. */
static const struct field_line *take(struct fields *f, struct slice name)
{
	for (unsigned i = 0; i < f->count; i++)
		if (!f->told[i] && slice_eq_nocase(f->list[i].name, name)) {
			f->told[i] = true;
			return &f->list[i];
		}
	return NULL;
}

static void compare_field(struct comparing *c, struct slice name, struct slice left, struct slice right)
{
	enum weight w = weight_of(name);

	if (left.p && right.p && differ_by_marks_only(&c->out->arena, left, right))
		w = WEIGHT_MUST;
	compare_add_slice(c, w, name, left, right);
}

static void compare_bodies(struct comparing *c, struct slice left, struct slice right)
{
	struct arena *a = &c->out->arena;

	if (left.n || right.n)
		compare_add(c, WEIGHT_OWN, "body", left.n ? arena_printf(a, "%zu bytes", left.n) : SLICE_ABSENT,
			right.n ? arena_printf(a, "%zu bytes", right.n) : SLICE_ABSENT);
}

void compare_fields(struct comparing *c, struct slice left, struct slice right)
{
	struct fields *l = arena_alloc(&c->out->arena, sizeof(*l)), *r = arena_alloc(&c->out->arena, sizeof(*r));

	collect(l, left);
	collect(r, right);
	for (unsigned i = 0; i < l->count; i++) {
		const struct field_line *line = &l->list[i], *other;

		if (is_told_elsewhere(line->name))
			continue;
		other = take(r, line->name);
		compare_field(c, line->name, line->value, other ? other->value : SLICE_ABSENT);
	}
	for (unsigned i = 0; i < r->count; i++)
		if (!r->told[i] && !is_told_elsewhere(r->list[i].name))
			compare_field(c, r->list[i].name, SLICE_ABSENT, r->list[i].value);
	compare_bodies(c, l->body, r->body);
}

/* ---- two messages ---- */

static struct slice start_line(struct slice message)
{
	struct slice rest = fields_begin(message);
	struct slice line = slice_between(message.p, rest.p);

	return slice_trim(line);
}

static const char *auth_field_name(enum auth_field_kind kind)
{
	static const char *const names[] = {
		[AUTH_WWW_AUTHENTICATE] = "WWW-Authenticate",
		[AUTH_PROXY_AUTHENTICATE] = "Proxy-Authenticate",
		[AUTH_AUTHORIZATION] = "Authorization",
		[AUTH_PROXY_AUTHORIZATION] = "Proxy-Authorization",
		[AUTH_AUTHENTICATION_INFO] = "Authentication-Info",
	};

	return names[kind];
}

/* The n-th field of this kind, scanned; NULL: there is none. */
static const struct params *auth_params(
	struct comparing *c, const struct message *m, enum auth_field_kind kind, unsigned n)
{
	for (unsigned i = 0; i < m->auth_count; i++) {
		struct params *p;

		if (m->auth[i].kind != kind || n--)
			continue;
		p = arena_alloc(&c->out->arena, sizeof(*p));
		if (params_scan(m->auth[i].value, &c->out->arena, p, 1))
			return p;
	}
	return NULL;
}

static void compare_auth_fields(struct comparing *c, const struct message *l, const struct message *r)
{
	for (int kind = AUTH_WWW_AUTHENTICATE; kind < AUTH_AUTHENTICATION_INFO; kind++)
		for (unsigned n = 0; n < MESSAGE_AUTH_MAX; n++) {
			const struct params *a = auth_params(c, l, (enum auth_field_kind)kind, n);
			const struct params *b = auth_params(c, r, (enum auth_field_kind)kind, n);

			if (!a && !b)
				break;
			c->section = auth_field_name((enum auth_field_kind)kind);
			c->part = n ? n + 1 : 0;
			compare_params(c, kind >= AUTH_AUTHORIZATION, a, b);
		}
	c->part = 0;
}

void compare_messages(struct slice left, struct slice right, struct comparison *out)
{
	struct comparing c = {.out = out, .section = "Message"};
	struct auth_field left_auth[MESSAGE_AUTH_MAX], right_auth[MESSAGE_AUTH_MAX];
	struct message l, r;

	compare_add(&c, WEIGHT_MATTERS, "start line", start_line(left), start_line(right));
	if (message_scan(left, &l, left_auth) && message_scan(right, &r, right_auth)) {
		c.same_user = slice_eq(name_addr_user(l.from), name_addr_user(r.from));
		c.same_target = slice_eq(l.request_uri, r.request_uri);
		compare_add(&c, WEIGHT_MATTERS, "User-Agent", l.user_agent, r.user_agent);
		compare_add(&c, WEIGHT_MATTERS, "Server", l.server, r.server);
		compare_auth_fields(&c, &l, &r);
		c.section = "Message";
	}
	compare_fields(&c, left, right);
}

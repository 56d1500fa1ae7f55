/* A message byte by byte: what each of its bytes is decides how it looks. */
#include "view/pages.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "sip/fields.h"
#include "sip/message.h"

enum { TABS = 8, ESCAPED = 4 /* "\\x1b" */, INDENT = 2 };

/* Styles for the bytes of a message, and which finding marks them. */
struct painting {
	const struct detail *d;
	size_t index;             /* of the message */
	const struct finding *only; /* that is marked; NULL: all */
	struct place place;
	struct slice bytes;
	struct message scanned;
	struct auth_field auth[MESSAGE_AUTH_MAX];
	struct arena arena;       /* of parameters */
	uint8_t *styles;          /* enum style, for each byte */
	uint8_t *findings;        /* index of the finding that marks it, from 1; 0: none */
	uint8_t *credentials;     /* the same of the credentials of the message */
};

static void paint(struct painting *g, struct slice part, enum style style)
{
	if (part.p && part.n)
		memset(g->styles + (part.p - g->bytes.p), style, part.n);
}

static const struct exchange *exchange_of(const struct painting *g)
{
	return g->d->exchanges[g->d->messages[g->index].exchange].x;
}

/* ---- what everything is ---- */

static void paint_fields(struct painting *g)
{
	struct slice rest = fields_begin(g->bytes);
	struct field_line line;

	paint(g, slice_between(g->bytes.p, rest.p), g->scanned.request ? STYLE_REQUEST : STYLE_RESPONSE);
	while (fields_next(&rest, &line))
		paint(g, line.name, STYLE_FIELD);
}

static void paint_params(struct painting *g, const struct params *params)
{
	paint(g, params->scheme, STYLE_BOLD);
	for (uint32_t i = 0; i < params->count; i++) {
		const struct param *param = &params->list[i];

		paint(g, param_name_sent(param), STYLE_KEY);
		paint(g, param_raw(param), param->id == PARAM_NONCE || param->id == PARAM_NEXTNONCE
				? page_nonce_style(param_value(param)) : STYLE_VALUE);
	}
}

/* The raw value or, without one, the name. */
static struct slice evidence_bytes(const struct param *param)
{
	struct slice raw = param_raw(param);

	return raw.p ? slice_between(param->name, raw.p + raw.n) : param_name_sent(param);
}

static void mark(struct painting *g, struct slice part, unsigned finding)
{
	if (!part.n || finding >= UINT8_MAX)
		return;
	paint(g, part, STYLE_MARK);
	memset(g->findings + (part.p - g->bytes.p), (int)finding + 1, part.n);
}

/* A finding about a message as a whole is shown by the name of its first field of authentication. */
static void mark_name(struct painting *g, const struct auth_field *field, unsigned finding)
{
	const char *begin = field->value.p;

	while (begin > g->bytes.p && begin[-1] != '\n')
		begin--;
	mark(g, slice_trim(slice_head(slice_between(begin, field->value.p),
		slice_find(slice_between(begin, field->value.p), ':'))), finding);
}

static void mark_findings(struct painting *g, const struct params *params, const struct auth_field *field)
{
	const struct exchange *x = exchange_of(g);

	/* the worst stand first, and are painted last */
	for (unsigned i = x->finding_count; i-- > 0;) {
		const struct finding *f = x->findings[i];
		const struct param *param = params_get(params, f->param);

		if (g->only ? f != g->only : f->severity < SEVERITY_WARNING)
			continue;
		if (!place_has_finding(&g->place, f))
			continue;
		if (f->param == PARAM_UNKNOWN)
			mark_name(g, field, i);
		else if (param)
			mark(g, evidence_bytes(param), i);
		else
			mark(g, params->scheme.n ? params->scheme : slice_head(field->value, 1), i);
	}
}

static bool is_info(enum auth_field_kind kind)
{
	return kind == AUTH_AUTHENTICATION_INFO;
}

static void paint_auth(struct painting *g)
{
	unsigned number = 0, suspect = place_suspect(&g->place);

	for (unsigned i = 0; i < g->scanned.auth_count; i++) {
		const struct auth_field *field = &g->auth[i];
		struct params list[PARAMS_LIST_MAX];
		size_t n = 1;

		if (is_info(field->kind))
			params_scan_info(field->value, &g->arena, list);
		else
			n = params_scan(field->value, &g->arena, list, PARAMS_LIST_MAX);
		for (size_t k = 0; k < n; k++) {
			paint_params(g, &list[k]);
			if (is_info(field->kind))
				continue;
			if (number == suspect)
				mark_findings(g, &list[k], field);
			if (!g->place.response && g->place.attempt && number < UINT8_MAX - 1)
				memset(g->credentials + (list[k].text.p - g->bytes.p), (int)number + 1, list[k].text.n);
			number++;
		}
	}
}

static bool begin(struct painting *g, const struct detail *d, size_t message, const struct finding *only)
{
	struct place *places;
	bool sip;

	*g = (struct painting){.d = d, .index = message, .only = only};
	g->bytes = slice_head(d->messages[message].bytes, MESSAGE_MAX);
	g->styles = xcalloc(3, g->bytes.n + 1);
	g->findings = g->styles + g->bytes.n + 1;
	g->credentials = g->findings + g->bytes.n + 1;
	sip = message_scan(g->bytes, &g->scanned, g->auth);
	if (!sip)
		return false;
	places = xcalloc(d->count, sizeof(*places));
	detail_places(d, places);
	g->place = places[message];
	free(places);
	paint_fields(g);
	paint_auth(g);
	return true;
}

static void end(struct painting *g)
{
	free(g->styles);
	arena_free(&g->arena);
}

/* ---- lines ---- */

static uint32_t credentials_before(const struct exchange *x, const struct attempt *a)
{
	uint32_t n = 0;

	for (const struct attempt *b = x->attempts; b && b != a; b = b->next)
		n += b->credential_count;
	return n;
}

/* A line leads to the finding that is marked on it, else to the credentials that stand there. */
static struct link link_of(const struct painting *g, size_t from, size_t to)
{
	uint32_t of = g->d->messages[g->index].exchange;

	for (size_t i = from; i < to; i++)
		if (g->findings[i])
			return (struct link){LINK_FINDING, g->findings[i] - 1u, of};
	for (size_t i = from; i < to; i++)
		if (g->credentials[i])
			return (struct link){LINK_DIGEST,
				credentials_before(exchange_of(g), g->place.attempt) + g->credentials[i] - 1u, of};
	return NO_LINK;
}

/* Bytes of the character at `at`, and the most columns that it may take. */
static size_t character(const struct painting *g, size_t at, size_t end, size_t *columns)
{
	struct slice rest = slice_between(g->bytes.p + at, g->bytes.p + end);
	size_t n = utf8_sequence(rest);

	if (n > 1)
		*columns = page_columns(slice_head(rest, n));
	else if (*rest.p == '\t')
		*columns = TABS;
	else
		*columns = n && *rest.p >= ' ' && *rest.p != 0x7f ? 1 : ESCAPED;
	return n ? n : 1;
}

/* How many bytes go on one line of the page: all, or so many that it ends at a gap between words or parameters. */
static size_t fitting(const struct painting *g, size_t from, size_t to, size_t room)
{
	size_t at = from, gap = from, columns, n = 0;

	while (at < to) {
		n = character(g, at, to, &columns);
		/* a page is never so narrow, but one character goes on every line */
		if (columns > room && at > from)
			break;
		room -= columns < room ? columns : room;
		at += n;
		if (strchr(" ,;", g->bytes.p[at - 1]) && g->bytes.p[at - 1])
			gap = at;
	}
	return at == to || gap < from + (at - from) / 2 ? at - from : gap - from;
}

/* How many bytes from `at` on look alike. */
static size_t run(const struct painting *g, size_t at, size_t end)
{
	size_t n = at;

	while (n < end && g->styles[n] == g->styles[at] && g->bytes.p[n] != '\t')
		n++;
	return n - at;
}

/* Bytes that fit on a line of the page, which ends where there is a gap, if it has to end. */
static void add_part(struct page *p, const struct painting *g, size_t from, size_t to)
{
	for (size_t at = from, n; at < to; at += n) {
		n = 1;
		if (g->bytes.p[at] == '\t') {
			page_to_column(p, page_column(p) + TABS - page_column(p) % TABS);
			continue;
		}
		n = run(g, at, to);
		page_slice(p, (enum style)g->styles[at], (struct slice){g->bytes.p + at, n});
	}
}

/* One line of the message on as many of the page as it takes. */
static void add_line(struct page *p, const struct painting *g, size_t from, size_t to)
{
	struct link link = link_of(g, from, to);
	size_t indent = 0;

	do {
		size_t end = from + fitting(g, from, to, page_width(p) - indent);

		page_to_column(p, indent);
		add_part(p, g, from, end);
		page_end_line(p, link);
		from = end;
		indent = INDENT;
	} while (from < to);
}

/* The end of the line that begins at `at`, without what ends it; *next: where the one after it begins. */
static size_t line_end(struct slice bytes, size_t at, size_t *next)
{
	size_t end = at + slice_find(slice_from(bytes, at), '\n');

	*next = end + (end < bytes.n);
	return end > at && bytes.p[end - 1] == '\r' ? end - 1 : end;
}

/* Findings about the message that no byte of it shows, and what is missing. */
static void add_notes(struct page *p, const struct painting *g)
{
	const struct exchange *x = exchange_of(g);
	uint32_t of = g->d->messages[g->index].exchange;
	bool any = false;

	for (uint32_t i = 0; i < x->finding_count; i++) {
		const struct finding *f = x->findings[i];

		if (f->severity < SEVERITY_WARNING || !place_has_finding(&g->place, f))
			continue;
		if (!any)
			page_heading(p, "Findings here");
		any = true;
		page_text(p, severity_style(f->severity), "! %s", finding_kind(f->id)->id);
		page_text(p, STYLE_PLAIN, "  ");
		page_wrap(p, STYLE_PLAIN, f->message, 2, (struct link){LINK_FINDING, i, of});
	}
}

void message_page(struct page *p, const struct detail *d, size_t message)
{
	struct painting g;

	begin(&g, d, message, NULL);
	for (size_t at = 0, next; at < g.bytes.n; at = next)
		add_line(p, &g, at, line_end(g.bytes, at, &next));
	if (d->messages[message].cut) {
		page_text(p, STYLE_WARNING, "(the capture has no more of it)");
		page_end_line(p, NO_LINK);
	}
	add_notes(p, &g);
	end(&g);
}

static bool is_marked(const struct painting *g, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (g->findings[i])
			return true;
	return false;
}

void message_evidence(struct page *p, const struct detail *d, size_t message, const struct finding *f)
{
	struct painting g;

	begin(&g, d, message, f);
	for (size_t at = 0, next; at < g.bytes.n; at = next) {
		size_t to = line_end(g.bytes, at, &next);

		if (is_marked(&g, at, to))
			add_line(p, &g, at, to);
	}
	end(&g);
}

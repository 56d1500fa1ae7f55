/*
 *              10.77.0.10:5060                                10.77.0.1:5060
 * 09:42:38.185 |--REGISTER sip:10.77.0.1, CSeq 1----------------------->|
 *       +0.000 |<-401 Unauthorized--------------------------------------|
 *              |  WWW-Authenticate realm="voip.example" nonce=awK5..jzL  |
 */
#include "view/pages.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/format.h"
#include "sip/uri.h"

enum {
	HOSTS_MAX = 32,
	TIME_COLUMNS = 12,
	DELTA_COLUMNS = 9,       /* beside it, where there is room */
	FRAME_COLUMNS = 7,
	WIDE = 70, WIDEST = 100, /* pages that have that room */
	SPACING_MIN = 22,        /* between hosts; more of them make the page wider */
	NONCE_COLUMNS = 12,
	VALUE_COLUMNS = 40,
	METHOD_COLUMNS = 20,
	LABEL_MIN = 12
};

struct host {
	struct address address;
	bool several_ports;
	struct slice software;   /* User-Agent or Server, as far as it sent one */
	size_t column;           /* of its line */
};

struct ladder {
	struct page *page;
	const struct detail *d;
	const struct ladder_options *o;
	struct place *places;
	struct message *scanned; /* one for each message; start line, CSeq, names of software */
	struct host hosts[HOSTS_MAX];
	size_t host_count;
	bool ports_tell;         /* both ends are on one machine */
	size_t left;             /* where times end */
	int64_t before;          /* time of the message on the line above */
};

/* ---- hosts ---- */

static bool same_host(const struct ladder *l, const struct address *a, const struct address *b)
{
	return l->ports_tell ? address_eq(a, b) : address_same_ip(a, b);
}

static struct host *host_of(struct ladder *l, const struct address *a)
{
	for (size_t i = 0; i < l->host_count; i++)
		if (same_host(l, &l->hosts[i].address, a))
			return &l->hosts[i];
	if (l->host_count == HOSTS_MAX)
		return &l->hosts[HOSTS_MAX - 1];
	l->hosts[l->host_count] = (struct host){.address = *a};
	return &l->hosts[l->host_count++];
}

static void note_host(struct ladder *l, const struct address *a, struct slice software)
{
	struct host *h = host_of(l, a);

	h->several_ports |= h->address.port != a->port;
	if (!h->software.n)
		h->software = software;
}

static void find_hosts(struct ladder *l)
{
	const struct detail *d = l->d;

	for (size_t i = 0; i < d->count; i++)
		l->ports_tell |= address_same_ip(&d->messages[i].src, &d->messages[i].dst);
	for (size_t i = 0; i < d->count; i++) {
		const struct message *m = &l->scanned[i];

		note_host(l, &d->messages[i].src, m->server.n && !m->request ? m->server : m->user_agent);
		note_host(l, &d->messages[i].dst, SLICE_ABSENT);
	}
}

/* The first line stands after the times, the last at the end of the page. */
static void place_hosts(struct ladder *l)
{
	size_t gaps = l->host_count > 1 ? l->host_count - 1 : 1;
	size_t room = page_width(l->page) > l->left + 2 ? page_width(l->page) - l->left - 2 : 0;
	size_t spacing = room / gaps < SPACING_MIN ? SPACING_MIN : room / gaps;

	for (size_t i = 0; i < l->host_count; i++)
		l->hosts[i].column = l->left + 1 + i * spacing;
}

static void host_name(const struct ladder *l, const struct host *h, struct buf *out)
{
	const char *name = l->o->name ? l->o->name(l->o->arg, &h->address) : NULL;
	char text[ADDRESS_TEXT];

	if (name)
		buf_adds(out, name);
	else if (h->several_ports || !h->address.port)
		buf_adds(out, address_format_ip(&h->address, text));
	else
		buf_adds(out, address_format(&h->address, text));
}

/* Names over the lines: the first begins at its line, the last ends there, the others stand above. */
static void host_line(struct ladder *l, enum style style, bool software)
{
	struct page *p = l->page;

	for (size_t i = 0; i < l->host_count; i++) {
		const struct host *h = &l->hosts[i];
		size_t room = l->host_count > 1 ? l->hosts[1].column - l->hosts[0].column - 2 : VALUE_COLUMNS;
		struct buf name = {0};
		size_t columns;

		if (software)
			buf_add_printable(&name, h->software);
		else
			host_name(l, h, &name);
		if (l->host_count == 2)
			room = room / 2;
		columns = page_columns(buf_slice(&name));
		columns = columns > room ? room : columns;
		page_to_column(p, i == 0 ? h->column : i == l->host_count - 1 ? h->column + 1 - columns
									     : h->column - columns / 2);
		page_short(p, style, buf_slice(&name), room);
		buf_free(&name);
	}
	page_end_line(p, NO_LINK);
}

static bool any_software(const struct ladder *l)
{
	for (size_t i = 0; i < l->host_count; i++)
		if (l->hosts[i].software.n)
			return true;
	return false;
}

/* ---- lines ---- */

/* Blanks up to the column, and the lines of the hosts in between. */
static void to_column(struct ladder *l, size_t column)
{
	for (size_t i = 0; i < l->host_count; i++) {
		size_t at = l->hosts[i].column;

		if (at < page_column(l->page) || at >= column)
			continue;
		page_to_column(l->page, at);
		page_slice(l->page, STYLE_DIM, l->page->utf8 ? SLICE("\xe2\x94\x82") : SLICE("|"));
	}
	page_to_column(l->page, column);
}

static size_t end_column(const struct ladder *l)
{
	return l->hosts[l->host_count - 1].column + 1;
}

static void end_line(struct ladder *l, struct link link)
{
	to_column(l, end_column(l));
	page_end_line(l->page, link);
}

static void fill(struct ladder *l, enum style style, size_t column)
{
	for (size_t at = page_column(l->page); at < column; at++)
		page_slice(l->page, style, l->page->utf8 ? SLICE("\xe2\x94\x80") : SLICE("-"));
}

static void seconds(struct buf *out, int64_t span)
{
	int64_t ms = span / 1000000;

	buf_printf(out, "%c%" PRId64 ".%03" PRId64, span < 0 ? '-' : '+', (ms < 0 ? -ms : ms) / 1000,
		(ms < 0 ? -ms : ms) % 1000);
}

/* The time, what went by since the line above, and the frame: as much of it as there is room for. */
static void add_times(struct ladder *l, const struct detail_message *m)
{
	struct buf time = {0}, since = {0};

	if (l->o->time == LADDER_CLOCK)
		format_clock(&time, m->time);
	else
		seconds(&time, m->time - l->d->messages[0].time);
	page_text(l->page, STYLE_PLAIN, "%*s", TIME_COLUMNS, buf_string(&time));
	if (page_width(l->page) >= WIDE) {
		if (l->before)
			seconds(&since, m->time - l->before);
		page_text(l->page, STYLE_DIM, "%*s", DELTA_COLUMNS, buf_string(&since));
	}
	if (page_width(l->page) >= WIDEST)
		page_text(l->page, STYLE_DIM, "%*" PRIu32, FRAME_COLUMNS, m->frame);
	l->before = m->time;
	buf_free(&time);
	buf_free(&since);
}

/* ---- what stands on an arrow ---- */

static enum severity worst_finding(const struct ladder *l, size_t i)
{
	const struct exchange *x = l->d->exchanges[l->d->messages[i].exchange].x;
	enum severity worst = SEVERITY_OK;

	for (unsigned k = 0; k < x->finding_count; k++)
		if (place_has_finding(&l->places[i], x->findings[k]) && x->findings[k]->severity > worst)
			worst = x->findings[k]->severity;
	return worst;
}

static enum style arrow_style(const struct ladder *l, size_t i)
{
	const struct message *m = &l->scanned[i];

	if (worst_finding(l, i) == SEVERITY_ERROR)
		return STYLE_ERROR;
	if (l->o->color == LADDER_COLOR_CALL_ID)
		return page_nonce_style(m->call_id);
	if (l->o->color == LADDER_COLOR_CSEQ)
		return (enum style)(STYLE_NONCE_0 + m->cseq % (STYLE_NONCE_5 - STYLE_NONCE_0 + 1));
	if (m->request)
		return STYLE_REQUEST;
	return m->status >= 200 && m->status < 300 ? STYLE_GOOD : STYLE_RESPONSE;
}

/* Copies of this message, itself included, and the time of the last. */
static uint32_t copies(const struct ladder *l, size_t i, int64_t *last)
{
	uint32_t n = 0;

	for (size_t k = i; k < l->d->count; k++)
		if (l->places[k].first == i) {
			*last = l->d->messages[k].time;
			n++;
		}
	return n;
}

static void add_copies(const struct ladder *l, size_t i, struct buf *out)
{
	int64_t last = 0;
	uint32_t n;

	if (l->places[i].first != i) {
		buf_adds(out, " (again)");
		return;
	}
	n = l->o->unfolded ? 1 : copies(l, i, &last);
	if (n > 1) {
		buf_printf(out, " x%" PRIu32 " until +", n);
		format_span(out, last - l->d->messages[i].time);
	}
}

/* "REGISTER sip:example.com, CSeq 2", or without the URI where there is no room for it. */
static void request_label(const struct message *m, size_t room, struct buf *out)
{
	size_t method = m->method_name.n < METHOD_COLUMNS ? m->method_name.n : METHOD_COLUMNS;
	size_t rest = method + strlen(" , CSeq 4294967295");

	format_short(out, m->method_name, METHOD_COLUMNS);
	if (room > rest + LABEL_MIN) {
		buf_addc(out, ' ');
		format_short(out, m->request_uri, room - rest);
	}
	if (m->cseq_valid)
		buf_printf(out, ", CSeq %" PRIu32, m->cseq);
}

static void add_label(struct ladder *l, size_t i, enum style style, size_t room)
{
	const struct message *m = &l->scanned[i];
	struct buf label = {0}, more = {0};

	add_copies(l, i, &more);
	if (l->d->messages[i].cut)
		buf_adds(&more, " (cut)");
	if (m->request) {
		request_label(m, room > more.n ? room - more.n : 0, &label);
	} else {
		buf_printf(&label, "%u ", m->status);
		format_short(&label, m->reason, VALUE_COLUMNS);
		if (m->cseq_valid && m->method != METHOD_REGISTER)
			buf_printf(&label, " (%s)", method_name(m->method));
	}
	buf_add_slice(&label, buf_slice(&more));
	page_short(l->page, style, buf_slice(&label), room);
	buf_free(&label);
	buf_free(&more);
}

static void add_arrow(struct ladder *l, size_t i)
{
	const struct detail_message *m = &l->d->messages[i];
	size_t from = host_of(l, &m->src)->column, to = host_of(l, &m->dst)->column;
	size_t begin = from < to ? from : to, end = from < to ? to : from;
	enum style style = arrow_style(l, i);

	to_column(l, begin + 1);
	if (from < to)
		fill(l, style, begin + 3);
	else
		page_slice(l->page, style, SLICE("<"));
	fill(l, style, begin + 3);
	add_label(l, i, style, end > begin + 6 + LABEL_MIN ? end - begin - 6 : LABEL_MIN);
	if (from < to) {
		fill(l, style, end - 1);
		page_slice(l->page, style, SLICE(">"));
	} else {
		fill(l, style, end);
	}
	end_line(l, (struct link){LINK_MESSAGE, (uint32_t)i, 0});
}

/* ---- under an arrow: parameters and findings ---- */

/* Words between two lines of hosts, on as many lines as they need. */
struct words {
	struct ladder *l;
	size_t begin, end;
	struct link link;
	bool fresh;
};

static struct words words_under(struct ladder *l, size_t i, struct link link)
{
	const struct detail_message *m = &l->d->messages[i];
	size_t from = host_of(l, &m->src)->column, to = host_of(l, &m->dst)->column;
	struct words w = {l, (from < to ? from : to) + 3, from < to ? to : from, link, true};

	if (w.end < w.begin + SPACING_MIN)
		w.end = end_column(l);
	return w;
}

static void word_break(struct words *w)
{
	if (!w->fresh)
		end_line(w->l, w->link);
	to_column(w->l, w->begin + (w->fresh ? 0 : 2));
	w->fresh = false;
}

static void add_word(struct words *w, enum style style, struct slice name, enum style value_style,
	struct slice value, size_t max)
{
	size_t columns = page_columns(name) + (value.n < max ? value.n : max) + 1;
	struct page *p = w->l->page;

	if (w->fresh || page_column(p) + columns + 1 > w->end)
		word_break(w);
	else
		page_slice(p, STYLE_PLAIN, SLICE(" "));
	page_slice(p, style, name);
	if (!value.p)
		return;
	if (name.n)
		page_slice(p, style, SLICE("="));
	page_short(p, value_style, value, max);
}

static void add_param(struct words *w, const struct params *params, enum param_id id)
{
	const struct param *param = params_get(params, id);
	bool nonce = id == PARAM_NONCE;

	if (param)
		add_word(w, STYLE_DIM, slice_of(param_name(id)), nonce ? page_nonce_style(param->value) : STYLE_VALUE,
			nonce ? param->value : param->raw, nonce ? NONCE_COLUMNS : VALUE_COLUMNS);
}

static void add_params(struct words *w, const char *field, const struct params *params, const enum param_id *ids,
	size_t count)
{
	add_word(w, STYLE_FIELD, slice_of(field), STYLE_PLAIN, SLICE_ABSENT, 0);
	if (!params_is_digest(params))
		add_word(w, STYLE_VALUE, params->scheme, STYLE_PLAIN, SLICE_ABSENT, 0);
	for (size_t i = 0; i < count; i++)
		add_param(w, params, ids[i]);
}

static void add_challenges(struct ladder *l, size_t i, const struct response *r)
{
	static const enum param_id ids[] = {PARAM_REALM, PARAM_NONCE, PARAM_ALGORITHM, PARAM_QOP, PARAM_STALE};

	for (unsigned k = 0; k < r->challenge_count; k++) {
		const struct challenge *c = &r->challenges[k];
		struct words w = words_under(l, i, (struct link){LINK_MESSAGE, (uint32_t)i, 0});

		add_params(&w, challenge_field_name(c->kind), &c->params, ids, sizeof(ids) / sizeof(*ids));
		end_line(l, w.link);
	}
}

/* The number of the first credentials of this attempt, as links count them. */
static uint32_t first_credential(const struct exchange *x, const struct attempt *a)
{
	uint32_t n = 0;

	for (const struct attempt *b = x->attempts; b && b != a; b = b->next)
		n += b->credential_count;
	return n;
}

static void add_verification(struct words *w, enum verification v)
{
	if (v == VERIFICATION_MATCH)
		add_word(w, STYLE_GOOD, SLICE("digest right"), STYLE_PLAIN, SLICE_ABSENT, 0);
	else if (v == VERIFICATION_MISMATCH)
		add_word(w, STYLE_ERROR, SLICE("digest wrong"), STYLE_PLAIN, SLICE_ABSENT, 0);
}

static void add_credentials(struct ladder *l, size_t i, const struct attempt *a)
{
	static const enum param_id ids[] = {
		PARAM_USERNAME, PARAM_REALM, PARAM_NONCE, PARAM_NC, PARAM_ALGORITHM, PARAM_QOP};
	uint32_t of = l->d->messages[i].exchange;
	uint32_t n = first_credential(l->d->exchanges[of].x, a);

	for (unsigned k = 0; k < a->credential_count; k++) {
		const struct credential *c = &a->credentials[k];
		struct words w = words_under(l, i, (struct link){LINK_DIGEST, n + k, of});

		add_params(&w, credential_field_name(c->kind), &c->params, ids, sizeof(ids) / sizeof(*ids));
		add_verification(&w, c->verification);
		end_line(l, w.link);
	}
}

static void add_findings(struct ladder *l, size_t i)
{
	uint32_t of = l->d->messages[i].exchange;
	const struct exchange *x = l->d->exchanges[of].x;

	for (uint32_t k = 0; k < x->finding_count; k++) {
		const struct finding *f = x->findings[k];
		struct words w = words_under(l, i, (struct link){LINK_FINDING, k, of});

		if (f->severity < SEVERITY_WARNING || !place_has_finding(&l->places[i], f))
			continue;
		add_word(&w, severity_style(f->severity), SLICE("!"), STYLE_PLAIN, SLICE_ABSENT, 0);
		add_word(&w, severity_style(f->severity), slice_of(finding_kind(f->id)->id), STYLE_PLAIN,
			SLICE_ABSENT, 0);
		end_line(l, w.link);
	}
}

/* What did not come, or came in another way than as a SIP message. */
static void add_silence(struct ladder *l, size_t i, const struct attempt *a)
{
	struct words w = words_under(l, i, (struct link){LINK_MESSAGE, (uint32_t)i, 0});
	struct buf text = {0};
	char by[ADDRESS_TEXT];

	if (a->unreachable)
		buf_printf(&text, "ICMP %s from %s, frame %" PRIu32, a->unreachable,
			address_format_ip(&a->unreachable_by, by), a->unreachable_frame);
	else if (!a->final)
		buf_adds(&text, a->provisional ? "no final response" : "no response");
	if (text.n) {
		add_word(&w, a->unreachable ? STYLE_ERROR : STYLE_DIM, buf_slice(&text), STYLE_PLAIN, SLICE_ABSENT, 0);
		end_line(l, w.link);
	}
	buf_free(&text);
}

static void add_message(struct ladder *l, size_t i)
{
	const struct place *place = &l->places[i];
	bool copy = place->first != i;

	if (copy && !l->o->unfolded)
		return;
	add_times(l, &l->d->messages[i]);
	add_arrow(l, i);
	if (copy || !place->attempt)
		return;
	if (place->response && l->o->details)
		add_challenges(l, i, place->response);
	else if (!place->response && l->o->details)
		add_credentials(l, i, place->attempt);
	add_findings(l, i);
	if (!place->response)
		add_silence(l, i, place->attempt);
}

/* ---- the page ---- */

static void scan_all(struct ladder *l)
{
	struct auth_field auth[MESSAGE_AUTH_MAX];

	l->scanned = xcalloc(l->d->count + 1, sizeof(*l->scanned));
	for (size_t i = 0; i < l->d->count; i++) {
		message_scan(l->d->messages[i].bytes, &l->scanned[i], auth);
		l->scanned[i].auth = NULL;
	}
}

static void add_title(struct page *p, const struct detail_exchange *e)
{
	const struct exchange *x = e->x;
	bool failed = outcome_failed(x->outcome);

	page_text(p, STYLE_HEAD, "#%" PRIu32 " ", e->n);
	page_short(p, STYLE_HEAD, x->method_name, METHOD_COLUMNS);
	page_text(p, STYLE_HEAD, " ");
	page_short(p, STYLE_HEAD, exchange_user(x), VALUE_COLUMNS);
	page_text(p, failed ? STYLE_ERROR : STYLE_GOOD, "  %s", outcome_name(x->outcome));
	if (x->status)
		page_text(p, failed ? STYLE_ERROR : STYLE_GOOD, " (%u)", x->status);
	page_end_line(p, NO_LINK);
	page_wrap(p, STYLE_PLAIN, x->verdict, 0, NO_LINK);
}

void ladder_page(struct page *p, const struct detail *d, const struct ladder_options *o)
{
	struct ladder l = {.page = p, .d = d, .o = o};

	l.left = TIME_COLUMNS + (page_width(p) >= WIDE ? DELTA_COLUMNS : 0) +
		(page_width(p) >= WIDEST ? FRAME_COLUMNS : 0);
	l.places = xcalloc(d->count + 1, sizeof(*l.places));
	detail_places(d, l.places);
	scan_all(&l);
	for (size_t i = 0; i < d->exchange_count; i++)
		add_title(p, &d->exchanges[i]);
	if (d->count) {
		page_end_line(p, NO_LINK);
		find_hosts(&l);
		place_hosts(&l);
		host_line(&l, STYLE_BOLD, false);
		if (any_software(&l))
			host_line(&l, STYLE_DIM, true);
	}
	for (size_t i = 0; i < d->count; i++)
		add_message(&l, i);
	for (uint32_t i = 0; i < d->exchange_count; i++)
		findings_list(p, d, i);
	free(l.places);
	free(l.scanned);
}

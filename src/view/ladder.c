/*
 *              10.77.0.10:5060                                10.77.0.1:5060
 * 09:42:38.185 |--REGISTER sip:10.77.0.1, CSeq 1----------------------->|
 *       +0.000 |<-401 Unauthorized--------------------------------------|
 *              |  WWW-Authenticate realm="voip.example" nonce=awK5..jzL  |
 */
#include "view/ladder.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/format.h"

enum {
	TIME_COLUMNS = 12,
	DELTA_COLUMNS = 9,       /* beside it, where there is room */
	FRAME_COLUMNS = 7,
	WIDE = 70, WIDEST = 100, /* pages that have that room */
	METHOD_COLUMNS = 20,
	LABEL_MIN = 12
};

/* ---- times ---- */

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

/* "REGISTER sip:example.com, CSeq 2"; with less room less of the URI, without it, "REGISTER 2". */
static void request_label(const struct message *m, size_t room, struct buf *out)
{
	struct buf method = {0}, cseq = {0};
	size_t rest;

	format_short(&method, m->method_name, METHOD_COLUMNS);
	if (m->cseq_valid)
		buf_printf(&cseq, "CSeq %" PRIu32, m->cseq);
	rest = method.n + strlen(", ") + cseq.n;
	buf_add_slice(out, buf_slice(&method));
	if (room > rest + LABEL_MIN) {
		bool whole = m->request_uri.n < room - rest;

		buf_addc(out, ' ');
		buf_add_printable(out, whole ? m->request_uri : format_head(m->request_uri, room - rest - 3));
		buf_adds(out, whole ? "" : "..");
	}
	buf_adds(out, room >= rest ? ", " : " ");
	buf_add_slice(out, room >= rest ? buf_slice(&cseq) : slice_from(buf_slice(&cseq), strlen("CSeq ")));
	buf_free(&method);
	buf_free(&cseq);
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
		format_short(&label, m->reason, LADDER_VALUE_COLUMNS);
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
	size_t from = ladder_host(l, &m->src)->column, to = ladder_host(l, &m->dst)->column;
	size_t begin = from < to ? from : to, end = from < to ? to : from;
	enum style style = arrow_style(l, i);

	ladder_to_column(l, begin + 1);
	if (from < to)
		ladder_fill(l, style, begin + 3);
	else
		page_slice(l->page, style, SLICE("<"));
	ladder_fill(l, style, begin + 3);
	add_label(l, i, style, end > begin + 6 + LABEL_MIN ? end - begin - 6 : LABEL_MIN);
	if (from < to) {
		ladder_fill(l, style, end - 1);
		page_slice(l->page, style, SLICE(">"));
	} else {
		ladder_fill(l, style, end);
	}
	ladder_end_line(l, (struct link){LINK_MESSAGE, (uint32_t)i, 0});
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
		ladder_challenges(l, i, place->response);
	else if (!place->response && l->o->details)
		ladder_credentials(l, i, place->attempt);
	ladder_findings(l, i);
	if (!place->response)
		ladder_silence(l, i, place->attempt);
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
	enum style style = outcome_failed(x->outcome) ? STYLE_ERROR : STYLE_GOOD;

	page_text(p, STYLE_HEAD, "#%" PRIu32 " ", e->n);
	page_short(p, STYLE_HEAD, x->method_name, METHOD_COLUMNS);
	page_text(p, STYLE_HEAD, " ");
	page_short(p, STYLE_HEAD, exchange_user(x), LADDER_VALUE_COLUMNS);
	page_text(p, style, "  %s", outcome_name(x->outcome));
	if (x->status)
		page_text(p, style, " (%u)", x->status);
	page_end_line(p, NO_LINK);
}

/* What each exchange is, and its verdict, unless it is that of the first. */
static void add_titles(struct ladder *l)
{
	const struct detail *d = l->d;
	struct slice first = d->exchanges[0].x->verdict;

	for (size_t i = 0; i < d->exchange_count; i++) {
		const struct exchange *x = d->exchanges[i].x;

		if (d->exchange_count > 1 || !l->o->untitled)
			add_title(l->page, &d->exchanges[i]);
		if (!i || !slice_eq(x->verdict, first))
			page_wrap(l->page, outcome_failed(x->outcome) ? STYLE_BOLD : STYLE_PLAIN, x->verdict, 0,
				NO_LINK);
	}
	if (d->left_out) {
		page_text(l->page, STYLE_DIM, "%zu more are not shown: one ladder has %zu at most", d->left_out,
			d->exchange_count);
		page_end_line(l->page, NO_LINK);
	}
}

void ladder_page(struct page *p, const struct detail *d, const struct ladder_options *o)
{
	struct ladder l = {.page = p, .d = d, .o = o};

	l.left = TIME_COLUMNS + (page_width(p) >= WIDE ? DELTA_COLUMNS : 0) +
		(page_width(p) >= WIDEST ? FRAME_COLUMNS : 0);
	l.places = xcalloc(d->count + 1, sizeof(*l.places));
	detail_places(d, l.places);
	scan_all(&l);
	add_titles(&l);
	if (d->count) {
		if (!o->untitled)
			page_end_line(p, NO_LINK);
		ladder_find_hosts(&l);
		ladder_place_hosts(&l);
		ladder_host_line(&l, STYLE_BOLD, false);
		ladder_host_line(&l, STYLE_DIM, true);
	}
	for (size_t i = 0; i < d->count; i++)
		add_message(&l, i);
	for (uint32_t i = 0; i < d->exchange_count; i++)
		findings_list(p, d, i);
	free(l.places);
	free(l.scanned);
}

#include "report/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/format.h"
#include "report/paint.h"
#include "report/pointer.h"
#include "report/walk.h"

static const char lost[] = "  (lost: the temporary file could not be read)\n";

static void *open_text(struct report *r)
{
	(void)r;
	return xcalloc(1, sizeof(struct text_state));
}

static void close_text(struct report *r)
{
	struct text_state *t = r->state;

	buf_free(&t->out);
	spill_free(&t->walks);
	spill_free(&t->fine);
	spill_free(&t->scope);
	for (int i = 0; i < FINDING_COUNT; i++)
		buf_free(&t->notices[i].text);
	free(t);
}

void text_heading(struct report *r, const char *heading)
{
	struct text_state *t = r->state;

	paint_add(&t->out, r->options.color, PAINT_HEAD, heading);
	buf_adds(&t->out, "\n\n");
}

/*
 * Is there room for the walk of this failed exchange? The first of its group has some of its own.
 */
static bool wants_walk(struct report *r, bool fresh)
{
	struct text_state *t = r->state;

	if (r->options.quiet)
		return false;
	if (r->options.all || t->walked < TEXT_WALKS) {
		t->walked++;
		return true;
	}
	if (!fresh || t->group_walks >= TEXT_GROUP_WALKS)
		return false;
	t->group_walks++;
	return true;
}

static void note_finding(struct report *r, const struct exchange *x, const struct finding *f)
{
	struct text_state *t = r->state;
	struct text_notice *n = &t->notices[f->id];

	if (n->count < TEXT_NOTICE_EXCHANGES)
		n->exchanges[n->count] = x->n;
	if (n->count++)
		return;
	exchange_say(x);
	n->severity = f->severity;
	n->advice = report_advice(x, f);
	walk_finding_head(&n->text, r, f);
	buf_addc(&n->text, '\n');
	walk_paragraph(&n->text, r, 4, "", f->message);
	n->file = f->file;
	n->frame_count = f->frame_count;
	n->frame_total = f->frame_total;
	memcpy(n->frames, f->frames, sizeof(n->frames));
}

/* Findings of an exchange that did not fail, each kind once for the exchange. */
static void note_findings(struct report *r, const struct exchange *x)
{
	for (unsigned i = 0; i < x->finding_count; i++) {
		const struct finding *f = x->findings[i];
		bool again = false;

		for (unsigned k = 0; k < i; k++)
			again = again || x->findings[k]->id == f->id;
		if (!again && f->severity != SEVERITY_OK && pointer_told(r, f))
			note_finding(r, x, f);
	}
}

static void on_exchange(
	struct report *r, const struct exchange *x, const struct group *group, bool fresh)
{
	struct text_state *t = r->state;
	bool failed = report_failed(x);

	(void)group;
	if (failed && wants_walk(r, fresh)) {
		exchange_say(x);
		walk_exchange(&t->out, r, x);
		spill_add(&t->walks, x->n, buf_slice(&t->out));
	}
	if (!failed)
		note_findings(r, x);
	if (!failed && r->options.verbose) {
		struct exchange_row row = exchange_row(x);

		walk_row(&t->out, &row, 2);
		free(row.user);
		spill_add(&t->fine, x->n, buf_slice(&t->out));
	}
	buf_clear(&t->out);
}

/* Who and when: "user 1001 at 10.0.0.1:5060; 12 times, 10:22:01.310 to 10:24:31.902". */
static void scope_details(struct buf *out, const struct scope_finding *f)
{
	char text[ADDRESS_TEXT];
	const char *separator = "";

	if (f->user.p) {
		buf_adds(out, "user ");
		format_short(out, f->user, 40);
		separator = ", ";
	}
	if (f->realm.p) {
		buf_printf(out, "%srealm ", separator);
		format_short(out, f->realm, 40);
		separator = ", ";
	}
	if (f->server) {
		buf_printf(out, "%sserver %s", separator, address_format(f->server, text));
		separator = ", ";
	}
	for (size_t i = 0; i < f->address_count && i < 4; i++) {
		buf_printf(out, "%s%s", i ? ", " : *separator ? "; from " : "from ",
			address_format_ip(&f->addresses[i], text));
		separator = "; ";
	}
	if (f->address_count > 4)
		buf_printf(out, " and %zu more", f->address_count - 4);
	if (f->first) {
		buf_printf(out, "%s", *separator ? "; " : "");
		format_clock(out, f->first);
		if (f->last != f->first) {
			buf_adds(out, " to ");
			format_clock(out, f->last);
		}
	}
}

static void scope_exchanges(struct buf *out, const struct scope_finding *f)
{
	if (!f->exchange_count)
		return;
	buf_printf(out, "%sexchange%s", out->n ? "; " : "", f->exchange_count == 1 ? "" : "s");
	for (unsigned i = 0; i < f->exchange_count; i++)
		buf_printf(out, "%s #%" PRIu32, i ? "," : "", f->exchanges[i]);
	if (f->count > f->exchange_count)
		buf_adds(out, " ...");
}

static void walk_scope(struct buf *out, const struct report *r, const struct scope_finding *f)
{
	struct software_advice advice = report_scope_advice(r, f);
	struct buf details = {0};

	format_indent(out, 2);
	walk_finding_head(out, r, &f->finding);
	buf_addc(out, '\n');
	walk_paragraph(out, r, 4, "", f->finding.message);
	scope_details(&details, f);
	scope_exchanges(&details, f);
	if (details.n)
		walk_paragraph(out, r, 4, "", buf_slice(&details));
	buf_free(&details);
	walk_advice(out, r, f->finding.id, &advice, 4);
	walk_filter(out, r, f->finding.file, f->finding.frames, f->finding.frame_count,
		f->finding.frame_total, 4);
	buf_addc(out, '\n');
}

static void on_finding(struct report *r, const struct scope_finding *f)
{
	struct text_state *t = r->state;
	enum severity s = f->finding.severity;

	/* without any exchange even an info may be the reason */
	if (r->options.quiet || (r->counts.exchanges && !pointer_told(r, &f->finding)))
		return;
	if (!r->options.all && t->scope_told[s] >= TEXT_SCOPE_FINDINGS) {
		t->scope_hidden++;
		return;
	}
	walk_scope(&t->out, r, f);
	/* worst first, then in the order of the engine */
	spill_add(&t->scope, ((uint64_t)(SEVERITY_ERROR - s) << 32) + t->scope_told[s]++,
		buf_slice(&t->out));
	buf_clear(&t->out);
}

static void tell(struct report *r, struct spill *spill)
{
	struct text_state *t = r->state;

	report_write(r, &t->out);
	spill_sort(spill);
	for (size_t i = 0; i < spill->count; i++) {
		if (!spill_get(spill, i, &t->out))
			buf_adds(&t->out, lost);
		report_write(r, &t->out);
	}
}

static void tell_walks(struct report *r)
{
	struct text_state *t = r->state;
	struct walk_told told = {0};
	struct buf walk = {0};

	spill_sort(&t->walks);
	for (size_t i = 0; i < t->walks.count; i++) {
		if (!spill_get(&t->walks, i, &walk))
			buf_adds(&t->out, lost);
		walk_fill(&t->out, r, buf_slice(&walk), (uint32_t)t->walks.pieces[i].number, &told);
		report_write(r, &t->out);
	}
	buf_free(&walk);
	walk_told_free(&told);
}

static void text_walks(struct report *r)
{
	struct text_state *t = r->state;
	uint64_t told = t->walks.count;

	if (told && told < r->shown.failed)
		buf_printf(&t->out,
			"%s%" PRIu64 " of %" PRIu64 " failed exchanges, message by message "
			"(--all for every one)%s\n\n",
			paint_on(r->options.color, PAINT_HEAD), told, r->shown.failed,
			paint_off(r->options.color, PAINT_HEAD));
	tell_walks(r);
}

static void text_fine(struct report *r)
{
	struct text_state *t = r->state;

	if (!t->fine.count)
		return;
	text_heading(r, "Exchanges that did not fail");
	tell(r, &t->fine);
	buf_addc(&t->out, '\n');
}

static void tell_notice(struct report *r, enum finding_id id)
{
	struct text_state *t = r->state;
	struct text_notice *n = &t->notices[id];
	struct buf line = {0};

	format_indent(&t->out, 2);
	buf_add_slice(&t->out, buf_slice(&n->text));
	buf_adds(&line, "in ");
	format_count(&line, n->count, "exchange");
	buf_addc(&line, ':');
	for (unsigned i = 0; i < n->count && i < TEXT_NOTICE_EXCHANGES; i++)
		buf_printf(&line, "%s #%" PRIu32, i ? "," : "", n->exchanges[i]);
	if (n->count > TEXT_NOTICE_EXCHANGES)
		buf_adds(&line, " ...");
	walk_paragraph(&t->out, r, 4, "", buf_slice(&line));
	buf_free(&line);
	walk_advice(&t->out, r, id, &n->advice, 4);
	walk_filter(&t->out, r, n->file, n->frames, n->frame_count, n->frame_total, 4);
	buf_addc(&t->out, '\n');
}

static void text_notices(struct report *r)
{
	struct text_state *t = r->state;
	bool any = false;

	for (int severity = SEVERITY_ERROR; severity > SEVERITY_OK; severity--) {
		for (int id = 0; id < FINDING_COUNT; id++) {
			if (!t->notices[id].count ||
				t->notices[id].severity != (enum severity)severity)
				continue;
			if (!any)
				text_heading(r, "Noticed in exchanges that did not fail");
			any = true;
			tell_notice(r, (enum finding_id)id);
		}
	}
}

static void text_scope(struct report *r)
{
	struct text_state *t = r->state;

	if (!t->scope.count)
		return;
	text_heading(r, "Accounts, servers and the capture as a whole");
	tell(r, &t->scope);
	if (t->scope_hidden)
		buf_printf(&t->out, "  and %" PRIu64 " more (--all for every one)\n\n",
			t->scope_hidden);
}

/* Told at once: the steps of a run are known before the report. */
static void on_probe(struct report *r, const struct report_probe *p)
{
	struct text_state *t = r->state;

	if (!r->options.quiet)
		buf_addc(&t->out, '\n');
	for (size_t i = 0; i < p->step_count; i++) {
		const struct report_step *s = &p->steps[i];

		buf_printf(&t->out, "%s: %s", s->name, s->outcome);
		if (s->status)
			buf_printf(&t->out, " (%u)", s->status);
		if (s->rtt >= 0) {
			buf_adds(&t->out, " in ");
			format_ms(&t->out, s->duration);
			buf_adds(&t->out, " ms, round trip ");
			format_ms(&t->out, s->rtt);
			buf_adds(&t->out, " ms");
		}
		buf_addc(&t->out, '\n');
		if (*s->text)
			walk_paragraph(&t->out, r, 4, "", slice_of(s->text));
	}
	buf_addc(&t->out, '\n');
	report_write(r, &t->out);
	fflush(r->out);
}

static void finish(struct report *r, const struct report_end *e)
{
	struct text_state *t = r->state;

	if (!e->stats->messages) {
		text_no_sip(r, e);
		if (t->scope.count)
			buf_addc(&t->out, '\n');
		text_scope(r);
		report_write(r, &t->out);
		return;
	}
	text_result(r, e);
	text_groups(r);
	if (!r->options.quiet) {
		text_walks(r);
		text_notices(r);
		text_scope(r);
		text_fine(r);
		text_accounts(r, e->accounts);
		text_servers(r, e->advice);
	}
	text_modes(r, e->advice);
	if (!r->options.quiet)
		text_limits(r, e);
	report_write(r, &t->out);
}

const struct report_ops report_text_ops = {
	.open = open_text,
	.exchange = on_exchange,
	.finding = on_finding,
	.probe = on_probe,
	.finish = finish,
	.close = close_text,
};

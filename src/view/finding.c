#include "view/pages.h"

#include <inttypes.h>
#include <stdio.h>

#include "auth/software.h"

enum { LABEL_COLUMNS = 10, VALUE_COLUMNS = 200 };

enum style severity_style(enum severity s)
{
	switch (s) {
	case SEVERITY_ERROR:
		return STYLE_ERROR;
	case SEVERITY_WARNING:
		return STYLE_WARNING;
	case SEVERITY_INFO:
		return STYLE_INFO;
	default:
		return STYLE_GOOD;
	}
}

void page_frame(struct page *p, enum style style, uint32_t frame, unsigned file)
{
	page_text(p, style, "frame %" PRIu32, frame);
	if (file > 1)
		page_text(p, style, " of file %u", file);
}

void findings_list(struct page *p, const struct detail *d, uint32_t of)
{
	const struct exchange *x = d->exchanges[of].x;
	char heading[40];

	if (!x->finding_count)
		return;
	snprintf(heading, sizeof(heading), "Findings of #%" PRIu32, d->exchanges[of].n);
	page_heading(p, d->exchange_count > 1 ? heading : "Findings");
	for (uint32_t i = 0; i < x->finding_count; i++) {
		const struct finding *f = x->findings[i];
		const struct finding_kind *kind = finding_kind(f->id);

		page_text(p, severity_style(f->severity), "%-8s ", severity_name(f->severity));
		page_text(p, STYLE_BOLD, "%s", kind->id);
		page_text(p, STYLE_PLAIN, "  ");
		page_wrap(p, STYLE_PLAIN, slice_of(kind->title), LABEL_COLUMNS, (struct link){LINK_FINDING, i, of});
	}
}

/* "Fix       text", wrapped under itself. */
static void labelled(struct page *p, const char *label, enum style style, struct slice text)
{
	if (!text.n)
		return;
	page_text(p, STYLE_HEAD, "%-*s", LABEL_COLUMNS, label);
	page_wrap(p, style, text, LABEL_COLUMNS, NO_LINK);
}

static void add_frames(struct page *p, const struct finding *f)
{
	struct buf text = {0};

	for (unsigned i = 0; i < f->frame_count; i++)
		buf_printf(&text, "%s%" PRIu32, i ? ", " : "", f->frames[i]);
	if (f->frame_total > f->frame_count)
		buf_printf(&text, " and %" PRIu32 " more", f->frame_total - f->frame_count);
	if (f->file > 1)
		buf_printf(&text, " of file %u", f->file);
	labelled(p, "Frames", STYLE_PLAIN, buf_slice(&text));
	buf_free(&text);
}

static void add_deviations(struct page *p, const struct finding *f)
{
	if (!f->deviation_count)
		return;
	page_heading(p, "What was hashed otherwise");
	for (size_t i = 0; i < f->deviation_count; i++) {
		page_text(p, STYLE_MARK, "%.*s", SLICE_ARG(f->deviations[i].id));
		for (size_t k = 0; k < f->deviations[i].also_count; k++)
			page_text(p, STYLE_DIM, ", %s", f->deviations[i].also[k]);
		page_end_line(p, NO_LINK);
	}
}

static void add_evidence(struct page *p, const struct detail *d, const struct finding *f)
{
	const struct observed *o = f->in_response && f->attempt && f->attempt->final ? &f->attempt->final->seen
		: f->attempt ? &f->attempt->request : NULL;
	size_t message = o ? detail_find(d, o) : d->count;

	if (message == d->count)
		return;
	page_heading(p, "Evidence");
	page_frame(p, STYLE_PLAIN, o->frame, o->file);
	page_text(p, STYLE_PLAIN, ": ");
	page_short(p, o->msg.request ? STYLE_REQUEST : STYLE_RESPONSE,
		slice_head(o->msg.bytes, slice_find(o->msg.bytes, '\r')), page_width(p) - page_column(p));
	page_end_line(p, (struct link){LINK_MESSAGE, (uint32_t)message, 0});
	message_evidence(p, d, message, f);
}

static const struct exchange *exchange_of(const struct detail *d, const struct finding *f)
{
	for (size_t i = 0; i < d->exchange_count; i++)
		for (unsigned k = 0; k < d->exchanges[i].x->finding_count; k++)
			if (d->exchanges[i].x->findings[k] == f)
				return d->exchanges[i].x;
	return d->exchanges[0].x;
}

static void add_advice(struct page *p, const struct exchange *x, const struct finding *f)
{
	const struct finding_kind *kind = finding_kind(f->id);
	struct software_advice advice =
		software_advise(f->id, f->fault, exchange_user_agent(x), exchange_server(x));

	labelled(p, "Fix", STYLE_BOLD, slice_of(kind->fix));
	if (advice.fix)
		labelled(p, software_name(advice.software), STYLE_PLAIN, slice_of(advice.fix));
	if (advice.vos3000)
		labelled(p, "VOS3000", STYLE_PLAIN, slice_of(kind->vos3000));
}

void finding_page(struct page *p, const struct detail *d, const struct finding *f)
{
	const struct finding_kind *kind = finding_kind(f->id);
	const struct exchange *x = exchange_of(d, f);

	page_text(p, severity_style(f->severity), "%s", severity_name(f->severity));
	page_text(p, STYLE_HEAD, " %s: %s", kind->id, kind->title);
	page_end_line(p, NO_LINK);
	page_wrap(p, STYLE_PLAIN, f->message, 0, NO_LINK);
	page_end_line(p, NO_LINK);
	if (f->fault != FAULT_NONE)
		labelled(p, "Fault", STYLE_PLAIN, slice_of(fault_name(f->fault)));
	labelled(p, "Certainty", STYLE_PLAIN, slice_of(confidence_name(f->confidence)));
	add_frames(p, f);
	add_evidence(p, d, f);
	add_deviations(p, f);
	page_heading(p, "What to change");
	add_advice(p, x, f);
	page_heading(p, "Why");
	page_wrap(p, STYLE_PLAIN, slice_of(kind->why), 0, NO_LINK);
	labelled(p, "Source", STYLE_DIM, slice_of(kind->source));
}

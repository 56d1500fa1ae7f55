#include "report/pointer.h"

#include "base/format.h"
#include "report/walk.h"

bool pointer_told(const struct report *r, const struct finding *f)
{
	return r->options.verbose || f->severity >= SEVERITY_WARNING;
}

static bool points_here(const struct pointer *w, const struct finding *f, enum param_id param)
{
	return f->attempt && f->attempt == w->attempt && f->in_response == w->in_response &&
		f->param == param && pointer_told(w->r, f);
}

bool pointer_found(const struct pointer *w, enum param_id param, enum severity *worst)
{
	bool any = false;

	*worst = SEVERITY_OK;
	for (unsigned i = 0; i < w->x->finding_count; i++) {
		const struct finding *f = w->x->findings[i];

		if (!points_here(w, f, param))
			continue;
		any = true;
		if (f->severity > *worst)
			*worst = f->severity;
	}
	return any;
}

/* "<-- id, id", each once. */
static void names(const struct pointer *w, enum param_id param, struct buf *out)
{
	const struct finding *told[EXCHANGE_FINDINGS_MAX];
	size_t n = 0;

	buf_adds(out, "<-- ");
	for (unsigned i = 0; i < w->x->finding_count; i++) {
		const struct finding *f = w->x->findings[i];
		bool again = false;

		if (!points_here(w, f, param))
			continue;
		for (size_t k = 0; k < n; k++)
			again = again || told[k]->id == f->id;
		if (again)
			continue;
		told[n++] = f;
		buf_printf(out, "%s%s", n > 1 ? ", " : "", finding_kind(f->id)->id);
	}
}

void pointer_names(const struct pointer *w, enum param_id param, size_t column)
{
	struct buf text = {0};
	enum severity worst;

	if (!pointer_found(w, param, &worst))
		return;
	names(w, param, &text);
	if (column + 2 + format_columns(buf_slice(&text)) > FORMAT_WIDTH) {
		buf_addc(w->out, '\n');
		format_indent(w->out, COLUMN_TEXT + 2);
	} else {
		format_indent(w->out, 2);
	}
	paint_add(w->out, w->r->options.color, walk_paint(worst), buf_string(&text));
	buf_free(&text);
}

void pointer_margin(const struct pointer *w, bool mark, enum severity severity)
{
	if (mark)
		paint_add(w->out, w->r->options.color, walk_paint(severity), "! ");
	else
		format_indent(w->out, 2);
}

#include "report/headers.h"

#include "base/format.h"
#include "report/walk.h"

enum {
	VALUE_COLUMNS = 44,
	NONCE_COLUMNS = 20,
	RAW_COLUMNS = 150
};

static bool shown_always(enum param_id id)
{
	switch (id) {
	case PARAM_REALM:
	case PARAM_NONCE:
	case PARAM_ALGORITHM:
	case PARAM_QOP:
	case PARAM_STALE:
	case PARAM_USERNAME:
	case PARAM_USERNAME_STAR:
	case PARAM_USERHASH:
	case PARAM_URI:
	case PARAM_NC:
	case PARAM_AUTS:
		return true;
	default:
		return false;
	}
}

/* A parameter as it was sent, quotes and all; long values are shortened. */
static void add_param(struct buf *out, const struct param *p)
{
	bool whole = p->id == PARAM_REALM || p->id == PARAM_URI || p->id == PARAM_USERNAME;
	size_t max = whole ? VALUE_COLUMNS : NONCE_COLUMNS;

	format_short(out, param_name_sent(p), NONCE_COLUMNS);
	if (!p->value_at)
		return;
	buf_addc(out, '=');
	format_short(out, param_raw(p), max + 2 * p->quoted);
}

/* Writes parameters in running lines; marked ones get a line of their own. */
struct params_line {
	const struct pointer *w;
	size_t column;
	bool fresh;          /* nothing stands on it yet but the indent */
};

static void next_line(struct params_line *line, bool mark, enum severity severity)
{
	struct buf *out = line->w->out;

	buf_addc(out, '\n');
	pointer_margin(line->w, mark, severity);
	format_indent(out, COLUMN_TEXT);
	line->column = COLUMN_TEXT + 2;
	line->fresh = true;
}

static void plain_param(struct params_line *line, const struct param *p)
{
	struct buf text = {0};
	size_t columns;

	add_param(&text, p);
	columns = format_columns(buf_slice(&text));
	if (line->column + 1 + columns > FORMAT_WIDTH)
		next_line(line, false, SEVERITY_OK);
	if (!line->fresh) {
		buf_adds(line->w->out, " ");
		line->column++;
	}
	buf_add_slice(line->w->out, buf_slice(&text));
	line->column += columns;
	line->fresh = false;
	buf_free(&text);
}

static void marked_param(struct params_line *line, const struct param *p, enum param_id id,
	enum severity severity)
{
	const struct pointer *w = line->w;
	bool color = w->r->options.color;
	struct buf text = {0};

	next_line(line, true, severity);
	if (p)
		add_param(&text, p);
	else
		buf_printf(&text, "(no %s)", param_name(id));
	paint_add(w->out, color, walk_paint(severity), buf_string(&text));
	pointer_names(w, id, line->column + format_columns(buf_slice(&text)));
	buf_free(&text);
	line->column = FORMAT_WIDTH; /* what follows begins a new line */
	line->fresh = false;
}

/* The parameters in the order of the message; what is missed stands at the end. */
static void add_params(
	const struct pointer *w, const struct params *params, size_t column, bool suspect)
{
	struct params_line line = {w, column, false};
	enum severity severity;

	for (uint32_t i = 0; i < params->count; i++) {
		const struct param *p = &params->list[i];

		if (suspect && p->id != PARAM_UNKNOWN && pointer_found(w, p->id, &severity))
			marked_param(&line, p, p->id, severity);
		else if (shown_always(p->id))
			plain_param(&line, p);
	}
	for (int id = 0; suspect && id < PARAM_COUNT; id++)
		if (!params_get(params, (enum param_id)id) &&
			pointer_found(w, (enum param_id)id, &severity))
			marked_param(&line, NULL, (enum param_id)id, severity);
}

void headers_add(const struct pointer *w, const char *name, const char *note,
	const struct params *params, bool suspect)
{
	struct buf *out = w->out;
	size_t start;

	buf_addc(out, '\n');
	format_indent(out, COLUMN_TEXT);
	start = out->n;
	buf_printf(out, "%s%s:", name, note);
	if (params->token68.p && params->token68.n) {
		/* a password may stand in it */
		buf_addc(out, ' ');
		format_short(out, params->scheme, NONCE_COLUMNS);
		buf_adds(out, " (not shown)");
		return;
	}
	if (!params_is_digest(params) && params->scheme.p) {
		buf_addc(out, ' ');
		format_short(out, params->scheme, NONCE_COLUMNS);
	}
	add_params(w, params, COLUMN_TEXT + out->n - start, suspect);
	if (params->defects & PARAMS_MALFORMED) {
		buf_addc(out, '\n');
		format_indent(out, COLUMN_TEXT + 2);
		buf_adds(out, "as sent: ");
		format_short(out, params->text, RAW_COLUMNS);
	}
}

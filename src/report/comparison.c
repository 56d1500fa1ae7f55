/*
 *   outcome             rejected (401)              accepted (200)
 */
#include "report/comparison.h"

#include <inttypes.h>

#include "base/format.h"
#include "base/utf8.h"
#include "report/json_write.h"
#include "report/paint.h"

enum {
	INDENT = 4,
	NAME_COLUMNS = 20,
	LEFT_COLUMN = INDENT + NAME_COLUMNS,
	SIDE_COLUMNS = (FORMAT_WIDTH - LEFT_COLUMN - 2) / 2,
	RIGHT_COLUMN = LEFT_COLUMN + SIDE_COLUMNS + 2,
	VALUE_LINES = 8
};

/* ---- text ---- */

struct writer {
	struct buf *out;
	const struct report_options *o;
	const struct comparison *c;
};

/* The part of `text` that fits on a line, taken from it; broken after a space where there is one. */
static struct slice take_line(struct slice *text, size_t columns)
{
	struct slice line = format_head(*text, 4 * columns);
	size_t space;

	while (format_columns(line) > columns)
		line = format_head(line, line.n - 1);
	if (line.n < text->n) {
		for (space = line.n; space > line.n / 2 && line.p[space - 1] != ' ';)
			space--;
		if (space > line.n / 2)
			line.n = space;
	}
	*text = slice_from(*text, line.n);
	return slice_trim(line);
}

static void pad_to(struct buf *out, size_t begin, size_t column)
{
	for (size_t at = format_columns((struct slice){out->p + begin, out->n - begin}); at < column; at++)
		buf_addc(out, ' ');
}

/* What is cut off at the end of many lines was long: its beginning says enough. */
static void value_lines(struct slice value, struct buf *text)
{
	if (!value.p)
		buf_adds(text, "(none)");
	else
		format_short(text, value, SIDE_COLUMNS * VALUE_LINES);
}

static void two_sides(struct writer *w, const char *name, struct slice left, struct slice right, bool marked)
{
	struct buf l = {0}, r = {0};
	struct slice left_rest, right_rest;

	value_lines(left, &l);
	value_lines(right, &r);
	left_rest = buf_slice(&l);
	right_rest = buf_slice(&r);
	do {
		size_t begin = w->out->n;

		buf_printf(w->out, "%s   ", marked ? "!" : " ");
		buf_printf(w->out, "%s", name);
		name = "";
		pad_to(w->out, begin, LEFT_COLUMN);
		buf_add_slice(w->out, take_line(&left_rest, SIDE_COLUMNS));
		pad_to(w->out, begin, right_rest.n ? RIGHT_COLUMN : 0);
		buf_add_slice(w->out, take_line(&right_rest, SIDE_COLUMNS));
		buf_addc(w->out, '\n');
		marked = false;
	} while (left_rest.n || right_rest.n);
	buf_free(&l);
	buf_free(&r);
}

static void row(struct writer *w, const struct compare_row *r)
{
	struct slice right = r->state == COMPARE_SAME ? SLICE("(the same)") : r->right;
	bool long_name = r->name.n >= NAME_COLUMNS;
	struct buf name = {0};

	format_short(&name, r->name, FORMAT_WIDTH - INDENT);
	if (long_name)
		buf_printf(w->out, "%s   %s\n", r->matters ? "!" : " ", buf_string(&name));
	two_sides(w, long_name ? "" : buf_string(&name), r->left, right, r->matters && !long_name);
	buf_free(&name);
}

/* What is shown together. */
enum group { GROUP_MATTERS, GROUP_OWN, GROUP_MUST, GROUP_SAME };

static enum group group_of(const struct compare_row *r)
{
	switch (r->state) {
	case COMPARE_SAME:
		return GROUP_SAME;
	case COMPARE_MUST:
		return GROUP_MUST;
	default:
		return r->matters ? GROUP_MATTERS : GROUP_OWN;
	}
}

static bool same_section(const struct compare_row *a, const struct compare_row *b)
{
	return a && a->section == b->section && a->part == b->part;
}

static void section(struct writer *w, const struct compare_row *r)
{
	buf_printf(w->out, "  %s", r->section);
	if (r->part)
		buf_printf(w->out, " %u", r->part);
	buf_addc(w->out, '\n');
}

static void group(struct writer *w, enum group which, const char *heading)
{
	const struct compare_row *before = NULL;

	for (unsigned i = 0; i < w->c->count; i++) {
		const struct compare_row *r = &w->c->rows[i];

		if (group_of(r) != which)
			continue;
		if (!before) {
			paint_add(w->out, w->o->color, PAINT_HEAD, heading);
			buf_adds(w->out, "\n\n");
		}
		if (!same_section(before, r))
			section(w, r);
		before = r;
		row(w, r);
	}
	if (before)
		buf_addc(w->out, '\n');
}

static unsigned count_group(const struct comparison *c, enum group which)
{
	unsigned n = 0;

	for (unsigned i = 0; i < c->count; i++)
		n += group_of(&c->rows[i]) == which;
	return n;
}

static void result(struct writer *w, const struct compared *l, const struct compared *r)
{
	unsigned matter = count_group(w->c, GROUP_MATTERS);
	struct buf line = {0};

	buf_printf(&line, "#%" PRIu32 " beside #%" PRIu32 ": ", l->x->n, r->x->n);
	if (matter)
		buf_printf(&line, "%u difference%s that matter%s", matter, matter == 1 ? "" : "s",
			matter == 1 ? "s" : "");
	else
		buf_adds(&line, "no difference that matters");
	buf_printf(&line, ", %u of each client's own, %u that must be; %u values are the same.",
		count_group(w->c, GROUP_OWN), count_group(w->c, GROUP_MUST), count_group(w->c, GROUP_SAME));
	format_wrap(w->out, buf_slice(&line), 0, 0, FORMAT_WIDTH);
	buf_adds(w->out, "\n\n");
	buf_free(&line);
}

/* "#3 REGISTER 1001" */
static void title(struct buf *out, const struct exchange *x)
{
	buf_printf(out, "#%" PRIu32 " ", x->n);
	buf_add_slice(out, format_head(x->method_name, NAME_COLUMNS));
	buf_addc(out, ' ');
	buf_add_slice(out, exchange_user(x));
}

static void when(struct buf *out, const struct exchange *x)
{
	format_date(out, x->first_time);
}

static void head(struct writer *w, const struct compared *l, const struct compared *r)
{
	struct buf left = {0}, right = {0};

	title(&left, l->x);
	title(&right, r->x);
	two_sides(w, "", buf_slice(&left), buf_slice(&right), false);
	if (l->file)
		two_sides(w, "file", slice_of(l->file), slice_of(r->file), false);
	buf_clear(&left);
	buf_clear(&right);
	when(&left, l->x);
	when(&right, r->x);
	two_sides(w, "time (UTC)", buf_slice(&left), buf_slice(&right), false);
	two_sides(w, "verdict", l->x->verdict, r->x->verdict, false);
	buf_addc(w->out, '\n');
	buf_free(&left);
	buf_free(&right);
}

static void write_text(struct writer *w, const struct compared *l, const struct compared *r)
{
	result(w, l, r);
	head(w, l, r);
	group(w, GROUP_MATTERS, "What differs, and matters");
	if (w->o->quiet)
		return;
	group(w, GROUP_OWN, "What differs, as each client has its own");
	if (w->o->verbose) {
		group(w, GROUP_MUST, "What must differ");
		group(w, GROUP_SAME, "What is the same");
	} else {
		buf_adds(w->out, "What must differ and what is the same: -v shows it.\n");
	}
	if (w->c->dropped)
		buf_printf(w->out, "%u values more were not compared: the messages have too many.\n",
			w->c->dropped);
}

/* ---- JSON ---- */

static void json_side(struct json *j, const char *key, const struct compared *c)
{
	const struct exchange *x = c->x;

	json_object(j, key);
	json_uint(j, "n", x->n);
	json_uint(j, "file", c->file_number);
	json_slice(j, "method", x->method_name);
	json_slice(j, "user", exchange_user(x));
	json_address(j, "client", &x->client);
	json_address(j, "target", &x->target);
	json_string(j, "transport", transport_name(x->transport));
	json_time(j, "time", x->first_time);
	json_string(j, "outcome", outcome_name(x->outcome));
	if (x->status)
		json_uint(j, "status", x->status);
	if (x->cause)
		json_string(j, "cause", finding_kind(x->cause->id)->id);
	json_slice(j, "verdict", x->verdict);
	json_end(j);
}

static void json_row(struct json *j, const struct compare_row *r)
{
	json_object(j, NULL);
	json_string(j, "section", r->section);
	if (r->part)
		json_uint(j, "part", r->part);
	json_slice(j, "name", r->name);
	json_slice(j, "left", r->left);
	json_slice(j, "right", r->right);
	json_string(j, "state", compare_state_name(r->state));
	json_bool(j, "matters", r->matters);
	json_end(j);
}

static void write_json(struct writer *w, const struct compared *l, const struct compared *r)
{
	struct json j = {.out = w->out};

	json_object(&j, NULL);
	json_uint(&j, "schema", 1);
	json_string(&j, "type", "comparison");
	json_side(&j, "left", l);
	json_side(&j, "right", r);
	json_uint(&j, "differences", comparison_matters(w->c));
	json_array(&j, "rows");
	for (unsigned i = 0; i < w->c->count; i++)
		json_row(&j, &w->c->rows[i]);
	json_end(&j);
	json_uint(&j, "dropped", w->c->dropped);
	json_end(&j);
	buf_addc(w->out, '\n');
}

void comparison_write(struct buf *out, const struct report_options *o, const struct compared *left,
	const struct compared *right, const struct comparison *c)
{
	struct writer w = {out, o, c};

	if (o->format == REPORT_TEXT)
		write_text(&w, left, right);
	else
		write_json(&w, left, right);
}

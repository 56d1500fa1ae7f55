#include "view/form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum { WIDTH = 68, MARGIN = 2, TEXT_SHOWN = 40 };

static const struct pen plain = {STYLE_PLAIN, false};

struct form *form_new(const char *title)
{
	struct form *f = xcalloc(1, sizeof(*f));

	f->title = title;
	return f;
}

void form_free(struct form *f)
{
	if (!f)
		return;
	explicit_bzero(f, sizeof(*f));
	free(f);
}

struct field *form_add(struct form *f, enum field_kind kind, int id, const char *label)
{
	struct field *x = &f->fields[f->count];

	if (f->count == FORM_FIELDS_MAX)
		return x - 1;
	*x = (struct field){.kind = kind, .id = id};
	snprintf(x->label, sizeof(x->label), "%s", label);
	f->count++;
	return x;
}

struct field *form_field(struct form *f, int id)
{
	for (unsigned i = 0; i < f->count; i++)
		if (f->fields[i].kind != FIELD_NOTE && f->fields[i].id == id)
			return &f->fields[i];
	return &f->fields[0];
}

void form_begin(struct form *f, int id)
{
	for (unsigned i = 0; i < f->count; i++)
		if (f->fields[i].kind != FIELD_NOTE && (id < 0 || f->fields[i].id == id)) {
			f->cursor = i;
			return;
		}
}

/* ---- keys ---- */

static void move(struct form *f, int step)
{
	unsigned at = f->cursor;

	do
		at = (at + f->count + (unsigned)step) % f->count;
	while (f->fields[at].kind == FIELD_NOTE && at != f->cursor);
	f->cursor = at;
}

static void choose(struct field *x, int step)
{
	unsigned count = 0;

	while (x->choices[count])
		count++;
	if (count)
		x->chosen = (x->chosen + count + (unsigned)step) % count;
}

/* A switch changes places with its neighbour. */
static void shift(struct form *f, int step)
{
	unsigned to = f->cursor + (unsigned)step;
	struct field x = f->fields[f->cursor];

	if (x.kind != FIELD_SWITCH || to >= f->count || f->fields[to].kind != FIELD_SWITCH)
		return;
	f->fields[f->cursor] = f->fields[to];
	f->fields[to] = x;
	f->cursor = to;
}

static bool change(struct form *f, struct field *x, int key)
{
	switch (x->kind) {
	case FIELD_TEXT:
	case FIELD_SECRET:
		return edit_key(&x->edit, key);
	case FIELD_SWITCH:
		if (f->movable && (key == '+' || key == '-')) {
			shift(f, key == '+' ? 1 : -1);
			return true;
		}
		if (key != ' ' && key != KEY_LEFTWARD && key != KEY_RIGHTWARD)
			return false;
		x->on = !x->on;
		return true;
	case FIELD_CHOICE:
		if (key != ' ' && key != KEY_LEFTWARD && key != KEY_RIGHTWARD)
			return false;
		choose(x, key == KEY_LEFTWARD ? -1 : 1);
		return true;
	default:
		return false;
	}
}

enum form_result form_key(struct form *f, int key)
{
	struct field *x = &f->fields[f->cursor];

	f->complaint[0] = '\0';
	if (change(f, x, key))
		return FORM_GOES_ON;
	switch (key) {
	case KEY_ESCAPE:
		return FORM_CANCELLED;
	case KEY_UPWARD:
	case KEY_TAB_BACK:
		move(f, -1);
		return FORM_GOES_ON;
	case KEY_DOWNWARD:
	case KEY_TABULATOR:
		move(f, 1);
		return FORM_GOES_ON;
	case KEY_LEFTWARD:
	case KEY_RIGHTWARD:
		/* from button to button */
		if (x->kind == FIELD_BUTTON)
			move(f, key == KEY_LEFTWARD ? -1 : 1);
		return FORM_GOES_ON;
	case KEY_RETURN:
		return FORM_ACCEPTED;
	case ' ':
		return x->kind == FIELD_BUTTON ? FORM_ACCEPTED : FORM_GOES_ON;
	case 'q':
		return x->kind == FIELD_TEXT || x->kind == FIELD_SECRET ? FORM_GOES_ON : FORM_CANCELLED;
	default:
		return FORM_GOES_ON;
	}
}

/* ---- drawing ---- */

struct box {
	unsigned row, column, height, width;
	unsigned lines;      /* for fields other than buttons */
};

static unsigned count_buttons(const struct form *f)
{
	unsigned n = 0;

	for (unsigned i = 0; i < f->count; i++)
		n += f->fields[i].kind == FIELD_BUTTON;
	return n;
}

/* Frame, title, fields, one line for what is wrong, one for the buttons. */
static struct box place(const struct form *f, const struct screen *s)
{
	unsigned rows = screen_rows(s), columns = screen_columns(s);
	struct box b = {.width = WIDTH < columns ? WIDTH : columns, .lines = f->count - count_buttons(f)};

	if (b.lines + 6 > rows)
		b.lines = rows > 6 ? rows - 6 : 1;
	b.height = b.lines + 6;
	b.row = rows > b.height ? (rows - b.height) / 2 : 0;
	b.column = (columns - b.width) / 2;
	return b;
}

static void draw_frame(const struct form *f, struct screen *s, const struct box *b)
{
	struct slice title = slice_of(f->title);

	for (unsigned i = 0; i < b->height; i++)
		screen_blank(s, b->row + i, b->column, b->width, plain);
	screen_frame(s, b->row, b->column, b->height, b->width);
	screen_put(s, b->row, b->column + (b->width - (unsigned)title.n - 2) / 2, 1, plain, SLICE(" "));
	screen_put(s, b->row, b->column + (b->width - (unsigned)title.n) / 2, (unsigned)title.n,
		(struct pen){STYLE_HEAD, false}, title);
	screen_put(s, b->row, b->column + (b->width + (unsigned)title.n) / 2, 1, plain, SLICE(" "));
}

/* The end of a long text is shown: that is where one types. */
static void draw_text(const struct form *f, struct screen *s, const struct field *x, unsigned row, unsigned column,
	unsigned width, bool here)
{
	struct buf shown = {0};
	struct slice text;
	size_t cut = 0;

	if (x->kind == FIELD_SECRET)
		for (size_t i = 0; i < x->edit.n; i++)
			buf_addc(&shown, '*');
	else
		buf_add_printable(&shown, (struct slice){x->edit.text, x->edit.n});
	text = buf_slice(&shown);
	while (page_columns(slice_from(text, cut)) >= width)
		cut++;
	screen_blank(s, row, column, width, (struct pen){here ? STYLE_BOLD : STYLE_PLAIN, here});
	screen_put(s, row, column, width, (struct pen){here ? STYLE_BOLD : STYLE_VALUE, here}, slice_from(text, cut));
	if (here)
		screen_cursor(s, row, column + (unsigned)page_columns(slice_from(text, cut)) -
			(unsigned)(x->kind == FIELD_SECRET ? x->edit.n - x->edit.at :
				page_columns((struct slice){x->edit.text + x->edit.at, x->edit.n - x->edit.at})));
	buf_free(&shown);
	(void)f;
}

static void draw_field(const struct form *f, struct screen *s, const struct field *x, unsigned row, unsigned column,
	unsigned width)
{
	bool here = x == &f->fields[f->cursor];
	struct pen pen = {here                  ? STYLE_BOLD
			: x->kind == FIELD_NOTE ? STYLE_DIM
						: STYLE_PLAIN,
		here && x->kind != FIELD_TEXT && x->kind != FIELD_SECRET};
	struct buf line = {0};

	if (x->kind == FIELD_SWITCH)
		buf_printf(&line, "[%c] %s", x->on ? '*' : ' ', x->label);
	else if (x->kind == FIELD_CHOICE)
		buf_printf(&line, "%-*s < %s >", (int)f->label_width, x->label,
			x->choices[x->chosen] ? x->choices[x->chosen] : "");
	else
		buf_printf(&line, "%-*s", x->kind == FIELD_NOTE ? 0 : (int)f->label_width, x->label);
	screen_put(s, row, column, width, pen, buf_slice(&line));
	if (x->kind == FIELD_TEXT || x->kind == FIELD_SECRET) {
		unsigned begin = f->label_width + 1;

		draw_text(f, s, x, row, column + begin, width > begin ? width - begin : 1, here);
	}
	buf_free(&line);
}

static unsigned draw_button(
	const struct form *f, struct screen *s, const struct field *x, unsigned row, unsigned column)
{
	char text[FIELD_LABEL + 8];

	snprintf(text, sizeof(text), "[ %s ]", x->label);
	return screen_put(
		s, row, column, sizeof(text), (struct pen){STYLE_BOLD, x == &f->fields[f->cursor]}, slice_of(text));
}

void form_draw(struct form *f, struct screen *s)
{
	struct box b = place(f, s);
	unsigned column = b.column + MARGIN + 2, line = 0;

	if (f->fields[f->cursor].kind != FIELD_BUTTON) {
		if (f->cursor < f->top)
			f->top = f->cursor;
		if (f->cursor >= f->top + b.lines)
			f->top = f->cursor - b.lines + 1;
	}
	draw_frame(f, s, &b);
	for (unsigned i = 0; i < f->count; i++) {
		if (f->fields[i].kind == FIELD_BUTTON)
			column += draw_button(f, s, &f->fields[i], b.row + b.height - 2, column) + 2;
		else if (i >= f->top && line < b.lines)
			draw_field(f, s, &f->fields[i], b.row + 2 + line++, b.column + MARGIN, b.width - 2 * MARGIN);
	}
	if (f->complaint[0])
		screen_put(s, b.row + b.height - 3, b.column + MARGIN, b.width - 2 * MARGIN,
			(struct pen){STYLE_ERROR, false}, slice_of(f->complaint));
}

enum form_result form_click(struct form *f, const struct screen *s, const struct mouse *m)
{
	struct box b = place(f, s);
	unsigned column = b.column + MARGIN + 2, line = 0;

	if (m->click == CLICK_WHEEL_UP || m->click == CLICK_WHEEL_DOWN) {
		move(f, m->click == CLICK_WHEEL_UP ? -1 : 1);
		return FORM_GOES_ON;
	}
	for (unsigned i = 0; i < f->count; i++) {
		struct field *x = &f->fields[i];
		unsigned width = (unsigned)strlen(x->label) + 4;

		if (x->kind == FIELD_BUTTON) {
			if (m->row == b.row + b.height - 2 && m->column >= column && m->column < column + width) {
				f->cursor = i;
				return FORM_ACCEPTED;
			}
			column += width + 2;
		} else if (i >= f->top && line++ < b.lines && m->row == b.row + 1 + line && x->kind != FIELD_NOTE) {
			f->cursor = i;
			return x->kind == FIELD_SWITCH || x->kind == FIELD_CHOICE ? form_key(f, ' ') : FORM_GOES_ON;
		}
	}
	return FORM_GOES_ON;
}

#include "view/inside.h"

#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "view/record.h"

enum { HEAD_ROWS = 4, FOOT_ROWS = 3, VERDICT_ROWS = 2, MARK_WIDTH = 2, BAR = 20 };

static const struct pen plain = {STYLE_PLAIN, false}, bar = {STYLE_HEAD, true}, dim = {STYLE_DIM, false};

size_t list_screen_rows(const struct view *v)
{
	unsigned rows = screen_rows(v->screen);

	return rows > HEAD_ROWS + FOOT_ROWS ? rows - HEAD_ROWS - FOOT_ROWS : 1;
}

/* ---- head and foot, of all screens ---- */

/* "Live", "Loading [####    ] 40 %", "Paused" */
static void state_text(const struct view *v, struct buf *out)
{
	unsigned percent = v->total ? (unsigned)(v->done * 100 / v->total) : 0;

	if (v->paused)
		buf_adds(out, "Paused");
	else if (v->complete)
		return;
	else if (v->options.live)
		buf_adds(out, "Live");
	else if (!v->total)
		buf_adds(out, "Reading");
	else {
		buf_adds(out, "Loading [");
		for (unsigned i = 0; i < BAR; i++)
			buf_addc(out, i < percent * BAR / 100 ? '#' : ' ');
		buf_printf(out, "] %2u %%", percent > 99 ? 99 : percent);
	}
}

void view_draw_head(struct view *v, struct slice title)
{
	unsigned columns = screen_columns(v->screen), width;
	struct buf text = {0};

	screen_blank(v->screen, 0, 0, columns, bar);
	state_text(v, &text);
	width = (unsigned)text.n;
	screen_put(v->screen, 0, 1, columns - width - 3, bar, title);
	if (width)
		screen_put(v->screen, 0, columns - width - 1, width, bar, buf_slice(&text));
	buf_free(&text);
}

struct hint {
	enum action action;
	const char *words;
};

static const struct hint list_hints[] = {
	{ACTION_BACK, "Quit"}, {ACTION_OPEN, "Show"}, {ACTION_SELECT, "Select"}, {ACTION_HELP, "Help"},
	{ACTION_SAVE, "Save"}, {ACTION_SEARCH, "Search"}, {ACTION_FILTER, "Filter"}, {ACTION_EXPLAIN, "Explain"},
	{ACTION_NEXT_FAILED, "Next failure"}, {ACTION_COMPARE, "Compare"}, {ACTION_DIGEST, "Digest"},
	{ACTION_EXTENDED, "Extended"}, {ACTION_CLEAR, "Clear"}, {ACTION_SETTINGS, "Settings"},
	{ACTION_COLUMNS, "Columns"}, {ACTION_STATISTICS, "Summary"}, {ACTION_COUNT, NULL},
};

static const struct hint exchange_hints[] = {
	{ACTION_BACK, "List"}, {ACTION_OPEN, "Open"}, {ACTION_EXPLAIN, "Explain"}, {ACTION_HELP, "Help"},
	{ACTION_DIGEST, "Digest"}, {ACTION_RAW, "Raw"}, {ACTION_EXTENDED, "Extended"},
	{ACTION_NEXT_FAILED, "Next failure"}, {ACTION_SELECT, "Compare"}, {ACTION_TOGGLE_RAW, "Message"},
	{ACTION_SAVE, "Save"}, {ACTION_SEARCH, "Search"}, {ACTION_COPY, "Copy"}, {ACTION_COUNT, NULL},
};

static const struct hint page_hints[] = {
	{ACTION_BACK, "Back"}, {ACTION_HELP, "Help"}, {ACTION_SEARCH, "Search"}, {ACTION_NEXT_FAILED, "Next failure"},
	{ACTION_EXPLAIN, "Explain"}, {ACTION_DIGEST, "Digest"}, {ACTION_COPY, "Copy"}, {ACTION_SAVE, "Save"},
	{ACTION_COUNT, NULL},
};

static const struct hint *hints_of(enum screen_kind screen)
{
	return screen == SCREEN_LIST ? list_hints : screen == SCREEN_EXCHANGE ? exchange_hints : page_hints;
}

static void draw_hints(struct view *v, unsigned row)
{
	unsigned columns = screen_columns(v->screen), at = 0;
	bool second = settings_on(&v->settings, SETTING_HINT);

	screen_blank(v->screen, row, 0, columns, bar);
	for (const struct hint *h = hints_of(view_screen(v)); h->words; h++) {
		const int *bound = v->settings.keys.bound[h->action];
		char key[KEY_NAME_MAX];

		if (!bound[0])
			continue;
		key_text(second && bound[1] ? bound[1] : bound[0], key);
		if (at + strlen(key) + strlen(h->words) + 2 > columns)
			break;
		at += screen_put(v->screen, row, at + 1, columns, (struct pen){STYLE_BOLD, true}, slice_of(key)) + 2;
		at += screen_put(v->screen, row, at, columns, bar, slice_of(h->words)) + 1;
	}
}

void view_draw_foot(struct view *v)
{
	unsigned row = screen_rows(v->screen) - 1;

	if (v->note_until) {
		screen_blank(v->screen, row, 0, screen_columns(v->screen), (struct pen){STYLE_WARNING, true});
		screen_put(v->screen, row, 1, screen_columns(v->screen) - 2, (struct pen){STYLE_WARNING, true},
			slice_of(v->note));
	} else {
		draw_hints(v, row);
	}
}

/* ---- the list's own ---- */

static void draw_counts(struct view *v)
{
	const struct list_counts *c = &v->list.counts;
	struct buf text = {0};
	unsigned columns = screen_columns(v->screen), at;
	char failed[64];

	format_count(&text, c->all, "exchange");
	at = screen_put(v->screen, 1, 1, columns, plain, buf_slice(&text)) + 1;
	snprintf(failed, sizeof(failed), "  %zu failed", c->failed);
	at += screen_put(v->screen, 1, at, columns, (struct pen){c->failed ? STYLE_ERROR : STYLE_GOOD, false},
		slice_of(failed));
	buf_clear(&text);
	if (c->open)
		buf_printf(&text, "  %zu open", c->open);
	if (v->list.count != c->all)
		buf_printf(&text, "  %zu shown", v->list.count);
	if (c->selected)
		buf_printf(&text, "  %zu selected", c->selected);
	if (c->cleared)
		buf_printf(&text, "  %zu cleared", c->cleared);
	if (v->list.rows.left_out)
		buf_printf(&text, "  %llu more than fit", (unsigned long long)v->list.rows.left_out);
	if (v->list.follow)
		buf_adds(&text, "  autoscroll");
	screen_put(v->screen, 1, at, columns, plain, buf_slice(&text));
	buf_free(&text);
}

static void draw_filter(struct view *v)
{
	struct buf text = {0};
	unsigned columns = screen_columns(v->screen), at;

	at = screen_put(v->screen, 2, 1, columns, dim, SLICE("Filter: ")) + 1;
	buf_add_printable(&text, slice_of(v->list.filter.text));
	if (*v->list.search) {
		buf_adds(&text, text.n ? "  and \"" : "\"");
		buf_add_printable(&text, slice_of(v->list.search));
		buf_addc(&text, '"');
	}
	screen_put(v->screen, 2, at, columns, (struct pen){STYLE_BOLD, false}, text.n ? buf_slice(&text) : SLICE(""));
	buf_free(&text);
}

static unsigned column_width(const struct list *l, enum column c)
{
	unsigned width = (unsigned)strlen(column_row(c)->title) + (l->sort == c);

	return l->widths[c] > width ? l->widths[c] : width;
}

/* Columns are as wide as what was shown in them so far: they grow, and do not jump back. */
static void measure(struct view *v, size_t rows)
{
	struct list *l = &v->list;
	struct column_context context = {&l->rows, &v->settings, v->begin};
	struct buf text = {0};

	for (size_t i = l->top; i < l->top + rows && i < l->count; i++)
		for (unsigned k = 0; k < l->columns.count; k++) {
			enum column c = l->columns.list[k];
			size_t width;

			buf_clear(&text);
			column_text(c, &context, list_row_at(l, i), &text);
			width = page_columns(buf_slice(&text));
			if (width > column_row(c)->width)
				width = column_row(c)->width;
			if (width > l->widths[c])
				l->widths[c] = (unsigned)width;
		}
	buf_free(&text);
}

static void draw_titles(struct view *v)
{
	struct list *l = &v->list;
	unsigned columns = screen_columns(v->screen), at = 1 + MARK_WIDTH;

	screen_blank(v->screen, 3, 0, columns, bar);
	if (l->first_column)
		screen_put(v->screen, 3, 0, 1, bar, SLICE("<"));
	for (unsigned k = l->first_column; k < l->columns.count && at < columns; k++) {
		enum column c = l->columns.list[k];
		unsigned width = column_width(l, c);
		char title[32];

		snprintf(title, sizeof(title), "%s%s", column_row(c)->title,
			l->sort != c            ? ""
				: l->descending ? "v"
						: "^");
		screen_put(v->screen, 3, at + (column_row(c)->right ? width - (unsigned)strlen(title) : 0),
			columns - at, l->sort == c ? (struct pen){STYLE_BOLD, true} : bar, slice_of(title));
		at += width + 1;
	}
	if (at > columns + 1)
		screen_put(v->screen, 3, columns - 1, 1, bar, SLICE(">"));
}

static enum style row_style(const struct row *row)
{
	if (!(row->flags & ROW_CLOSED))
		return STYLE_INFO;
	if (row_failed(row))
		return STYLE_ERROR;
	if (row->severity >= SEVERITY_WARNING)
		return STYLE_WARNING;
	return row->outcome == OUTCOME_ACCEPTED ? STYLE_GOOD : STYLE_PLAIN;
}

static enum style cell_style(const struct view *v, const struct row *row, enum column c)
{
	unsigned mode = settings_choice(&v->settings, SETTING_LIST_COLOR);
	bool telling = c == COLUMN_OUTCOME || c == COLUMN_CAUSE || c == COLUMN_STATUS || c == COLUMN_DIGEST;

	if (mode == 1 || (mode == 0 && telling))
		return row_style(row);
	return STYLE_PLAIN;
}

static void draw_row(struct view *v, unsigned line, const struct row *row, bool here)
{
	struct list *l = &v->list;
	struct column_context context = {&l->rows, &v->settings, v->begin};
	unsigned columns = screen_columns(v->screen), at = 1 + MARK_WIDTH;
	struct buf text = {0};

	screen_blank(v->screen, line, 0, columns, (struct pen){STYLE_PLAIN, here});
	if (row->flags & ROW_SELECTED)
		screen_put(v->screen, line, 1, 1, (struct pen){STYLE_BOLD, here}, SLICE("*"));
	for (unsigned k = l->first_column; k < l->columns.count && at < columns; k++) {
		enum column c = l->columns.list[k];
		unsigned width = column_width(l, c), used;
		struct pen pen = {here ? STYLE_PLAIN : cell_style(v, row, c), here};

		buf_clear(&text);
		column_text(c, &context, row, &text);
		used = (unsigned)page_columns(text.n ? buf_slice(&text) : SLICE(""));
		if (text.n)
			screen_put(v->screen, line, at + (column_row(c)->right && used < width ? width - used : 0),
				width, pen, buf_slice(&text));
		at += width + 1;
	}
	buf_free(&text);
}

/* What is known of the exchange under the cursor, in a sentence. */
static void update_verdict(struct view *v, const struct row *row)
{
	struct slice record;

	uint32_t state = row->message_count * 2 + (row->flags & ROW_CLOSED);
	struct buf text = {0};

	if (row->n == v->verdict_of && state == v->verdict_state && v->verdict.columns == screen_columns(v->screen) - 1)
		return;
	v->verdict_of = row->n;
	v->verdict_state = state;
	page_clear(&v->verdict);
	v->verdict.columns = screen_columns(v->screen) - 1;
	v->verdict.utf8 = screen_utf8(v->screen);
	page_text(&v->verdict, STYLE_BOLD, " #%u ", row->n);
	if (!(row->flags & ROW_CLOSED))
		buf_printf(&text, "still open, %u messages so far", row->message_count);
	else if (row->record != ROW_NOWHERE && v->host.record(v->host.arg, row->record, &record))
		buf_add_printable(&text, record_verdict(record));
	page_wrap(&v->verdict, row_style(row), text.n ? buf_slice(&text) : SLICE(""), 1, NO_LINK);
	buf_free(&text);
}

static void draw_verdict(struct view *v)
{
	const struct row *row = list_row(&v->list);
	unsigned line = screen_rows(v->screen) - FOOT_ROWS;

	if (!row)
		return;
	update_verdict(v, row);
	for (unsigned i = 0; i < VERDICT_ROWS && i < page_line_count(&v->verdict); i++) {
		struct page_line text = page_line_at(&v->verdict, i);

		pager_draw_line(v, line + i, screen_columns(v->screen), &text);
	}
}

static void draw_nothing(struct view *v)
{
	const char *text = "nothing yet";

	if (v->list.counts.all)
		text = "nothing that the filter lets pass; F7 changes it";
	else if (v->list.counts.cleared)
		text = "cleared; F5 brings it back";
	else if (v->complete)
		text = "no SIP exchanges in the input";
	screen_put(v->screen, HEAD_ROWS + 1, 1 + MARK_WIDTH, screen_columns(v->screen), dim, slice_of(text));
}

void list_screen_draw(struct view *v)
{
	struct list *l = &v->list;
	size_t rows = list_screen_rows(v);
	struct buf title = {0};

	list_update(l);
	list_scroll(l, rows);
	measure(v, rows);
	buf_adds(&title, "sipauth  ");
	buf_add_printable(&title, slice_of(v->options.name));
	view_draw_head(v, buf_slice(&title));
	buf_free(&title);
	draw_counts(v);
	draw_filter(v);
	draw_titles(v);
	for (size_t i = 0; i < rows && l->top + i < l->count; i++)
		draw_row(v, (unsigned)(HEAD_ROWS + i), list_row_at(l, l->top + i), l->top + i == l->cursor);
	if (!l->count)
		draw_nothing(v);
	draw_verdict(v);
	view_draw_foot(v);
}

void list_screen_click(struct view *v, const struct mouse *m)
{
	struct list *l = &v->list;

	if (m->click == CLICK_WHEEL_UP || m->click == CLICK_WHEEL_DOWN) {
		list_move(l, m->click == CLICK_WHEEL_DOWN ? l->cursor + 3 : l->cursor > 3 ? l->cursor - 3 : 0);
		return;
	}
	if (m->row < HEAD_ROWS || m->row >= HEAD_ROWS + list_screen_rows(v) || l->top + m->row - HEAD_ROWS >= l->count)
		return;
	list_move(l, l->top + m->row - HEAD_ROWS);
	if (m->click == CLICK_DOUBLE)
		view_act(v, ACTION_OPEN);
}

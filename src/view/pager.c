/* Pages on the screen: scrolling, searching, the message beside a ladder. */
#include "view/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"

enum { HEAD_ROWS = 1, FOOT_ROWS = 1, BESIDE_LEAST = 100, BELOW_LEAST = 16, PERCENT = 100 };

static const struct pen found = {STYLE_WARNING, true};

/* Where the parts of a page are; width 0: there is no message beside or below. */
struct layout {
	unsigned columns, rows;
	unsigned side_row, side_column, side_columns, side_rows;
};

static struct layout lay_out(const struct view *v, const struct pager *p)
{
	unsigned columns = screen_columns(v->screen), rows = screen_rows(v->screen) - HEAD_ROWS - FOOT_ROWS;
	unsigned part = (unsigned)settings_number(&v->settings, SETTING_RAW_WIDTH);
	struct layout l = {.columns = columns, .rows = rows};

	if (p->kind != PAGE_LADDER || !settings_on(&v->settings, SETTING_RAW))
		return l;
	if (columns >= BESIDE_LEAST) {
		l.side_columns = columns * part / PERCENT;
		l.columns = columns - l.side_columns - 1;
		l.side_column = l.columns + 1;
		l.side_row = HEAD_ROWS;
		l.side_rows = rows;
	} else if (rows >= BELOW_LEAST) {
		l.side_rows = rows * part / PERCENT;
		l.rows = rows - l.side_rows - 1;
		l.side_row = HEAD_ROWS + l.rows + 1;
		l.side_columns = columns;
	}
	return l;
}

/* ---- opening and closing ---- */

struct pager *pager_open(struct view *v, enum page_kind kind, struct rebuilt *left, struct rebuilt *right)
{
	struct pager *p;

	if (v->depth == DEPTH_MAX) {
		rebuilt_drop(left);
		rebuilt_drop(right);
		view_say(v, "too many pages lie over each other; Esc closes them");
		return NULL;
	}
	p = xcalloc(1, sizeof(*p));
	p->kind = kind;
	p->left = left;
	p->right = right;
	v->pages[v->depth++] = p;
	return p;
}

void pager_free(struct pager *p)
{
	rebuilt_drop(p->left);
	rebuilt_drop(p->right);
	page_free(&p->page);
	page_free(&p->side);
	free(p);
}

void pager_close(struct view *v)
{
	pager_free(v->pages[--v->depth]);
}

bool pager_message(const struct pager *p, uint32_t *number)
{
	struct link link;

	if (p->kind == PAGE_MESSAGE) {
		*number = p->number;
		return p->left;
	}
	if (!p->left || p->cursor >= page_line_count(&p->page))
		return false;
	link = page_line_at(&p->page, p->cursor).link;
	*number = link.number;
	return link.kind == LINK_MESSAGE && link.number < p->left->detail.count;
}

/* ---- scrolling ---- */

static void scroll(struct pager *p, size_t rows)
{
	size_t count = page_line_count(&p->page);

	if (p->cursor >= count)
		p->cursor = count ? count - 1 : 0;
	if (p->cursor < p->top)
		p->top = p->cursor;
	if (p->cursor >= p->top + rows)
		p->top = p->cursor - rows + 1;
	if (p->top + rows > count)
		p->top = count > rows ? count - rows : 0;
}

size_t pager_rows(const struct view *v, const struct pager *p)
{
	return lay_out(v, p).rows;
}

/* ---- searching ---- */

/* Offset of the first place from `from` on; text.n: there is none. */
static size_t find_text(struct slice text, struct slice what, size_t from)
{
	for (size_t i = from; what.n && i + what.n <= text.n; i++)
		if (slice_eq_nocase(slice_head(slice_from(text, i), what.n), what))
			return i;
	return text.n;
}

static bool line_has(const struct pager *p, size_t line)
{
	struct slice text = page_line_at(&p->page, line).text;

	return find_text(text, slice_of(p->search), 0) < text.n;
}

bool pager_search(struct pager *p, bool forward, bool from_here)
{
	size_t count = page_line_count(&p->page);

	if (!*p->search || !count)
		return false;
	for (size_t i = from_here ? 0 : 1; i <= count; i++) {
		size_t line = (forward ? p->cursor + i : p->cursor + 2 * count - i) % count;

		if (line_has(p, line)) {
			p->cursor = line;
			return true;
		}
	}
	return false;
}

/* ---- drawing ---- */

/* Without its first columns. */
static struct slice skip_columns(struct slice text, unsigned *columns)
{
	while (*columns && text.n) {
		size_t n = utf8_sequence(text);
		size_t width = page_columns(slice_head(text, n ? n : 1));

		text = slice_from(text, n ? n : 1);
		*columns -= width > *columns ? *columns : (unsigned)width;
	}
	return text;
}

struct spot {
	unsigned row, column, width;
	unsigned shift;
	bool reverse;
};

static unsigned put_part(struct view *v, const struct spot *at, unsigned used, unsigned *skip, enum style style,
	struct slice text)
{
	text = skip_columns(text, skip);
	if (!text.n || used >= at->width)
		return used;
	return used + screen_put(v->screen, at->row, at->column + used, at->width - used,
		(struct pen){style, at->reverse}, text);
}

static void put_matches(struct view *v, const struct spot *at, struct slice text, struct slice what)
{
	for (size_t i = find_text(text, what, 0); i < text.n; i = find_text(text, what, i + what.n)) {
		size_t column = page_columns(slice_head(text, i));

		if (column >= at->shift && column - at->shift < at->width)
			screen_put(v->screen, at->row, at->column + (unsigned)(column - at->shift),
				at->width - (unsigned)(column - at->shift), found,
				slice_head(slice_from(text, i), what.n));
	}
}

static void draw_line(struct view *v, const struct spot *at, const struct page_line *line, const char *search,
	bool colored)
{
	unsigned used = 0, skip = at->shift;
	size_t done = 0;

	/* the line under the cursor is of one piece */
	colored &= !at->reverse;
	if (at->reverse)
		screen_blank(v->screen, at->row, at->column, at->width, (struct pen){STYLE_PLAIN, true});
	for (size_t i = 0; i < line->span_count; i++) {
		const struct span *s = &line->spans[i];

		used = put_part(
			v, at, used, &skip, STYLE_PLAIN, slice_head(slice_from(line->text, done), s->from - done));
		used = put_part(v, at, used, &skip, colored ? s->style : STYLE_PLAIN,
			slice_head(slice_from(line->text, s->from), s->to - s->from));
		done = s->to;
	}
	put_part(v, at, used, &skip, STYLE_PLAIN, slice_from(line->text, done));
	if (*search)
		put_matches(v, at, line->text, slice_of(search));
}

void pager_draw_line(struct view *v, unsigned row, unsigned columns, const struct page_line *line)
{
	draw_line(v, &(struct spot){row, 0, columns, 0, false}, line, "", true);
}

static void draw_side(struct view *v, struct pager *p, const struct layout *l)
{
	uint32_t number;

	if (l->side_column)
		screen_vertical(v->screen, l->side_row, l->side_column - 1, l->side_rows);
	else
		screen_horizontal(v->screen, l->side_row - 1, 0, l->side_columns);
	if (pager_message(p, &number) && (p->side_number != number + 1 || p->side_for != l->side_columns)) {
		pager_make_side(v, p, number, l->side_columns);
		p->side_number = number + 1;
		p->side_for = l->side_columns;
	}
	for (unsigned i = 0; i < l->side_rows && i < page_line_count(&p->side); i++) {
		struct page_line line = page_line_at(&p->side, i);

		draw_line(v, &(struct spot){l->side_row + i, l->side_column, l->side_columns, 0, false}, &line,
			p->search, settings_on(&v->settings, SETTING_SYNTAX));
	}
}

static void draw_title(struct view *v, const struct pager *p)
{
	static const char *const names[] = {
		[PAGE_LADDER] = "Exchange", [PAGE_RAW] = "Messages of exchange", [PAGE_MESSAGE] = "Message of exchange",
		[PAGE_FINDING] = "Finding in exchange", [PAGE_DIGEST] = "Digest of exchange",
		[PAGE_COMPARE] = "Exchanges compared:", [PAGE_COMPARE_MESSAGES] = "Messages compared of exchange",
		[PAGE_SUMMARY] = "Summary", [PAGE_HELP] = "Help",
	};
	const struct row *row = p->left ? rows_get(&v->list.rows, p->left->n) : NULL;
	struct buf title = {0};

	buf_adds(&title, names[p->kind]);
	if (row)
		buf_printf(&title, " #%u", row->n);
	if (p->right)
		buf_printf(&title, " and #%u", p->right->n);
	else if (row) {
		buf_printf(&title, "  %s ", method_name((enum method)row->method));
		buf_add_printable(&title, texts_get(&v->list.rows.texts, row->user));
		buf_printf(&title, "  %s", row_outcome(row));
	}
	if (p->left && p->left->detail.exchange_count > 1 && !p->right)
		buf_printf(&title, "  and %zu more", p->left->detail.exchange_count - 1);
	view_draw_head(v, buf_slice(&title));
	buf_free(&title);
}

/* How far down it is, in the title bar. */
static void draw_position(struct view *v, const struct pager *p, size_t rows)
{
	size_t count = page_line_count(&p->page);
	char text[32];
	unsigned n;

	if (count <= rows || !v->complete)
		return;
	n = (unsigned)snprintf(text, sizeof(text), "%zu-%zu of %zu", p->top + 1,
		p->top + rows < count ? p->top + rows : count, count);
	screen_put(v->screen, 0, screen_columns(v->screen) - n - 1, n, (struct pen){STYLE_HEAD, true}, slice_of(text));
}

/* Is there anything for Enter? Else the cursor is of no use, and not shown. */
static bool has_links(const struct page *page)
{
	for (size_t i = 0; i < page_line_count(page); i++)
		if (page_line_at(page, i).link.kind)
			return true;
	return false;
}

/* A message came, or the exchange closed: the page is made anew. */
static void follow_row(struct view *v, struct pager *p)
{
	const struct row *row = p->left ? rows_get(&v->list.rows, p->left->n) : NULL;
	uint32_t now = row ? row->message_count * 2 + (row->flags & ROW_CLOSED) : 0;
	struct rebuilt *r;

	if (!row || p->messages == now)
		return;
	if (p->messages && (p->kind == PAGE_LADDER || p->kind == PAGE_RAW)) {
		r = rebuild(&v->host, &v->list.rows, row->n, p->left->extended, v->options.show_secrets);
		if (r) {
			rebuilt_drop(p->left);
			p->left = r;
			p->made_for = p->side_for = 0;
		}
	}
	p->messages = now;
}

/* The first line that leads to one. */
static void go_to_first(struct pager *p, enum link_kind kind)
{
	for (size_t i = 0; i < page_line_count(&p->page); i++) {
		if (page_line_at(&p->page, i).link.kind == kind) {
			p->cursor = i;
			return;
		}
	}
}

void pager_update(struct view *v, struct pager *p)
{
	unsigned columns = lay_out(v, p).columns;

	follow_row(v, p);
	if (p->made_for == columns)
		return;
	p->page.columns = columns;
	p->page.utf8 = screen_utf8(v->screen);
	page_clear(&p->page);
	pager_make(v, p);
	if (!p->made && p->kind == PAGE_LADDER)
		go_to_first(p, LINK_MESSAGE);
	p->made = true;
	p->made_for = columns;
}

void pager_draw(struct view *v, struct pager *p)
{
	struct layout l = lay_out(v, p);
	bool links, colored = p->kind != PAGE_RAW || settings_on(&v->settings, SETTING_SYNTAX);

	pager_update(v, p);
	links = has_links(&p->page);
	scroll(p, l.rows);
	draw_title(v, p);
	draw_position(v, p, l.rows);
	for (unsigned i = 0; i < l.rows && p->top + i < page_line_count(&p->page); i++) {
		struct page_line line = page_line_at(&p->page, p->top + i);

		draw_line(v, &(struct spot){HEAD_ROWS + i, 0, l.columns, p->shift, links && p->top + i == p->cursor},
			&line, p->search, colored);
	}
	if (l.side_columns)
		draw_side(v, p, &l);
	view_draw_foot(v);
}

void pager_click(struct view *v, struct pager *p, const struct mouse *m)
{
	struct layout l = lay_out(v, p);

	if (m->click == CLICK_WHEEL_UP || m->click == CLICK_WHEEL_DOWN) {
		pager_act(v, p, m->click == CLICK_WHEEL_UP ? ACTION_UP : ACTION_DOWN);
		return;
	}
	if (m->row < HEAD_ROWS || m->row >= HEAD_ROWS + l.rows || m->column >= l.columns)
		return;
	p->cursor = p->top + m->row - HEAD_ROWS;
	if (m->click == CLICK_DOUBLE)
		pager_act(v, p, ACTION_OPEN);
}

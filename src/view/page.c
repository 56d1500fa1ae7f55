#include "view/page.h"

#include <stdlib.h>
#include <wchar.h>

#include "base/err.h"
#include "base/format.h"
#include "base/utf8.h"

enum { COLUMNS_DEFAULT = 80, COLUMNS_MIN = 20, SHORT_MIN = 8, NONCE_STYLES = 6 };

struct page_row {
	size_t text_end, span_end;
	struct link link;
};

void page_free(struct page *p)
{
	buf_free(&p->text);
	free(p->rows);
	free(p->spans);
	*p = (struct page){.columns = p->columns, .utf8 = p->utf8};
}

void page_clear(struct page *p)
{
	buf_clear(&p->text);
	p->row_count = p->span_count = 0;
	p->line_begin = p->line_spans = 0;
}

unsigned page_width(const struct page *p)
{
	if (!p->columns)
		return COLUMNS_DEFAULT;
	return p->columns < COLUMNS_MIN ? COLUMNS_MIN : p->columns;
}

/* ---- width ---- */

static wchar_t code_point(struct slice s, size_t n)
{
	static const unsigned char first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	wchar_t c = (unsigned char)s.p[0] & first_bits[n];

	for (size_t i = 1; i < n; i++)
		c = (wchar_t)(c << 6 | ((unsigned char)s.p[i] & 0x3f));
	return c;
}

/* Columns of the character at the beginning of `s`; `bytes` gets its length. */
static size_t character(struct slice s, size_t *bytes)
{
	int columns;

	*bytes = utf8_sequence(s);
	if (*bytes <= 1) {
		*bytes = 1;
		return 1;
	}
	columns = wcwidth(code_point(s, *bytes));
	/* what this locale cannot show takes the place of its substitute */
	return columns < 0 ? 1 : (size_t)columns;
}

size_t page_columns(struct slice text)
{
	size_t columns = 0, n;

	for (; text.n; text = slice_from(text, n))
		columns += character(text, &n);
	return columns;
}

/* The most bytes of `s` that fit into so many columns. */
static size_t fitting(struct slice s, size_t columns)
{
	size_t at = 0, n;

	while (at < s.n) {
		size_t width = character(slice_from(s, at), &n);

		if (width > columns)
			break;
		columns -= width;
		at += n;
	}
	return at;
}

/* ---- making lines ---- */

static void add_span(struct page *p, size_t from, enum style style)
{
	struct span *last = p->span_count > p->line_spans ? &p->spans[p->span_count - 1] : NULL;
	uint32_t begin = (uint32_t)(from - p->line_begin), end = (uint32_t)(p->text.n - p->line_begin);

	if (style == STYLE_PLAIN || begin == end)
		return;
	if (last && last->style == style && last->to == begin) {
		last->to = end;
		return;
	}
	if (p->span_count == p->span_room) {
		p->span_room = p->span_room ? 2 * p->span_room : 64;
		p->spans = xrealloc(p->spans, p->span_room * sizeof(*p->spans));
	}
	p->spans[p->span_count++] = (struct span){begin, end, style};
}

void page_slice(struct page *p, enum style style, struct slice bytes)
{
	size_t from = p->text.n;

	buf_add_printable(&p->text, bytes);
	add_span(p, from, style);
}

void page_text(struct page *p, enum style style, const char *format, ...)
{
	struct buf text = {0};
	va_list args;

	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	page_slice(p, style, buf_slice(&text));
	buf_free(&text);
}

void page_short(struct page *p, enum style style, struct slice bytes, size_t max)
{
	struct buf text = {0};
	struct slice all;
	size_t head, skip = 0;

	/* a value that cannot fit is not made printable as a whole */
	buf_add_printable(&text, slice_head(bytes, 4 * max + SHORT_MIN));
	if (bytes.n > 4 * max + SHORT_MIN)
		buf_add_printable(&text, slice_from(bytes, bytes.n - max));
	all = buf_slice(&text);
	max = max < SHORT_MIN ? SHORT_MIN : max;
	if (page_columns(all) <= max) {
		page_slice(p, style, all);
	} else {
		head = fitting(all, max - max / 3 - 2);
		while (skip < all.n && page_columns(slice_from(all, skip)) > max / 3)
			skip += fitting(slice_from(all, skip), 2) ? fitting(slice_from(all, skip), 2) : 1;
		page_slice(p, style, slice_head(all, head));
		page_slice(p, style, SLICE(".."));
		page_slice(p, style, slice_from(all, skip));
	}
	buf_free(&text);
}

size_t page_column(const struct page *p)
{
	return page_columns(slice_from(buf_slice(&p->text), p->line_begin));
}

void page_to_column(struct page *p, size_t column)
{
	for (size_t at = page_column(p); at < column; at++)
		buf_addc(&p->text, ' ');
}

void page_end_line(struct page *p, struct link link)
{
	if (p->row_count == p->row_room) {
		p->row_room = p->row_room ? 2 * p->row_room : 32;
		p->rows = xrealloc(p->rows, p->row_room * sizeof(*p->rows));
	}
	p->rows[p->row_count++] = (struct page_row){p->text.n, p->span_count, link};
	p->line_begin = p->text.n;
	p->line_spans = p->span_count;
}

/* One word; a longer one than a line is broken where the line ends. */
static void add_word(struct page *p, enum style style, struct slice word, size_t indent, struct link link)
{
	while (word.n) {
		size_t column = page_column(p), room = page_width(p) > column ? page_width(p) - column : 0;
		size_t n = fitting(word, room);

		if (!n && column <= indent)
			n = fitting(word, 2) ? fitting(word, 2) : 1;
		page_slice(p, style, slice_head(word, n));
		word = slice_from(word, n);
		if (!word.n)
			return;
		page_end_line(p, link);
		page_to_column(p, indent);
	}
}

static void wrap_line(struct page *p, enum style style, struct slice text, size_t indent, struct link link)
{
	bool fresh = true;

	while (text.n) {
		struct slice word = slice_head(text, slice_find(text, ' '));

		if (!fresh && page_column(p) + 1 + page_columns(word) > page_width(p)) {
			page_end_line(p, link);
			page_to_column(p, indent);
			fresh = true;
		}
		if (!fresh)
			page_slice(p, style, SLICE(" "));
		add_word(p, style, word, indent, link);
		fresh = false;
		text = slice_from(text, word.n + 1);
	}
	page_end_line(p, link);
}

void page_wrap(struct page *p, enum style style, struct slice text, size_t indent, struct link link)
{
	struct buf printable = {0};
	struct slice rest;

	if (indent > page_width(p) / 2)
		indent = page_width(p) / 2;
	buf_add_printable(&printable, slice_trim(text));
	rest = buf_slice(&printable);
	wrap_line(p, style, rest, indent, link);
	buf_free(&printable);
}

void page_heading(struct page *p, const char *text)
{
	if (p->row_count)
		page_end_line(p, NO_LINK);
	page_text(p, STYLE_HEAD, "%s", text);
	page_end_line(p, NO_LINK);
}

/* ---- reading ---- */

size_t page_line_count(const struct page *p)
{
	return p->row_count;
}

struct page_line page_line_at(const struct page *p, size_t line)
{
	const struct page_row *row = &p->rows[line];
	size_t text = line ? row[-1].text_end : 0, span = line ? row[-1].span_end : 0;

	return (struct page_line){{p->text.p ? p->text.p + text : "", row->text_end - text},
		p->spans ? p->spans + span : NULL, row->span_end - span, row->link};
}

void page_plain(const struct page *p, struct buf *out)
{
	for (size_t i = 0; i < p->row_count; i++) {
		struct slice text = page_line_at(p, i).text;

		while (text.n && text.p[text.n - 1] == ' ')
			text.n--;
		buf_add_slice(out, text);
		buf_addc(out, '\n');
	}
}

enum style page_nonce_style(struct slice nonce)
{
	return (enum style)(STYLE_NONCE_0 + slice_hash(nonce, 0) % NONCE_STYLES);
}

/*
 * A document that a screen shows: lines of text with styled spans, each with a link that Enter follows. It is
 * made from top to bottom; what goes in is made printable, so that no byte of the wire drives the terminal.
 */
#ifndef VIEW_PAGE_H
#define VIEW_PAGE_H

#include "base/buf.h"

enum style {
	STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_HEAD,
	STYLE_ERROR, STYLE_WARNING, STYLE_INFO, STYLE_GOOD,
	STYLE_REQUEST, STYLE_RESPONSE,
	STYLE_FIELD,     /* name of a header field or parameter */
	STYLE_VALUE,
	STYLE_MARK,      /* evidence of a finding */
	STYLE_DIFFERS,
	STYLE_KEY,
	STYLE_NONCE_0,   /* the same nonce has the same color everywhere: page_nonce_style() */
	STYLE_NONCE_1, STYLE_NONCE_2, STYLE_NONCE_3, STYLE_NONCE_4, STYLE_NONCE_5,
	STYLE_COUNT
};

/* What Enter on a line leads to. */
enum link_kind {
	LINK_NONE,
	LINK_MESSAGE,    /* number: index in detail.messages */
	LINK_FINDING,    /* number: index in the findings of detail.exchanges[of].x */
	LINK_DIGEST,     /* the same of its credentials, counted through its attempts from 0 */
	LINK_EXCHANGE,   /* number: that of the list */
	LINK_ACCOUNT,    /* number: index in the array that the page was made from */
	LINK_SERVER,
	LINK_CAUSE       /* number: the finding's id */
};

struct link {
	enum link_kind kind;
	uint32_t number;
	uint32_t of;
};

#define NO_LINK ((struct link){LINK_NONE, 0, 0})

/* Bytes of the line, and their style; in order, never overlapping. What is in no span is plain. */
struct span {
	uint32_t from, to;
	enum style style;
};

/* Points into the page; dies with its next change. */
struct page_line {
	struct slice text;
	const struct span *spans;
	size_t span_count;
	struct link link;
};

/* Zero-initialised is empty. `columns` and `utf8` are set by whoever shows it, before it is made. */
struct page {
	unsigned columns;      /* of the screen; 0: 80 */
	bool utf8;             /* else ASCII only, as far as it is up to us */
	struct buf text;
	struct page_row *rows; /* that are complete */
	size_t row_count, row_room;
	struct span *spans;
	size_t span_count, span_room;
	size_t line_begin;     /* of the line that is being made, in text */
	size_t line_spans;     /* its first, in spans */
};

void page_free(struct page *p);
/* Empties it, and keeps columns and utf8. */
void page_clear(struct page *p);

/* These add to the line that is being made. */
void page_text(struct page *p, enum style style, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void page_slice(struct page *p, enum style style, struct slice bytes);
/* At most `max` columns (at least 8): a longer value keeps its beginning and its end. */
void page_short(struct page *p, enum style style, struct slice bytes, size_t max);
/* Spaces up to this column, from 0; nothing if the line is there already. */
void page_to_column(struct page *p, size_t column);
/* Columns that the line has so far. */
size_t page_column(const struct page *p);
void page_end_line(struct page *p, struct link link);

/*
 * A paragraph that begins where the line stands: it is broken between words before the last column; further
 * lines begin at column `indent`. Ends the line.
 */
void page_wrap(struct page *p, enum style style, struct slice text, size_t indent, struct link link);
/* A line of its own in the style of headings; an empty one before it, unless the page begins with it. */
void page_heading(struct page *p, const char *text);
/* The width to write in. */
unsigned page_width(const struct page *p);

size_t page_line_count(const struct page *p);
struct page_line page_line_at(const struct page *p, size_t line);
/* All lines as plain text, without spaces at their ends. */
void page_plain(const struct page *p, struct buf *out);

/* Columns that printable text takes on a screen. */
size_t page_columns(struct slice text);
/* STYLE_NONCE_0 and so on: the same for the same nonce. */
enum style page_nonce_style(struct slice nonce);

#endif

/* The list of exchanges: which rows it shows, in which order, where the cursor is. Private to view/. */
#ifndef VIEW_LIST_H
#define VIEW_LIST_H

#include "view/columns.h"
#include "view/filter.h"

struct list_counts {
	size_t all, failed, open, selected, cleared;
};

struct list {
	struct rows rows;
	uint32_t *shown;           /* numbers of exchanges */
	size_t count, room;
	uint32_t cursor_n;         /* the exchange under the cursor, 0: none */
	size_t cursor, top;        /* in `shown` */
	struct filter filter;
	char search[FILTER_TEXT];  /* "": everything */
	enum column sort;
	bool descending, failed_first, follow;
	struct column_set columns;
	unsigned first_column;     /* scrolled to */
	unsigned widths[COLUMN_COUNT]; /* of what was shown so far */
	struct list_counts counts;
	uint32_t seen_changes;     /* of rows, when `shown` was made */
	bool stale;                /* filter or order changed since then */
};

void list_free(struct list *l);
/* Makes `shown` anew if anything changed; the cursor stays on its exchange. */
void list_update(struct list *l);
/* The row under the cursor, NULL: there is none. */
struct row *list_row(const struct list *l);
struct row *list_row_at(const struct list *l, size_t i);
void list_move(struct list *l, size_t to);
/* To this exchange, if it is shown. */
bool list_go(struct list *l, uint32_t n);
/* To the next, or previous, that failed. False: there is none. */
bool list_next_failed(struct list *l, bool forward);
/* Shows so many rows: keeps the cursor among them. */
void list_scroll(struct list *l, size_t rows);
/* All that are shown go; or what is hidden. If nothing is shown, what was cleared comes back. */
void list_clear(struct list *l);
void list_clear_hidden(struct list *l);
/* Numbers of the selected ones, at most `max`, in order; how many. */
size_t list_selected(const struct list *l, uint32_t *numbers, size_t max);

#endif

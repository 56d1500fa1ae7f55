#include "view/list.h"

#include <stdlib.h>

#include "base/err.h"

void list_free(struct list *l)
{
	rows_free(&l->rows);
	free(l->shown);
}

struct row *list_row_at(const struct list *l, size_t i)
{
	return i < l->count ? rows_get(&l->rows, l->shown[i]) : NULL;
}

struct row *list_row(const struct list *l)
{
	return list_row_at(l, l->cursor);
}

/* ---- what is shown ---- */

static void count_row(struct list_counts *c, const struct row *row)
{
	c->all++;
	c->failed += row_failed(row);
	c->open += !(row->flags & ROW_CLOSED);
	c->selected += (row->flags & ROW_SELECTED) != 0;
}

static bool is_shown(const struct list *l, const struct row *row)
{
	return filter_takes(&l->filter, &l->rows, row) &&
		(!*l->search || filter_finds(&l->rows, row, slice_of(l->search)));
}

static void collect(struct list *l)
{
	l->count = 0;
	l->counts = (struct list_counts){0};
	if (l->room < l->rows.count) {
		l->room = l->rows.room;
		l->shown = xrealloc(l->shown, l->room * sizeof(*l->shown));
	}
	for (size_t i = 0; i < l->rows.count; i++) {
		const struct row *row = &l->rows.list[i];

		if (!row->n)
			continue;
		if (row->flags & ROW_CLEARED) {
			l->counts.cleared++;
			continue;
		}
		count_row(&l->counts, row);
		if (is_shown(l, row))
			l->shown[l->count++] = row->n;
	}
}

static int compare(const void *a, const void *b, void *arg)
{
	const struct list *l = arg;
	const struct row *x = rows_get(&l->rows, *(const uint32_t *)a), *y = rows_get(&l->rows, *(const uint32_t *)b);
	int c;

	if (l->failed_first && row_failed(x) != row_failed(y))
		return row_failed(x) ? -1 : 1;
	c = column_compare(l->sort, &l->rows, x, y);
	if (!c)
		c = (x->n > y->n) - (x->n < y->n);
	return l->descending ? -c : c;
}

/* Where an exchange is; l->count if it is not shown. */
static size_t find(const struct list *l, uint32_t n)
{
	/* mostly where it was */
	if (l->cursor < l->count && l->shown[l->cursor] == n)
		return l->cursor;
	for (size_t i = 0; i < l->count; i++)
		if (l->shown[i] == n)
			return i;
	return l->count;
}

/* The cursor's exchange stays where it is on the screen; if it is gone, its neighbour takes the place. */
static void keep_cursor(struct list *l)
{
	size_t offset = l->cursor - l->top, at = find(l, l->cursor_n);

	if (l->follow && l->count)
		at = l->count - 1;
	if (at == l->count)
		at = l->cursor < l->count ? l->cursor : l->count ? l->count - 1 : 0;
	l->cursor = at;
	l->top = at > offset ? at - offset : 0;
	l->cursor_n = list_row(l) ? list_row(l)->n : l->cursor_n;
}

void list_update(struct list *l)
{
	if (!l->stale && l->seen_changes == l->rows.changes)
		return;
	l->stale = false;
	l->seen_changes = l->rows.changes;
	collect(l);
	if (l->count && (l->sort != COLUMN_N || l->descending || l->failed_first))
		qsort_r(l->shown, l->count, sizeof(*l->shown), compare, l);
	keep_cursor(l);
}

/* ---- the cursor ---- */

void list_move(struct list *l, size_t to)
{
	if (!l->count)
		return;
	l->cursor = to < l->count ? to : l->count - 1;
	l->cursor_n = l->shown[l->cursor];
}

bool list_go(struct list *l, uint32_t n)
{
	size_t i = find(l, n);

	if (i == l->count)
		return false;
	list_move(l, i);
	return true;
}

bool list_next_failed(struct list *l, bool forward)
{
	for (size_t i = l->cursor; forward ? ++i < l->count : i-- > 0;)
		if (row_failed(list_row_at(l, i))) {
			list_move(l, i);
			return true;
		}
	return false;
}

void list_scroll(struct list *l, size_t rows)
{
	if (l->cursor < l->top)
		l->top = l->cursor;
	if (rows && l->cursor >= l->top + rows)
		l->top = l->cursor - rows + 1;
	if (l->top && l->top + rows > l->count)
		l->top = l->count > rows ? l->count - rows : 0;
}

/* ---- clearing, selecting ---- */

static void restore(struct list *l)
{
	for (size_t i = 0; i < l->rows.count; i++)
		l->rows.list[i].flags &= (uint8_t)~ROW_CLEARED;
}

void list_clear(struct list *l)
{
	if (!l->count && l->counts.cleared)
		restore(l);
	for (size_t i = 0; i < l->count; i++)
		list_row_at(l, i)->flags |= ROW_CLEARED;
	l->stale = true;
}

void list_clear_hidden(struct list *l)
{
	for (size_t i = 0; i < l->rows.count; i++)
		if (l->rows.list[i].n && !is_shown(l, &l->rows.list[i]))
			l->rows.list[i].flags |= ROW_CLEARED;
	l->stale = true;
}

size_t list_selected(const struct list *l, uint32_t *numbers, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < l->rows.count && n < max; i++)
		if (l->rows.list[i].n && l->rows.list[i].flags & ROW_SELECTED)
			numbers[n++] = l->rows.list[i].n;
	return n;
}

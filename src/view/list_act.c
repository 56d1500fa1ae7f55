#include "view/inside.h"

#include <stdio.h>
#include <string.h>

static bool move(struct view *v, enum action a)
{
	struct list *l = &v->list;
	size_t page = list_screen_rows(v), step;

	switch (a) {
	case ACTION_UP:
		list_move(l, l->cursor ? l->cursor - 1 : 0);
		return true;
	case ACTION_DOWN:
		list_move(l, l->cursor + 1);
		return true;
	case ACTION_PAGE_UP:
	case ACTION_HALF_UP:
		step = a == ACTION_PAGE_UP ? page : page / 2;
		list_move(l, l->cursor > step ? l->cursor - step : 0);
		return true;
	case ACTION_PAGE_DOWN:
	case ACTION_HALF_DOWN:
		list_move(l, l->cursor + (a == ACTION_PAGE_DOWN ? page : page / 2));
		return true;
	case ACTION_BEGIN:
		list_move(l, 0);
		return true;
	case ACTION_END:
		list_move(l, l->count);
		return true;
	case ACTION_LEFT:
		if (!l->first_column)
			return false;
		l->first_column--;
		return true;
	case ACTION_RIGHT:
		l->first_column += l->first_column + 1 < l->columns.count;
		return true;
	default:
		return false;
	}
}

/* ---- order ---- */

static void set_sort(struct view *v, enum column c, bool descending)
{
	char why[SETTING_TEXT];

	settings_set(&v->settings, SETTING_SORT_FIELD, column_row(c)->name, why);
	settings_set(&v->settings, SETTING_SORT_ORDER, descending ? "desc" : "asc", why);
	v->list.sort = c;
	v->list.descending = descending;
	v->list.stale = true;
}

/* Among the columns that are shown. */
static void sort_beside(struct view *v, int step)
{
	const struct column_set *set = &v->list.columns;
	unsigned at = 0;

	while (at < set->count && set->list[at] != v->list.sort)
		at++;
	if (at == set->count)
		at = 0;
	else
		at = (at + set->count + (unsigned)step) % set->count;
	set_sort(v, set->list[at], v->list.descending);
}

static bool order(struct view *v, enum action a)
{
	switch (a) {
	case ACTION_SORT_LEFT:
		sort_beside(v, -1);
		return true;
	case ACTION_SORT_RIGHT:
		sort_beside(v, 1);
		return true;
	case ACTION_SORT_SWAP:
		set_sort(v, v->list.sort, !v->list.descending);
		return true;
	case ACTION_FAILED_FIRST:
		settings_cycle(&v->settings, SETTING_FAILED_FIRST);
		v->list.failed_first = settings_on(&v->settings, SETTING_FAILED_FIRST);
		v->list.stale = true;
		return true;
	case ACTION_AUTOSCROLL:
		settings_cycle(&v->settings, SETTING_AUTOSCROLL);
		v->list.follow = settings_on(&v->settings, SETTING_AUTOSCROLL);
		v->list.stale = true;
		return true;
	default:
		return false;
	}
}

/* ---- the rest ---- */

static void select_row(struct view *v)
{
	struct row *row = list_row(&v->list);

	if (!row)
		return;
	row->flags ^= ROW_SELECTED;
	v->list.stale = true;
}

static void copy(struct view *v)
{
	const struct row *row = list_row(&v->list);
	struct buf text = {0};

	if (!row)
		return;
	buf_add_printable(&text, texts_get(&v->list.rows.texts, row->call_id));
	screen_copy(v->screen, buf_slice(&text));
	view_say(v, "copied: %s", buf_string(&text));
	buf_free(&text);
}

static bool open_page(struct view *v, enum page_kind kind, bool extended)
{
	const struct row *row = list_row(&v->list);

	v->extended = extended;
	if (row)
		view_open_exchange(v, row->n, kind);
	return true;
}

bool list_screen_act(struct view *v, enum action a)
{
	list_update(&v->list);
	if (move(v, a) || order(v, a))
		return true;
	switch (a) {
	case ACTION_OPEN:
		return open_page(v, PAGE_LADDER, false);
	case ACTION_EXTENDED:
		return open_page(v, PAGE_LADDER, true);
	case ACTION_RAW:
		return open_page(v, PAGE_RAW, false);
	case ACTION_SELECT:
		select_row(v);
		return true;
	case ACTION_SEARCH:
		prompt_open(v, PROMPT_SEARCH);
		return true;
	case ACTION_FILTER:
		prompt_open(v, PROMPT_FILTER);
		return true;
	case ACTION_COLUMNS:
		dialog_columns(v);
		return true;
	case ACTION_CLEAR_HIDDEN:
		list_clear_hidden(&v->list);
		return true;
	case ACTION_COPY:
		copy(v);
		return true;
	default:
		return false;
	}
}

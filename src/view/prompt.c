/* Search and filter: what is typed takes effect at once. */
#include "view/inside.h"

#include <stdio.h>
#include <string.h>

void prompt_open(struct view *v, enum prompt_kind kind)
{
	const struct pager *p = view_page(v);
	const char *now = kind == PROMPT_FILTER ? v->list.filter.text : p ? p->search : v->list.search;

	v->prompt = (struct prompt){.kind = kind};
	snprintf(v->prompt.before, sizeof(v->prompt.before), "%s", now);
	edit_set(&v->prompt.edit, now);
}

static void apply(struct view *v, const char *text)
{
	struct pager *p = view_page(v);

	v->prompt.complaint[0] = '\0';
	if (v->prompt.kind == PROMPT_FILTER) {
		/* a filter that is wrong changes nothing yet */
		filter_parse(&v->list.filter, text, v->prompt.complaint);
		v->list.stale = true;
	} else if (p) {
		snprintf(p->search, sizeof(p->search), "%s", text);
		if (*text && !pager_search(p, true, true))
			snprintf(v->prompt.complaint, sizeof(v->prompt.complaint), "not found");
	} else {
		snprintf(v->list.search, sizeof(v->list.search), "%s", text);
		v->list.stale = true;
	}
}

void prompt_key(struct view *v, int key)
{
	struct prompt *p = &v->prompt;

	if (key == KEY_ESCAPE) {
		apply(v, p->before);
		p->kind = PROMPT_NONE;
	} else if (key == KEY_RETURN || key == KEY_TABULATOR || key == KEY_DOWNWARD) {
		/* what is wrong stays to be corrected */
		if (p->kind != PROMPT_FILTER || !*p->complaint)
			p->kind = PROMPT_NONE;
	} else if (edit_key(&p->edit, key)) {
		apply(v, p->edit.text);
	}
}

static const char filter_help[] =
	"method= account= address= outcome= finding= only=failed status= agent= ... text !not";

void prompt_draw(struct view *v)
{
	struct prompt *p = &v->prompt;
	unsigned row = screen_rows(v->screen) - 1, columns = screen_columns(v->screen), at;
	struct pen pen = {STYLE_BOLD, false}, hint = {*p->complaint ? STYLE_ERROR : STYLE_DIM, false};
	struct buf text = {0};

	if (!p->kind)
		return;
	screen_blank(v->screen, row, 0, columns, pen);
	screen_blank(v->screen, row - 1, 0, columns, pen);
	screen_put(v->screen, row - 1, 1, columns - 1, hint, slice_of(*p->complaint ? p->complaint :
		p->kind == PROMPT_FILTER ? filter_help : "Enter keeps it, Esc takes it back"));
	at = 1 + screen_put(v->screen, row, 1, columns, (struct pen){STYLE_KEY, false},
		p->kind == PROMPT_FILTER ? SLICE("Filter: ") : SLICE("Search: "));
	buf_add_printable(&text, (struct slice){p->edit.text, p->edit.n});
	if (text.n)
		screen_put(v->screen, row, at, columns - at, pen, buf_slice(&text));
	screen_cursor(v->screen, row, at + (unsigned)page_columns((struct slice){p->edit.text, p->edit.at}));
	buf_free(&text);
}

#include "view/inside.h"

#include <stdio.h>
#include <string.h>

enum { SHIFT = 8, WIDTH_STEP = 5, WIDTH_LEAST = 10, WIDTH_MOST = 90 };

/* ---- moving ---- */

static bool has_links(const struct pager *p)
{
	for (size_t i = 0; i < page_line_count(&p->page); i++)
		if (page_line_at(&p->page, i).link.kind)
			return true;
	return false;
}

/* Without links there is no cursor to be seen: what is shown moves at once. */
static void go(struct view *v, struct pager *p, size_t up, size_t down)
{
	size_t count = page_line_count(&p->page), rows = pager_rows(v, p), *at = &p->cursor,
	       most = count ? count - 1 : 0;

	if (!has_links(p)) {
		at = &p->top;
		most = count > rows ? count - rows : 0;
	}
	*at = *at > up ? *at - up : 0;
	*at = *at + down < most ? *at + down : most;
	if (at == &p->top)
		p->cursor = p->top;
}

static bool same_link(struct link a, struct link b)
{
	return a.kind == b.kind && a.number == b.number && a.of == b.of;
}

/* Where every entry has its link, from one to the next, as from message to message; at the ends line by line. */
static void step(struct view *v, struct pager *p, bool down)
{
	size_t count = page_line_count(&p->page);
	struct link here = count ? page_line_at(&p->page, p->cursor).link : NO_LINK;

	for (size_t i = p->cursor; down ? ++i < count : i-- > 0;) {
		struct link link = page_line_at(&p->page, i).link;

		if (!link.kind || same_link(link, here))
			continue;
		/* upwards to the first of the lines that have it */
		while (!down && i && same_link(page_line_at(&p->page, i - 1).link, link))
			i--;
		p->cursor = i;
		return;
	}
	go(v, p, down ? 0 : 1, down);
}

static bool move(struct view *v, struct pager *p, enum action a)
{
	size_t page = pager_rows(v, p);

	switch (a) {
	case ACTION_UP:
	case ACTION_DOWN:
		if (p->kind == PAGE_LADDER || p->kind == PAGE_SUMMARY)
			step(v, p, a == ACTION_DOWN);
		else
			go(v, p, a == ACTION_UP, a == ACTION_DOWN);
		return true;
	case ACTION_PAGE_UP:
		go(v, p, page, 0);
		return true;
	case ACTION_PAGE_DOWN:
		go(v, p, 0, page);
		return true;
	case ACTION_HALF_UP:
		go(v, p, page / 2, 0);
		return true;
	case ACTION_HALF_DOWN:
		go(v, p, 0, page / 2);
		return true;
	case ACTION_BEGIN:
		go(v, p, SIZE_MAX, 0);
		return true;
	case ACTION_END:
		go(v, p, 0, page_line_count(&p->page));
		return true;
	case ACTION_LEFT:
		if (!p->shift)
			return false;
		p->shift -= SHIFT;
		return true;
	case ACTION_RIGHT:
		p->shift += SHIFT;
		return true;
	default:
		return false;
	}
}

/* ---- opening ---- */

static void open_same(struct view *v, struct pager *p, enum page_kind kind, struct link link)
{
	struct pager *new = pager_open(v, kind, rebuilt_use(p->left), NULL);

	if (!new)
		return;
	new->number = link.number;
	new->of = link.of;
}

/* The list shows what belongs to this account, server or cause only. */
static void filter_by(struct view *v, struct pager *p)
{
	char expression[FILTER_TEXT], why[FILTER_WHY];
	struct link link = page_line_at(&p->page, p->cursor).link;

	if (!pager_expression(v, link, expression) || !filter_parse(&v->list.filter, expression, why))
		return;
	while (v->depth)
		pager_close(v);
	v->list.stale = true;
	view_say(v, "filter: %s", expression);
}

static void open_line(struct view *v, struct pager *p)
{
	struct link link;

	if (p->cursor >= page_line_count(&p->page))
		return;
	link = page_line_at(&p->page, p->cursor).link;
	switch (link.kind) {
	case LINK_MESSAGE:
		if (p->left && link.number < p->left->detail.count)
			open_same(v, p, PAGE_MESSAGE, link);
		break;
	case LINK_FINDING:
		if (p->left)
			open_same(v, p, PAGE_FINDING, link);
		break;
	case LINK_DIGEST:
		if (p->left)
			open_same(v, p, PAGE_DIGEST, link);
		break;
	case LINK_EXCHANGE:
		view_open_exchange(v, link.number, PAGE_LADDER);
		break;
	case LINK_ACCOUNT:
	case LINK_SERVER:
	case LINK_CAUSE:
		filter_by(v, p);
		break;
	case LINK_NONE:
		break;
	}
}

/* As in sngrep: the second message that is chosen is compared with the first. */
static void select_message(struct view *v, struct pager *p)
{
	struct pager *new;
	uint32_t number;

	if (!pager_message(p, &number))
		return;
	if (!p->marked) {
		p->marked = number + 1;
		view_say(v, "message %u is selected; Space on another one compares them", number + 1);
		return;
	}
	if (p->marked != number + 1) {
		new = pager_open(v, PAGE_COMPARE_MESSAGES, rebuilt_use(p->left), NULL);
		if (new) {
			new->number = p->marked - 1;
			new->other = number;
		}
	}
	p->marked = 0;
}

static void toggle_extended(struct view *v, struct pager *p)
{
	uint32_t n = p->left->n;
	struct rebuilt *r = rebuild(&v->host, &v->list.rows, n, !p->left->extended, v->options.show_secrets);

	if (!r)
		return;
	v->extended = r->extended;
	rebuilt_drop(p->left);
	p->left = r;
	p->made_for = p->side_for = 0;
	if (r->extended && r->detail.exchange_count == 1)
		view_say(v, "no further leg of this exchange was seen");
}

/* ---- the message beside the ladder ---- */

static void change_width(struct view *v, struct pager *p, int step)
{
	int width = settings_number(&v->settings, SETTING_RAW_WIDTH) + step;
	char text[16], why[SETTING_TEXT];

	width = width < WIDTH_LEAST ? WIDTH_LEAST : width > WIDTH_MOST ? WIDTH_MOST : width;
	snprintf(text, sizeof(text), "%d", width);
	settings_set(&v->settings, SETTING_RAW_WIDTH, step ? text : setting_row(SETTING_RAW_WIDTH)->value, why);
	p->made_for = p->side_for = 0;
}

static bool change(struct view *v, struct pager *p, enum action a)
{
	switch (a) {
	case ACTION_TOGGLE_RAW:
		settings_cycle(&v->settings, SETTING_RAW);
		break;
	case ACTION_RAW_MORE:
		change_width(v, p, WIDTH_STEP);
		break;
	case ACTION_RAW_LESS:
		change_width(v, p, -WIDTH_STEP);
		break;
	case ACTION_RAW_RESET:
		change_width(v, p, 0);
		break;
	case ACTION_DETAILS:
		settings_cycle(&v->settings, SETTING_DETAILS);
		break;
	case ACTION_UNFOLD:
		settings_cycle(&v->settings, SETTING_UNFOLD);
		break;
	default:
		return false;
	}
	p->made_for = p->side_for = 0;
	return true;
}

/* ---- the rest ---- */

static void copy(struct view *v, struct pager *p)
{
	struct buf text = {0};
	uint32_t number;

	if ((p->kind == PAGE_LADDER || p->kind == PAGE_MESSAGE) && pager_message(p, &number)) {
		screen_copy(v->screen, p->left->detail.messages[number].bytes);
		view_say(v, "copied: message %u", number + 1);
		return;
	}
	page_plain(&p->page, &text);
	screen_copy(v->screen, text.n ? buf_slice(&text) : SLICE(""));
	view_say(v, "copied: this page");
	buf_free(&text);
}

bool pager_act(struct view *v, struct pager *p, enum action a)
{
	/* keys may come before it was drawn */
	pager_update(v, p);
	if (move(v, p, a) || change(v, p, a))
		return true;
	switch (a) {
	case ACTION_OPEN:
		open_line(v, p);
		return true;
	case ACTION_SELECT:
		select_message(v, p);
		return true;
	case ACTION_EXTENDED:
		toggle_extended(v, p);
		return true;
	case ACTION_RAW:
		pager_open(v, PAGE_RAW, rebuilt_use(p->left), NULL);
		return true;
	case ACTION_SEARCH:
		prompt_open(v, PROMPT_SEARCH);
		return true;
	case ACTION_NEXT_MATCH:
	case ACTION_PREVIOUS_MATCH:
		if (!*p->search)
			return false;
		if (!pager_search(p, a == ACTION_NEXT_MATCH, false))
			view_say(v, "not found: %s", p->search);
		return true;
	case ACTION_BACK:
		/* first the highlighting goes */
		if (!*p->search)
			return false;
		p->search[0] = '\0';
		return true;
	case ACTION_COPY:
		copy(v, p);
		return true;
	default:
		return false;
	}
}

/* What keys do on any screen; then those of the list or of a page. */
#include "view/inside.h"

#include <stdio.h>
#include <string.h>

struct pager *view_open_exchange(struct view *v, uint32_t n, enum page_kind kind)
{
	struct rebuilt *r = NULL;

	if (rows_get(&v->list.rows, n))
		r = rebuild(&v->host, &v->list.rows, n, v->extended, v->options.show_secrets);
	if (!r) {
		view_say(v, "the messages of exchange %u are not there any more (--spool-limit)", n);
		return NULL;
	}
	return pager_open(v, kind, r, NULL);
}

static void toggle(struct view *v, enum setting s)
{
	settings_cycle(&v->settings, s);
	view_apply_settings(v);
	view_say(v, "%s: %s", setting_row(s)->words, settings_text(&v->settings, s));
}

static bool back(struct view *v)
{
	if (v->depth)
		pager_close(v);
	else if (settings_on(&v->settings, SETTING_NO_EXIT_PROMPT))
		v->quit = true;
	else
		dialog_quit(v);
	return true;
}

static void help(struct view *v)
{
	enum screen_kind below = view_screen(v);
	struct pager *p = view_page(v);

	if (p && p->kind == PAGE_HELP)
		return;
	p = pager_open(v, PAGE_HELP, NULL, NULL);
	if (p)
		p->below = below;
}

static void clear(struct view *v)
{
	while (v->depth)
		pager_close(v);
	list_clear(&v->list);
}

/* The exchange that is looked at; 0: none. */
static uint32_t exchange_here(const struct view *v)
{
	const struct pager *p = view_page(v);
	const struct row *row = list_row(&v->list);

	if (p)
		return p->left ? p->left->n : 0;
	return row ? row->n : 0;
}

/* On a page: the same page, as far as there is one, of the next exchange that failed. */
static bool next_failed(struct view *v, bool forward)
{
	struct pager *p = view_page(v);
	struct rebuilt *r;

	list_update(&v->list);
	if (p && exchange_here(v))
		list_go(&v->list, exchange_here(v));
	if (!list_next_failed(&v->list, forward)) {
		view_say(v, forward ? "no failure after this one" : "no failure before this one");
		return true;
	}
	if (!p || !p->left)
		return true;
	r = rebuild(&v->host, &v->list.rows, v->list.cursor_n, v->extended, v->options.show_secrets);
	if (!r)
		return true;
	/* pages that lie over the ladder are about the old one */
	while (v->depth > 1)
		pager_close(v);
	pager_close(v);
	pager_open(v, PAGE_LADDER, r, NULL);
	return true;
}

/* ---- pages about findings and digests ---- */

/* Of the first exchange: the finding that the page is about, or its cause, or the worst. */
static bool choose_finding(const struct rebuilt *r, uint32_t *number)
{
	const struct exchange *x = r->detail.exchanges[0].x;
	unsigned worst = 0;

	if (!x->finding_count)
		return false;
	for (unsigned i = 0; i < x->finding_count; i++) {
		if (x->findings[i] == x->cause) {
			*number = i;
			return true;
		}
		if (x->findings[i]->severity > x->findings[worst]->severity)
			worst = i;
	}
	*number = worst;
	return true;
}

/* The last credentials that could be checked; else the last ones. */
static bool choose_credentials(const struct rebuilt *r, uint32_t *number)
{
	uint32_t i = 0;
	bool any = false, checked = false;

	for (const struct attempt *a = r->detail.exchanges[0].x->attempts; a; a = a->next)
		for (unsigned k = 0; k < a->credential_count; k++, i++) {
			bool this_one = a->credentials[k].verification == VERIFICATION_MATCH ||
				a->credentials[k].verification == VERIFICATION_MISMATCH;

			if (checked && !this_one)
				continue;
			*number = i;
			any = true;
			checked |= this_one;
		}
	return any;
}

/* What the line under the cursor leads to comes first. */
static struct link link_here(const struct view *v)
{
	const struct pager *p = view_page(v);

	if (!p || p->cursor >= page_line_count(&p->page))
		return NO_LINK;
	return page_line_at(&p->page, p->cursor).link;
}

static void open_about(struct view *v, enum page_kind kind, enum link_kind wanted,
	bool (*choose)(const struct rebuilt *r, uint32_t *number), const char *nothing)
{
	struct link link = link_here(v);
	struct pager *p = view_page(v);
	struct rebuilt *r = NULL;
	uint32_t number = link.number, of = link.of;

	if (p && p->left)
		r = rebuilt_use(p->left);
	else if (exchange_here(v))
		r = rebuild(&v->host, &v->list.rows, exchange_here(v), v->extended, v->options.show_secrets);
	if (!r) {
		view_say(v, "no exchange is chosen");
		return;
	}
	if (link.kind != wanted) {
		of = 0;
		if (!choose(r, &number)) {
			view_say(v, "%s", nothing);
			rebuilt_drop(r);
			return;
		}
	}
	p = pager_open(v, kind, r, NULL);
	if (p) {
		p->number = number;
		p->of = of;
	}
}

/* ---- comparing ---- */

/* Two that are selected; or the one that is, and this one. */
static void compare(struct view *v)
{
	uint32_t two[3], here = exchange_here(v);
	size_t n = list_selected(&v->list, two, 3);
	struct rebuilt *left, *right;

	if (n == 1 && here && here != two[0])
		two[n++] = here;
	if (n != 2) {
		view_say(v, n > 2 ? "more than two exchanges are selected; Space unselects"
			: "select an exchange with Space, put the cursor on another one, then compare");
		return;
	}
	left = rebuild(&v->host, &v->list.rows, two[0], false, v->options.show_secrets);
	right = rebuild(&v->host, &v->list.rows, two[1], false, v->options.show_secrets);
	if (left && right) {
		pager_open(v, PAGE_COMPARE, left, right);
		return;
	}
	rebuilt_drop(left);
	rebuilt_drop(right);
	view_say(v, "the messages of these exchanges are not there any more (--spool-limit)");
}

/* ---- all ---- */

static bool act_anywhere(struct view *v, enum action a)
{
	switch (a) {
	case ACTION_BACK:
		return back(v);
	case ACTION_HELP:
		help(v);
		return true;
	case ACTION_SETTINGS:
		dialog_settings(v);
		return true;
	case ACTION_SECRET:
		dialog_secret(v);
		return true;
	case ACTION_SAVE:
		dialog_save(v);
		return true;
	case ACTION_STATISTICS:
		return (view_page(v) && view_page(v)->kind == PAGE_SUMMARY) || pager_open(v, PAGE_SUMMARY, NULL, NULL);
	case ACTION_CLEAR:
		clear(v);
		return true;
	case ACTION_NEXT_FAILED:
	case ACTION_PREVIOUS_FAILED:
		return next_failed(v, a == ACTION_NEXT_FAILED);
	case ACTION_EXPLAIN:
		open_about(v, PAGE_FINDING, LINK_FINDING, choose_finding, "nothing was found in this exchange");
		return true;
	case ACTION_DIGEST:
		open_about(
			v, PAGE_DIGEST, LINK_DIGEST, choose_credentials, "no credentials were sent in this exchange");
		return true;
	case ACTION_COMPARE:
		compare(v);
		return true;
	default:
		return false;
	}
}

static bool act_setting(struct view *v, enum action a)
{
	switch (a) {
	case ACTION_PAUSE:
		v->paused = !v->paused && !v->complete;
		if (v->complete)
			view_say(v, "nothing more is read: the input is at its end");
		return true;
	case ACTION_HINT:
		toggle(v, SETTING_HINT);
		v->note_until = 0;
		return true;
	case ACTION_ALIAS:
		toggle(v, SETTING_ALIASES);
		return true;
	case ACTION_TIME:
		toggle(v, SETTING_TIME);
		return true;
	case ACTION_SYNTAX:
		toggle(v, SETTING_SYNTAX);
		return true;
	case ACTION_COLOR:
		toggle(v, v->depth ? SETTING_LADDER_COLOR : SETTING_LIST_COLOR);
		return true;
	case ACTION_REDRAW:
		screen_refresh_all(v->screen);
		return true;
	default:
		return false;
	}
}

bool view_act(struct view *v, enum action a)
{
	struct pager *p = view_page(v);

	if (p ? pager_act(v, p, a) : list_screen_act(v, a))
		return true;
	return act_anywhere(v, a) || act_setting(v, a);
}

/* What each kind of page says. */
#include "view/inside.h"

#include <stdio.h>
#include <string.h>

#include "view/pages.h"

enum { ACCOUNTS_SHOWN = 200 };

static const char *name_of(void *arg, const struct address *a)
{
	const struct view *v = arg;

	return settings_alias(&v->settings, a);
}

static void make_ladder(struct view *v, struct pager *p)
{
	const struct settings *s = &v->settings;
	const struct ladder_options o = {
		.untitled = true,
		.details = settings_on(s, SETTING_DETAILS),
		.unfolded = settings_on(s, SETTING_UNFOLD),
		.time = settings_choice(s, SETTING_TIME) ? LADDER_SINCE_BEGIN : LADDER_CLOCK,
		.color = (enum ladder_color)settings_choice(s, SETTING_LADDER_COLOR),
		.name = name_of,
		.arg = v,
	};

	ladder_page(&p->page, &p->left->detail, &o);
}

static void make_raw(struct pager *p)
{
	const struct detail *d = &p->left->detail;

	for (size_t i = 0; i < d->count; i++) {
		if (i)
			page_end_line(&p->page, NO_LINK);
		message_page(&p->page, d, i);
	}
}

static void make_finding(struct pager *p)
{
	const struct detail *d = &p->left->detail;
	const struct exchange *x = p->of < d->exchange_count ? d->exchanges[p->of].x : NULL;

	if (x && p->number < x->finding_count)
		finding_page(&p->page, d, x->findings[p->number]);
}

static void make_comparison(struct pager *p)
{
	struct page_side left = {p->left->n, p->left->detail.exchanges[0].x};
	struct page_side right = {p->right->n, p->right->detail.exchanges[0].x};

	compare_page(&p->page, &left, &right);
}

static void make_message_comparison(struct pager *p)
{
	const struct detail *d = &p->left->detail;

	if (p->number < d->count && p->other < d->count)
		compare_messages_page(&p->page, &d->messages[p->number], &d->messages[p->other]);
}

/* ---- summary ---- */

static void put_findings(struct view *v, struct page *page)
{
	struct slice rest = v->findings.n ? buf_slice(&v->findings) : SLICE("");

	if (!rest.n)
		return;
	page_heading(page, "Findings about accounts, servers and the capture");
	while (rest.n) {
		size_t n = slice_find(rest, '\n');

		page_wrap(page, slice_starts_nocase(rest, SLICE("error")) ? STYLE_ERROR : STYLE_WARNING,
			slice_head(rest, n), 4, NO_LINK);
		rest = slice_from(rest, n < rest.n ? n + 1 : n);
	}
}

static void put_causes(struct view *v, struct page *page)
{
	size_t counts[FINDING_COUNT] = {0};
	bool any = false;

	for (size_t i = 0; i < v->list.rows.count; i++)
		if (row_failed(&v->list.rows.list[i])) {
			counts[v->list.rows.list[i].cause - 1]++;
			any = true;
		}
	if (!any)
		return;
	page_heading(page, "Causes of failures");
	for (;;) {
		unsigned most = 0;

		for (unsigned i = 1; i < FINDING_COUNT; i++)
			if (counts[i] > counts[most])
				most = i;
		if (!counts[most])
			return;
		page_text(page, STYLE_ERROR, "%8zu  %-26s ", counts[most], finding_kind((enum finding_id)most)->id);
		page_text(page, STYLE_PLAIN, "%s", finding_kind((enum finding_id)most)->title);
		page_end_line(page, (struct link){LINK_CAUSE, most, 0});
		counts[most] = 0;
	}
}

static void make_summary(struct view *v, struct page *page)
{
	const struct account *worst[ACCOUNTS_SHOWN];
	const struct tracker *t = v->host.tracker(v->host.arg);
	size_t n = t ? accounts_worst(tracker_accounts(t), worst, ACCOUNTS_SHOWN) : 0;

	put_causes(v, page);
	put_findings(v, page);
	if (n)
		accounts_page(page, worst, n, accounts_count(tracker_accounts(t)));
	if (t && tracker_advice(t)->count)
		servers_page(page, tracker_advice(t));
	if (!page_line_count(page)) {
		page_text(page, STYLE_DIM, "nothing yet: accounts and servers are summed up as exchanges end");
		page_end_line(page, NO_LINK);
	}
}

bool pager_expression(struct view *v, struct link link, char expression[FILTER_TEXT])
{
	const struct account *worst[ACCOUNTS_SHOWN];
	const struct tracker *t = v->host.tracker(v->host.arg);
	const struct advice *advice = t ? tracker_advice(t) : NULL;
	char text[ADDRESS_TEXT];

	if (!t)
		return false;
	if (link.kind == LINK_CAUSE)
		snprintf(expression, FILTER_TEXT, "only=failed finding=%s",
			finding_kind((enum finding_id)link.number)->id);
	else if (link.kind == LINK_SERVER && link.number < advice->count)
		snprintf(expression, FILTER_TEXT, "address==%s",
			address_format(&advice->servers[link.number].address, text));
	else if (link.kind == LINK_ACCOUNT &&
		link.number < accounts_worst(tracker_accounts(t), worst, ACCOUNTS_SHOWN))
		snprintf(expression, FILTER_TEXT, "account==%.*s", SLICE_ARG(worst[link.number]->user));
	else
		return false;
	return true;
}

/* ---- help ---- */

static const char *const introductions[] = {
	[SCREEN_LIST] =
		"The list of exchanges: each line is one authentication, from the first request to its end. The line "
		"above the last one tells the verdict on the exchange under the cursor.",
	[SCREEN_EXCHANGE] =
		"The messages of an exchange as arrows between hosts, with what was found. Enter opens the message, "
		"finding or digest under the cursor.",
	[SCREEN_PAGE] =
		"A page about a message, finding, digest, or comparison. Enter follows the line under the cursor.",
};

static void make_help(struct view *v, struct pager *p)
{
	char keys[KEYS_PER_ACTION * KEY_NAME_MAX];
	struct buf names = {0};

	page_wrap(&p->page, STYLE_INFO, slice_of(introductions[p->below]), 0, NO_LINK);
	page_heading(&p->page, "Keys");
	for (int a = 0; a < ACTION_COUNT; a++) {
		const struct action_row *row = action_row((enum action)a);

		if (!(row->screens & p->below) || !*keys_text(&v->settings.keys, (enum action)a, keys))
			continue;
		page_text(&p->page, STYLE_KEY, "  %s", keys);
		page_to_column(&p->page, 18);
		page_text(&p->page, STYLE_PLAIN, "%s%s", page_column(&p->page) > 18 ? "  " : "", row->words);
		page_end_line(&p->page, NO_LINK);
	}
	if (p->below != SCREEN_LIST)
		return;
	page_heading(&p->page, "Filters (F7)");
	filter_names(&names);
	page_text(&p->page, STYLE_PLAIN,
		"  method=REGISTER outcome=rejected,unanswered !account=1001 only=failed text");
	page_end_line(&p->page, NO_LINK);
	page_text(&p->page, STYLE_PLAIN, "  Words must all hold; names: ");
	page_wrap(&p->page, STYLE_FIELD, buf_slice(&names), 4, NO_LINK);
	buf_free(&names);
}

void pager_make(struct view *v, struct pager *p)
{
	switch (p->kind) {
	case PAGE_LADDER:
		make_ladder(v, p);
		break;
	case PAGE_RAW:
		make_raw(p);
		break;
	case PAGE_MESSAGE:
		message_page(&p->page, &p->left->detail, p->number);
		break;
	case PAGE_FINDING:
		make_finding(p);
		break;
	case PAGE_DIGEST:
		digest_page(&p->page, &p->left->detail, p->of, p->number);
		break;
	case PAGE_COMPARE:
		make_comparison(p);
		break;
	case PAGE_COMPARE_MESSAGES:
		make_message_comparison(p);
		break;
	case PAGE_SUMMARY:
		make_summary(v, &p->page);
		break;
	case PAGE_HELP:
		make_help(v, p);
		break;
	}
}

void pager_make_side(struct view *v, struct pager *p, uint32_t number, unsigned columns)
{
	p->side.columns = columns;
	p->side.utf8 = screen_utf8(v->screen);
	page_clear(&p->side);
	message_page(&p->side, &p->left->detail, number);
}

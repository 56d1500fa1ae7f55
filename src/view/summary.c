/* Who needs attention: accounts, servers and the clients behind them. */
#include "view/pages.h"

#include <inttypes.h>

#include "base/format.h"

enum { USER_COLUMNS = 24, ADDRESS_COLUMNS = 22, SOFTWARE_COLUMNS = 40, INDENT = 2 };

/* ---- accounts ---- */

static void add_count(struct buf *out, uint64_t n, const char *what)
{
	if (n)
		buf_printf(out, "%s%" PRIu64 " %s", out->n ? ", " : "", n, what);
}

static void account_counts(struct page *p, const struct account *a, struct link link)
{
	struct buf text = {0};
	char address[ADDRESS_TEXT];

	add_count(&text, a->refused, "refused");
	add_count(&text, a->unanswered, "unanswered");
	add_count(&text, a->accepted, "accepted");
	if (a->address_count)
		buf_printf(&text, "; from %s", address_format_ip(&a->addresses[0], address));
	if (a->address_count > 1)
		buf_printf(&text, " and %" PRIu32 " more", a->address_count - 1);
	if (a->user_agent.n) {
		buf_adds(&text, ", ");
		format_short(&text, a->user_agent, SOFTWARE_COLUMNS);
	}
	page_to_column(p, INDENT);
	page_wrap(p, STYLE_DIM, buf_slice(&text), INDENT, link);
	buf_free(&text);
}

static void add_account(struct page *p, const struct account *a, struct link link)
{
	bool bad = account_fails(a) || a->lapsed || a->offline_since;
	char server[ADDRESS_TEXT];
	struct buf state = {0};

	page_short(p, STYLE_BOLD, a->user, USER_COLUMNS);
	if (a->realm.n) {
		page_text(p, STYLE_PLAIN, "@");
		page_short(p, STYLE_PLAIN, a->realm, USER_COLUMNS);
	}
	page_text(p, STYLE_PLAIN, " at %s  ", address_format(&a->server, server));
	account_state(a, &state);
	page_wrap(p, bad ? STYLE_ERROR : STYLE_GOOD, buf_slice(&state), INDENT, link);
	account_counts(p, a, link);
	buf_free(&state);
}

void accounts_page(struct page *p, const struct account *const *accounts, size_t count, uint64_t all)
{
	page_heading(p, "Accounts, those that need attention first");
	for (size_t i = 0; i < count; i++)
		add_account(p, accounts[i], (struct link){LINK_ACCOUNT, (uint32_t)i, 0});
	if (all > count)
		page_text(p, STYLE_DIM, "and %" PRIu64 " more", all - count);
	else if (!count)
		page_text(p, STYLE_DIM, "No account was used yet.");
	if (all > count || !count)
		page_end_line(p, NO_LINK);
}

/* ---- servers ---- */

/* "REGISTER 401, INVITE 407 or 401 and 407" */
static void add_codes(struct page *p, const struct advice_server *s, struct link link)
{
	struct buf text = {0};

	for (int m = 0; m < METHOD_COUNT; m++) {
		const struct advice_codes *c = &s->by_method[m];

		for (unsigned i = 0; i < c->n; i++) {
			buf_printf(&text, "%s", i ? " or " : text.n ? ", " : "challenges ");
			if (!i)
				buf_printf(&text, "%s with ", method_name((enum method)m));
			buf_printf(&text, "%u", c->code[i] % ADVICE_BOTH);
			if (c->code[i] >= ADVICE_BOTH)
				buf_adds(&text, " and both kinds");
			buf_printf(&text, " (%" PRIu64 ")", c->count[i]);
		}
	}
	if (text.n) {
		page_to_column(p, INDENT);
		page_wrap(p, STYLE_PLAIN, buf_slice(&text), INDENT, link);
	}
	buf_free(&text);
}

static void add_failures(struct page *p, uint64_t failed, uint64_t exchanges)
{
	page_text(p, STYLE_PLAIN, "%" PRIu64 " exchange%s", exchanges, exchanges == 1 ? "" : "s");
	if (failed)
		page_text(p, STYLE_ERROR, ", %" PRIu64 " failed", failed);
}

/* "answers 401, ignores 407" */
static void add_habits(struct page *p, const struct advice_endpoint *e)
{
	static const char *const codes[] = {"401", "407"};

	for (int i = 0; i < 2; i++) {
		if (e->answers[i])
			page_text(p, STYLE_GOOD, "  answers %s", codes[i]);
		if (e->ignores[i])
			page_text(p, STYLE_ERROR, "  ignores %s", codes[i]);
	}
}

static void add_endpoint(struct page *p, const struct advice_endpoint *e, struct link link)
{
	page_to_column(p, 2 * INDENT);
	page_short(p, STYLE_VALUE, *e->user_agent ? slice_of(e->user_agent) : SLICE("(no User-Agent)"),
		SOFTWARE_COLUMNS);
	page_text(p, STYLE_PLAIN, "  ");
	add_failures(p, e->failed, e->exchanges);
	add_habits(p, e);
	page_end_line(p, link);
}

static void add_server(struct page *p, const struct advice_server *s, struct link link)
{
	char address[ADDRESS_TEXT];

	page_text(p, STYLE_BOLD, "%s  ", address_format(&s->address, address));
	if (*s->server) {
		page_short(p, STYLE_VALUE, slice_of(s->server), SOFTWARE_COLUMNS);
		page_text(p, STYLE_PLAIN, "  ");
	}
	add_failures(p, s->failed, s->exchanges);
	page_end_line(p, link);
	add_codes(p, s, link);
	if (s->reason && *s->reason) {
		page_to_column(p, INDENT);
		if (s->recommended_mode)
			page_text(p, STYLE_BOLD, "mode %u: ", s->recommended_mode);
		page_wrap(p, STYLE_PLAIN, slice_of(s->reason), INDENT, link);
	}
	for (size_t i = 0; i < s->endpoint_count; i++)
		add_endpoint(p, &s->endpoints[i], link);
}

void servers_page(struct page *p, const struct advice *advice)
{
	page_heading(p, "Servers that challenge, most failures first");
	for (size_t i = 0; i < advice->count; i++)
		add_server(p, &advice->servers[i], (struct link){LINK_SERVER, (uint32_t)i, 0});
	if (!advice->count) {
		page_text(p, STYLE_DIM, "No server challenged yet.");
		page_end_line(p, NO_LINK);
	}
}

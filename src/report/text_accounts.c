/* The accounts that need attention first: since when, why, how often, from where. */
#include "report/text.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/format.h"

static void add_count(struct buf *out, uint64_t n, const char *what, const char **separator)
{
	if (!n)
		return;
	buf_printf(out, "%s%" PRIu64 " %s", *separator, n, what);
	*separator = ", ";
}

static void add_counts(struct buf *out, const struct account *a)
{
	const char *separator = " (";

	add_count(out, a->refused, "refused", &separator);
	add_count(out, a->unanswered, "unanswered", &separator);
	add_count(out, a->accepted, "accepted", &separator);
	if (*separator == ',')
		buf_addc(out, ')');
}

static void add_client(struct buf *out, const struct account *a)
{
	char text[ADDRESS_TEXT];

	buf_adds(out, "; ");
	if (a->user_agent.n) {
		format_short(out, a->user_agent, 40);
		buf_addc(out, ' ');
	}
	if (a->address_count)
		buf_printf(out, "from %s", address_format_ip(&a->addresses[0], text));
	if (a->address_count > 1)
		buf_printf(out, " and %" PRIu32 " more", a->address_count - 1);
}

static void add_account(struct report *r, const struct account *a)
{
	struct text_state *t = r->state;
	struct buf line = {0};
	char text[ADDRESS_TEXT];

	format_short(&line, a->user, 40);
	if (a->realm.p) {
		buf_adds(&line, " (realm \"");
		format_short(&line, a->realm, 40);
		buf_adds(&line, "\")");
	}
	buf_printf(&line, " at %s: ", address_format(&a->server, text));
	account_state(a, &line);
	add_counts(&line, a);
	add_client(&line, a);
	format_indent(&t->out, 2);
	format_wrap(&t->out, buf_slice(&line), 2, 4, FORMAT_WIDTH);
	buf_addc(&t->out, '\n');
	buf_free(&line);
}

/* One failure has been walked through already; that a phone is offline is news all the same. */
static bool is_news(const struct report *r, const struct account *a)
{
	return r->options.verbose || r->counts.failed > 1 || a->offline_since;
}

/* Alike but for the user: who tries many users must not fill the screen. */
static bool alike(const struct account *a, const struct account *b)
{
	return a->last_cause == b->last_cause && account_fails(a) == account_fails(b) &&
		!a->accepted == !b->accepted && !a->offline_since == !b->offline_since &&
		address_eq(&a->server, &b->server) && slice_eq(a->user_agent, b->user_agent) &&
		address_same_ip(&a->addresses[0], &b->addresses[0]);
}

/* Accounts of which as many are told already as needed to know the kind. */
static bool known_kind(const struct account **told, size_t count, const struct account *a)
{
	size_t same = 0;

	for (size_t i = 0; i < count; i++)
		same += alike(told[i], a);
	return same >= TEXT_ACCOUNTS_ALIKE;
}

/* Those that are worth telling stand first in `worst` then; returns how many are shown at all. */
static size_t choose(
	const struct report *r, const struct account **worst, size_t count, size_t *chosen)
{
	size_t shown = 0;

	*chosen = 0;
	for (size_t i = 0; i < count; i++) {
		if (!is_news(r, worst[i]) || !report_shows_account(r, worst[i]))
			continue;
		shown++;
		if (*chosen < TEXT_ACCOUNTS && !known_kind(worst, *chosen, worst[i]))
			worst[(*chosen)++] = worst[i];
	}
	return shown;
}

void text_accounts(struct report *r, const struct accounts *accounts)
{
	struct text_state *t = r->state;
	size_t count = accounts ? accounts_count(accounts) : 0, chosen, shown;
	const struct account **worst;

	if (!count)
		return;
	worst = xcalloc(count, sizeof(*worst));
	count = accounts_worst(accounts, worst, count);
	shown = choose(r, worst, count, &chosen);
	if (chosen)
		text_heading(r, "Accounts that need attention first");
	for (size_t i = 0; i < chosen; i++)
		add_account(r, worst[i]);
	if (shown > chosen)
		buf_printf(&t->out, "  and %zu more accounts%s\n", shown - chosen,
			shown > TEXT_ACCOUNTS ? " (the first 100: --format json)" : "");
	if (chosen)
		buf_addc(&t->out, '\n');
	free(worst);
}

/* How an account is doing, in words. */
#include "auth/accounts.h"

#include "base/format.h"

bool account_fails(const struct account *a)
{
	return a->last_refused > a->last_accepted || (!a->accepted && a->unanswered);
}

static void add_clock(struct buf *out, int64_t time)
{
	format_clock(out, time);
	out->n -= sizeof(".000") - 1;
}

/* The title of a finding goes on in a sentence, unless it begins with a name ("REGISTER ..."). */
static void add_title(struct buf *out, const char *title)
{
	bool word = title[0] >= 'A' && title[0] <= 'Z' && (title[1] < 'A' || title[1] > 'Z');

	buf_addc(out, word ? (char)(title[0] + 'a' - 'A') : title[0]);
	buf_adds(out, title + 1);
}

void account_state(const struct account *a, struct buf *out)
{
	const struct finding_kind *cause = finding_kind(a->last_cause);
	bool now = account_fails(a) || a->lapsed || a->offline_since;

	if (a->offline_since) {
		buf_adds(out, "offline since ");
		add_clock(out, a->offline_since);
	} else if (a->lapsed) {
		buf_adds(out, "registration not renewed");
	} else if (account_fails(a) && a->last_accepted) {
		buf_adds(out, "fails since ");
		add_clock(out, a->last_refused ? a->last_refused : a->last_time);
	} else if (account_fails(a)) {
		buf_adds(out, "never accepted");
	} else if (a->last_accepted) {
		buf_adds(out, "accepted again at ");
		add_clock(out, a->last_accepted);
	} else {
		buf_adds(out, "undecided");
	}
	if (a->refresh_status) {
		buf_printf(out, " because its refresh was answered with %u", a->refresh_status);
		return;
	}
	if (!cause)
		return;
	buf_adds(out, now ? " because " : ", before that: ");
	add_title(out, cause->title);
}

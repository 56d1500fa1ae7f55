/*
 * The summary of each server: what fails when, what it challenges with, offers and accepts, and
 * which challenge mode that looks like.
 */
#include "report/text.h"

#include <inttypes.h>

#include "auth/profile.h"
#include "base/format.h"
#include "report/walk.h"

#define SECOND INT64_C(1000000000)

enum {
	ONE_TIME = 3,  /* refused second uses before a habit is seen in them */
	RATE_MIN = 5   /* exchanges below which a rate tells nothing */
};

static const char parameter_path[] =
	"Operation Management > Softswitch Management > Additional Settings > System Parameter";

size_t text_server_limit(const struct report *r)
{
	return r->options.verbose || r->options.all ? TEXT_SERVERS_VERBOSE : TEXT_SERVERS;
}

void text_server_name(struct buf *out, const struct advice_server *s)
{
	char text[ADDRESS_TEXT];

	buf_adds(out, address_format(&s->address, text));
	if (*s->server) {
		buf_adds(out, " (");
		format_short(out, slice_of(s->server), 50);
		buf_addc(out, ')');
	}
}

static void add_paragraph(struct report *r, struct buf *line)
{
	struct text_state *t = r->state;

	if (line->n)
		walk_paragraph(&t->out, r, 4, "", buf_slice(line));
	buf_clear(line);
}

/* ---- challenges ---- */

static void add_code(struct buf *out, unsigned code, uint64_t count, const char *separator)
{
	bool both = code > ADVICE_BOTH;

	buf_printf(out, "%s%u", separator, code % ADVICE_BOTH);
	if (both || count > 1) {
		buf_printf(out, " (%s%s", both ? "both header fields" : "",
			both && count > 1 ? ", " : "");
		if (count > 1)
			buf_printf(out, "%" PRIu64 " times", count);
		buf_addc(out, ')');
	}
}

/* "Challenges REGISTER with 401 (12 times), INVITE with 407." */
static void add_codes(struct buf *out, const struct advice_server *s)
{
	bool any = false;

	for (int m = 0; m < METHOD_COUNT; m++) {
		const struct advice_codes *c = &s->by_method[m];

		if (!c->n)
			continue;
		buf_printf(out, "%s%s", any ? ", " : "Challenges ", method_name((enum method)m));
		any = true;
		for (unsigned i = 0; i < c->n; i++)
			add_code(out, c->code[i], c->count[i], i ? " or " : " with ");
	}
	if (any)
		buf_adds(out, ". ");
}

/* ---- what is offered, and what is used ---- */

static const char *algorithm_name(unsigned i)
{
	return i == ALGORITHM_UNKNOWN ? "an unknown algorithm" :
		algorithm_info((enum algorithm)i)->name;
}

static const char *qop_name(unsigned i)
{
	static const char *const names[] = {[ADVICE_QOP_NONE] = "no qop",
		[ADVICE_QOP_AUTH] = "qop auth",
		[ADVICE_QOP_INT] = "qop auth-int",
		[ADVICE_QOP_OTHER] = "an unknown qop"};

	return names[i];
}

/* "MD5, SHA-256"; where it is not always the same, with the number of exchanges: "MD5 (12)". */
static bool add_counted(struct buf *out, const uint64_t *counts, unsigned n,
	const char *(*name)(unsigned i), bool numbers)
{
	unsigned kinds = 0;
	const char *separator = "";

	for (unsigned i = 0; i < n; i++)
		kinds += counts[i] != 0;
	for (unsigned i = 0; i < n; i++) {
		if (!counts[i])
			continue;
		buf_printf(out, "%s%s", separator, name(i));
		if (numbers && kinds > 1)
			buf_printf(out, " (%" PRIu64 ")", counts[i]);
		separator = ", ";
	}
	return kinds;
}

static void add_offer(struct buf *out, const struct advice_server *s)
{
	struct buf offer = {0}, use = {0};

	if (add_counted(&offer, s->offered, ALGORITHM_UNKNOWN + 1, algorithm_name, false)) {
		buf_adds(&offer, ", ");
		add_counted(&offer, s->qop_offered, ADVICE_QOP_COUNT, qop_name, false);
	}
	if (add_counted(&use, s->used, ALGORITHM_UNKNOWN + 1, algorithm_name, true)) {
		buf_adds(&use, ", ");
		add_counted(&use, s->qop_used, ADVICE_QOP_COUNT, qop_name, true);
	}
	if (offer.n)
		buf_printf(out, "Offers %s", buf_string(&offer));
	if (use.n && slice_eq(buf_slice(&offer), buf_slice(&use)))
		buf_adds(out, ", and that is used");
	else if (use.n)
		buf_printf(out, "%s used: %s", offer.n ? ";" : "Offer not seen;", buf_string(&use));
	if (offer.n || use.n)
		buf_addc(out, '.');
	buf_free(&offer);
	buf_free(&use);
}

/* ---- nonces ---- */

static int64_t youngest(const struct advice_nonces *n)
{
	if (!n->refused_age || (n->reuse_refused_age && n->reuse_refused_age < n->refused_age))
		return n->reuse_refused_age;
	return n->refused_age;
}

static void add_nonces(struct buf *out, const struct advice_nonces *n)
{
	if (n->at_least >= SECOND || n->at_most) {
		buf_adds(out, "Nonces live ");
		if (n->at_least >= SECOND) {
			buf_adds(out, "at least ");
			format_span(out, n->at_least);
		}
		if (n->at_most) {
			buf_printf(out, "%sat most ", n->at_least >= SECOND ? ", " : "");
			format_span(out, n->at_most);
		}
		buf_adds(out, ". ");
	}
	if (n->flagged || n->unflagged) {
		buf_adds(out, "Old nonces were refused ");
		if (n->flagged)
			buf_printf(out, "with stale=true (%" PRIu64 ")%s", n->flagged,
				n->unflagged ? " and " : "");
		if (n->unflagged)
			buf_printf(out, "without stale=true (%" PRIu64 ")", n->unflagged);
		if (youngest(n) >= SECOND) {
			buf_adds(out, ", the youngest after ");
			format_span(out, youngest(n));
		}
		buf_adds(out, ". ");
	}
	if (n->reuse_refused >= ONE_TIME && !n->reuse_accepted)
		buf_printf(out, "No nonce was accepted twice (%" PRIu64 " refused). ",
			n->reuse_refused);
}

/* ---- failures over time ---- */

/* A row of equal numbers tells nothing. */
static bool rate_varies(const struct rate *rate)
{
	int lowest = 100, highest = 0;

	for (unsigned i = 0; i < rate->used; i++) {
		int percent = rate_percent(rate, i);

		if (percent >= 0 && percent < lowest)
			lowest = percent;
		if (percent > highest)
			highest = percent;
	}
	return lowest < highest;
}

/* "Failures in each from 10:20: 0 0 12 80 100 %"; "-" where nothing was tried. */
static void add_rate(struct buf *out, const struct rate *rate)
{
	if (!rate_varies(rate))
		return;
	buf_adds(out, "Failures in each ");
	if (rate->step < 60 * SECOND)
		buf_printf(out, "%" PRId64 " s", rate->step / SECOND);
	else
		format_span(out, rate->step);
	buf_adds(out, " from ");
	format_date(out, rate_time(rate, 0));
	buf_addc(out, ':');
	for (unsigned i = 0; i < rate->used; i++) {
		int percent = rate_percent(rate, i);

		if (percent < 0)
			buf_adds(out, " -");
		else
			buf_printf(out, " %d", percent);
	}
	buf_adds(out, " %.");
}

/* ---- endpoints and the challenge mode ---- */

static void add_kinds(struct buf *out, const char *verb, const bool seen[2])
{
	if (seen[0] || seen[1])
		buf_printf(out, "%s %s", verb, !seen[1] ? "401" : !seen[0] ? "407" : "401 and 407");
}

static void add_endpoint(struct report *r, const struct advice_endpoint *e)
{
	struct text_state *t = r->state;
	struct buf line = {0};
	bool answers = e->answers[0] || e->answers[1], ignores;
	bool never[AUTH_KIND_COUNT] = {false, false};

	/* who answers at times is not said to ignore it: REGISTER apart from the rest */
	for (int class = 0; class < ADVICE_CLASSES; class++)
		for (int k = 0; k < AUTH_KIND_COUNT; k++)
			never[k] = never[k] ||
				(e->silent[class][k].count && !e->answered[class][k].count);
	ignores = never[0] || never[1];

	if (*e->user_agent)
		format_short(&line, slice_of(e->user_agent), 50);
	else
		buf_adds(&line, "no User-Agent");
	if (e->failed)
		buf_printf(&line, ": %" PRIu64 " of %" PRIu64 " failed", e->failed, e->exchanges);
	if (answers || ignores)
		buf_adds(&line, e->failed ? "; " : ": ");
	add_kinds(&line, "answers", e->answers);
	if (answers && ignores)
		buf_adds(&line, ", ");
	add_kinds(&line, "ignores", never);
	walk_paragraph(&t->out, r, 4, "-", buf_slice(&line));
	buf_free(&line);
}

/* Those that fail; with -v, or where another mode is advised, all of them. */
static void add_endpoints(struct report *r, const struct advice_server *s)
{
	struct text_state *t = r->state;
	bool all = r->options.verbose || s->recommended_mode != s->observed_mode;
	size_t told = 0, rest = 0;

	for (size_t i = 0; i < s->endpoint_count; i++) {
		const struct advice_endpoint *e = &s->endpoints[i];

		/* one failure has been walked through above */
		if (!all && (!e->failed || s->failed < 2))
			continue;
		if (told < TEXT_ENDPOINTS || r->options.verbose) {
			told++;
			add_endpoint(r, e);
		} else {
			rest++;
		}
	}
	if (rest)
		buf_printf(&t->out, "      and %zu more kinds of endpoints (-v)\n", rest);
}

static void add_belief(struct buf *out, const struct report *r, const struct advice_server *s)
{
	unsigned mode = r->options.vos_mode;

	if (!mode)
		return;
	if (!s->observed_mode)
		buf_printf(out, " Whether it is mode %u, as believed, cannot be told.", mode);
	else if (s->observed_mode == mode)
		buf_printf(out, " That is mode %u, as believed.", mode);
	else
		buf_printf(out, " Mode %u is believed: was the softswitch reloaded?", mode);
}

static void add_setting(struct buf *out, const struct advice_server *s, enum software software)
{
	struct software_advice a;

	if (!s->recommended_mode || s->recommended_mode == s->observed_mode)
		return;
	/* who names itself otherwise has no such parameter */
	if (!*s->server || software == SOFTWARE_VOS3000) {
		buf_printf(out,
			" %s SS_AUTHCHALLENGEMODE to %u under %s, then reload the softswitch.",
			software ? "Set" : "If this is a VOS3000, set", s->recommended_mode,
			parameter_path);
		return;
	}
	buf_printf(out, " %s would suit them better.", s->recommended_mode == 1 ? "401" :
		s->recommended_mode == 2 ? "407" : "Both");
	a = software_advise(FINDING_REGISTER_407_IGNORED, FAULT_SERVER, SLICE_ABSENT,
		slice_of(s->server));
	if (a.fix)
		buf_printf(out, " %s: %s", software_name(software), a.fix);
}

/* Only a VOS3000 has such a mode: whether this is one must not be taken for granted. */
static void add_mode(struct buf *out, const struct report *r, const struct advice_server *s)
{
	enum software software = software_of(slice_of(s->server));
	bool may_be = software == SOFTWARE_UNKNOWN || software == SOFTWARE_VOS3000;

	if (!r->options.verbose && software != SOFTWARE_VOS3000 && s->observed_mode != 3 &&
		s->recommended_mode == s->observed_mode && !(may_be && r->options.vos_mode))
		return;
	if (s->reason)
		buf_adds(out, s->reason);
	if (may_be && s->observed_mode)
		buf_printf(out, " Looks like mode %u (%s).", s->observed_mode,
			confidence_name(s->confidence));
	if (may_be)
		add_belief(out, r, s);
	add_setting(out, s, software);
}

static void add_server(struct report *r, const struct advice_server *s)
{
	struct text_state *t = r->state;
	struct buf line = {0};

	text_server_name(&line, s);
	if (s->failed)
		buf_printf(&line, ": %" PRIu64 " of ", s->failed);
	else
		buf_adds(&line, ": ");
	format_count(&line, s->exchanges, "challenged exchange");
	buf_adds(&line, s->failed ? " failed" : ", none failed");
	walk_paragraph(&t->out, r, 2, "", buf_slice(&line));
	buf_clear(&line);
	if (s->failed && s->exchanges >= RATE_MIN)
		add_rate(&line, &s->rate);
	add_paragraph(r, &line);
	add_codes(&line, s);
	add_offer(&line, s);
	add_paragraph(r, &line);
	add_nonces(&line, &s->nonces);
	add_paragraph(r, &line);
	add_mode(&line, r, s);
	add_paragraph(r, &line);
	buf_free(&line);
	add_endpoints(r, s);
}

void text_servers(struct report *r, const struct advice *a)
{
	struct text_state *t = r->state;
	size_t told = 0, rest = 0;

	for (size_t i = 0; a && i < a->count; i++) {
		if (!report_shows_server(r, &a->servers[i].address))
			continue;
		if (told >= text_server_limit(r)) {
			rest++;
			continue;
		}
		if (!told++)
			text_heading(r, "Servers");
		add_server(r, &a->servers[i]);
	}
	if (rest)
		buf_printf(&t->out, "  and %zu more servers%s\n", rest,
			r->options.verbose ? "" : " (-v for more)");
	if (told)
		buf_addc(&t->out, '\n');
}

/* The sections of the text report that are made from counts: result, groups, challenge modes, limits. */
#include "report/text.h"

#include <inttypes.h>
#include <string.h>

#include "auth/profile.h"
#include "report/format.h"
#include "report/paint.h"
#include "report/walk.h"

static const char parameter_path[] =
	"Operation Management > Softswitch Management > Additional Settings > System Parameter";

static void add_share(struct buf *out, const char **separator, uint64_t n, const char *what)
{
	if (!n)
		return;
	buf_printf(out, "%s%" PRIu64 " %s", *separator, n, what);
	*separator = ", ";
}

/* "capture.pcap" or "3 files", and the time they cover. */
static void add_source(struct buf *out, const struct report *r, const struct tracker_stats *s)
{
	if (r->options.source)
		buf_add_printable(out, slice_of(r->options.source));
	else if (r->options.file_count == 1)
		buf_add_printable(out, slice_of(report_file(r, 1)));
	else
		format_count(out, r->options.file_count, "file");
	if (!s->first_time)
		return;
	buf_adds(out, ", ");
	format_date(out, s->first_time);
	buf_adds(out, " to ");
	format_date_after(out, s->last_time, s->first_time);
	buf_adds(out, " UTC");
}

void text_result(struct report *r, const struct report_end *e)
{
	const struct tracker_stats *s = e->stats;
	struct text_state *t = r->state;
	struct buf line = {0};
	enum paint paint = t->failed ? PAINT_ERROR : PAINT_OK;
	const char *separator = t->failed ? ", " : ": ";

	buf_adds(&line, paint_on(r->options.color, paint));
	if (t->failed) {
		format_count(&line, t->failed, "exchange");
		buf_adds(&line, " failed");
	} else {
		buf_adds(&line, "No exchange failed");
	}
	buf_adds(&line, paint_off(r->options.color, paint));
	add_share(&line, &separator, t->outcomes[OUTCOME_ACCEPTED], "authenticated");
	add_share(&line, &separator, t->outcomes[OUTCOME_UNCHALLENGED], "unchallenged");
	add_share(&line, &separator, t->without_fault, "unanswered without fault");
	add_share(&line, &separator, t->outcomes[OUTCOME_UNKNOWN], "undecided");
	buf_adds(&line, " (");
	if (!r->options.source) {
		format_count(&line, e->packets, "packet");
		buf_adds(&line, ", ");
	}
	format_count(&line, s->messages, "SIP message");
	buf_adds(&line, ", ");
	format_span(&line, s->last_time - s->first_time);
	buf_adds(&line, ").");
	format_wrap(&t->out, buf_slice(&line), 0, 0, FORMAT_WIDTH);
	buf_addc(&t->out, '\n');
	buf_clear(&line);
	add_source(&line, r, s);
	format_wrap(&t->out, buf_slice(&line), 0, 0, FORMAT_WIDTH);
	buf_adds(&t->out, "\n\n");
	buf_free(&line);
}

static void add_group(struct report *r, const struct group *group)
{
	struct text_state *t = r->state;
	const struct finding_kind *kind = finding_kind(group->cause);
	struct buf line = {0};
	unsigned shown = group->count < GROUP_EXAMPLES_MAX ? (unsigned)group->count : GROUP_EXAMPLES_MAX;

	buf_printf(&t->out, "%5" PRIu64 " x ", group->count);
	paint_add(&t->out, r->options.color, PAINT_ERROR, kind->id);
	buf_adds(&t->out, ": ");
	format_wrap(&t->out, slice_of(kind->title), 10 + strlen(kind->id), 8, FORMAT_WIDTH);
	buf_addc(&t->out, '\n');
	if (walk_software(&line, group->client, group->server))
		walk_paragraph(&t->out, r, 6, "", buf_slice(&line));
	buf_free(&line);
	for (unsigned i = 0; i < shown; i++)
		walk_row(&t->out, &group->examples[i], 6);
	if (group->count > shown)
		buf_printf(&t->out, "      and %" PRIu64 " more\n", group->count - shown);
	buf_addc(&t->out, '\n');
}

void text_groups(struct report *r)
{
	struct text_state *t = r->state;
	struct groups *g = r->groups;
	uint64_t rest = g->dropped;

	if (!g->count)
		return;
	groups_sort(g);
	text_heading(r, "What failed, by cause, client and server");
	for (size_t i = 0; i < g->count; i++) {
		if (i < TEXT_GROUPS)
			add_group(r, g->list[i]);
		else
			rest += g->list[i]->count;
	}
	if (rest)
		buf_printf(&t->out, "      and %" PRIu64 " exchanges in %s%zu more groups\n\n", rest,
			g->dropped ? "at least " : "", g->count - TEXT_GROUPS);
}

static void add_code(struct buf *out, unsigned code, uint64_t count, const char *separator)
{
	bool both = code > ADVICE_BOTH;

	buf_printf(out, "%s%u", separator, code % ADVICE_BOTH);
	if (both || count > 1) {
		buf_printf(out, " (%s%s", both ? "both header fields" : "", both && count > 1 ? ", " : "");
		if (count > 1)
			buf_printf(out, "%" PRIu64 " times", count);
		buf_addc(out, ')');
	}
}

/* "challenges REGISTER with 401 (12 times), INVITE with 407" */
static void add_codes(struct buf *out, const struct advice_server *s)
{
	bool any = false;

	for (int m = 0; m < METHOD_COUNT; m++) {
		const struct advice_codes *c = &s->by_method[m];

		if (!c->n)
			continue;
		buf_printf(out, "%s%s", any ? ", " : "challenges ", method_name((enum method)m));
		any = true;
		for (unsigned i = 0; i < c->n; i++)
			add_code(out, c->code[i], c->count[i], i ? " or " : " with ");
	}
}

static void add_kinds(struct buf *out, const char *verb, const bool seen[2])
{
	if (seen[0] || seen[1])
		buf_printf(out, "%s %s", verb, !seen[1] ? "401" : !seen[0] ? "407" : "401 and 407");
}

static void add_endpoint(struct report *r, const struct advice_endpoint *e)
{
	struct text_state *t = r->state;
	struct buf line = {0};

	if (*e->user_agent)
		format_short(&line, slice_of(e->user_agent), 50);
	else
		buf_adds(&line, "no User-Agent");
	buf_adds(&line, ": ");
	add_kinds(&line, "answers", e->answers);
	if ((e->answers[0] || e->answers[1]) && (e->ignores[0] || e->ignores[1]))
		buf_adds(&line, ", ");
	add_kinds(&line, "ignores", e->ignores);
	if (e->answers[0] || e->answers[1] || e->ignores[0] || e->ignores[1])
		walk_paragraph(&t->out, r, 4, "-", buf_slice(&line));
	buf_free(&line);
}

/* Only a VOS3000 has such a mode: whether this is one must not be taken for granted. */
static bool mode_matters(const struct report *r, const struct advice_server *s, bool vos)
{
	return r->options.verbose || vos || s->observed_mode == 3 ||
		s->recommended_mode != s->observed_mode;
}

static void add_mode(struct report *r, const struct advice_server *s)
{
	struct text_state *t = r->state;
	struct buf line = {0};
	bool vos = slice_has_nocase(slice_of(s->server), SLICE("VOS"));

	if (!mode_matters(r, s, vos))
		return;
	if (s->reason)
		buf_adds(&line, s->reason);
	if (s->observed_mode && (vos || !*s->server))
		buf_printf(&line, " Looks like mode %u (%s).", s->observed_mode,
			confidence_name(s->confidence));
	if (s->recommended_mode && s->recommended_mode != s->observed_mode)
		buf_printf(&line, " %s SS_AUTHCHALLENGEMODE to %u under %s, then reload the softswitch.",
			vos ? "Set" : "If this is a VOS3000, set", s->recommended_mode, parameter_path);
	if (line.n)
		walk_paragraph(&t->out, r, 4, "", buf_slice(&line));
	buf_free(&line);
}

static void add_server(struct report *r, const struct advice_server *s)
{
	struct text_state *t = r->state;
	struct buf line = {0};
	char text[ADDRESS_TEXT];

	buf_adds(&line, address_format(&s->address, text));
	if (*s->server) {
		buf_adds(&line, " (");
		format_short(&line, slice_of(s->server), 50);
		buf_addc(&line, ')');
	}
	buf_addc(&line, ' ');
	add_codes(&line, s);
	walk_paragraph(&t->out, r, 2, "", buf_slice(&line));
	buf_free(&line);
	add_mode(r, s);
	for (size_t i = 0; i < s->endpoint_count; i++)
		if (r->options.verbose || s->recommended_mode != s->observed_mode)
			add_endpoint(r, &s->endpoints[i]);
}

void text_challenge_mode(struct report *r, const struct advice *a)
{
	struct text_state *t = r->state;

	if (!a || !a->count)
		return;
	text_heading(r, "Challenge mode by server (VOS3000: SS_AUTHCHALLENGEMODE)");
	for (size_t i = 0; i < a->count && i < TEXT_SERVERS; i++)
		add_server(r, &a->servers[i]);
	if (a->count > TEXT_SERVERS)
		buf_printf(&t->out, "  and %zu more servers\n", a->count - TEXT_SERVERS);
	buf_addc(&t->out, '\n');
}

static const struct {
	const char *name, *words;
} undecoded_words[] = {
	{"link-type", "of a link type that cannot be read"},
	{"not-ip", "that are not IP (ARP and the like)"},
	{"truncated", "cut before their payload: capture whole packets (tcpdump -s 0)"},
	{"fragment", "that are IP fragments without the rest of their message"},
	{"ip-protocol", "neither UDP nor TCP"},
	{"encrypted", "encrypted (IPsec)"},
	{"tunnel", "in a tunnel that cannot be read"},
};

static const char *words_for(const char *name)
{
	for (size_t i = 0; i < sizeof(undecoded_words) / sizeof(*undecoded_words); i++)
		if (strcmp(undecoded_words[i].name, name) == 0)
			return undecoded_words[i].words;
	return name;
}

static void limit(struct report *r, uint64_t n, const char *what, const char *words)
{
	struct text_state *t = r->state;
	struct buf line = {0};

	if (!n)
		return;
	format_count(&line, n, what);
	buf_printf(&line, " %s", words);
	walk_paragraph(&t->out, r, 2, "-", buf_slice(&line));
	buf_free(&line);
}

/* What could not be decoded, by name, so that no reason stays hidden; ARP is none while there is SIP. */
static void undecoded(struct report *r, const struct report_end *e, bool all)
{
	for (size_t i = 0; i < e->undecoded_count; i++) {
		const struct report_count *c = &e->undecoded[i];
		struct buf words = {0};

		if (!all && strcmp(c->name, "not-ip") == 0)
			continue;
		buf_adds(&words, words_for(c->name));
		if (strcmp(c->name, "link-type") == 0 && e->linktype >= 0)
			buf_printf(&words, " (LINKTYPE %d)", e->linktype);
		limit(r, c->count, "packet", buf_string(&words));
		buf_free(&words);
	}
	limit(r, e->tls_connections, "connection",
		"encrypted with TLS: there may be SIP in it, capture where it is in clear");
	limit(r, e->truncated, "file", "ends inside a packet (an interrupted capture)");
	limit(r, e->broken, "file", "became unreadable in the middle");
}

static void caps(struct report *r, const struct report_end *e)
{
	const struct tracker_stats *s = e->stats;

	limit(r, s->truncated_messages, "SIP message", "cut short");
	limit(r, s->evicted_exchanges, "exchange", "closed early: too many at the same time");
	limit(r, s->evicted_nonces, "nonce", "forgotten: too many at the same time");
	limit(r, s->evicted_accounts, "account", "forgotten: too many at the same time");
	limit(r, s->evicted_frames, "raw frame", "not kept");
	limit(r, e->advice ? e->advice->dropped : 0, "server", "beyond the limit of the mode table");
	limit(r, r->groups->dropped, "failed exchange", "beyond the limit of groups");
	for (size_t i = 0; i < e->dropped_count; i++)
		limit(r, e->dropped[i].count, e->dropped[i].name, "beyond a limit");
}

void text_limits(struct report *r, const struct report_end *e)
{
	struct text_state *t = r->state;
	size_t before = t->out.n, heading;

	text_heading(r, "What this report does not know");
	heading = t->out.n;
	undecoded(r, e, r->options.verbose);
	caps(r, e);
	if (t->out.n == heading)
		t->out.n = before;
	else
		buf_addc(&t->out, '\n');
}

void text_no_sip(struct report *r, const struct report_end *e)
{
	struct text_state *t = r->state;

	/* who asked has told already why nothing came of it */
	if (r->options.source)
		return;
	buf_adds(&t->out, "No SIP messages found in ");
	if (r->options.file_count == 1)
		buf_add_printable(&t->out, slice_of(report_file(r, 1)));
	else
		format_count(&t->out, r->options.file_count, "file");
	buf_adds(&t->out, " (");
	format_count(&t->out, e->packets, "packet");
	buf_adds(&t->out, ").\n");
	undecoded(r, e, true);
	caps(r, e);
	if (e->filtered)
		limit(r, e->filtered, "packet", "left out by the filter");
	if (!e->packets)
		buf_adds(&t->out, "The capture is empty: was it made on the right interface?\n");
	else
		buf_adds(&t->out, "Was SIP on this link at that time? Capture without a port filter, whole "
			"packets:\n  tcpdump -i any -s 0 -w sip.pcap udp or tcp\n");
}

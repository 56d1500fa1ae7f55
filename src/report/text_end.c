/* The sections of the text report that are made from counts: result, groups, limits. */
#include "report/text.h"

#include <inttypes.h>
#include <string.h>

#include "base/format.h"
#include "report/paint.h"
#include "report/walk.h"

static void add_share(struct buf *out, const char **separator, uint64_t n, const char *what)
{
	if (!n)
		return;
	buf_printf(out, "%s%" PRIu64 " %s", *separator, n, what);
	*separator = ", ";
}

/* "capture.pcap", or "1: a.pcap, 2: b.pcap" where frames carry the number of their file. */
static void add_files(struct buf *out, const struct report *r)
{
	size_t count = r->options.file_count;

	for (unsigned file = 1; file <= count && file <= TEXT_FILES; file++) {
		if (count > 1)
			buf_printf(out, "%s%u: ", file > 1 ? ", " : "", file);
		buf_add_printable(out, slice_of(report_file(r, file)));
	}
	if (count > TEXT_FILES)
		buf_printf(out, " and %zu more files", count - TEXT_FILES);
}

/* The files, and the time they cover. */
static void add_source(struct buf *out, const struct report *r, const struct tracker_stats *s)
{
	if (r->options.source)
		buf_add_printable(out, slice_of(r->options.source));
	else
		add_files(out, r);
	if (!s->first_time)
		return;
	buf_adds(out, ", ");
	format_date(out, s->first_time);
	if (s->last_time / 1000000000 != s->first_time / 1000000000) {
		buf_adds(out, " to ");
		format_date_after(out, s->last_time, s->first_time);
	}
	buf_adds(out, " UTC");
}

/* What is left out is said, and that it is counted all the same. */
static void text_selection(struct report *r)
{
	struct text_state *t = r->state;

	if (!report_selecting(r))
		return;
	buf_printf(&t->out, "%" PRIu64 " of ", r->shown.exchanges);
	format_count(&t->out, r->counts.exchanges, "exchange");
	buf_printf(&t->out, " shown, %" PRIu64 " failed", r->shown.failed);
	if (r->shown.findings) {
		buf_adds(&t->out, "; ");
		format_count(&t->out, r->shown.findings, "finding");
		buf_adds(&t->out, " beside them");
	}
	buf_adds(&t->out, ".\n\n");
}

void text_result(struct report *r, const struct report_end *e)
{
	const struct tracker_stats *s = e->stats;
	struct text_state *t = r->state;
	struct buf line = {0};
	const struct report_counts *c = &r->counts;
	enum paint paint = c->failed ? PAINT_ERROR : PAINT_OK;
	const char *separator = c->failed ? ", " : ": ";

	buf_adds(&line, paint_on(r->options.color, paint));
	if (c->failed) {
		format_count(&line, c->failed, "exchange");
		buf_adds(&line, " failed");
	} else {
		buf_adds(&line, "No exchange failed");
	}
	buf_adds(&line, paint_off(r->options.color, paint));
	add_share(&line, &separator, c->outcomes[OUTCOME_ACCEPTED], "authenticated");
	add_share(&line, &separator, c->outcomes[OUTCOME_UNCHALLENGED], "unchallenged");
	add_share(&line, &separator, c->without_fault, "unanswered without fault");
	add_share(&line, &separator, c->outcomes[OUTCOME_UNKNOWN], "undecided");
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
	text_selection(r);
}

static void add_group(struct report *r, const struct group *group)
{
	struct text_state *t = r->state;
	const struct finding_kind *kind = finding_kind(group->cause);
	struct buf line = {0};
	unsigned shown =
		group->count < GROUP_EXAMPLES_MAX ? (unsigned)group->count : GROUP_EXAMPLES_MAX;

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
	struct groups *g = r->shown_groups;
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
		buf_printf(&t->out, "      and %" PRIu64 " exchanges in %s%zu more groups\n\n",
			rest, g->dropped ? "at least " : "", g->count - TEXT_GROUPS);
}

static const struct {
	const char *name, *words;
} undecoded_words[] = {
	{"link-type", "of a link type that cannot be read"},
	{"not-ip", "that are not IP (ARP and the like)"},
	{"truncated", "cut before their payload: capture whole packets (tcpdump -s 0)"},
	{"fragment", "that are IP fragments without the rest of their message"},
	{"ip-protocol", "neither UDP nor TCP"},
	{"encrypted", "encrypted (IPsec, WLAN)"},
	{"fragment-overlap", "that are IP fragments and contradict others: the bytes that came first were taken"},
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

static void encrypted(struct report *r, const struct report_end *e)
{
	struct buf words = {0};

	buf_adds(&words, "encrypted with TLS and not read");
	buf_add_printable(&words, e->tls_detail);
	buf_adds(&words, ": give a key log (--keylog), or capture where it is in clear");
	limit(r, e->tls_connections, "connection", buf_string(&words));
	buf_free(&words);
}

/*
 * What could not be decoded, by name, so that no reason stays hidden; ARP is none while there is
 * SIP.
 */
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
	encrypted(r, e);
	limit(r, e->truncated, "file", "ends inside a packet (an interrupted capture)");
	limit(r, e->broken, "file", "became unreadable in the middle");
}

static void caps(struct report *r, const struct report_end *e)
{
	const struct tracker_stats *s = e->stats;

	limit(r, s->truncated_messages, "SIP message", "cut short");
	limit(r, s->evicted_exchanges, "exchange", "closed early: too many at the same time");
	limit(r, s->evicted_nonces, "nonce", "forgotten: too many at the same time");
	limit(r, s->evicted_accounts, "account",
		"whose name was forgotten: too many at the same time");
	limit(r, s->evicted_facts, "fact", "about clients and servers forgotten: too many at the same time");
	limit(r, s->evicted_requests, "fact", "about requests forgotten: too many at the same time");
	limit(r, s->evicted_watched, "record",
		"of sources and accounts that were watched for attacks forgotten: too many at the same time");
	limit(r, s->evicted_frames, "raw frame", "not kept");
	limit(r, e->advice ? e->advice->dropped : 0, "exchange",
		"with servers beyond the limit of the mode table");
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
	add_files(&t->out, r);
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
		buf_adds(&t->out, "Was SIP on this link at that time? Capture without a port "
			"filter, whole packets:\n  tcpdump -i any -s 0 -w sip.pcap udp or tcp\n");
}

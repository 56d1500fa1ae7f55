/* The advisor's table: endpoints and challenge modes, each verdict with its evidence. */
#include "report/text.h"

#include <inttypes.h>

#include "auth/advice_table.h"
#include "base/format.h"
#include "report/walk.h"

enum { COLUMN_COUNT = 12, COLUMN_MODE = 10, COLUMN_NAME = 30 };

/* What one mode means for all endpoints of a server. */
struct tally {
	size_t breaks, unknown;
	uint64_t exchanges;      /* of those that it breaks */
};

static void add_cell(struct buf *out, const struct advice_verdict *v)
{
	size_t before = out->n;

	buf_printf(out, "%s%s", advice_result_name(v->result),
		v->basis == ADVICE_BY_PROFILE ? "?" : "");
	while (out->n < before + COLUMN_MODE)
		buf_addc(out, ' ');
}

static void add_endpoint(struct report *r, const struct advice_endpoint *e,
	struct tally tally[ADVICE_MODES])
{
	struct text_state *t = r->state;
	struct buf why[ADVICE_MODES] = {{0}};
	char label[8];

	buf_printf(&t->out, "    %*" PRIu64 "  ", COLUMN_COUNT - 6, e->exchanges);
	for (unsigned mode = 1; mode <= ADVICE_MODES; mode++) {
		struct advice_verdict v = advice_verdict(e, mode, r->options.profile,
			&why[mode - 1]);

		add_cell(&t->out, &v);
		tally[mode - 1].unknown += v.result == ADVICE_UNKNOWN;
		if (v.result != ADVICE_BREAKS)
			continue;
		tally[mode - 1].breaks++;
		tally[mode - 1].exchanges += e->exchanges;
	}
	if (*e->user_agent)
		format_short(&t->out, slice_of(e->user_agent), COLUMN_NAME);
	else
		buf_adds(&t->out, "no User-Agent");
	buf_addc(&t->out, '\n');
	for (unsigned mode = 1; mode <= ADVICE_MODES; mode++) {
		snprintf(label, sizeof(label), "%u:", mode);
		walk_paragraph(&t->out, r, COLUMN_COUNT, label, buf_slice(&why[mode - 1]));
		buf_free(&why[mode - 1]);
	}
}

/* "none of 3 kinds of endpoints", "1 of 3 kinds of endpoints (12 of 40 exchanges), 1 unknown" */
static void add_tally(struct buf *out, const struct tally *t, const struct advice_server *s)
{
	if (t->breaks)
		buf_printf(out, "%zu of %zu (%" PRIu64 " of %" PRIu64 " exchanges)", t->breaks,
			s->endpoint_count, t->exchanges, s->exchanges);
	else
		buf_adds(out, "none");
	if (t->unknown)
		buf_printf(out, ", %zu unknown", t->unknown);
}

static bool may_be_vos(const struct advice_server *s)
{
	enum software software = software_of(slice_of(s->server));

	return software == SOFTWARE_VOS3000 || software == SOFTWARE_UNKNOWN;
}

static void add_server(struct report *r, const struct advice_server *s)
{
	struct tally tally[ADVICE_MODES] = {{0}};
	struct text_state *t = r->state;
	struct buf line = {0};

	text_server_name(&line, s);
	if (s->observed_mode && may_be_vos(s))
		buf_printf(&line, ", looks like mode %u now", s->observed_mode);
	walk_paragraph(&t->out, r, 2, "", buf_slice(&line));
	buf_clear(&line);
	buf_printf(&t->out, "    %*s  %-*s%-*s%-*s%s\n", COLUMN_COUNT - 6, "seen", COLUMN_MODE,
		"1: 401", COLUMN_MODE, "2: 407", COLUMN_MODE, "3: both", "endpoint");
	for (size_t i = 0; i < s->endpoint_count; i++) {
		size_t before = t->out.n;

		add_endpoint(r, &s->endpoints[i], tally);
		if (i >= TEXT_TABLE_ENDPOINTS && !r->options.all)
			t->out.n = before; /* in the tally only */
	}
	if (s->endpoint_count > TEXT_TABLE_ENDPOINTS && !r->options.all)
		buf_printf(&t->out, "    and %zu more (--all for every one)\n",
			s->endpoint_count - TEXT_TABLE_ENDPOINTS);
	buf_adds(&line, "Kinds of endpoints that would break:");
	for (unsigned mode = 1; mode <= ADVICE_MODES; mode++) {
		buf_printf(&line, "%s mode %u: ", mode > 1 ? ";" : "", mode);
		add_tally(&line, &tally[mode - 1], s);
	}
	buf_addc(&line, '.');
	walk_paragraph(&t->out, r, 4, "", buf_slice(&line));
	buf_free(&line);
	buf_addc(&t->out, '\n');
}

/* Without being asked, only where there is such a mode, or may be. */
static bool is_asked(const struct report *r, const struct advice_server *s)
{
	if (!s->endpoint_count || !report_shows_server(r, &s->address))
		return false;
	return r->options.advise || may_be_vos(s);
}

void text_modes(struct report *r, const struct advice *a)
{
	struct text_state *t = r->state;
	size_t told = 0, rest = 0;

	if (!r->options.advise && (!r->options.verbose || r->options.quiet))
		return;
	for (size_t i = 0; a && i < a->count; i++) {
		if (!is_asked(r, &a->servers[i]))
			continue;
		if (told >= TEXT_SERVERS_VERBOSE) {
			rest++;
			continue;
		}
		if (!told++) {
			text_heading(r, "What a change of SS_AUTHCHALLENGEMODE would break");
			buf_adds(&t->out, "  \"?\": by the profile of the endpoint; the rest was "
				"seen.\n\n");
		}
		add_server(r, &a->servers[i]);
	}
	if (rest)
		buf_printf(&t->out, "  and %zu more servers\n\n", rest);
	if (!told && r->options.advise)
		buf_adds(&t->out, "No challenge was seen: nothing can be said of challenge modes.\n\n");
}

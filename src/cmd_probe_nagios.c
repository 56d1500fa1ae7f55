/* --nagios: what a monitoring plugin says (one line, performance data, status 0 to 3). */
#include "cmd.h"
#include "cmd_probe.h"
#include "base/format.h"

static int level_of(const struct step_result *r)
{
	switch (r->step.outcome) {
	case PROBE_ANSWERED:
		break;
	case PROBE_REDIRECTED:
		return NAGIOS_WARNING;
	case PROBE_LOCAL:
	case PROBE_INTERRUPTED:
		return NAGIOS_UNKNOWN;
	default:
		return NAGIOS_CRITICAL;
	}
	if (!r->known)
		return NAGIOS_UNKNOWN;
	/* a keep-alive that is challenged shows a server that is alive */
	if (r->outcome == OUTCOME_UNANSWERED && r->step.method == METHOD_OPTIONS)
		return NAGIOS_OK;
	if (outcome_failed(r->outcome) || r->step.status / 100 == 5)
		return NAGIOS_CRITICAL;
	return r->outcome == OUTCOME_UNKNOWN || r->severity >= SEVERITY_WARNING ? NAGIOS_WARNING
										: NAGIOS_OK;
}

/* UNKNOWN is no worse than CRITICAL. */
static int worse(int a, int b)
{
	static const int rank[] = {
		[NAGIOS_OK] = 0, [NAGIOS_WARNING] = 1, [NAGIOS_UNKNOWN] = 2, [NAGIOS_CRITICAL] = 3};

	return rank[a] > rank[b] ? a : b;
}

static void add_performance(struct buf *out, const char *name, const char *what, int64_t span)
{
	buf_printf(out, " %s_%s=", name, what);
	format_ms(out, span);
	buf_adds(out, "ms;;;0");
}

int probe_nagios(const struct probe_command *c, int status)
{
	static const char *const names[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
	struct buf text = {0}, performance = {0};
	int level = status == EXIT_NOTHING || c->result_count ? NAGIOS_OK : NAGIOS_UNKNOWN;

	for (unsigned i = 0; i < c->result_count; i++) {
		const struct step_result *r = &c->results[i];
		const char *name = step_name(r->step.method);
		bool good = level_of(r) == NAGIOS_OK;

		level = worse(level, level_of(r));
		buf_printf(&text, "%s%s %s", i ? ", " : "", name, step_outcome_name(r));
		if (r->step.status)
			buf_printf(&text, " (%u)", r->step.status);
		if (!good && (*r->step.text || *r->verdict))
			buf_printf(&text, ": %s", *r->step.text ? r->step.text : r->verdict);
		if (r->step.rtt < 0)
			continue;
		add_performance(&performance, name, "rtt", r->step.rtt);
		add_performance(&performance, name, "time", r->step.duration);
	}
	if (c->dirty)
		level = worse(level, NAGIOS_WARNING);
	/* the bar begins the performance data */
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '|' || text.p[i] == '\n')
			text.p[i] = ' ';
	fprintf(c->out, "SIP %s - %s%s%s\n", names[level], buf_string(&text),
		performance.n ? " |" : "", buf_string(&performance));
	buf_free(&text);
	buf_free(&performance);
	return fflush(c->out) == 0 ? level : NAGIOS_UNKNOWN;
}

/* One probe after the other: steps, their exchanges, the report, the exit status. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/profile.h"
#include "base/err.h"
#include "cmd.h"
#include "cmd_probe.h"
#include "report/live.h"
#include "ua/wait.h"

/* ---- what the session tells ---- */

static bool walks(const struct probe_command *c)
{
	return c->report.format == REPORT_TEXT && !c->report.quiet && !c->nagios &&
	       (!c->matrix || c->report.verbose);
}

static void show(struct probe_command *c)
{
	fwrite(c->line.p, 1, c->line.n, c->out);
	fflush(c->out);
	buf_clear(&c->line);
}

static void on_datagram(void *arg, const struct datagram *d, bool sent)
{
	struct probe_command *c = arg;

	c->messages++;
	if (c->keep)
		probe_keep_datagram(c->keep, d);
	tracker_feed(c->tracker, d);
	if (!walks(c))
		return;
	report_live(&c->line, c->result, d, sent, c->first_time);
	if (!c->first_time)
		c->first_time = d->time;
	show(c);
}

static void on_icmp(void *arg, const struct icmp_error *e)
{
	struct probe_command *c = arg;

	tracker_icmp(c->tracker, e);
	if (!walks(c))
		return;
	report_live_icmp(&c->line, e, c->first_time);
	show(c);
}

/* Several lines are one note. */
static void on_note(void *arg, bool warning, const char *text)
{
	struct probe_command *c = arg;

	if (warning) {
		err_line("%s", text);
		return;
	}
	if (!walks(c))
		return;
	for (struct slice rest = slice_of(text); rest.n;) {
		size_t n = slice_find(rest, '\n');

		buf_adds(&c->line, "                       ");
		buf_add_printable(&c->line, slice_head(rest, n));
		buf_addc(&c->line, '\n');
		rest = n < rest.n ? slice_from(rest, n + 1) : SLICE_ABSENT;
	}
	show(c);
}

/* ---- what the engine tells ---- */

static bool is_exchange_of(const struct step_result *r, const struct exchange *x)
{
	uint32_t cseq = x->last_attempt->request.msg.cseq;

	return x->method == r->step.method &&
	       slice_eq(x->attempts->request.msg.call_id, slice_of(r->step.call_id)) &&
	       cseq >= r->step.first_cseq && cseq <= r->step.last_cseq;
}

static void on_exchange(void *arg, const struct exchange *x)
{
	struct probe_command *c = arg;

	/* what fails on purpose is no finding: the table tells it */
	if (c->matrix && c->report.format == REPORT_TEXT)
		return;
	report_exchange(c->result, x);
	for (unsigned i = 0; i < c->result_count; i++) {
		struct step_result *r = &c->results[i];

		if (!is_exchange_of(r, x))
			continue;
		/* after a fail-over the last one counts */
		r->known = true;
		r->outcome = x->outcome;
		r->status = x->status;
		r->severity = exchange_severity(x);
		snprintf(r->verdict, sizeof(r->verdict), "%.*s", SLICE_ARG(x->verdict));
	}
}

static void on_finding(void *arg, const struct scope_finding *f)
{
	struct probe_command *c = arg;

	if (!c->matrix)
		report_finding(c->result, f);
}

/* ---- one run ---- */

static void report_steps(struct probe_command *c)
{
	const struct resolve_answer *targets = probe_targets(c->session);
	struct address resolved[RESOLVE_MAX];
	struct report_step steps[PROBE_STEPS_MAX];
	struct report_probe probe = {
		c->arguments.target, resolved, targets->count, steps, c->result_count};

	for (unsigned i = 0; i < targets->count; i++)
		resolved[i] = targets->list[i].address;
	for (unsigned i = 0; i < c->result_count; i++) {
		const struct step_result *r = &c->results[i];

		steps[i] = (struct report_step){step_name(r->step.method), step_outcome_name(r),
			r->step.status, r->step.rtt, r->step.duration, r->step.text};
	}
	report_probe(c->result, &probe);
}

/* No further step makes sense. */
static bool hopeless(const struct probe_step *s)
{
	switch (s->outcome) {
	case PROBE_DNS_FAILURE:
	case PROBE_LOCAL:
	case PROBE_INTERRUPTED:
		return true;
	default:
		return false;
	}
}

/* An endpoint of the guide knows one kind of challenge for REGISTER or INVITE, or both. */
static void play(struct probe_command *c, enum method m)
{
	struct answer_policy policy = c->probe.answer;
	struct probe_twist plain = {0};
	unsigned wanted = m == METHOD_REGISTER ? c->played->register_code
			  : m == METHOD_INVITE ? c->played->invite_code
					       : 0;

	policy.ignore_proxy = wanted == 401;
	policy.ignore_user = wanted == 407;
	probe_set_policy(c->session, &policy, &plain);
}

static void run_steps(struct probe_command *c)
{
	c->result_count = 0;
	for (unsigned i = 0; i < c->step_count && !probe_stopping(c->session); i++) {
		struct step_result *r = &c->results[c->result_count++];

		*r = (struct step_result){0};
		if (c->played)
			play(c, c->steps[i]);
		probe_run(c->session, c->steps[i], &r->step);
		if (hopeless(&r->step))
			break;
	}
	c->dirty = !probe_clean_up(c->session) || c->dirty;
}

static int run_once(struct probe_command *c)
{
	int worst = EXIT_NOTHING;

	run_steps(c);
	tracker_advance(c->tracker, wait_now());
	tracker_flush(c->tracker);
	if (!c->nagios)
		report_steps(c);
	for (unsigned i = 0; i < c->result_count; i++) {
		int status = probe_exit_status(&c->results[i].step, c);

		worst = status > worst ? status : worst;
	}
	return worst;
}

/* ---- all runs ---- */

static bool open_output(struct probe_command *c)
{
	int fd;

	c->out = stdout;
	if (!c->output || strcmp(c->output, "-") == 0)
		return true;
	fd = open(c->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	c->out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!c->out)
		err_line("%s: %s", c->output, strerror(errno));
	return c->out;
}

/* The user name for the digest: --user, else that of the target if there is a secret for it. */
static void set_user(struct probe_command *c)
{
	struct slice user = slice_of(c->secret_options.user);
	const struct secret *found;

	if (!user.p && c->probe.user.n)
		for (int a = 0; a < ALGORITHM_COUNT && !user.p; a++)
			for (size_t i = 0; i < secrets_count(c->secrets); i++) {
				found = secrets_at(c->secrets, i);
				if (!found->username.p || slice_eq(found->username, c->probe.user))
					user = c->probe.user;
			}
	c->probe.answer.user = user;
	c->probe.answer.secrets = c->secrets;
	c->tracker_options.secrets = c->secrets;
}

static bool begin(struct probe_command *c)
{
	struct tracker_reader reader = {.exchange = on_exchange, .finding = on_finding, .arg = c};

	c->secrets = secret_options_read(&c->secret_options);
	if (!c->secrets || !open_output(c))
		return false;
	if (c->keep_path && !(c->keep = probe_keep_open(c->keep_path)))
		return false;
	set_user(c);
	c->probe.guard = &c->guard;
	c->report.color =
		c->report.format == REPORT_TEXT && isatty(fileno(c->out)) && !getenv("NO_COLOR");
	snprintf(c->title, sizeof(c->title), "probe of %.200s", c->arguments.target);
	c->report.source = c->title;
	if (c->keep_path) {
		c->report.files = &c->keep_path;
		c->report.file_count = 1;
	}
	c->tracker = tracker_new(&c->tracker_options, &reader);
	c->result = report_new(c->out, &c->report);
	return true;
}

static bool conclude(struct probe_command *c)
{
	struct report_end end = {.linktype = -1};

	tracker_finish(c->tracker);
	/* one line, or a table, is all */
	if (c->nagios || (c->matrix && c->report.format == REPORT_TEXT))
		return true;
	end.stats = tracker_stats(c->tracker);
	end.advice = tracker_advice(c->tracker);
	end.packets = c->messages;
	if (report_finish(c->result, &end) || errno == EPIPE)
		return true;
	err_line("%s: %s", c->output ? c->output : "standard output", strerror(errno));
	return false;
}

/* Waits for the next run. False: there is none. */
static bool pause_before_next(struct probe_command *c, unsigned done)
{
	int64_t until = wait_now() + (int64_t)c->arguments.interval * WAIT_SECOND;

	if ((c->arguments.repeat && done >= c->arguments.repeat) || wait_signals())
		return false;
	while (wait_now() < until)
		if (wait_poll(NULL, 0, until) < 0 && wait_signals())
			return false;
	return true;
}

static int run_all(struct probe_command *c)
{
	int worst = EXIT_NOTHING;

	for (unsigned done = 1;; done++) {
		struct probe_sink sink = {on_datagram, on_icmp, on_note, c};
		int status;
		bool more;

		c->first_time = 0;
		c->session = probe_new(&c->probe, &sink);
		status = c->matrix ? probe_matrix(c) : run_once(c);
		more = !c->guard.held && pause_before_next(c, done);

		worst = status > worst ? status : worst;
		probe_free(c->session);
		c->session = NULL;
		if (!more)
			break;
	}
	if (!conclude(c))
		return EXIT_TROUBLE;
	if (c->nagios)
		return probe_nagios(c, worst);
	if (worst == EXIT_NOTHING && ((!c->matrix && report_found(c->result)) || c->dirty))
		worst = EXIT_FINDINGS;
	return worst;
}

static void end(struct probe_command *c)
{
	report_free(c->result);
	tracker_free(c->tracker);
	secrets_free(c->secrets);
	buf_free(&c->line);
	if (c->out && c->out != stdout)
		fclose(c->out);
}

int probe_command_run(struct probe_command *c)
{
	int status = -1;

	if (begin(c)) {
		wait_catch_signals();
		status = run_all(c);
	}
	if (!probe_keep_close(c->keep) && status >= 0 && !c->nagios)
		status = EXIT_TROUBLE;
	end(c);
	return status;
}

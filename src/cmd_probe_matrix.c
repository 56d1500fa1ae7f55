/*
 * --matrix: what does this server accept? Right and deliberately wrong requests, one by one.
 * Between two that are refused it authenticates once correctly, and before the fourth refusal
 * without a success between it stops: an account must not be locked by a test.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "cmd.h"
#include "cmd_probe.h"
#include "sip/uri.h"
#include "ua/wait.h"

enum { REFUSALS_MOST = 3, RESULTS_MAX = 40, CONCLUSIONS_MAX = 24 };

struct matrix_row {
	const char *name; /* in JSON */
	const char *what; /* in the table */
	struct answer_faults faults;
	struct probe_twist twist;
	enum answer_qop qop;
	bool domain; /* username with the domain */
	bool after_wait;
	bool (*offered)(const struct probe_step *challenge); /* NULL: always */
};

struct matrix {
	struct probe_command *c;
	struct matrix_result {
		const char *name, *what;
		const char *outcome;
		struct probe_step step;
	} results[RESULTS_MAX];
	unsigned count;
	unsigned refusals; /* since the last success */
	const char *stopped; /* why, or NULL */
	struct probe_step challenge; /* the first one */
	const char *conclusions[CONCLUSIONS_MAX];
	unsigned conclusion_count;
};

static bool offers_auth(const struct probe_step *s)
{
	return s->qop_auth;
}

static bool offers_auth_int(const struct probe_step *s)
{
	return s->qop_auth_int;
}

static bool has_letters(const struct probe_step *s)
{
	return s->realm_has_letters;
}

static const struct matrix_row before_algorithms[] = {
	{"no-credentials", "no credentials", .twist = {.first_only = true}},
	{"right", "the right credentials"},
	{"wrong-password", "a wrong password", .faults = {.wrong_secret = true}},
};

static const struct matrix_row after_algorithms[] = {
	{"qop-none", "without qop (RFC 2069)", .qop = ANSWER_QOP_NONE},
	{"qop-auth", "qop auth", .qop = ANSWER_QOP_AUTH, .offered = offers_auth},
	{"qop-auth-int", "qop auth-int", .qop = ANSWER_QOP_AUTH_INT, .offered = offers_auth_int},
	{"nonce-nc-2", "the nonce again, nc 2", .twist = {.reuse = true, .first_only = true}},
	{"nonce-nc-1", "the nonce again, the same nc", .faults = {.same_nc = true},
		.twist = {.reuse = true, .first_only = true}},
	{"nonce-fabricated", "a fabricated nonce", .faults = {.fabricated_nonce = true}},
	{"nonce-after-wait", "the nonce again after --wait",
		.twist = {.reuse = true, .first_only = true}, .after_wait = true},
	{"other-field", "the other header field", .faults = {.other_field = true}},
	{"other-uri", "digest uri not the Request-URI", .faults = {.other_uri = true}},
	{"user-domain", "username with the domain", .domain = true},
	{"realm-case", "realm in other case", .faults = {.realm_case = true},
		.offered = has_letters},
	{"same-cseq", "CSeq not incremented", .twist = {.same_cseq = true}},
	{"new-call-id", "answer under a new Call-ID", .twist = {.new_call_id = true}},
};

/* ---- one row ---- */

static const char *classify(const struct probe_step *s)
{
	if (!s->status && (s->outcome == PROBE_ANSWERED || s->outcome == PROBE_TIMEOUT))
		return "ignored";
	if (!s->status)
		return probe_outcome_name(s->outcome);
	if (s->status == 401 || s->status == 407 || s->status == 494)
		return !s->with_credentials ? "challenged" : s->stale ? "stale" : "rejected";
	if (s->status == 400 || s->status == 403)
		return "rejected";
	/* these come from hops that did not look at the credentials (RFC 3261 16.7) */
	if (s->status / 100 == 5 || s->status == 408 || s->status == 481 || s->status == 482 ||
		s->status == 483)
		return "undecided";
	return "accepted";
}

static bool is(const char *outcome, const char *word)
{
	return outcome && strcmp(outcome, word) == 0;
}

static const char *ask(struct matrix *m, const struct answer_policy *policy,
	const struct probe_twist *twist, struct probe_step *step)
{
	const char *outcome;

	probe_set_policy(m->c->session, policy, twist);
	probe_run(m->c->session, m->c->steps[0], step);
	outcome = classify(step);
	if (is(outcome, "rejected"))
		m->refusals++;
	else if (is(outcome, "accepted") && step->with_credentials)
		m->refusals = 0;
	return outcome;
}

/* Authenticates correctly. False: it is not to be had. */
static bool succeed(struct matrix *m)
{
	struct answer_policy policy = m->c->probe.answer;
	struct probe_twist plain = {0};
	struct probe_step step;

	return is(ask(m, &policy, &plain, &step), "accepted");
}

static void print(struct matrix *m, const struct matrix_result *r)
{
	struct buf *line = &m->c->line;

	if (m->c->report.format != REPORT_TEXT)
		return;
	buf_printf(line, "  %-32s %-12s", r->what, r->outcome);
	if (r->step.status)
		buf_printf(line, " %u", r->step.status);
	if (*r->step.text)
		buf_printf(line, "  %s", r->step.text);
	buf_addc(line, '\n');
	fwrite(line->p, 1, line->n, m->c->out);
	fflush(m->c->out);
	buf_clear(line);
}

static struct matrix_result *add(
	struct matrix *m, const char *name, const char *what, const char *outcome)
{
	struct matrix_result *r = &m->results[m->count < RESULTS_MAX - 1 ? m->count++ : m->count];

	*r = (struct matrix_result){
		.name = name, .what = what, .outcome = outcome, .step = {.rtt = -1}};
	return r;
}

/* Is one more refusal affordable, and does the session go on? */
static bool may_go_on(struct matrix *m)
{
	if (probe_stopping(m->c->session))
		m->stopped = "stopped: interrupted";
	else if (m->refusals >= REFUSALS_MOST && !m->c->probe.yes)
		m->stopped = "stopped: too many refusals without a success between (--yes goes on)";
	return !m->stopped;
}

/* After a refusal, and where a used nonce is needed, one correct authentication. */
static bool prepare(struct matrix *m, const struct matrix_row *row)
{
	bool needed = row->twist.reuse || m->refusals;

	if (!may_go_on(m))
		return false;
	if (!needed)
		return true;
	return (succeed(m) || !row->twist.reuse) && may_go_on(m);
}

static bool wait_long(struct matrix *m)
{
	int64_t until = wait_now() + (int64_t)m->c->arguments.wait * WAIT_SECOND;

	while (wait_now() < until)
		if (wait_poll(NULL, 0, until) < 0 && wait_signals())
			return false;
	return true;
}

static void run_row(struct matrix *m, const struct matrix_row *row, enum algorithm algorithm)
{
	struct answer_policy policy = m->c->probe.answer;
	struct matrix_result *r;

	policy.attempts = 1;
	policy.faults = row->faults;
	if (row->qop != ANSWER_QOP_OFFERED)
		policy.qop = row->qop;
	if (row->domain)
		policy.faults.domain = name_addr_host(m->c->probe.from);
	if (algorithm != ALGORITHM_UNKNOWN) {
		policy.choice = CHOICE_NAMED;
		policy.algorithm = algorithm;
	}
	r = add(m, row->name, row->what, "not-tried");
	if (row->offered && !row->offered(&m->challenge))
		r->outcome = "not-offered";
	else if (!(row->after_wait && !m->c->arguments.wait) && prepare(m, row) &&
		 (!row->after_wait || wait_long(m)))
		r->outcome = ask(m, &policy, &row->twist, &r->step);
	print(m, r);
}

static void run_algorithms(struct matrix *m)
{
	for (int a = 0; a < ALGORITHM_COUNT; a++) {
		const char *name = algorithm_info((enum algorithm)a)->name;
		struct matrix_row row = {name, name};

		if (m->challenge.offered & UINT32_C(1) << a)
			run_row(m, &row, (enum algorithm)a);
		else
			print(m, add(m, name, name, "not-offered"));
	}
}

static void run_rows(struct matrix *m, const struct matrix_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		run_row(m, &rows[i], ALGORITHM_UNKNOWN);
		if (m->count == 1)
			m->challenge = m->results[0].step;
		if (m->count == 2 && !is(m->results[1].outcome, "accepted") && !m->c->probe.yes)
			m->stopped = "stopped: the right credentials were not accepted, so nothing can be told from "
				     "the rest (--yes goes on)";
	}
}

/* ---- what follows ---- */

static const char *outcome_of(const struct matrix *m, const char *name)
{
	for (unsigned i = 0; i < m->count; i++)
		if (strcmp(m->results[i].name, name) == 0)
			return m->results[i].outcome;
	return "not-tried";
}

static void conclude(struct matrix *m, bool holds, const char *text)
{
	if (holds && m->conclusion_count < CONCLUSIONS_MAX)
		m->conclusions[m->conclusion_count++] = text;
}

static void conclude_mode(struct matrix *m)
{
	const struct probe_step *s = &m->challenge;
	bool challenged = is(outcome_of(m, "no-credentials"), "challenged");

	conclude(m, is(outcome_of(m, "no-credentials"), "accepted"),
		"no credentials are wanted: the server decides by address");
	conclude(m, challenged && s->www && s->proxy,
		"challenges with both header fields at once: SS_AUTHCHALLENGEMODE 3");
	conclude(m, challenged && s->www && !s->proxy,
		"challenges with WWW-Authenticate (401): SS_AUTHCHALLENGEMODE 1");
	conclude(m, challenged && !s->www && s->proxy,
		"challenges with Proxy-Authenticate (407): SS_AUTHCHALLENGEMODE 2, "
		"the default");
	conclude(m, challenged && s->status == 401 && !s->www,
		"401 without WWW-Authenticate: status-header-mismatch");
	conclude(m, challenged && s->status == 407 && !s->proxy,
		"407 without Proxy-Authenticate: status-header-mismatch");
}

static bool refused(const char *outcome)
{
	return is(outcome, "rejected") || is(outcome, "stale") || is(outcome, "ignored");
}

static void conclude_nonces(struct matrix *m)
{
	const char *again = outcome_of(m, "nonce-nc-2"), *same = outcome_of(m, "nonce-nc-1");

	conclude(m, refused(again),
		"nonces are one-time: each request needs a challenge of its own (nonce-one-time)");
	conclude(m, is(again, "accepted"), "a nonce may be used again with the next nc");
	conclude(m, is(same, "accepted"),
		"the server ignores nc: a recorded request is accepted once more");
	conclude(m, is(outcome_of(m, "nonce-fabricated"), "accepted"),
		"any nonce is accepted: the challenge protects "
		"nothing");
	conclude(m, is(outcome_of(m, "nonce-fabricated"), "stale"),
		"an unknown nonce is answered with stale=true");
	conclude(m, is(outcome_of(m, "nonce-after-wait"), "accepted"),
		"the nonce lives longer than --wait");
	conclude(m, refused(outcome_of(m, "nonce-after-wait")) && is(again, "accepted"),
		"the nonce does not live as "
		"long as --wait (nonce-expired)");
}

static void conclude_credentials(struct matrix *m)
{
	bool offers_qop = m->challenge.qop_auth || m->challenge.qop_auth_int;

	conclude(m, is(outcome_of(m, "wrong-password"), "accepted"),
		"a wrong password is accepted: the server does not "
		"check it");
	conclude(m, !offers_qop && is(outcome_of(m, "no-credentials"), "challenged"),
		"the challenge offers no qop "
		"(qop-missing-in-challenge)");
	conclude(m, offers_qop && is(outcome_of(m, "qop-none"), "accepted"),
		"the server does not insist on the qop that "
		"it offers: RFC 2069 answers are accepted");
	conclude(m, refused(outcome_of(m, "qop-none")), "the server insists on qop");
	conclude(m, refused(outcome_of(m, "qop-auth-int")), "auth-int is offered and refused");
	conclude(m, is(outcome_of(m, "other-field"), "accepted"),
		"the server looks in either header field for "
		"credentials");
	conclude(m, is(outcome_of(m, "other-uri"), "accepted"),
		"the digest uri is not compared with the Request-URI");
	conclude(m, is(outcome_of(m, "user-domain"), "accepted"),
		"username@domain is accepted as well");
	conclude(m, is(outcome_of(m, "realm-case"), "accepted"),
		"the realm is compared without regard to case");
	conclude(m, refused(outcome_of(m, "same-cseq")),
		"the answer must have a higher CSeq (RFC 3261 22.2)");
	conclude(m, refused(outcome_of(m, "new-call-id")),
		"the answer must come under the same Call-ID");
}

static void conclude_all(struct matrix *m)
{
	struct buf *out = &m->c->line;

	conclude_mode(m);
	conclude_credentials(m);
	conclude_nonces(m);
	conclude(m, m->stopped, m->stopped);
	if (m->c->report.format != REPORT_TEXT)
		return;
	buf_adds(out, "\nWhat follows:\n");
	for (unsigned i = 0; i < m->conclusion_count; i++)
		buf_printf(out, "  - %s\n", m->conclusions[i]);
	fwrite(out->p, 1, out->n, m->c->out);
	buf_clear(out);
}

static void report_matrix(struct matrix *m)
{
	const struct resolve_answer *targets = probe_targets(m->c->session);
	struct address resolved[RESOLVE_MAX];
	struct report_step steps[RESULTS_MAX];
	struct report_probe probe = {m->c->arguments.target, resolved, targets->count, steps,
		m->count, m->conclusions, m->conclusion_count};

	for (unsigned i = 0; i < targets->count; i++)
		resolved[i] = targets->list[i].address;
	for (unsigned i = 0; i < m->count; i++) {
		const struct matrix_result *r = &m->results[i];

		steps[i] = (struct report_step){r->name, r->outcome, r->step.status, r->step.rtt,
			r->step.duration, r->step.text};
	}
	report_probe(m->c->result, &probe);
}

int probe_matrix(struct probe_command *c)
{
	struct matrix *m = xcalloc(1, sizeof(*m));
	const char *right;
	int status;

	m->c = c;
	if (c->report.format == REPORT_TEXT)
		fprintf(c->out, "What %s accepts from %s:\n\n", c->arguments.target,
			method_name(c->steps[0]));
	run_rows(m, before_algorithms, sizeof(before_algorithms) / sizeof(*before_algorithms));
	run_algorithms(m);
	run_rows(m, after_algorithms, sizeof(after_algorithms) / sizeof(*after_algorithms));
	c->dirty = !probe_clean_up(c->session) || c->dirty;
	conclude_all(m);
	if (c->report.format != REPORT_TEXT)
		report_matrix(m);
	right = outcome_of(m, "right");
	status = is(right, "accepted") ? EXIT_NOTHING : EXIT_FINDINGS;
	/* it did not even begin */
	if (!m->challenge.status)
		status = probe_exit_status(&m->results[0].step, c);
	free(m);
	return status;
}

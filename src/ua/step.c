/* The steps of a probe: rows of requests, what they made, and how that is removed. */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "sip/uri.h"
#include "ua/conn_private.h"
#include "ua/header.h"
#include "ua/session.h"
#include "ua/wait.h"

enum {
	/* VOS3000 locks an account for 180 s after 6 refusals (SS_AUTHENTICATION_MAX_RETRY) */
	REFUSALS_WARN = 4,
	REFUSALS_HOLD = 5,
	CALL_ID_BYTES = 16,
	TAG_BYTES = 8
};

/* A refused INVITE's final response is repeated until our ACK arrives: so long it is listened to
 * (half of T2). */
#define ACK_TIME WAIT_SECOND

static void new_identity(struct row *row)
{
	wait_token(row->call_id, CALL_ID_BYTES);
	wait_token(row->from_tag, TAG_BYTES);
}

static bool is_challenge(unsigned status)
{
	return status == 401 || status == 407 || status == 494;
}

/* ---- refusals, and what they may lead to ---- */

/* May one more answer be sent? */
static bool may_answer(struct probe *p)
{
	struct probe_guard *g = p->o.guard;

	if (g->refusals < REFUSALS_WARN || p->o.yes)
		return true;
	if (g->refusals < REFUSALS_HOLD) {
		session_note(p, true,
			"%u answers were refused in a row; many servers lock the account soon "
			"(VOS3000: after 6, for 180 s)",
			g->refusals);
		return true;
	}
	g->held = true;
	session_note(p, true,
		"%u answers were refused in a row: one more could lock the account (VOS3000: after "
		"6, "
		"for 180 s); not tried without --yes",
		g->refusals);
	return false;
}

static void note_result(struct probe *p, const struct ask *a, bool refused)
{
	unsigned status = a->got_final ? a->final.status : 0;

	if (!a->with_credentials || !status)
		return;
	if (refused || status == 403)
		p->o.guard->refusals++;
	else if (a->progress || status / 100 == 2 || status / 100 == 3)
		p->o.guard->refusals = 0;
}

/* ---- rows ---- */

static void tell(struct probe *p, struct probe_step *step, const char *text)
{
	if (!*text)
		return;
	snprintf(step->text, sizeof(step->text), "%s", text);
	session_note(p, false, "%s", text);
}

static void describe_challenge(const struct params *c, bool proxy, struct probe_step *step)
{
	struct slice realm = params_value(c, PARAM_REALM), qop = params_value(c, PARAM_QOP);
	enum algorithm algorithm = algorithm_find(params_value(c, PARAM_ALGORITHM));

	step->stale = step->stale || params_stale(c);
	step->proxy = step->proxy || proxy;
	step->www = step->www || !proxy;
	step->qop_auth = step->qop_auth || (qop.p && qop_has(qop, SLICE("auth")));
	step->qop_auth_int = step->qop_auth_int || (qop.p && qop_has(qop, SLICE("auth-int")));
	if (algorithm != ALGORITHM_UNKNOWN)
		step->offered |= UINT32_C(1) << algorithm;
	for (size_t i = 0; i < realm.n; i++)
		if ((realm.p[i] | 32) >= 'a' && (realm.p[i] | 32) <= 'z')
			step->realm_has_letters = true;
}

static void describe_challenges(const struct message *m, struct probe_step *step)
{
	struct arena scratch = {0};

	step->stale = step->www = step->proxy = step->qop_auth = step->qop_auth_int = false;
	step->offered = 0;
	for (unsigned i = 0; i < m->auth_count; i++) {
		bool proxy = m->auth[i].kind == AUTH_PROXY_AUTHENTICATE;
		struct params list[PARAMS_LIST_MAX];
		size_t n = 0;

		if (proxy || m->auth[i].kind == AUTH_WWW_AUTHENTICATE)
			n = params_scan(m->auth[i].value, &scratch, list, PARAMS_LIST_MAX);
		for (size_t j = 0; j < n; j++)
			describe_challenge(&list[j], proxy, step);
	}
	arena_free(&scratch);
}

/* A challenge came. True: it is worth another request. */
static bool learn(
	struct probe *p, const struct row *row, const struct ask *a, struct probe_step *step)
{
	struct answer_policy policy = p->policy;
	struct answer_result result;

	policy.known_only = row->leg != NULL;
	describe_challenges(&a->final, step);
	if (p->twist.first_only) {
		note_result(p, a, a->with_credentials && !step->stale);
		step->verdict = ANSWER_NOTHING;
		return false;
	}
	answer_learn(&p->spaces, &policy, &a->final, &result);
	note_result(p, a, result.refused);
	step->verdict = result.verdict;
	tell(p, step, result.note);
	return result.verdict == ANSWER_GO && may_answer(p);
}

static void next_identity(struct probe *p, struct row *row, bool first)
{
	/* a row of the clean-up is never twisted */
	if (first || row->clean_up) {
		row->cseq++;
		return;
	}
	if (p->twist.new_call_id)
		new_identity(row);
	if (!p->twist.same_cseq)
		row->cseq++;
}

struct ask *row_run(struct probe *p, struct row *row, bool keep, struct probe_step *step)
{
	bool first = true;
	struct ask *a;

	spaces_row(&p->spaces, keep);
	for (;; first = false) {
		next_identity(p, row, first);
		a = ask_run(p, row, spaces_any_active(&p->spaces), !first);
		if (first)
			step->first_cseq = row->cseq;
		step->last_cseq = row->cseq;
		if (step->rtt < 0)
			step->rtt = a->rtt;
		step->verdict = ANSWER_GO;
		step->with_credentials = a->with_credentials;
		if (a->got_final && is_challenge(a->final.status) && !a->legs) {
			if (learn(p, row, a, step) && !(p->stop_until && !row->clean_up))
				continue;
		} else if (a->got_final) {
			note_result(p, a, false);
			if (a->final.status / 100 == 2)
				answer_success(&p->spaces, &a->final);
		}
		p->current = NULL;
		return a;
	}
}

/* ---- what a step came to ---- */

static enum probe_outcome outcome_of_failure(const struct probe *p, const struct ask *a)
{
	switch (a->failure.trouble) {
	case CONN_LOCAL:
		return PROBE_LOCAL;
	case CONN_NO_ROUTE:
		return PROBE_NO_ROUTE;
	case CONN_UNREACHABLE:
		return PROBE_PORT_UNREACHABLE;
	case CONN_TIMEOUT:
		return PROBE_TIMEOUT;
	case CONN_TLS:
		return PROBE_TLS_FAILURE;
	case CONN_CLOSED:
		return p->junk[0] ? PROBE_NOT_SIP : PROBE_CLOSED;
	case CONN_NOT_SIP:
		return PROBE_NOT_SIP;
	case CONN_INTERRUPTED:
		return PROBE_INTERRUPTED;
	case CONN_FINE:
		break;
	}
	if (!p->targets.count)
		return PROBE_DNS_FAILURE;
	if (p->junk[0])
		return PROBE_NOT_SIP;
	/* a provisional response, then nothing; complete silence is the engine's no-reply */
	return a->provisional && !a->progress ? PROBE_TIMEOUT : PROBE_ANSWERED;
}

static void describe_redirect(const struct ask *a, struct probe_step *step)
{
	struct slice list = header_field(&a->final, SLICE("Contact"), 'm', 0),
		     uri = name_addr_uri(header_list_next(&list));
	struct buf b = {0};

	buf_add_printable(&b, uri.p ? uri : SLICE("nowhere"));
	snprintf(step->text, sizeof(step->text), "redirected to %.200s, which is not followed",
		buf_string(&b));
	buf_free(&b);
}

static void conclude(struct probe *p, const struct ask *a, int64_t began, struct probe_step *step)
{
	step->status = a->got_final ? a->final.status : 0;
	step->duration = (a->got_final ? a->finished : wait_now()) - began;
	if (!a->got_final) {
		const char *text = a->failure.text;

		step->outcome = outcome_of_failure(p, a);
		if (a->progress)
			step->status = a->progress;
		if (!*text)
			text = p->junk[0] ? p->junk : p->stray;
		if (!*step->text)
			snprintf(step->text, sizeof(step->text), "%s", text);
		return;
	}
	/* a call that rang and was cancelled */
	if (a->progress && step->status == 487)
		step->status = a->progress;
	if (step->status / 100 == 3) {
		step->outcome = PROBE_REDIRECTED;
		describe_redirect(a, step);
	}
	if (a->given_up) {
		step->outcome = PROBE_TIMEOUT;
		snprintf(step->text, sizeof(step->text),
			"nothing but %u came; the call was cancelled", a->provisional);
	}
}

/* Names from the DNS and words of the peer stand in it. */
static void make_printable(struct probe_step *step)
{
	struct buf b = {0};

	buf_add_printable(&b, slice_of(step->text));
	snprintf(step->text, sizeof(step->text), "%s", buf_string(&b));
	buf_free(&b);
}

/* Further parties may have answered until the call was ended. */
static void count_answers(const struct ask *a, struct probe_step *step)
{
	step->answers = a->leg_count;
	if (a->leg_count > 1)
		snprintf(step->text, sizeof(step->text),
			"forked: %u parties answered; each call was ended", a->leg_count);
}

static void forget(struct probe *p, unsigned i)
{
	p->bindings[i] = p->bindings[--p->binding_count];
}

/* The same Contact bound again is one binding; the connection, and with it the Contact, may have
 * changed. */
static void remember(struct probe *p, const struct row *row, const struct ask *a)
{
	bool publication = row->method == METHOD_PUBLISH;
	struct slice what =
		publication ? header_field(&a->final, SLICE("SIP-ETag"), 0, 0) : a->request.contact;
	struct binding *b;

	if (!what.n || what.n >= BINDING_TEXT)
		return;
	for (unsigned i = 0; i < p->binding_count; i++)
		if (slice_eq(what, slice_of(p->bindings[i].what)))
			forget(p, i);
	if (p->binding_count == BINDINGS_MAX) {
		session_note(p, true, "more than %d bindings: one is left to expire", BINDINGS_MAX);
		return;
	}
	b = &p->bindings[p->binding_count++];
	*b = (struct binding){.row = *row};
	memcpy(b->what, what.p, what.n);
}

/* Media goes to a socket that nobody reads: no ICMP errors, no noise. */
static void open_rtp(struct probe *p)
{
	struct sockaddr_storage at;
	struct address any = {.family = p->conn ? conn_local(p->conn)->family : 4};
	socklen_t n = conn_to_sockaddr(&any, &at);

	if (p->rtp >= 0)
		return;
	p->rtp = socket(at.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (p->rtp >= 0 && bind(p->rtp, (struct sockaddr *)&at, n) == 0 &&
		getsockname(p->rtp, (struct sockaddr *)&at, &n) == 0) {
		conn_from_sockaddr(&at, &any);
		p->rtp_port = any.port;
	}
}

static void after(struct probe *p, struct row *row, struct ask *a)
{
	bool success = a->got_final && a->final.status / 100 == 2;

	if ((row->method == METHOD_REGISTER || row->method == METHOD_PUBLISH) && success)
		remember(p, row, a);
	if (row->method != METHOD_INVITE)
		return;
	if (a->legs)
		call_end(p, a, row);
	else if (a->got_final && a->request.transport == TRANSPORT_UDP)
		session_linger(p, ACK_TIME, true);
}

void probe_run(struct probe *p, enum method method, struct probe_step *out)
{
	struct row row = {.method = method, .expires = p->o.expires};
	struct conn_failure why = {0};
	int64_t began = wait_now();
	struct ask *a;

	*out = (struct probe_step){.method = method, .rtt = -1};
	new_identity(&row);
	if (method == METHOD_INVITE && session_connect(p, &why, false))
		open_rtp(p);
	a = row_run(p, &row, p->twist.reuse || p->o.preempt, out);
	memcpy(out->call_id, row.call_id, sizeof(out->call_id));
	conclude(p, a, began, out);
	after(p, &row, a);
	count_answers(a, out);
	make_printable(out);
}

static bool remove_binding(struct probe *p, struct binding *b)
{
	bool publication = b->row.method == METHOD_PUBLISH;
	const char *what = publication ? "publication" : "binding";
	struct probe_step step = {.rtt = -1};
	struct ask *a;

	b->row.expires = 0;
	b->row.clean_up = true;
	*(publication ? &b->row.etag : &b->row.contact) = slice_of(b->what);
	a = row_run(p, &b->row, true, &step);
	if (a->got_final && a->final.status / 100 == 2)
		return true;
	if (a->got_final)
		session_note(p, true, "the %s could not be removed: the server answered %u", what,
			a->final.status);
	else
		session_note(p, true, "the %s could not be removed: no answer", what);
	return false;
}

bool probe_clean_up(struct probe *p)
{
	struct answer_policy policy = p->policy;
	struct probe_twist twist = p->twist;
	bool done = true;

	/* whatever a row of a matrix was like, this is done in order */
	p->policy = p->o.answer;
	p->twist = (struct probe_twist){0};
	while (p->binding_count && !p->o.keep_binding)
		done = remove_binding(p, &p->bindings[--p->binding_count]) && done;
	p->policy = policy;
	p->twist = twist;
	return done && !p->unconfirmed;
}

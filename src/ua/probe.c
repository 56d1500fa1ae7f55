#include "ua/probe.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "ua/session.h"
#include "ua/wait.h"

/* "Ctrl-C cleans up and ends within 5 s": what is left for the last words. */
#define STOP_TIME (4 * WAIT_SECOND)
#define GRACE_TIME (10 * WAIT_MS)

const char *probe_outcome_name(enum probe_outcome o)
{
	static const char *const names[PROBE_OUTCOME_COUNT] = {
		[PROBE_ANSWERED] = "answered",
		[PROBE_DNS_FAILURE] = "dns-failure",
		[PROBE_NO_ROUTE] = "no-route",
		[PROBE_PORT_UNREACHABLE] = "port-unreachable",
		[PROBE_TLS_FAILURE] = "tls-failure",
		[PROBE_CLOSED] = "closed",
		[PROBE_NOT_SIP] = "not-sip",
		[PROBE_REDIRECTED] = "redirected",
		[PROBE_TIMEOUT] = "timeout",
		[PROBE_LOCAL] = "local-trouble",
		[PROBE_INTERRUPTED] = "interrupted",
	};

	return names[o];
}

void session_note(struct probe *p, bool warning, const char *format, ...)
{
	struct buf b = {0};
	va_list args;

	va_start(args, format);
	buf_vprintf(&b, format, args);
	va_end(args);
	p->sink.note(p->sink.arg, warning, buf_string(&b));
	buf_free(&b);
}

bool session_send(struct probe *p, struct slice bytes, struct conn_failure *why)
{
	if (!p->conn) {
		why->trouble = CONN_CLOSED;
		snprintf(why->text, sizeof(why->text), "the connection is gone");
		return false;
	}
	session_record(p, bytes, conn_peer(p->conn), true);
	return conn_send(p->conn, bytes, why);
}

/* ---- what the transactions want ---- */

static bool on_send(void *arg, void *context, bool ack, const struct message *m)
{
	struct probe *p = arg;
	struct ask *a = context;
	struct conn_failure why = {0};
	struct buf b = {0};
	bool sent;

	if (ack) {
		/* it carries the credentials of the INVITE, which libosip2 would drop (RFC
		 * 3261 22.1) */
		struct request r = request_ack(&a->request, m ? m->to_tag : SLICE_ABSENT);

		request_build(&r, &b);
		session_send(p, buf_slice(&b), &why);
		buf_free(&b);
		return true;
	}
	sent = session_send(p, buf_slice(&a->bytes), &why);
	a->last_sent = wait_now();
	if (!a->sends++)
		a->first_sent = a->last_sent;
	if (!sent)
		a->failure = why;
	return sent;
}

static void keep_final(struct ask *a, const struct message *m)
{
	a->got_final = true;
	a->finished = wait_now();
	buf_clear(&a->final_bytes);
	buf_add_slice(&a->final_bytes, m->bytes);
	message_scan(buf_slice(&a->final_bytes), &a->final, a->auth);
}

static void on_response(void *arg, void *context, const struct message *m)
{
	struct probe *p = arg;
	struct ask *a = context;

	if (a->rtt < 0)
		a->rtt = wait_now() - a->last_sent;
	if (m->status < 200) {
		a->provisional = m->status;
		if (m->status > 100 && !a->progress) {
			a->progress = m->status;
			a->progressed = wait_now();
		}
		return;
	}
	if (!a->got_final)
		keep_final(a, m);
	if (m->method == METHOD_INVITE && m->status < 300)
		call_answered(p, a, m);
}

static void on_timeout(void *arg, void *context)
{
	struct ask *a = context;

	(void)arg;
	a->timed_out = true;
}

/* ---- one round ---- */

static void look_at_signals(struct probe *p)
{
	unsigned n = wait_signals();

	if (n == p->signals)
		return;
	/* the first one: clean up; the second one: now */
	if (!p->stop_until) {
		p->stop_until = wait_now() + STOP_TIME;
		session_note(p, true, "interrupted: cleaning up, a second time ends at once");
	} else {
		p->stop_until = 1;
	}
	p->signals = n;
}

void session_pump(struct probe *p, int64_t until)
{
	struct pollfd fd = {.fd = -1};
	int64_t due;

	transactions_run(p->transactions);
	due = wait_now() + transactions_wait(p->transactions);
	if (p->conn)
		fd = conn_poll(p->conn);
	wait_poll(&fd, 1, due < until ? due : until);
	look_at_signals(p);
	session_take(p);
	transactions_run(p->transactions);
}

int64_t session_deadline(const struct probe *p, bool clean_up)
{
	int64_t until = wait_now() + p->o.timeout;

	if (!p->stop_until)
		return until;
	if (!clean_up)
		return 0;
	return p->stop_until < until ? p->stop_until : until;
}

void session_linger(struct probe *p, int64_t time, bool clean_up)
{
	int64_t until = wait_now() + time;

	while (wait_now() < until && p->conn && (clean_up ? p->stop_until != 1 : !p->stop_until))
		session_pump(p, until);
}

/* ---- the connection ---- */

static bool find_targets(struct probe *p, struct conn_failure *why)
{
	if (p->resolved)
		return p->targets.count > 0;
	p->resolved = true;
	resolve(&p->o.where, session_deadline(p, false), &p->targets);
	if (p->targets.way.n)
		session_note(p, false, "%s", buf_string(&p->targets.way));
	if (p->targets.count)
		return true;
	p->dead = true;
	why->trouble = p->targets.interrupted ? CONN_INTERRUPTED : CONN_FINE;
	snprintf(why->text, sizeof(why->text), "%s", p->targets.text);
	return false;
}

/* A server that closes after each response has a moment to do so: else the next request would be
 * lost. */
static void look_for_end(struct probe *p)
{
	int64_t until = wait_now() + GRACE_TIME;

	while (p->conn && conn_transport(p->conn) != TRANSPORT_UDP && wait_now() < until)
		session_pump(p, until);
}

bool session_connect(struct probe *p, struct conn_failure *why, bool clean_up)
{
	struct conn_options o = {.local = p->o.local,
		.domain = p->o.domain,
		.tls = &p->o.tls,
		.ws_path = p->o.ws_path};
	const struct resolve_target *t;
	int64_t until;

	if (!find_targets(p, why))
		return false;
	t = &p->targets.list[p->at];
	look_for_end(p);
	if (p->conn && conn_transport(p->conn) == t->transport &&
		address_eq(conn_peer(p->conn), &t->address))
		return true;
	conn_close(p->conn);
	until = session_deadline(p, clean_up);
	p->conn = conn_open(&o, t->transport, &t->address, until, why);
	if (p->conn)
		p->last_local = *conn_local(p->conn);
	look_at_signals(p);
	return p->conn;
}

/* ---- the probe ---- */

struct probe *probe_new(const struct probe_options *o, const struct probe_sink *sink)
{
	struct probe *p = xcalloc(1, sizeof(*p));
	struct transaction_handler h = {on_send, on_response, on_timeout, p};

	p->o = *o;
	p->policy = o->answer;
	p->sink = *sink;
	p->rtp = -1;
	p->signals = wait_signals();
	wait_token(p->tag, 8);
	p->transactions = transactions_new(&h);
	if (!p->transactions)
		p->dead = true;
	return p;
}

void probe_free(struct probe *p)
{
	if (!p)
		return;
	while (p->asks)
		ask_free(p, p->asks);
	transactions_free(p->transactions);
	conn_close(p->conn);
	spaces_free(&p->spaces);
	buf_free(&p->targets.way);
	if (p->rtp >= 0)
		close(p->rtp);
	free(p);
}

const struct resolve_answer *probe_targets(const struct probe *p)
{
	return &p->targets;
}

const struct resolve_target *probe_target(const struct probe *p)
{
	return p->at < p->targets.count ? &p->targets.list[p->at] : NULL;
}

bool probe_stopping(const struct probe *p)
{
	return p->stop_until != 0;
}

void probe_set_policy(
	struct probe *p, const struct answer_policy *answer, const struct probe_twist *twist)
{
	p->policy = *answer;
	p->twist = *twist;
}

struct spaces *probe_spaces(struct probe *p)
{
	return &p->spaces;
}

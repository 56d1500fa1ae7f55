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

enum { JUNK_SHOWN = 60 };

const char *probe_outcome_name(enum probe_outcome o)
{
	static const char *const names[PROBE_OUTCOME_COUNT] = {
		[PROBE_ANSWERED] = "answered", [PROBE_DNS_FAILURE] = "dns-failure", [PROBE_NO_ROUTE] = "no-route",
		[PROBE_PORT_UNREACHABLE] = "port-unreachable", [PROBE_TLS_FAILURE] = "tls-failure",
		[PROBE_CLOSED] = "closed", [PROBE_NOT_SIP] = "not-sip", [PROBE_REDIRECTED] = "redirected",
		[PROBE_TIMEOUT] = "timeout", [PROBE_LOCAL] = "local-trouble", [PROBE_INTERRUPTED] = "interrupted",
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

/* Hands a message to the sink. */
static void record(struct probe *p, struct slice bytes, const struct address *peer, bool sent)
{
	struct datagram d = {
		.bytes = bytes,
		.src = sent ? *conn_local(p->conn) : *peer,
		.dst = sent ? *peer : *conn_local(p->conn),
		.transport = conn_transport(p->conn),
		.time = wait_now(),
		.frame = ++p->messages,
		.file = 1,
	};

	p->sink.datagram(p->sink.arg, &d, sent);
}

bool session_send(struct probe *p, struct slice bytes, struct conn_failure *why)
{
	if (!p->conn) {
		why->trouble = CONN_CLOSED;
		snprintf(why->text, sizeof(why->text), "the connection is gone");
		return false;
	}
	record(p, bytes, conn_peer(p->conn), true);
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
		/* it carries the credentials of the INVITE, which libosip2 would drop (RFC 3261 22.1) */
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

/* ---- what comes in ---- */

static void describe_junk(struct probe *p, struct slice bytes)
{
	struct buf b = {0};

	buf_add_printable(&b, slice_head(bytes, bytes.n < JUNK_SHOWN ? bytes.n : JUNK_SHOWN));
	snprintf(p->junk, sizeof(p->junk), "what came back is no SIP: \"%.200s%s\"", buf_string(&b),
		bytes.n > JUNK_SHOWN ? "..." : "");
	buf_free(&b);
	session_note(p, false, "%s", p->junk);
}

/* A response that a user agent must ignore: what is wrong with it (RFC 3261 17.1.3)? */
static void describe_stray(struct probe *p, const struct message *m)
{
	const struct ask *a = p->current;
	const char *what = "its Via branch and CSeq method fit no request of ours";

	if (a && slice_eq(m->call_id, a->request.call_id)) {
		if (!m->branch.p)
			what = "its Via has no branch";
		else if (slice_eq_nocase(m->branch, slice_of(a->request.branch)))
			what = slice_eq(m->branch, slice_of(a->request.branch)) ? "the method in its CSeq is not ours"
				: "its Via branch has other upper and lower case than ours";
		else if (m->cseq == a->request.cseq)
			what = "its Via branch is not ours";
	}
	snprintf(p->stray, sizeof(p->stray), "a %u came that a user agent must ignore: %s (RFC 3261 17.1.3)", m->status,
		what);
	session_note(p, false, "%s", p->stray);
}

static void on_message(struct probe *p, const struct conn_event *e)
{
	struct auth_field auth[MESSAGE_AUTH_MAX];
	struct message m;

	record(p, e->bytes, &e->from, false);
	if (e->kind == CONN_JUNK || !message_scan(e->bytes, &m, auth)) {
		describe_junk(p, e->bytes);
		return;
	}
	if (!address_same_ip(&e->from, conn_peer(p->conn)))
		session_note(p, false, "this came from another address than it was sent to");
	if (!m.request) {
		if (!transactions_receive(p->transactions, &m))
			describe_stray(p, &m);
	} else if (address_same_ip(&e->from, conn_peer(p->conn))) {
		/* nothing is sent to others */
		reply_to(p, &m);
	}
}

static void on_icmp(struct probe *p, const struct conn_event *e)
{
	struct icmp_error icmp = {
		.reporter = e->reporter,
		.src = *conn_local(p->conn),
		.dst = e->from,
		.transport = TRANSPORT_UDP,
		.what = e->what,
		.payload = e->bytes,
		.time = wait_now(),
		.frame = ++p->messages,
		.file = 1,
	};
	struct ask *a = p->current;
	char text[ADDRESS_TEXT];

	p->sink.icmp(p->sink.arg, &icmp);
	/* RFC 3261 18.4: a transport failure of the request that it embeds */
	if (!a || ask_over(a) || !slice_has_nocase(e->bytes, slice_of(a->request.branch)))
		return;
	a->failure.trouble = strcmp(e->what, "port unreachable") == 0 ? CONN_UNREACHABLE : CONN_NO_ROUTE;
	snprintf(a->failure.text, sizeof(a->failure.text), "ICMP %s from %s", e->what,
		address_format_ip(&e->reporter, text));
}

static void on_end(struct probe *p, const struct conn_event *e)
{
	struct ask *a = p->current;

	if (a && a->transaction && !ask_over(a))
		a->failure = e->failure;
	conn_close(p->conn);
	p->conn = NULL;
}

static void take_events(struct probe *p)
{
	while (p->conn) {
		struct conn_event e;

		conn_next(p->conn, &e);
		switch (e.kind) {
		case CONN_NOTHING:
			return;
		case CONN_MESSAGE:
		case CONN_JUNK:
			on_message(p, &e);
			break;
		case CONN_ICMP:
			on_icmp(p, &e);
			break;
		case CONN_ENDED:
			on_end(p, &e);
			return;
		}
	}
}

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
	take_events(p);
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

/* A server that closes after each response has a moment to do so: else the next request would be lost. */
static void look_for_end(struct probe *p)
{
	int64_t until = wait_now() + GRACE_TIME;

	while (p->conn && conn_transport(p->conn) != TRANSPORT_UDP && wait_now() < until)
		session_pump(p, until);
}

bool session_connect(struct probe *p, struct conn_failure *why, bool clean_up)
{
	struct conn_options o = {.local = p->o.local, .domain = p->o.domain, .tls = &p->o.tls, .ws_path = p->o.ws_path};
	const struct resolve_target *t;
	int64_t until;

	if (!find_targets(p, why))
		return false;
	t = &p->targets.list[p->at];
	look_for_end(p);
	if (p->conn && conn_transport(p->conn) == t->transport && address_eq(conn_peer(p->conn), &t->address))
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

void probe_set_policy(struct probe *p, const struct answer_policy *answer, const struct probe_twist *twist)
{
	p->policy = *answer;
	p->twist = *twist;
}

struct spaces *probe_spaces(struct probe *p)
{
	return &p->spaces;
}

/* What goes over the wire is recorded before anything is parsed; what comes in finds whom it is
 * for. */
#include <stdio.h>
#include <string.h>

#include "ua/session.h"
#include "ua/wait.h"

enum { JUNK_SHOWN = 60 };

void session_record(struct probe *p, struct slice bytes, const struct address *peer, bool sent)
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
			what = slice_eq(m->branch, slice_of(a->request.branch))
				       ? "the method in its CSeq is not ours"
				       : "its Via branch has other upper and lower case than ours";
		else if (m->cseq == a->request.cseq)
			what = "its Via branch is not ours";
	}
	snprintf(p->stray, sizeof(p->stray),
		"a %u came that a user agent must ignore: %s (RFC 3261 17.1.3)", m->status, what);
	session_note(p, false, "%s", p->stray);
}

static void on_message(struct probe *p, const struct conn_event *e)
{
	struct auth_field auth[MESSAGE_AUTH_MAX];
	struct message m;

	session_record(p, e->bytes, &e->from, false);
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
	a->failure.trouble =
		strcmp(e->what, "port unreachable") == 0 ? CONN_UNREACHABLE : CONN_NO_ROUTE;
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

void session_take(struct probe *p)
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

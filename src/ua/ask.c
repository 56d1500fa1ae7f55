/* One request: made, sent, waited for; the next address where one fails (RFC 3263 4.3). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "ua/session.h"
#include "ua/wait.h"

enum { STATUS_UNAVAILABLE = 503, BRANCH_BYTES = 12 };

bool ask_over(const struct ask *a)
{
	return a->got_final || a->timed_out || a->failure.trouble != CONN_FINE;
}

static struct ask *ask_new(struct probe *p)
{
	struct ask *a = xcalloc(1, sizeof(*a));

	a->rtt = -1;
	a->next = p->asks;
	p->asks = a;
	return a;
}

void ask_free(struct probe *p, struct ask *a)
{
	struct ask **place = &p->asks;

	while (*place != a)
		place = &(*place)->next;
	*place = a->next;
	if (p->current == a)
		p->current = NULL;
	transaction_end(p->transactions, a->transaction);
	while (a->legs) {
		struct leg *l = a->legs;

		a->legs = l->next;
		buf_free(&l->ack_bytes);
		free(l);
	}
	buf_free(&a->bytes);
	buf_free(&a->final_bytes);
	arena_free(&a->arena);
	free(a);
}

/* ---- what a request says ---- */

static struct slice name_addr(struct arena *arena, struct slice uri)
{
	struct buf b = {0};
	struct slice value;

	request_name_addr(uri, &b);
	value = arena_copy(arena, buf_slice(&b));
	buf_free(&b);
	return value;
}

static void set_parties(struct probe *p, struct ask *a, const struct row *row)
{
	struct request *r = &a->request;
	bool registers = row->method == METHOD_REGISTER;
	struct slice to = registers ? p->o.from : p->o.to;

	r->uri = registers ? p->o.registrar : to;
	if (p->o.request_uri.p)
		r->uri = p->o.request_uri;
	r->from = name_addr(&a->arena, p->o.from);
	r->to = name_addr(&a->arena, to);
	for (unsigned i = 0; i < p->o.route_count; i++)
		r->routes[r->route_count++] = p->o.routes[i];
}

static const char *uri_transport(enum transport t)
{
	switch (t) {
	case TRANSPORT_TCP:
		return ";transport=tcp";
	case TRANSPORT_TLS:
		return ";transport=tls";
	case TRANSPORT_WS:
	case TRANSPORT_WSS:
		return ";transport=ws";
	default:
		return "";
	}
}

static struct slice contact(struct probe *p, struct ask *a, const char *sent_by)
{
	/* who asks with sips: wants to be asked with it (RFC 3261 8.1.1.8) */
	bool secure = slice_starts_nocase(p->o.from, SLICE("sips:"));

	if (p->o.contact.p)
		return name_addr(&a->arena, p->o.contact);
	return arena_printf(&a->arena, "<%s:%.*s%s%s%s>", secure ? "sips" : "sip",
		SLICE_ARG(p->o.user), p->o.user.n ? "@" : "", sent_by,
		secure && a->request.transport == TRANSPORT_TLS
			? ""
			: uri_transport(a->request.transport));
}

/* The lines that only this method has. */
static struct slice lines_of(struct probe *p, struct ask *a, const struct row *row)
{
	switch (row->method) {
	case METHOD_REGISTER:
		return arena_printf(&a->arena, "Expires: %u\r\n", row->expires);
	case METHOD_INVITE:
		return SLICE("Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY\r\n");
	case METHOD_OPTIONS:
		return SLICE("Accept: application/sdp\r\n");
	case METHOD_SUBSCRIBE:
		/* 0: one look, nothing that would have to be ended (RFC 6665 4.4.3) */
		return arena_printf(
			&a->arena, "Event: %.*s\r\nExpires: 0\r\n", SLICE_ARG(p->o.event));
	case METHOD_PUBLISH:
		return arena_printf(&a->arena, "Event: %.*s\r\nExpires: %u\r\n%s%.*s%s",
			SLICE_ARG(p->o.event), row->expires, row->etag.p ? "SIP-If-Match: " : "",
			SLICE_ARG(row->etag), row->etag.p ? "\r\n" : "");
	default:
		return SLICE_ABSENT;
	}
}

static void set_offer(struct probe *p, struct ask *a)
{
	struct buf b = {0};

	request_offer(conn_local(p->conn), p->rtp_port, &b);
	a->request.content_type = SLICE("application/sdp");
	a->request.body = arena_copy(&a->arena, buf_slice(&b));
	buf_free(&b);
}

static void set_body(struct probe *p, struct ask *a, const struct row *row)
{
	struct request *r = &a->request;

	if (row->etag.p)
		return;
	if (p->o.body.p) {
		r->content_type = p->o.content_type;
		r->body = p->o.body;
	} else if (row->method == METHOD_INVITE) {
		set_offer(p, a);
	} else if (row->method == METHOD_MESSAGE) {
		r->content_type = SLICE("text/plain");
		r->body = SLICE("Test message of sipauth probe.\r\n");
	} else if (row->method == METHOD_PUBLISH) {
		r->content_type = SLICE("application/pidf+xml");
		r->body = arena_printf(&a->arena,
			"<?xml version=\"1.0\"?>\r\n<presence "
			"xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"%.*s\">"
			"<tuple "
			"id=\"p\"><status><basic>open</basic></status></tuple></presence>\r\n",
			SLICE_ARG(p->o.from));
	}
}

/* The part that does not depend on the connection. */
static void set_identity(struct probe *p, struct ask *a, const struct row *row)
{
	struct request *r = &a->request;

	if (row->leg) {
		*r = request_in_dialog(
			row->invite, &row->leg->dialog, slice_of(method_name(row->method)));
	} else {
		r->method = slice_of(method_name(row->method));
		set_parties(p, a, row);
		r->call_id = arena_copy(&a->arena, slice_of(row->call_id));
		r->from_tag = arena_copy(&a->arena, slice_of(row->from_tag));
		r->user_agent = p->o.user_agent;
	}
	r->extra = p->o.extra;
	r->cseq = row->cseq;
	memcpy(r->branch, "z9hG4bK", 8);
	wait_token(r->branch + 7, BRANCH_BYTES);
}

static struct slice placeholder(struct probe *p, struct ask *a)
{
	struct slice user = p->o.answer.user.p ? p->o.answer.user : p->o.user;

	/* what IMS phones send before any challenge (RFC 8760 2.7) */
	return arena_printf(&a->arena,
		"Authorization: Digest username=\"%.*s\", realm=\"%.*s\", nonce=\"\", "
		"uri=\"%.*s\", response=\"\"\r\n",
		SLICE_ARG(user), SLICE_ARG(p->o.domain), SLICE_ARG(a->request.uri));
}

static bool compose(struct probe *p, struct ask *a, const struct row *row, bool credentials)
{
	struct request *r = &a->request;
	char sent_by[SENT_BY], note[ANSWER_NOTE];
	struct buf lines = {0};
	bool done = true;

	r->transport = conn_transport(p->conn);
	address_format(conn_local(p->conn), sent_by);
	r->sent_by = arena_copy(&a->arena, slice_of(sent_by));
	a->target = *conn_peer(p->conn);
	if (!row->leg) {
		if (row->method != METHOD_MESSAGE && row->method != METHOD_PUBLISH &&
			row->method != METHOD_OPTIONS)
			r->contact = row->contact.p ? row->contact : contact(p, a, sent_by);
		r->more = lines_of(p, a, row);
		set_body(p, a, row);
	}
	if (credentials)
		done = answer_credentials(
			&p->spaces, &p->policy, r->method, r->uri, r->body, &lines, note);
	else if (p->o.placeholder && row->method == METHOD_REGISTER)
		r->credentials = placeholder(p, a);
	if (lines.n)
		r->credentials = arena_copy(&a->arena, buf_slice(&lines));
	buf_free(&lines);
	a->with_credentials = credentials;
	if (!done) {
		a->failure.trouble = CONN_LOCAL;
		snprintf(a->failure.text, sizeof(a->failure.text), "%s", note);
		return false;
	}
	request_build(r, &a->bytes);
	return true;
}

/* ---- sending and waiting ---- */

static void start(struct probe *p, struct ask *a)
{
	a->transaction = transaction_start(p->transactions, a->request.method,
		slice_of(a->request.branch), a->request.transport != TRANSPORT_UDP, a);
	if (a->transaction)
		return;
	a->failure.trouble = CONN_LOCAL;
	snprintf(a->failure.text, sizeof(a->failure.text), "libosip2 takes no transaction");
}

struct ask *ask_start(struct probe *p, const struct request *r, bool transaction)
{
	struct ask *a = ask_new(p);

	/* what it points to belongs to an ask that lives as long */
	a->request = *r;
	request_build(r, &a->bytes);
	if (transaction)
		start(p, a);
	else
		session_send(p, buf_slice(&a->bytes), &a->failure);
	return a;
}

void ask_wait(struct probe *p, struct ask *a, int64_t until, bool clean_up)
{
	while (!ask_over(a) && wait_now() < until) {
		if (p->stop_until && (!clean_up || wait_now() >= p->stop_until)) {
			a->failure.trouble = CONN_INTERRUPTED;
			break;
		}
		session_pump(p, until);
	}
	if (!ask_over(a))
		a->timed_out = true;
}

/* Nothing came back from this address, or a 503: the next one may do better. */
static bool failed_over(struct probe *p, const struct ask *a, bool pinned)
{
	bool failed = a->got_final ? a->final.status == STATUS_UNAVAILABLE : !a->provisional;
	char text[ADDRESS_TEXT];

	if (pinned || !failed || p->stop_until || a->failure.trouble == CONN_LOCAL ||
		a->failure.trouble == CONN_INTERRUPTED || p->at + 1 >= p->targets.count)
		return false;
	p->at++;
	session_note(p, false, "%s; going on with the next address, %s %s",
		a->got_final           ? "503 Service Unavailable"
			: a->timed_out ? "no answer"
				       : a->failure.text,
		transport_name(p->targets.list[p->at].transport),
		address_format(&p->targets.list[p->at].address, text));
	return true;
}

/* A connection that was used before may have been closed meanwhile: nobody saw the request. */
static bool was_closed(struct probe *p, const struct ask *a, bool used_before)
{
	if (!used_before || a->failure.trouble != CONN_CLOSED || a->rtt >= 0 || p->stop_until)
		return false;
	session_note(p, false, "the connection was closed; once more over a new one");
	return true;
}

/* One request to the target in use. */
static struct ask *run_once(struct probe *p, struct row *row, bool credentials)
{
	struct ask *a = ask_new(p);
	int64_t until;

	p->current = a;
	p->junk[0] = p->stray[0] = '\0';
	set_identity(p, a, row);
	if (!session_connect(p, &a->failure, row->clean_up) || !compose(p, a, row, credentials))
		return a;
	until = session_deadline(p, row->clean_up);
	start(p, a);
	if (row->method == METHOD_INVITE)
		call_wait(p, a, until);
	else
		ask_wait(p, a, until, row->clean_up);
	return a;
}

struct ask *ask_run(struct probe *p, struct row *row, bool credentials, bool pinned)
{
	for (bool again = false;;) {
		bool used_before = p->conn && !again;
		struct ask *a = run_once(p, row, credentials);

		again = was_closed(p, a, used_before);
		if (!again && (p->dead || !failed_over(p, a, pinned)))
			return a;
	}
}

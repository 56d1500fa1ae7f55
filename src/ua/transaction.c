#include "ua/transaction.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
/* it does not include what it needs */
#include <osip2/osip.h>

#include "base/buf.h"
#include "base/err.h"

enum { LONGEST_WAIT = 1000000000 };

struct transaction {
	struct transaction *next;
	struct transactions *all;
	osip_transaction_t *machine; /* NULL: it has ended */
	void *context;               /* NULL: nobody is interested any more */
	char *method, *branch;
	bool reliable;
	bool accepted; /* INVITE: a 2xx ended the machine; further ones may come */
};

struct transactions {
	struct transaction_handler handler;
	osip_t *osip;
	struct transaction *list;
	osip_transaction_t *dead; /* killed; to be freed outside of the machines */
	const struct message *current;
};

static void no_trace(
	const char *file, int line, osip_trace_level_t level, const char *text, va_list args)
{
	(void)file;
	(void)line;
	(void)level;
	(void)text;
	(void)args;
}

/* ---- what the machines call ---- */

static struct transaction *owner(osip_transaction_t *machine)
{
	return machine ? osip_transaction_get_reserved1(machine) : NULL;
}

static int on_send(osip_transaction_t *machine, osip_message_t *m, char *host, int port, int socket)
{
	struct transaction *t = owner(machine);

	(void)host;
	(void)port;
	(void)socket;
	if (!t || !t->context)
		return 0;
	return t->all->handler.send(
		       t->all->handler.arg, t->context, MSG_IS_ACK(m) != 0, t->all->current)
		       ? 0
		       : -1;
}

static void on_message(int type, osip_transaction_t *machine, osip_message_t *m)
{
	struct transaction *t = owner(machine);

	if (!t || !t->context)
		return;
	if (type == OSIP_ICT_STATUS_TIMEOUT || type == OSIP_NICT_STATUS_TIMEOUT)
		t->all->handler.timeout(t->all->handler.arg, t->context);
	else if (m && MSG_IS_RESPONSE(m) && t->all->current)
		t->all->handler.response(t->all->handler.arg, t->context, t->all->current);
}

/* The machine must not be freed here, only after the execute call. */
static void on_kill(int type, osip_transaction_t *machine)
{
	struct transaction *t = owner(machine);

	(void)type;
	if (!t)
		return;
	osip_remove_transaction(t->all->osip, machine);
	osip_transaction_set_reserved2(machine, t->all->dead);
	t->all->dead = machine;
	t->machine = NULL;
}

/* on_send() has told the sender already why. */
static void on_error(int type, osip_transaction_t *machine, int error)
{
	(void)type;
	(void)machine;
	(void)error;
}

struct transactions *transactions_new(const struct transaction_handler *h)
{
	struct transactions *ts = xcalloc(1, sizeof(*ts));

	ts->handler = *h;
	/* else its first warning goes to standard output */
	osip_trace_initialize_func(TRACE_LEVEL0, no_trace);
	if (osip_init(&ts->osip) != 0) {
		free(ts);
		return NULL;
	}
	osip_set_cb_send_message(ts->osip, on_send);
	for (int i = 0; i < OSIP_MESSAGE_CALLBACK_COUNT; i++)
		osip_set_message_callback(ts->osip, i, on_message);
	for (int i = 0; i < OSIP_KILL_CALLBACK_COUNT; i++)
		osip_set_kill_transaction_callback(ts->osip, i, on_kill);
	for (int i = 0; i < OSIP_TRANSPORT_ERROR_CALLBACK_COUNT; i++)
		osip_set_transport_error_callback(ts->osip, i, on_error);
	return ts;
}

static void free_dead(struct transactions *ts)
{
	while (ts->dead) {
		osip_transaction_t *machine = ts->dead;

		ts->dead = osip_transaction_get_reserved2(machine);
		osip_transaction_free2(machine);
	}
}

static void stop_machine(struct transactions *ts, struct transaction *t)
{
	if (!t->machine)
		return;
	osip_remove_transaction(ts->osip, t->machine);
	osip_transaction_free2(t->machine);
	t->machine = NULL;
}

static void drop(struct transactions *ts, struct transaction *t)
{
	stop_machine(ts, t);
	free(t->method);
	free(t->branch);
	free(t);
}

void transactions_free(struct transactions *ts)
{
	if (!ts)
		return;
	while (ts->list) {
		struct transaction *t = ts->list;

		ts->list = t->next;
		drop(ts, t);
	}
	free_dead(ts);
	osip_release(ts->osip);
	free(ts);
}

void transaction_end(struct transactions *ts, struct transaction *t)
{
	struct transaction **place = &ts->list;

	while (*place && *place != t)
		place = &(*place)->next;
	if (!t || !*place)
		return;
	*place = t->next;
	drop(ts, t);
}

/* ---- stand-ins ---- */

/* The fields by which libosip2 matches, and those without which it parses nothing. */
static osip_event_t *stand_in(
	const struct transaction *t, const char *start_line, const char *to_tag)
{
	struct buf b = {0};
	osip_event_t *event;

	buf_printf(&b, "%s\r\nVia: SIP/2.0/%s 127.0.0.1:5060;branch=%s\r\n", start_line,
		t->reliable ? "TCP" : "UDP", t->branch);
	buf_printf(&b, "From: <sip:a@127.0.0.1>;tag=a\r\nTo: <sip:b@127.0.0.1>%s\r\n", to_tag);
	buf_printf(&b, "Call-ID: %s\r\nCSeq: 1 %s\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
		t->branch, t->method);
	event = osip_parse(b.p, b.n);
	buf_free(&b);
	return event;
}

/* osip_parse() makes an event of an incoming message; this one goes out. */
static bool launch(struct transactions *ts, struct transaction *t)
{
	bool invite = strcmp(t->method, "INVITE") == 0;
	struct buf line = {0};
	osip_event_t *event;
	osip_message_t *m;

	buf_printf(&line, "%s sip:b@127.0.0.1 SIP/2.0", t->method);
	event = stand_in(t, buf_string(&line), "");
	buf_free(&line);
	if (!event)
		return false;
	m = event->sip;
	event->sip = NULL;
	osip_event_free(event);
	if (osip_transaction_init(&t->machine, invite ? ICT : NICT, ts->osip, m) != 0) {
		osip_message_free(m);
		t->machine = NULL;
		return false;
	}
	osip_transaction_set_reserved1(t->machine, t);
	event = osip_new_outgoing_sipmessage(m);
	event->transactionid = t->machine->transactionid;
	osip_transaction_add_event(t->machine, event);
	return true;
}

static char *copy(struct slice s)
{
	char *p = xmalloc(s.n + 1);

	memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

struct transaction *transaction_start(struct transactions *ts, struct slice method,
	struct slice branch, bool reliable, void *context)
{
	struct transaction *t = xcalloc(1, sizeof(*t));

	t->all = ts;
	t->context = context;
	t->reliable = reliable;
	t->method = copy(method);
	t->branch = copy(branch);
	t->next = ts->list;
	ts->list = t;
	if (launch(ts, t))
		return t;
	transaction_end(ts, t);
	return NULL;
}

/* ---- running ---- */

static void execute(struct transactions *ts)
{
	/* a callback may have started another one: NICTs do not show in osip_timers_gettimeout() */
	for (int i = 0; i < 2; i++) {
		osip_ict_execute(ts->osip);
		osip_nict_execute(ts->osip);
	}
	free_dead(ts);
}

void transactions_run(struct transactions *ts)
{
	ts->current = NULL;
	osip_timers_ict_execute(ts->osip);
	osip_timers_nict_execute(ts->osip);
	execute(ts);
}

int64_t transactions_wait(struct transactions *ts)
{
	struct timeval tv;
	int64_t wait;

	osip_timers_gettimeout(ts->osip, &tv);
	if (tv.tv_sec >= 1)
		return LONGEST_WAIT;
	wait = (int64_t)tv.tv_sec * 1000000000 + (int64_t)tv.tv_usec * 1000;
	/* its clock has milliseconds: not to come too early again and again */
	return wait > 0 ? wait + 1000000 : 0;
}

static struct transaction *find(struct transactions *ts, const struct message *m)
{
	for (struct transaction *t = ts->list; t; t = t->next)
		if (slice_eq(m->branch, slice_of(t->branch)) &&
			slice_eq(m->cseq_method, slice_of(t->method)))
			return t;
	return NULL;
}

bool transactions_receive(struct transactions *ts, const struct message *m)
{
	struct transaction *t = find(ts, m);
	bool success = m->status / 100 == 2;
	osip_event_t *event;
	char line[32];

	if (!t)
		return false;
	if (!t->machine) {
		/* the machine ends with the first 2xx; others are the business of the call (RFC
		 * 3261 13.2.2.4) */
		if (success && t->accepted && t->context)
			ts->handler.response(ts->handler.arg, t->context, m);
		return true;
	}
	snprintf(line, sizeof(line), "SIP/2.0 %u X", m->status);
	event = stand_in(t, line, ";tag=b");
	if (!event)
		return true;
	t->accepted = success && strcmp(t->method, "INVITE") == 0;
	osip_transaction_add_event(t->machine, event);
	ts->current = m;
	execute(ts);
	ts->current = NULL;
	return true;
}

/* Calls: none is left standing (RFC 3261 9.1, 13.2.2.4, 15). */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "ua/session.h"
#include "ua/wait.h"

/* How long the answer to a CANCEL is waited for. */
#define CANCEL_TIME (10 * WAIT_SECOND)

static void cancel(struct probe *p, struct ask *a)
{
	struct request r = request_cancel(&a->request);

	session_note(p, false, "%s; the call is cancelled",
		p->stop_until         ? "interrupted"
			: a->progress ? "it rings: the credentials were good enough"
				      : "no final answer in time");
	ask_start(p, &r, true);
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

void call_wait(struct probe *p, struct ask *a, int64_t until)
{
	bool cancelled = false;

	while (!ask_over(a)) {
		int64_t now = wait_now(), limit = until;

		if (p->stop_until)
			limit = p->stop_until;
		if (!cancelled && a->provisional && p->stop_until)
			limit = now;
		else if (!cancelled && a->progress)
			limit = earlier(limit, a->progressed + p->o.ring);
		if (now < limit) {
			session_pump(p, limit);
			continue;
		}
		/* a CANCEL before any provisional response must not be sent (RFC 3261 9.1) */
		if (cancelled || !a->provisional)
			break;
		a->given_up = !a->progress && !p->stop_until;
		cancel(p, a);
		cancelled = true;
		until = now + earlier(CANCEL_TIME, p->o.timeout);
	}
	if (ask_over(a))
		return;
	if (p->stop_until)
		a->failure.trouble = CONN_INTERRUPTED;
	else
		a->timed_out = true;
	if (cancelled || a->provisional) {
		p->unconfirmed = true;
		session_note(p, true, "the call was cancelled, but its end was not confirmed");
	}
}

void call_answered(struct probe *p, struct ask *a, const struct message *m)
{
	struct conn_failure why = {0};
	struct leg *l;

	for (l = a->legs; l; l = l->next)
		if (slice_eq(l->dialog.to_tag, m->to_tag))
			break;
	if (!l) {
		l = xcalloc(1, sizeof(*l));
		l->next = a->legs;
		a->legs = l;
		a->leg_count++;
		dialog_from(&a->request, m, &a->arena, &l->dialog);
		l->ack = request_in_dialog(&a->request, &l->dialog, SLICE("ACK"));
		/* a transaction of its own; the credentials are those of the INVITE */
		memcpy(l->ack.branch, "z9hG4bK", 8);
		wait_token(l->ack.branch + 7, 12);
		request_build(&l->ack, &l->ack_bytes);
	}
	session_send(p, buf_slice(&l->ack_bytes), &why);
}

static void hang_up(struct probe *p, struct ask *a, struct row *row, const struct leg *l)
{
	struct row bye = *row;
	struct probe_step step = {.rtt = -1};
	struct ask *end;

	bye.method = METHOD_BYE;
	bye.leg = l;
	bye.invite = &a->request;
	bye.clean_up = true;
	end = row_run(p, &bye, true, &step);
	/* 481, 408: it is gone as well (RFC 3261 15.1.1) */
	if (l->ended ||
		(end->got_final &&
			(end->final.status / 100 == 2 || end->final.status == 481 ||
				end->final.status == 408)))
		return;
	if (end->got_final)
		session_note(p, true, "the call may still be up: BYE was answered with %u",
			end->final.status);
	else
		session_note(p, true, "the call may still be up: BYE was not answered");
	p->unconfirmed = true;
}

void call_end(struct probe *p, struct ask *a, struct row *row)
{
	if (a->legs)
		session_linger(p, p->o.hold, false);
	for (struct leg *l = a->legs; l; l = l->next)
		if (!l->ended)
			hang_up(p, a, row, l);
}

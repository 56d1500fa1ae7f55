/* Requests and responses find their exchange and change it. */
#include "auth/engine.h"

#include "sip/uri.h"

enum { OTHER_RESPONSES_MAX = 8 };

/* ---- deadlines (CATALOGUE section 11) ---- */

static bool refused_now(const struct attempt *a)
{
	for (unsigned i = 0; i < a->credential_count; i++)
		if (a->credentials[i].judgement == JUDGEMENT_REJECTED)
			return true;
	return false;
}

static int64_t deadline_of(const struct live *l)
{
	const struct attempt *a = l->x.last_attempt;
	const struct response *r = a->final;

	/* Timers B and F: after 64*T1 nobody waits any more (RFC 3261 17.1.1.2, 17.1.2.2) */
	if (!r)
		return l->x.last_time +
			(a->provisional && l->x.method == METHOD_INVITE ? CHAIN_RINGING
									: CLOSE_REFUSED);
	if (status_is_challenge(r->status))
		return r->seen.time + (refused_now(a) ? CLOSE_REFUSED : CHAIN_UNANSWERED);
	if (!attempt_has_credentials(a) || status_accepts(r->status))
		return l->x.last_time + CLOSE_ACCEPTED;
	return l->x.last_time + CLOSE_REFUSED;
}

static void reschedule(struct tracker *t, struct live *l)
{
	timer_set(t, l, deadline_of(l));
}

/* ---- requests ---- */

static void tell(struct tracker *t, const struct live *l, const struct datagram *d)
{
	if (l && t->reader.message)
		t->reader.message(t->reader.arg, &l->x, d);
}

static bool same_auth_fields(const struct message *a, const struct message *b)
{
	if (a->auth_count != b->auth_count)
		return false;
	for (unsigned i = 0; i < a->auth_count; i++)
		if (!slice_eq(a->auth[i].value, b->auth[i].value))
			return false;
	return true;
}

/* The open transaction with this key, or NULL. */
static struct attempt *open_transaction(const struct tracker *t, uint64_t key)
{
	void *found = tombs_look(&t->tombs, key);

	return is_tomb(found) ? NULL : found;
}

static void on_retransmission(struct tracker *t, struct attempt *a, const struct datagram *d)
{
	a->retransmissions++;
	a->last_sent = d->time;
	if (d->time > a->exchange->last_time)
		a->exchange->last_time = d->time;
	if (a->final && a->final->seen.time < d->time - REORDER_MARGIN)
		a->after_response++;
	reschedule(t, live_of(a));
	tell(t, live_of(a), d);
}

static void on_ack(struct tracker *t, const struct message *m, const struct datagram *d)
{
	/* to a refusal: the INVITE's branch (RFC 3261 17.1.1.3) */
	struct attempt *a = open_transaction(t, t->keys.transaction);
	struct live *l;

	if (a) {
		a->acks++;
		a->ack_frame = d->frame;
		a->ack_credentials = message_has_credentials(m);
		tell(t, live_of(a), d);
		return;
	}
	l = chain_of(t, m, d);
	if (l) {
		l->ack2xx = true;
		l->ack2xx_frame = d->frame;
		l->ack2xx_credentials = message_has_credentials(m);
	}
	tell(t, l, d);
}

static void on_cancel(struct tracker *t, const struct datagram *d)
{
	struct attempt *a = open_transaction(t, t->keys.transaction);

	if (!a)
		return;
	live_of(a)->cancelled = true;
	tell(t, live_of(a), d);
}

void request_seen(struct tracker *t, const struct message *m, const struct datagram *d)
{
	struct attempt *before, *last, *a;
	struct live *l;
	void *found;

	if (m->method == METHOD_ACK) {
		on_ack(t, m, d);
		return;
	}
	if (m->method == METHOD_CANCEL) {
		on_cancel(t, d);
		return;
	}
	found = tombs_look(&t->tombs, t->keys.transaction);
	if (is_tomb(found))
		return;
	before = found;
	/* other credentials on the old branch are a new attempt, whatever the peer's stack thinks of it */
	if (before && same_auth_fields(&before->request.msg, m)) {
		on_retransmission(t, before, d);
		return;
	}
	l = before && before->exchange->attempt_count < EXCHANGE_ATTEMPTS_MAX ? live_of(before)
									     : chain_for(t, m, d);
	last = l->x.last_attempt;
	a = attempt_add(&l->x, t->arrival);
	a->key = t->keys.transaction;
	a->same = t->keys.same;
	if (a == l->x.attempts)
		l->x.requester = about_requester(
			&l->x.target, l->x.from_user, &l->x.client, l->x.method);
	bind_credentials(&l->x, a, t->nonces);
	verify_attempt(a, t->options.secrets);
	if (t->inquiries)
		l->user_hash = slice_hash(exchange_user(&l->x), 0);
	note_request(t, &l->x, a);
	a->odd = odd_request(&l->x, last, a);
	map_put(&t->transactions, a->key, a);
	reschedule(t, l);
	tell(t, l, d);
}

/* ---- responses ---- */

/* A response to a request whose key does not lead there: it came from another address. */
static struct attempt *find_elsewhere(
	struct tracker *t, const struct message *m, const struct datagram *d)
{
	struct live *l = chain_of(t, m, d);

	for (struct attempt *a = l ? l->x.attempts : NULL; a; a = a->next)
		if (a->request.msg.cseq == m->cseq && slice_eq(a->request.msg.branch, m->branch)) {
			/* the server has several addresses: this is the other direction all the same */
			watch_leg(t, l->x.hosts, &l->x.client, &l->x.target)->flags |= LEG_BOTH;
			t->leg = watch_leg(t, t->keys.hosts, &d->dst, &d->src);
			return open_transaction(t, a->key);
		}
	return NULL;
}

static void on_provisional(
	struct tracker *t, struct attempt *a, const struct message *m, const struct datagram *d)
{
	struct exchange *x = a->exchange;

	a->provisional = true;
	if (d->time > x->last_time)
		x->last_time = d->time;
	if (m->status > 100 && !a->progress && x->method == METHOD_INVITE && !a->final) {
		a->progress = m->status;
		a->progress_frame = d->frame;
		a->progress_time = d->time;
		judge_progress(x, a);
		note_judged(t, x, a);
	}
	reschedule(t, live_of(a));
}

static bool is_copy(const struct response *r, const struct message *m)
{
	return r->status == m->status && slice_eq(r->seen.msg.to_tag, m->to_tag) &&
		same_auth_fields(&r->seen.msg, m);
}

static void on_further_final(struct tracker *t, struct attempt *a, const struct message *m)
{
	struct response *r = a->final, **end = &a->others;
	unsigned count = 0;

	if (is_copy(r, m)) {
		r->copies++;
		return;
	}
	for (; *end; end = &(*end)->next) {
		if (is_copy(*end, m)) {
			(*end)->copies++;
			return;
		}
		count++;
	}
	if (count >= OTHER_RESPONSES_MAX)
		return;
	*end = response_new(a->exchange, t->arrival);
	if ((*end)->status == r->status)
		r->other_nonce = true;
	note_issued(t, a->exchange, *end);
}

static void on_final(struct tracker *t, struct attempt *a, const struct message *m)
{
	struct exchange *x = a->exchange;

	if (a->final) {
		on_further_final(t, a, m);
		return;
	}
	foresee_final(t, a, m->status);
	a->final = response_new(x, t->arrival);
	note_leg(t, x, a);
	note_crossing(t, x, a);
	judge_response(x, a, a->final, note_status(t, x, a));
	note_issued(t, x, a->final);
	note_judged(t, x, a);
	note_server(t, x, a);
	if (a == x->attempts)
		scope_challenged(x, a->final);
	verify_rspauth(a, a->final);
	a->odd |= odd_final(x, a);
	reschedule(t, live_of(a));
}

/* 401 or 407 to an ACK or CANCEL: never allowed (RFC 3261 22.1). */
static void on_odd_response(struct tracker *t, const struct message *m, const struct datagram *d)
{
	struct attempt *a;
	struct live *l;

	if (!status_is_challenge(m->status))
		return;
	a = open_transaction(t, t->keys.transaction);
	/* the ACK to a 2xx has a branch of its own */
	l = a ? live_of(a) : chain_of(t, m, d);
	if (l && m->method == METHOD_ACK)
		l->ack_challenged = d->frame;
	else if (l)
		l->cancel_challenged = d->frame;
	tell(t, l, d);
}

/* A challenge to a request that is not in the capture still tells who issued the nonce. */
static void on_orphan(struct tracker *t, const struct message *m, const struct datagram *d)
{
	struct exchange x = {.arena.pool = &t->arenas};
	struct response *r;

	if (!status_is_challenge(m->status))
		return;
	r = response_new(&x, t->arrival);
	for (unsigned i = 0; i < r->challenge_count; i++)
		if (r->challenges[i].nonce.n)
			nonces_issue(t->nonces, r->challenges[i].kind, r->challenges[i].realm,
				r->challenges[i].nonce_hash, &r->seen, 0);
	arena_free(&x.arena);
	scope_orphan(t, d);
}

void response_seen(struct tracker *t, const struct message *m, const struct datagram *d)
{
	struct attempt *a;
	void *found;

	if (m->method == METHOD_ACK || m->method == METHOD_CANCEL) {
		on_odd_response(t, m, d);
		return;
	}
	found = tombs_look(&t->tombs, t->keys.transaction);
	a = is_tomb(found) ? NULL : found;
	if (!a)
		a = find_elsewhere(t, m, d);
	if (!a) {
		if (!found)
			on_orphan(t, m, d);
		return;
	}
	if (m->status < 200)
		on_provisional(t, a, m, d);
	else
		on_final(t, a, m);
	tell(t, live_of(a), d);
}

#include "auth/engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "sip/uri.h"

enum { FACTS_MAX = 250000, OTHER_RESPONSES_MAX = 8 };

struct tracker *tracker_new(const struct tracker_options *o, const struct tracker_reader *r)
{
	struct tracker *t = xcalloc(1, sizeof(*t));

	t->options = *o;
	if (!t->options.loop_rounds)
		t->options.loop_rounds = 3;
	t->reader = *r;
	t->dedupe = dedupe_new();
	t->nonces = nonces_new();
	t->facts = facts_new(FACTS_MAX);
	t->advice = advice_new();
	t->scope = scope_new();
	return t;
}

static void live_free(struct tracker *t, struct live *l)
{
	timer_stop(l);
	chain_remove(t, l);
	for (const struct attempt *a = l->x.attempts; a; a = a->next) {
		const struct transaction *x = map_get(&t->transactions, a->key);

		if (x && x->live == l)
			map_remove(&t->transactions, a->key);
	}
	arena_free(&l->x.arena);
	free(l);
}

void tracker_free(struct tracker *t)
{
	if (!t)
		return;
	for (uint32_t n = 1; n <= t->last_n && t->open.count; n++) {
		struct live *l = map_get(&t->open, n);

		if (l)
			live_free(t, l);
	}
	map_free(&t->chains);
	map_free(&t->transactions);
	map_free(&t->open);
	tombs_free(&t->tombs);
	dedupe_free(t->dedupe);
	nonces_free(t->nonces);
	facts_free(t->facts);
	advice_free(t->advice);
	arena_pool_free(&t->arenas);
	scope_free(t->scope);
	free(t);
}

const struct tracker_stats *tracker_stats(const struct tracker *t)
{
	return &t->stats;
}

const struct advice *tracker_advice(const struct tracker *t)
{
	return t->advice;
}

uint64_t about_account(const struct address *server, struct slice user, struct slice realm)
{
	return slice_hash(user, slice_hash(realm, address_ip_hash(server, 0)));
}

uint64_t about_client(const struct address *client, struct slice user_agent)
{
	return slice_hash(user_agent, address_ip_hash(client, 0));
}

/* ---- closing ---- */

static void collect_guards(struct tracker *t, struct live *l)
{
	struct exchange *x = &l->x;
	struct fact *leg = facts_get(t->facts, FACT_LEG, about_hosts(&x->client, &x->target));
	const struct credential *k = x->attempts->credential_count ? x->attempts->credentials : NULL;

	x->guards.both_directions = leg && leg->flags == 3;
	x->server_answers = leg && leg->value;
	x->guards.starts_middle = k && !k->placeholder && !k->history.known;
	x->guards.clock_jump = t->clock_jumped;
	x->guards.loss_event = t->last_loss && t->last_loss >= x->first_time - 60 * SECOND;
	for (const struct attempt *a = x->attempts; a; a = a->next) {
		if (a->retransmissions || a->request.truncated || (a->final && a->final->seen.truncated))
			x->guards.loss = true;
		if (x->method == METHOD_INVITE && a->final && a->final->status >= 300 && !a->acks)
			x->guards.loss = true;
	}
	x->guards.one_way = !x->guards.both_directions &&
		(x->guards.starts_middle || x->attempts->acks || l->ack2xx || x->in_dialog ||
			x->attempt_count > 1);
}

static void collect_facts(struct tracker *t, struct exchange *x)
{
	const struct attempt *last = x->last_attempt;
	struct fact *f;

	for (unsigned i = 0; i < last->credential_count; i++) {
		const struct credential *k = &last->credentials[i];

		f = facts_get(t->facts, FACT_ACCOUNT_OK, about_account(&x->target, k->username, k->realm));
		if (f)
			x->accepted_elsewhere = f->frame;
	}
	f = facts_get(t->facts, FACT_CLIENT_401, about_client(&x->client, exchange_user_agent(x)));
	if (f)
		x->answered_401_frame = f->frame;
	f = facts_get(t->facts, FACT_SERVER, address_ip_hash(&x->target, 0));
	x->server_registers = f && f->flags;
}

static void count_exchange(struct tracker *t, const struct exchange *x)
{
	if (x->leg_of) {
		t->stats.legs++;
	} else {
		t->stats.exchanges++;
		t->stats.outcomes[x->outcome]++;
	}
	for (unsigned i = 0; i < x->finding_count; i++)
		t->stats.findings[x->findings[i]->severity]++;
}

static void live_close(struct tracker *t, struct live *l, bool input_ended)
{
	struct exchange *x = &l->x;

	x->capture_end = t->now;
	x->input_ended = input_ended;
	collect_guards(t, l);
	collect_facts(t, x);
	diagnose(l, t);
	advice_note(t->advice, x);
	scope_exchange(t, l);
	count_exchange(t, x);
	if (t->reader.exchange)
		t->reader.exchange(t->reader.arg, x);
	for (const struct attempt *a = x->attempts; a; a = a->next)
		tombs_add(&t->tombs, a->key, t->now);
	live_free(t, l);
}

static void live_expired(struct tracker *t, struct live *l)
{
	live_close(t, l, false);
}

void tracker_advance(struct tracker *t, int64_t now)
{
	if (now <= t->now)
		return;
	t->now = now;
	timers_run(t, now, live_expired);
	tombs_expire(&t->tombs, now);
}

void tracker_finish(struct tracker *t)
{
	for (uint32_t n = 1; n <= t->last_n && t->open.count; n++) {
		struct live *l = map_get(&t->open, n);

		if (l)
			live_close(t, l, true);
	}
	t->stats.evicted_nonces = nonces_evicted(t->nonces);
	t->stats.evicted_accounts = facts_evicted(t->facts);
	advice_conclude(t->advice);
	scope_finish(t);
}

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

	if (!r)
		return l->x.last_time + (a->provisional && l->x.method == METHOD_INVITE ? CHAIN_RINGING
											: CHAIN_UNANSWERED);
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

static bool same_auth_fields(const struct message *a, const struct message *b)
{
	if (a->auth_count != b->auth_count)
		return false;
	for (unsigned i = 0; i < a->auth_count; i++)
		if (!slice_eq(a->auth[i].value, b->auth[i].value))
			return false;
	return true;
}

static void on_retransmission(struct tracker *t, struct transaction *x, const struct datagram *d)
{
	struct attempt *a = x->attempt;

	a->retransmissions++;
	a->last_sent = d->time;
	if (d->time > x->live->x.last_time)
		x->live->x.last_time = d->time;
	if (a->final && a->final->seen.time < d->time - REORDER_MARGIN)
		a->after_response++;
	reschedule(t, x->live);
}

static void on_ack(struct tracker *t, const struct message *m, const struct datagram *d)
{
	struct message invite = *m;
	struct transaction *x;
	struct live *l;

	/* to a refusal: the INVITE's branch (RFC 3261 17.1.1.3) */
	invite.method_name = SLICE("INVITE");
	x = map_get(&t->transactions, transaction_key(&invite, d));
	if (x) {
		x->attempt->acks++;
		x->attempt->ack_frame = d->frame;
		x->attempt->ack_credentials = message_has_credentials(m);
		return;
	}
	l = chain_of(t, m, d, &d->src);
	if (l) {
		l->ack2xx = true;
		l->ack2xx_frame = d->frame;
		l->ack2xx_credentials = message_has_credentials(m);
	}
}

static void on_cancel(struct tracker *t, const struct message *m, const struct datagram *d)
{
	struct message invite = *m;
	struct transaction *x;

	invite.method_name = SLICE("INVITE");
	x = map_get(&t->transactions, transaction_key(&invite, d));
	if (x)
		x->live->cancelled = true;
}

static void note_answers(struct tracker *t, const struct exchange *x, const struct attempt *a)
{
	for (unsigned i = 0; i < a->credential_count; i++) {
		const struct credential *k = &a->credentials[i];
		uint64_t client = about_client(&x->client, a->request.msg.user_agent);
		const struct algorithm_info *info = algorithm_info(k->algorithm);

		if (k->placeholder || !k->challenge)
			continue;
		if (k->challenged_by->status == 401 && k->kind == AUTH_KIND_USER)
			facts_put(t->facts, FACT_CLIENT_401, client)->frame = a->request.frame;
		if (info && info->hash != HASH_MD5)
			facts_put(t->facts, FACT_CLIENT_STRONG, client)->frame = a->request.frame;
	}
}

static void on_request(struct tracker *t, const struct message *m, const struct datagram *d)
{
	uint64_t key = transaction_key(m, d);
	struct transaction *x = map_get(&t->transactions, key);
	struct live *l;
	struct attempt *a;

	if (m->method == METHOD_ACK) {
		on_ack(t, m, d);
		return;
	}
	if (m->method == METHOD_CANCEL) {
		on_cancel(t, m, d);
		return;
	}
	/* other credentials on the old branch are a new attempt, whatever the peer's stack thinks of it */
	if (x && same_auth_fields(&x->attempt->request.msg, m)) {
		on_retransmission(t, x, d);
		return;
	}
	if (!x && tombs_has(&t->tombs, key))
		return;
	l = x && x->live->x.attempt_count < EXCHANGE_ATTEMPTS_MAX ? x->live : chain_for(t, m, d);
	a = attempt_add(&l->x, m, d);
	a->key = key;
	bind_credentials(&l->x, a, t->nonces);
	verify_attempt(a, t->options.secrets);
	note_answers(t, &l->x, a);
	x = arena_alloc(&l->x.arena, sizeof(*x));
	*x = (struct transaction){l, a};
	map_put(&t->transactions, key, x);
	reschedule(t, l);
}

/* ---- responses ---- */

/* The account as far as it is known before any credentials: From user at this client. */
static uint64_t about_requester(const struct exchange *x)
{
	return about_account(&x->target, name_addr_user(x->attempts->request.msg.from), SLICE("")) +
		address_ip_hash(&x->client, (uint64_t)x->method);
}

static void note_issued(struct tracker *t, const struct live *l, const struct response *r)
{
	struct slice next = params_value(&r->info, PARAM_NEXTNONCE);

	for (unsigned i = 0; i < r->challenge_count; i++)
		if (r->challenges[i].nonce.n)
			nonces_issue(t->nonces, r->challenges[i].kind, r->challenges[i].realm,
				r->challenges[i].nonce, &r->seen, l->x.n);
	if (next.n)
		nonces_issue(t->nonces, AUTH_KIND_USER,
			l->x.last_attempt->credential_count ? l->x.last_attempt->credentials[0].realm
							    : SLICE_ABSENT,
			next, &r->seen, 0);
	if (r->challenge_count) {
		struct fact *f = facts_put(t->facts, FACT_NEWEST_NONCE, about_requester(&l->x));

		f->n = l->x.n;
		f->time = r->seen.time;
		facts_put(t->facts, FACT_SERVER, address_ip_hash(&l->x.target, 0))->flags |=
			FACT_SERVER_CHALLENGES;
	}
}

/* Did another exchange of this account get a newer nonce after the one that is answered here? */
static void note_crossing(struct tracker *t, const struct live *l, struct attempt *a)
{
	const struct fact *f = facts_get(t->facts, FACT_NEWEST_NONCE, about_requester(&l->x));

	for (unsigned i = 0; f && i < a->credential_count; i++) {
		struct credential *k = &a->credentials[i];

		k->crossed = k->challenged_by && f->n != l->x.n && f->time > k->challenged_by->seen.time;
	}
}

static void note_accepted(struct tracker *t, const struct live *l, const struct attempt *a, uint32_t frame)
{
	for (unsigned i = 0; i < a->credential_count; i++) {
		const struct credential *k = &a->credentials[i];
		struct fact *f;

		if (k->judgement != JUDGEMENT_ACCEPTED)
			continue;
		nonces_accept(t->nonces, k, &a->request);
		f = facts_put(t->facts, FACT_ACCOUNT_OK, about_account(&l->x.target, k->username, k->realm));
		f->frame = frame;
	}
}

/* A response to a request whose key does not lead there: it came from another address. */
static struct transaction *find_elsewhere(struct tracker *t, const struct message *m, const struct datagram *d)
{
	struct live *l = chain_of(t, m, d, &d->dst);

	for (struct attempt *a = l ? l->x.attempts : NULL; a; a = a->next)
		if (a->request.msg.cseq == m->cseq && slice_eq(a->request.msg.branch, m->branch))
			return map_get(&t->transactions, a->key);
	return NULL;
}

static void on_provisional(struct tracker *t, struct transaction *x, const struct message *m,
	const struct datagram *d)
{
	struct attempt *a = x->attempt;

	a->provisional = true;
	if (d->time > x->live->x.last_time)
		x->live->x.last_time = d->time;
	if (m->status > 100 && !a->progress && x->live->x.method == METHOD_INVITE && !a->final) {
		a->progress = m->status;
		a->progress_frame = d->frame;
		a->progress_time = d->time;
		judge_progress(&x->live->x, a);
		note_accepted(t, x->live, a, d->frame);
	}
	reschedule(t, x->live);
}

static bool is_copy(const struct response *r, const struct message *m)
{
	return r->status == m->status && slice_eq(r->seen.msg.to_tag, m->to_tag) &&
		same_auth_fields(&r->seen.msg, m);
}

static void on_further_final(struct tracker *t, struct transaction *x, const struct message *m,
	const struct datagram *d)
{
	struct attempt *a = x->attempt;
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
	*end = response_new(&x->live->x, m, d);
	if ((*end)->status == r->status)
		r->other_nonce = true;
	note_issued(t, x->live, *end);
}

static void on_final(struct tracker *t, struct transaction *x, const struct message *m, const struct datagram *d)
{
	struct live *l = x->live;
	struct attempt *a = x->attempt;
	struct fact *leg;

	if (a->final) {
		on_further_final(t, x, m, d);
		return;
	}
	a->final = response_new(&l->x, m, d);
	note_crossing(t, l, a);
	judge_response(&l->x, a, a->final);
	note_issued(t, l, a->final);
	note_accepted(t, l, a, d->frame);
	verify_rspauth(a, a->final);
	leg = facts_put(t->facts, FACT_LEG, about_hosts(&d->src, &d->dst));
	if (!leg->value || d->time - a->last_sent < leg->value)
		leg->value = d->time - a->last_sent;
	if (l->x.method == METHOD_REGISTER && m->status / 100 == 2)
		facts_put(t->facts, FACT_SERVER, address_ip_hash(&l->x.target, 0))->flags |=
			FACT_SERVER_REGISTERS;
	reschedule(t, l);
}

/* 401 or 407 to an ACK or CANCEL: never allowed (RFC 3261 22.1). */
static void on_odd_response(struct tracker *t, const struct message *m, const struct datagram *d)
{
	struct message invite = *m;
	struct transaction *x;

	if (!status_is_challenge(m->status))
		return;
	invite.cseq_method = SLICE("INVITE");
	x = map_get(&t->transactions, transaction_key(&invite, d));
	if (x && m->method == METHOD_ACK)
		x->live->ack_challenged = d->frame;
	else if (x)
		x->live->cancel_challenged = d->frame;
}

/* A challenge to a request that is not in the capture still tells who issued the nonce. */
static void on_orphan(struct tracker *t, const struct message *m, const struct datagram *d)
{
	struct exchange x = {0};
	struct response *r;

	if (!status_is_challenge(m->status))
		return;
	r = response_new(&x, m, d);
	for (unsigned i = 0; i < r->challenge_count; i++)
		if (r->challenges[i].nonce.n)
			nonces_issue(t->nonces, r->challenges[i].kind, r->challenges[i].realm,
				r->challenges[i].nonce, &r->seen, 0);
	arena_free(&x.arena);
	scope_orphan(t, d);
}

static void on_response(struct tracker *t, const struct message *m, const struct datagram *d)
{
	uint64_t key = transaction_key(m, d);
	struct transaction *x;

	if (m->method == METHOD_ACK || m->method == METHOD_CANCEL) {
		on_odd_response(t, m, d);
		return;
	}
	x = map_get(&t->transactions, key);
	if (!x)
		x = find_elsewhere(t, m, d);
	if (!x) {
		if (!tombs_has(&t->tombs, key))
			on_orphan(t, m, d);
	} else if (m->status < 200) {
		on_provisional(t, x, m, d);
	} else {
		on_final(t, x, m, d);
	}
}

/* ---- input ---- */

static void note_direction(struct tracker *t, const struct datagram *d)
{
	struct fact *leg = facts_put(t->facts, FACT_LEG, about_hosts(&d->src, &d->dst));

	bool first;

	/* both ends on one host: the ports tell */
	if (address_same_ip(&d->src, &d->dst))
		first = d->src.port < d->dst.port;
	else
		first = address_ip_hash(&d->src, 0) < address_ip_hash(&d->dst, 0);
	leg->flags |= first ? 1 : 2;
}

static void note_time(struct tracker *t, const struct datagram *d)
{
	if (!t->stats.first_time)
		t->stats.first_time = d->time;
	if (d->time < t->stats.last_time - REORDER_MARGIN) {
		scope_clock(t, d, t->stats.last_time - d->time);
		t->clock_jumped = true;
	}
	if (d->time > t->stats.last_time)
		t->stats.last_time = d->time;
	tracker_advance(t, d->time);
}

void tracker_feed(struct tracker *t, const struct datagram *d)
{
	struct message *m = &t->scratch;

	t->stats.datagrams++;
	note_time(t, d);
	if (dedupe_seen(t->dedupe, d)) {
		t->stats.duplicates++;
		scope_duplicate(t, d);
		return;
	}
	if (!message_scan(d->bytes, m, t->scratch_auth)) {
		t->stats.not_sip++;
		return;
	}
	t->stats.messages++;
	if (d->cut || m->defects & (MESSAGE_NO_END | MESSAGE_BODY_SHORT))
		t->stats.truncated_messages++;
	note_direction(t, d);
	if (m->request)
		on_request(t, m, d);
	else
		on_response(t, m, d);
}

void tracker_icmp(struct tracker *t, const struct icmp_error *e)
{
	struct message *m = &t->scratch;
	struct datagram d = {.src = e->src, .dst = e->dst, .transport = e->transport};
	struct transaction *x;

	t->stats.icmp++;
	if (!message_scan(e->payload, m, t->scratch_auth) || !m->request)
		return;
	x = map_get(&t->transactions, transaction_key(m, &d));
	if (!x)
		return;
	x->attempt->unreachable = e->what;
	x->attempt->unreachable_frame = e->frame;
	x->attempt->unreachable_by = e->reporter;
}

void tracker_loss(struct tracker *t, const struct loss *l)
{
	t->last_loss = l->time;
	scope_loss(t, l);
}

void tracker_encrypted(struct tracker *t, uint64_t connections)
{
	scope_encrypted(t, connections);
}

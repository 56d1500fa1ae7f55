#include "auth/engine.h"

#include <stdlib.h>

#include "auth/inquiry.h"

#include "base/err.h"

enum {
	HELD_MAX = 4096,
	SHARE_MESSAGES = 1024 /* between two looks at the memory of the tables */
};

struct tracker *tracker_new(const struct tracker_options *o, const struct tracker_reader *r)
{
	struct tracker *t = xcalloc(1, sizeof(*t));

	t->options = *o;
	if (!t->options.loop_rounds)
		t->options.loop_rounds = 3;
	t->reader = *r;
	t->limits = limits_for(o->memory);
	t->exchange_bytes = t->limits.exchanges;
	t->dedupe = dedupe_new();
	t->nonces = nonces_new(t->limits.nonces, t->limits.nonces_whole);
	t->facts = facts_new(t->limits.facts);
	t->requests = facts_new(t->limits.requests);
	t->cnonces = facts_new(t->limits.cnonces);
	tombs_init(&t->tombs, t->limits.tombs);
	t->advice = advice_new();
	t->accounts = accounts_new(t->limits.accounts, t->limits.accounts_whole);
	t->watch = watch_new(t->limits.sources, t->limits.suspects);
	t->legs = legs_new(t->limits.prints);
	t->held_end = &t->held;
	t->scope = scope_new();
	if (secrets_count(o->secrets))
		t->inquiries = inquiries_new();
	return t;
}

/* From here on nothing leads to it. */
static void live_unlink(struct tracker *t, struct live *l)
{
	timer_stop(l);
	chain_remove(t, l);
	for (const struct attempt *a = l->x.attempts; a; a = a->next) {
		const struct transaction *x = map_get(&t->transactions, a->key);

		if (x && x->live == l)
			map_remove(&t->transactions, a->key);
		tombs_add(&t->tombs, a->key, t->now);
	}
}

static void live_free(struct live *l)
{
	arena_free(&l->x.arena);
	free(l);
}

void tracker_free(struct tracker *t)
{
	if (!t)
		return;
	for (struct live *l = t->oldest, *next; l; l = next) {
		next = l->newer;
		live_unlink(t, l);
		live_free(l);
	}
	for (struct live *l = t->held, *next; l; l = next) {
		next = l->timer_next;
		live_free(l);
	}
	map_free(&t->chains);
	map_free(&t->transactions);
	map_free(&t->open);
	tombs_free(&t->tombs);
	dedupe_free(t->dedupe);
	nonces_free(t->nonces);
	facts_free(t->facts);
	facts_free(t->requests);
	facts_free(t->cnonces);
	advice_free(t->advice);
	accounts_free(t->accounts);
	watch_free(t->watch);
	legs_free(t->legs);
	arena_pool_free(&t->arenas);
	scope_free(t->scope);
	inquiries_free(t->inquiries);
	free(t);
}

const struct tracker_stats *tracker_stats(const struct tracker *t)
{
	return &t->stats;
}

const struct accounts *tracker_accounts(const struct tracker *t)
{
	return t->accounts;
}

const struct advice *tracker_advice(const struct tracker *t)
{
	return t->advice;
}

/* ---- closing ---- */

static void collect_guards(struct tracker *t, struct live *l)
{
	struct exchange *x = &l->x;
	struct fact *leg = facts_get(t->facts, FACT_LEG, about_hosts(&x->client, &x->target));
	const struct credential *k =
		x->attempts->credential_count ? x->attempts->credentials : NULL;

	/* every message notes its leg: where none is known, it was forgotten */
	x->guards.both_directions = !leg || leg->flags & FACT_LEG_UNSURE ||
		(leg->flags & FACT_LEG_BOTH) == FACT_LEG_BOTH;
	x->server_answers = !leg || leg->flags & FACT_LEG_UNSURE || leg->value;
	x->guards.starts_middle = k && !k->placeholder && (!k->history.known || k->history.orphan);
	x->guards.clock_jump = t->clock_jumped;
	x->guards.loss_event = t->last_loss && t->last_loss >= x->first_time - 60 * SECOND;
	for (const struct attempt *a = x->attempts; a; a = a->next) {
		if (a->retransmissions || a->request.truncated ||
			(a->final && a->final->seen.truncated))
			x->guards.loss = true;
		if (x->method == METHOD_INVITE && a->final && a->final->status >= 300 && !a->acks)
			x->guards.loss = true;
	}
	/* who asks knows everything that it sent and got */
	if (t->options.client != CLIENT_SEEN) {
		x->guards.both_directions = true;
		x->guards.starts_middle = false;
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
		uint32_t frame = accounts_accepted(t->accounts, &x->target, k->username, k->realm);

		if (frame)
			x->accepted_elsewhere = frame;
	}
	f = facts_get(t->facts, FACT_CLIENT, about_client(&x->client, exchange_user_agent(x)));
	if (f) {
		x->answered_401_frame = f->frame;
		x->ignored_401 = f->flags;
	}
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

static void give_out(struct tracker *t, struct live *l)
{
	if (watch_is_scanner(t->watch, &l->x.client))
		absorb_members(&l->x);
	count_exchange(t, &l->x);
	if (t->reader.exchange)
		t->reader.exchange(t->reader.arg, &l->x);
	live_free(l);
}

static void release_first(struct tracker *t)
{
	struct live *l = t->held;

	t->held = l->timer_next;
	if (!t->held)
		t->held_end = &t->held;
	t->held_count--;
	give_out(t, l);
}

static void release_held(struct tracker *t, int64_t now)
{
	while (t->held && (t->held->held_until <= now || t->held_count > HELD_MAX))
		release_first(t);
}

/* Members of a scan must not be told one by one first (HOUSE, data-flow decision 4). */
static void hold(struct tracker *t, struct live *l)
{
	l->held_until = t->now + 60 * SECOND;
	l->timer_next = NULL;
	*t->held_end = l;
	t->held_end = &l->timer_next;
	t->held_count++;
	release_held(t, t->now);
}

static bool was_silent_to_401(const struct exchange *x)
{
	return x->outcome == OUTCOME_UNANSWERED && !x->keepalive && x->last_attempt->final &&
		x->last_attempt->final->status == 401 && !attempt_has_credentials(x->last_attempt);
}

static void live_close(struct tracker *t, struct live *l, bool input_ended)
{
	struct exchange *x = &l->x;

	x->capture_end = t->now;
	x->input_ended = input_ended;
	live_unlink(t, l);
	collect_guards(t, l);
	collect_facts(t, x);
	diagnose(l, t);
	inquiries_note(t->inquiries, x);
	if (was_silent_to_401(x))
		facts_put(t->facts, FACT_CLIENT, about_client(&x->client, exchange_user_agent(x)))
			->flags = true;
	advice_note(t->advice, x);
	accounts_note(t->accounts, x);
	watch_closed(t, x);
	scope_exchange(t, l);
	if (has_members(x) && watch_may_be_scanner(t->watch, &x->client))
		hold(t, l);
	else
		give_out(t, l);
}

static void live_expired(struct tracker *t, struct live *l)
{
	live_close(t, l, false);
}

static void live_hurried(struct tracker *t, struct live *l)
{
	t->stats.evicted_exchanges++;
	live_close(t, l, false);
}

/* What the tables leave to exchanges: looked up once in a while. */
static void share_memory(struct tracker *t)
{
	size_t tables = facts_bytes(t->facts) + facts_bytes(t->requests) + facts_bytes(t->cnonces) +
		nonces_bytes(t->nonces) + accounts_bytes(t->accounts) + watch_bytes(t->watch) +
		legs_bytes(t->legs) + table_bytes(&t->tombs.table);

	t->exchange_bytes = t->limits.exchanges;
	if (t->limits.all > tables + t->exchange_bytes)
		t->exchange_bytes = t->limits.all - tables;
}

/* Too many at the same time: first those that are closed already, then those that are due next. */
static void make_room(struct tracker *t)
{
	if (t->stats.messages % SHARE_MESSAGES == 0)
		share_memory(t);
	while (t->arenas.lent + t->open.count * sizeof(struct live) > t->exchange_bytes)
		if (t->held)
			release_first(t);
		else if (!timers_hurry(t, live_hurried))
			return;
}

void tracker_advance(struct tracker *t, int64_t now)
{
	if (now <= t->now)
		return;
	t->now = now;
	timers_run(t, now, live_expired);
	release_held(t, now);
	tombs_expire(&t->tombs, now);
	facts_expire(t->requests, now - 3600 * SECOND);
}

void tracker_flush(struct tracker *t)
{
	while (t->oldest)
		live_close(t, t->oldest, true);
	release_held(t, INT64_MAX);
}

void tracker_finish(struct tracker *t)
{
	tracker_flush(t);
	t->stats.evicted_nonces = nonces_evicted(t->nonces);
	t->stats.evicted_accounts = accounts_evicted(t->accounts);
	t->stats.evicted_facts = facts_evicted(t->facts);
	advice_conclude(t->advice);
	accounts_conclude(t->accounts, t->now);
	inquiries_finish(t);
	scope_finish(t);
}

bool tracker_idle(struct tracker *t)
{
	return inquiries_idle(t);
}

/* ---- input ---- */

static void note_direction(struct tracker *t, const struct datagram *d)
{
	struct fact *leg = facts_put(t->facts, FACT_LEG, about_hosts(&d->src, &d->dst));

	bool first;

	if (!leg->flags && facts_evicted(t->facts))
		leg->flags = FACT_LEG_UNSURE;
	/* both ends on one host: the ports tell */
	if (address_same_ip(&d->src, &d->dst))
		first = d->src.port < d->dst.port;
	else
		first = address_ip_hash(&d->src, 0) < address_ip_hash(&d->dst, 0);
	leg->flags |= d->peer_seen ? FACT_LEG_BOTH : first ? FACT_LEG_UP : FACT_LEG_DOWN;
}

static void note_time(struct tracker *t, const struct datagram *d)
{
	if (!t->stats.first_time)
		t->stats.first_time = d->time;
	/* messages of streams may be given late, with the time of their own packet */
	if (d->transport == TRANSPORT_UDP && !d->late &&
		d->time < t->stats.last_time - REORDER_MARGIN) {
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
		request_seen(t, m, d);
	else
		response_seen(t, m, d);
	make_room(t);
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

void tracker_upgrades_refused(struct tracker *t, uint64_t count)
{
	scope_upgrades_refused(t, count);
}

void tracker_encrypted(struct tracker *t, uint64_t connections, struct slice detail)
{
	scope_encrypted(t, connections, detail);
}

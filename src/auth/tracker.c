#include "auth/engine.h"

#include <stdlib.h>
#include <string.h>

#include "auth/inquiry.h"

#include "base/err.h"

enum {
	INQUIRY_BYTES = 10 << 20, /* what inquiries take, about, where secrets are known */
	TRANSACTIONS_FIRST = 1 << 15 /* with those that were closed: what the usual limits allow */
};

struct tracker *tracker_new(const struct tracker_options *o, const struct tracker_reader *r)
{
	struct tracker *t = xcalloc(1, sizeof(*t));

	t->options = *o;
	if (!t->options.loop_rounds)
		t->options.loop_rounds = 3;
	t->reader = *r;
	t->limits = limits_for(o->memory,
		secrets_count(o->secrets) ? secrets_bytes(o->secrets) + INQUIRY_BYTES : 0);
	t->exchange_bytes = t->limits.exchanges;
	t->arrivals = xcalloc(1, sizeof(*t->arrivals));
	arrivals_init(t->arrivals, &t->arenas);
	t->dedupe = dedupe_new(&t->storage);
	t->nonces = nonces_new(&t->storage, t->limits.nonces, t->limits.nonces_whole);
	t->facts = facts_new(&t->storage, t->limits.facts);
	t->requests = facts_new(&t->storage, t->limits.requests);
	table_init(&t->cnonces, &t->storage, sizeof(struct cnonce), t->limits.cnonces);
	map_init(&t->transactions, &t->storage, TRANSACTIONS_FIRST);
	tombs_init(&t->tombs, &t->storage, &t->transactions, t->limits.tombs);
	t->advice = advice_new();
	t->accounts = accounts_new(&t->storage, t->limits.accounts, t->limits.accounts_whole);
	t->watch = watch_new(&t->storage, t->limits.sources, t->limits.suspects);
	t->legs = legs_new(&t->storage, t->limits.prints);
	t->held_end = &t->held;
	t->scope = scope_new();
	if (secrets_count(o->secrets))
		t->inquiries = inquiries_new(&t->storage);
	return t;
}

void tracker_free(struct tracker *t)
{
	if (!t)
		return;
	close_forget(t);
	map_free(&t->chains);
	map_free(&t->transactions);
	free(t->open.places);
	arrivals_clear(t->arrivals);
	free(t->arrivals);
	nonces_free(t->nonces);
	facts_free(t->facts);
	facts_free(t->requests);
	table_free(&t->cnonces);
	advice_free(t->advice);
	accounts_free(t->accounts);
	watch_free(t->watch);
	legs_free(t->legs);
	arena_pool_free(&t->arenas);
	inquiries_free(t->inquiries);
	storage_free(&t->storage);
	arena_free(&t->wheel.arena);
	scope_free(t->scope);
	for (size_t i = 0; i < RULE_WALKS; i++)
		free(t->walks[i]);
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

/* ---- time ---- */

/* Exchanges are due by seconds: is another one over? */
static bool second_over(const struct tracker *t, int64_t now)
{
	return !t->started || now >= (t->wheel.second + 1) * SECOND;
}

static void advance(struct tracker *t, int64_t now)
{
	if (now <= t->now)
		return;
	t->now = now;
	if (t->held)
		close_held(t, now);
	/* the rest has time until the next second */
	if (!second_over(t, now))
		return;
	timers_run(t, now, close_expired);
	tombs_expire(&t->tombs, now);
	facts_expire(t->requests, now - 3600 * SECOND);
}

/* ---- input ---- */

/* Any order will do. Where both ends are on one host, the ports tell. */
static bool is_lower(const struct address *a, const struct address *b)
{
	int order = memcmp(a->ip, b->ip, sizeof(a->ip));

	return order ? order < 0 : a->port < b->port;
}

static void note_direction(struct tracker *t, const struct message *m, const struct datagram *d)
{
	struct leg *leg = m->request ? watch_leg(t, t->keys.hosts, &d->src, &d->dst)
				     : watch_leg(t, t->keys.hosts, &d->dst, &d->src);

	t->leg = leg;
	if ((leg->flags & LEG_BOTH) == LEG_BOTH)
		return;
	leg->flags |= d->peer_seen           ? LEG_BOTH
		: is_lower(&d->src, &d->dst) ? LEG_UP
					     : LEG_DOWN;
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
	advance(t, d->time);
}

/* What a message is looked for by is on its way from memory before the first look. */
static void foresee_message(const struct tracker *t, const struct arrival *a)
{
	const struct keys *k = &a->keys;

	map_foresee(&t->transactions, k->transaction);
	watch_foresee(t->watch, a->place->seen.msg.request ? &a->d.src : &a->d.dst);
	if (!a->place->seen.msg.request) {
		foresee_challenges(t, &a->place->response);
		return;
	}
	map_foresee(&t->chains, k->chain);
	legs_foresee(t->legs, k->same);
	foresee_request(t, &a->d, k, &a->place->attempt);
}

/* What can be said of a datagram alone. */
static void look_at(const struct tracker *t, struct arrival *a)
{
	uint64_t hosts = about_hosts(&a->d.src, &a->d.dst);
	struct message *m = &a->place->seen.msg;

	a->hash = dedupe_hash(t->dedupe, &a->d);
	a->sip = message_scan(a->d.bytes, m, a->auth);
	if (!a->sip)
		return;
	keys_of(&a->keys, hosts, m, &a->d);
	observe_ahead(a);
	foresee_message(t, a);
}

/* The index is here by now. */
static void foresee_secrets(const struct tracker *t, const struct arrival *a)
{
	const struct attempt *attempt = &a->place->attempt;

	if (!a->sip || !attempt->request.msg.request)
		return;
	for (unsigned i = 0; i < attempt->credential_count; i++)
		secrets_foresee_found(t->options.secrets, attempt->credentials[i].username);
}

static void process(struct tracker *t, struct arrival *a)
{
	const struct message *m = &a->place->seen.msg;
	const struct datagram *d = &a->d;

	if (a->clock > t->now)
		t->now = a->clock;
	t->stats.datagrams++;
	note_time(t, d);
	if (dedupe_seen(t->dedupe, d, a->hash)) {
		t->stats.duplicates++;
		scope_duplicate(t, d);
		return;
	}
	if (!a->sip) {
		t->stats.not_sip++;
		return;
	}
	t->stats.messages++;
	if (d->cut || m->defects & (MESSAGE_NO_END | MESSAGE_BODY_SHORT))
		t->stats.truncated_messages++;
	t->arrival = a;
	t->keys = a->keys;
	note_direction(t, m, d);
	if (m->request)
		request_seen(t, m, d);
	else
		response_seen(t, m, d);
	close_for_room(t);
}

static void process_arrivals(struct tracker *t)
{
	struct arrivals *a = t->arrivals;

	for (unsigned i = 0; i < a->count; i++)
		look_at(t, &a->list[i]);
	for (unsigned i = 0; t->inquiries && i < a->count; i++)
		foresee_secrets(t, &a->list[i]);
	for (unsigned i = 0; i < a->count; i++) {
		process(t, &a->list[i]);
		arrival_renew(&a->list[i]);
	}
	if (a->clock > t->now)
		t->now = a->clock;
	a->count = 0;
	a->clock = 0;
}

void tracker_feed(struct tracker *t, const struct datagram *d)
{
	if (t->arrivals->count == ARRIVALS_MAX)
		process_arrivals(t);
	arrivals_add(t->arrivals, d);
	/* who wants to hear of each message wants to hear at once */
	if (t->reader.message)
		process_arrivals(t);
}

void tracker_advance(struct tracker *t, int64_t now)
{
	struct arrivals *a = t->arrivals;

	/* what closes now must not miss what came before */
	if (second_over(t, now))
		process_arrivals(t);
	if (!a->count)
		advance(t, now);
	else if (now > a->clock)
		a->clock = now;
}

void tracker_icmp(struct tracker *t, const struct icmp_error *e)
{
	struct datagram d = {.src = e->src, .dst = e->dst, .transport = e->transport};
	struct auth_field auth[MESSAGE_AUTH_MAX];
	struct message m;
	struct keys keys;
	struct attempt *a;

	process_arrivals(t);
	t->stats.icmp++;
	if (!message_scan(e->payload, &m, auth) || !m.request || m.method == METHOD_ACK ||
		m.method == METHOD_CANCEL)
		return;
	keys_of(&keys, about_hosts(&d.src, &d.dst), &m, &d);
	a = tombs_look(&t->tombs, keys.transaction);
	if (!a || is_tomb(a))
		return;
	if (!a->unreachable)
		a->unreachable = arena_take(&a->exchange->arena, sizeof(*a->unreachable));
	*a->unreachable = (struct unreachable){e->what, e->reporter, e->frame};
	if (t->reader.message)
		t->reader.message(t->reader.arg, a->exchange, NULL);
}

void tracker_loss(struct tracker *t, const struct loss *l)
{
	process_arrivals(t);
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

/* ---- the end ---- */

void tracker_flush(struct tracker *t)
{
	process_arrivals(t);
	while (t->oldest)
		close_live(t, t->oldest, true);
	close_held(t, INT64_MAX);
}

void tracker_finish(struct tracker *t)
{
	tracker_flush(t);
	t->stats.evicted_nonces = nonces_evicted(t->nonces);
	t->stats.evicted_accounts = accounts_evicted(t->accounts);
	t->stats.evicted_facts = facts_evicted(t->facts);
	t->stats.evicted_requests =
		facts_evicted(t->requests) + t->cnonces.evicted + legs_evicted(t->legs);
	t->stats.evicted_watched = watch_evicted(t->watch);
	advice_conclude(t->advice);
	accounts_conclude(t->accounts, t->now);
	inquiries_finish(t);
	scope_finish(t);
}

bool tracker_idle(struct tracker *t)
{
	process_arrivals(t);
	return inquiries_idle(t);
}

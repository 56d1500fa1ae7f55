/* Exchanges end: what is still to be known of them is collected, they are diagnosed and given out. */
#include "auth/inquiry.h"
#include "auth/rules.h"

enum {
	HELD_MAX = 4096,
	SHARE_MESSAGES = 1024 /* between two looks at the memory of the tables */
};

/* From here on nothing leads to it. */
static void live_unlink(struct tracker *t, struct live *l)
{
	timer_stop(t, l);
	chain_remove(t, l);
	for (const struct attempt *a = l->x.attempts; a; a = a->next) {
		void **place = map_place(&t->transactions, a->key);
		struct attempt *found = place && !tomb_is_over(&t->tombs, *place) ? *place : NULL;

		/* the key may have gone to an attempt in another exchange */
		if (!found || found == a || (!is_tomb(found) && found->exchange == &l->x))
			tombs_add(&t->tombs, place, a->key, t->now);
	}
}

/* ---- what closing looks at is fetched from memory while others close ---- */

static void foresee_between(const void *from, const void *to)
{
	foresee_all(from, (size_t)((const char *)to - (const char *)from));
}

/* A name. */
static void foresee_text(struct slice s)
{
	if (!s.p)
		return;
	foresee(s.p);
	foresee(s.p + s.n);
}

/* What is asked of each message and of each attempt lies in one line, for these records begin at one. */
#define ONE_LINE(type, first, last) \
	_Static_assert(offsetof(struct type, first) / 64 == offsetof(struct type, last) / 64, "what closing asks")

ONE_LINE(observed, msg.user_agent, truncated);
ONE_LINE(attempt, next, provisional);
ONE_LINE(response, challenges, challenge_count);

static void foresee_attempt(const struct attempt *a)
{
	foresee(&a->request.time);
	foresee(&a->next);
}

static void foresee_answers(const struct exchange *x)
{
	for (const struct attempt *a = x->attempts; a; a = a->next) {
		if (a->final) {
			foresee(&a->final->seen.time);
			foresee(&a->final->status);
		}
		for (unsigned i = 0; i < a->credential_count; i++) {
			const struct credential *k = &a->credentials[i];

			/* more rules look at what was refused */
			foresee_between(k, a->odd & ODD_REFUSED ? (const void *)(k + 1) : &k->nonce);
		}
	}
}

/* The header fields. */
static void foresee_message(const struct message *m)
{
	foresee_between(m->bytes.p, m->body.p ? m->body.p : m->bytes.p + m->bytes.n);
}

static void foresee_messages(const struct exchange *x)
{
	for (const struct attempt *a = x->attempts; a; a = a->next) {
		foresee_message(&a->request.msg);
		if (a->final)
			foresee_message(&a->final->seen.msg);
	}
}

static void foresee_tables(const struct tracker *t, const struct live *l)
{
	const struct exchange *x = &l->x;
	const struct attempt *last = x->last_attempt;

	chain_foresee(t, l);
	scope_foresee(t, x);
	if (last->odd & ODD_REFUSED)
		watch_foresee(t->watch, &x->client);
	for (const struct attempt *a = x->attempts; a; a = a->next) {
		map_foresee(&t->transactions, a->key);
		if (a->final && a->final->challenge_count)
			foresee(a->final->challenges);
	}
	foresee_text(x->attempts->request.msg.user_agent);
	if (last->final && last->final->status >= 400 && strict_is_asked(t))
		foresee_messages(x);
	if (last->credential_count) {
		const struct credential *k = &last->credentials[last->credential_count - 1];

		foresee_text(k->username);
		foresee_text(k->realm);
		accounts_foresee(t->accounts, about_credential(&x->target, k));
		inquiries_foresee(t->inquiries, k->username);
	}
}

void close_foresee(const struct tracker *t, const struct live *l, unsigned before)
{
	const struct exchange *x = &l->x;

	switch (before) {
	case 1:
		foresee_tables(t, l);
		break;
	case 2:
		foresee_answers(x);
		break;
	case 3:
		foresee_attempt(x->attempts);
		if (x->last_attempt != x->attempts)
			foresee_attempt(x->last_attempt);
		break;
	default:
		foresee_all(l, sizeof(*l));
		break;
	}
}

static void live_free(struct live *l)
{
	/* it lies in its own arena */
	struct arena arena = l->x.arena;

	arena_free(&arena);
}

/* An answer to the first request came the other way: no need to look it up. */
static bool seen_both_ways(struct tracker *t, const struct exchange *x)
{
	const struct leg *leg;

	if (x->attempts->final || x->attempts->provisional)
		return true;
	leg = watch_known_leg(t, x->hosts, &x->client, &x->target);
	/* every message notes its leg: where none is known, it was forgotten */
	return !leg || leg->flags & LEG_UNSURE || (leg->flags & LEG_BOTH) == LEG_BOTH;
}

static void collect_guards(struct tracker *t, struct live *l)
{
	struct exchange *x = &l->x;
	const struct credential *k =
		x->attempts->credential_count ? x->attempts->credentials : NULL;

	x->guards.clock_jump = t->clock_jumped;
	x->guards.loss_event = t->last_loss && t->last_loss >= x->first_time - 60 * SECOND;
	/* who asks knows everything that it sent and got */
	if (t->options.client != CLIENT_SEEN) {
		x->guards.both_directions = true;
		return;
	}
	x->guards.both_directions = seen_both_ways(t, x);
	x->guards.starts_middle = k && !k->placeholder && (!k->history.known || k->history.orphan);
	x->guards.one_way = !x->guards.both_directions &&
		(x->guards.starts_middle || x->attempts->acks || l->ack2xx || x->in_dialog ||
			x->attempt_count > 1);
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
	for (unsigned i = 0; i <= SEVERITY_INFO; i++)
		t->stats.findings[i] += x->counted[i];
}

static void give_out(struct tracker *t, struct live *l)
{
	if (has_members(&l->x) && watch_is_scanner(t->watch, &l->x.client))
		absorb_members(&l->x);
	count_exchange(t, &l->x);
	if (!t->reader.says)
		exchange_say(&l->x);
	if (t->reader.exchange)
		t->reader.exchange(t->reader.arg, &l->x);
	if (t->reader.keeps && t->reader.keeps(t->reader.arg, &l->x)) {
		t->kept_bytes += arena_bytes(&l->x.arena);
		l->next_closed = t->kept;
		t->kept = l;
	} else {
		live_free(l);
	}
}

static void release_first(struct tracker *t)
{
	struct live *l = t->held;

	t->held = l->next_closed;
	if (!t->held)
		t->held_end = &t->held;
	t->held_count--;
	give_out(t, l);
}

void close_held(struct tracker *t, int64_t now)
{
	while (t->held && (t->held->held_until <= now || t->held_count > HELD_MAX))
		release_first(t);
}

/* Members of a scan must not be told one by one first (HOUSE, data-flow decision 4). */
static void hold(struct tracker *t, struct live *l)
{
	l->held_until = t->now + 60 * SECOND;
	l->next_closed = NULL;
	*t->held_end = l;
	t->held_end = &l->next_closed;
	t->held_count++;
	close_held(t, t->now);
}

static bool was_silent_to_401(const struct exchange *x)
{
	return x->outcome == OUTCOME_UNANSWERED && !x->keepalive && x->last_attempt->final &&
		x->last_attempt->final->status == 401 && !attempt_has_credentials(x->last_attempt);
}

void close_live(struct tracker *t, struct live *l, bool input_ended)
{
	struct exchange *x = &l->x;

	x->capture_end = t->now;
	x->input_ended = input_ended;
	live_unlink(t, l);
	collect_guards(t, l);
	diagnose(l, t);
	inquiries_note(t->inquiries, x);
	if (was_silent_to_401(x))
		watch_habits(t, &x->client, exchange_user_agent(x))->ignored_401 = true;
	advice_note(t->advice, x);
	accounts_note(t->accounts, x);
	watch_closed(t, x);
	scope_exchange(t, l);
	if (has_members(x) && watch_may_be_scanner(t->watch, &x->client))
		hold(t, l);
	else
		give_out(t, l);
}

void close_expired(struct tracker *t, struct live *l)
{
	close_live(t, l, false);
}

static void live_hurried(struct tracker *t, struct live *l)
{
	t->stats.evicted_exchanges++;
	close_live(t, l, false);
}

/* What the tables leave to exchanges: looked up once in a while. */
static void share_memory(struct tracker *t)
{
	size_t tables = facts_bytes(t->facts) + facts_bytes(t->requests) + table_bytes(&t->cnonces) +
		nonces_bytes(t->nonces) + accounts_bytes(t->accounts) + watch_bytes(t->watch) +
		legs_bytes(t->legs) + tombs_bytes(&t->tombs);

	t->exchange_bytes = t->limits.exchanges;
	if (t->limits.all > tables + t->exchange_bytes)
		t->exchange_bytes = t->limits.all - tables;
}

/* Do exchanges take more than they may? What waits does not count, and is counted only if it matters. */
static bool too_many(const struct tracker *t)
{
	size_t bytes = t->arenas.lent - t->kept_bytes;

	return bytes > t->exchange_bytes && bytes - arrivals_bytes(t->arrivals) > t->exchange_bytes;
}

/* Too many at the same time: first those that are closed already, then those that are due next. */
void close_for_room(struct tracker *t)
{
	if (t->stats.messages % SHARE_MESSAGES == 0)
		share_memory(t);
	while (too_many(t))
		if (t->held)
			release_first(t);
		else if (!timers_hurry(t, live_hurried))
			return;
}

static void live_free_all(struct live *l)
{
	while (l) {
		struct live *next = l->next_closed;

		live_free(l);
		l = next;
	}
}

void close_forget(struct tracker *t)
{
	while (t->oldest) {
		struct live *l = t->oldest;

		live_unlink(t, l);
		live_free(l);
	}
	live_free_all(t->held);
	live_free_all(t->kept);
}

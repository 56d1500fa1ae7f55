/* Which exchange does a message belong to? (CATALOGUE section 1 "Chain") */
#include "auth/engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "sip/uri.h"

enum { SAME_LOOKED_MAX = 64 /* of the open exchanges with one chain key, newest first: a flood shares one */ };

static const struct response *last_response(const struct live *l)
{
	return l->x.last_attempt->final;
}

/* The nonce stands somewhere in the field: enough to choose between chains. */
static bool holds(struct slice field, struct slice nonce)
{
	return memmem(field.p, field.n, nonce.p, nonce.n) || slice_has_nocase(field, nonce);
}

static bool has_nonce_of(const struct response *r, const struct message *m)
{
	for (; r; r = r->next)
		for (unsigned i = 0; i < r->challenge_count; i++)
			for (unsigned j = 0; r->challenges[i].nonce.n && j < m->auth_count; j++)
				if (holds(m->auth[j].value, r->challenges[i].nonce))
					return true;
	return false;
}

static bool carries_nonce_of(const struct live *l, const struct message *m)
{
	for (const struct attempt *a = l->x.attempts; a; a = a->next)
		if ((a->final && has_nonce_of(a->final, m)) || has_nonce_of(a->others, m))
			return true;
	return false;
}

static bool with_credentials(const struct message *m)
{
	/* an IMS placeholder (nonce="") is none; the exact test is made when it is bound */
	return message_has_credentials(m);
}

/* Does the chain go on with this request? Sets live.cut where it was cut. */
static bool goes_on(struct live *l, const struct message *m, const struct datagram *d)
{
	const struct attempt *last = l->x.last_attempt;
	const struct response *final = last_response(l);
	int64_t since;

	if (l->x.attempt_count >= EXCHANGE_ATTEMPTS_MAX)
		return false;
	if (!final)
		/* the answer may have been missed by the capture; another target is another branch of a fork */
		return !last->progress && m->cseq > last->request.msg.cseq && with_credentials(m) &&
			!attempt_has_credentials(last) &&
			d->time - last->last_sent < CHAIN_UNANSWERED;
	if (!status_is_challenge(final->status) || last->progress)
		return false;
	since = d->time - final->seen.time;
	if (since > CHAIN_UNANSWERED)
		return false;
	if (with_credentials(m))
		return m->cseq >= last->request.msg.cseq || carries_nonce_of(l, m);
	/* another branch of a fork, or another server of a list: its own beginning */
	if (!address_eq(&last->request.dst, &d->dst))
		return false;
	if (m->cseq < last->request.msg.cseq ||
		(m->cseq == last->request.msg.cseq && since < REORDER_MARGIN))
		return false; /* sent before the challenge came, or a branch of a fork */
	if (attempt_has_credentials(last) || since > SILENCE_WINDOW) {
		l->cut = true;
		return false;
	}
	return since > REORDER_MARGIN || !l->x.in_dialog;
}

static int score_of(const struct live *l, const struct message *m, const struct datagram *d)
{
	return 2 * carries_nonce_of(l, m) + address_eq(&l->x.target, &d->dst);
}

/* Of the open chains with the same key: the nonce decides, then the target, then the newest. */
static struct live *choose(
	struct live *newest, const struct message *m, const struct datagram *d)
{
	struct live *best = NULL;
	int best_score = -1; /* not asked: mostly it stays alone */
	unsigned looked = 0;

	for (struct live *l = newest; l && looked++ < SAME_LOOKED_MAX; l = l->next_same) {
		int score;

		if (!goes_on(l, m, d))
			continue;
		if (!best) {
			best = l;
			continue;
		}
		if (best_score < 0)
			best_score = score_of(best, m, d);
		score = score_of(l, m, d);
		if (score > best_score) {
			best = l;
			best_score = score;
		}
	}
	return best;
}

/* A retry under a new Call-ID or From tag, known by the nonce that it answers. */
static struct live *join_by_nonce(
	struct tracker *t, const struct message *m, const struct datagram *d)
{
	const struct attempt *a = &t->arrival->place->attempt;

	for (unsigned i = 0; i < a->credential_count; i++) {
		const struct credential *k = &a->credentials[i];
		const struct message *first;
		struct live *l = NULL;

		if (k->nonce.n && !k->joined_at)
			l = chain_numbered(t, nonces_owner(t->nonces, k->nonce_hash));
		if (!l || attempt_has_credentials(l->x.last_attempt) || !goes_on(l, m, d))
			continue;
		first = &l->x.attempts->request.msg;
		if (address_same_ip(&l->x.client, &d->src) && first->via_count == m->via_count &&
			slice_eq(first->method_name, m->method_name) &&
			slice_eq(first->request_uri, m->request_uri) &&
			slice_eq(name_addr_user(first->from), name_addr_user(m->from)))
			return l;
	}
	return NULL;
}

static void number(struct numbers *o, struct live *l)
{
	struct live **place = &o->places[l->x.n & o->mask];

	l->next_numbered = *place;
	*place = l;
}

static void more_numbers(struct numbers *o, struct live *all)
{
	o->mask = o->mask ? o->mask * 2 + 1 : 63;
	free(o->places);
	o->places = xcalloc(o->mask + 1, sizeof(struct live *));
	for (struct live *l = all; l; l = l->newer)
		number(o, l);
}

struct live *chain_numbered(const struct tracker *t, uint32_t n)
{
	struct live *l = t->open.places ? t->open.places[n & t->open.mask] : NULL;

	while (l && l->x.n != n)
		l = l->next_numbered;
	return l;
}

void chain_foresee(const struct tracker *t, const struct live *l)
{
	map_foresee(&t->chains, l->chain_key);
}

/* `same`: the newest one with its chain key, or NULL. */
static void open_link(struct tracker *t, struct live *l, struct live *same)
{
	l->next_same = same;
	if (same)
		same->prev_same = l;
	map_put(&t->chains, l->chain_key, l);
	if (t->open.count++ * 2 >= t->open.mask)
		more_numbers(&t->open, t->oldest);
	number(&t->open, l);
	l->older = t->newest;
	*(l->older ? &l->older->newer : &t->oldest) = l;
	t->newest = l;
}

/* The same authentication on a further hop has the Call-ID, From tag and CSeq of an earlier exchange. */
static void find_leg(
	struct tracker *t, struct live *l, const struct message *m, const struct datagram *d)
{
	const struct first_leg leg = {
		d->time, l->x.n, (uint32_t)address_ip_hash(&d->src, 0), m->via_count};
	struct first_leg first;

	if (!legs_further(t->legs, t->keys.same, &leg, &first))
		return;
	l->x.leg_of = first.n;
	l->x.hop = m->via_count > first.via_count ? m->via_count - first.via_count : 1;
}

static struct live *chain_open(
	struct tracker *t, struct live *same, const struct message *m, const struct datagram *d)
{
	struct arena arena = {.pool = &t->arenas};
	struct exchange *x;
	struct live *l;

	arena_join(&arena, &t->arrival->arena);
	l = arena_alloc(&arena, sizeof(*l));
	x = &l->x;
	x->arena = arena;
	x->n = ++t->last_n;
	x->method = m->method;
	x->method_name = m->method_name;
	x->client = d->src;
	x->target = d->dst;
	x->transport = d->transport;
	x->in_dialog = message_in_dialog(m);
	x->first_time = x->last_time = d->time;
	x->hosts = t->keys.hosts;
	x->server_rtt = t->leg->round_trip;
	l->chain_key = t->keys.chain;
	open_link(t, l, same);
	find_leg(t, l, m, d);
	return l;
}

struct live *chain_for(struct tracker *t, const struct message *m, const struct datagram *d)
{
	struct live *newest = map_get(&t->chains, t->keys.chain), *l = choose(newest, m, d);

	if (!newest && with_credentials(m))
		l = join_by_nonce(t, m, d);
	return l ? l : chain_open(t, newest, m, d);
}

struct live *chain_of(const struct tracker *t, const struct message *m, const struct datagram *d)
{
	uint64_t key = m->request ? t->keys.chain : keys_chain(m, d);
	unsigned looked = 0;

	for (struct live *l = map_get(&t->chains, key); l && looked++ < SAME_LOOKED_MAX;
		l = l->next_same)
		for (struct attempt *a = l->x.attempts; a; a = a->next)
			if (a->request.msg.cseq == m->cseq)
				return l;
	return NULL;
}

void chain_remove(struct tracker *t, struct live *l)
{
	struct live **place = &t->open.places[l->x.n & t->open.mask];

	while (*place != l)
		place = &(*place)->next_numbered;
	*place = l->next_numbered;
	t->open.count--;
	*(l->older ? &l->older->newer : &t->oldest) = l->newer;
	*(l->newer ? &l->newer->older : &t->newest) = l->older;
	if (l->next_same)
		l->next_same->prev_same = l->prev_same;
	if (l->prev_same)
		l->prev_same->next_same = l->next_same;
	else if (l->next_same)
		map_put(&t->chains, l->chain_key, l->next_same);
	else
		map_remove(&t->chains, l->chain_key);
}

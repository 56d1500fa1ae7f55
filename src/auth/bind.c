/* Which challenge does each credential answer? (CATALOGUE section 1 "Match", "Slot engine") */
#include "auth/live.h"

int slot_for(struct exchange *x, enum auth_kind kind, struct slice realm)
{
	for (unsigned i = 0; i < x->slot_count; i++)
		if (x->slots[i].kind == kind && slice_eq(x->slots[i].realm, realm))
			return (int)i;
	if (x->slot_count == EXCHANGE_SLOTS_MAX)
		return -1;
	if (x->slot_count == x->slot_room)
		x->slots = arena_grow(&x->arena, x->slots, &x->slot_room, sizeof(*x->slots));
	x->slots[x->slot_count] = (struct slot){.kind = kind, .realm = realm};
	return (int)x->slot_count++;
}

/* How well a challenge fits a credential: the higher the better, 0 not at all. */
typedef int fit(const struct challenge *c, const struct credential *k);

static bool same_algorithm(const struct challenge *c, const struct credential *k)
{
	return c->algorithm == k->algorithm;
}

/* The nonce is the proof; where several challenges share it, the closest one is meant. */
static int fit_nonce(const struct challenge *c, const struct credential *k)
{
	if (!k->nonce.n || !slice_eq(c->nonce, k->nonce))
		return 0;
	return 1 + (c->kind == k->kind) * 4 + slice_eq(c->realm, k->realm) * 2 +
		same_algorithm(c, k);
}

static int fit_slot(const struct challenge *c, const struct credential *k)
{
	if (c->kind != k->kind || !slice_eq(c->realm, k->realm))
		return 0;
	return 1 + same_algorithm(c, k);
}

static int fit_other_kind(const struct challenge *c, const struct credential *k)
{
	return c->kind != k->kind && slice_eq(c->realm, k->realm) ? 1 + same_algorithm(c, k) : 0;
}

static int fit_kind(const struct challenge *c, const struct credential *k)
{
	return c->kind == k->kind ? 1 + same_algorithm(c, k) : 0;
}

struct found {
	const struct challenge *challenge;
	const struct response *response;
	int score;
};

static void look_in(
	const struct response *r, const struct credential *k, fit *fits, struct found *best)
{
	for (unsigned i = 0; i < r->challenge_count; i++) {
		int score = r->challenges[i].digest == k->digest ? fits(&r->challenges[i], k) : 0;

		/* later attempts win over earlier ones with the same score */
		if (score && (score > best->score || (score == best->score && best->response != r)))
			*best = (struct found){&r->challenges[i], r, score};
	}
}

/* The newest challenge of the exchange, before this attempt, that fits best. */
static struct found find_challenge(
	const struct exchange *x, const struct attempt *a, const struct credential *k, fit *fits)
{
	struct found best = {0};

	for (const struct attempt *b = x->attempts; b && b != a; b = b->next) {
		for (const struct response *r = b->others; r; r = r->next)
			look_in(r, k, fits, &best);
		if (b->final)
			look_in(b->final, k, fits, &best);
	}
	return best;
}

/* Is the nonce one of the newest challenges of the slot (several algorithms, copies of one 401)? */
static bool is_newest(const struct exchange *x, const struct slot *s, struct slice nonce)
{
	const struct attempt *a;

	if (!s->newest_in)
		return true;
	for (a = x->attempts; a; a = a->next) {
		const struct response *r = a->others;

		if (a->final != s->newest_in)
			continue;
		for (unsigned i = 0; i < a->final->challenge_count; i++)
			if (slice_eq(a->final->challenges[i].nonce, nonce))
				return true;
		for (; r; r = r->next)
			for (unsigned i = 0; i < r->challenge_count; i++)
				if (slice_eq(r->challenges[i].nonce, nonce))
					return true;
	}
	return false;
}

static void bind_to(struct credential *k, struct found f, enum match match)
{
	k->challenge = f.challenge;
	k->challenged_by = f.response;
	k->match = match;
}

static void find_match(const struct exchange *x, const struct attempt *a, struct credential *k)
{
	struct found f = find_challenge(x, a, k, fit_nonce);

	if (f.challenge) {
		bind_to(k, f, f.challenge->kind == k->kind ? MATCH_NONCE : MATCH_OTHER_KIND);
		return;
	}
	f = find_challenge(x, a, k, fit_slot);
	if (f.challenge) {
		bind_to(k, f, MATCH_REALM);
		return;
	}
	/* what was sent before, here or in an earlier exchange, is no answer to this challenge */
	if (k->history.known || k->kept) {
		k->match = k->history.known ? MATCH_OLDER : MATCH_NONE;
		return;
	}
	f = find_challenge(x, a, k, fit_other_kind);
	if (f.challenge) {
		bind_to(k, f, MATCH_OTHER_KIND);
		return;
	}
	f = find_challenge(x, a, k, fit_kind);
	if (f.challenge)
		bind_to(k, f, MATCH_KIND);
}

static bool sent_before(const struct exchange *x, const struct attempt *a, const struct credential *k)
{
	for (const struct attempt *b = x->attempts; b && b != a; b = b->next)
		for (unsigned i = 0; i < b->credential_count; i++)
			if (b->credentials[i].kind == k->kind &&
				slice_eq(b->credentials[i].params.text, k->params.text))
				return true;
	return false;
}

static void take_slot(struct exchange *x, const struct attempt *a, struct credential *k)
{
	struct slot *s;

	k->slot = (int8_t)(k->challenge ? slot_for(x, k->challenge->kind, k->challenge->realm)
					: slot_for(x, k->kind, k->realm));
	if (k->slot < 0)
		return;
	s = &x->slots[k->slot];
	k->newest = is_newest(x, s, k->nonce);
	k->history.replaced = !k->newest && s->newest_in &&
		a->request.time - s->newest_in->seen.time >
			(x->server_rtt > REORDER_MARGIN ? x->server_rtt : REORDER_MARGIN);
	s->state = SLOT_ANSWERED;
	s->answers++;
}

void bind_credentials(struct exchange *x, struct attempt *a, struct nonces *nonces)
{
	for (unsigned i = 0; i < a->credential_count; i++) {
		struct credential *k = &a->credentials[i];

		if (k->placeholder)
			continue;
		if (k->nonce.n)
			k->history = nonces_use(nonces, k, &a->request);
		k->kept = sent_before(x, a, k);
		find_match(x, a, k);
		take_slot(x, a, k);
	}
}

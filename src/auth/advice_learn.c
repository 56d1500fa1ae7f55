#include "auth/advice_learn.h"

bool learn_is_challenge(const struct response *r)
{
	return r && (r->status == 401 || r->status == 407 || r->status == 494);
}

void learn_kinds(const struct response *r, bool kinds[AUTH_KIND_COUNT])
{
	kinds[AUTH_KIND_USER] = kinds[AUTH_KIND_PROXY] = false;
	for (unsigned i = 0; i < r->challenge_count; i++)
		kinds[r->challenges[i].kind] = true;
	if (!r->challenge_count)
		kinds[r->status == 407 ? AUTH_KIND_PROXY : AUTH_KIND_USER] = true;
}

/* ---- algorithms and qop ---- */

unsigned advice_qops(struct slice qop)
{
	unsigned bits = 0;

	if (!qop.p)
		return 1u << ADVICE_QOP_NONE;
	if (slice_eq(qop, SLICE("auth")))
		return 1u << ADVICE_QOP_AUTH;
	while (qop.n) {
		struct slice word = slice_trim(slice_head(qop, slice_find(qop, ',')));

		if (slice_eq_nocase(word, SLICE("auth")))
			bits |= 1u << ADVICE_QOP_AUTH;
		else if (slice_eq_nocase(word, SLICE("auth-int")))
			bits |= 1u << ADVICE_QOP_INT;
		else if (word.n)
			bits |= 1u << ADVICE_QOP_OTHER;
		qop = slice_from(qop, slice_find(qop, ',') + 1);
	}
	return bits ? bits : 1u << ADVICE_QOP_OTHER;
}

static void count_bits(uint64_t *counts, unsigned bits)
{
	for (; bits; bits &= bits - 1)
		counts[__builtin_ctz(bits)]++;
}

static void learn_parameters(struct advice_server *s, const struct exchange *x)
{
	unsigned offered = 0, used = 0, qop_offered = 0, qop_used = 0;

	for (const struct attempt *a = x->attempts; a; a = a->next) {
		for (unsigned i = 0; i < a->credential_count; i++) {
			const struct credential *c = &a->credentials[i];

			if (!c->digest || c->placeholder)
				continue;
			used |= 1u << c->algorithm;
			qop_used |= c->qops;
		}
		for (unsigned i = 0; learn_is_challenge(a->final) && i < a->final->challenge_count;
			i++) {
			const struct challenge *c = &a->final->challenges[i];

			if (!c->digest)
				continue;
			offered |= 1u << c->algorithm;
			qop_offered |= c->qops;
		}
	}
	count_bits(s->offered, offered);
	count_bits(s->used, used);
	count_bits(s->qop_offered, qop_offered);
	count_bits(s->qop_used, qop_used);
}

const char *advice_qop_name(enum advice_qop q)
{
	static const char *const names[] = {[ADVICE_QOP_NONE] = "none",
		[ADVICE_QOP_AUTH] = "auth",
		[ADVICE_QOP_INT] = "auth-int",
		[ADVICE_QOP_OTHER] = "other"};

	return names[q];
}

/* ---- nonces ---- */

static void shorten(int64_t *shortest, int64_t age)
{
	if (!*shortest || age < *shortest)
		*shortest = age;
}

static bool says_stale(const struct response *r, enum auth_kind kind)
{
	for (unsigned i = 0; r && i < r->challenge_count; i++)
		if (r->challenges[i].kind == kind && r->challenges[i].stale)
			return true;
	return false;
}

/* Was it the age of the nonce that was refused, not the digest? */
static bool refused_as_old(const struct exchange *x, const struct credential *c, bool flagged)
{
	switch (c->judgement) {
	case JUDGEMENT_STALE:
		return true;
	case JUDGEMENT_PREEMPTIVE:
		return c->history.accepted_before &&
			(flagged || x->outcome == OUTCOME_ACCEPTED);
	case JUDGEMENT_REJECTED:
	case JUDGEMENT_OLD_NONCE:
		/* without stale=true only what came after tells: the new nonce was good */
		return x->outcome == OUTCOME_ACCEPTED &&
			(c->history.accepted_before || !c->newest);
	default:
		return false;
	}
}

static void learn_nonce(struct advice_nonces *n, const struct exchange *x, const struct attempt *a,
	const struct credential *c)
{
	const struct nonce_history *h = &c->history;
	int64_t age = h->known && h->issued ? a->request.time - h->issued : 0;
	bool flagged = says_stale(a->final, c->kind);

	if (c->judgement == JUDGEMENT_ACCEPTED || c->judgement == JUDGEMENT_PASSED) {
		n->reuse_accepted += h->accepted_before;
		if (age > n->accepted_age)
			n->accepted_age = age;
	} else if (refused_as_old(x, c, flagged)) {
		n->flagged += flagged;
		n->unflagged += !flagged;
		n->reuse_refused += h->accepted_before;
		if (age > 0)
			shorten(h->accepted_before ? &n->reuse_refused_age : &n->refused_age, age);
	}
}

static void learn_nonces(struct advice_server *s, const struct exchange *x)
{
	for (const struct attempt *a = x->attempts; a; a = a->next)
		for (unsigned i = 0; i < a->credential_count; i++)
			if (a->credentials[i].digest && !a->credentials[i].placeholder)
				learn_nonce(&s->nonces, x, a, &a->credentials[i]);
}

void learn_conclude(struct advice_server *s)
{
	struct advice_nonces *n = &s->nonces;
	int64_t most = n->refused_age;

	/* where no nonce is ever taken twice, the age of a refused second use tells nothing */
	if (n->reuse_accepted && n->reuse_refused_age &&
		(!most || n->reuse_refused_age < most))
		most = n->reuse_refused_age;
	n->at_least = n->accepted_age;
	/* a nonce refused younger than others that were accepted was not too old */
	n->at_most = most > n->at_least ? most : 0;
}

void learn_server(struct advice_server *s, const struct exchange *x, bool failed)
{
	learn_parameters(s, x);
	learn_nonces(s, x);
	rate_note(&s->rate, x->first_time, failed);
}

/* ---- endpoints ---- */

static void note_evidence(struct advice_evidence *e, const struct observed *o)
{
	if (e->count++)
		return;
	e->frame = o->frame;
	e->file = o->file;
}

static void learn_answers(struct advice_endpoint *e, const struct exchange *x, unsigned class)
{
	bool asked[AUTH_KIND_COUNT] = {false, false}, kinds[AUTH_KIND_COUNT];
	bool answered[AUTH_KIND_COUNT] = {false, false}, both = false;

	for (const struct attempt *a = x->attempts; a; a = a->next) {
		for (unsigned i = 0; i < a->credential_count; i++) {
			const struct credential *c = &a->credentials[i];

			if (!asked[c->kind] || c->placeholder || answered[c->kind])
				continue;
			e->answers[c->kind] = answered[c->kind] = true;
			note_evidence(&e->answered[class][c->kind], &a->request);
			if (both)
				note_evidence(&e->both_answered, &a->request);
			both = false;
		}
		if (!learn_is_challenge(a->final))
			continue;
		learn_kinds(a->final, kinds);
		both = kinds[AUTH_KIND_USER] && kinds[AUTH_KIND_PROXY];
		for (int k = 0; k < AUTH_KIND_COUNT; k++)
			asked[k] = asked[k] || kinds[k];
	}
}

/*
 * Silence that says something about the kind of challenge: outside dialogs, and not explained
 * otherwise.
 */
static bool was_ignored(const struct exchange *x)
{
	if (x->outcome != OUTCOME_UNANSWERED || !x->cause)
		return false;
	return x->cause->id == FINDING_CHALLENGE_IGNORED ||
		x->cause->id == FINDING_REGISTER_407_IGNORED ||
		x->cause->id == FINDING_CREDENTIALS_MISSING_ON_RETRY;
}

static void learn_silence(struct advice_endpoint *e, const struct exchange *x, unsigned class)
{
	const struct response *last = NULL;
	bool kinds[AUTH_KIND_COUNT];

	if (!was_ignored(x))
		return;
	for (const struct attempt *a = x->attempts; a; a = a->next)
		if (learn_is_challenge(a->final))
			last = a->final;
	if (!last)
		return;
	learn_kinds(last, kinds);
	for (int k = 0; k < AUTH_KIND_COUNT; k++) {
		if (!kinds[k])
			continue;
		e->ignores[k] = true;
		note_evidence(&e->silent[class][k], &last->seen);
	}
	if (kinds[AUTH_KIND_USER] && kinds[AUTH_KIND_PROXY])
		note_evidence(&e->both_silent, &last->seen);
}

void learn_endpoint(struct advice_endpoint *e, const struct exchange *x)
{
	unsigned class = x->method == METHOD_REGISTER ? ADVICE_REGISTER : ADVICE_OTHERS;

	e->asked[class]++;
	learn_answers(e, x, class);
	learn_silence(e, x, class);
}

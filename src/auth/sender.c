#include "auth/sender.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

/* ---- one client, account and secret ---- */

static uint64_t sender_key(const struct riddle_place *p)
{
	uint64_t key = about_credential(&p->x->target, p->k);

	key = hash_mix(key, address_ip_hash(&p->x->client, p->r != NULL));
	return hash_mix(key, (uint64_t)(uintptr_t)p->k->secret);
}

static void copy_names(struct sender *s, struct slice user, struct slice realm)
{
	s->names = xmalloc(user.n + realm.n + 1);
	if (user.n)
		memcpy(s->names, user.p, user.n);
	if (realm.n)
		memcpy(s->names + user.n, realm.p, realm.n);
	s->user = (struct slice){user.p ? s->names : NULL, user.n};
	s->realm = (struct slice){realm.p ? s->names + user.n : NULL, realm.n};
}

struct sender *sender_for(struct inquiries *q, const struct riddle_place *p)
{
	uint64_t key = sender_key(p);
	struct sender *s = (struct sender *)lru_get(&q->senders, key);

	if (s)
		return s;
	/* the one that will be dropped may be waiting */
	if (q->senders.map.count >= SENDERS_MAX) {
		struct sender *oldest = (struct sender *)q->senders.oldest;

		if (oldest->pending)
			sender_unsearched(q, oldest);
		sender_stop_waiting(q, oldest);
	}
	s = xcalloc(1, sizeof(*s));
	copy_names(s, p->k->username, p->k->realm);
	s->client = p->x->client;
	s->server = p->x->target;
	s->rspauth = p->r != NULL;
	lru_add(&q->senders, key, &s->node);
	return s;
}

static void pending_free(struct pending *p)
{
	arena_wipe(&p->arena);
	free(p);
}

void sender_drop(struct lru_node *node)
{
	struct sender *s = (struct sender *)node;

	if (s->pending)
		pending_free(s->pending);
	arena_wipe(&s->arena);
	free(s->names);
	free(s);
}

/* ---- what was found ---- */

static bool same_names(const struct known_set *set, const struct deviation *list, size_t count)
{
	if (set->count != count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!slice_eq(set->deviations[i].id, list[i].id))
			return false;
	return true;
}

/* Names may come in another order for another request: one of them is enough. */
static struct known_set *find_set(
	struct sender *s, const struct forensic_hit *hit, const struct hypotheses *h)
{
	struct deviation list[DEVIATIONS_MAX];
	struct arena scratch = {0};
	size_t n = deviation_list(h, hit, false, list, &scratch);
	struct known_set *found = NULL;

	for (unsigned i = 0; i < s->set_count && !found; i++)
		if (same_names(s->sets[i], list, n))
			found = s->sets[i];
	arena_free(&scratch);
	return found;
}

static void fill_guess(struct known_set *set, const struct forensic_hit *hit)
{
	set->guess.count = hit->count;
	for (unsigned i = 0; i < hit->count; i++) {
		const struct deviation *d = &set->deviations[i];

		set->guess.parts[i].dimension = hit->parts[i].dimension;
		set->mask |= 1u << hit->parts[i].dimension;
		set->guess.parts[i].names[0] = d->id.p;
		for (size_t k = 0; k < d->also_count; k++)
			set->guess.parts[i].names[k + 1] = d->also[k];
		set->guess.parts[i].name_count = (uint8_t)(1 + d->also_count);
	}
}

static struct known_set *new_set(
	struct sender *s, const struct hypotheses *h, const struct forensic_hit *hit)
{
	struct known_set *set;

	if (s->set_count == SENDER_SETS_MAX)
		return NULL;
	set = s->sets[s->set_count++] = arena_alloc(&s->arena, sizeof(*set));
	set->count = deviation_list(h, hit, true, set->deviations, &s->arena);
	set->words = deviation_words(h, hit, &s->arena);
	set->fault = deviation_fault(hit);
	set->all_failed = true;
	fill_guess(set, hit);
	return set;
}

void sender_count(struct known_set *set, const struct occasion *at)
{
	struct finding *f = &set->finding;

	if (at->leg)
		return;
	if (!set->responses++) {
		f->time = at->time;
		f->file = at->file;
	}
	set->last = at->time;
	set->all_failed = set->all_failed && at->failed;
	set->accepted = set->accepted || at->accepted;
	f->frame_total++;
	if (f->frame_count < FINDING_FRAMES_MAX && f->file == at->file)
		f->frames[f->frame_count++] = at->frame;
	if (set->exchange_count < FINDING_FRAMES_MAX &&
		(!set->exchange_count || set->exchanges[set->exchange_count - 1] != at->exchange))
		set->exchanges[set->exchange_count++] = at->exchange;
}

struct known_set *sender_learn(struct sender *s, const struct hypotheses *h,
	const struct forensic_hit *hit, const struct occasion *at)
{
	struct known_set *set = find_set(s, hit, h);

	if (!set)
		set = new_set(s, h, hit);
	if (set)
		sender_count(set, at);
	return set;
}

/* ---- what waits ---- */

void sender_stop_waiting(struct inquiries *q, struct sender *s)
{
	if (!s->pending)
		return;
	pending_free(s->pending);
	s->pending = NULL;
	q->pending_count--;
}

void sender_unsearched(struct inquiries *q, struct sender *s)
{
	q->unsearched += !s->unsearched;
	s->unsearched = true;
}

static void keep(struct arena *arena, struct slice *s)
{
	*s = arena_copy(arena, *s);
}

bool sender_may_wait(
	const struct inquiries *q, const struct sender *s, const struct occasion *at)
{
	return !s->pending && !at->leg && q->pending_count < PENDING_MAX;
}

void sender_wait(
	struct inquiries *q, struct sender *s, const struct riddle *r, const struct occasion *at)
{
	struct pending *p;
	struct digest_input *in;
	struct slice *texts[11];

	if (s->pending || at->leg)
		return;
	if (q->pending_count == PENDING_MAX) {
		sender_unsearched(q, s);
		return;
	}
	p = xcalloc(1, sizeof(*p));
	p->riddle = *r;
	p->at = *at;
	in = &p->riddle.in;
	memcpy(texts,
		(struct slice *[]){&in->username, &in->realm, &in->password, &in->ha1, &in->method,
			&in->uri, &in->nonce, &in->nc, &in->cnonce, &in->qop, &in->body},
		sizeof(texts));
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		keep(&p->arena, texts[i]);
	keep(&p->arena, &p->riddle.response);
	for (unsigned i = 0; i < p->riddle.clues.count; i++)
		keep(&p->arena, &p->riddle.clues.list[i].value);
	s->pending = p;
	q->pending_count++;
}

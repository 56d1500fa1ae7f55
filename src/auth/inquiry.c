#include "auth/inquiry.h"

#include <stdlib.h>
#include <string.h>

#include "auth/history.h"
#include "auth/sender.h"
#include "base/err.h"

enum {
	OPEN_WALKED = 256, /* open exchanges that are always looked at */
	TRIED_EARLY =
		16 * 1000 * 1000 /* in all, before searches have to wait for the end of the input */
};

struct inquiries *inquiries_new(struct storage *storage)
{
	struct inquiries *q = xcalloc(1, sizeof(*q));

	lru_init(&q->senders, SENDERS_MAX, sender_drop);
	q->history = history_new(storage);
	return q;
}

void inquiries_free(struct inquiries *q)
{
	if (!q)
		return;
	lru_free(&q->senders);
	history_free(q->history);
	secret_wipe(q, sizeof(*q));
	free(q);
}

void inquiries_note(struct inquiries *q, const struct exchange *x)
{
	if (q)
		history_note(q->history, x);
}

void inquiries_foresee(const struct inquiries *q, struct slice user)
{
	if (q)
		history_foresee(q->history, user);
}

void inquiries_clues(struct inquiries *q, struct slice user, struct clues *out)
{
	history_clues(q->history, user, out);
}

/* ---- searches ---- */

static bool ask(const struct tracker *t, enum search_step step)
{
	return !t->options.search || t->options.search(t->options.search_arg, step);
}

static bool go_on(void *arg)
{
	return ask(arg, SEARCH_GOES_ON);
}

/* After ask() for its beginning. The candidates stay in q->hypotheses. */
static void run_search(struct tracker *t, const struct riddle *r, unsigned depth,
	struct arena *arena, struct forensic_result *out)
{
	struct inquiries *q = t->inquiries;
	struct forensic_limits limits = {.depth = depth,
		.deep = t->options.search_deep && depth == FORENSICS_DEPTH,
		.go_on = go_on,
		.arg = t};

	hypotheses_make(&q->hypotheses, r, DIMENSIONS_ALL, arena);
	forensics_search(&q->hypotheses, &limits, out);
	ask(t, SEARCH_ENDS);
}

/* What this client did before: which of the sets fit, and with what. */
static void try_known(struct inquiries *q, struct sender *s, struct arena *arena,
	struct forensic_result *out, struct known_set *sets[FORENSICS_HITS_MAX])
{
	struct forensic_result one;
	unsigned mask = 0;

	for (unsigned i = 0; i < s->set_count; i++)
		mask |= s->sets[i]->mask;
	hypotheses_make(&q->hypotheses, &q->riddle, mask, arena);
	for (unsigned i = 0; i < s->set_count; i++)
		if (forensics_try(&q->hypotheses, &s->sets[i]->guess, &one)) {
			sets[out->hit_count] = s->sets[i];
			out->hits[out->hit_count++] = one.hits[0];
		}
}

/* How deep to search now; 0: not now. */
static unsigned depth_now(const struct tracker *t, const struct sender *s)
{
	bool whole = !s->searches || s->set_count;

	if (s->searches >= SENDER_SEARCHES_MAX)
		return 0;
	if (whole && (t->options.search_deep || t->inquiries->tried < TRIED_EARLY))
		return FORENSICS_DEPTH;
	/* someone who cannot be explained gets a quick look from now on */
	return FORENSICS_DEPTH - 1;
}

/* ---- what is said ---- */

static bool same_words(const struct inquiry *out, struct slice words)
{
	for (unsigned i = 0; i < out->count; i++)
		if (slice_eq(out->list[i].words, words))
			return true;
	return false;
}

/* RFC 2617 3.2.2.3: the header says auth-int, and another form of the body fits. */
static bool is_body(const struct hypotheses *h, const struct forensic_hit *hit)
{
	return hit->count == 1 && hit->parts[0].dimension == DIMENSION_QOP &&
		qop_parse(h->riddle->in.qop) == QOP_AUTH_INT &&
		h->list[DIMENSION_QOP][hit->parts[0].index].forms & FORM_INTEGRITY;
}

static void explain(struct diagnosis *d, const struct known_set *set,
	const struct forensic_hit *hit, struct inquiry *out)
{
	const struct hypotheses *h = &d->t->inquiries->hypotheses;
	struct arena *arena = &d->x->arena;
	struct explanation *e = &out->list[out->count];
	struct buf steps = {0};

	*e = (struct explanation){
		.words = deviation_words(h, hit, arena), .fault = deviation_fault(hit)};
	if (same_words(out, e->words))
		return;
	e->deviations = arena_alloc(arena, (DEVIATIONS_MAX) * sizeof(*e->deviations));
	e->count = deviation_list(h, hit, false, e->deviations, arena);
	e->body = is_body(h, hit);
	/* values that are made from a secret stay in memory that is wiped */
	for (unsigned i = 0; set && i < hit->count; i++)
		if (!e->deviations[i].value.p)
			e->deviations[i].value = set->deviations[i].value;
	forensics_explain(h, hit, d->t->options.show_secrets, &steps);
	e->steps = arena_copy(arena, buf_slice(&steps));
	buf_free(&steps);
	out->count++;
}

static struct occasion occasion_of(const struct riddle_place *p)
{
	const struct observed *seen = p->r ? &p->r->seen : &p->a->request;

	return (struct occasion){
		.exchange = p->x->n,
		.frame = seen->frame,
		.file = seen->file,
		.time = seen->time,
		.failed = outcome_failed(p->x->outcome) && !p->x->keepalive,
		.accepted = p->k->judgement == JUDGEMENT_ACCEPTED,
		.leg = p->x->leg_of,
	};
}

/* Everything around the response, once: that is dear, and of no use where nothing is searched. */
static void gather(struct diagnosis *d, const struct riddle_place *p, const struct sender *s,
	struct arena *arena)
{
	struct inquiries *q = d->t->inquiries;

	if (!q->gathered)
		riddle_gather(d->t, p, !s->searches || d->t->open.count <= OPEN_WALKED, &q->riddle,
			arena);
	q->gathered = true;
}

/* There is no time, or no search is due: it waits, if there is room, and will be time. */
static void put_off(struct diagnosis *d, const struct riddle_place *p, struct sender *s,
	const struct occasion *at, struct arena *arena)
{
	if (!ask(d->t, SEARCH_WAITS)) {
		if (!at->leg)
			sender_unsearched(d->t->inquiries, s);
		return;
	}
	if (sender_may_wait(d->t->inquiries, s, at))
		gather(d, p, s, arena);
	sender_wait(d->t->inquiries, s, &d->t->inquiries->riddle, at);
}

static struct slice exhausted_before(struct diagnosis *d, const struct sender *s)
{
	return arena_printf(&d->x->arena, "no deviation explains it either, as in frame %u",
		s->exhausted_frame);
}

/* Searches if it is time for it; what cannot be done now waits. */
static void search_now(struct diagnosis *d, const struct riddle_place *p, struct sender *s,
	const struct occasion *at, struct arena *arena, struct forensic_result *r, struct inquiry *out)
{
	struct inquiries *q = d->t->inquiries;
	unsigned depth = depth_now(d->t, s);

	if (!depth || !ask(d->t, SEARCH_BEGINS)) {
		out->nothing = SLICE("there was no time to look for a deviation (--search-time)");
		if (s->exhausted)
			out->nothing = exhausted_before(d, s);
		else
			put_off(d, p, s, at, arena);
		return;
	}
	gather(d, p, s, arena);
	run_search(d->t, &q->riddle, depth, arena, r);
	s->searches++;
	q->tried += r->tried;
	if (r->hit_count)
		return;
	out->nothing = deviation_none(&q->hypotheses, r, d->t->options.search_deep, &d->x->arena);
	if (r->depth == FORENSICS_DEPTH && !r->stopped) {
		s->exhausted = true;
		s->exhausted_frame = at->frame;
	} else if (s->exhausted) {
		out->nothing = exhausted_before(d, s);
	} else {
		put_off(d, p, s, at, arena);
	}
}

void inquire(struct diagnosis *d, const struct riddle_place *p, struct inquiry *out)
{
	struct inquiries *q = d->t->inquiries;
	struct sender *s = sender_for(q, p);
	struct occasion at = occasion_of(p);
	struct known_set *sets[FORENSICS_HITS_MAX] = {NULL};
	struct forensic_result r = {0};
	struct arena arena = {0};

	out->count = 0;
	out->nothing = SLICE_ABSENT;
	q->gathered = false;
	if (!riddle_begin(d->t, p, &q->riddle, &arena) || !forensics_can_search(&q->riddle)) {
		out->nothing = SLICE("its response is no hex string that could be searched");
		arena_wipe(&arena);
		return;
	}
	s->wrong += !at.leg;
	s->refused += was_refused(p->k) && !at.leg;
	if (s->set_count) {
		gather(d, p, s, &arena);
		try_known(q, s, &arena, &r, sets);
	}
	if (!r.hit_count)
		search_now(d, p, s, &at, &arena, &r, out);
	for (unsigned i = 0; i < r.hit_count; i++) {
		if (sets[i])
			sender_count(sets[i], &at);
		else
			sets[i] = sender_learn(s, &q->hypotheses, &r.hits[i], &at);
		explain(d, sets[i], &r.hits[i], out);
	}
	arena_wipe(&arena);
}

/* ---- at the end ---- */

/* The most refused first; of equals the one that was seen first. */
static struct sender *next_waiting(struct inquiries *q)
{
	struct sender *best = NULL;

	for (struct lru_node *n = q->senders.newest; n && q->pending_count; n = n->older) {
		struct sender *s = (struct sender *)n;

		if (s->pending &&
			(!best || s->refused > best->refused ||
				(s->refused == best->refused &&
					s->pending->at.exchange < best->pending->at.exchange)))
			best = s;
	}
	return best;
}

/* False: there is no time left. */
static bool search_late(struct tracker *t, struct sender *s)
{
	struct inquiries *q = t->inquiries;
	struct forensic_result r;
	struct arena arena = {0};

	if (!ask(t, SEARCH_BEGINS_LATE))
		return false;
	run_search(t, &s->pending->riddle, FORENSICS_DEPTH, &arena, &r);
	for (unsigned i = 0; i < r.hit_count; i++) {
		struct known_set *set =
			sender_learn(s, &q->hypotheses, &r.hits[i], &s->pending->at);

		if (set)
			set->late = true;
	}
	if (r.stopped && !r.hit_count)
		sender_unsearched(q, s);
	sender_stop_waiting(q, s);
	arena_wipe(&arena);
	return true;
}

bool inquiries_idle(struct tracker *t)
{
	struct sender *s = t->inquiries ? next_waiting(t->inquiries) : NULL;

	return s && search_late(t, s);
}

static int by_exchange(const void *a, const void *b)
{
	const struct sender *x = *(struct sender *const *)a, *y = *(struct sender *const *)b;

	return x->sets[0]->exchanges[0] < y->sets[0]->exchanges[0]
		? -1
		: x->sets[0]->exchanges[0] > y->sets[0]->exchanges[0];
}

void inquiries_finish(struct tracker *t)
{
	struct inquiries *q = t->inquiries;
	struct sender **list;
	size_t n = 0;

	if (!q)
		return;
	while (inquiries_idle(t))
		;
	t->stats.unsearched = q->unsearched + q->pending_count;
	list = xcalloc(q->senders.map.count + 1, sizeof(struct sender *));
	for (struct lru_node *node = q->senders.newest; node; node = node->older)
		if (((struct sender *)node)->set_count)
			list[n++] = (struct sender *)node;
	qsort(list, n, sizeof(*list), by_exchange);
	for (size_t i = 0; i < n; i++)
		sender_report(t, list[i]);
	free(list);
}

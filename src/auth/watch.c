#include "auth/watch.h"

#include <stdlib.h>

#include "auth/rules.h"
#include "auth/watch_state.h"
#include "base/err.h"
#include "sip/uri.h"

static size_t owned_by(const struct source *s)
{
	const struct refusals *r = s->refusals;

	return (s->asked ? SCAN_TARGETS * sizeof(*s->asked) : 0) +
		(r ? sizeof(*r) + r->tried_room * sizeof(*r->tried) : 0);
}

static void drop_source(void *arg, void *record)
{
	struct watch *w = arg;
	struct source *s = record;

	if (w->last == s)
		w->last = NULL;
	w->owned -= owned_by(s);
	if (s->refusals)
		free(s->refusals->tried);
	free(s->refusals);
	free(s->asked);
}

static void drop_suspect(void *arg, void *record)
{
	(void)arg;
	free(((struct suspect *)record)->guesses);
}

struct watch *watch_new(struct storage *storage, size_t sources, size_t suspects)
{
	struct watch *w = xcalloc(1, sizeof(*w));

	table_init(&w->sources, storage, sizeof(struct source), sources);
	w->sources.drop = drop_source;
	w->sources.arg = w;
	table_init(&w->suspects, storage, sizeof(struct suspect), suspects);
	w->suspects.drop = drop_suspect;
	return w;
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	table_free(&w->sources);
	table_free(&w->suspects);
	free(w);
}

uint64_t watch_evicted(const struct watch *w)
{
	return w->sources.evicted + w->suspects.evicted;
}

size_t watch_bytes(const struct watch *w)
{
	return table_bytes(&w->sources) + w->owned + table_bytes(&w->suspects) +
		w->suspects.count * sizeof(struct guess) * 2;
}

bool watch_is_scanner(const struct watch *w, const struct address *address)
{
	const struct source *s = peek_source(w, address);

	return s && s->scans && !s->accepted;
}

bool watch_may_be_scanner(const struct watch *w, const struct address *address)
{
	const struct source *s = peek_source(w, address);

	return s && !s->accepted &&
		(s->scans || s->failures > HELD_FAILURES || s->asked_total > HELD_TARGETS);
}

enum confidence watch_at_best(const struct tracker *t, enum confidence confidence)
{
	return watch_evicted(t->watch) && confidence > CONFIDENCE_LIKELY ? CONFIDENCE_LIKELY
									 : confidence;
}

/* ---- accounts of its own ---- */

/* A phone and a further account of its own. */
static uint64_t about_own(const struct exchange *x, uint64_t account)
{
	return hash_mix(account, address_ip_hash(&x->client, 0));
}

static bool is_own(struct tracker *t, const struct source *s, const struct exchange *x, uint64_t account)
{
	return s->own == (uint32_t)account || facts_get(t->facts, FACT_OWN_PHONE, about_own(x, account));
}

static void note_own(struct tracker *t, struct source *s, const struct exchange *x, uint64_t account)
{
	if (!s->own)
		s->own = (uint32_t)account;
	else if (s->own != (uint32_t)account)
		facts_put(t->facts, FACT_OWN_PHONE, about_own(x, account));
}

/* ---- scans ---- */

/* The ring, once there is more than one. */
static void ask_more(struct watch *w, struct source *s)
{
	s->asked = xcalloc(SCAN_TARGETS, sizeof(*s->asked));
	s->asked[0] = s->first;
	w->owned += SCAN_TARGETS * sizeof(*s->asked);
}

/* Asks for something that is not in the ring yet; false: it did so lately. */
static bool asks_anew(struct watch *w, struct source *s, struct asked asked)
{
	struct asked *ring = s->asked ? s->asked : &s->first;

	for (unsigned i = 0; i < (s->asked ? SCAN_TARGETS : 1); i++)
		if (ring[i].what == asked.what && ring[i].time) {
			ring[i].time = asked.time;
			return false;
		}
	if (!s->asked && s->asked_total) {
		ask_more(w, s);
		ring = s->asked;
	}
	ring[s->asked_next] = asked;
	s->asked_next = (uint8_t)((s->asked_next + 1) % SCAN_TARGETS);
	s->asked_total++;
	return true;
}

void watch_asked(struct tracker *t, const struct exchange *x, const struct attempt *a)
{
	struct source *s = source_for(t->watch, &x->client);
	struct scope_note *n;
	struct address host;
	uint64_t what;

	/* who brings passwords is no scanner: other findings speak of it */
	if (x->leg_of || x->in_dialog || s->accepted ||
		(s->refusals && s->refusals->total * 2 >= s->asked_total))
		return;
	what = slice_hash(name_addr_user(a->request.msg.to), address_ip_hash(&x->target, 0));
	if (!asks_anew(t->watch, s, (struct asked){what, a->request.time}))
		return;
	if (!s->scans &&
		(s->asked_total < SCAN_TARGETS ||
			a->request.time - s->asked[s->asked_next].time > SCAN_TIME))
		return;
	s->scans = true;
	n = scope_note(t, FINDING_SCAN_SUSPECTED, SCOPE_SERVER, table_key(&s->node));
	if (!n)
		return;
	host = host_of(&x->client);
	scope_seen(n, &a->request, x->n);
	scope_address(n, &host);
	n->count = s->asked_total;
	if (!n->span)
		s->scan_began = s->asked[s->asked_next].time ? s->asked[s->asked_next].time
							     : a->request.time;
	n->span = a->request.time - s->scan_began;
	n->confidence = CONFIDENCE_LIKELY;
	n->server = x->target;
}

/* ---- what the server said ---- */

static void account_accepted(struct tracker *t, struct source *source, const struct exchange *x,
	const struct attempt *a, const struct credential *k)
{
	uint64_t account = account_of(x, k);
	struct suspect *s = suspect_for(t->watch, account, false);
	const struct observed *seen = a->final ? &a->final->seen : &a->request;
	struct refusals *r = source->refusals;
	struct tried *u = r ? tried_for(r, slice_hash(k->username, 0), seen->time) : NULL;
	bool tried_here = u && u->refused && !is_own(t, source, x, account);
	struct scope_note *n;

	if (s && s->refused >= LOCKOUT_REFUSALS && s->silent >= LOCKOUT_SILENCES)
		note_lockout(t, s, x, k, seen, seen->time);
	if (!u || !u->refused)
		note_own(t, source, x, account);
	if (tried_here && ((s && s->guessed) || r->sprays)) {
		n = account_note(t, FINDING_ACCOUNT_COMPROMISED, x, k);
		if (n) {
			scope_seen(n, seen, x->n);
			n->count = r->sprays ? r->total : s->total;
			n->confidence = CONFIDENCE_LIKELY;
		}
	}
	if (u) {
		u->answers++;
		u->accepted = true;
		u->last = seen->time;
	}
	if (s)
		s->refused = s->silent = s->verified = 0;
}

static void withdraw(struct tracker *t, enum finding_id id, const struct source *s)
{
	struct scope_note *n = scope_note(t, id, SCOPE_SERVER, table_key(&s->node));

	if (n)
		n->withdrawn = true;
}

/* Who is accepted is no scanner; who is accepted for others is a NAT or an SBC, and no attacker. */
static void source_accepted(struct tracker *t, struct source *s, const struct credential *k)
{
	bool tried = false;

	for (unsigned i = 0; s->refusals && i < s->refusals->tried_count; i++)
		tried = tried || s->refusals->tried[i].user == slice_hash(k->username, 0);
	if (s->scans && !s->accepted)
		withdraw(t, FINDING_SCAN_SUSPECTED, s);
	s->accepted = true;
	free(s->asked);
	s->asked = NULL;
	if (tried || s->others_accepted)
		return;
	s->others_accepted = true;
	if (s->refusals) {
		withdraw(t, FINDING_AUTH_FAILURE_FLOOD, s);
		withdraw(t, FINDING_PASSWORD_SPRAYING, s);
	}
}

void watch_judged(struct tracker *t, const struct exchange *x, const struct attempt *a)
{
	if (x->leg_of)
		return;
	for (unsigned i = 0; i < a->credential_count; i++) {
		const struct credential *k = &a->credentials[i];
		struct source *source;

		if (k->judgement != JUDGEMENT_ACCEPTED && (k->judgement != JUDGEMENT_REJECTED || !k->newest))
			continue;
		source = source_for(t->watch, &x->client);
		t->watch->owned -= owned_by(source);
		if (k->judgement == JUDGEMENT_ACCEPTED) {
			account_accepted(t, source, x, a, k);
			source_accepted(t, source, k);
		} else {
			source_refused(t, source, x, a->final, k);
			account_refused(t, x, a, k);
		}
		t->watch->owned += owned_by(source);
	}
}

/* ---- closed exchanges ---- */

static void look_for_loop(
	struct tracker *t, struct suspect *s, const struct exchange *x, const struct credential *k)
{
	struct scope_note *n;

	s->failed[s->failed_next].cause = x->cause->id;
	s->failed[s->failed_next].time = x->last_time;
	s->failed[s->failed_next].n = x->n;
	s->failed_next = (s->failed_next + 1) % LOOP_CHAINS;
	for (unsigned i = 0; i < LOOP_CHAINS; i++)
		if (!s->failed[i].n || s->failed[i].cause != x->cause->id ||
			x->last_time - s->failed[i].time > LOOP_TIME)
			return;
	n = account_note(t, FINDING_AUTH_LOOP, x, k);
	if (!n)
		return;
	for (unsigned i = 0; !n->exchange_count && i + 1 < LOOP_CHAINS; i++)
		n->exchanges[n->exchange_count++] = s->failed[(s->failed_next + i) % LOOP_CHAINS].n;
	scope_seen(n,
		x->last_attempt->final ? &x->last_attempt->final->seen : &x->last_attempt->request,
		x->n);
	n->count = n->exchange_count > n->finding.frame_total + LOOP_CHAINS - 1
		? n->exchange_count
		: n->finding.frame_total + LOOP_CHAINS - 1;
	n->value = slice_of(finding_kind(x->cause->id)->id);
	scope_say(t, &n->detail, " in %llu exchanges of user \"%.*s\"",
		(unsigned long long)n->count, SLICE_ARG(k->username));
	n->fault = x->cause->fault;
}

void watch_closed(struct tracker *t, const struct exchange *x)
{
	const struct attempt *last = x->last_attempt;
	const struct credential *k = NULL;
	struct source *source;

	if (x->leg_of || x->keepalive)
		return;
	if (outcome_failed(x->outcome) || was_raised(x, FINDING_REFUSED_WITHOUT_CHALLENGE)) {
		source = source_for(t->watch, &x->client);
		if (x->last_time - source->failures_since > FLOOD_TIME)
			source->failures = 0;
		if (!source->failures++)
			source->failures_since = x->last_time;
	}
	if (!outcome_failed(x->outcome))
		return;
	for (unsigned i = 0; i < last->credential_count; i++)
		if (last->credentials[i].username.n)
			k = &last->credentials[i];
	if (x->outcome == OUTCOME_NO_REPLY)
		account_silent(t, x, k, &last->request);
	else if (k && x->cause)
		look_for_loop(t, suspect_for(t->watch, account_of(x, k), true), x, k);
}

#include "auth/watch.h"

#include <stdlib.h>

#include "auth/engine.h"
#include "auth/rules.h"
#include "auth/scope.h"
#include "base/err.h"
#include "sip/uri.h"

enum {
	FLOOD_REFUSALS = 20, /* in FLOOD_TIME from one source */
	BURST_REFUSALS = 5,  /* in BURST_TIME */
	FLOOD_USERS = 5,     /* in USERS_TIME from one source, mostly refused */
	FLOOD_SOURCES = 5,   /* in USERS_TIME on one user */
	SPRAY_ANSWERS = 3,   /* for one user, at most */
	GUESSES = 10,        /* refused for one user in USERS_TIME */
	GUESSES_PROVEN = 3,  /* different digests of the same values */
	SCAN_TARGETS = 10,   /* in SCAN_TIME from one source */
	LOCKOUT_REFUSALS = 3,
	LOCKOUT_SILENCES = 2,
	LOOP_CHAINS = 3, /* in LOOP_TIME */
	TRIED_MAX = 32,
	HELD_FAILURES = 5 /* open failures of one source before its members are held back */
};

#define FLOOD_TIME (60 * SECOND)
#define BURST_TIME SECOND
#define USERS_TIME (300 * SECOND)
#define SCAN_TIME  (60 * SECOND)
#define LOOP_TIME  (3600 * SECOND)

/* One user that a source tried. */
struct tried {
	uint64_t user;
	int64_t last;
	uint32_t answers, refused;
	bool accepted;
	bool accepted_first; /* before anything was refused: its own phone */
};

/* What costs memory only once something was refused. */
struct refusals {
	int64_t times[FLOOD_REFUSALS]; /* ring */
	unsigned next;
	uint64_t total;
	struct tried tried[TRIED_MAX];
	unsigned tried_count;
	bool sprays;
};

struct source {
	struct lru_node node;
	struct address address;
	struct {
		uint64_t what;
		int64_t time;
	} asked[SCAN_TARGETS]; /* ring of different ones */
	unsigned asked_next;
	uint64_t asked_total, failures;
	int64_t failures_since;
	struct refusals *refusals;
	bool accepted, scans;
};

/* An account that was refused. */
struct suspect {
	struct lru_node node;
	int64_t times[GUESSES];  /* of refusals, ring */
	uint64_t calls[GUESSES]; /* their Call-IDs */
	unsigned next;
	uint64_t total;
	uint64_t same_values; /* hash of what the newest legacy answer was made from */
	uint64_t digests[GUESSES_PROVEN];
	unsigned digest_count;
	struct {
		uint64_t source;
		int64_t time;
	} sources[FLOOD_SOURCES];
	unsigned source_next;
	/* since the last success */
	uint32_t refused, silent;
	bool verified; /* of the silent ones: a right digest was among them */
	int64_t silent_since;
	/* same failure again and again */
	struct {
		enum finding_id cause;
		int64_t time;
		uint32_t n;
	} failed[LOOP_CHAINS];
	unsigned failed_next;
	bool guessed;
};

struct watch {
	struct lru sources, suspects;
};

static void drop_source(struct lru_node *node)
{
	free(((struct source *)node)->refusals);
	free(node);
}

static void drop_suspect(struct lru_node *node)
{
	free(node);
}

struct watch *watch_new(void)
{
	struct watch *w = xcalloc(1, sizeof(*w));

	lru_init(&w->sources, WATCH_SOURCES_MAX, drop_source);
	lru_init(&w->suspects, WATCH_SUSPECTS_MAX, drop_suspect);
	return w;
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	lru_free(&w->sources);
	lru_free(&w->suspects);
	free(w);
}

uint64_t watch_evicted(const struct watch *w)
{
	return w->sources.evicted + w->suspects.evicted;
}

static struct source *source_for(struct watch *w, const struct address *address)
{
	uint64_t key = address_ip_hash(address, 0);
	struct source *s = (struct source *)lru_get(&w->sources, key);

	if (s)
		return s;
	s = xcalloc(1, sizeof(*s));
	s->address = *address;
	s->address.port = 0;
	lru_add(&w->sources, key, &s->node);
	return s;
}

static const struct source *find_source(const struct watch *w, const struct address *address)
{
	return map_get(&w->sources.map, address_ip_hash(address, 0));
}

bool watch_is_scanner(const struct watch *w, const struct address *address)
{
	const struct source *s = find_source(w, address);

	return s && s->scans && !s->accepted;
}

bool watch_may_be_scanner(const struct watch *w, const struct address *address)
{
	const struct source *s = find_source(w, address);

	return s && !s->accepted && (s->scans || s->failures > HELD_FAILURES);
}

/* Facts about accounts are weaker once some were forgotten (HOUSE "Speed"). */
static enum confidence at_best(const struct tracker *t, enum confidence confidence)
{
	return watch_evicted(t->watch) && confidence > CONFIDENCE_LIKELY ? CONFIDENCE_LIKELY
									 : confidence;
}

/* ---- scans ---- */

void watch_asked(struct tracker *t, const struct exchange *x, const struct attempt *a)
{
	struct source *s = source_for(t->watch, &x->client);
	uint64_t what =
		slice_hash(name_addr_user(a->request.msg.to), address_ip_hash(&x->target, 0));
	struct scope_note *n;

	/* who brings passwords is no scanner: other findings speak of it */
	if (x->leg_of || x->in_dialog || s->accepted ||
		(s->refusals && s->refusals->total * 2 >= s->asked_total))
		return;
	for (unsigned i = 0; i < SCAN_TARGETS; i++)
		if (s->asked[i].what == what && s->asked[i].time) {
			s->asked[i].time = a->request.time;
			return;
		}
	s->asked_total++;
	s->asked[s->asked_next].what = what;
	s->asked[s->asked_next].time = a->request.time;
	s->asked_next = (s->asked_next + 1) % SCAN_TARGETS;
	if (!s->scans &&
		(s->asked_total < SCAN_TARGETS ||
			a->request.time - s->asked[s->asked_next].time > SCAN_TIME))
		return;
	s->scans = true;
	n = scope_note(t, FINDING_SCAN_SUSPECTED, SCOPE_SERVER, s->node.key);
	if (!n)
		return;
	scope_seen(n, &a->request, x->n);
	scope_address(n, &s->address);
	n->count = s->asked_total;
	n->confidence = CONFIDENCE_LIKELY;
	n->server = x->target;
}

/* ---- refusals by source ---- */

static struct tried *tried_for(struct refusals *r, uint64_t user, int64_t now)
{
	struct tried *oldest = r->tried;

	for (unsigned i = 0; i < r->tried_count; i++) {
		if (r->tried[i].user == user)
			return &r->tried[i];
		if (r->tried[i].last < oldest->last)
			oldest = &r->tried[i];
	}
	if (r->tried_count < TRIED_MAX)
		oldest = &r->tried[r->tried_count++];
	*oldest = (struct tried){.user = user, .last = now};
	return oldest;
}

static struct refusals *refusals_of(struct source *s)
{
	if (!s->refusals)
		s->refusals = xcalloc(1, sizeof(*s->refusals));
	return s->refusals;
}

/* The users that were tried within the time, by how it went. */
struct tally {
	unsigned users, answers, refused, most;
	bool accepted;
};

static struct tally tally_users(const struct refusals *r, int64_t now)
{
	struct tally tally = {0};

	for (unsigned i = 0; i < r->tried_count; i++) {
		const struct tried *u = &r->tried[i];

		if (now - u->last > USERS_TIME)
			continue;
		tally.users++;
		tally.answers += u->answers;
		tally.refused += u->refused;
		tally.accepted = tally.accepted || u->accepted;
		if (u->answers > tally.most)
			tally.most = u->answers;
	}
	return tally;
}

static unsigned refusals_within(const struct refusals *r, int64_t now, int64_t span)
{
	unsigned n = 0;

	for (unsigned i = 0; i < FLOOD_REFUSALS; i++)
		n += r->times[i] && now - r->times[i] <= span;
	return n;
}

static void note_flood(struct tracker *t, struct source *s, const struct exchange *x,
	const struct response *r, struct slice detail)
{
	struct scope_note *n = scope_note(t, FINDING_AUTH_FAILURE_FLOOD, SCOPE_SERVER, s->node.key);

	if (!n)
		return;
	scope_seen(n, &r->seen, x->n);
	scope_address(n, &s->address);
	n->server = x->target;
	n->detail = detail;
	n->count = s->refusals->total;
	n->confidence = at_best(t, CONFIDENCE_PROVEN);
}

static void note_spray(struct tracker *t, struct source *s, const struct exchange *x,
	const struct response *r, struct tally tally)
{
	struct scope_note *n = scope_note(t, FINDING_PASSWORD_SPRAYING, SCOPE_SERVER, s->node.key);

	s->refusals->sprays = true;
	if (!n)
		return;
	scope_seen(n, &r->seen, x->n);
	scope_address(n, &s->address);
	n->server = x->target;
	n->count = tally.users > s->refusals->tried_count ? tally.users : s->refusals->tried_count;
	n->limit = tally.most;
	n->confidence = CONFIDENCE_LIKELY;
}

static void source_refused(struct tracker *t, struct source *s, const struct exchange *x,
	const struct response *r, const struct credential *k)
{
	struct refusals *f = refusals_of(s);
	int64_t now = r->seen.time;
	struct tried *u = tried_for(f, slice_hash(k->username, 0), now);
	struct tally tally;
	char address[ADDRESS_TEXT];
	bool many;

	f->times[f->next] = now;
	f->next = (f->next + 1) % FLOOD_REFUSALS;
	f->total++;
	u->last = now;
	u->answers++;
	u->refused++;
	tally = tally_users(f, now);
	many = refusals_within(f, now, FLOOD_TIME) >= FLOOD_REFUSALS ||
		refusals_within(f, now, BURST_TIME) >= BURST_REFUSALS;
	address_format_ip(&s->address, address);
	/* behind a NAT or an SBC others are accepted */
	if (tally.accepted || tally.refused * 10 <= tally.answers * 8)
		return;
	if (many || tally.users >= FLOOD_USERS)
		note_flood(t, s, x, r,
			tally.users > 1
				? scope_printf(t, "all from %s, for %u users", address, tally.users)
				: scope_printf(t, "all from %s, for user \"%.*s\"", address,
					  SLICE_ARG(k->username)));
	if (tally.users >= FLOOD_USERS && tally.most <= SPRAY_ANSWERS)
		note_spray(t, s, x, r, tally);
}

/* ---- refusals by account ---- */

static struct suspect *suspect_for(struct watch *w, uint64_t account, bool create)
{
	struct suspect *s = (struct suspect *)lru_get(&w->suspects, account);

	if (s || !create)
		return s;
	s = xcalloc(1, sizeof(*s));
	lru_add(&w->suspects, account, &s->node);
	return s;
}

static uint64_t account_of(const struct exchange *x, const struct credential *k)
{
	return about_account(&x->target, k->username, k->realm);
}

static struct scope_note *account_note(
	struct tracker *t, enum finding_id id, const struct exchange *x, const struct credential *k)
{
	struct scope_note *n = scope_note(t, id, SCOPE_ACCOUNT, account_of(x, k));

	if (!n)
		return NULL;
	if (!n->user.p) {
		n->user = scope_text(t, k->username);
		n->realm = scope_text(t, k->realm);
		n->server = x->target;
	}
	scope_address(n, &x->client);
	return n;
}

/* Answers without qop to the same nonce, method and uri differ only if the secrets do (RFC 2069). */
static bool proven_different(
	struct suspect *s, const struct credential *k, const struct observed *request)
{
	uint64_t values =
		slice_hash(k->nonce, slice_hash(k->uri, slice_hash(request->msg.method_name, 0)));
	uint64_t digest = slice_hash(k->response, 0);

	if (k->qop.p)
		return false;
	if (s->same_values != values) {
		s->same_values = values;
		s->digest_count = 0;
	}
	for (unsigned i = 0; i < s->digest_count; i++)
		if (s->digests[i] == digest)
			return s->digest_count == GUESSES_PROVEN;
	if (s->digest_count < GUESSES_PROVEN)
		s->digests[s->digest_count++] = digest;
	return s->digest_count == GUESSES_PROVEN;
}

/* One device keeps its Call-ID while it repeats one wrong secret (RFC 3261 10.2). */
static bool several_calls(const struct suspect *s)
{
	for (unsigned i = 1; i < GUESSES; i++)
		if (s->calls[i] != s->calls[0])
			return true;
	return false;
}

static void look_for_guessing(struct tracker *t, struct suspect *s, const struct exchange *x,
	const struct attempt *a, const struct credential *k)
{
	int64_t now = a->final->seen.time;
	bool proven = proven_different(s, k, &a->request);
	struct scope_note *n;

	s->times[s->next] = now;
	s->calls[s->next] = slice_hash(a->request.msg.call_id, 0);
	s->next = (s->next + 1) % GUESSES;
	s->total++;
	/* the place to be overwritten next holds the oldest of the ring */
	if (!proven && !s->guessed &&
		(s->total < GUESSES || now - s->times[s->next] > USERS_TIME || !several_calls(s)))
		return;
	s->guessed = true;
	n = account_note(t, FINDING_PASSWORD_GUESSING, x, k);
	if (!n)
		return;
	scope_seen(n, &a->final->seen, x->n);
	n->count = s->total;
	n->confidence = CONFIDENCE_LIKELY;
}

static void look_for_many_sources(struct tracker *t, struct suspect *s, const struct exchange *x,
	const struct attempt *a, const struct credential *k)
{
	int64_t now = a->final->seen.time;
	uint64_t source = address_ip_hash(&x->client, 0);
	unsigned recent = 0;
	struct scope_note *n;
	bool known = false;

	for (unsigned i = 0; i < FLOOD_SOURCES; i++)
		if (s->sources[i].source == source && s->sources[i].time) {
			s->sources[i].time = now;
			known = true;
		}
	if (!known) {
		s->sources[s->source_next].source = source;
		s->sources[s->source_next].time = now;
		s->source_next = (s->source_next + 1) % FLOOD_SOURCES;
	}
	for (unsigned i = 0; i < FLOOD_SOURCES; i++)
		recent += s->sources[i].time && now - s->sources[i].time <= USERS_TIME;
	if (recent < FLOOD_SOURCES)
		return;
	n = account_note(t, FINDING_AUTH_FAILURE_FLOOD, x, k);
	if (!n)
		return;
	scope_seen(n, &a->final->seen, x->n);
	n->scope = SCOPE_SERVER;
	n->detail = scope_printf(
		t, "for user \"%.*s\" from at least %u addresses", SLICE_ARG(k->username), recent);
	n->count = s->total;
	n->confidence = at_best(t, CONFIDENCE_PROVEN);
}

/* ---- lock-out ---- */

static void note_lockout(struct tracker *t, struct suspect *s, const struct exchange *x,
	const struct credential *k, const struct observed *seen, int64_t until)
{
	struct scope_note *n = account_note(t, FINDING_LOCKOUT_SUSPECTED, x, k);

	if (!n)
		return;
	scope_seen(n, seen, x->n);
	n->count = s->refused;
	n->detail = scope_printf(t, until ? " for %lld s" : " for at least %lld s",
		(long long)(((until ? until : seen->time) - s->silent_since) / SECOND));
	n->confidence = CONFIDENCE_LIKELY;
}

static void account_silent(struct tracker *t, const struct exchange *x, const struct credential *k,
	const struct observed *seen)
{
	struct suspect *s = suspect_for(t->watch, account_of(x, k), false);

	if (!s || s->refused < LOCKOUT_REFUSALS)
		return;
	if (!s->silent++)
		s->silent_since = seen->time;
	s->verified = s->verified || k->verification == VERIFICATION_MATCH;
	if (s->silent >= LOCKOUT_SILENCES && s->verified)
		note_lockout(t, s, x, k, seen, 0);
}

/* ---- what the server said ---- */

static void account_refused(struct tracker *t, const struct exchange *x, const struct attempt *a,
	const struct credential *k)
{
	struct suspect *s = suspect_for(t->watch, account_of(x, k), true);

	if (a->final->status == 403 && s->refused >= LOCKOUT_REFUSALS) {
		account_silent(t, x, k, &a->final->seen);
		return;
	}
	s->refused++;
	look_for_guessing(t, s, x, a, k);
	look_for_many_sources(t, s, x, a, k);
}

static void account_accepted(struct tracker *t, struct source *source, const struct exchange *x,
	const struct attempt *a, const struct credential *k)
{
	struct suspect *s = suspect_for(t->watch, account_of(x, k), false);
	const struct observed *seen = a->final ? &a->final->seen : &a->request;
	struct refusals *r = source->refusals;
	struct tried *u = r ? tried_for(r, slice_hash(k->username, 0), seen->time) : NULL;
	bool tried_here = u && u->refused && !u->accepted_first;
	struct scope_note *n;

	if (s && s->refused >= LOCKOUT_REFUSALS && s->silent >= LOCKOUT_SILENCES)
		note_lockout(t, s, x, k, seen, seen->time);
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

void watch_judged(struct tracker *t, const struct exchange *x, const struct attempt *a)
{
	struct source *source = source_for(t->watch, &x->client);

	if (x->leg_of)
		return;
	for (unsigned i = 0; i < a->credential_count; i++) {
		const struct credential *k = &a->credentials[i];

		if (k->judgement == JUDGEMENT_ACCEPTED) {
			struct scope_note *scan;

			account_accepted(t, source, x, a, k);
			if (source->scans && !source->accepted) {
				scan = scope_note(
					t, FINDING_SCAN_SUSPECTED, SCOPE_SERVER, source->node.key);
				if (scan)
					scan->withdrawn = true;
			}
			source->accepted = true;
		} else if (k->judgement == JUDGEMENT_REJECTED && k->newest) {
			source_refused(t, source, x, a->final, k);
			account_refused(t, x, a, k);
		}
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
	n->detail = scope_printf(t, " in %llu exchanges of user \"%.*s\"",
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
	for (unsigned i = 0; i < last->credential_count; i++)
		if (last->credentials[i].username.n)
			k = &last->credentials[i];
	if (!k || !outcome_failed(x->outcome))
		return;
	if (x->outcome == OUTCOME_NO_REPLY)
		account_silent(t, x, k, &last->request);
	else if (x->cause)
		look_for_loop(t, suspect_for(t->watch, account_of(x, k), true), x, k);
}

/* Refusals by account: guessing, many sources, lock-outs. */
#include "auth/watch_state.h"

#include "base/err.h"

struct suspect *suspect_for(struct watch *w, uint64_t account, bool create)
{
	return create ? table_put(&w->suspects, account) : table_get(&w->suspects, account);
}

uint64_t account_of(const struct exchange *x, const struct credential *k)
{
	return about_credential(&x->target, k);
}

static struct scope_note *note_for(struct tracker *t, enum finding_id id, const struct exchange *x,
	uint64_t account, struct slice user, struct slice realm)
{
	struct scope_note *n = scope_note(t, id, SCOPE_ACCOUNT, account);

	if (!n)
		return NULL;
	if (!n->user.p) {
		n->user = scope_text(t, user);
		n->realm = scope_text(t, realm);
		n->server = x->target;
	}
	scope_address(n, &x->client);
	return n;
}

struct scope_note *account_note(
	struct tracker *t, enum finding_id id, const struct exchange *x, const struct credential *k)
{
	return note_for(t, id, x, account_of(x, k), k->username, k->realm);
}

/*
 * Answers without qop to the same nonce, method and uri differ only if the secrets do (RFC 2069); and so do
 * answers that verify with different known secrets.
 */
static bool proven_different(
	struct suspect *s, const struct credential *k, const struct observed *request)
{
	bool known = k->verification == VERIFICATION_MATCH && k->secret;
	uint64_t values = known
		? 1
		: slice_hash(k->nonce, slice_hash(k->uri, slice_hash(request->msg.method_name, 0)));
	uint64_t digest = known ? (uint64_t)(uintptr_t)k->secret : slice_hash(k->response, 0);

	if (k->qop.p && !known)
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

static bool answered_so_before(const struct suspect *s, const struct credential *k)
{
	uint32_t response = (uint32_t)slice_hash(k->response, 0);

	for (unsigned i = 0; i < s->guess_count; i++)
		if (s->guesses[i].response == response)
			return true;
	return false;
}

/* A device keeps its Call-ID (RFC 3261 10.2), those who guess seldom do. */
static bool several_calls(const struct suspect *s)
{
	for (unsigned i = 1; i < s->guess_count; i++)
		if (s->guesses[i].call != s->guesses[0].call)
			return true;
	/* so few that they need not come from one device */
	return s->guess_count < GUESSES;
}

static void add_guess(struct suspect *s, struct guess guess)
{
	if (s->guess_count == s->guess_room && s->guess_count < GUESSES) {
		s->guess_room = s->guess_room ? s->guess_room * 3 : 1;
		if (s->guess_room > GUESSES)
			s->guess_room = GUESSES;
		s->guesses = xrealloc(s->guesses, s->guess_room * sizeof(*s->guesses));
	}
	s->guesses[s->next] = guess;
	s->next = (s->next + 1) % GUESSES;
	s->guess_count += s->guess_count < GUESSES;
	s->total++;
}

static void look_for_guessing(struct tracker *t, struct suspect *s, const struct exchange *x,
	const struct attempt *a, const struct credential *k)
{
	int64_t now = a->final->seen.time;
	bool proven = proven_different(s, k, &a->request);
	struct scope_note *n;

	/* the very same answer again is no further guess */
	if (answered_so_before(s, k))
		return;
	add_guess(s,
		(struct guess){now, (uint32_t)slice_hash(a->request.msg.call_id, 0),
			(uint32_t)slice_hash(k->response, 0)});
	/* the place to be overwritten next holds the oldest of the ring */
	if (!proven && !s->guessed && (s->total < GUESSES || now - s->guesses[s->next].time > USERS_TIME))
		return;
	s->guessed = true;
	n = account_note(t, FINDING_PASSWORD_GUESSING, x, k);
	if (!n)
		return;
	scope_seen(n, &a->final->seen, x->n);
	if (!s->began)
		s->began = s->guesses[s->total < GUESSES ? 0 : s->next].time;
	n->span = now - s->began;
	n->count = s->total;
	/* one device that repeats one wrong secret looks almost the same */
	n->confidence = proven || several_calls(s) ? CONFIDENCE_LIKELY : CONFIDENCE_POSSIBLE;
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
	scope_say(t, &n->detail, "for user \"%.*s\" from at least %u addresses",
		SLICE_ARG(k->username), recent);
	n->count = s->total;
	n->confidence = watch_at_best(t, CONFIDENCE_PROVEN);
}

/* ---- lock-out ---- */

/* A request without credentials names its account by the From user only. */
static uint64_t about_caller(const struct exchange *x)
{
	return about_account(&x->target, x->from_user, SLICE("")) +
		address_ip_hash(&x->client, 0);
}

void watch_foresee_account(const struct watch *w, const struct address *server, const struct credential *k)
{
	table_foresee(&w->suspects, about_credential(server, k));
}

void watch_foresee_refused(const struct tracker *t, const struct exchange *x)
{
	facts_foresee(t->facts, FACT_SUSPECT, about_caller(x));
}

void note_lockout(struct tracker *t, struct suspect *s, const struct exchange *x,
	const struct credential *k, const struct observed *seen, int64_t until)
{
	struct slice user = k ? k->username : x->from_user;
	struct scope_note *n = note_for(
		t, FINDING_LOCKOUT_SUSPECTED, x, table_key(&s->node), user, k ? k->realm : SLICE_ABSENT);

	if (!n)
		return;
	scope_seen(n, seen, x->n);
	n->count = s->refused;
	scope_say(t, &n->detail, until ? " for %lld s" : " for at least %lld s",
		(long long)(((until ? until : seen->time) - s->silent_since) / SECOND));
	n->confidence = CONFIDENCE_LIKELY;
}

void account_silent(struct tracker *t, const struct exchange *x, const struct credential *k,
	const struct observed *seen)
{
	const struct fact *f = k ? NULL : facts_get(t->facts, FACT_SUSPECT, about_caller(x));
	uint64_t account = k ? account_of(x, k) : f ? (uint64_t)f->value : 0;
	struct suspect *s = account ? suspect_for(t->watch, account, false) : NULL;

	if (!s || s->refused < LOCKOUT_REFUSALS)
		return;
	if (!s->silent++)
		s->silent_since = seen->time;
	s->verified = s->verified || (k && k->verification == VERIFICATION_MATCH);
	if (s->silent >= LOCKOUT_SILENCES && s->verified)
		note_lockout(t, s, x, k, seen, 0);
}

void account_refused(struct tracker *t, const struct exchange *x, const struct attempt *a,
	const struct credential *k)
{
	struct suspect *s = suspect_for(t->watch, account_of(x, k), true);

	if (a->final->status == 403 && s->refused >= LOCKOUT_REFUSALS) {
		account_silent(t, x, k, &a->final->seen);
		return;
	}
	s->refused++;
	facts_put(t->facts, FACT_SUSPECT, about_caller(x))->value = (int64_t)account_of(x, k);
	look_for_guessing(t, s, x, a, k);
	look_for_many_sources(t, s, x, a, k);
}

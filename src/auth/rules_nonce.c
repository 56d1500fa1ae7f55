/* Which nonce was used, how old it was, how often (CATALOGUE section 5). */
#include "auth/rules.h"

/* The credentials of the same user, realm and kind in the next attempt. */
static const struct credential *next_try(const struct attempt *a, const struct credential *k)
{
	const struct attempt *next = a->next;

	for (unsigned i = 0; next && i < next->credential_count; i++) {
		const struct credential *n = &next->credentials[i];

		if (n->kind == k->kind && slice_eq(n->realm, k->realm) &&
			slice_eq(n->username, k->username))
			return n;
	}
	return NULL;
}

static bool replayed(const struct credential *k)
{
	return k->qop.p && k->history.issues && k->history.same_nc > k->history.issues;
}

static struct slice newest_nonce(const struct diagnosis *d, const struct credential *k)
{
	/* what the slot was challenged with when the request was sent */
	if (k->match == MATCH_REALM)
		return k->challenge->nonce;
	return k->slot >= 0 && d->x->slots[k->slot].newest ? d->x->slots[k->slot].newest->nonce
							   : SLICE_ABSENT;
}

static void old_nonce(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	if (!k->digest || !k->history.known || !k->history.replaced || k->newest ||
		(k->match != MATCH_REALM && k->match != MATCH_NONCE))
		return;
	raise_finding(d, id, d->x->guards.clock_jump ? CONFIDENCE_POSSIBLE : CONFIDENCE_PROVEN,
		at_request(a, PARAM_NONCE),
		SAY(say("nonce", k->nonce), say("other_nonce", newest_nonce(d, k))));
}

/* ---- altered and unknown ---- */

static bool equal_but(struct slice a, struct slice b, char from, char to)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (a.p[i] != b.p[i] && !(a.p[i] == from && b.p[i] == to))
			return false;
	return true;
}

/* How the client's nonce came out of the server's; NULL if it does not look like it. */
static const char *alteration(struct diagnosis *d, const struct credential *k)
{
	struct slice sent = k->challenge->nonce, got = k->nonce;

	if (!sent.n)
		return NULL;
	if (!got.n)
		return "it is empty";
	if (slice_eq_nocase(sent, got))
		return "they differ in case";
	if (slice_eq(slice_trim(sent), slice_trim(got)))
		return "they differ in white space";
	if (slice_eq(param_unescape(params_value(&k->challenge->params, PARAM_NONCE), &d->x->arena),
		    param_unescape(params_value(&k->params, PARAM_NONCE), &d->x->arena)))
		return "backslashes treated differently";
	if (equal_but(sent, got, '+', ' '))
		return "a plus sign became a space";
	if (got.n >= 8 && got.n < sent.n && slice_eq(slice_head(sent, got.n), got)) {
		if (sent.p[got.n] == '=')
			return "cut at an equals sign";
		if (sent.p[got.n] == ':')
			return "cut at a colon";
		return arena_printf(&d->x->arena, "cut at %zu characters", got.n).p;
	}
	if (k->cnonce.n && slice_eq(got, k->cnonce))
		return "it is the cnonce";
	return NULL;
}

static void altered(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	const char *how = k->match == MATCH_REALM && !k->history.known ? alteration(d, k) : NULL;

	if (how)
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_NONCE),
			SAY(say("nonce", k->nonce), say("other_nonce", k->challenge->nonce),
				say_text("detail", how)));
}

/* The capture began well before, and this client was seen: a challenge would have been seen too. */
static bool would_have_been_seen(const struct diagnosis *d)
{
	return d->x->first_time - d->t->stats.first_time >= SILENCE_WINDOW && d->x->server_rtt &&
		!nonces_evicted(d->t->nonces) && d->absence > CONFIDENCE_POSSIBLE;
}

static void unknown(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	bool covered = would_have_been_seen(d);

	if (!k->digest || !k->nonce.n || k->history.known || !was_refused(k) ||
		was_raised(d->x, FINDING_NONCE_ALTERED))
		return;
	/* an answer to this exchange's own challenge, with something else than it gave */
	if (covered || k->match == MATCH_REALM)
		raise_finding(d, id, covered ? CONFIDENCE_LIKELY : CONFIDENCE_POSSIBLE,
			at_request(a, PARAM_NONCE), SAY(say("nonce", k->nonce)));
}

static void unrequested(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	if (a == d->x->attempts && k->digest && !k->history.known)
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_NONCE),
			SAY(say("realm", k->realm)));
}

/* ---- expiry and stale ---- */

static void expired(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	const struct credential *next = next_try(a, k);

	if (k->judgement != JUDGEMENT_PREEMPTIVE || replayed(k) || !next ||
		next->judgement != JUDGEMENT_ACCEPTED)
		return;
	raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, a->final, PARAM_NONCE),
		SAY(say_text("detail", "")));
}

static bool was_stale(const struct attempt *a)
{
	const struct response *r = challenge_response(a);

	for (unsigned i = 0; r && i < r->challenge_count; i++)
		if (r->challenges[i].stale)
			return true;
	return false;
}

static void stale_loop(struct diagnosis *d, enum finding_id id)
{
	const struct attempt *last = d->x->last_attempt;
	int64_t age = shortest_refused_age(d->x);
	struct slice detail =
		SLICE("the nodes of the server do not share their nonces, or the nonce is "
		      "bound to an address that NAT changes, or a replay check refuses them");
	/* a probe answers at once, and knows that it did */
	unsigned enough = d->t->options.client == CLIENT_OURS ? 2 : 3;

	for (unsigned i = 0; i < d->x->slot_count; i++) {
		if (d->x->slots[i].stale_row < enough)
			continue;
		if (age >= SECOND)
			detail = arena_printf(&d->x->arena,
				"the nonce lifetime is shorter than this client's answer time "
				"(%.1f s against at "
				"most %.1f s), or the nodes of the server do not share their "
				"nonces",
				(double)age / (double)SECOND, (double)age / (double)SECOND);
		raise_finding(d, id, CONFIDENCE_PROVEN, at_response(last, last->final, PARAM_STALE),
			SAY(say_number(d, "count", d->x->slots[i].stale_row),
				say("detail", detail)));
		return;
	}
}

/* (b) the nonce that was just called stale is sent again */
static void stale_again(struct diagnosis *d, enum finding_id id, const struct attempt *before,
	const struct attempt *a)
{
	if (!was_stale(before) || was_raised(d->x, FINDING_STALE_LOOP))
		return;
	for (unsigned i = 0; i < a->credential_count; i++)
		for (unsigned j = 0; j < before->credential_count; j++)
			if (a->credentials[i].nonce.n &&
				slice_eq(a->credentials[i].nonce, before->credentials[j].nonce) &&
				before->credentials[j].judgement != JUDGEMENT_PASSED)
				raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_NONCE),
					SAY(say_text("detail", "sent the same nonce again")));
}

/* (a) silence after stale=true */
static void stale_silence(struct diagnosis *d, enum finding_id id)
{
	const struct attempt *last = d->x->last_attempt;

	if (client_went_silent(d) && attempt_has_credentials(last) && was_stale(last) &&
		!was_raised(d->x, FINDING_STALE_LOOP))
		raise_finding(d, id, d->absence, at_response(last, last->final, PARAM_STALE),
			SAY(say_text("detail", "gave up")));
}

static void stale_missing(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	const struct credential *next = next_try(a, k);
	bool proof =
		next && next->judgement == JUDGEMENT_ACCEPTED && !slice_eq(next->nonce, k->nonce);
	bool own_newest = k->match == MATCH_NONCE && k->newest;

	if (!was_refused(k) || !challenge_response(a) || was_stale(a))
		return;
	if (a->final->stale_phrase) {
		raise_finding(d, id, CONFIDENCE_LIKELY, at_response(a, a->final, PARAM_STALE),
			SAY_NOTHING);
		return;
	}
	if (!proof && !k->history.accepted_before)
		return;
	if (replayed(k) || k->verification == VERIFICATION_MISMATCH || (own_newest && !proof))
		return;
	raise_finding(d, id, own_newest ? CONFIDENCE_POSSIBLE : CONFIDENCE_PROVEN,
		at_response(a, a->final, PARAM_STALE), SAY_NOTHING);
}

static void stale_and_wrong(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	if (k->judgement == JUDGEMENT_STALE && k->verification == VERIFICATION_MISMATCH)
		raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, a->final, PARAM_STALE),
			SAY_NOTHING);
}

/* Another exchange of this account got a newer nonce before this answer was judged. */
static void crossed(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	if (k->crossed && k->newest && was_refused(k) && k->verification != VERIFICATION_MISMATCH)
		raise_finding(d, id,
			k->verification == VERIFICATION_MATCH ? CONFIDENCE_LIKELY
							      : CONFIDENCE_POSSIBLE,
			at_request(a, PARAM_NONCE), SAY(say("user", k->username)));
}

/* ---- nonce count ---- */

static enum confidence in_order(const struct diagnosis *d)
{
	return d->x->guards.clock_jump ? CONFIDENCE_POSSIBLE : CONFIDENCE_PROVEN;
}

static void not_incremented(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	struct slice issued = SLICE("once");

	if (!replayed(k))
		return;
	if (k->history.issues != 1)
		issued = arena_printf(&d->x->arena, "%u times", k->history.issues);
	raise_finding(d, id, in_order(d), at_request(a, PARAM_NC),
		SAY(say("value", k->nc), say_number(d, "count", k->history.same_nc),
			say("detail", issued)));
}

static void regressed(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	if (!k->qop.p || !k->nc_value || k->history.issues != 1 || replayed(k) ||
		k->history.same_nc != 1 || k->nc_value >= k->history.highest_nc)
		return;
	raise_finding(d, id, in_order(d), at_request(a, PARAM_NC),
		SAY(say("value", k->nc),
			say("wanted", arena_printf(&d->x->arena, "%08x", k->history.highest_nc))));
}

static void wrong_start(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	bool zero = k->qop.p && k->nc.n == 8 && slice_eq(k->nc, SLICE("00000000"));
	bool ahead = k->qop.p && k->match == MATCH_NONCE && k->history.issues == 1 &&
		k->history.uses == 1 && k->nc_value > 1;

	/* requests in a gap of the capture may have used the lower counts */
	if (k->digest && (zero || (ahead && !d->x->guards.loss_event)))
		raise_finding(d, id, zero ? CONFIDENCE_PROVEN : d->absence, at_request(a, PARAM_NC),
			SAY(say("value", k->nc), say_text("wanted", "00000001")));
}

static void next_ignored(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	if (k->next_ignored)
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_NONCE),
			SAY(say("nonce", k->nonce)));
}

static bool reuses_cnonce(const struct credential *k)
{
	return !k->placeholder && k->cnonce_nonces >= 3;
}

/* The first that does. */
static void which_cnonce(struct diagnosis *d, struct finding *f)
{
	const struct credential *k = f->attempt->credentials;

	while (!reuses_cnonce(k))
		k++;
	finding_values(d, f, SAY(say("value", k->cnonce), say_number(d, "count", k->cnonce_nonces)));
}

static void cnonce_reused(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	if (reuses_cnonce(k))
		raise_later(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_CNONCE), which_cnonce);
}

/* The source of the retry is not that of the challenged request, and the server minds. */
static void source_bound(struct diagnosis *d, enum finding_id id, const struct attempt *before,
	const struct attempt *a)
{
	for (unsigned i = 0; i < a->credential_count; i++) {
		const struct credential *k = &a->credentials[i];
		bool right = k->verification == VERIFICATION_MATCH;
		struct finding *f;

		if (k->judgement != JUDGEMENT_REJECTED || !k->newest || k->match != MATCH_NONCE ||
			k->verification == VERIFICATION_MISMATCH ||
			address_eq(&before->request.src, &a->request.src))
			continue;
		f = raise_finding(d, id, right ? CONFIDENCE_PROVEN : CONFIDENCE_POSSIBLE,
			at_request(a, PARAM_UNKNOWN),
			SAY(say_address(d, "other_address", &before->request.src),
				say_address(d, "address", &a->request.src),
				say_text("detail", right ? "a right digest" : "the credentials")));
		/* that this is why is another matter */
		if (f && right)
			f->as_cause = CONFIDENCE_LIKELY;
	}
}

/* ---- a canned response ---- */

static void frozen(struct diagnosis *d, enum finding_id id, const struct attempt *before,
	const struct attempt *a)
{
	for (unsigned i = 0; i < a->credential_count; i++)
		for (unsigned j = 0; j < before->credential_count; j++) {
			const struct credential *k = &a->credentials[i],
						*old = &before->credentials[j];
			enum confidence confidence = CONFIDENCE_PROVEN;
			const char *changed = NULL;

			if (!k->response.n || !slice_eq(k->response, old->response))
				continue;
			if (!slice_eq(k->nonce, old->nonce))
				changed = "the nonce";
			else if (!slice_eq(k->uri, old->uri))
				changed = "the uri";
			else if (k->qop.p &&
				!(slice_eq(k->cnonce, old->cnonce) && slice_eq(k->nc, old->nc))) {
				/* the formula without qop hashes neither: it would explain this as well */
				changed = slice_eq(k->nc, old->nc) ? "cnonce" : "nc";
				confidence = CONFIDENCE_POSSIBLE;
			}
			if (changed)
				raise_finding(d, id, confidence, at_request(a, PARAM_RESPONSE),
					SAY(say_text("detail", changed)));
		}
}

static const struct rule rules[] = {
	{FINDING_STALE_NONCE_REUSED, .credential = old_nonce, .odd = ODD_NONCE},
	{FINDING_NONCE_ALTERED, .credential = altered, .odd = ODD_ANSWER},
	{FINDING_NONCE_UNKNOWN, .credential = unknown, .odd = ODD_NONCE},
	{FINDING_CREDENTIALS_UNREQUESTED, .credential = unrequested, .odd = ODD_NONCE},
	{FINDING_NONCE_EXPIRED, .credential = expired, .odd = ODD_REFUSED},
	{FINDING_STALE_LOOP, .exchange = stale_loop, .odd = ODD_REFUSED},
	{FINDING_STALE_FLAG_IGNORED, .retry = stale_again, .exchange = stale_silence, .odd = ODD_REFUSED},
	{FINDING_STALE_FLAG_MISSING, .credential = stale_missing, .odd = ODD_REFUSED},
	{FINDING_STALE_WITH_WRONG_DIGEST, .credential = stale_and_wrong, .odd = ODD_REFUSED},
	{FINDING_NONCE_CROSSED, .credential = crossed, .odd = ODD_REFUSED},
	{FINDING_NONCE_COUNT_NOT_INCREMENTED, .credential = not_incremented, .odd = ODD_NONCE},
	{FINDING_NONCE_COUNT_REGRESSED, .credential = regressed, .odd = ODD_NONCE},
	{FINDING_NONCE_COUNT_START, .credential = wrong_start, .odd = ODD_NONCE},
	{FINDING_NEXTNONCE_IGNORED, .credential = next_ignored, .odd = ODD_NONCE},
	{FINDING_CNONCE_REUSED, .credential = cnonce_reused, .odd = ODD_NONCE},
	{FINDING_NONCE_SOURCE_BOUND, .retry = source_bound, .odd = ODD_RETRY},
	{FINDING_RESPONSE_FROZEN, .retry = frozen, .odd = ODD_RETRY},
};

const struct rule_table rules_nonce = RULE_TABLE(rules);

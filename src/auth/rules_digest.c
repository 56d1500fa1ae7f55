/* The digest and what the server said of it (CATALOGUE sections 6 and 7). */
#include "auth/rules.h"

/* ---- with a secret ---- */

static void verified(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	if (k->verification == VERIFICATION_MATCH)
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_RESPONSE),
			SAY(say("user", k->username)));
}

static bool was_verified(const struct credential *k)
{
	return k->verification == VERIFICATION_MATCH || k->verification == VERIFICATION_MISMATCH;
}

static bool lacks_secret(const struct credential *k)
{
	return !k->placeholder && k->digest && k->response.n && !was_verified(k);
}

/* Of the first. */
static void why_unverifiable(struct diagnosis *d, struct finding *f)
{
	const struct credential *k = f->attempt->credentials;
	const struct algorithm_info *info;
	struct slice detail = SLICE("no secret is known for this user and realm");

	while (!lacks_secret(k))
		k++;
	info = algorithm_info(k->algorithm);
	if (k->verification == VERIFICATION_INCOMPLETE)
		detail = SLICE("the body that qop=auth-int covers is cut");
	else if (!info)
		detail = arena_printf(
			&d->x->arena, "algorithm %.*s is not known", SLICE_ARG(k->algorithm_name));
	else if (info->aka)
		detail = SLICE("AKA needs RES, or K and OPc");
	else if (slice_eq_nocase(params_value(&k->params, PARAM_USERHASH), SLICE("true")))
		detail = SLICE("the user name is hashed and its clear form is not known");
	finding_values(d, f, SAY(say("detail", detail)));
}

static void unverifiable(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	/* without any secret this is the normal case, and only worth a word where something failed */
	if (lacks_secret(k) && (secrets_count(d->t->options.secrets) || outcome_failed(d->x->outcome)))
		raise_later(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_RESPONSE), why_unverifiable);
}

/* Something else about this answer explains why a right digest is refused. */
static bool otherwise_explained(const struct diagnosis *d)
{
	static const enum finding_id explaining[] = {
		FINDING_WRONG_HEADER_PAIR,
		FINDING_REALM_MISMATCH,
		FINDING_ALGORITHM_MISMATCH,
		FINDING_RESPONSE_MALFORMED,
		FINDING_NONCE_COUNT_NOT_INCREMENTED,
	};

	for (size_t i = 0; i < sizeof(explaining) / sizeof(*explaining); i++)
		if (was_raised(d->x, explaining[i]))
			return true;
	return false;
}

static bool accepted_later(const struct attempt *a, const struct credential *k)
{
	for (a = a->next; a; a = a->next)
		for (unsigned i = 0; i < a->credential_count; i++)
			if (a->credentials[i].judgement == JUDGEMENT_ACCEPTED &&
				a->credentials[i].kind == k->kind &&
				slice_eq(a->credentials[i].realm, k->realm) &&
				slice_eq(a->credentials[i].username, k->username))
				return true;
	return false;
}

static void add_reason(struct buf *b, const char *reason)
{
	if (b->n)
		buf_adds(b, ", or ");
	buf_adds(b, reason);
}

static struct finding_arg say_reasons(
	struct diagnosis *d, const struct attempt *a, const struct credential *k)
{
	int64_t age = k->challenged_by ? a->request.time - k->challenged_by->seen.time : 0;
	int64_t shortest = shortest_refused_age(d->x);
	struct buf b = {0};
	struct slice text;

	if (age >= SECOND && shortest)
		buf_printf(&b, "the nonce was too old (%.1f s; others were refused after %.1f s)",
			(double)age / (double)SECOND, (double)shortest / (double)SECOND);
	if (was_raised(d->x, FINDING_URI_MISMATCH))
		add_reason(&b, "it compares uri with the Request-URI, and they differ");
	if (was_raised(d->x, FINDING_USERNAME_DIFFERS))
		add_reason(&b, "the From user is not the digest user");
	if (k->algorithm != ALGORITHM_MD5 || qop_has(k->qop, SLICE("auth-int")) ||
		k->challenged_by->challenge_count > 1)
		add_reason(&b, "it offers an algorithm or qop that it does not support");
	if (k->qop.p && !qop_has(k->qop, SLICE("auth-int")))
		add_reason(&b, "it ignores qop and uses the old formula");
	add_reason(&b, "the server holds another password or realm, or blocks the account");
	text = arena_copy(&d->x->arena, buf_slice(&b));
	buf_free(&b);
	return say("detail", text);
}

static void correct_rejected(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	/* anonymous users verify without a secret: that says nothing of the server */
	if (!k->secret || k->verification != VERIFICATION_MATCH ||
		k->judgement != JUDGEMENT_REJECTED || k->match != MATCH_NONCE || !k->newest ||
		a->final->status == 400)
		return;
	if (otherwise_explained(d) || accepted_later(a, k))
		return;
	raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, a->final, PARAM_UNKNOWN),
		SAY(say_number(d, "status", a->final->status), say_reasons(d, a, k)));
}

/* ---- without one ---- */

static bool well_formed(const struct credential *k)
{
	return k->digest && !(k->params.defects & PARAMS_MALFORMED) && k->response.n && k->uri.p &&
		k->username.n;
}

static void rejected(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	if (k->judgement != JUDGEMENT_REJECTED || !challenge_response(a) || !well_formed(k) ||
		!k->newest)
		return;
	if (k->match != MATCH_NONCE && k->match != MATCH_NONE && k->match != MATCH_OLDER)
		return;
	if (was_verified(k) || accepted_later(a, k))
		return;
	raise_finding(d, id, CONFIDENCE_LIKELY, at_response(a, a->final, PARAM_UNKNOWN),
		SAY(say_number(d, "count", d->x->slots[k->slot].rejected)));
}

/* The frame at which one of these users was accepted by this server before; 0: none was. */
static uint32_t accepted_before(const struct diagnosis *d, const struct attempt *a)
{
	uint32_t newest = 0;

	for (unsigned i = 0; i < a->credential_count; i++) {
		uint32_t frame = accounts_accepted(
			d->t->accounts, about_credential(&d->x->target, &a->credentials[i]));

		if (frame)
			newest = frame;
	}
	return newest;
}

static void forbidden(struct diagnosis *d, enum finding_id id)
{
	const struct attempt *a = d->x->last_attempt;
	struct slice detail =
		SLICE("a wrong user or password, or the account is not allowed to do this");
	bool right = false;
	uint32_t before;

	if (!a->final || a->final->status != 403 || !attempt_has_credentials(a) || a->progress)
		return;
	for (unsigned i = 0; i < a->credential_count; i++)
		right = right || a->credentials[i].verification == VERIFICATION_MATCH;
	before = accepted_before(d, a);
	if (right)
		detail = SLICE("the digest is right, so it is a permission and not the password");
	else if (before)
		detail = arena_printf(&d->x->arena,
			"the account was accepted at frame %u, so it is a permission and not the "
			"password",
			before);
	raise_finding(d, id,
		right || !before ? CONFIDENCE_PROVEN : CONFIDENCE_LIKELY,
		at_response(a, a->final, PARAM_UNKNOWN),
		SAY(say_number(d, "status", 403), say("reason", a->final->seen.msg.reason),
			say("detail", detail)));
}

/* The findings about the credentials of this request, for the text of a 400. */
static struct slice syntax_ids(struct diagnosis *d, const struct attempt *a)
{
	struct buf b = {0};
	struct slice text = SLICE("nothing wrong was found in it");

	for (unsigned i = 0; i < d->x->finding_count; i++) {
		const struct finding *f = d->x->findings[i];

		if (f->attempt != a || f->in_response || f->cause_rank / 100 != 7)
			continue;
		if (b.n)
			buf_adds(&b, ", ");
		buf_adds(&b, finding_kind(f->id)->id);
	}
	if (b.n)
		text = arena_copy(&d->x->arena, buf_slice(&b));
	buf_free(&b);
	return text;
}

static void bad_request(struct diagnosis *d, enum finding_id id)
{
	const struct attempt *a = d->x->last_attempt;
	struct finding *f;

	if (!a->final || a->final->status != 400 || !attempt_has_credentials(a) || !d->x->rounds)
		return;
	f = raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, a->final, PARAM_UNKNOWN),
		SAY(say_number(d, "status", 400), say("reason", a->final->seen.msg.reason),
			say("detail", syntax_ids(d, a))));
	/* the breach itself is the better word, where one was found */
	if (f)
		f->as_cause = CONFIDENCE_LIKELY;
}

/* ---- again and again ---- */

static unsigned refusals(const struct slot *s)
{
	return s->rejected + s->stale + s->old_nonce + s->dropped;
}

/* Most challenges to requests without usable credentials within 60 s. */
static unsigned unanswered_within_minute(const struct exchange *x)
{
	unsigned most = 0;

	for (const struct attempt *a = x->attempts; a; a = a->next) {
		unsigned n = 0;

		for (const struct attempt *b = a; b; b = b->next)
			if (challenge_response(b) && !attempt_has_credentials(b) &&
				b->final->seen.time - a->request.time <= 60 * SECOND)
				n++;
		if (n > most)
			most = n;
	}
	return most;
}

static void loop(struct diagnosis *d, enum finding_id id)
{
	const struct exchange *x = d->x;
	unsigned limit = d->t->options.loop_rounds, most = 0;
	struct finding *f;

	if (x->outcome == OUTCOME_ACCEPTED || x->outcome == OUTCOME_UNCHALLENGED || x->keepalive)
		return;
	for (unsigned i = 0; i < x->slot_count; i++)
		if (refusals(&x->slots[i]) > most)
			most = refusals(&x->slots[i]);
	if (most + 1 < limit && unanswered_within_minute(x) < limit)
		return;
	if (!challenge_response(x->last_attempt) && !attempt_has_credentials(x->last_attempt))
		return;
	f = raise_finding(d, id, CONFIDENCE_PROVEN, at_request(x->last_attempt, PARAM_UNKNOWN),
		SAY(say_number(d, "count", x->rounds), say_text("value", "?")));
	if (!f)
		return;
	f->frame_count = f->frame_total = 0;
	for (const struct attempt *a = x->attempts; a; a = a->next)
		if (challenge_response(a))
			finding_frame(f, a->final->seen.frame);
}

/* Was this answer made with the same secret as the other? Equal bytes, or wrong by the same known one. */
static bool same_secret(const struct credential *a, const struct credential *b)
{
	if (!slice_eq(a->username, b->username) || !slice_eq(a->realm, b->realm))
		return false;
	return slice_eq(a->response, b->response) ||
		(a->verification == VERIFICATION_MISMATCH &&
			b->verification == VERIFICATION_MISMATCH);
}

/* Refused and sent again: once more is tolerated (pjsip), from then on it is a fault. */
static void same_again(struct diagnosis *d, enum finding_id id)
{
	const struct attempt *last = NULL;
	const struct credential *first = NULL;
	bool identical = true;
	unsigned refused = 0;

	for (const struct attempt *a = d->x->attempts; a; a = a->next)
		for (unsigned i = 0; i < a->credential_count; i++) {
			const struct credential *k = &a->credentials[i];

			if (k->judgement != JUDGEMENT_REJECTED || (first && !same_secret(first, k)))
				continue;
			if (!first)
				first = k;
			identical = identical && slice_eq(first->response, k->response);
			last = a;
			refused++;
		}
	if (refused >= 3)
		raise_finding(d, id, identical ? CONFIDENCE_PROVEN : CONFIDENCE_LIKELY,
			at_request(last, PARAM_RESPONSE),
			SAY(say("user", first->username), say_number(d, "count", refused)));
}

static const struct rule rules[] = {
	{FINDING_DIGEST_VERIFIED, .credential = verified, .odd = ODD_SECRET},
	{FINDING_DIGEST_MISMATCH, .credential = rule_mismatch, .odd = ODD_SECRET},
	{FINDING_DIGEST_UNVERIFIABLE, .credential = unverifiable, .odd = ODD_END | ODD_SECRET},
	{FINDING_DIGEST_CORRECT_REJECTED, .credential = correct_rejected, .odd = ODD_SECRET},
	{FINDING_REJECTED_CREDENTIALS, .credential = rejected, .odd = ODD_REFUSED},
	{FINDING_RSPAUTH_WRONG, .exchange = rule_rspauth, .odd = ODD_SECRET},
	{FINDING_AUTH_REJECTED_403, .exchange = forbidden, .odd = ODD_END},
	{FINDING_AUTH_REJECTED_400, .exchange = bad_request, .odd = ODD_END},
	{FINDING_AUTH_RETRY_SAME_CREDENTIALS, .exchange = same_again, .odd = ODD_REFUSED},
	{FINDING_AUTH_LOOP, .exchange = loop, .odd = ODD_END},
};

const struct rule_table rules_digest = RULE_TABLE(rules);

/* Algorithm and qop: what is offered, what is taken (CATALOGUE section 7; RFC 7616, RFC 8760). */
#include "auth/rules.h"

/* ---- offers ---- */

static bool lacks_qop(const struct challenge *c)
{
	return c->digest && c->qops == 1 << ADVICE_QOP_NONE && !c->malformed;
}

/* The first without it. */
static void which_lacks_qop(struct diagnosis *d, struct finding *f)
{
	const struct challenge *c = f->attempt->final->challenges;

	while (!lacks_qop(c))
		c++;
	finding_values(d, f, SAY(say_header(c->kind, true)));
}

static void qop_missing(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct response *r, const struct challenge *c)
{
	if (lacks_qop(c) && !r->seen.truncated)
		raise_later(d, id, CONFIDENCE_PROVEN, at_response(a, r, PARAM_UNKNOWN), which_lacks_qop);
}

static bool only_auth_int(struct slice qop)
{
	return qop_has(qop, SLICE("auth-int")) && !qop_has(qop, SLICE("auth"));
}

static void qop_unsupported(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct response *r, const struct challenge *c)
{
	bool silence = client_went_silent(d) && a == d->x->last_attempt;

	if (!c->digest || !c->qop.p || (c->usable && !silence))
		return;
	if (!qop_has(c->qop, SLICE("auth")) && !qop_has(c->qop, SLICE("auth-int")))
		raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, r, PARAM_QOP),
			SAY(say("qop", c->qop)));
	else if (silence && only_auth_int(c->qop))
		raise_finding(d, id, CONFIDENCE_POSSIBLE, at_response(a, r, PARAM_QOP),
			SAY(say("qop", c->qop)));
}

static void sess_without_qop(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct response *r, const struct challenge *c)
{
	const struct algorithm_info *info = algorithm_info(c->algorithm);

	if (c->digest && info && info->sess && !c->qop.p)
		raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, r, PARAM_ALGORITHM),
			SAY(say_header(c->kind, true), say("algorithm", c->algorithm_name)));
}

static bool all_md5(const struct response *r)
{
	for (unsigned i = 0; i < r->challenge_count; i++)
		if (r->challenges[i].digest && r->challenges[i].algorithm != ALGORITHM_MD5)
			return false;
	return true;
}

/* The server by its software, else by its address. */
static struct finding_arg say_server(struct diagnosis *d)
{
	struct slice software = exchange_server(d->x);

	return software.n ? say("server", software) : say_address(d, "server", &d->x->target);
}

static void whose_offer(struct diagnosis *d, struct finding *f)
{
	finding_values(d, f, SAY(say_server(d)));
}

static void md5_only(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct response *r, const struct challenge *c)
{
	if (c->digest && c == main_challenge(r) && all_md5(r) && !r->seen.truncated)
		raise_later(d, id, CONFIDENCE_PROVEN, at_response(a, r, PARAM_ALGORITHM), whose_offer);
}

/* Can a client that knows MD5 only, or all that we know, go on with another challenge? */
static bool other_usable(const struct response *r, bool md5_client)
{
	for (unsigned i = 0; i < r->challenge_count; i++)
		if (r->challenges[i].digest &&
			(r->challenges[i].algorithm == ALGORITHM_MD5 ||
				(r->challenges[i].algorithm != ALGORITHM_UNKNOWN && !md5_client)))
			return true;
	return false;
}

static void unsupported_algorithm(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct response *r, const struct challenge *c)
{
	bool unanswered = client_went_silent(d) && a == d->x->last_attempt;
	bool unknown = c->algorithm == ALGORITHM_UNKNOWN, usable = other_usable(r, unanswered);
	struct finding *f;

	/* nothing but unknown names: no client can answer; nothing but SHA: an old client goes silent */
	if (!c->digest || (!unknown && (!unanswered || usable || c != main_challenge(r))))
		return;
	f = raise_finding(d, id,
		!unknown         ? CONFIDENCE_POSSIBLE
			: usable ? CONFIDENCE_PROVEN
				 : d->absence,
		at_response(a, r, PARAM_ALGORITHM),
		SAY(say("algorithm", challenge_algorithm(c)),
			say_text("detail",
				usable ? ", which is not registered for SIP; another challenge can "
					 "be used"
					: unknown
					? ", which is not registered for SIP, and nothing else"
					: ", which the client does not seem to know, and nothing "
					  "else")));
	if (f && usable) {
		f->at_most = SEVERITY_INFO;
		f->cause_rank = 0;
	}
}

static void duplicate_algorithm(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct response *r, const struct challenge *c)
{
	for (const struct challenge *other = r->challenges; other != c; other++)
		/* different nonces may come from two servers behind a forking proxy (RFC 3261 16.7) */
		if (c->digest && other->digest && other->kind == c->kind &&
			other->algorithm == c->algorithm && slice_eq(other->realm, c->realm) &&
			slice_eq(other->nonce, c->nonce) && c->algorithm != ALGORITHM_UNKNOWN)
			raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, r, PARAM_ALGORITHM),
				SAY(say_number(d, "status", r->status), say_header(c->kind, true),
					say("realm", c->realm),
					say("algorithm", challenge_algorithm(c))));
}

/* ---- spelling ---- */

static const char *registered_name(struct slice name, enum algorithm algorithm)
{
	const struct algorithm_info *info = algorithm_info(algorithm);

	return info && name.p && !slice_eq(name, slice_of(info->name)) ? info->name : NULL;
}

static void case_in_challenge(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct response *r, const struct challenge *c)
{
	const char *registered =
		c->digest ? registered_name(c->algorithm_name, c->algorithm) : NULL;

	if (registered)
		raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, r, PARAM_ALGORITHM),
			SAY(say_header(c->kind, true), say("value", c->algorithm_name),
				say_text("wanted", registered)));
}

static void case_in_credentials(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	const char *registered =
		k->digest ? registered_name(k->algorithm_name, k->algorithm) : NULL;

	/* the server's own spelling, given back */
	if (registered &&
		!(k->challenge && slice_eq(k->challenge->algorithm_name, k->algorithm_name)))
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_ALGORITHM),
			SAY(say_header(k->kind, false), say("value", k->algorithm_name),
				say_text("wanted", registered)));
}

/* ---- answers ---- */

static bool answers_own_challenge(const struct credential *k)
{
	return k->digest && k->challenge && k->match == MATCH_NONCE;
}

static void mismatch(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	if (!answers_own_challenge(k) || !k->algorithm_name.p)
		return;
	if (k->algorithm == k->challenge->algorithm &&
		(k->algorithm != ALGORITHM_UNKNOWN ||
			slice_eq_nocase(k->algorithm_name, k->challenge->algorithm_name)))
		return;
	raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_ALGORITHM),
		SAY(say("algorithm", challenge_algorithm(k->challenge)),
			say("value", k->algorithm_name)));
}

static void missing_name(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	if (answers_own_challenge(k) && !a->request.truncated && !k->algorithm_name.p &&
		k->challenge->algorithm != ALGORITHM_MD5)
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_UNKNOWN),
			SAY(say("algorithm", k->challenge->algorithm_name)));
}

/* The first challenge of the same kind and realm above the answered one that is stronger. */
static const struct challenge *stronger_above(const struct credential *k)
{
	for (const struct challenge *c = k->challenged_by->challenges; c != k->challenge; c++)
		if (c->digest && c->kind == k->kind && slice_eq(c->realm, k->challenge->realm) &&
			algorithm_info(c->algorithm) &&
			algorithm_info(c->algorithm)->hash != HASH_MD5)
			return c;
	return NULL;
}

static bool answered_too(const struct attempt *a, const struct challenge *c)
{
	for (unsigned i = 0; i < a->credential_count; i++)
		if (a->credentials[i].challenge == c)
			return true;
	return false;
}

static void downgraded(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	const struct challenge *better;
	const struct habits *habits;
	struct finding *f;

	if (!answers_own_challenge(k) || k->challenge->algorithm != ALGORITHM_MD5)
		return;
	better = stronger_above(k);
	if (!better || answered_too(a, better))
		return;
	habits = watch_known_habits(d->t, &d->x->client, a->request.msg.user_agent);
	f = raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_ALGORITHM),
		SAY(say_text("value", "MD5"), say("algorithm", better->algorithm_name),
			habits && habits->answered_sha ? say("detail",
					 arena_printf(&d->x->arena,
						 "; it answered a SHA challenge at frame %u",
						 habits->answered_sha))
			       : say_text("detail", "")));
	if (f && habits && habits->answered_sha)
		f->at_least = SEVERITY_WARNING;
	else if (f)
		f->at_most = SEVERITY_INFO;
}

static void qop_ignored(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	if (answers_own_challenge(k) && !a->request.truncated && !k->qop.p &&
		qop_has(k->challenge->qop, SLICE("auth")))
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_UNKNOWN),
			SAY(say("qop", k->challenge->qop)));
}

static void qop_not_offered(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	if (!answers_own_challenge(k) || !k->qop.n || !k->challenge->qop.p)
		return;
	/* the list itself is another finding */
	if (qop_has(k->challenge->qop, k->qop) || slice_find(k->qop, ',') < k->qop.n)
		return;
	raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_QOP),
		SAY(say("value", k->qop), say("qop", k->challenge->qop)));
}

static void qop_list(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	if (k->digest && slice_find(k->qop, ',') < k->qop.n)
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_QOP),
			SAY(say("value", k->qop)));
}

static void qop_unrequested(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	bool md5;
	struct finding *f;

	if (!answers_own_challenge(k) || k->challenge->qop.p || !k->qop.p)
		return;
	md5 = k->challenge->algorithm == ALGORITHM_MD5;
	f = raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_QOP),
		SAY(md5 ? say_text("detail", "")
			: say("detail",
				  arena_printf(&d->x->arena,
					  "; with algorithm %.*s the server must send qop",
					  SLICE_ARG(k->challenge->algorithm_name)))));
	if (f && !md5)
		f->fault = FAULT_SERVER;
}

static const struct rule rules[] = {
	{FINDING_QOP_MISSING_IN_CHALLENGE, .challenge = qop_missing, .odd = ODD_QOP},
	{FINDING_QOP_UNSUPPORTED, .challenge = qop_unsupported, .odd = ODD_END},
	{FINDING_MD5_SESS_WITHOUT_QOP, .challenge = sess_without_qop, .odd = ODD_FORM},
	{FINDING_MD5_ONLY, .challenge = md5_only},
	{FINDING_ALGORITHM_UNSUPPORTED, .challenge = unsupported_algorithm, .odd = ODD_END},
	{FINDING_ALGORITHM_DUPLICATE, .challenge = duplicate_algorithm, .odd = ODD_FORM},
	{FINDING_ALGORITHM_CASE, .challenge = case_in_challenge, .credential = case_in_credentials, .odd = ODD_FORM},
	{FINDING_ALGORITHM_MISMATCH, .credential = mismatch, .odd = ODD_ANSWER},
	{FINDING_ALGORITHM_MISSING_IN_CREDENTIALS, .credential = missing_name, .odd = ODD_ANSWER},
	{FINDING_ALGORITHM_DOWNGRADED, .credential = downgraded, .odd = ODD_FORM},
	{FINDING_QOP_IGNORED, .credential = qop_ignored, .odd = ODD_ANSWER},
	{FINDING_QOP_NOT_OFFERED, .credential = qop_not_offered, .odd = ODD_ANSWER},
	{FINDING_QOP_LIST_ECHOED, .credential = qop_list, .odd = ODD_ANSWER},
	{FINDING_QOP_UNREQUESTED, .credential = qop_unrequested, .odd = ODD_ANSWER},
};

const struct rule_table rules_algorithm = RULE_TABLE(rules);

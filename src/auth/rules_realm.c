/* Realm, user name, uri, opaque: copied as they should be? (CATALOGUE sections 4 to 6) */
#include "auth/rules.h"

#include "sip/uri.h"

/* ---- realm ---- */

static bool realm_offered(const struct response *r, enum auth_kind kind, struct slice realm)
{
	for (unsigned i = 0; i < r->challenge_count; i++)
		if (r->challenges[i].kind == kind && slice_eq(r->challenges[i].realm, realm))
			return true;
	return false;
}

static bool equal_without_spaces(struct slice a, struct slice b)
{
	return slice_eq(slice_trim(a), slice_trim(b));
}

static bool is_cut_at(struct slice whole, struct slice part, char c)
{
	return part.n < whole.n && whole.p[part.n] == c &&
		slice_eq(slice_head(whole, part.n), part);
}

/* realm="\"pbx\"": the quotes of the challenge became part of the value. */
static bool is_asked_in_quotes(struct slice asked, struct slice answered)
{
	size_t extra = answered.n > asked.n ? answered.n - asked.n : 0;
	struct slice inner = slice_from(answered, extra / 2);

	return (extra == 2 && answered.p[0] == '"' &&
		       slice_eq(slice_head(inner, asked.n), asked)) ||
		(extra == 4 && answered.p[0] == '\\' &&
			slice_eq(slice_head(inner, asked.n), asked));
}

/* How the client's realm came out of the server's, as far as it shows. */
static const char *realm_difference(
	const struct attempt *a, struct slice asked, struct slice answered)
{
	if (!answered.n)
		return " (empty)";
	if (slice_eq_nocase(asked, answered))
		return " (they differ in case)";
	if (equal_without_spaces(asked, answered))
		return " (they differ in white space)";
	if (is_asked_in_quotes(asked, answered))
		return " (with its quotes)";
	if (is_cut_at(asked, answered, ','))
		return " (cut at a comma)";
	if (is_cut_at(asked, answered, ';'))
		return " (cut at a semicolon)";
	if (is_cut_at(asked, answered, ' '))
		return " (cut at a space)";
	if (slice_eq_nocase(answered, name_addr_host(a->request.msg.from)))
		return " (the client's own domain)";
	return "";
}

static bool verified_and_accepted(const struct credential *k)
{
	return k->judgement == JUDGEMENT_ACCEPTED && k->verification == VERIFICATION_MATCH;
}

/* A backslash may be kept or removed: RFC 2617 and RFC 7616 differ. */
static bool differ_in_escapes_only(struct diagnosis *d, const struct credential *k)
{
	const struct param *asked = params_get(&k->challenge->params, PARAM_REALM);
	const struct param *answered = params_get(&k->params, PARAM_REALM);

	return asked && answered &&
		slice_eq(param_unescape(param_value(asked), &d->x->arena),
			param_unescape(param_value(answered), &d->x->arena));
}

static void realm_mismatch(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	bool certain = k->match == MATCH_NONCE;

	if (!k->realm.p || !k->challenge || (!certain && k->match != MATCH_KIND))
		return;
	if (realm_offered(k->challenged_by, k->kind, k->realm) || verified_and_accepted(k) ||
		differ_in_escapes_only(d, k))
		return;
	raise_finding(d, id, certain ? CONFIDENCE_PROVEN : d->absence, at_request(a, PARAM_REALM),
		SAY(say("realm", k->challenge->realm), say("value", k->realm),
			say_text("detail", realm_difference(a, k->challenge->realm, k->realm))));
}

/* Realms of one kind, in the order of the challenges: A, B, A again, although A was answered. */
static const struct challenge *realm_returns(
	const struct challenge *first, const struct attempt *from)
{
	bool other = false;

	for (const struct attempt *a = from->next; a; a = a->next) {
		const struct response *r = challenge_response(a);
		const struct challenge *c = r ? main_challenge(r) : NULL;

		if (!c || c->kind != first->kind)
			continue;
		if (!realm_offered(r, first->kind, first->realm))
			other = true;
		else if (other)
			return c;
	}
	return NULL;
}

static void realm_changed(struct diagnosis *d, enum finding_id id, const struct attempt *before,
	const struct attempt *a)
{
	const struct response *r = challenge_response(a);
	const struct challenge *old = main_challenge(before->final),
			       *new = r ? main_challenge(r) : NULL;
	bool asked_alike;

	if (d->x->outcome == OUTCOME_ACCEPTED || !old || !new || old->kind != new->kind ||
		old->slot < 0 || realm_offered(r, old->kind, old->realm) ||
		d->x->slots[old->slot].dropped)
		return;
	/* the same question, another realm; or a realm that comes back after it was answered */
	asked_alike = !attempt_has_credentials(before) && !attempt_has_credentials(a);
	if (asked_alike || realm_returns(old, before))
		raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, r, PARAM_REALM),
			SAY(say("value", old->realm), say("realm", new->realm)));
}

static void realm_empty(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct response *r, const struct challenge *c)
{
	if (c->digest && c->realm.p && !c->realm.n)
		raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, r, PARAM_REALM),
			SAY(say_header(c->kind, true)));
}

bool realm_is_common(struct slice realm)
{
	static const struct slice common[] = {
		{"asterisk", 8},
		{"freeswitch", 10},
		{"sip", 3},
		{"voip", 4},
		{"localhost", 9},
	};
	struct address address;

	for (size_t i = 0; i < sizeof(common) / sizeof(*common); i++)
		if (slice_eq_nocase(realm, common[i]))
			return true;
	return address_parse_ip(realm, &address) && address_is_private(&address);
}

static bool has_common_realm(const struct challenge *c)
{
	return c->digest && realm_is_common(c->realm);
}

static void which_realm(struct diagnosis *d, struct finding *f)
{
	const struct challenge *c = f->attempt->final->challenges;

	while (!has_common_realm(c))
		c++;
	finding_values(d, f, SAY(say("realm", c->realm)));
}

static void realm_common(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct response *r, const struct challenge *c)
{
	if (has_common_realm(c))
		raise_later(d, id, CONFIDENCE_PROVEN, at_response(a, r, PARAM_REALM), which_realm);
}

/* ---- user names ---- */

static void username_differs(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	struct slice from = name_addr_user(a->request.msg.from),
		     to = name_addr_user(a->request.msg.to);

	/* user@domain is another finding; a hash or an encoded name cannot be compared */
	if (!k->digest || !k->username.n || !from.n ||
		slice_find(k->username, '@') < k->username.n ||
		!params_get(&k->params, PARAM_USERNAME) || params_get(&k->params, PARAM_USERHASH))
		return;
	if (slice_eq(k->username, from) ||
		(d->x->method == METHOD_REGISTER && slice_eq(k->username, to)))
		return;
	raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_USERNAME),
		SAY(say("user", k->username), say_text("param", "From"), say("value", from)));
}

static void username_domain(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	if (k->digest && slice_find(k->username, '@') < k->username.n)
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_USERNAME),
			SAY(say("user", k->username)));
}

static void anonymous(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	if (k->digest && slice_eq_nocase(k->username, SLICE("anonymous")))
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_USERNAME),
			SAY(say("realm", k->realm)));
}

/* ---- uri and opaque ---- */

static const char *uri_part(struct slice uri, struct slice request_uri)
{
	static const char *const parts[][2] = {
		{"scheme", "the scheme"},
		{"user", "the user"},
		{"host", "the host"},
		{"port", "the port"},
		{"parameters", "the parameters"},
		{"headers", "the parameters"},
	};
	const char *difference = uri_difference(uri, request_uri);

	for (size_t i = 0; difference && i < sizeof(parts) / sizeof(*parts); i++)
		if (slice_eq(slice_of(difference), slice_of(parts[i][0])))
			return parts[i][1];
	return "the spelling only";
}

static void uri_mismatch(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	const struct message *m = &a->request.msg;
	bool refused = k->judgement == JUDGEMENT_REJECTED || (a->final && a->final->status == 400);
	struct finding *f;

	if (!k->digest || !k->uri.p || slice_eq(k->uri, m->request_uri))
		return;
	f = raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_URI),
		SAY(say("uri", k->uri), say("other_uri", m->request_uri),
			say_text("detail", uri_part(k->uri, m->request_uri))));
	if (!f)
		return;
	/* one candidate among several: the failure itself is digest-correct-rejected */
	if (refused && k->verification == VERIFICATION_MATCH)
		f->confidence = f->as_cause = CONFIDENCE_POSSIBLE;
	/* behind a proxy the Request-URI may have been rewritten: no failure (RFC 3261 22.4) */
	if (m->via_count > 1 || m->route_count || !refused || k->verification != VERIFICATION_MATCH)
		f->at_most = SEVERITY_INFO;
}

static void opaque(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	struct slice asked =
		k->match == MATCH_NONCE && k->digest ? k->challenge->opaque : SLICE_ABSENT;
	bool missing = id == FINDING_OPAQUE_MISSING;

	if (a->request.truncated && missing)
		return;
	if (asked.p && (missing ? !k->opaque.p : k->opaque.p && !slice_eq(asked, k->opaque)))
		raise_finding(d, id, CONFIDENCE_PROVEN,
			at_request(a, missing ? PARAM_UNKNOWN : PARAM_OPAQUE),
			SAY(say("wanted", asked), say("value", k->opaque)));
}

/* ---- between two legs ---- */

static void altered(struct diagnosis *d, enum finding_id id)
{
	const struct alteration *al = d->x->altered;
	struct slice detail = SLICE("differs");

	if (!al)
		return;
	if (al->was.p)
		detail = arena_printf(&d->x->arena, "was \"%.*s\" and is \"%.*s\"",
			SLICE_ARG(al->was), SLICE_ARG(al->is));
	raise_finding(d, id, al->was.p ? CONFIDENCE_PROVEN : CONFIDENCE_LIKELY,
		al->response ? at_response(al->attempt, al->response, PARAM_UNKNOWN)
			     : at_request(al->attempt, PARAM_UNKNOWN),
		SAY(say_address(d, "address", &al->before),
			say_address(d, "other_address", &d->x->target),
			say_text("param", al->param), say("detail", detail)));
}

static const struct rule rules[] = {
	{FINDING_REALM_MISMATCH, .credential = realm_mismatch, .odd = ODD_ANSWER},
	{FINDING_REALM_CHANGED, .retry = realm_changed, .odd = ODD_FORM},
	{FINDING_REALM_EMPTY, .challenge = realm_empty, .odd = ODD_FORM},
	{FINDING_REALM_NOT_UNIQUE, .challenge = realm_common, .odd = ODD_REALM},
	{FINDING_USERNAME_DIFFERS, .credential = username_differs, .odd = ODD_USER},
	{FINDING_USERNAME_DOMAIN_FORM, .credential = username_domain, .odd = ODD_USER},
	{FINDING_ANONYMOUS_CREDENTIALS, .credential = anonymous, .odd = ODD_USER},
	{FINDING_URI_MISMATCH, .credential = uri_mismatch, .odd = ODD_ANSWER},
	{FINDING_OPAQUE_MISSING, .credential = opaque, .odd = ODD_ANSWER},
	{FINDING_OPAQUE_ALTERED, .credential = opaque, .odd = ODD_ANSWER},
	{FINDING_REALM_ALTERED, .exchange = altered, .odd = ODD_FORM},
};

const struct rule_table rules_realm = RULE_TABLE(rules);

/* How challenges and credentials are written (CATALOGUE section 7, parameters and syntax). */
#include "auth/rules.h"

enum { RANK_MALFORMED_CHALLENGE = 102, RANK_REQUIRED_IN_CHALLENGE = 105 };

/* ---- the field as a whole ---- */

static const char *defect_words(unsigned defects)
{
	static const struct {
		unsigned defect;
		const char *words;
	} words[] = {
		{PARAMS_UNCLOSED_QUOTE, "a quote is never closed"},
		{PARAMS_ODD_QUOTES, "a character that may not stand here"},
		{PARAMS_MISSING_COMMA, "a comma is missing"},
		{PARAMS_SEMICOLON, "a character that may not stand here"},
		{PARAMS_NO_VALUE, "a parameter has no value"},
		{PARAMS_NO_SCHEME, "the scheme is missing"},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (defects & words[i].defect)
			return words[i].words;
	return "text that is no parameter";
}

static struct finding *malformed(struct diagnosis *d, enum finding_id id, const struct params *p,
	struct where where, struct finding_arg header)
{
	if (!(p->defects & PARAMS_MALFORMED))
		return NULL;
	return raise_finding(d, id, CONFIDENCE_PROVEN, where,
		SAY(header, say_number(d, "count", p->defect_offset + 1),
			say_text("detail", defect_words(p->defects))));
}

static void malformed_challenge(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct response *r, const struct challenge *c)
{
	struct finding *f;

	const struct param *qop = params_get(&c->params, PARAM_QOP);

	/* other schemes have a syntax of their own */
	if (c->params.scheme.p && !c->digest)
		return;
	/* qop=auth,auth-int: unquoted-qop-in-challenge says it */
	if (c->params.defects == PARAMS_NO_VALUE && qop &&
		slice_find(param_value(qop), ',') < param_value(qop).n)
		return;
	f = malformed(
		d, id, &c->params, at_response(a, r, PARAM_UNKNOWN), say_header(c->kind, true));
	if (f)
		f->cause_rank = RANK_MALFORMED_CHALLENGE;
}

static void malformed_credentials(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	if (!k->params.scheme.p || k->digest)
		malformed(d, id, &k->params, at_request(a, PARAM_UNKNOWN),
			say_header(k->kind, false));
}

static void duplicated(struct diagnosis *d, enum finding_id id, const struct params *p,
	struct where where, struct finding_arg header)
{
	for (uint32_t i = 0; i < p->count; i++)
		if (p->list[i].duplicate) {
			where.param = p->list[i].id;
			raise_finding(d, id, CONFIDENCE_PROVEN, where,
				SAY(header, say("param", param_name_sent(&p->list[i])),
					say_number(d, "count", (uint64_t)(p->list[i].name - p->text.p) + 1)));
			return;
		}
}

static void duplicated_in_challenge(struct diagnosis *d, enum finding_id id,
	const struct attempt *a, const struct response *r, const struct challenge *c)
{
	if (c->digest)
		duplicated(d, id, &c->params, at_response(a, r, PARAM_UNKNOWN),
			say_header(c->kind, true));
}

static void duplicated_in_credentials(struct diagnosis *d, enum finding_id id,
	const struct attempt *a, const struct credential *k)
{
	if (k->digest)
		duplicated(d, id, &k->params, at_request(a, PARAM_UNKNOWN),
			say_header(k->kind, false));
}

static void folded_challenge(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct response *r, const struct challenge *c)
{
	if (c->lines > 1)
		raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, r, PARAM_UNKNOWN),
			SAY(say_header(c->kind, true), say_number(d, "count", c->lines)));
}

static void folded_credentials(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	if (k->lines > 1)
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_UNKNOWN),
			SAY(say_header(k->kind, false), say_number(d, "count", k->lines)));
}

static void challenges_combined(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct response *r, const struct challenge *c)
{
	if (c->joined > 1 && c->joined_at == 0)
		raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, r, PARAM_UNKNOWN),
			SAY(say_header(c->kind, true), say_number(d, "count", c->joined)));
}

static void credentials_combined(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	if (k->joined > 1)
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_UNKNOWN),
			SAY(say_header(k->kind, false), say_number(d, "count", k->joined)));
}

static void credentials_duplicate(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	for (const struct credential *other = a->credentials; other != k; other++) {
		bool same_nonce = slice_eq(other->nonce, k->nonce);

		if (other->kind != k->kind || !slice_eq(other->realm, k->realm) ||
			other->placeholder)
			continue;
		/* two proxies of one realm have two nonces; several algorithms are a matter of taste */
		if (other->algorithm != k->algorithm || (!same_nonce && k->newest && other->newest))
			continue;
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_UNKNOWN),
			SAY(say_header(k->kind, false), say("realm", k->realm),
				say_text("detail",
					same_nonce ? ", with the same nonce"
						   : ", with the same algorithm")));
	}
}

/* ---- required parameters ---- */

static void required_in_challenge(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct response *r, const struct challenge *c)
{
	struct finding *f;

	/* a field that cannot be parsed, or is cut, may hold it all the same */
	if (!c->digest || c->realm.p || c->params.defects & PARAMS_MALFORMED || r->seen.truncated)
		return;
	f = raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, r, PARAM_UNKNOWN),
		SAY(say_header(c->kind, true), say_text("param", "realm")));
	if (f)
		f->cause_rank = RANK_REQUIRED_IN_CHALLENGE;
}

static void nonce_absent(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct response *r, const struct challenge *c)
{
	bool wanted = id == FINDING_NONCE_MISSING ? !c->nonce.p : c->nonce.p && !c->nonce.n;

	if (c->digest && wanted && !(c->params.defects & PARAMS_MALFORMED) && !r->seen.truncated)
		raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, r, PARAM_NONCE),
			SAY(say_header(c->kind, true), say("realm", c->realm)));
}

static void required_in_credentials(struct diagnosis *d, enum finding_id id,
	const struct attempt *a, const struct credential *k)
{
	static const enum param_id required[] = {
		PARAM_USERNAME, PARAM_REALM, PARAM_NONCE, PARAM_URI, PARAM_RESPONSE};

	if (!k->digest || k->params.defects & PARAMS_MALFORMED || a->request.truncated)
		return;
	for (size_t i = 0; i < sizeof(required) / sizeof(*required); i++) {
		if (params_get(&k->params, required[i]) ||
			(required[i] == PARAM_USERNAME &&
				params_get(&k->params, PARAM_USERNAME_STAR)))
			continue;
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_UNKNOWN),
			SAY(say_header(k->kind, false),
				say_text("param", param_name(required[i]))));
		return;
	}
}

static void missing_with_qop(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	bool missing = id == FINDING_CNONCE_MISSING ? !k->cnonce.p : !k->nc.p;

	if (k->digest && k->qop.n && missing && !a->request.truncated &&
		!(k->params.defects & PARAMS_MALFORMED))
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_QOP),
			SAY(say_header(k->kind, false), say("qop", k->qop)));
}

static void nc_without_qop(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	enum param_id param = k->nc.p ? PARAM_NC : PARAM_CNONCE;

	if (k->digest && !k->qop.p && (k->nc.p || k->cnonce.p) && !a->request.truncated)
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, param),
			SAY(say_header(k->kind, false), say_text("param", param_name(param))));
}

/* ---- quotes ---- */

static void quoted(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	enum param_id param = id == FINDING_QUOTED_QOP ? PARAM_QOP
		: id == FINDING_QUOTED_NC              ? PARAM_NC
						       : PARAM_ALGORITHM;
	const struct param *p = params_get(&k->params, param);
	bool refused = (a->final && a->final->status == 400) ||
		(k->judgement == JUDGEMENT_REJECTED && challenge_response(a));
	struct finding *f;

	if (!k->digest || !p || !p->quoted)
		return;
	f = raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, param),
		SAY(say_header(k->kind, false), say("value", param_value(p))));
	if (f && !refused)
		f->at_most = SEVERITY_WARNING;
}

static void quoted_in_challenge(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct response *r, const struct challenge *c)
{
	enum param_id param = id == FINDING_QUOTED_STALE ? PARAM_STALE : PARAM_ALGORITHM;
	const struct param *p = params_get(&c->params, param);
	struct finding *f;

	if (!c->digest || !p || !p->quoted)
		return;
	f = raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, r, param),
		SAY(say_header(c->kind, true), say("value", param_value(p))));
	if (f && f->in_response) {
		f->fault = FAULT_SERVER;
		f->at_most = SEVERITY_WARNING;
	}
}

static void unquoted_qop(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct response *r, const struct challenge *c)
{
	const struct param *p = params_get(&c->params, PARAM_QOP);

	if (c->digest && p && param_raw(p).n && !p->quoted)
		raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, r, PARAM_QOP),
			SAY(say_header(c->kind, true), say("value", param_value(p))));
}

/* These must stand in quotes wherever they occur (RFC 3261 25.1, RFC 7616 3.3, 3.4). */
static const struct param *first_unquoted(const struct params *p)
{
	static const enum param_id always[] = {
		PARAM_REALM,
		PARAM_NONCE,
		PARAM_URI,
		PARAM_RESPONSE,
		PARAM_CNONCE,
		PARAM_OPAQUE,
		PARAM_USERNAME,
	};

	for (size_t i = 0; i < sizeof(always) / sizeof(*always); i++) {
		const struct param *param = params_get(p, always[i]);

		if (param && param_raw(param).n && !param->quoted)
			return param;
	}
	return NULL;
}

static void unquoted_in_challenge(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct response *r, const struct challenge *c)
{
	const struct param *p = first_unquoted(&c->params);

	if (c->digest && p && !(c->params.defects & PARAMS_MALFORMED))
		raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, r, p->id),
			SAY(say_header(c->kind, true), say("param", param_name_sent(p)),
				say("value", param_value(p))));
}

static void unquoted_in_credentials(struct diagnosis *d, enum finding_id id,
	const struct attempt *a, const struct credential *k)
{
	const struct param *p = first_unquoted(&k->params);

	if (k->digest && p && !(k->params.defects & PARAMS_MALFORMED))
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, p->id),
			SAY(say_header(k->kind, false), say("param", param_name_sent(p)),
				say("value", param_value(p))));
}

static const struct rule rules[] = {
	{FINDING_HEADER_MALFORMED, .challenge = malformed_challenge,
		.credential = malformed_credentials, .odd = ODD_FORM},
	{FINDING_NONCE_MISSING, .challenge = nonce_absent, .odd = ODD_FORM},
	{FINDING_NONCE_EMPTY, .challenge = nonce_absent, .odd = ODD_FORM},
	{FINDING_REQUIRED_PARAM_MISSING, .challenge = required_in_challenge,
		.credential = required_in_credentials, .odd = ODD_FORM},
	{FINDING_PARAM_DUPLICATED, .challenge = duplicated_in_challenge,
		.credential = duplicated_in_credentials, .odd = ODD_FORM},
	{FINDING_HEADER_FOLDED, .challenge = folded_challenge, .credential = folded_credentials, .odd = ODD_FORM},
	{FINDING_CHALLENGES_COMBINED_LINE, .challenge = challenges_combined, .odd = ODD_FORM},
	{FINDING_CREDENTIALS_COMBINED_LINE, .credential = credentials_combined, .odd = ODD_FORM},
	{FINDING_DUPLICATE_CREDENTIALS, .credential = credentials_duplicate, .odd = ODD_FORM},
	{FINDING_CNONCE_MISSING, .credential = missing_with_qop, .odd = ODD_FORM},
	{FINDING_NC_MISSING, .credential = missing_with_qop, .odd = ODD_FORM},
	{FINDING_NC_WITHOUT_QOP, .credential = nc_without_qop, .odd = ODD_FORM},
	{FINDING_QUOTED_QOP, .credential = quoted, .odd = ODD_FORM},
	{FINDING_QUOTED_NC, .credential = quoted, .odd = ODD_FORM},
	{FINDING_QUOTED_ALGORITHM, .challenge = quoted_in_challenge, .credential = quoted, .odd = ODD_FORM},
	{FINDING_QUOTED_STALE, .challenge = quoted_in_challenge, .odd = ODD_FORM},
	{FINDING_UNQUOTED_QOP_IN_CHALLENGE, .challenge = unquoted_qop, .odd = ODD_FORM},
	{FINDING_UNQUOTED_PARAM, .challenge = unquoted_in_challenge,
		.credential = unquoted_in_credentials, .odd = ODD_FORM},
};

const struct rule_table rules_syntax = RULE_TABLE(rules);

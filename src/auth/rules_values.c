/* What stands in challenges and credentials: values, schemes, passwords (CATALOGUE section 7). */
#include "auth/rules.h"

#include "sip/uri.h"

/* ---- values ---- */

static void nonce_count_form(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	bool upper = false, good = k->nc.n == 8;
	struct finding *f;

	for (size_t i = 0; i < k->nc.n; i++) {
		char c = k->nc.p[i];

		if (c >= 'A' && c <= 'F')
			upper = true;
		else if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			good = false;
	}
	if (!k->digest || !k->nc.p || !k->qop.p || (good && !upper))
		return;
	f = raise_finding(
		d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_NC), SAY(say("value", k->nc)));
	if (f && good)
		f->at_most = SEVERITY_INFO;
}

static void response_form(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	const struct algorithm_info *info = algorithm_info(k->algorithm);
	bool upper = false, hex = true;
	size_t length;
	struct finding *f;

	if (!k->digest || !k->response.p || !info)
		return;
	/* without a name of its own the challenge's algorithm is meant */
	if (!k->algorithm_name.p && k->challenge && algorithm_info(k->challenge->algorithm))
		info = algorithm_info(k->challenge->algorithm);
	length = hash_hex_length(info->hash);
	for (size_t i = 0; i < k->response.n; i++) {
		char c = k->response.p[i];

		if (c >= 'A' && c <= 'F')
			upper = true;
		else if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			hex = false;
	}
	if (hex && !upper && k->response.n == length)
		return;
	f = raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_RESPONSE),
		SAY(say_number(d, "count", k->response.n), say_text("algorithm", info->name),
			say_number(d, "limit", length),
			say_text("detail",
				!hex            ? ", not all of them hexadecimal"
					: upper ? ", some of them in upper case"
						: "")));
	if (f && hex && k->response.n == length && k->judgement != JUDGEMENT_REJECTED)
		f->at_most = SEVERITY_INFO;
}

static void userhash(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	bool hashed = slice_eq_nocase(params_value(&k->params, PARAM_USERHASH), SLICE("true"));
	bool star = params_get(&k->params, PARAM_USERNAME_STAR) != NULL;
	const char *detail = NULL;

	if (star && params_get(&k->params, PARAM_USERNAME))
		detail = "both username and username* are sent";
	else if (hashed && star)
		detail = "userhash=true together with username*";
	else if (hashed && k->match == MATCH_NONCE &&
		!slice_eq_nocase(
			params_value(&k->challenge->params, PARAM_USERHASH), SLICE("true")))
		detail = "userhash was not offered";
	if (detail)
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_USERNAME),
			SAY(say_text("detail", detail)));
}

static void domain_in_proxy(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct response *r, const struct challenge *c)
{
	struct slice domain = params_value(&c->params, PARAM_DOMAIN);

	if (c->digest && c->kind == AUTH_KIND_PROXY && domain.p)
		raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, r, PARAM_DOMAIN),
			SAY(say("value", domain)));
}

static void aka_nonce(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct response *r, const struct challenge *c)
{
	const struct algorithm_info *info = algorithm_info(c->algorithm);

	if (c->digest && info && info->aka && c->nonce.n && aka_nonce_length(c->nonce) < 32)
		raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, r, PARAM_NONCE),
			SAY(say_number(d, "bytes", aka_nonce_length(c->nonce)),
				say_number(d, "limit", 32)));
}

/* ---- schemes, placeholders, passwords in the open ---- */

static bool is_basic(const struct params *p)
{
	return slice_eq_nocase(p->scheme, SLICE("Basic"));
}

static void basic_challenge(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct response *r, const struct challenge *c)
{
	struct finding *f;

	if (!is_basic(&c->params))
		return;
	f = raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, r, PARAM_UNKNOWN),
		SAY(say_header(c->kind, true)));
	/* beside a Digest challenge it is a danger, not the failure */
	if (f && response_answerable(r)) {
		f->at_most = SEVERITY_WARNING;
		f->as_cause = CONFIDENCE_POSSIBLE;
	}
}

static void basic_credentials(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	if (is_basic(&k->params))
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_UNKNOWN),
			SAY(say_header(k->kind, false), say_text("detail", "Basic credentials")));
}

static void other_scheme(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct response *r, const struct challenge *c)
{
	bool with_digest = false;
	struct finding *f;

	for (unsigned i = 0; i < r->challenge_count; i++)
		with_digest = with_digest || r->challenges[i].digest;
	if (c->digest || is_basic(&c->params) || !c->params.scheme.p)
		return;
	f = raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, r, PARAM_UNKNOWN),
		SAY(say_number(d, "status", r->status), say("value", c->params.scheme),
			say_text("detail",
				with_digest ? " beside Digest" : ", and not for Digest")));
	if (f && with_digest) {
		f->at_most = SEVERITY_INFO;
		f->cause_rank = 0;
	}
}

static void placeholder(struct diagnosis *d, enum finding_id id)
{
	for (const struct attempt *a = d->x->attempts; a; a = a->next)
		for (unsigned i = 0; i < a->credential_count; i++)
			if (a->credentials[i].placeholder)
				raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_NONCE),
					SAY(say("user", a->credentials[i].username)));
}

static void password_in_uri(struct diagnosis *d, enum finding_id id)
{
	for (const struct attempt *a = d->x->attempts; a; a = a->next) {
		const struct message *m = &a->request.msg;
		const struct {
			struct slice field;
			const char *where;
		} uris[] = {
			{m->request_uri, "the Request-URI"},
			{m->from, "the From URI"},
			{m->to, "the To URI"},
			{m->contact, "the Contact URI"},
		};

		for (size_t i = 0; i < sizeof(uris) / sizeof(*uris); i++) {
			struct uri uri;

			if (uri_scan(i ? name_addr_uri(uris[i].field) : uris[i].field, &uri) &&
				uri.password.n)
				raise_finding(d, id, CONFIDENCE_PROVEN,
					at_request(a, PARAM_UNKNOWN),
					SAY(say_text("detail", uris[i].where)));
		}
	}
}

static const struct rule rules[] = {
	{FINDING_NONCE_COUNT_MALFORMED, .credential = nonce_count_form, .odd = ODD_FORM},
	{FINDING_RESPONSE_MALFORMED, .credential = response_form, .odd = ODD_ANSWER},
	{FINDING_USERHASH_MISUSE, .credential = userhash, .odd = ODD_FORM},
	{FINDING_DOMAIN_IN_PROXY_AUTHENTICATE, .challenge = domain_in_proxy, .odd = ODD_FORM},
	{FINDING_AKA_NONCE_SHORT, .challenge = aka_nonce, .odd = ODD_FORM},
	{FINDING_SCHEME_BASIC, .challenge = basic_challenge, .credential = basic_credentials, .odd = ODD_FORM},
	{FINDING_SCHEME_UNSUPPORTED, .challenge = other_scheme, .odd = ODD_FORM},
	{FINDING_EMPTY_CREDENTIALS, .exchange = placeholder, .odd = ODD_FORM},
	{FINDING_CREDENTIALS_PASSWORD_IN_CLEAR, .credential = basic_credentials, .odd = ODD_FORM},
	{FINDING_CREDENTIALS_PASSWORD_IN_CLEAR, .exchange = password_in_uri, .odd = ODD_PASSWORD},
};

const struct rule_table rules_values = RULE_TABLE(rules);

/*
 * Exchanges in which nothing out of the ordinary is to be seen: a request, one challenge, one answer that
 * is accepted, all of it written as everybody writes it. Most are like this, and most rules need more.
 */
#include "auth/rules.h"

static bool ordinary_message(const struct observed *o)
{
	return !o->truncated && !o->cut && !(o->msg.defects & (MESSAGE_NO_END | MESSAGE_BODY_SHORT));
}

/* Either nothing is sent, or in the quotes that the grammar asks for (RFC 3261 25.1). */
static bool quoted_as_usual(const struct params *p)
{
	static const bool in_quotes[PARAM_COUNT] = {
		[PARAM_REALM] = true,
		[PARAM_NONCE] = true,
		[PARAM_OPAQUE] = true,
		[PARAM_USERNAME] = true,
		[PARAM_URI] = true,
		[PARAM_RESPONSE] = true,
		[PARAM_CNONCE] = true,
	};

	for (uint32_t i = 0; i < p->count; i++) {
		const struct param *param = &p->list[i];

		if (param->id == PARAM_UNKNOWN || param->duplicate || param->escaped || !param->raw.n)
			return false;
		/* in challenges qop is quoted, in credentials it is not: asked where it is known which */
		if (param->id != PARAM_QOP && param->quoted != in_quotes[param->id])
			return false;
	}
	return true;
}

static bool ordinary_params(const struct params *p)
{
	return !p->defects && !p->dropped && quoted_as_usual(p) &&
		!params_get(p, PARAM_DOMAIN) && !params_get(p, PARAM_USERHASH) &&
		!params_get(p, PARAM_USERNAME_STAR) && !params_get(p, PARAM_AUTS) &&
		!params_get(p, PARAM_STALE);
}

static bool ordinary_algorithm(enum algorithm algorithm, struct slice name)
{
	const struct algorithm_info *info = algorithm_info(algorithm);

	if (!name.p)
		return algorithm == ALGORITHM_MD5;
	return info && !info->aka && !info->sess && slice_eq(name, slice_of(info->name));
}

static bool ordinary_challenge(const struct response *r)
{
	const struct challenge *c = r->challenges;
	const struct param *qop = r->challenge_count == 1 ? params_get(&c->params, PARAM_QOP) : NULL;
	unsigned status = r->status;

	return r->challenge_count == 1 && c->usable && !c->stale && c->lines <= 1 && c->joined <= 1 &&
		status == (c->kind == AUTH_KIND_USER ? 401u : 407u) && c->realm.n &&
		(!qop || qop->quoted) && ordinary_params(&c->params) &&
		ordinary_algorithm(c->algorithm, c->algorithm_name);
}

static bool fresh(const struct nonce_history *h)
{
	return h->known && h->uses == 1 && h->same_nc <= 1 && !h->highest_nc && !h->replaced;
}

static bool same_terms(const struct credential *k, const struct challenge *c)
{
	return k->kind == c->kind && k->algorithm == c->algorithm && slice_eq(k->realm, c->realm) &&
		slice_eq(k->opaque, c->opaque) && !k->algorithm_name.p == !c->algorithm_name.p &&
		!k->qop.p == !c->qop.p && (!k->qop.p || qop_has(c->qop, k->qop));
}

/* nc and cnonce go with qop, and a fresh nonce begins with the first count. */
static bool first_count(const struct credential *k)
{
	if (!k->qop.p)
		return !k->nc.p && !k->cnonce.p;
	return k->cnonce.p && slice_eq(k->nc, SLICE("00000001"));
}

static bool ordinary_credential(const struct credential *k, const struct response *challenged_by)
{
	const struct param *qop = params_get(&k->params, PARAM_QOP);

	return k->digest && !k->placeholder && k->lines <= 1 && k->joined <= 1 && k->username.n &&
		k->nonce.n && k->uri.n && k->response.n && k->match == MATCH_NONCE && k->newest &&
		k->challenged_by == challenged_by && k->judgement == JUDGEMENT_ACCEPTED &&
		!k->next_ignored && k->cnonce_nonces < 3 && fresh(&k->history) && (!qop || !qop->quoted) &&
		ordinary_params(&k->params) && ordinary_algorithm(k->algorithm, k->algorithm_name) &&
		same_terms(k, k->challenge) && first_count(k);
}

static bool ordinary_attempt(const struct attempt *a)
{
	return a->final && !a->others && !a->after_response && !a->unreachable &&
		ordinary_message(&a->request) && ordinary_message(&a->final->seen);
}

bool is_ordinary(const struct exchange *x)
{
	const struct attempt *first = x->attempts, *last = x->last_attempt;

	return x->outcome == OUTCOME_ACCEPTED && x->attempt_count == 2 && x->slot_count == 1 &&
		!x->guards.starts_middle && !x->guards.one_way && ordinary_attempt(first) &&
		ordinary_attempt(last) && !first->credential_count && last->credential_count == 1 &&
		!last->final->challenge_count && last->final->status != 403 && last->final->status != 400 &&
		ordinary_challenge(first->final) &&
		ordinary_credential(last->credentials, first->final);
}

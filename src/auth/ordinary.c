/*
 * What is out of the ordinary about an exchange. Most are a request, one challenge, one answer that is
 * accepted, all of it written as everybody writes it, and most of the others differ from that in one
 * respect: the rules that need another need not be asked. Whatever is not plain to see here is odd in
 * every respect, and then all rules are asked. Messages are looked at when they come: when the exchange
 * ends their bytes are no longer in the cache.
 */
#include "auth/rules.h"

#include "base/find.h"

static bool ordinary_message(const struct observed *o)
{
	return !o->truncated && !o->cut && !(o->msg.defects & (MESSAGE_NO_END | MESSAGE_BODY_SHORT));
}

/* Parameters as they are usually written: not at all, or in the quotes that the grammar asks for (RFC 3261 25.1). */
struct usage {
	uint32_t quoted, bare; /* sets of ids */
};

#define BIT(name) (1u << PARAM_##name)

static const struct usage in_challenges = {
	.quoted = BIT(REALM) | BIT(NONCE) | BIT(OPAQUE) | BIT(QOP),
	.bare = BIT(ALGORITHM) | BIT(STALE),
};

static const struct usage in_credentials = {
	.quoted = BIT(USERNAME) | BIT(REALM) | BIT(NONCE) | BIT(URI) | BIT(RESPONSE) | BIT(CNONCE) | BIT(OPAQUE),
	.bare = BIT(ALGORITHM) | BIT(QOP) | BIT(NC),
};

static bool ordinary_params(const struct params *p, struct usage usual)
{
	return !p->defects && !p->dropped && !p->peculiar && !(p->quoted & ~usual.quoted) &&
		!(p->present & ~p->quoted & ~usual.bare);
}

/* The name was found without regard to case: it is as long as the registered one. */
static bool ordinary_algorithm(enum algorithm algorithm, struct slice name)
{
	const struct algorithm_info *info = algorithm_info(algorithm);

	if (!name.p)
		return algorithm == ALGORITHM_MD5;
	return info && !info->aka && !info->sess && bytes_equal(name.p, info->name, name.n);
}

/* Anything but 0 to 9 and a to f? Without a branch, so that the compiler takes `n` bytes at once. */
static inline bool others_in(const char *p, unsigned n)
{
	unsigned char other = 0;

	for (unsigned i = 0; i < n; i++)
		other |= (unsigned char)(((unsigned char)(p[i] - '0') > 9) & ((unsigned char)(p[i] - 'a') > 5));
	return other;
}

/* `length`: a multiple of eight, as those of counts and digests are. */
static bool is_lower_hex(struct slice s, size_t length)
{
	if (s.n != length)
		return false;
	for (; s.n >= 16; s = slice_from(s, 16))
		if (others_in(s.p, 16))
			return false;
	return !s.n || !others_in(s.p, 8);
}

/* ---- requests ---- */

/* `user:password@` takes two colons before an at sign. */
static bool may_hold_password(struct slice field)
{
	size_t colon = find_byte(field, 0, ':');

	if (colon < field.n)
		colon = find_byte(field, colon + 1, ':');
	return colon < field.n && find_byte(field, colon, '@') < field.n;
}

/* nc and cnonce go with qop. */
static bool plain_count(const struct credential *k)
{
	if (!k->qop.p)
		return !k->nc.p && !k->cnonce.p;
	return k->cnonce.p && is_lower_hex(k->nc, 8);
}

static bool plain_credential(const struct credential *k)
{
	return k->digest && !k->placeholder && k->lines <= 1 && k->joined <= 1 && k->username.n &&
		k->realm.p && k->nonce.n && k->uri.n && ordinary_params(&k->params, in_credentials) &&
		ordinary_algorithm(k->algorithm, k->algorithm_name) && plain_count(k) &&
		is_lower_hex(k->response, hash_hex_length(algorithm_info(k->algorithm)->hash));
}

/* What the challenge asks for, and for this request. */
static bool copies_challenge(const struct attempt *a, const struct credential *k, const struct response *r)
{
	const struct challenge *c = k->challenge;

	return r && c && c == r->challenges && k->match == MATCH_NONCE && k->newest && k->slot == c->slot &&
		k->kind == c->kind && k->algorithm == c->algorithm && slice_eq(k->realm, c->realm) &&
		slice_eq(k->opaque, c->opaque) && !k->algorithm_name.p == !c->algorithm_name.p &&
		!k->qop.p == !c->qop.p && (!k->qop.p || qop_has(c->qop, k->qop)) &&
		slice_eq(k->uri, a->request.msg.request_uri);
}

static bool nonce_is_fresh(const struct credential *k)
{
	const struct nonce_history *h = &k->history;

	return h->known && h->uses == 1 && h->same_nc <= 1 && !h->highest_nc && !h->replaced &&
		!k->next_ignored && k->cnonce_nonces < 3 &&
		(!k->qop.p || slice_eq(k->nc, SLICE("00000001")));
}

static unsigned odd_credential(const struct exchange *x, const struct attempt *a,
	const struct credential *k, const struct response *challenged_by)
{
	unsigned odd = 0;

	if (!plain_credential(k))
		return ODD_FORM;
	if (!copies_challenge(a, k, challenged_by))
		odd |= ODD_ANSWER;
	if (!nonce_is_fresh(k))
		odd |= ODD_NONCE;
	if (k->verification == VERIFICATION_MATCH || k->verification == VERIFICATION_MISMATCH)
		odd |= ODD_SECRET;
	if (!slice_eq(k->username, x->from_user) || slice_eq_nocase(k->username, SLICE("anonymous")) ||
		!slice_eq(a->request.msg.from, x->attempts->request.msg.from))
		odd |= ODD_USER;
	return odd;
}

static bool same_response(const struct attempt *a, const struct attempt *b)
{
	return a->credential_count && b->credential_count &&
		slice_eq(a->credentials->response, b->credentials->response);
}

/* All that has to be the same is the same, and only that. */
static bool plain_retry(const struct exchange *x, const struct attempt *before, const struct attempt *a)
{
	const struct message *old = &before->request.msg, *new = &a->request.msg;

	return old->cseq_valid && new->cseq_valid && new->cseq > old->cseq &&
		slice_eq(new->request_uri, old->request_uri) && slice_eq(new->call_id, old->call_id) &&
		slice_eq(new->from_tag, old->from_tag) && (x->in_dialog || !new->to_tag.n) &&
		!slice_eq(new->branch, old->branch) && !new->body.n == !old->body.n &&
		address_eq(&a->request.src, &before->request.src) &&
		address_eq(&a->request.dst, &before->request.dst) && !same_response(before, a);
}

unsigned odd_request(const struct exchange *x, const struct attempt *before, const struct attempt *a)
{
	const struct message *m = &a->request.msg;
	unsigned odd = 0;

	if (!ordinary_message(&a->request) || m->bytes.n > LARGE_REQUEST || a->credential_count > 1 ||
		(before && !a->credential_count))
		return ODD_FORM;
	if (before && !plain_retry(x, before, a))
		odd |= ODD_RETRY;
	if (a->credential_count)
		odd |= odd_credential(x, a, a->credentials, before ? before->final : NULL);
	if (may_hold_password(m->request_uri) || may_hold_password(m->from) || may_hold_password(m->to) ||
		may_hold_password(m->contact))
		odd |= ODD_PASSWORD;
	return odd;
}

/* ---- final responses, and what they say of the credentials ---- */

static bool plain_challenge(const struct response *r)
{
	const struct challenge *c = r->challenges;

	return r->challenge_count == 1 && c->usable && !c->slot && c->lines <= 1 && c->joined <= 1 &&
		r->status == (c->kind == AUTH_KIND_USER ? 401u : 407u) && c->realm.n &&
		ordinary_params(&c->params, in_challenges) &&
		ordinary_algorithm(c->algorithm, c->algorithm_name);
}

unsigned odd_final(const struct exchange *x, const struct attempt *a)
{
	const struct response *r = a->final;
	bool challenged = r->challenge_count || status_is_challenge(r->status);
	unsigned odd = 0;

	if (!ordinary_message(&r->seen) || (challenged && !plain_challenge(r)))
		return ODD_FORM;
	if (challenged && (x->in_dialog || r->status == (x->method == METHOD_INVITE ? 401 : 407)))
		odd |= ODD_CODE;
	if (challenged && !r->challenges->qop.p)
		odd |= ODD_QOP;
	if (challenged && realm_is_common(r->challenges->realm))
		odd |= ODD_REALM;
	if (challenged && params_get(&r->challenges->params, PARAM_STALE))
		odd |= ODD_REFUSED;
	if (a->credential_count && a->credentials->judgement != JUDGEMENT_ACCEPTED)
		odd |= ODD_REFUSED;
	return odd;
}

/* ---- the exchange ---- */

/* Only the last may be answered by anything but a challenge. */
static bool plain_attempt(const struct attempt *a)
{
	return a->final && !a->others && !a->after_response && !a->unreachable && a->final->copies < 3 &&
		(a->final->challenge_count || !a->next);
}

static bool plain_end(const struct exchange *x)
{
	unsigned status = x->last_attempt->final->status;

	return status != 400 && status != 403 &&
		(x->outcome == OUTCOME_ACCEPTED ||
			(x->outcome == OUTCOME_UNCHALLENGED && x->method != METHOD_REGISTER));
}

unsigned oddities(const struct diagnosis *d)
{
	const struct tracker_options *o = &d->t->options;
	const struct exchange *x = d->x;
	unsigned odd = 0;

	if (x->slot_count > 1 || x->altered || x->guards.starts_middle || x->guards.one_way ||
		d->live->ack_challenged || d->live->cancel_challenged)
		return ODD_ANYHOW;
	for (const struct attempt *a = x->attempts; a; a = a->next) {
		odd |= a->odd;
		if (odd & ODD_FORM || !plain_attempt(a))
			return ODD_ANYHOW;
	}
	if (!plain_end(x))
		odd |= ODD_END;
	if (secrets_count(o->secrets))
		odd |= ODD_SECRET;
	if (o->expect[x->method] != EXPECTED_NONE || o->profile || o->vos_mode)
		odd |= ODD_EXPECTED;
	return odd;
}

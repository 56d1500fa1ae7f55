/* Recomputes digests where a secret is known (RFC 2617 3.2.2, RFC 7616 3.4, RFC 3261 22.4). */
#include "auth/live.h"

enum { SECRETS_TRIED_MAX = 16 };

/* The algorithm that the client should have used: its own word, else the challenge's, else MD5. */
static enum algorithm credential_algorithm(const struct credential *k)
{
	if (!k->algorithm_name.p && k->challenge && k->match == MATCH_NONCE)
		return k->challenge->algorithm;
	return k->algorithm;
}

static struct digest_input input_of(const struct credential *k, const struct observed *request)
{
	return (struct digest_input){
		.algorithm = credential_algorithm(k),
		.username = k->username,
		.realm = k->realm,
		.method = request->msg.method_name,
		.uri = k->uri,
		.nonce = k->nonce,
		.nc = k->nc,
		.cnonce = k->cnonce,
		.qop = k->qop.n ? k->qop : SLICE_ABSENT,
		.body = request->msg.defects & MESSAGE_BODY_SHORT || request->cut ? SLICE_ABSENT
			: request->msg.body.p ? request->msg.body
					      : SLICE(""),
	};
}

/* Upper-case hex is the same number: whether the server minds is another question. */
static bool response_matches(struct slice response, const char *computed)
{
	char text[HASH_HEX_MAX];
	size_t n = response.n;

	if (secret_eq(response, slice_of(computed)))
		return true;
	if (n >= sizeof(text))
		return false;
	for (size_t i = 0; i < n; i++)
		text[i] = (char)(response.p[i] >= 'A' && response.p[i] <= 'F' ? response.p[i] + 32
									      : response.p[i]);
	return secret_eq((struct slice){text, n}, slice_of(computed));
}

static enum verification try_input(const struct digest_input *in, struct slice response)
{
	struct digest_steps steps;
	enum verification v = VERIFICATION_UNSUPPORTED;

	switch (digest_compute(in, &steps)) {
	case DIGEST_OK:
		v = response_matches(response, steps.response) ? VERIFICATION_MATCH
							       : VERIFICATION_MISMATCH;
		break;
	case DIGEST_INCOMPLETE:
		v = VERIFICATION_INCOMPLETE;
		break;
	case DIGEST_UNSUPPORTED:
		break;
	}
	secret_wipe(&steps, sizeof(steps));
	return v;
}

/* RFC 2617 hashes quoted strings as they stand, RFC 7616 without the quoting slashes: both are right. */
static enum verification try_both_unquotings(
	struct digest_input *in, const struct credential *k, struct arena *arena)
{
	static const enum param_id escapable[] = {PARAM_USERNAME, PARAM_REALM, PARAM_NONCE};
	struct slice *places[] = {&in->username, &in->realm, &in->nonce};
	enum verification v = try_input(in, k->response);
	bool escaped = false;

	if (v != VERIFICATION_MISMATCH)
		return v;
	for (size_t i = 0; i < sizeof(escapable) / sizeof(*escapable); i++) {
		const struct param *p = params_get(&k->params, escapable[i]);

		if (p && p->escaped) {
			*places[i] = param_unescape(param_value(p), arena);
			escaped = true;
		}
	}
	return escaped ? try_input(in, k->response) : v;
}

static bool is_hashed(const struct credential *k)
{
	return slice_eq_nocase(params_value(&k->params, PARAM_USERHASH), SLICE("true"));
}

bool verify_input(const struct credential *k, const struct observed *request, const struct secret *secret,
	struct digest_input *in, struct arena *arena)
{
	*in = input_of(k, request);
	if (is_hashed(k))
		in->username = secret->username;
	if (!secret_apply(secret, in, arena))
		return false;
	/* a resynchronisation is computed with an empty password (RFC 3310 3.4) */
	if (algorithm_info(in->algorithm)->aka && params_get(&k->params, PARAM_AUTS))
		in->password = SLICE("");
	return true;
}

bool verify_rspauth_input(const struct credential *k, const struct response *r, struct digest_input *in,
	struct arena *arena)
{
	if (!verify_input(k, &r->seen, k->secret, in, arena))
		return false;
	/* with an empty method (RFC 2617 3.2.3) */
	in->method = SLICE("");
	return true;
}

static enum verification verify_with(const struct credential *k, const struct observed *request,
	const struct secret *secret)
{
	struct arena scratch = {0};
	struct digest_input in;
	enum verification v = VERIFICATION_NO_SECRET;

	if (verify_input(k, request, secret, &in, &scratch))
		v = try_both_unquotings(&in, k, &scratch);
	arena_wipe(&scratch);
	return v;
}

/* userhash=true: the name is H(user:realm) (RFC 7616 3.4.4); which known user is it? */
static bool is_user_hash(const struct credential *k, struct slice user)
{
	const struct algorithm_info *info = algorithm_info(credential_algorithm(k));
	const struct slice parts[] = {user, SLICE(":"), k->realm};
	char hex[HASH_HEX_MAX];

	return info && hash_hex(info->hash, parts, 3, hex) &&
		slice_eq_nocase(k->username, slice_of(hex));
}

static void better(struct credential *k, enum verification v, const struct secret *secret)
{
	if (k->verification == VERIFICATION_MATCH || v == VERIFICATION_NO_SECRET)
		return;
	/* of several that do not match the first one fits the account best */
	if (k->secret && v != VERIFICATION_MATCH)
		return;
	k->verification = v;
	k->secret = secret;
}

static void verify_user_hash(
	struct credential *k, const struct observed *request, const struct secrets *secrets)
{
	for (size_t i = 0; i < secrets_count(secrets); i++) {
		const struct secret *s = secrets_at(secrets, i);

		if (s->username.p && is_user_hash(k, s->username))
			better(k, verify_with(k, request, s), s);
	}
}

static void verify_credential(
	struct credential *k, const struct observed *request, const struct secrets *secrets)
{
	const struct secret *candidates[SECRETS_TRIED_MAX];
	size_t n;

	if (credential_algorithm(k) == ALGORITHM_UNKNOWN) {
		k->verification = VERIFICATION_UNSUPPORTED;
		return;
	}
	if (is_hashed(k)) {
		verify_user_hash(k, request, secrets);
		return;
	}
	n = secrets_find(secrets, k->username, k->realm, credential_algorithm(k), candidates,
		SECRETS_TRIED_MAX);
	for (size_t i = 0; i < n && k->verification != VERIFICATION_MATCH; i++)
		better(k, verify_with(k, request, candidates[i]), candidates[i]);
}

/* Anonymous users have the empty password (RFC 3261 22.2); that it is another one proves nothing. */
static void verify_anonymous(struct credential *k, const struct observed *request)
{
	struct digest_input in;

	if (!slice_eq(k->username, SLICE("anonymous")) || k->verification != VERIFICATION_NO_SECRET)
		return;
	in = input_of(k, request);
	in.password = SLICE("");
	if (try_input(&in, k->response) == VERIFICATION_MATCH)
		k->verification = VERIFICATION_MATCH;
}

void verify_attempt(struct attempt *a, const struct secrets *secrets)
{
	for (unsigned i = 0; i < a->credential_count; i++) {
		struct credential *k = &a->credentials[i];

		if (!k->digest || !k->response.n)
			continue;
		if (secrets_count(secrets))
			verify_credential(k, &a->request, secrets);
		verify_anonymous(k, &a->request);
	}
}

const struct credential *verified_credential(const struct attempt *a)
{
	const struct credential *k = NULL;

	for (unsigned i = 0; i < a->credential_count; i++)
		if (a->credentials[i].verification == VERIFICATION_MATCH &&
			a->credentials[i].secret)
			k = &a->credentials[i];
	return k;
}

void verify_rspauth(const struct attempt *a, struct response *r)
{
	struct slice rspauth = response_info(r, PARAM_RSPAUTH);
	const struct credential *k = rspauth.n ? verified_credential(a) : NULL;
	struct arena scratch = {0};
	struct digest_input in;

	if (!k)
		return;
	if (verify_rspauth_input(k, r, &in, &scratch))
		r->rspauth = try_input(&in, rspauth);
	arena_wipe(&scratch);
}

bool credential_explain(
	const struct credential *k, const struct observed *request, bool show_secrets, struct buf *out)
{
	struct digest_input in = input_of(k, request);
	struct digest_steps steps;
	struct arena scratch = {0};
	bool good = k->digest && in.algorithm != ALGORITHM_UNKNOWN;

	if (good && k->secret)
		good = verify_input(k, request, k->secret, &in, &scratch);
	if (good) {
		digest_compute(&in, &steps);
		digest_explain(&in, &steps, show_secrets, out);
		secret_wipe(&steps, sizeof(steps));
	}
	arena_wipe(&scratch);
	return good;
}

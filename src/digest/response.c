#include "digest/response.h"

#include <string.h>

enum qop qop_parse(struct slice token)
{
	if (!token.p)
		return QOP_NONE;
	if (slice_eq_nocase(token, SLICE("auth")))
		return QOP_AUTH;
	if (slice_eq_nocase(token, SLICE("auth-int")))
		return QOP_AUTH_INT;
	return QOP_OTHER;
}

static const struct slice colon = {":", 1};

/* HA1, RFC 2617 3.2.2.2; with -sess the inner hash goes in as hex text, unlike RFC 2617 section 5.
 */
static enum digest_status compute_ha1(
	const struct digest_input *in, const struct algorithm_info *info, struct digest_steps *out)
{
	const struct slice a1[] = {in->username, colon, in->realm, colon, in->password};

	if (in->ha1.p) {
		if (!in->ha1.n || in->ha1.n >= sizeof(out->ha1_base))
			return DIGEST_INCOMPLETE;
		memcpy(out->ha1_base, in->ha1.p, in->ha1.n);
		out->ha1_base[in->ha1.n] = '\0';
	} else {
		if (!in->username.p || !in->realm.p || !in->password.p)
			return DIGEST_INCOMPLETE;
		hash_hex(info->hash, a1, 5, out->ha1_base);
	}
	if (info->sess) {
		const struct slice sess[] = {
			slice_of(out->ha1_base), colon, in->nonce, colon, in->cnonce};

		if (!in->nonce.p || !in->cnonce.p)
			return DIGEST_INCOMPLETE;
		hash_hex(info->hash, sess, 5, out->ha1);
	} else {
		memcpy(out->ha1, out->ha1_base, sizeof(out->ha1));
	}
	return DIGEST_OK;
}

/* HA2, RFC 2617 3.2.2.3: with auth-int the body takes part. */
static enum digest_status compute_ha2(
	const struct digest_input *in, const struct algorithm_info *info, struct digest_steps *out)
{
	bool integrity = qop_parse(in->qop) == QOP_AUTH_INT;
	struct slice a2[] = {in->method, colon, in->uri, colon, SLICE_ABSENT};

	if (integrity && in->body.p)
		hash_hex(info->hash, &in->body, 1, out->body);
	if (!in->method.p || !in->uri.p || (integrity && !in->body.p))
		return DIGEST_INCOMPLETE;
	a2[4] = slice_of(out->body);
	hash_hex(info->hash, a2, integrity ? 5 : 3, out->ha2);
	return DIGEST_OK;
}

/* RFC 2617 3.2.2.1; without qop the form of RFC 2069. */
static enum digest_status compute_response(
	const struct digest_input *in, const struct algorithm_info *info, struct digest_steps *out)
{
	struct slice ha1 = slice_of(out->ha1), ha2 = slice_of(out->ha2);
	const struct slice legacy[] = {ha1, colon, in->nonce, colon, ha2};
	const struct slice full[] = {ha1, colon, in->nonce, colon, in->nc, colon, in->cnonce, colon,
		in->qop, colon, ha2};

	if (!in->nonce.p || (in->qop.p && (!in->nc.p || !in->cnonce.p)))
		return DIGEST_INCOMPLETE;
	if (in->qop.p)
		hash_hex(info->hash, full, 11, out->response);
	else
		hash_hex(info->hash, legacy, 5, out->response);
	return DIGEST_OK;
}

static void steps_clear(struct digest_steps *out)
{
	out->ha1[0] = out->ha1_base[0] = out->ha2[0] = out->body[0] = out->response[0] = '\0';
}

enum digest_status digest_compute(const struct digest_input *in, struct digest_steps *out)
{
	const struct algorithm_info *info = algorithm_info(in->algorithm);
	enum digest_status first, second;

	steps_clear(out);
	if (!info || !hash_available(info->hash))
		return DIGEST_UNSUPPORTED;
	/* both halves, whatever lacks: the explanation shows what could be computed */
	first = compute_ha1(in, info, out);
	second = compute_ha2(in, info, out);
	if (first != DIGEST_OK || second != DIGEST_OK)
		return DIGEST_INCOMPLETE;
	return compute_response(in, info, out);
}

bool digest_is_hex(struct slice text, size_t length)
{
	bool lower = false, upper = false;

	if (text.n != length || !text.p)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c >= 'a' && c <= 'f')
			lower = true;
		else if (c >= 'A' && c <= 'F')
			upper = true;
		else if (c < '0' || c > '9')
			return false;
	}
	return !(lower && upper);
}

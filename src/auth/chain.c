#include "auth/chain.h"

#include <string.h>

static const struct slice colon = {":", 1};
static const char lower_digits[] = "0123456789abcdef", upper_digits[] = "0123456789ABCDEF";

static void put_hex(const uint8_t *raw, size_t n, bool upper, struct half *out)
{
	const char *digits = upper ? upper_digits : lower_digits;

	for (size_t i = 0; i < n; i++) {
		out->text[2 * i] = digits[raw[i] >> 4];
		out->text[2 * i + 1] = digits[raw[i] & 15];
	}
	out->n = (uint8_t)(2 * n);
}

static size_t unhex(const struct half *in, uint8_t out[HASH_MAX])
{
	for (size_t i = 0; i + 1 < in->n; i += 2) {
		uint8_t byte = 0;

		for (size_t k = i; k < i + 2; k++) {
			char c = in->text[k];

			byte = (uint8_t)(byte << 4 | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10));
		}
		out[i / 2] = byte;
	}
	return in->n / 2u;
}

static void hash_parts(
	enum hash hash, size_t bytes, const struct slice *parts, size_t count, struct half *out)
{
	uint8_t raw[HASH_MAX];

	out->n = 0;
	if (hash_raw(hash, parts, count, raw))
		put_hex(raw, bytes, false, out);
}

static struct slice half_slice(const struct half *h)
{
	return (struct slice){h->text, h->n};
}

bool chain_quoted(const struct pick *p)
{
	return p->of[DIMENSION_ORDER]->forms & FORM_QUOTED;
}

struct slice chain_nc(const struct pick *p)
{
	const struct candidate *qop = p->of[DIMENSION_QOP];

	return qop->cnonce.p ? qop->other : p->of[DIMENSION_NC]->value;
}

struct slice chain_cnonce(const struct pick *p)
{
	const struct candidate *qop = p->of[DIMENSION_QOP];

	return qop->cnonce.p ? qop->cnonce : p->of[DIMENSION_CNONCE]->value;
}

/* Bytes of an HA1 of this hash: those of a cut hash are the same for HA1. */
static size_t ha1_bytes(const struct candidate *alg)
{
	return alg->ha1_hash == alg->hash ? alg->hash_bytes : hash_length(alg->ha1_hash);
}

void chain_a1(const struct pick *p, struct chain *c)
{
	const struct candidate *alg = p->of[DIMENSION_ALG], *pw = p->of[DIMENSION_PW];
	unsigned order = p->of[DIMENSION_ORDER]->forms;
	struct slice user = p->of[DIMENSION_USER]->value, realm = p->of[DIMENSION_REALM]->value;
	struct slice quote = order & FORM_QUOTED ? SLICE("\"") : SLICE("");
	const struct slice usual[] = {
		quote, user, quote, colon, quote, realm, quote, colon, pw->value};
	const struct slice no_realm[] = {user, colon, pw->value};
	const struct slice realm_first[] = {realm, colon, user, colon, pw->value};
	struct slice again;

	if (pw->forms & FORM_IS_HA1) {
		c->base.n = (uint8_t)(pw->value.n < sizeof(c->base.text) ? pw->value.n : 0);
		memcpy(c->base.text, pw->value.p, c->base.n);
	} else if (order & FORM_NO_REALM) {
		hash_parts(alg->ha1_hash, ha1_bytes(alg), no_realm, 3, &c->base);
	} else if (order & FORM_REALM_FIRST) {
		hash_parts(alg->ha1_hash, ha1_bytes(alg), realm_first, 5, &c->base);
	} else {
		hash_parts(alg->ha1_hash, ha1_bytes(alg), usual, 9, &c->base);
	}
	if (alg->forms & FORM_HA1_DOUBLE) {
		again = half_slice(&c->base);
		hash_parts(alg->ha1_hash, ha1_bytes(alg), &again, 1, &c->base);
	}
}

static void finish_half(struct half *h, bool upper, bool raw)
{
	uint8_t bytes[HASH_MAX];
	size_t n;

	if (!upper && !raw)
		return;
	n = unhex(h, bytes);
	if (raw) {
		memcpy(h->text, bytes, n);
		h->n = (uint8_t)n;
	} else {
		put_hex(bytes, n, true, h);
	}
}

void chain_session(const struct pick *p, struct chain *c)
{
	const struct candidate *alg = p->of[DIMENSION_ALG];
	bool first = alg->forms & FORM_SESS_FIRST;
	struct half inner = c->base;

	c->ha1 = c->base;
	if (alg->forms & FORM_SESS) {
		struct slice parts[5] = {SLICE_ABSENT, colon,
			first ? alg->other : p->of[DIMENSION_NONCE]->value, colon,
			first ? alg->cnonce : chain_cnonce(p)};

		finish_half(&inner, false, alg->forms & FORM_SESS_RAW);
		parts[0] = half_slice(&inner);
		hash_parts(alg->hash, alg->hash_bytes, parts, 5, &c->ha1);
	}
	finish_half(&c->ha1, alg->forms & FORM_HA1_UPPER, alg->forms & FORM_RAW);
}

void chain_a2(const struct pick *p, struct chain *c)
{
	const struct candidate *alg = p->of[DIMENSION_ALG], *method = p->of[DIMENSION_METHOD];
	const struct candidate *qop = p->of[DIMENSION_QOP];
	struct slice quote = chain_quoted(p) ? SLICE("\"") : SLICE("");
	bool integrity = qop->forms & FORM_INTEGRITY;
	struct slice parts[7] = {
		method->value, colon, quote, p->of[DIMENSION_URI]->value, quote, colon};
	size_t skip = method->forms & FORM_NO_METHOD ? 2 : 0;
	struct half body;

	c->body[0] = '\0';
	if (integrity) {
		hash_parts(alg->hash, alg->hash_bytes, &qop->other, 1, &body);
		memcpy(c->body, body.text, body.n);
		c->body[body.n] = '\0';
		parts[6] = slice_of(c->body);
	}
	hash_parts(alg->hash, alg->hash_bytes, parts + skip, (integrity ? 7 : 5) - skip, &c->ha2);
	finish_half(&c->ha2, alg->forms & FORM_HA2_UPPER, alg->forms & FORM_RAW);
}

static void add(struct buf *b, struct slice value, bool quoted)
{
	if (quoted)
		buf_addc(b, '"');
	buf_add_slice(b, value);
	buf_adds(b, quoted ? "\":" : ":");
}

void chain_head(const struct pick *p, struct chain *c)
{
	const struct candidate *qop = p->of[DIMENSION_QOP];
	bool quoted = chain_quoted(p);

	buf_clear(&c->text);
	add(&c->text, half_slice(&c->ha1), false);
	add(&c->text, p->of[DIMENSION_NONCE]->value, quoted);
	if (!(qop->forms & FORM_LEGACY)) {
		add(&c->text, chain_nc(p), false);
		add(&c->text, chain_cnonce(p), quoted);
		add(&c->text, qop->value, false);
	}
	c->head = c->text.n;
}

void chain_response(
	const struct pick *p, struct chain *c, const struct half *ha2, uint8_t out[HASH_MAX])
{
	const struct candidate *alg = p->of[DIMENSION_ALG];
	struct slice text;
	struct half once;

	c->text.n = c->head;
	buf_add(&c->text, ha2->text, ha2->n);
	text = buf_slice(&c->text);
	if (!hash_raw(alg->hash, &text, 1, out))
		memset(out, 0, HASH_MAX);
	if (alg->forms & FORM_DOUBLE) {
		put_hex(out, alg->hash_bytes, false, &once);
		text = half_slice(&once);
		hash_raw(alg->hash, &text, 1, out);
	}
}

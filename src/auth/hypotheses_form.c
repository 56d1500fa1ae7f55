/* Algorithm, structure of the computation, method, qop and counts. */
#include "auth/hypotheses_make.h"

#include <string.h>

/* ---- algorithm ---- */

static void add_hash(struct builder *b, const struct row *row, enum hash hash, size_t length)
{
	struct candidate c = *right(b, DIMENSION_ALG);

	/* an HA1 of another hash is of no use */
	if (!hash_available(hash) || b->ha1_only)
		return;
	c.hash = c.ha1_hash = hash;
	c.hash_bytes = (uint8_t)length;
	c.value = row->text;
	c.names[0] = NULL;
	if (c.hash != b->info->hash)
		add_candidate(b, row, c);
}

void make_hash(struct builder *b, const struct row *row)
{
	add_hash(b, row, (enum hash)row->n, hash_length((enum hash)row->n));
}

void make_hash_cut(struct builder *b, const struct row *row)
{
	add_hash(b, row, HASH_SHA512, (size_t)row->n);
}

void make_mixed(struct builder *b, const struct row *row)
{
	struct candidate c = *right(b, DIMENSION_ALG);

	c.ha1_hash = (enum hash)row->n;
	if (hash_available(c.ha1_hash) && !b->ha1_only)
		add_candidate(b, row, c);
}

void make_form(struct builder *b, const struct row *row)
{
	struct candidate c = *right(b, DIMENSION_ALG);

	c.forms |= (unsigned)row->n;
	c.value = SLICE_ABSENT;
	add_candidate(b, row, c);
}

void make_sess(struct builder *b, const struct row *row)
{
	struct candidate c = *right(b, DIMENSION_ALG);

	c.forms |= FORM_SESS | (unsigned)row->n;
	c.value = SLICE_ABSENT;
	if (row->n || !b->info->sess)
		add_candidate(b, row, c);
}

void make_sess_ignored(struct builder *b, const struct row *row)
{
	struct candidate c = *right(b, DIMENSION_ALG);

	c.forms &= ~(unsigned)FORM_SESS;
	c.value = SLICE_ABSENT;
	if (b->info->sess)
		add_candidate(b, row, c);
}

void make_sess_first(struct builder *b, const struct row *row)
{
	struct candidate c = *right(b, DIMENSION_ALG);

	c.forms |= FORM_SESS_FIRST;
	c.value = SLICE_ABSENT;
	c.other = clues_first(&b->riddle->clues, CLUE_FIRST_NONCE);
	c.cnonce = clues_first(&b->riddle->clues, CLUE_FIRST_CNONCE);
	if (b->info->sess && c.other.p && c.cnonce.p &&
		!(slice_eq(c.other, b->in->nonce) && slice_eq(c.cnonce, b->in->cnonce)))
		add_candidate(b, row, c);
}

void make_order(struct builder *b, const struct row *row)
{
	/* with HA1 alone the order in A1 is past */
	if (!b->ha1_only || row->n == FORM_QUOTED)
		add_candidate(b, row, (struct candidate){.forms = (unsigned)row->n});
}

void make_no_method(struct builder *b, const struct row *row)
{
	add_candidate(b, row, (struct candidate){.forms = FORM_NO_METHOD});
}

/* ---- qop ---- */

static bool has_qop(const struct builder *b)
{
	return b->in->qop.p != NULL;
}

void make_legacy(struct builder *b, const struct row *row)
{
	if (has_qop(b))
		add_candidate(b, row, (struct candidate){.forms = FORM_LEGACY});
}

void make_forced(struct builder *b, const struct row *row)
{
	struct candidate c = {.value = SLICE("auth")};

	if (has_qop(b))
		return;
	c.other = b->in->nc.p ? b->in->nc : SLICE("00000001");
	c.cnonce = b->in->cnonce.p ? b->in->cnonce : SLICE("");
	add_candidate(b, row, c);
	c.cnonce = SLICE("");
	add_candidate(b, row, c);
}

/* Only the token in the final hash is another. */
static void add_token(struct builder *b, const struct row *row, struct slice token)
{
	struct candidate c = *right(b, DIMENSION_QOP);

	c.value = token;
	if (has_qop(b) && token.p)
		add_candidate(b, row, c);
}

void make_list_literal(struct builder *b, const struct row *row)
{
	struct slice list = clues_first(&b->riddle->clues, CLUE_QOP_LIST);

	if (slice_find(list, ',') < list.n)
		add_token(b, row, list);
	add_token(b, row, SLICE("auth,auth-int"));
	add_token(b, row, SLICE("auth, auth-int"));
	add_token(b, row, SLICE("auth-int,auth"));
}

/* SIPp#87, #123 */
void make_literal(struct builder *b, const struct row *row)
{
	enum qop sent = qop_parse(b->in->qop);

	if (row->n && sent == QOP_AUTH)
		add_token(b, row, SLICE("auth-int"));
	else if (!row->n && sent == QOP_AUTH_INT)
		add_token(b, row, SLICE("auth"));
}

void make_qop_quoted(struct builder *b, const struct row *row)
{
	if (has_qop(b))
		add_token(b, row, join(b, SLICE("\""), b->in->qop, SLICE("\"")));
}

void make_qop_upper(struct builder *b, const struct row *row)
{
	char *out = arena_alloc(b->arena, b->in->qop.n + 1);

	for (size_t i = 0; i < b->in->qop.n; i++)
		out[i] = b->in->qop.p[i] >= 'a' && b->in->qop.p[i] <= 'z'
			? (char)(b->in->qop.p[i] ^ 0x20)
			: b->in->qop.p[i];
	if (has_qop(b))
		add_token(b, row, (struct slice){out, b->in->qop.n});
}

static struct slice with_lf(struct builder *b, struct slice body)
{
	char *out = arena_alloc(b->arena, body.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < body.n; i++)
		if (body.p[i] != '\r' || i + 1 == body.n || body.p[i + 1] != '\n')
			out[n++] = body.p[i];
	return (struct slice){out, n};
}

static void add_body(struct builder *b, const struct row *row, struct slice body)
{
	bool sent = qop_parse(b->in->qop) == QOP_AUTH_INT;

	if (body.p && has_qop(b))
		add_candidate(b, row,
			(struct candidate){.value = sent ? b->in->qop : SLICE("auth-int"),
				.other = body,
				.forms = FORM_INTEGRITY});
}

/* The body and its forms: 0 as it is, 1 empty, 2 LF, 3 without the last CRLF, 4 others. */
void make_auth_int(struct builder *b, const struct row *row)
{
	const struct clues *c = &b->riddle->clues;
	struct slice body = b->in->body;

	switch (row->n) {
	case 0:
		if (body.n)
			add_body(b, row, body);
		break;
	case 1:
		add_body(b, row, SLICE(""));
		break;
	case 2:
		if (body.n)
			add_body(b, row, with_lf(b, body));
		break;
	case 3:
		if (body.n >= 2 && memcmp(body.p + body.n - 2, "\r\n", 2) == 0)
			add_body(b, row, slice_head(body, body.n - 2));
		break;
	default:
		for (unsigned i = 0; i < c->count; i++)
			if (c->list[i].kind == CLUE_BODY)
				add_body(b, row, c->list[i].value);
	}
}

/* ---- nonce count and cnonce ---- */

/* False: no nc is hashed, or it is no number. */
static bool nc_number(const struct builder *b, uint32_t *out)
{
	uint32_t n = 0;

	if (!has_qop(b) || !b->in->nc.n || b->in->nc.n > 8)
		return false;
	for (size_t i = 0; i < b->in->nc.n; i++) {
		const char *digits = "0123456789abcdef",
			   *at = strchr(digits, b->in->nc.p[i] | 0x20);

		if (!at || !b->in->nc.p[i])
			return false;
		n = n << 4 | (uint32_t)(at - digits);
	}
	*out = n;
	return true;
}

void make_nc_text(struct builder *b, const struct row *row)
{
	if (has_qop(b))
		add_value(b, row, row->text);
}

void make_nc_unpadded(struct builder *b, const struct row *row)
{
	struct slice nc = b->in->nc;

	while (nc.n > 1 && nc.p[0] == '0')
		nc = slice_from(nc, 1);
	if (has_qop(b))
		add_value(b, row, nc);
}

void make_nc_upper(struct builder *b, const struct row *row)
{
	if (has_qop(b))
		make_upper(b, row);
}

void make_nc_decimal(struct builder *b, const struct row *row)
{
	uint32_t n;

	if (!nc_number(b, &n))
		return;
	add_value(b, row, arena_printf(b->arena, "%08u", n));
	add_value(b, row, arena_printf(b->arena, "%u", n));
}

void make_nc_plus(struct builder *b, const struct row *row)
{
	uint32_t n;

	if (nc_number(b, &n))
		add_value(b, row, arena_printf(b->arena, "%08x", n + (uint32_t)row->n));
}

void make_nc_quoted(struct builder *b, const struct row *row)
{
	if (has_qop(b))
		make_quoted(b, row);
}

void make_cnonce_no_hyphens(struct builder *b, const struct row *row)
{
	struct slice cnonce = b->in->cnonce;
	char *out = arena_alloc(b->arena, cnonce.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < cnonce.n; i++)
		if (cnonce.p[i] != '-')
			out[n++] = cnonce.p[i];
	if (cnonce.p)
		add_value(b, row, (struct slice){out, n});
}

#include "auth/hypotheses_make.h"

#include <string.h>

#define TEXT(literal)                                                                              \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}
#define NO_TEXT                                                                                    \
	{                                                                                          \
		NULL, 0                                                                            \
	}

/* One row for each deviation id, the likely ones first (CATALOGUE section 8). */
static const struct row rows[] = {
#define ROW(rank, id, dimension, make, n, text, phrase)                                            \
	{rank, id, DIMENSION_##dimension, make_##make, n, text, phrase},
#include "auth/hypotheses.def"
};

enum { ROWS = sizeof(rows) / sizeof(*rows) };

const char *hypotheses_id(size_t i)
{
	return i < ROWS ? rows[i].id : NULL;
}

const char *dimension_words(enum dimension d)
{
	static const char *const words[DIMENSION_COUNT] = {
		[DIMENSION_ALG] = "the algorithm",
		[DIMENSION_ORDER] = "the order",
		[DIMENSION_USER] = "the user name",
		[DIMENSION_REALM] = "the realm",
		[DIMENSION_PW] = "the password",
		[DIMENSION_METHOD] = "the method",
		[DIMENSION_URI] = "the uri",
		[DIMENSION_QOP] = "the qop",
		[DIMENSION_NONCE] = "the nonce",
		[DIMENSION_CNONCE] = "the cnonce",
		[DIMENSION_NC] = "nc",
	};

	return words[d];
}

bool candidate_is_secret(enum dimension d, const struct candidate *c)
{
	(void)c;
	return d == DIMENSION_PW;
}

const struct candidate *right(const struct builder *b, enum dimension d)
{
	return &b->h->list[d][0];
}

struct slice join(struct builder *b, struct slice a, struct slice c, struct slice d)
{
	char *p = arena_alloc(b->arena, a.n + c.n + d.n + 1);

	if (a.n)
		memcpy(p, a.p, a.n);
	if (c.n)
		memcpy(p + a.n, c.p, c.n);
	if (d.n)
		memcpy(p + a.n + c.n, d.p, d.n);
	return (struct slice){p, a.n + c.n + d.n};
}

static bool same(const struct candidate *a, const struct candidate *b)
{
	return a->forms == b->forms && a->hash == b->hash && a->ha1_hash == b->ha1_hash &&
		a->hash_bytes == b->hash_bytes && slice_eq(a->value, b->value) &&
		slice_eq(a->other, b->other) && slice_eq(a->cnonce, b->cnonce);
}

static void add_name(struct candidate *c, const char *id)
{
	for (unsigned i = 0; i < c->name_count; i++)
		if (strcmp(c->names[i], id) == 0)
			return;
	if (c->name_count < CANDIDATE_NAMES_MAX)
		c->names[c->name_count++] = id;
}

void add_candidate(struct builder *b, const struct row *row, struct candidate c)
{
	struct candidate *list = b->h->list[row->dimension];
	uint8_t *count = &b->h->count[row->dimension];

	if (same(&c, &list[0]))
		return;
	for (unsigned i = 1; i <= *count; i++)
		if (same(&c, &list[i])) {
			add_name(&list[i], c.name_count ? c.names[0] : row->id);
			return;
		}
	if (*count == CANDIDATES_MAX) {
		b->h->dropped++;
		return;
	}
	if (!c.name_count)
		c.names[c.name_count++] = row->id;
	if (!c.phrase)
		c.phrase = row->phrase;
	c.rank = b->rank;
	list[++*count] = c;
}

void add_value(struct builder *b, const struct row *row, struct slice value)
{
	if (value.p)
		add_candidate(b, row, (struct candidate){.value = value});
}

/* ---- the right ones ---- */

static struct candidate right_qop(const struct digest_input *in)
{
	struct candidate c = {.value = in->qop};

	if (!in->qop.p)
		c.forms = FORM_LEGACY;
	if (qop_parse(in->qop) == QOP_AUTH_INT) {
		c.forms = FORM_INTEGRITY;
		c.other = in->body;
	}
	return c;
}

static void make_right(
	struct hypotheses *h, const struct digest_input *in, const struct algorithm_info *info)
{
	const struct slice values[DIMENSION_COUNT] = {
		[DIMENSION_USER] = in->username,
		[DIMENSION_REALM] = in->realm,
		[DIMENSION_PW] = in->ha1.p ? in->ha1 : in->password,
		[DIMENSION_METHOD] = in->method,
		[DIMENSION_URI] = in->uri,
		[DIMENSION_NONCE] = in->nonce,
		[DIMENSION_CNONCE] = in->cnonce,
		[DIMENSION_NC] = in->nc,
	};

	for (int d = 0; d < DIMENSION_COUNT; d++) {
		h->count[d] = 0;
		h->list[d][0] = (struct candidate){.value = values[d]};
	}
	h->list[DIMENSION_ALG][0] = (struct candidate){
		.value = slice_of(info->name),
		.hash = info->hash,
		.ha1_hash = info->hash,
		.hash_bytes = (uint8_t)hash_length(info->hash),
		.forms = info->sess ? FORM_SESS : 0,
	};
	h->list[DIMENSION_QOP][0] = right_qop(in);
	if (in->ha1.p)
		h->list[DIMENSION_PW][0].forms = FORM_IS_HA1;
}

void hypotheses_make(
	struct hypotheses *h, const struct riddle *r, unsigned mask, struct arena *arena)
{
	struct builder b = {
		.h = h,
		.riddle = r,
		.in = &r->in,
		.info = algorithm_info(r->in.algorithm),
		.arena = arena,
		.ha1_only = r->in.ha1.p != NULL,
	};

	h->riddle = r;
	h->arena = arena;
	h->dropped = 0;
	b.aka = b.info->aka != 0;
	make_right(h, &r->in, b.info);
	for (unsigned i = 0; i < ROWS; i++)
		if (mask & 1u << rows[i].dimension) {
			b.rank = (uint16_t)i;
			rows[i].make(&b, &rows[i]);
		}
}

#include "auth/forensics.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

/* How many responses between two questions whether to go on: about a millisecond. */
enum { POLL_EVERY = 4096 };

struct search {
	const struct hypotheses *h;
	const struct forensic_limits *limits;
	struct forensic_result *out;
	/* which candidates of each dimension take part */
	uint8_t choice[DIMENSION_COUNT][CANDIDATES_MAX + 1];
	uint8_t choices[DIMENSION_COUNT];
	/* at hand */
	uint8_t index[DIMENSION_COUNT];
	struct pick pick;
	struct chain chain;
	/* every HA2 of these choices: they do not depend on A1 */
	struct half *ha2;
	uint8_t (*ha2_index)[2];
	size_t ha2_count, ha2_room;
	/* the response as sent */
	uint8_t want[HASH_MAX];
	size_t digits;
};

/* From the outside in; METHOD and URI are gone through last, over the list of HA2. */
static const enum dimension order[] = {
	DIMENSION_ALG,
	DIMENSION_ORDER,
	DIMENSION_QOP,
	DIMENSION_USER,
	DIMENSION_REALM,
	DIMENSION_PW,
	DIMENSION_NONCE,
	DIMENSION_CNONCE,
	DIMENSION_NC,
};
enum { LEVELS = sizeof(order) / sizeof(*order) };

/* ---- the response as sent ---- */

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The number of its digits; 0: it is not hex, or too long. */
static size_t read_response(struct slice response, uint8_t out[HASH_MAX])
{
	memset(out, 0, HASH_MAX);
	if (response.n > 2 * HASH_MAX)
		return 0;
	for (size_t i = 0; i < response.n; i++) {
		int value = digit(response.p[i]);

		if (value < 0)
			return 0;
		out[i / 2] |= (uint8_t)(i % 2 ? value : value << 4);
	}
	return response.n;
}

static bool fits_length(size_t digits, const struct candidate *alg)
{
	size_t whole = 2u * alg->hash_bytes;

	return digits == whole || (digits < whole && digits >= FORENSICS_DIGITS_MIN);
}

bool forensics_can_search(const struct riddle *r)
{
	uint8_t bytes[HASH_MAX];

	return algorithm_info(r->in.algorithm) &&
		hash_available(algorithm_info(r->in.algorithm)->hash) && r->in.nonce.p &&
		r->in.uri.p && r->in.method.p && (r->in.ha1.p || r->in.password.p) &&
		read_response(r->response, bytes) >= FORENSICS_DIGITS_MIN;
}

static bool is_wanted(const struct search *s, const uint8_t *out)
{
	size_t whole = s->digits / 2;

	if (memcmp(out, s->want, whole) != 0)
		return false;
	return s->digits % 2 == 0 || (out[whole] & 0xf0) == s->want[whole];
}

/* ---- hits ---- */

static bool contains(const struct forensic_hit *hit, const struct forensic_hit *part)
{
	unsigned same = 0;

	for (unsigned i = 0; i < hit->count; i++)
		for (unsigned k = 0; k < part->count; k++)
			same += hit->parts[i].dimension == part->parts[k].dimension &&
				hit->parts[i].index == part->parts[k].index;
	return same == part->count;
}

static void insert(struct forensic_result *out, const struct forensic_hit *hit)
{
	unsigned at = out->hit_count;

	out->hits_total++;
	while (at && out->hits[at - 1].rank > hit->rank)
		at--;
	if (at == FORENSICS_HITS_MAX)
		return;
	if (out->hit_count < FORENSICS_HITS_MAX)
		out->hit_count++;
	for (unsigned i = out->hit_count - 1; i > at; i--)
		out->hits[i] = out->hits[i - 1];
	out->hits[at] = *hit;
}

static void note_hit(struct search *s)
{
	struct forensic_hit hit = {.cut = s->digits < 2u * s->pick.of[DIMENSION_ALG]->hash_bytes};

	for (int d = 0; d < DIMENSION_COUNT; d++) {
		if (!s->index[d])
			continue;
		hit.parts[hit.count].dimension = (enum dimension)d;
		hit.parts[hit.count++].index = s->index[d];
		/* fewer parts first, then the ranks */
		hit.rank += 10000u + s->h->list[d][s->index[d]].rank;
		if (hit.count == FORENSICS_PARTS_MAX)
			break;
	}
	if (hit.count || hit.cut)
		insert(s->out, &hit);
}

/* Rule 4 of the catalogue: a hit must not contain another. */
static void drop_redundant(struct forensic_result *out)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < out->hit_count; i++) {
		bool redundant = false;

		for (unsigned k = 0; k < kept; k++)
			redundant = redundant || contains(&out->hits[i], &out->hits[k]);
		if (!redundant)
			out->hits[kept++] = out->hits[i];
	}
	out->hits_total -= out->hit_count - kept;
	out->hit_count = kept;
}

/* ---- one set of choices ---- */

static void pick(struct search *s, enum dimension d, uint8_t index)
{
	s->index[d] = index;
	s->pick.of[d] = &s->h->list[d][index];
}

static void list_ha2(struct search *s)
{
	size_t count = (size_t)s->choices[DIMENSION_METHOD] * s->choices[DIMENSION_URI];

	if (count > s->ha2_room) {
		s->ha2 = xrealloc(s->ha2, count * sizeof(*s->ha2));
		s->ha2_index = xrealloc(s->ha2_index, count * sizeof(*s->ha2_index));
		s->ha2_room = count;
	}
	s->ha2_count = 0;
	for (unsigned m = 0; m < s->choices[DIMENSION_METHOD]; m++)
		for (unsigned u = 0; u < s->choices[DIMENSION_URI]; u++) {
			pick(s, DIMENSION_METHOD, s->choice[DIMENSION_METHOD][m]);
			pick(s, DIMENSION_URI, s->choice[DIMENSION_URI][u]);
			chain_a2(&s->pick, &s->chain);
			s->ha2[s->ha2_count] = s->chain.ha2;
			s->ha2_index[s->ha2_count][0] = s->index[DIMENSION_METHOD];
			s->ha2_index[s->ha2_count++][1] = s->index[DIMENSION_URI];
		}
}

static void try_responses(struct search *s)
{
	uint8_t out[HASH_MAX];

	for (size_t i = 0; i < s->ha2_count && !s->out->stopped; i++) {
		chain_response(&s->pick, &s->chain, &s->ha2[i], out);
		if (is_wanted(s, out)) {
			pick(s, DIMENSION_METHOD, s->ha2_index[i][0]);
			pick(s, DIMENSION_URI, s->ha2_index[i][1]);
			note_hit(s);
		}
		if (++s->out->tried % POLL_EVERY == 0 && s->limits->go_on &&
			!s->limits->go_on(s->limits->arg))
			s->out->stopped = true;
	}
}

/* What can be computed once the candidate of this dimension is chosen. False: no use to go on. */
static bool enter(struct search *s, enum dimension d)
{
	switch (d) {
	case DIMENSION_ALG:
		return fits_length(s->digits, s->pick.of[DIMENSION_ALG]);
	case DIMENSION_QOP:
		list_ha2(s);
		return true;
	case DIMENSION_PW:
		chain_a1(&s->pick, &s->chain);
		return true;
	case DIMENSION_CNONCE:
		chain_session(&s->pick, &s->chain);
		return true;
	case DIMENSION_NC:
		chain_head(&s->pick, &s->chain);
		return true;
	default:
		return true;
	}
}

static void descend(struct search *s, unsigned level)
{
	enum dimension d = level < LEVELS ? order[level] : DIMENSION_COUNT;

	if (level == LEVELS) {
		try_responses(s);
		return;
	}
	for (unsigned i = 0; i < s->choices[d] && !s->out->stopped; i++) {
		pick(s, d, s->choice[d][i]);
		if (enter(s, d))
			descend(s, level + 1);
	}
}

/* ---- which sets ---- */

static void choose(struct search *s, enum dimension d, unsigned from, unsigned to)
{
	s->choices[d] = 0;
	for (unsigned i = from; i <= to; i++)
		s->choice[d][s->choices[d]++] = (uint8_t)i;
}

/* With HA1 alone, user and realm only matter for another password. */
static bool is_void(const struct search *s, unsigned mask)
{
	bool given = s->h->list[DIMENSION_PW][0].forms & FORM_IS_HA1;

	for (unsigned d = 0; d < DIMENSION_COUNT; d++)
		if (mask & 1u << d && !s->h->count[d])
			return true;
	return given && mask & (1u << DIMENSION_USER | 1u << DIMENSION_REALM) &&
		!(mask & 1u << DIMENSION_PW);
}

static void try_set(struct search *s, unsigned mask)
{
	if (is_void(s, mask))
		return;
	for (int d = 0; d < DIMENSION_COUNT; d++) {
		bool changes = mask & 1u << d;

		choose(s, (enum dimension)d, changes, changes ? s->h->count[d] : 0);
	}
	descend(s, 0);
}

static void try_depth(struct search *s, unsigned depth)
{
	for (unsigned mask = 0; mask < 1u << DIMENSION_COUNT && !s->out->stopped; mask++)
		if ((unsigned)__builtin_popcount(mask) == depth)
			try_set(s, mask);
}

/* Everything in A1 with everything in A2; the limits are the sizes that CATALOGUE section 8 names. */
static void try_product(struct search *s)
{
	static const uint8_t limits[DIMENSION_COUNT] = {[DIMENSION_USER] = 20,
		[DIMENSION_REALM] = 22,
		[DIMENSION_PW] = CANDIDATES_MAX,
		[DIMENSION_METHOD] = 13,
		[DIMENSION_URI] = 34};

	for (int d = 0; d < DIMENSION_COUNT; d++)
		choose(s, (enum dimension)d, 0,
			s->h->count[d] < limits[d] ? s->h->count[d] : limits[d]);
	descend(s, 0);
}

static void begin(struct search *s, const struct hypotheses *h, const struct forensic_limits *l,
	struct forensic_result *out)
{
	static const char room[2048];

	*out = (struct forensic_result){0};
	s->h = h;
	s->limits = l;
	s->out = out;
	s->digits = read_response(h->riddle->response, s->want);
	/* room enough that HA1 is not left behind by a buffer that grows */
	buf_add(&s->chain.text, room, sizeof(room));
	for (int d = 0; d < DIMENSION_COUNT; d++)
		pick(s, (enum dimension)d, 0);
}

static void end(struct search *s)
{
	secret_wipe(&s->chain.base, sizeof(s->chain.base));
	secret_wipe(&s->chain.ha1, sizeof(s->chain.ha1));
	secret_wipe(s->chain.text.p, s->chain.text.n);
	buf_free(&s->chain.text);
	free(s->ha2);
	free(s->ha2_index);
}

void forensics_search(
	const struct hypotheses *h, const struct forensic_limits *l, struct forensic_result *out)
{
	struct search s = {0};

	begin(&s, h, l, out);
	/* depth 0: the response is right but cut */
	for (unsigned depth = 0; depth <= l->depth && !out->hit_count && !out->stopped; depth++) {
		try_depth(&s, depth);
		if (!out->stopped)
			out->depth = depth;
	}
	if (l->deep && !out->hit_count && !out->stopped) {
		try_product(&s);
		out->deep = !out->stopped;
	}
	drop_redundant(out);
	end(&s);
}

static bool is_named(const struct candidate *c, const char *const *names, unsigned count)
{
	for (unsigned i = 0; i < c->name_count; i++)
		for (unsigned k = 0; k < count; k++)
			if (strcmp(c->names[i], names[k]) == 0)
				return true;
	return false;
}

bool forensics_try(
	const struct hypotheses *h, const struct forensic_guess *g, struct forensic_result *out)
{
	static const struct forensic_limits none;
	struct search s = {0};
	bool possible = true;

	begin(&s, h, &none, out);
	for (int d = 0; d < DIMENSION_COUNT; d++)
		choose(&s, (enum dimension)d, 0, 0);
	for (unsigned i = 0; i < g->count; i++) {
		enum dimension d = g->parts[i].dimension;

		s.choices[d] = 0;
		for (unsigned k = 1; k <= h->count[d]; k++)
			if (is_named(&h->list[d][k], g->parts[i].names, g->parts[i].name_count))
				s.choice[d][s.choices[d]++] = (uint8_t)k;
		possible = possible && s.choices[d];
	}
	if (possible)
		descend(&s, 0);
	end(&s);
	return out->hit_count;
}

#include "auth/shapes.h"

#include "base/find.h"
#include "sip/strict.h"

/* What words are made of. A dot is both: a host is no number, and no scheme. */
enum { LETTER = 1 << 8, DIGIT = 1 << 9 };

/* Beside signs, and what is said of the word before: */
enum {
	IDLE_LINE = 1 << 10,  /* in place of a line that says nothing */
	LENGTH = 1 << 11,     /* of what is before a sign, in steps of: who copies to a fixed place minds long ones */
	STEP = 64,            /* bytes */
	START_END = 9         /* bytes: "SIP/2.0\r\n" of a request */
};

static inline unsigned kinds_of(unsigned char c)
{
	if ((unsigned char)((c | 0x20) - 'a') < 26)
		return LETTER;
	if ((unsigned char)(c - '0') < 10)
		return DIGIT;
	return c == '.' ? LETTER | DIGIT : 0;
}

static uint64_t add(uint64_t form, uint64_t what)
{
	return (form ^ what) * UINT64_C(0x9e3779b97f4a7c15);
}

/*
 * The rest of a line from `at` on: every sign as it is, and of the word before it whether it has letters, digits.
 * Returns where the next line begins: as libosip2 has it, also behind a CR alone.
 */
static size_t add_words(uint64_t *form, struct slice lines, size_t at)
{
	size_t word = at;
	unsigned has = 0;

	while (at < lines.n) {
		unsigned char c = (unsigned char)lines.p[at++];
		unsigned kinds = kinds_of(c);

		has |= kinds;
		if (kinds)
			continue;
		*form = add(*form, c | has | (at - 1 - word) / STEP * LENGTH);
		if (c == '\n' || (c == '\r' && (at == lines.n || lines.p[at] != '\n')))
			break;
		word = at;
		has = 0;
	}
	return at;
}

/* The same, with the name of the header field literally. */
static size_t add_field(uint64_t *form, struct slice lines, size_t at)
{
	size_t colon = find_any(lines, at, ':', '\r', '\n'), end;
	struct slice name = {lines.p + at, colon - at};

	if (colon < lines.n && lines.p[colon] == ':' && strict_is_idle(name)) {
		end = find_either(lines, colon, '\r', '\n');
		end += end + 1 < lines.n && lines.p[end] == '\r';
		if (end < lines.n && lines.p[end] == '\n') {
			*form = add(*form, IDLE_LINE);
			return end + 1;
		}
	}
	*form = slice_hash(name, *form);
	return add_words(form, lines, colon);
}

static uint64_t look_at_lines(struct slice lines, bool start)
{
	uint64_t form = 0;
	size_t at = start ? add_words(&form, lines, 0) : 0;

	while (at < lines.n)
		at = add_field(&form, lines, at);
	return form;
}

/* ---- lines that look like others ---- */

/* Which of FIND_MAP bytes are letters, digits: a bit for each. */
struct kinds {
	uint64_t letters, digits;
};

#ifdef __SSE2__
/* The bytes of `block` from `first` on, as many as `count`. */
static find_inline __m128i is_between(__m128i block, char first, char count)
{
	__m128i offset = _mm_sub_epi8(block, _mm_set1_epi8(first));

	return _mm_cmpeq_epi8(_mm_min_epu8(offset, _mm_set1_epi8((char)(count - 1))), offset);
}

static find_inline __m128i block_at(const char *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static find_inline uint64_t bits_of(__m128i bytes, unsigned at)
{
	return (uint64_t)(unsigned)_mm_movemask_epi8(bytes) << at;
}

static find_inline struct kinds kinds_in_map(const char *p)
{
	struct kinds k = {0, 0};

#pragma GCC unroll 4
	for (unsigned i = 0; i < FIND_MAP; i += FIND_BLOCK) {
		__m128i block = block_at(p + i), dots = _mm_cmpeq_epi8(block, _mm_set1_epi8('.'));
		__m128i letters = is_between(_mm_or_si128(block, _mm_set1_epi8(0x20)), 'a', 26);

		k.letters |= bits_of(_mm_or_si128(letters, dots), i);
		k.digits |= bits_of(_mm_or_si128(is_between(block, '0', 10), dots), i);
	}
	return k;
}

static find_inline uint64_t same_in_map(const char *a, const char *b)
{
	uint64_t same = 0;

#pragma GCC unroll 4
	for (unsigned i = 0; i < FIND_MAP; i += FIND_BLOCK)
		same |= bits_of(_mm_cmpeq_epi8(block_at(a + i), block_at(b + i)), i);
	return same;
}
#else
static struct kinds kinds_in_map(const char *p)
{
	struct kinds k = {0, 0};

	for (unsigned i = 0; i < FIND_MAP; i++) {
		unsigned kinds = kinds_of((unsigned char)p[i]);

		k.letters |= (uint64_t)((kinds & LETTER) != 0) << i;
		k.digits |= (uint64_t)((kinds & DIGIT) != 0) << i;
	}
	return k;
}

static uint64_t same_in_map(const char *a, const char *b)
{
	uint64_t same = 0;

	for (unsigned i = 0; i < FIND_MAP; i++)
		same |= (uint64_t)(a[i] == b[i]) << i;
	return same;
}
#endif

/*
 * Are FIND_MAP bytes alike, but for the last? What differs must be in words of the same kinds at the same places, and
 * these must have digits: no header field that libosip2 knows has any in its name. To add letters to words carries into
 * the bit behind each word that has any, and no further; the last bit takes what is carried out of a word that goes on.
 */
static bool are_alike(const char *a, const char *b)
{
	static const uint64_t counted = UINT64_MAX >> 1;
	uint64_t differ = ~same_in_map(a, b) & counted, words, letters, digits, changed;
	struct kinds x, y;

	if (!differ)
		return true;
	x = kinds_in_map(a);
	y = kinds_in_map(b);
	words = (x.letters | x.digits) & (y.letters | y.digits) & counted;
	letters = (words + (x.letters & words)) ^ (words + (y.letters & words));
	digits = (words + (x.digits & words)) ^ (words + (y.digits & words));
	changed = (words + (differ & words)) & ~(words + (x.digits & words));
	return !((differ | letters | digits | changed) & ~words);
}

/* All of `n` bytes, FIND_MAP or more. */
static bool all_alike(const char *a, const char *b, size_t n)
{
	size_t last = n - FIND_MAP;

	for (size_t at = 0; at < last; at += FIND_MAP - 1)
		if (!are_alike(a + at, b + at))
			return false;
	return are_alike(a + last, b + last) && a[n - 1] == b[n - 1];
}

/* The form of whole lines, the start line first if there is one. Of those like a model it is known. */
static uint64_t form_of_lines(struct shapes *s, struct slice lines, bool start)
{
	struct shape_model *model = &s->models[!start][lines.n % SHAPE_MODELS];

	if (lines.n < FIND_MAP || lines.n > sizeof(model->text))
		return look_at_lines(lines, start);
	if (lines.n != model->length || !all_alike(lines.p, model->text, lines.n)) {
		model->form = look_at_lines(lines, start);
		model->length = (uint16_t)lines.n;
	}
	/* the newest is the model: the next message of this exchange differs from it the least */
	memcpy(model->text, lines.p, lines.n);
	return model->form;
}

/* ---- authentication fields ---- */

/* From behind a quote on: the signs that may mean something. To the quote that ends it, or s.n if none does. */
static size_t add_quoted(uint64_t *form, struct slice s, size_t from)
{
	for (;;) {
		size_t at = find_end(s, from, 0x1f, '"', '\\', ',');

		if (at == s.n)
			return s.n;
		*form = add(*form, (unsigned char)s.p[at] | (at - from + STEP - 1) / STEP * LENGTH);
		if (s.p[at] == '"')
			return at;
		from = at + 1;
	}
}

/*
 * The value of an authentication field: names literally, and values without quotes. A quote or the end of a line
 * where it does not belong makes names of values, and values of names: then all of the rest.
 */
static uint64_t add_params(uint64_t form, struct slice s)
{
	bool torn = strict_has_bare_cr(s);
	size_t at = 0;

	while (at < s.n) {
		size_t quote = find_byte(s, at, '"');
		size_t end = quote < s.n ? add_quoted(&form, s, quote + 1) : s.n;

		if (torn || (quote < s.n && (end == s.n || !quote || s.p[quote - 1] != '=')))
			quote = end = s.n;
		form = slice_hash(slice_between(s.p + at, s.p + quote), form);
		at = end + 1;
	}
	return form;
}

uint64_t shape_of(struct shapes *s, const struct message *m)
{
	const char *at = m->bytes.p, *end = m->body.p ? m->body.p : m->bytes.p + m->bytes.n;
	uint64_t form = m->defects;

	if (m->request) {
		struct slice line = slice_head(m->bytes, slice_find(m->bytes, '\n') + 1);

		form = slice_hash(slice_from(line, line.n - START_END), form);
	}
	for (unsigned i = 0; i < m->auth_count; i++) {
		struct slice value = m->auth[i].value;

		form = add(form, form_of_lines(s, slice_between(at, value.p), !i));
		form = add_params(form, value);
		at = value.p + value.n;
	}
	form = add(form, form_of_lines(s, slice_between(at, end), !m->auth_count));
	return hash_mix(form, 0) | 1;
}

bool shapes_know(const struct shapes *s, uint64_t shape)
{
	return s->known[shape >> 32 & (SHAPES_MAX - 1)] == shape;
}

void shapes_learn(struct shapes *s, uint64_t shape)
{
	s->known[shape >> 32 & (SHAPES_MAX - 1)] = shape;
}

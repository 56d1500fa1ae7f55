#include "auth/shapes.h"

#include "base/find.h"
#include "sip/strict.h"

/* Beside signs (of ten bits, with what is said of the word before): */
enum {
	IDLE_LINE = 1 << 10,  /* in place of a line that says nothing */
	LONG_WORD = 1 << 11,  /* 64 bytes; who copies to a fixed place minds long ones */
	VALUE = 1 << 12,      /* in quotes: how long the piece before a sign is, in steps of */
	VALUE_STEP = 64,      /* bytes */
	START_END = 9         /* bytes: "SIP/2.0\r\n" */
};

/* What words are made of, a bit for each of up to 64 bytes. A dot is both: a host is no number, and no scheme. */
struct kinds {
	uint64_t letters, digits;
};

static struct kinds kinds_plain(struct slice s, size_t from)
{
	struct kinds k = {0, 0};

	for (size_t i = 0; i < FIND_MAP && i < s.n - from; i++) {
		unsigned char c = (unsigned char)s.p[from + i], lower = c | 0x20;

		k.letters |= (uint64_t)((lower >= 'a' && lower <= 'z') || c == '.') << i;
		k.digits |= (uint64_t)((c >= '0' && c <= '9') || c == '.') << i;
	}
	return k;
}

#ifdef __SSE2__
/* The bytes of `block` from `first` on, as many as `count`. */
static find_inline __m128i is_between(__m128i block, char first, char count)
{
	__m128i offset = _mm_sub_epi8(block, _mm_set1_epi8(first));

	return _mm_cmpeq_epi8(_mm_min_epu8(offset, _mm_set1_epi8((char)(count - 1))), offset);
}

static find_inline struct kinds kinds_in_block(const char *p)
{
	__m128i block = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i dots = _mm_cmpeq_epi8(block, _mm_set1_epi8('.'));
	__m128i letters = is_between(_mm_or_si128(block, _mm_set1_epi8(0x20)), 'a', 26);
	__m128i digits = is_between(block, '0', 10);

	return (struct kinds){(unsigned)_mm_movemask_epi8(_mm_or_si128(letters, dots)),
		(unsigned)_mm_movemask_epi8(_mm_or_si128(digits, dots))};
}

static find_inline struct kinds kinds_join(struct kinds low, struct kinds high, unsigned bits)
{
	return (struct kinds){low.letters | high.letters << bits, low.digits | high.digits << bits};
}

static find_inline struct kinds kinds_in_map(const char *p)
{
	struct kinds low = kinds_join(kinds_in_block(p), kinds_in_block(p + FIND_BLOCK), FIND_BLOCK);
	struct kinds high = kinds_join(
		kinds_in_block(p + 2 * FIND_BLOCK), kinds_in_block(p + 3 * FIND_BLOCK), FIND_BLOCK);

	return kinds_join(low, high, 2 * FIND_BLOCK);
}

/* In `s` from `from` (less than s.n) on. */
static find_inline struct kinds kinds_of(struct slice s, size_t from)
{
	struct kinds k;
	unsigned before;

	if (s.n < FIND_MAP)
		return kinds_plain(s, from);
	if (s.n - from >= FIND_MAP)
		return kinds_in_map(s.p + from);
	k = kinds_in_map(s.p + s.n - FIND_MAP);
	before = (unsigned)(FIND_MAP - (s.n - from));
	return (struct kinds){k.letters >> before, k.digits >> before};
}
#else
static struct kinds kinds_of(struct slice s, size_t from)
{
	return kinds_plain(s, from);
}
#endif

static uint64_t add(uint64_t form, uint64_t what)
{
	return (form ^ what) * UINT64_C(0x9e3779b97f4a7c15);
}

/*
 * From `from` to `end`, which is behind a sign: every sign as it is, and of the word before it whether it has letters,
 * digits. To add the letters to the words carries into the bit behind each word that has any, and no further.
 */
static uint64_t add_words(uint64_t form, struct slice text, size_t from, size_t end)
{
	while (from < end) {
		struct kinds k = kinds_of(text, from);
		uint64_t words = k.letters | k.digits, signs = ~words;
		uint64_t letters = words + k.letters, digits = words + k.digits;
		const char *p = text.p + from;

		if (end - from < FIND_MAP)
			signs &= (UINT64_C(1) << (end - from)) - 1;
		if (!signs) {
			form = add(form, LONG_WORD);
			from += FIND_MAP;
			continue;
		}
		from += FIND_MAP - (unsigned)__builtin_clzll(signs);
		for (; signs; signs &= signs - 1) {
			unsigned at = (unsigned)__builtin_ctzll(signs);

			form = add(form, (unsigned char)p[at] | (letters >> at & 1) << 8 | (digits >> at & 1) << 9);
		}
	}
	return form;
}

/* The line from `from` on, or what there is of it before `end`: the name of a header field literally, and the words. */
static struct shape_line look_at_line(struct slice text, size_t from, size_t end)
{
	struct slice before = slice_head(text, end), literal;
	size_t stop = find_either(before, from, '\r', '\n');

	/* as libosip2 has it: a line also ends with a CR alone */
	end = stop + (stop < end && text.p[stop] == '\r');
	end += end < before.n && text.p[end] == '\n';
	if (from)
		literal = slice_between(text.p + from, text.p + find_byte(slice_head(text, stop), from, ':'));
	else
		/* the version, with which a request's ends */
		literal = slice_from(slice_head(text, end), end - START_END);
	return (struct shape_line){
		.bytes = slice_between(text.p + from, text.p + end),
		.form = text.p[end - 1] == '\n' && strict_is_idle(literal) ?
			IDLE_LINE : add_words(slice_hash(literal, 0), text, from, end),
	};
}

/* A form that is being made: of so many lines of the text. */
struct form {
	struct slice text;
	struct shape_lines *lines;
	unsigned count;
	uint64_t shape;
};

/* Is it what the text goes on with, from `from` to `end`? Then it is a line there, too. */
static bool goes_on_with(struct slice text, size_t from, size_t end, struct slice line)
{
	return line.n && line.n <= end - from && (line.p[line.n - 1] == '\n' || line.n == end - from) &&
		memcmp(line.p, text.p + from, line.n) == 0;
}

static void add_lines(struct form *f, size_t from, size_t end)
{
	for (; from < end; f->count++) {
		struct shape_line *line = &f->lines->lines[f->count % SHAPE_LINES];

		if (!goes_on_with(f->text, from, end, line->bytes))
			*line = look_at_line(f->text, from, end);
		f->shape = add(f->shape, line->form);
		from += line->bytes.n;
	}
}

/* From behind a quote on: the signs that may mean something. To the quote that ends it, or s.n if none does. */
static size_t add_quoted(uint64_t *form, struct slice s, size_t from)
{
	for (;;) {
		size_t at = find_end(s, from, 0x1f, '"', '\\', ',');

		if (at == s.n)
			return s.n;
		*form = add(*form, (unsigned char)s.p[at] | (at - from + VALUE_STEP - 1) / VALUE_STEP * VALUE);
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

uint64_t shape_of(const struct message *m, struct shape_lines *before)
{
	struct form f = {
		.text = slice_between(m->bytes.p, m->body.p ? m->body.p : m->bytes.p + m->bytes.n),
		.lines = before,
		.shape = m->defects,
	};
	size_t from = 0;

	for (unsigned i = 0; i < m->auth_count; i++) {
		struct slice value = m->auth[i].value;

		add_lines(&f, from, (size_t)(value.p - f.text.p));
		f.shape = add_params(f.shape, value);
		from = (size_t)(value.p + value.n - f.text.p);
	}
	add_lines(&f, from, f.text.n);
	return hash_mix(f.shape, 0) | 1;
}

bool shapes_know(const struct shapes *s, uint64_t shape)
{
	return s->known[shape >> 32 & (SHAPES_MAX - 1)] == shape;
}

void shapes_learn(struct shapes *s, uint64_t shape)
{
	s->known[shape >> 32 & (SHAPES_MAX - 1)] = shape;
}

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

/* A form that is being made: of the text up to `done`. */
struct form {
	struct slice text;
	size_t done;
	uint64_t shape;
};

static uint64_t add(uint64_t shape, uint64_t what)
{
	return (shape ^ what) * UINT64_C(0x9e3779b97f4a7c15);
}

/*
 * Up to `end`, which is behind a sign: every sign as it is, and of the word before it whether it has letters, digits.
 * To add the letters to the words carries into the bit behind each word that has any, and no further.
 */
static void add_words(struct form *f, size_t end)
{
	uint64_t shape = f->shape;

	while (f->done < end) {
		struct kinds k = kinds_of(f->text, f->done);
		uint64_t words = k.letters | k.digits, signs = ~words;
		uint64_t letters = words + k.letters, digits = words + k.digits;
		const char *p = f->text.p + f->done;

		if (end - f->done < FIND_MAP)
			signs &= (UINT64_C(1) << (end - f->done)) - 1;
		if (!signs) {
			shape = add(shape, LONG_WORD);
			f->done += FIND_MAP;
			continue;
		}
		f->done += FIND_MAP - (unsigned)__builtin_clzll(signs);
		for (; signs; signs &= signs - 1) {
			unsigned at = (unsigned)__builtin_ctzll(signs);

			shape = add(shape, (unsigned char)p[at] | (letters >> at & 1) << 8 | (digits >> at & 1) << 9);
		}
	}
	f->done = end;
	f->shape = shape;
}

/* Header field lines from `from` to `end`: their names literally, and the words. */
static void add_lines(struct form *f, size_t from, size_t end)
{
	struct slice lines = slice_head(f->text, end);

	while (from < end) {
		size_t stop = find_either(lines, from, '\r', '\n'), next = stop;
		size_t colon = find_byte(slice_head(lines, stop), from, ':');
		struct slice name = slice_between(lines.p + from, lines.p + colon);

		/* as libosip2 has it: a line also ends with a CR alone */
		next += next < end && lines.p[next] == '\r';
		next += next < end && lines.p[next] == '\n';
		if (lines.p[next - 1] == '\n' && strict_is_idle(name)) {
			add_words(f, from);
			f->shape = add(f->shape, IDLE_LINE);
			f->done = next;
		} else {
			f->shape = slice_hash(name, f->shape);
		}
		from = next;
	}
	add_words(f, end);
}

/* From behind a quote on: the signs that may mean something. To the quote that ends it, or s.n if none does. */
static size_t add_quoted(struct form *f, struct slice s, size_t from)
{
	for (;;) {
		size_t at = find_end(s, from, 0x1f, '"', '\\', ',');

		if (at == s.n)
			return s.n;
		f->shape = add(f->shape, (unsigned char)s.p[at] | (at - from + VALUE_STEP - 1) / VALUE_STEP * VALUE);
		if (s.p[at] == '"')
			return at;
		from = at + 1;
	}
}

/*
 * The value of an authentication field: names literally, and values without quotes. A quote or the end of a line
 * where it does not belong makes names of values, and values of names: then all of the rest.
 */
static void add_params(struct form *f, struct slice s)
{
	bool torn = strict_has_bare_cr(s);
	size_t at = 0;

	while (at < s.n) {
		size_t quote = find_byte(s, at, '"');
		size_t end = quote < s.n ? add_quoted(f, s, quote + 1) : s.n;

		if (torn || (quote < s.n && (end == s.n || !quote || s.p[quote - 1] != '=')))
			quote = end = s.n;
		f->shape = slice_hash(slice_between(s.p + at, s.p + quote), f->shape);
		at = end + 1;
	}
	f->done = (size_t)(s.p + s.n - f->text.p);
}

uint64_t shape_of(const struct message *m)
{
	struct form f = {
		.text = slice_between(m->bytes.p, m->body.p ? m->body.p : m->bytes.p + m->bytes.n),
	};
	size_t from = find_byte(f.text, 0, '\n') + 1;
	struct slice start = slice_head(f.text, from);

	/* the version, which a request ends with, literally */
	f.shape = slice_hash(slice_from(start, start.n - START_END), m->defects);

	for (unsigned i = 0; i < m->auth_count; i++) {
		struct slice value = m->auth[i].value;

		add_lines(&f, from, (size_t)(value.p - f.text.p));
		add_params(&f, value);
		from = f.done;
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

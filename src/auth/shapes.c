#include "auth/shapes.h"

enum {
	WORD_STEP = 64 /* words of about one length are alike: who copies to a fixed place minds long ones */
};

/* What may be part of a word: in header fields letters and digits, in quotes whatever has no meaning there. */
enum { DIGIT = 1, LETTER = 2, SIGN = 4, IN_FIELD = DIGIT | LETTER, IN_QUOTES = DIGIT | LETTER | SIGN };

#define FOUR(first, kind)                                                                          \
	[first] = (kind), [(first) + 1] = (kind), [(first) + 2] = (kind), [(first) + 3] = (kind)

static const uint8_t kinds[256] = {
	[' '] = SIGN, ['!'] = SIGN, FOUR('#', SIGN), FOUR('\'', SIGN), FOUR('+', SIGN), ['/'] = SIGN,
	FOUR('0', DIGIT), FOUR('4', DIGIT), ['8'] = DIGIT, ['9'] = DIGIT,
	FOUR(':', SIGN), ['>'] = SIGN, ['?'] = SIGN, ['@'] = SIGN,
	FOUR('A', LETTER), FOUR('E', LETTER), FOUR('I', LETTER), FOUR('M', LETTER),
	FOUR('Q', LETTER), FOUR('U', LETTER), ['Y'] = LETTER, ['Z'] = LETTER,
	['['] = SIGN, FOUR(']', SIGN),
	FOUR('a', LETTER), FOUR('e', LETTER), FOUR('i', LETTER), FOUR('m', LETTER),
	FOUR('q', LETTER), FOUR('u', LETTER), ['y'] = LETTER, ['z'] = LETTER,
	FOUR('{', SIGN),
};

static uint64_t add(uint64_t shape, uint64_t what)
{
	return (shape ^ what) * UINT64_C(0x9e3779b97f4a7c15);
}

/* Every sign as it is; of a word whether it is a number, and whether it is long. */
static uint64_t add_words(uint64_t shape, struct slice s, unsigned words)
{
	unsigned seen = 0;
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		unsigned kind = kinds[c] & words;

		if (kind) {
			seen |= kind;
			n++;
			continue;
		}
		if (n)
			shape = add(shape, 256 + seen + n / WORD_STEP * 8);
		shape = add(shape, c);
		seen = 0;
		n = 0;
	}
	return n ? add(shape, 256 + seen + n / WORD_STEP * 8) : shape;
}

/* The value of an authentication field: names literally, and values without quotes. */
static uint64_t add_params(uint64_t shape, struct slice s)
{
	while (s.n) {
		struct slice name = slice_head(s, slice_find(s, '"')), value;

		shape = slice_hash(name, shape);
		s = slice_from(s, name.n + 1);
		value = slice_head(s, slice_find(s, '"'));
		shape = add_words(shape, value, IN_QUOTES);
		s = slice_from(s, value.n + 1);
	}
	return shape;
}

/* A header field line: its name literally. */
static uint64_t add_line(uint64_t shape, struct slice line)
{
	struct slice name = slice_head(line, slice_find(line, ':'));

	return add_words(slice_hash(name, shape), slice_from(line, name.n), IN_FIELD);
}

static uint64_t add_lines(uint64_t shape, struct slice lines)
{
	while (lines.n) {
		size_t end = slice_find(lines, '\n');

		shape = add_line(shape, slice_head(lines, end));
		lines = slice_from(lines, end + 1);
	}
	return shape;
}

uint64_t shape_of(const struct message *m)
{
	struct slice rest = slice_between(m->bytes.p, m->body.p ? m->body.p : m->bytes.p + m->bytes.n);
	size_t first = slice_find(rest, '\n');
	uint64_t shape = add_words(m->defects + 1, slice_head(rest, first), IN_FIELD);

	rest = slice_from(rest, first + 1);
	for (unsigned i = 0; i < m->auth_count; i++) {
		struct slice value = m->auth[i].value;

		shape = add_lines(shape, slice_between(rest.p, value.p));
		shape = add_params(shape, value);
		rest = slice_between(value.p + value.n, rest.p + rest.n);
	}
	return hash_mix(add_lines(shape, rest), 0) | 1;
}

bool shapes_know(const struct shapes *s, uint64_t shape)
{
	return s->known[shape >> 32 & (SHAPES_MAX - 1)] == shape;
}

void shapes_learn(struct shapes *s, uint64_t shape)
{
	s->known[shape >> 32 & (SHAPES_MAX - 1)] = shape;
}

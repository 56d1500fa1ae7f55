/*
 * The first of a few bytes in what is mostly short, a line or a value: 16 bytes at a time, in place, where the
 * processor can. To begin a memchr() costs as much as this does to find, but it is better at going far.
 */
#ifndef BASE_FIND_H
#define BASE_FIND_H

#include "base/slice.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { FIND_BLOCK = 16 };

/* What is looked for is nearly always a constant, and then it is in a register. */
#define find_inline inline __attribute__((always_inline))

/* The offset of the first `a`, `b` or `c` from `from` (at most s.n) on, or s.n. */
static find_inline size_t find_any_plain(struct slice s, size_t from, char a, char b, char c)
{
	while (from < s.n && s.p[from] != a && s.p[from] != b && s.p[from] != c)
		from++;
	return from;
}

#ifdef __SSE2__
/* One bit for each of the bytes of a block. */
static find_inline unsigned find_in_block(const char *p, char a, char b, char c)
{
	__m128i block = _mm_loadu_si128((const __m128i *)p);
	__m128i hits = _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8(a)),
		_mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8(b)), _mm_cmpeq_epi8(block, _mm_set1_epi8(c))));

	return (unsigned)_mm_movemask_epi8(hits);
}

static find_inline size_t find_any(struct slice s, size_t from, char a, char b, char c)
{
	size_t last = s.n - FIND_BLOCK;
	unsigned hits;

	if (s.n < FIND_BLOCK)
		return find_any_plain(s, from, a, b, c);
	for (; from <= last; from += FIND_BLOCK) {
		hits = find_in_block(s.p + from, a, b, c);
		if (hits)
			return from + (unsigned)__builtin_ctz(hits);
	}
	/* the last block once more, without what was looked at */
	hits = find_in_block(s.p + last, a, b, c) >> (from - last);
	return hits ? from + (unsigned)__builtin_ctz(hits) : s.n;
}
#else
static find_inline size_t find_any(struct slice s, size_t from, char a, char b, char c)
{
	return find_any_plain(s, from, a, b, c);
}
#endif

static find_inline size_t find_either(struct slice s, size_t from, char a, char b)
{
	return find_any(s, from, a, b, b);
}

static find_inline size_t find_byte(struct slice s, size_t from, char a)
{
	return find_any(s, from, a, a, a);
}

#endif

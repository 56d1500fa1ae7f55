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

enum { FIND_BLOCK = 16, FIND_MAP = 64 };

/* What is looked for is nearly always a constant, and then it is in a register. */
#define find_inline inline __attribute__((always_inline))

/* The offset of the first `a`, `b` or `c` from `from` (at most s.n) on, or s.n. */
static find_inline size_t find_any_plain(struct slice s, size_t from, char a, char b, char c)
{
	while (from < s.n && s.p[from] != a && s.p[from] != b && s.p[from] != c)
		from++;
	return from;
}

/*
 * Where `a` is in the 64 bytes from `from` (less than s.n) on, or in as many as there are: bit 0 for the first. Who
 * wants every place does without a loop for each, which turns round an unforeseen number of times.
 */
static inline uint64_t find_map_plain(struct slice s, size_t from, char a)
{
	uint64_t map = 0;

	for (size_t i = 0; i < FIND_MAP && i < s.n - from; i++)
		map |= (uint64_t)(s.p[from + i] == a) << i;
	return map;
}

/* The offset of the first byte from `from` (at most s.n) on that is `a` or `b` or at most `top`, or s.n. */
static find_inline size_t find_end_plain(struct slice s, size_t from, unsigned char top, char a, char b, char c)
{
	while (from < s.n && (unsigned char)s.p[from] > top && s.p[from] != a && s.p[from] != b && s.p[from] != c)
		from++;
	return from;
}

/* How many bytes from the beginning on are the same in two blocks of 16. */
static inline size_t find_difference_plain(const char *a, const char *b)
{
	size_t n = 0;

	while (n < FIND_BLOCK && a[n] == b[n])
		n++;
	return n;
}

static inline bool block_same_plain(const char *a, const char *b, uint16_t but)
{
	for (unsigned i = 0; i < FIND_BLOCK; i++)
		if (a[i] != b[i] && !(but >> i & 1))
			return false;
	return true;
}

#ifdef __SSE2__
/* Are the same bytes in two blocks, but for those that have a bit in `but`? */
static find_inline bool block_same(const char *a, const char *b, uint16_t but)
{
	__m128i same = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)a), _mm_loadu_si128((const __m128i *)b));

	return ((unsigned)_mm_movemask_epi8(same) | but) == 0xffff;
}

/* One bit for each of the bytes of a block. */
static find_inline unsigned find_in_block(const char *p, char a, char b, char c)
{
	__m128i block = _mm_loadu_si128((const __m128i *)p);
	__m128i hits = _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8(a)),
		_mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8(b)), _mm_cmpeq_epi8(block, _mm_set1_epi8(c))));

	return (unsigned)_mm_movemask_epi8(hits);
}

/* The offset of the first `a` in the FIND_BLOCK bytes from `p` on, or FIND_BLOCK. */
static find_inline size_t find_in_first(const char *p, char a)
{
	return (unsigned)__builtin_ctz(find_in_block(p, a, a, a) | 1u << FIND_BLOCK);
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

static find_inline unsigned find_end_in_block(const char *p, unsigned char top, char a, char b, char c)
{
	__m128i block = _mm_loadu_si128((const __m128i *)p);
	__m128i low = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8((char)top)), block);

	return (unsigned)_mm_movemask_epi8(low) | find_in_block(p, a, b, c);
}

static find_inline size_t find_end(struct slice s, size_t from, unsigned char top, char a, char b, char c)
{
	size_t last = s.n - FIND_BLOCK;
	unsigned hits;

	if (s.n < FIND_BLOCK)
		return find_end_plain(s, from, top, a, b, c);
	for (; from <= last; from += FIND_BLOCK) {
		hits = find_end_in_block(s.p + from, top, a, b, c);
		if (hits)
			return from + (unsigned)__builtin_ctz(hits);
	}
	hits = find_end_in_block(s.p + last, top, a, b, c) >> (from - last);
	return hits ? from + (unsigned)__builtin_ctz(hits) : s.n;
}

/*
 * The same from `skip` bytes (less than FIND_BLOCK) behind `from` on, where these are in `s`, too: to look does not
 * wait until it is known how many they are.
 */
static find_inline size_t find_end_behind(
	struct slice s, size_t from, size_t skip, unsigned char top, char a, char b, char c)
{
	if (s.n - from >= FIND_BLOCK) {
		unsigned hits = find_end_in_block(s.p + from, top, a, b, c) >> skip << skip;

		if (hits)
			return from + (unsigned)__builtin_ctz(hits);
		skip = FIND_BLOCK;
	}
	return find_end(s, from + skip, top, a, b, c);
}

static inline size_t find_difference(const char *a, const char *b)
{
	__m128i same = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)a), _mm_loadu_si128((const __m128i *)b));

	/* a bit is always set: the one behind the block */
	return (unsigned)__builtin_ctz(~(unsigned)_mm_movemask_epi8(same));
}

/* The same for FIND_MAP bytes that can be read. */
static find_inline uint64_t find_in_map(const char *p, char a)
{
	uint64_t low = find_in_block(p, a, a, a) | find_in_block(p + FIND_BLOCK, a, a, a) << FIND_BLOCK;
	uint64_t high = find_in_block(p + 2 * FIND_BLOCK, a, a, a) |
		find_in_block(p + 3 * FIND_BLOCK, a, a, a) << FIND_BLOCK;

	return low | high << 2 * FIND_BLOCK;
}

static find_inline uint64_t find_map(struct slice s, size_t from, char a)
{
	if (s.n - from >= FIND_MAP)
		return find_in_map(s.p + from, a);
	if (s.n < FIND_MAP)
		return find_map_plain(s, from, a);
	/* at the end the last 64 bytes, without those before `from` */
	return find_in_map(s.p + s.n - FIND_MAP, a) >> (FIND_MAP - (s.n - from));
}
#else
static inline size_t find_difference(const char *a, const char *b)
{
	return find_difference_plain(a, b);
}

static find_inline size_t find_in_first(const char *p, char a)
{
	return find_any_plain((struct slice){p, FIND_BLOCK}, 0, a, a, a);
}

static find_inline bool block_same(const char *a, const char *b, uint16_t but)
{
	return block_same_plain(a, b, but);
}

static find_inline size_t find_any(struct slice s, size_t from, char a, char b, char c)
{
	return find_any_plain(s, from, a, b, c);
}

static find_inline size_t find_end(struct slice s, size_t from, unsigned char top, char a, char b, char c)
{
	return find_end_plain(s, from, top, a, b, c);
}

static find_inline size_t find_end_behind(
	struct slice s, size_t from, size_t skip, unsigned char top, char a, char b, char c)
{
	return find_end(s, from + skip, top, a, b, c);
}

static find_inline uint64_t find_in_map(const char *p, char a)
{
	return find_map_plain((struct slice){p, FIND_MAP}, 0, a);
}

static find_inline uint64_t find_map(struct slice s, size_t from, char a)
{
	return find_map_plain(s, from, a);
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

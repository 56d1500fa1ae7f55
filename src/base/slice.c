#include "base/slice.h"

struct slice slice_of(const char *string)
{
	return (struct slice){string, string ? strlen(string) : 0};
}

struct slice slice_between(const char *begin, const char *end)
{
	return (struct slice){begin, end > begin ? (size_t)(end - begin) : 0};
}

static inline unsigned char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : (unsigned char)c;
}

/* Most differ in the first character, or not at all. */
static inline bool equal_nocase(const char *a, const char *b, size_t n)
{
	if (!n)
		return true;
	if (lower(*a) != lower(*b))
		return false;
	if (memcmp(a, b, n) == 0)
		return true;
	for (size_t i = 1; i < n; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

bool slice_eq_nocase(struct slice a, struct slice b)
{
	if (!a.p || !b.p)
		return !a.p && !b.p;
	/* mostly they are equal to the letter */
	return a.n == b.n && (memcmp(a.p, b.p, a.n) == 0 || equal_nocase(a.p, b.p, a.n));
}

bool slice_starts_nocase(struct slice s, struct slice prefix)
{
	return s.p && s.n >= prefix.n && equal_nocase(s.p, prefix.p, prefix.n);
}

bool slice_has_nocase(struct slice s, struct slice needle)
{
	for (size_t i = 0; s.p && i + needle.n <= s.n; i++)
		if (equal_nocase(s.p + i, needle.p, needle.n))
			return true;
	return false;
}

bool slice_to_u64(struct slice s, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (!s.n)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned digit = (unsigned char)s.p[i] - '0';

		if (digit > 9 || digit > max || value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*out = value;
	return true;
}

static inline uint64_t word_at(const char *p)
{
	uint64_t word;

	memcpy(&word, p, 8);
	return word;
}

/* Whole messages are hashed: two multiplications go on beside each other. */
/* 1 to 7 bytes, without a call: the length is hashed, so that they may overlap. */
static uint64_t tail_at(const char *p, size_t n)
{
	uint32_t first, last;

	if (n < 4)
		return (uint64_t)(unsigned char)p[0] | (uint64_t)(unsigned char)p[n / 2] << 8 |
			(uint64_t)(unsigned char)p[n - 1] << 16;
	memcpy(&first, p, 4);
	memcpy(&last, p + n - 4, 4);
	return first | (uint64_t)last << 32;
}

uint64_t slice_hash(struct slice s, uint64_t seed)
{
	uint64_t hash = hash_mix(seed, s.p ? s.n + 1 : 0), other = hash;

	for (; s.n >= 32; s.p += 32, s.n -= 32) {
		hash = hash_mix(hash ^ word_at(s.p), word_at(s.p + 8));
		other = hash_mix(other ^ word_at(s.p + 16), word_at(s.p + 24));
	}
	if (other != hash)
		hash = hash_mix(hash, other);
	for (; s.n >= 8; s.p += 8, s.n -= 8)
		hash = hash_mix(hash, word_at(s.p));
	return s.n ? hash_mix(hash, tail_at(s.p, s.n)) : hash;
}

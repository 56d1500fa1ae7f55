#include "base/slice.h"

#include "base/find.h"

struct slice slice_of(const char *string)
{
	return (struct slice){string, string ? strlen(string) : 0};
}

static inline unsigned char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : (unsigned char)c;
}

/* Most differ in the first character. */
bool bytes_differ_in_case_only(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

bool slice_has_nocase(struct slice s, struct slice needle)
{
	struct slice starts = slice_head(s, s.n - needle.n + 1); /* where it may begin */
	char small, great;

	if (!s.p || !needle.n || needle.n > s.n)
		return s.p && !needle.n;
	small = (char)lower(needle.p[0]);
	great = small >= 'a' && small <= 'z' ? (char)(small - 'a' + 'A') : small;
	for (size_t i = 0; (i = find_either(starts, i, small, great)) < starts.n; i++)
		if (bytes_equal_nocase(s.p + i, needle.p, needle.n))
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

		if (digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
			__builtin_add_overflow(value, digit, &value))
			return false;
	}
	if (value > max)
		return false;
	*out = value;
	return true;
}

/* 1 to 7 bytes, without a call: the length is hashed, so that they may overlap. */
static uint64_t tail_at(const char *p, size_t n)
{
	if (n < 4)
		return (uint64_t)(unsigned char)p[0] | (uint64_t)(unsigned char)p[n / 2] << 8 |
			(uint64_t)(unsigned char)p[n - 1] << 16;
	return load4(p) | (uint64_t)load4(p + n - 4) << 32;
}

/* Whole messages are hashed: two multiplications go on beside each other. */
uint64_t slice_hash(struct slice s, uint64_t seed)
{
	uint64_t hash = hash_mix(seed, s.p ? s.n + 1 : 0), other = hash;

	for (; s.n >= 32; s.p += 32, s.n -= 32) {
		hash = hash_mix(hash ^ load8(s.p), load8(s.p + 8));
		other = hash_mix(other ^ load8(s.p + 16), load8(s.p + 24));
	}
	if (other != hash)
		hash = hash_mix(hash, other);
	for (; s.n >= 8; s.p += 8, s.n -= 8)
		hash = hash_mix(hash, load8(s.p));
	return s.n ? hash_mix(hash, tail_at(s.p, s.n)) : hash;
}

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

/* hash_mix() of 16 bytes, for many of them: `hash` is as odd as it has to be. */
static inline uint64_t hash_words(uint64_t hash, const char *p)
{
	__uint128_t product = (__uint128_t)(hash ^ load8(p)) * (load8(p + 8) ^ 0xd6e8feb86659fd93u);

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/*
 * 64 bytes at a time: whole messages are hashed. Four multiplications go on beside each other; they begin with numbers
 * that have nothing to do with each other, lest the same change here or there has the same effect. The last 64 bytes
 * begin at `last`, some of them for the second time.
 */
static __attribute__((noinline)) uint64_t hash_blocks(const char *p, const char *last, uint64_t hash)
{
	uint64_t a = hash, b = hash ^ 0x9e3779b97f4a7c15u;
	uint64_t c = hash ^ 0xff51afd7ed558ccdu, d = hash ^ 0xc4ceb9fe1a85ec53u;

	for (; p < last; p += 64) {
		a = hash_words(a, p);
		b = hash_words(b, p + 16);
		c = hash_words(c, p + 32);
		d = hash_words(d, p + 48);
	}
	a = hash_words(a, last);
	b = hash_words(b, last + 16);
	c = hash_words(c, last + 32);
	d = hash_words(d, last + 48);
	return hash_mix(a ^ b, c ^ d);
}

uint64_t slice_hash_long(struct slice s, uint64_t hash)
{
	const char *p = s.p, *end = s.p + s.n;

	hash ^= 3; /* a way of its own: short ones begin with `hash` */
	if (s.n > 64)
		return hash_blocks(p, end - 64, hash);
	for (; end - p > 16; p += 16)
		hash = hash_mix(hash ^ load8(p), load8(p + 8));
	/* there are 16 bytes before the end, some of them for the second time */
	return hash_mix(hash ^ load8(end - 16), load8(end - 8));
}

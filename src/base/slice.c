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

uint64_t slice_hash_long(struct slice s, uint64_t hash)
{
	uint64_t a = hash, b = hash ^ 1, c = hash ^ 2;

	/* whole messages are hashed: three multiplications go on beside each other */
	for (; s.n > 48; s.p += 48, s.n -= 48) {
		a = hash_mix(a ^ load8(s.p), load8(s.p + 8));
		b = hash_mix(b ^ load8(s.p + 16), load8(s.p + 24));
		c = hash_mix(c ^ load8(s.p + 32), load8(s.p + 40));
	}
	hash = a ^ b ^ c;
	for (; s.n > 16; s.p += 16, s.n -= 16)
		hash = hash_mix(hash ^ load8(s.p), load8(s.p + 8));
	/* there are 16 bytes before the end, some of them for the second time */
	return hash_mix(hash ^ load8(s.p + s.n - 16), load8(s.p + s.n - 8));
}

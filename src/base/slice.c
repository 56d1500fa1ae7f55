#include "base/slice.h"

#include <string.h>

struct slice slice_of(const char *string)
{
	return (struct slice){string, string ? strlen(string) : 0};
}

struct slice slice_between(const char *begin, const char *end)
{
	return (struct slice){begin, end > begin ? (size_t)(end - begin) : 0};
}

bool slice_eq(struct slice a, struct slice b)
{
	if (!a.p || !b.p)
		return !a.p && !b.p;
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

static unsigned char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : (unsigned char)c;
}

static bool equal_nocase(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

bool slice_eq_nocase(struct slice a, struct slice b)
{
	if (!a.p || !b.p)
		return !a.p && !b.p;
	return a.n == b.n && equal_nocase(a.p, b.p, a.n);
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

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct slice slice_trim(struct slice s)
{
	while (s.n && is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

size_t slice_find(struct slice s, char c)
{
	const char *hit = s.n ? memchr(s.p, c, s.n) : NULL;

	return hit ? (size_t)(hit - s.p) : s.n;
}

struct slice slice_from(struct slice s, size_t offset)
{
	if (offset > s.n)
		offset = s.n;
	return (struct slice){s.p ? s.p + offset : NULL, s.n - offset};
}

struct slice slice_head(struct slice s, size_t length)
{
	return (struct slice){s.p, length < s.n ? length : s.n};
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

uint64_t hash_mix(uint64_t a, uint64_t b)
{
	__uint128_t product = (__uint128_t)(a ^ 0x9e3779b97f4a7c15u) * (b ^ 0xd6e8feb86659fd93u);

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t slice_hash(struct slice s, uint64_t seed)
{
	uint64_t hash = hash_mix(seed, s.p ? s.n + 1 : 0);

	while (s.n >= 8) {
		uint64_t word;

		memcpy(&word, s.p, 8);
		hash = hash_mix(hash, word);
		s.p += 8;
		s.n -= 8;
	}
	if (s.n) {
		uint64_t word = 0;

		memcpy(&word, s.p, s.n);
		hash = hash_mix(hash, word);
	}
	return hash;
}

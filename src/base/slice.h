/*
 * A view of bytes that somebody else owns.
 *
 * p == NULL means "absent"; p != NULL with n == 0 means "present and empty". Protocol data needs
 * both: opaque="" must be sent back, a missing opaque must not.
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const char *p;
	size_t n;
};

#define SLICE(literal) ((struct slice){(literal), sizeof(literal) - 1})
#define SLICE_ABSENT ((struct slice){NULL, 0})

/* For printf: "%.*s", SLICE_ARG(s). Only for bytes known to be printable. */
#define SLICE_ARG(s) (int)((s).n > 4096 ? 4096 : (s).n), ((s).p ? (s).p : "")

struct slice slice_of(const char *string);

static inline struct slice slice_between(const char *begin, const char *end)
{
	return (struct slice){begin, end > begin ? (size_t)(end - begin) : 0};
}

/* Equal bytes; an absent slice equals an absent one only. */
static inline bool slice_eq(struct slice a, struct slice b)
{
	if (!a.p || !b.p)
		return !a.p && !b.p;
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

static inline uint64_t load8(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

static inline uint32_t load4(const char *p)
{
	uint32_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

/* Equal bytes? For names: a few loads, which may overlap, where memcmp() would be a call. */
static inline bool bytes_equal(const char *a, const char *b, size_t n)
{
	if (n > 16)
		return memcmp(a, b, n) == 0;
	if (n >= 8)
		return load8(a) == load8(b) && load8(a + n - 8) == load8(b + n - 8);
	if (n >= 4)
		return load4(a) == load4(b) && load4(a + n - 4) == load4(b + n - 4);
	return !n || (a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1]);
}

/* Byte by byte, for bytes_equal_nocase(). */
bool bytes_differ_in_case_only(const char *a, const char *b, size_t n);

/* The same without regard to ASCII case: names are nearly always written as they are known. */
static inline bool bytes_equal_nocase(const char *a, const char *b, size_t n)
{
	return bytes_equal(a, b, n) || bytes_differ_in_case_only(a, b, n);
}

/* Equal slices, but for ASCII case. */
static inline bool slice_eq_nocase(struct slice a, struct slice b)
{
	if (!a.p || !b.p)
		return !a.p && !b.p;
	return a.n == b.n && bytes_equal_nocase(a.p, b.p, a.n);
}

static inline bool slice_starts_nocase(struct slice s, struct slice prefix)
{
	return s.p && s.n >= prefix.n && bytes_equal_nocase(s.p, prefix.p, prefix.n);
}

/* Is `needle` somewhere in `s`, ASCII case ignored? */
bool slice_has_nocase(struct slice s, struct slice needle);

static inline bool slice_is_space(char c)
{
	return (unsigned char)c <= ' ' && (c == ' ' || c == '\t' || c == '\r' || c == '\n');
}

/* Without leading and trailing SP, HT, CR, LF. */
static inline struct slice slice_trim(struct slice s)
{
	while (s.n && slice_is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && slice_is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* Offset of the first `c`, or s.n. */
static inline size_t slice_find(struct slice s, char c)
{
	const char *hit = s.n ? memchr(s.p, c, s.n) : NULL;

	return hit ? (size_t)(hit - s.p) : s.n;
}

static inline struct slice slice_from(struct slice s, size_t offset)
{
	if (offset > s.n)
		offset = s.n;
	return (struct slice){s.p ? s.p + offset : NULL, s.n - offset};
}

static inline struct slice slice_head(struct slice s, size_t length)
{
	return (struct slice){s.p, length < s.n ? length : s.n};
}

/* Decimal digits only, no sign. False: empty, other characters, or above `max`. */
bool slice_to_u64(struct slice s, uint64_t max, uint64_t *out);

static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
	__uint128_t product = (__uint128_t)(a ^ 0x9e3779b97f4a7c15u) * (b ^ 0xd6e8feb86659fd93u);

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* More than 16 bytes; for slice_hash() only. */
uint64_t slice_hash_long(struct slice s, uint64_t hash);

/* Not cryptographic; the seed keeps different tables apart. Absent differs from empty. */
static inline uint64_t slice_hash(struct slice s, uint64_t seed)
{
	uint64_t hash = hash_mix(seed, s.p ? s.n + 1 : 0);

	if (!s.n)
		return hash;
	if (s.n > 16)
		return slice_hash_long(s, hash);
	/* the length is hashed, so the words may overlap */
	if (s.n >= 8)
		return hash_mix(hash ^ load8(s.p), load8(s.p + s.n - 8));
	if (s.n < 4)
		return hash_mix(hash, (uint64_t)(unsigned char)s.p[0] |
			(uint64_t)(unsigned char)s.p[s.n / 2] << 8 | (uint64_t)(unsigned char)s.p[s.n - 1] << 16);
	return hash_mix(hash, load4(s.p) | (uint64_t)load4(s.p + s.n - 4) << 32);
}

#endif

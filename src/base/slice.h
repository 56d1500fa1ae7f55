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

struct slice {
	const char *p;
	size_t n;
};

#define SLICE(literal) ((struct slice){(literal), sizeof(literal) - 1})
#define SLICE_ABSENT ((struct slice){NULL, 0})

/* For printf: "%.*s", SLICE_ARG(s). Only for bytes known to be printable. */
#define SLICE_ARG(s) (int)((s).n > 4096 ? 4096 : (s).n), ((s).p ? (s).p : "")

struct slice slice_of(const char *string);
struct slice slice_between(const char *begin, const char *end);

/* Equal bytes; an absent slice equals an absent one only. */
bool slice_eq(struct slice a, struct slice b);
/* The same without regard to ASCII case. */
bool slice_eq_nocase(struct slice a, struct slice b);
bool slice_starts_nocase(struct slice s, struct slice prefix);
/* Is `needle` somewhere in `s`, ASCII case ignored? */
bool slice_has_nocase(struct slice s, struct slice needle);

/* Without leading and trailing SP, HT, CR, LF. */
struct slice slice_trim(struct slice s);
/* Offset of the first `c`, or s.n. */
size_t slice_find(struct slice s, char c);
struct slice slice_from(struct slice s, size_t offset);
struct slice slice_head(struct slice s, size_t length);

/* Decimal digits only, no sign. False: empty, other characters, or above `max`. */
bool slice_to_u64(struct slice s, uint64_t max, uint64_t *out);

/* Not cryptographic; the seed keeps different tables apart. Absent differs from empty. */
uint64_t slice_hash(struct slice s, uint64_t seed);
uint64_t hash_mix(uint64_t a, uint64_t b);

#endif

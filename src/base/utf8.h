/* UTF-8 (RFC 3629). */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/slice.h"

/* Length of the valid sequence at the beginning of s: 1 to 4, or 0 if there is none. */
size_t utf8_sequence(struct slice s);
/* The character of a valid sequence of n bytes. */
uint32_t utf8_code_point(struct slice s, size_t n);
bool utf8_valid(struct slice s);

#endif

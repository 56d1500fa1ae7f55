/* UTF-8 (RFC 3629). */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/slice.h"

/* Length of the valid sequence at the beginning of s: 1 to 4, or 0 if there is none. */
size_t utf8_sequence(struct slice s);
bool utf8_valid(struct slice s);

#endif

/* How far apart two words are: for "did you mean". */
#ifndef BASE_DISTANCE_H
#define BASE_DISTANCE_H

#include <stddef.h>

/* Levenshtein, ASCII case ignored. Of `known` at most the first 63 letters count. */
size_t word_distance(const char *known, const char *word);

#endif

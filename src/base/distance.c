#include "base/distance.h"

#include <ctype.h>
#include <string.h>

enum { KNOWN_MAX = 63 };

static size_t least(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

size_t word_distance(const char *known, const char *word)
{
	size_t row[KNOWN_MAX + 1], n = strnlen(known, KNOWN_MAX);

	for (size_t i = 0; i <= n; i++)
		row[i] = i;
	for (size_t j = 0; word[j]; j++) {
		size_t diagonal = row[0];

		row[0] = j + 1;
		for (size_t i = 1; i <= n; i++) {
			size_t above = row[i];
			int differs = tolower((unsigned char)known[i - 1]) !=
				tolower((unsigned char)word[j]);

			row[i] = least(row[i - 1] + 1, above + 1, diagonal + (size_t)differs);
			diagonal = above;
		}
	}
	return row[n];
}

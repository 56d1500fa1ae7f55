#include "base/utf8.h"

static bool continues(struct slice s, size_t at)
{
	return at < s.n && ((unsigned char)s.p[at] & 0xc0) == 0x80;
}

size_t utf8_sequence(struct slice s)
{
	unsigned char c, second;

	if (!s.n)
		return 0;
	c = (unsigned char)s.p[0];
	if (c < 0x80)
		return 1;
	if (!continues(s, 1))
		return 0;
	second = (unsigned char)s.p[1];
	if (c >= 0xc2 && c <= 0xdf)
		return 2;
	if (c >= 0xe0 && c <= 0xef) {
		/* no overlong forms, no surrogates */
		if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second > 0x9f))
			return 0;
		return continues(s, 2) ? 3 : 0;
	}
	if (c >= 0xf0 && c <= 0xf4) {
		if ((c == 0xf0 && second < 0x90) || (c == 0xf4 && second > 0x8f))
			return 0;
		return continues(s, 2) && continues(s, 3) ? 4 : 0;
	}
	return 0;
}

uint32_t utf8_code_point(struct slice s, size_t n)
{
	static const unsigned char first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t c = (unsigned char)s.p[0] & first_bits[n];

	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)s.p[i] & 0x3f);
	return c;
}

bool utf8_valid(struct slice s)
{
	while (s.n) {
		size_t n = utf8_sequence(s);

		if (!n)
			return false;
		s = slice_from(s, n);
	}
	return true;
}

/* The door to libunistring. The small code pages are here: iconv would load modules at run time. */
#include "auth/charset.h"

#include <stdlib.h>
#include <string.h>

#include <unicase.h>
#include <uninorm.h>

#include "base/utf8.h"

/* 0x80 to 0x9f of Windows-1252; 0: not assigned. */
static const uint16_t cp1252[32] = {
	0x20ac,
	0,
	0x201a,
	0x0192,
	0x201e,
	0x2026,
	0x2020,
	0x2021,
	0x02c6,
	0x2030,
	0x0160,
	0x2039,
	0x0152,
	0,
	0x017d,
	0,
	0,
	0x2018,
	0x2019,
	0x201c,
	0x201d,
	0x2022,
	0x2013,
	0x2014,
	0x02dc,
	0x2122,
	0x0161,
	0x203a,
	0x0153,
	0,
	0x017e,
	0x0178,
};

size_t charset_length(struct slice text)
{
	size_t n = 0;

	for (; text.n; n++) {
		size_t step = utf8_sequence(text);

		text = slice_from(text, step ? step : 1);
	}
	return n;
}

struct slice charset_head(struct slice text, size_t n)
{
	struct slice rest = text;

	while (n-- && rest.n) {
		size_t step = utf8_sequence(rest);

		rest = slice_from(rest, step ? step : 1);
	}
	return slice_head(text, text.n - rest.n);
}

/* The code point of the valid sequence at the beginning, whose length is known. */
static uint32_t code_point(struct slice s, size_t length)
{
	static const uint8_t mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t c = (uint8_t)s.p[0] & mask[length];

	for (size_t i = 1; i < length; i++)
		c = c << 6 | ((uint8_t)s.p[i] & 0x3f);
	return c;
}

/* The byte of a code point in a code page of one byte, or -1. */
static int narrow(uint32_t c, enum charset_form form)
{
	if (c < 0x100 && (form == CHARSET_LATIN1 || c < 0x80 || c >= 0xa0))
		return (int)c;
	for (int i = 0; form == CHARSET_CP1252 && i < 32; i++)
		if (cp1252[i] == c)
			return 0x80 + i;
	return -1;
}

static struct slice to_one_byte(struct slice text, enum charset_form form, struct arena *arena)
{
	char *out = arena_alloc(arena, text.n + 1);
	size_t n = 0;

	while (text.n) {
		size_t step = utf8_sequence(text);
		int c = narrow(code_point(text, step), form);

		if (c < 0)
			return SLICE_ABSENT;
		out[n++] = (char)c;
		text = slice_from(text, step);
	}
	return (struct slice){out, n};
}

static struct slice to_utf16le(struct slice text, struct arena *arena)
{
	char *out = arena_alloc(arena, 2 * text.n + 1);
	size_t n = 0;

	while (text.n) {
		size_t step = utf8_sequence(text);
		uint32_t c = code_point(text, step), unit[2] = {c, 0};

		if (c > 0xffff) {
			unit[0] = 0xd800 + ((c - 0x10000) >> 10);
			unit[1] = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		for (int i = 0; i < 1 + (c > 0xffff); i++) {
			out[n++] = (char)(unit[i] & 0xff);
			out[n++] = (char)(unit[i] >> 8);
		}
		text = slice_from(text, step);
	}
	return (struct slice){out, n};
}

static struct slice double_utf8(struct slice text, struct arena *arena)
{
	char *out = arena_alloc(arena, 2 * text.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = (uint8_t)text.p[i];

		if (c >= 0x80)
			out[n++] = (char)(0xc0 | c >> 6);
		out[n++] = (char)(c >= 0x80 ? 0x80 | (c & 0x3f) : c);
	}
	return (struct slice){out, n};
}

/* What libunistring gives, taken over into the arena and wiped: it may be a password. */
static struct slice take(uint8_t *result, size_t n, struct arena *arena)
{
	struct slice out = SLICE_ABSENT;

	if (result) {
		out = arena_copy(arena, (struct slice){(const char *)result, n});
		explicit_bzero(result, n);
		free(result);
	}
	return out;
}

static struct slice unicode(struct slice text, enum charset_form form, struct arena *arena)
{
	const uint8_t *in = (const uint8_t *)text.p;
	uint8_t *out;
	size_t n = 0;

	switch (form) {
	case CHARSET_LOWER:
		out = u8_tolower(in, text.n, NULL, NULL, NULL, &n);
		break;
	case CHARSET_UPPER:
		out = u8_toupper(in, text.n, NULL, NULL, NULL, &n);
		break;
	case CHARSET_NFC:
		out = u8_normalize(UNINORM_NFC, in, text.n, NULL, &n);
		break;
	default:
		out = u8_normalize(UNINORM_NFD, in, text.n, NULL, &n);
	}
	return take(out, n, arena);
}

struct slice charset_convert(struct slice text, enum charset_form form, struct arena *arena)
{
	if (!text.n || (!utf8_valid(text) && form != CHARSET_DOUBLE_UTF8))
		return SLICE_ABSENT;
	switch (form) {
	case CHARSET_LATIN1:
	case CHARSET_CP1252:
		return to_one_byte(text, form, arena);
	case CHARSET_UTF16LE:
		return to_utf16le(text, arena);
	case CHARSET_DOUBLE_UTF8:
		return double_utf8(text, arena);
	default:
		return unicode(text, form, arena);
	}
}

#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"

void buf_free(struct buf *b)
{
	free(b->p);
	*b = (struct buf){0};
}

void buf_clear(struct buf *b)
{
	b->n = 0;
}

static void reserve(struct buf *b, size_t more)
{
	size_t size = b->size ? b->size : 64;

	if (b->size - b->n >= more)
		return;
	while (size - b->n < more)
		size *= 2;
	b->p = xrealloc(b->p, size);
	b->size = size;
}

void buf_add(struct buf *b, const void *bytes, size_t n)
{
	if (!n)
		return;
	reserve(b, n);
	memcpy(b->p + b->n, bytes, n);
	b->n += n;
}

void buf_adds(struct buf *b, const char *string)
{
	buf_add(b, string, strlen(string));
}

void buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_add_slice(struct buf *b, struct slice s)
{
	buf_add(b, s.p, s.n);
}

void buf_vprintf(struct buf *b, const char *format, va_list args)
{
	va_list again;
	int n;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (n <= 0)
		return;
	reserve(b, (size_t)n + 1);
	vsnprintf(b->p + b->n, (size_t)n + 1, format, args);
	b->n += (size_t)n;
}

void buf_printf(struct buf *b, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	buf_vprintf(b, format, args);
	va_end(args);
}

struct slice buf_slice(const struct buf *b)
{
	return (struct slice){b->p ? b->p : "", b->n};
}

const char *buf_string(struct buf *b)
{
	reserve(b, 1);
	b->p[b->n] = '\0';
	return b->p;
}

/* How many plain ASCII characters are in front: nearly all of what is ever printed. */
static size_t plain_ascii(struct slice s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= 0x20 && s.p[n] < 0x7f)
		n++;
	return n;
}

/* The first character, or, if it is none to be printed, its first byte in hexadecimal; how many bytes. */
static size_t add_character(struct buf *b, struct slice s)
{
	size_t n = utf8_sequence(s);
	unsigned char c = (unsigned char)s.p[0];

	if (n == 0 || c < 0x20 || c == 0x7f || (n == 2 && c == 0xc2 && (unsigned char)s.p[1] < 0xa0)) {
		buf_printf(b, "\\x%02x", c);
		return 1;
	}
	buf_add(b, s.p, n);
	return n;
}

void buf_add_printable(struct buf *b, struct slice s)
{
	for (;;) {
		size_t plain = plain_ascii(s);

		buf_add(b, s.p, plain);
		s = slice_from(s, plain);
		if (!s.n)
			return;
		s = slice_from(s, add_character(b, s));
	}
}

#include "capture/textread.h"

#include <string.h>

enum { CHUNK = 65536 };

/* More bytes behind those that are there. False: the end. */
static bool fill(struct text_lines *t)
{
	char chunk[CHUNK];
	ssize_t n;

	if (t->at) {
		t->bytes.n -= t->at;
		memmove(t->bytes.p, t->bytes.p + t->at, t->bytes.n);
		t->at = 0;
	}
	n = input_read(t->in, chunk, sizeof(chunk));
	if (n > 0)
		buf_add(&t->bytes, chunk, (size_t)n);
	t->end = n <= 0;
	return !t->end;
}

/* Behind the next line break; the rest of a line too long to be kept. */
static void skip_line(struct text_lines *t)
{
	for (;;) {
		struct slice rest = slice_from(buf_slice(&t->bytes), t->at);
		size_t n = slice_find(rest, '\n');

		t->at += n < rest.n ? n + 1 : n;
		if (n < rest.n || t->end || !fill(t))
			return;
	}
}

bool text_line(struct text_lines *t, struct slice *line)
{
	struct slice rest;
	size_t n;

	if (t->again.p) {
		*line = t->again;
		t->again = SLICE_ABSENT;
		return true;
	}
	for (;;) {
		rest = slice_from(buf_slice(&t->bytes), t->at);
		n = slice_find(rest, '\n');
		if (n < rest.n || n >= TEXT_LINE_BYTES || t->end || !fill(t))
			break;
	}
	rest = slice_from(buf_slice(&t->bytes), t->at);
	n = slice_find(rest, '\n');
	if (!rest.n)
		return false;
	if (n >= TEXT_LINE_BYTES) {
		buf_clear(&t->long_line);
		buf_add_slice(&t->long_line, slice_head(rest, TEXT_LINE_BYTES));
		skip_line(t);
		*line = buf_slice(&t->long_line);
		return true;
	}
	*line = slice_head(rest, n);
	t->at += n < rest.n ? n + 1 : n;
	while (line->n && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}

struct slice text_ahead(struct text_lines *t)
{
	if (!t->bytes.n)
		fill(t);
	return slice_from(buf_slice(&t->bytes), t->at);
}

void text_lines_free(struct text_lines *t)
{
	input_close(t->in);
	buf_free(&t->bytes);
	buf_free(&t->long_line);
}

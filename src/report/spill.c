#include "report/spill.h"

#include <stdlib.h>

#include "base/err.h"

enum { MEMORY_MAX = 1 << 20 };

/* Offsets in the file carry this bit. */
#define IN_FILE (UINT64_C(1) << 63)

void spill_free(struct spill *s)
{
	buf_free(&s->memory);
	if (s->file)
		fclose(s->file);
	free(s->pieces);
	*s = (struct spill){0};
}

static bool to_file(struct spill *s, struct slice text)
{
	if (s->no_file || s->memory.n + text.n <= MEMORY_MAX)
		return false;
	if (!s->file)
		s->file = tmpfile();
	s->no_file = !s->file;
	/* a full disk: what is in the file stays there, the rest goes to memory */
	if (s->file && fwrite(text.p, 1, text.n, s->file) != text.n)
		s->no_file = true;
	return !s->no_file;
}

void spill_add(struct spill *s, uint64_t number, struct slice text)
{
	uint64_t offset;

	if (!text.n)
		return;
	if (to_file(s, text)) {
		offset = s->in_file | IN_FILE;
		s->in_file += text.n;
	} else {
		offset = s->memory.n;
		buf_add_slice(&s->memory, text);
	}
	if (s->count == s->size) {
		s->size = s->size ? s->size * 2 : 16;
		s->pieces = xrealloc(s->pieces, s->size * sizeof(*s->pieces));
	}
	s->pieces[s->count++] = (struct spill_piece){number, offset, text.n};
}

static int by_number(const void *a, const void *b)
{
	const struct spill_piece *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

void spill_sort(struct spill *s)
{
	if (s->count)
		qsort(s->pieces, s->count, sizeof(*s->pieces), by_number);
}

bool spill_get(struct spill *s, size_t i, struct buf *out)
{
	const struct spill_piece *piece = &s->pieces[i];
	char block[4096];
	size_t left = piece->length;

	buf_clear(out);
	if (!(piece->offset & IN_FILE)) {
		buf_add(out, s->memory.p + piece->offset, piece->length);
		return true;
	}
	if (fseeko(s->file, (off_t)(piece->offset & ~IN_FILE), SEEK_SET) != 0)
		return false;
	while (left) {
		size_t n = fread(block, 1, left < sizeof(block) ? left : sizeof(block), s->file);

		if (!n)
			return false;
		buf_add(out, block, n);
		left -= n;
	}
	return true;
}

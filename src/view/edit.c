#include "view/edit.h"

#include <stdio.h>
#include <string.h>

#include "base/slice.h"
#include "base/utf8.h"
#include "view/key.h"

void edit_set(struct edit *e, const char *text)
{
	snprintf(e->text, sizeof(e->text), "%s", text);
	e->n = e->at = strlen(e->text);
}

void edit_wipe(struct edit *e)
{
	explicit_bzero(e, sizeof(*e));
}

/* Bytes of the character that ends at `at`. */
static size_t before(const struct edit *e)
{
	size_t n = 1;

	while (n < e->at && ((unsigned char)e->text[e->at - n] & 0xc0) == 0x80)
		n++;
	return e->at ? n : 0;
}

static size_t after(const struct edit *e)
{
	size_t n = utf8_sequence((struct slice){e->text + e->at, e->n - e->at});

	return e->at == e->n ? 0 : n ? n : 1;
}

static void erase(struct edit *e, size_t from, size_t n)
{
	memmove(e->text + from, e->text + from + n, e->n - from - n + 1);
	e->n -= n;
	e->at = from;
}

static size_t encode(unsigned c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static bool insert(struct edit *e, int key)
{
	char bytes[4];
	size_t n;

	if (key < ' ' || key == KEY_RUBOUT || key >= KEY_FIRST_SPECIAL)
		return false;
	n = encode((unsigned)key, bytes);
	if (e->n + n >= sizeof(e->text))
		return true;
	memmove(e->text + e->at + n, e->text + e->at, e->n - e->at + 1);
	memcpy(e->text + e->at, bytes, n);
	e->n += n;
	e->at += n;
	return true;
}

static void erase_word(struct edit *e)
{
	size_t from = e->at;

	while (from && e->text[from - 1] == ' ')
		from--;
	while (from && e->text[from - 1] != ' ')
		from--;
	erase(e, from, e->at - from);
}

bool edit_key(struct edit *e, int key)
{
	switch (key) {
	case KEY_RUBOUT:
		erase(e, e->at - before(e), before(e));
		return true;
	case KEY_DELETE:
		erase(e, e->at, after(e));
		return true;
	case KEY_LEFTWARD:
		e->at -= before(e);
		return true;
	case KEY_RIGHTWARD:
		e->at += after(e);
		return true;
	case KEY_FIRST:
	case KEY_CONTROL('A'):
		e->at = 0;
		return true;
	case KEY_LAST:
	case KEY_CONTROL('E'):
		e->at = e->n;
		return true;
	case KEY_CONTROL('U'):
		erase(e, 0, e->at);
		return true;
	case KEY_CONTROL('W'):
		erase_word(e);
		return true;
	default:
		return insert(e, key);
	}
}

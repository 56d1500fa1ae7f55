#include "view/texts.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum { PLACES_FIRST = 1024, ADDRESS_BYTES = 19 };

void texts_free(struct texts *t)
{
	buf_free(&t->bytes);
	free(t->places);
	*t = (struct texts){0};
}

struct slice texts_get(const struct texts *t, uint32_t number)
{
	if (!number)
		return SLICE("");
	return (struct slice){t->bytes.p + number + 1, (unsigned char)t->bytes.p[number]};
}

static void insert(struct texts *t, uint32_t number)
{
	size_t i = slice_hash(texts_get(t, number), 0) & t->mask;

	while (t->places[i])
		i = (i + 1) & t->mask;
	t->places[i] = number;
}

static void grow(struct texts *t)
{
	size_t size = t->places ? (t->mask + 1) * 2 : PLACES_FIRST;
	uint32_t *old = t->places;
	size_t old_size = t->places ? t->mask + 1 : 0;

	t->places = xcalloc(size, sizeof(*t->places));
	t->mask = size - 1;
	for (size_t i = 0; i < old_size; i++)
		if (old[i])
			insert(t, old[i]);
	free(old);
}

uint32_t texts_put(struct texts *t, struct slice s)
{
	uint32_t number;

	if (!s.n)
		return 0;
	s = slice_head(s, TEXT_MAX);
	if (t->count * 2 >= t->mask)
		grow(t);
	for (size_t i = slice_hash(s, 0) & t->mask; t->places[i]; i = (i + 1) & t->mask)
		if (slice_eq(texts_get(t, t->places[i]), s))
			return t->places[i];
	/* no more than 4 GB of them, and nothing at 0 */
	if (t->bytes.n > UINT32_MAX - TEXT_MAX - 1)
		return 0;
	if (!t->bytes.n)
		buf_addc(&t->bytes, '\0');
	number = (uint32_t)t->bytes.n;
	buf_addc(&t->bytes, (char)s.n);
	buf_add_slice(&t->bytes, s);
	insert(t, number);
	t->count++;
	return number;
}

uint32_t texts_put_address(struct texts *t, const struct address *a)
{
	char bytes[ADDRESS_BYTES] = {(char)a->family, (char)(a->port >> 8), (char)a->port};

	memcpy(bytes + 3, a->ip, sizeof(a->ip));
	return texts_put(t, (struct slice){bytes, sizeof(bytes)});
}

struct address texts_get_address(const struct texts *t, uint32_t number)
{
	struct slice s = texts_get(t, number);
	struct address a = {0};

	if (s.n != ADDRESS_BYTES)
		return a;
	a.family = (uint8_t)s.p[0];
	a.port = (uint16_t)((unsigned char)s.p[1] << 8 | (unsigned char)s.p[2]);
	memcpy(a.ip, s.p + 3, sizeof(a.ip));
	return a;
}

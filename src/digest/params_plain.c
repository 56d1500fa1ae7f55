/*
 * Parameters as nearly everybody writes them: a known name, "=" right behind it, a value with nothing odd in it, a
 * comma. They are read in one step each; whatever is not plain to see is left to the walk of params_scan.c.
 */
#include "digest/params_scan.h"

#include <string.h>

#include "base/find.h"

static const struct slice param_names[PARAM_COUNT] = {
	[PARAM_REALM] = {"realm", 5},
	[PARAM_NONCE] = {"nonce", 5},
	[PARAM_OPAQUE] = {"opaque", 6},
	[PARAM_ALGORITHM] = {"algorithm", 9},
	[PARAM_QOP] = {"qop", 3},
	[PARAM_STALE] = {"stale", 5},
	[PARAM_DOMAIN] = {"domain", 6},
	[PARAM_USERHASH] = {"userhash", 8},
	[PARAM_CHARSET] = {"charset", 7},
	[PARAM_USERNAME] = {"username", 8},
	[PARAM_USERNAME_STAR] = {"username*", 9},
	[PARAM_URI] = {"uri", 3},
	[PARAM_RESPONSE] = {"response", 8},
	[PARAM_CNONCE] = {"cnonce", 6},
	[PARAM_NC] = {"nc", 2},
	[PARAM_AUTS] = {"auts", 4},
	[PARAM_NEXTNONCE] = {"nextnonce", 9},
	[PARAM_RSPAUTH] = {"rspauth", 7},
};

enum param_id param_find(struct slice name)
{
	unsigned id = 0;

	while (id < PARAM_COUNT && !slice_eq_nocase(name, param_names[id]))
		id++;
	return (enum param_id)id;
}

const char *param_name(enum param_id id)
{
	return id < PARAM_COUNT ? param_names[id].p : "?";
}

enum { LETTERS = 32 };

/* The first and the third byte of a name and its "=" tell those apart that are usual (a compiler warns). */
#define LETTERS_OF(first, third) (((unsigned char)(first) + (unsigned char)(third)) % LETTERS)

/* Unused places have the name that is in another one: it is not the one that is looked for there. */
static const uint8_t by_letters[LETTERS] = {
	[LETTERS_OF('r', 'a')] = PARAM_REALM,
	[LETTERS_OF('n', 'n')] = PARAM_NONCE,
	[LETTERS_OF('o', 'a')] = PARAM_OPAQUE,
	[LETTERS_OF('a', 'g')] = PARAM_ALGORITHM,
	[LETTERS_OF('q', 'p')] = PARAM_QOP,
	[LETTERS_OF('s', 'a')] = PARAM_STALE,
	[LETTERS_OF('d', 'm')] = PARAM_DOMAIN,
	[LETTERS_OF('c', 'a')] = PARAM_CHARSET,
	[LETTERS_OF('u', 'e')] = PARAM_USERNAME,
	[LETTERS_OF('u', 'i')] = PARAM_URI,
	[LETTERS_OF('r', 's')] = PARAM_RESPONSE,
	[LETTERS_OF('c', 'o')] = PARAM_CNONCE,
	[LETTERS_OF('n', '=')] = PARAM_NC,
	[LETTERS_OF('a', 't')] = PARAM_AUTS,
	[LETTERS_OF('n', 'x')] = PARAM_NEXTNONCE,
	[LETTERS_OF('r', 'p')] = PARAM_RSPAUTH,
};

/* The same as RFC and everybody write them. */
static const char in_plain[PARAM_COUNT][FIND_BLOCK] = {
	[PARAM_REALM] = "realm=",
	[PARAM_NONCE] = "nonce=",
	[PARAM_OPAQUE] = "opaque=",
	[PARAM_ALGORITHM] = "algorithm=",
	[PARAM_QOP] = "qop=",
	[PARAM_STALE] = "stale=",
	[PARAM_DOMAIN] = "domain=",
	[PARAM_CHARSET] = "charset=",
	[PARAM_USERNAME] = "username=",
	[PARAM_URI] = "uri=",
	[PARAM_RESPONSE] = "response=",
	[PARAM_CNONCE] = "cnonce=",
	[PARAM_NC] = "nc=",
	[PARAM_AUTS] = "auts=",
	[PARAM_NEXTNONCE] = "nextnonce=",
	[PARAM_RSPAUTH] = "rspauth=",
};

struct plain {
	struct slice text;
	char tail[2 * FIND_BLOCK]; /* the last block of it, and nothing behind that: names are read as blocks */
};

/* The block that begins at `at`. */
static inline const char *plain_block(const struct plain *t, size_t at)
{
	size_t left = t->text.n - at;

	return left < FIND_BLOCK ? t->tail + FIND_BLOCK - left : t->text.p + at;
}

/* Does a block begin with a name, and "=" behind it, at n? */
static inline bool plain_name(const char *block, size_t *n, unsigned *id)
{
	*n = find_in_first(block, '=');
	*id = by_letters[LETTERS_OF(block[0], block[2])];
	return find_difference(block, in_plain[*id]) > *n;
}

/* qop=auth,auth-int without quotes: does anything but a parameter follow? */
static bool goes_on(const struct plain *t, size_t next)
{
	size_t n;
	unsigned id;

	return next < t->text.n && !plain_name(plain_block(t, next), &n, &id);
}

bool scan_plain(struct scan *s)
{
	struct params *out = s->out;
	struct plain t = {.text = slice_between(s->begin, s->end)};
	size_t at = (size_t)(s->at - s->begin), end = at;
	unsigned count = out->count;

	/* each of them is read once at most, so there is room */
	if (t.text.n < FIND_BLOCK || count > PARAMS_MAX - PARAM_COUNT)
		return false;
	memcpy(t.tail, t.text.p + t.text.n - FIND_BLOCK, FIND_BLOCK);
	for (;;) {
		const char *block = plain_block(&t, at);
		struct param *param = &s->list[count];
		size_t n, value_end, next;
		unsigned id;
		uint32_t bit;

		if (!plain_name(block, &n, &id) || out->present & (bit = UINT32_C(1) << id))
			break;
		*param = (struct param){.name = t.text.p + at, .name_length = (uint16_t)n, .id = (uint8_t)id};
		n++;
		/* in quotes there is no backslash and no line break, without them nothing that a value may end with */
		if (block[n] == '"') {
			n++;
			value_end = find_end_behind(t.text, at, n, ' ' - 1, '"', '\\', '\\');
			if (value_end == t.text.n || t.text.p[value_end] != '"')
				break;
			param->open = param->close = 1;
			param->quoted = true;
			next = value_end + 1;
		} else {
			value_end = next = find_end_behind(t.text, at, n, '"', ',', ';', '\\');
			if (value_end == at + n || block[n] == '\'')
				break;
		}
		param->value_at = (uint16_t)n;
		param->value_length = (uint16_t)(value_end - at - n);
		at = next;
		if (next < t.text.n) {
			if (t.text.p[at++] != ',')
				break;
			at += at < t.text.n && t.text.p[at] == ' ';
			if (id == PARAM_QOP && !param->quoted && goes_on(&t, at))
				break;
		}
		end = next;
		count++;
		out->present |= bit;
		if (param->quoted)
			out->quoted |= bit;
	}
	if (count == out->count)
		return false;
	out->count = (uint8_t)count;
	s->last = s->at = t.text.p + end;
	s->first = false;
	return true;
}

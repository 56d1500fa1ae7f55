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

enum { NAME_SLOTS = 32 };

/* For no two names these numbers are the same (a compiler warns). */
#define SLOT(length, first, last)                                                                                      \
	((3u * (length) + 2u * ((unsigned char)((first) | 0x20) + (unsigned char)((last) | 0x20))) % NAME_SLOTS)

/* Unused places have the name that is in another one: it equals nothing that is looked for there. */
static const uint8_t by_slot[NAME_SLOTS] = {
	[SLOT(2, 'n', 'c')] = PARAM_NC,
	[SLOT(3, 'q', 'p')] = PARAM_QOP,
	[SLOT(3, 'u', 'i')] = PARAM_URI,
	[SLOT(4, 'a', 's')] = PARAM_AUTS,
	[SLOT(5, 'r', 'm')] = PARAM_REALM,
	[SLOT(5, 'n', 'e')] = PARAM_NONCE,
	[SLOT(5, 's', 'e')] = PARAM_STALE,
	[SLOT(6, 'o', 'e')] = PARAM_OPAQUE,
	[SLOT(6, 'c', 'e')] = PARAM_CNONCE,
	[SLOT(6, 'd', 'n')] = PARAM_DOMAIN,
	[SLOT(7, 'c', 't')] = PARAM_CHARSET,
	[SLOT(7, 'r', 'h')] = PARAM_RSPAUTH,
	[SLOT(8, 'u', 'e')] = PARAM_USERNAME,
	[SLOT(8, 'r', 'e')] = PARAM_RESPONSE,
	[SLOT(8, 'u', 'h')] = PARAM_USERHASH,
	[SLOT(9, 'a', 'm')] = PARAM_ALGORITHM,
	[SLOT(9, 'n', 'e')] = PARAM_NEXTNONCE,
	[SLOT(9, 'u', '*')] = PARAM_USERNAME_STAR,
};

enum param_id param_find(struct slice name)
{
	enum param_id id;

	if (!name.n)
		return PARAM_UNKNOWN;
	id = (enum param_id)by_slot[SLOT(name.n, name.p[0], name.p[name.n - 1])];
	if (param_names[id].n != name.n)
		return PARAM_UNKNOWN;
	return bytes_equal_nocase(name.p, param_names[id].p, name.n) ? id : PARAM_UNKNOWN;
}

const char *param_name(enum param_id id)
{
	return id < PARAM_COUNT ? param_names[id].p : "?";
}


/* The same as RFC and everybody write them. */
static const char in_plain[PARAM_COUNT][FIND_BLOCK] = {
	[PARAM_REALM] = "realm=",
	[PARAM_NONCE] = "nonce=",
	[PARAM_OPAQUE] = "opaque=",
	[PARAM_ALGORITHM] = "algorithm=",
	[PARAM_QOP] = "qop=",
	[PARAM_STALE] = "stale=",
	[PARAM_DOMAIN] = "domain=",
	[PARAM_USERHASH] = "userhash=",
	[PARAM_CHARSET] = "charset=",
	[PARAM_USERNAME] = "username=",
	[PARAM_USERNAME_STAR] = "username*=",
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

/* The name that stands at `at`, and "=" behind it, at n. */
static inline enum param_id plain_name(const struct plain *t, size_t at, size_t *n)
{
	size_t left = t->text.n - at;
	const char *p = left < FIND_BLOCK ? t->tail + FIND_BLOCK - left : t->text.p + at;
	enum param_id id;

	*n = find_byte((struct slice){p, FIND_BLOCK}, 0, '=');
	if (!*n || *n == FIND_BLOCK)
		return PARAM_UNKNOWN;
	id = (enum param_id)by_slot[SLOT(*n, p[0], p[*n - 1])];
	return find_difference(p, in_plain[id]) > *n ? id : PARAM_UNKNOWN;
}

/*
 * The end of the value that begins `n` bytes behind `at`, where its name is; beyond the end of all: it is not plain. In
 * quotes there is no backslash and no line break, without them nothing that a value may end with.
 */
static inline size_t plain_value(struct slice text, size_t at, size_t n)
{
	size_t begin = at + n, end;

	if (begin < text.n && text.p[begin] == '"') {
		end = find_end_behind(text, at, n + 1, ' ' - 1, '"', '\\', '\\') + 1;
		return end <= text.n && text.p[end - 1] == '"' ? end : text.n + 1;
	}
	end = find_end_behind(text, at, n, '"', ',', ';', '\\');
	return end > begin && text.p[begin] != '\'' ? end : text.n + 1;
}

bool scan_plain(struct scan *s)
{
	struct params *out = s->out;
	struct plain t = {.text = slice_between(s->begin, s->end)};
	size_t at = (size_t)(s->at - s->begin), n, next_n;
	unsigned before = out->count;
	enum param_id id, next;

	if (t.text.n < FIND_BLOCK)
		return false;
	memcpy(t.tail, t.text.p + t.text.n - FIND_BLOCK, FIND_BLOCK);
	for (id = plain_name(&t, at, &n); id != PARAM_UNKNOWN; id = next, n = next_n) {
		size_t value = at + n + 1, end = plain_value(t.text, at, n + 1);
		bool quoted;

		if (end > t.text.n || (end < t.text.n && t.text.p[end] != ',') || out->known[id] >= 0 ||
			out->count == PARAMS_MAX)
			break;
		quoted = t.text.p[value] == '"';
		s->list[out->count] = (struct param){
			.name = t.text.p + at,
			.name_length = (uint16_t)n,
			.raw_at = (uint16_t)(n + 1),
			.raw_length = (uint16_t)(end - value),
			.id = (uint8_t)id,
			.open = quoted,
			.close = quoted,
			.quoted = quoted,
		};
		at = end < t.text.n ? end + 1 : end;
		if (at < t.text.n && t.text.p[at] == ' ')
			at++;
		next = plain_name(&t, at, &next_n);
		/* qop=auth,auth-int */
		if (id == PARAM_QOP && !quoted && next == PARAM_UNKNOWN && end < t.text.n)
			break;
		out->present |= 1u << id;
		out->quoted |= (uint32_t)quoted << id;
		out->known[id] = (int8_t)out->count++;
		s->last = s->at = t.text.p + end;
	}
	s->first = s->first && out->count == before;
	return out->count > before;
}

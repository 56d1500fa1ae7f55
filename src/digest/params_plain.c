/*
 * Parameters as nearly everybody writes them: a known name, "=" right behind it, a value with nothing odd in it, a
 * comma. They are read in one step each; whatever is not plain to see is left to the walk of params_scan.c.
 */
#include "digest/params_scan.h"

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


/* The known name that stands at `at`, as the RFCs write it, with "=" behind it; n: where that is. */
static inline enum param_id plain_name(struct slice text, size_t at, size_t *n)
{
	struct slice near = slice_head(slice_from(text, at), FIND_BLOCK);

	*n = find_byte(near, 0, '=');
	return *n < near.n ? param_find(slice_head(near, *n)) : PARAM_UNKNOWN;
}

/*
 * The end of the value that begins at `at`; text.n + 1: it is not plain. Quoted values hold no backslash and no line
 * break, others nothing that may end them but a comma; qop may be a list.
 */
static inline size_t plain_value(struct slice text, size_t at, enum param_id id)
{
	size_t end;

	if (at < text.n && text.p[at] == '"') {
		end = find_end(text, at + 1, ' ' - 1, '"', '\\', '\\') + 1;
		return end <= text.n && text.p[end - 1] == '"' ? end : text.n + 1;
	}
	end = find_end(text, at, '"', ',', ';', '\\');
	return end == at || id == PARAM_QOP || text.p[at] == '\'' ? text.n + 1 : end;
}

bool scan_plain(struct scan *s)
{
	uint32_t before = s->out->count;

	struct params *out = s->out;
	struct slice text = slice_between(s->begin, s->end);
	size_t at = (size_t)(s->at - s->begin), end, n;

	while (out->count < PARAMS_MAX) {
		struct param *p = &s->list[out->count];
		enum param_id id = plain_name(text, at, &n);

		if (id == PARAM_UNKNOWN || out->known[id] >= 0)
			break;
		end = plain_value(text, at + n + 1, id);
		if (end > text.n || (end < text.n && text.p[end] != ','))
			break;
		p->name = text.p + at;
		p->name_length = (uint32_t)n;
		p->raw_at = (uint32_t)n + 1;
		p->raw_length = (uint32_t)(end - at - n - 1);
		p->id = (uint8_t)id;
		p->quoted = text.p[end - 1] == '"';
		p->open = p->close = p->quoted;
		p->escaped = p->duplicate = false;
		out->known[id] = (int8_t)out->count++;
		s->last = s->at = text.p + end;
		s->first = false;
		if (end == text.n)
			break;
		at = end + 1;
		at += at < text.n && text.p[at] == ' ';
	}
	return out->count > before;
}

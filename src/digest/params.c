#include "digest/params.h"

#include <string.h>

#include "digest/params_scan.h"

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

const struct param *params_get(const struct params *p, enum param_id id)
{
	return id < PARAM_COUNT && p->known[id] >= 0 ? &p->list[p->known[id]] : NULL;
}

struct slice params_value(const struct params *p, enum param_id id)
{
	const struct param *param = params_get(p, id);

	return param ? param_value(param) : SLICE_ABSENT;
}

bool params_is_digest(const struct params *p)
{
	return slice_eq_nocase(p->scheme, SLICE("Digest"));
}

struct slice param_unescape(struct slice value, struct arena *arena)
{
	char *out;
	size_t n = 0;

	if (slice_find(value, '\\') == value.n)
		return value;
	out = arena_alloc(arena, value.n);
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '\\' && i + 1 < value.n)
			i++;
		out[n++] = value.p[i];
	}
	return (struct slice){out, n};
}

bool qop_has(struct slice list, struct slice token)
{
	while (list.n) {
		size_t comma = slice_find(list, ',');

		if (slice_eq_nocase(slice_trim(slice_head(list, comma)), token))
			return true;
		list = slice_from(list, comma + 1);
	}
	return false;
}

bool params_stale(const struct params *p)
{
	return slice_eq_nocase(slice_trim(params_value(p, PARAM_STALE)), SLICE("true"));
}

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

enum { NAME_MAX = 9 };

enum param_id param_find(struct slice name)
{
	/* by length; unused places compare equal to nothing of that length */
	static const enum param_id by_length[NAME_MAX + 1][3] = {
		[2] = {PARAM_NC, PARAM_NC, PARAM_NC},
		[3] = {PARAM_QOP, PARAM_URI, PARAM_URI},
		[4] = {PARAM_AUTS, PARAM_AUTS, PARAM_AUTS},
		[5] = {PARAM_REALM, PARAM_NONCE, PARAM_STALE},
		[6] = {PARAM_OPAQUE, PARAM_CNONCE, PARAM_DOMAIN},
		[7] = {PARAM_CHARSET, PARAM_RSPAUTH, PARAM_RSPAUTH},
		[8] = {PARAM_USERNAME, PARAM_RESPONSE, PARAM_USERHASH},
		[9] = {PARAM_ALGORITHM, PARAM_NEXTNONCE, PARAM_USERNAME_STAR},
	};

	for (int i = 0; i < 3 && name.n >= 2 && name.n <= NAME_MAX; i++) {
		enum param_id id = by_length[name.n][i];

		if ((name.p[0] | 0x20) == param_names[id].p[0] &&
			slice_eq_nocase(name, param_names[id]))
			return id;
	}
	return PARAM_UNKNOWN;
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

	return param ? param->value : SLICE_ABSENT;
}

bool params_is_digest(const struct params *p)
{
	return slice_eq_nocase(p->scheme, SLICE("Digest"));
}

struct slice param_unescape(const struct param *p, struct arena *arena)
{
	struct slice in = p->value;
	char *out;
	size_t n = 0;

	if (!p->escaped)
		return in;
	out = arena_alloc(arena, in.n);
	for (size_t i = 0; i < in.n; i++) {
		if (in.p[i] == '\\' && i + 1 < in.n)
			i++;
		out[n++] = in.p[i];
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

#include "digest/params.h"

#include <string.h>

#include "digest/params_scan.h"

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

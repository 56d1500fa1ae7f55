#include "ua/header.h"

/* The end of the header field that begins here: behind its line break, folded lines included. */
static size_t field_end(struct slice s)
{
	size_t at = 0;

	for (;;) {
		at += slice_find(slice_from(s, at), '\n');
		if (at >= s.n)
			return s.n;
		at++;
		if (at >= s.n || (s.p[at] != ' ' && s.p[at] != '\t'))
			return at;
	}
}

static bool is_name(struct slice field, struct slice name, char compact)
{
	struct slice have = slice_trim(field);
	const char letter[1] = {compact};

	return slice_eq_nocase(have, name) ||
	       (compact && slice_eq_nocase(have, (struct slice){letter, 1}));
}

struct slice header_field(const struct message *m, struct slice name, char compact, unsigned n)
{
	struct slice rest = m->bytes;

	rest = slice_from(
		rest, slice_find(rest, '\n') + 1 > rest.n ? rest.n : slice_find(rest, '\n') + 1);
	while (rest.n && rest.p[0] != '\r' && rest.p[0] != '\n') {
		struct slice field = slice_head(rest, field_end(rest));
		size_t colon = slice_find(field, ':');

		rest = slice_from(rest, field.n);
		if (colon < field.n && is_name(slice_head(field, colon), name, compact) && !n--)
			return slice_trim(slice_from(field, colon + 1));
	}
	return SLICE_ABSENT;
}

struct slice header_list_next(struct slice *list)
{
	bool quoted = false, bracket = false;
	struct slice value;
	size_t i;

	if (!list->p || !list->n)
		return SLICE_ABSENT;
	for (i = 0; i < list->n; i++) {
		char c = list->p[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"' && !bracket)
			quoted = !quoted;
		else if (!quoted && c == '<')
			bracket = true;
		else if (!quoted && c == '>')
			bracket = false;
		else if (c == ',' && !quoted && !bracket)
			break;
	}
	if (i > list->n)
		i = list->n;
	value = slice_trim(slice_head(*list, i));
	*list = i < list->n ? slice_from(*list, i + 1) : (struct slice){list->p, 0};
	return value;
}

#include "auth/clues.h"

void clues_add(struct clues *c, enum clue_kind kind, struct slice value)
{
	if (!value.p || c->count == CLUES_MAX || c->of_kind[kind] == CLUES_OF_KIND_MAX)
		return;
	for (unsigned i = 0; i < c->count; i++)
		if (c->list[i].kind == kind && slice_eq(c->list[i].value, value))
			return;
	c->list[c->count++] = (struct clue){kind, value};
	c->of_kind[kind]++;
}

struct slice clues_first(const struct clues *c, enum clue_kind kind)
{
	for (unsigned i = 0; i < c->count; i++)
		if (c->list[i].kind == kind)
			return c->list[i].value;
	return SLICE_ABSENT;
}

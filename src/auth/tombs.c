#include "auth/tombs.h"

#define LIFETIME INT64_C(32000000000) /* ns */

struct tomb {
	struct table_node node;
	int64_t until;
};

void tombs_init(struct tombs *t, size_t limit)
{
	table_init(&t->table, sizeof(struct tomb), limit);
}

void tombs_free(struct tombs *t)
{
	table_free(&t->table);
}

void tombs_add(struct tombs *t, uint64_t key, int64_t now)
{
	struct tomb *tomb;

	if (tombs_has(t, key))
		return;
	tomb = table_add(&t->table, key);
	tomb->until = now + LIFETIME;
}

bool tombs_has(const struct tombs *t, uint64_t key)
{
	return table_peek(&t->table, key) != NULL;
}

void tombs_expire(struct tombs *t, int64_t now)
{
	struct tomb *tomb;

	while ((tomb = table_unused(&t->table)) && tomb->until <= now)
		table_remove(&t->table, tomb);
}

#include "auth/facts.h"

#include <stdlib.h>

#include "base/err.h"

struct facts {
	struct lru table;
};

static void drop(struct lru_node *node)
{
	free(node);
}

struct facts *facts_new(size_t limit)
{
	struct facts *f = xcalloc(1, sizeof(*f));

	lru_init(&f->table, limit, drop);
	return f;
}

void facts_free(struct facts *f)
{
	if (!f)
		return;
	lru_free(&f->table);
	free(f);
}

uint64_t facts_evicted(const struct facts *f)
{
	return f->table.evicted;
}

struct fact *facts_get(struct facts *f, enum fact_kind kind, uint64_t about)
{
	return (struct fact *)lru_get(&f->table, hash_mix((uint64_t)kind + 1, about));
}

struct fact *facts_put(struct facts *f, enum fact_kind kind, uint64_t about)
{
	struct fact *fact = facts_get(f, kind, about);

	if (!fact) {
		fact = xcalloc(1, sizeof(*fact));
		lru_add(&f->table, hash_mix((uint64_t)kind + 1, about), &fact->node);
	}
	return fact;
}

void facts_expire(struct facts *f, int64_t before)
{
	while (f->table.oldest && ((struct fact *)f->table.oldest)->time < before)
		lru_remove(&f->table, f->table.oldest);
}

uint64_t about_hosts(const struct address *a, const struct address *b)
{
	/* commutative: the same for both directions */
	return address_ip_hash(a, 1) + address_ip_hash(b, 1);
}

uint64_t about_endpoints(const struct address *a, const struct address *b)
{
	return address_hash(a, 1) + address_hash(b, 1);
}

uint64_t about_account(const struct address *server, struct slice user, struct slice realm)
{
	return slice_hash(user, slice_hash(realm, address_ip_hash(server, 0)));
}

uint64_t about_client(const struct address *client, struct slice user_agent)
{
	return slice_hash(user_agent, address_ip_hash(client, 0));
}

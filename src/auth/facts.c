#include "auth/facts.h"

#include <stdlib.h>

#include "base/err.h"

struct facts {
	struct table table;
};

struct facts *facts_new(struct storage *storage, size_t limit)
{
	struct facts *f = xcalloc(1, sizeof(*f));

	table_init(&f->table, storage, sizeof(struct fact), limit);
	return f;
}

void facts_free(struct facts *f)
{
	if (!f)
		return;
	table_free(&f->table);
	free(f);
}

uint64_t facts_evicted(const struct facts *f)
{
	return f->table.evicted;
}

size_t facts_bytes(const struct facts *f)
{
	return table_bytes(&f->table);
}

static uint64_t key_of(enum fact_kind kind, uint64_t about)
{
	return hash_mix((uint64_t)kind + 1, about);
}

void facts_foresee(const struct facts *f, enum fact_kind kind, uint64_t about)
{
	table_foresee(&f->table, key_of(kind, about));
}

struct fact *facts_get(struct facts *f, enum fact_kind kind, uint64_t about)
{
	return table_get(&f->table, key_of(kind, about));
}

struct fact *facts_put(struct facts *f, enum fact_kind kind, uint64_t about)
{
	return table_put(&f->table, key_of(kind, about));
}

void facts_expire(struct facts *f, int64_t before)
{
	struct fact *fact;

	while ((fact = table_unused_near(&f->table)) && fact->time < before)
		table_remove(&f->table, fact);
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
	return address_ip_hash(server, slice_hash(user, slice_hash(realm, 0)));
}

uint64_t about_credential(const struct address *server, const struct credential *k)
{
	return address_ip_hash(server, k->names_hash);
}

uint64_t about_client(const struct address *client, struct slice user_agent)
{
	return slice_hash(user_agent, address_ip_hash(client, 0));
}

uint64_t about_requester(const struct address *server, struct slice from_user,
	const struct address *client, enum method method)
{
	return about_account(server, from_user, SLICE("")) + address_ip_hash(client, (uint64_t)method);
}

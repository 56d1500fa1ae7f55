#include "auth/nonces.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/lru.h"

enum {
	USES_MAX = 32,    /* users and clients that are kept apart for one nonce */
	ISSUES_MAX = 32,  /* clients it was given to */
	COUNTS_MAX = 8    /* different nc values that are remembered for one user and client */
};

/* One client that a nonce was given to. */
struct issue {
	struct issue *next;
	uint64_t client;
	uint32_t count;
	uint32_t owner;
	int64_t time;
};

/* One user at one client that used it. */
struct use {
	struct use *next;
	uint64_t key;
	bool accepted;
	uint32_t uses, highest, highest_frame;
	uint64_t last_response;
	struct {
		uint32_t nc, count, frame;
		uint64_t port_key;
	} counts[COUNTS_MAX];
	unsigned next_count;
};

struct entry {
	struct lru_node node;
	struct issue *issues;
	struct use *uses;
	int64_t last_issued;
	unsigned issue_count, use_count;
};

struct nonces {
	struct lru table;
};

static void entry_drop(struct lru_node *node)
{
	struct entry *e = (struct entry *)node;

	while (e->issues) {
		struct issue *next = e->issues->next;

		free(e->issues);
		e->issues = next;
	}
	while (e->uses) {
		struct use *next = e->uses->next;

		free(e->uses);
		e->uses = next;
	}
	free(e);
}

struct nonces *nonces_new(void)
{
	struct nonces *n = xcalloc(1, sizeof(*n));

	lru_init(&n->table, NONCES_MAX, entry_drop);
	return n;
}

void nonces_free(struct nonces *n)
{
	if (!n)
		return;
	lru_free(&n->table);
	free(n);
}

uint64_t nonces_evicted(const struct nonces *n)
{
	return n->table.evicted;
}

static struct entry *entry_get(struct nonces *n, struct slice nonce)
{
	return (struct entry *)lru_get(&n->table, slice_hash(nonce, 0x6e6f6e6365));
}

static uint64_t issue_key(enum auth_kind kind, struct slice realm, const struct address *client)
{
	return address_ip_hash(client, slice_hash(realm, (uint64_t)kind + 1));
}

void nonces_issue(struct nonces *n, enum auth_kind kind, struct slice realm, struct slice nonce,
	const struct observed *response, uint32_t owner)
{
	uint64_t client = issue_key(kind, realm, &response->dst);
	struct entry *e = entry_get(n, nonce);
	struct issue *i;

	if (!e) {
		e = xcalloc(1, sizeof(*e));
		lru_add(&n->table, slice_hash(nonce, 0x6e6f6e6365), &e->node);
	}
	e->last_issued = response->time;
	for (i = e->issues; i && i->client != client; i = i->next)
		;
	if (!i) {
		if (e->issue_count >= ISSUES_MAX)
			return;
		e->issue_count++;
		i = xcalloc(1, sizeof(*i));
		i->client = client;
		i->next = e->issues;
		e->issues = i;
	}
	i->count++;
	i->owner = owner;
	i->time = response->time;
}

static const struct issue *find_issue(const struct entry *e, struct slice realm,
	const struct address *client)
{
	for (enum auth_kind kind = 0; kind < AUTH_KIND_COUNT; kind++) {
		uint64_t key = issue_key(kind, realm, client);

		for (const struct issue *i = e->issues; i; i = i->next)
			if (i->client == key)
				return i;
	}
	return NULL;
}

static uint64_t use_key(const struct credential *k, const struct observed *request)
{
	uint64_t user = slice_hash(k->username, slice_hash(k->realm, (uint64_t)k->kind + 1));

	return address_ip_hash(&request->src, user);
}

static struct use *find_use(struct entry *e, uint64_t key, bool create)
{
	struct use *u;

	for (u = e->uses; u && u->key != key; u = u->next)
		;
	if (!u && create && e->use_count < USES_MAX) {
		e->use_count++;
		u = xcalloc(1, sizeof(*u));
		u->key = key;
		u->next = e->uses;
		e->uses = u;
	}
	return u;
}

/* Counts this nc from this port; fills in how often it was used and where last. */
static void count_nc(struct use *u, const struct credential *k, const struct observed *request,
	struct nonce_history *h)
{
	uint64_t port_key = hash_mix(request->src.port, k->nc_value);

	h->same_nc = 1;
	for (unsigned i = 0; i < COUNTS_MAX; i++)
		if (u->counts[i].count && u->counts[i].port_key == port_key) {
			h->same_nc = ++u->counts[i].count;
			h->other_frame = u->counts[i].frame;
			u->counts[i].frame = request->frame;
			return;
		}
	if (u->highest > k->nc_value)
		h->other_frame = u->highest_frame;
	u->counts[u->next_count].nc = k->nc_value;
	u->counts[u->next_count].count = 1;
	u->counts[u->next_count].frame = request->frame;
	u->counts[u->next_count].port_key = port_key;
	u->next_count = (u->next_count + 1) % COUNTS_MAX;
}

struct nonce_history nonces_use(struct nonces *n, const struct credential *k,
	const struct observed *request)
{
	struct nonce_history h = {0};
	struct entry *e = entry_get(n, k->nonce);
	const struct issue *i;
	struct use *u;
	uint64_t response;

	if (!e)
		return h;
	h.known = true;
	i = find_issue(e, k->realm, &request->src);
	h.issued = i ? i->time : e->last_issued;
	h.issues = i ? i->count : 0;
	u = find_use(e, use_key(k, request), true);
	if (!u)
		return h;
	response = slice_hash(k->response, slice_hash(k->cnonce, k->nc_value));
	h.accepted_before = u->accepted;
	h.highest_nc = u->highest;
	h.uses = u->uses;
	if (u->uses && u->last_response == response)
		return h;
	u->last_response = response;
	h.uses = ++u->uses;
	if (k->nc_value) {
		count_nc(u, k, request, &h);
		if (k->nc_value > u->highest) {
			u->highest = k->nc_value;
			u->highest_frame = request->frame;
		}
	}
	return h;
}

void nonces_accept(struct nonces *n, const struct credential *k, const struct observed *request)
{
	struct entry *e = entry_get(n, k->nonce);
	struct use *u = e ? find_use(e, use_key(k, request), false) : NULL;

	if (u)
		u->accepted = true;
}

uint32_t nonces_owner(struct nonces *n, struct slice nonce)
{
	struct entry *e = entry_get(n, nonce);
	const struct issue *best = NULL;

	if (!e)
		return 0;
	for (const struct issue *i = e->issues; i; i = i->next)
		if (i->owner && (!best || i->time > best->time))
			best = i;
	return best ? best->owner : 0;
}

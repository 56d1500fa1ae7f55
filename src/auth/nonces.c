#include "auth/nonces.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/lru.h"

#define LIFETIME INT64_C(3600000000000) /* ns */

enum {
	USES_MAX = 32,   /* users and clients that are kept apart for one nonce */
	ISSUES_MAX = 32, /* clients it was given to */
	COUNTS_MAX = 4   /* nc values that are remembered for one user and client */
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
	uint64_t last_response;
	uint32_t uses, highest, highest_frame;
	bool accepted;
	uint8_t next_count;
	struct {
		uint32_t nc, frame;
		uint16_t port, count;
	} counts[COUNTS_MAX];
};

/* The first issue and use lie inside: most nonces have no more. */
struct entry {
	struct lru_node node;
	struct issue issue;
	struct use use;
	int64_t first_issued, last_issued, touched;
	uint64_t first_call, first_client;
	uint32_t issued;
	uint8_t issue_count, use_count;
};

struct nonces {
	struct lru table;
};

static void entry_drop(struct lru_node *node)
{
	struct entry *e = (struct entry *)node;

	while (e->issue.next) {
		struct issue *next = e->issue.next->next;

		free(e->issue.next);
		e->issue.next = next;
	}
	while (e->use.next) {
		struct use *next = e->use.next->next;

		free(e->use.next);
		e->use.next = next;
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

static uint64_t nonce_key(struct slice nonce)
{
	return slice_hash(nonce, 0);
}

static struct entry *entry_get(struct nonces *n, struct slice nonce)
{
	return (struct entry *)lru_get(&n->table, nonce_key(nonce));
}

/* Nobody waits longer for a nonce to come back; the least recently used ones are the oldest. */
static void expire(struct nonces *n, int64_t now)
{
	while (n->table.oldest && ((struct entry *)n->table.oldest)->touched < now - LIFETIME)
		lru_remove(&n->table, n->table.oldest);
}

static uint64_t issue_key(enum auth_kind kind, struct slice realm, const struct address *client)
{
	return address_ip_hash(client, slice_hash(realm, (uint64_t)kind + 1));
}

/* The client's issue, made if it is new; NULL if there are too many. */
static struct issue *issue_for(struct entry *e, uint64_t client)
{
	struct issue *i;

	for (i = e->issue_count ? &e->issue : NULL; i; i = i->next)
		if (i->client == client)
			return i;
	if (e->issue_count == ISSUES_MAX)
		return NULL;
	if (e->issue_count++ == 0) {
		i = &e->issue;
	} else {
		i = xcalloc(1, sizeof(*i));
		i->next = e->issue.next;
		e->issue.next = i;
	}
	i->client = client;
	return i;
}

#define REPEAT_CALLS   INT64_C(60000000000) /* ns: to another Call-ID */
#define REPEAT_CLIENTS INT64_C(5000000000)  /* ns: to another address */

static struct nonce_repeat note_issue(struct entry *e, const struct observed *response)
{
	uint64_t call = slice_hash(response->msg.call_id, 0);
	uint64_t client = address_ip_hash(&response->dst, 0);
	struct nonce_repeat r = {.times = ++e->issued};

	if (r.times == 1) {
		e->first_issued = response->time;
		e->first_call = call;
		e->first_client = client;
	}
	e->last_issued = e->touched = response->time;
	r.span = response->time - e->first_issued;
	r.repeated = (call != e->first_call && r.span > REPEAT_CALLS) ||
		(client != e->first_client && r.span > REPEAT_CLIENTS);
	return r;
}

struct nonce_repeat nonces_issue(struct nonces *n, enum auth_kind kind, struct slice realm,
	struct slice nonce, const struct observed *response, uint32_t owner)
{
	struct nonce_repeat repeat;
	struct entry *e;
	struct issue *i;

	expire(n, response->time);
	e = entry_get(n, nonce);
	if (!e) {
		e = xcalloc(1, sizeof(*e));
		lru_add(&n->table, nonce_key(nonce), &e->node);
	}
	repeat = note_issue(e, response);
	i = issue_for(e, issue_key(kind, realm, &response->dst));
	if (i) {
		i->count++;
		i->owner = owner;
		i->time = response->time;
	}
	repeat.clients = e->issue_count;
	return repeat;
}

static const struct issue *find_issue(
	const struct entry *e, struct slice realm, const struct address *client)
{
	for (enum auth_kind kind = 0; kind < AUTH_KIND_COUNT; kind++) {
		uint64_t key = issue_key(kind, realm, client);

		for (const struct issue *i = e->issue_count ? &e->issue : NULL; i; i = i->next)
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

static struct use *find_use(struct entry *e, uint64_t key)
{
	struct use *u = e->use_count ? &e->use : NULL;

	while (u && u->key != key)
		u = u->next;
	return u;
}

static struct use *add_use(struct entry *e, uint64_t key)
{
	struct use *u;

	if (e->use_count == USES_MAX)
		return NULL;
	if (e->use_count++ == 0) {
		u = &e->use;
	} else {
		u = xcalloc(1, sizeof(*u));
		u->next = e->use.next;
		e->use.next = u;
	}
	u->key = key;
	return u;
}

/* Counts this nc from this port; fills in how often it was used and where last. */
static void count_nc(struct use *u, const struct credential *k, const struct observed *request,
	struct nonce_history *h)
{
	h->same_nc = 1;
	for (unsigned i = 0; i < COUNTS_MAX; i++)
		if (u->counts[i].count && u->counts[i].nc == k->nc_value &&
			u->counts[i].port == request->src.port) {
			u->counts[i].count += u->counts[i].count < UINT16_MAX;
			h->same_nc = u->counts[i].count;
			h->other_frame = u->counts[i].frame;
			u->counts[i].frame = request->frame;
			return;
		}
	if (u->highest > k->nc_value)
		h->other_frame = u->highest_frame;
	u->counts[u->next_count].nc = k->nc_value;
	u->counts[u->next_count].count = 1;
	u->counts[u->next_count].frame = request->frame;
	u->counts[u->next_count].port = request->src.port;
	u->next_count = (uint8_t)((u->next_count + 1) % COUNTS_MAX);
}

struct nonce_history nonces_use(
	struct nonces *n, const struct credential *k, const struct observed *request)
{
	struct nonce_history h = {0};
	struct entry *e = entry_get(n, k->nonce);
	const struct issue *i;
	struct use *u;
	uint64_t response;

	if (!e)
		return h;
	h.known = true;
	e->touched = request->time;
	i = find_issue(e, k->realm, &request->src);
	h.issued = i ? i->time : e->last_issued;
	h.issues = i ? i->count : 0;
	h.orphan = i && !i->owner;
	u = find_use(e, use_key(k, request));
	if (!u)
		u = add_use(e, use_key(k, request));
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
	struct use *u = e ? find_use(e, use_key(k, request)) : NULL;

	if (u)
		u->accepted = true;
}

uint32_t nonces_owner(struct nonces *n, struct slice nonce)
{
	struct entry *e = entry_get(n, nonce);
	const struct issue *best = NULL;

	for (const struct issue *i = e && e->issue_count ? &e->issue : NULL; i; i = i->next)
		if (i->owner && (!best || i->time > best->time))
			best = i;
	return best ? best->owner : 0;
}

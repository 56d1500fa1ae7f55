#include "auth/nonces_state.h"

enum {
	USES_MAX = 32,  /* users and clients that are kept apart for one nonce */
	ISSUES_MAX = 32 /* clients it was given to */
};

static uint32_t issue_key(enum auth_kind kind, struct slice realm, const struct address *client)
{
	return (uint32_t)address_ip_hash(client, slice_hash(realm, (uint64_t)kind + 1));
}

/* The client's issue, made if it is new; NULL if there are too many. */
static struct nonce_issue *issue_for(struct nonces *n, struct nonce_entry *e, uint32_t client)
{
	struct nonce_issue *i;

	for (i = e->issue_count ? &e->issue : NULL; i; i = i->next)
		if (i->client == client)
			return i;
	if (e->issue_count == ISSUES_MAX)
		return NULL;
	if (e->issue_count++ == 0) {
		i = &e->issue;
	} else {
		i = nonce_more(n, sizeof(*i));
		i->next = e->issue.next;
		e->issue.next = i;
	}
	i->client = client;
	return i;
}

#define REPEAT_CALLS   INT64_C(60000000000) /* ns: to another Call-ID */
#define REPEAT_CLIENTS INT64_C(5000000000)  /* ns: to another address */

static struct nonce_repeat note_issue(struct nonce_entry *e, const struct observed *response)
{
	uint16_t call = (uint16_t)slice_hash(response->msg.call_id, 0);
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
		(e->first_client && client != e->first_client && r.span > REPEAT_CLIENTS);
	return r;
}

struct nonce_repeat nonces_issue(struct nonces *n, enum auth_kind kind, struct slice realm,
	uint64_t nonce, const struct observed *response, uint32_t owner)
{
	struct nonce_entry *e = nonce_make(n, nonce, response->time);
	struct nonce_repeat repeat;
	struct nonce_issue *i;

	repeat = note_issue(e, response);
	i = issue_for(n, e, issue_key(kind, realm, &response->dst));
	if (i) {
		i->count++;
		i->owner = owner;
		i->time = response->time;
	}
	repeat.clients = e->issue_count;
	return repeat;
}

static const struct nonce_issue *find_issue(
	const struct nonce_entry *e, struct slice realm, const struct address *client)
{
	for (enum auth_kind kind = 0; kind < AUTH_KIND_COUNT; kind++) {
		uint32_t key = issue_key(kind, realm, client);

		for (const struct nonce_issue *i = e->issue_count ? &e->issue : NULL; i; i = i->next)
			if (i->client == key)
				return i;
	}
	return NULL;
}

/* Never 0. */
static uint32_t use_key(const struct credential *k, const struct observed *request)
{
	return (uint32_t)address_ip_hash(&request->src, k->names_hash + (uint64_t)k->kind) | 1;
}

static struct nonce_use *find_use(struct nonce_entry *e, uint32_t key)
{
	struct nonce_use *u = e->use_count ? &e->use : NULL;

	while (u && u->key != key)
		u = u->next;
	return u;
}

static struct nonce_use *add_use(struct nonces *n, struct nonce_entry *e, uint32_t key)
{
	struct nonce_use *u;

	if (e->use_count == USES_MAX)
		return NULL;
	if (e->use_count++ == 0) {
		u = &e->use;
	} else {
		u = nonce_more(n, sizeof(*u));
		u->next = e->use.next;
		e->use.next = u;
	}
	u->key = key;
	return u;
}

/* Counts this nc from this port; fills in how often it was used and where last. */
static void count_nc(struct nonce_use *u, const struct credential *k, const struct observed *request,
	struct nonce_history *h)
{
	h->same_nc = 1;
	for (unsigned i = 0; i < NONCE_COUNTS_MAX; i++)
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
	u->next_count = (uint8_t)((u->next_count + 1) % NONCE_COUNTS_MAX);
}

struct nonce_history nonces_use(
	struct nonces *n, const struct credential *k, const struct observed *request)
{
	struct nonce_history h = {0};
	struct nonce_entry *e = nonce_find(n, k->nonce_hash, request->time);
	const struct nonce_issue *i;
	struct nonce_use *u;
	uint32_t response, user;

	if (!e)
		return h;
	h.known = true;
	e->touched = request->time;
	i = find_issue(e, k->realm, &request->src);
	h.issued = i ? i->time : e->last_issued;
	h.issues = i ? i->count : 0;
	h.orphan = i && !i->owner;
	user = use_key(k, request);
	u = find_use(e, user);
	if (!u)
		u = add_use(n, e, user);
	if (!u)
		return h;
	response = (uint32_t)slice_hash(k->response, slice_hash(k->cnonce, k->nc_value));
	h.accepted_before = u->accepted;
	h.highest_nc = u->highest;
	h.uses = u->uses;
	if (u->uses && !((u->last_response ^ response) & (u->worn ? UINT16_MAX : UINT32_MAX)))
		return h;
	u->last_response = response;
	u->worn = false;
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
	struct nonce_entry *e = nonce_find(n, k->nonce_hash, request->time);
	struct nonce_use *u = e ? find_use(e, use_key(k, request)) : NULL;

	if (u)
		u->accepted = true;
}

uint32_t nonces_owner(const struct nonces *n, uint64_t nonce)
{
	const struct nonce_entry *e = table_peek(&n->whole, nonce);
	const struct nonce_worn *w = e ? NULL : table_peek(&n->worn, nonce);
	const struct nonce_issue *best = NULL;

	if (w)
		return w->owner;

	for (const struct nonce_issue *i = e && e->issue_count ? &e->issue : NULL; i; i = i->next)
		if (i->owner && (!best || i->time > best->time))
			best = i;
	return best ? best->owner : 0;
}

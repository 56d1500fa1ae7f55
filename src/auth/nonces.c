#include "auth/nonces_state.h"

enum {
	USES_MAX = 32,  /* users and clients that are kept apart for one nonce */
	ISSUES_MAX = 32 /* clients it was given to */
};

/* Never 0. */
static uint32_t issue_key(enum auth_kind kind, struct slice realm, const struct address *client)
{
	return (uint32_t)address_ip_hash(client, slice_hash(realm, (uint64_t)kind + 1)) | 1;
}

/* The client's issue, made if it is new; NULL if there are too many. */
static struct nonce_issue *issue_for(struct nonces *n, struct nonce_whole *w, uint32_t client)
{
	struct nonce_issue *i;

	for (i = &w->issue; i; i = i->next)
		if (i->client == client)
			return i;
	if (w->issue_count == ISSUES_MAX)
		return NULL;
	w->issue_count++;
	i = nonce_more(n, sizeof(*i));
	i->next = w->issue.next;
	w->issue.next = i;
	i->client = client;
	return i;
}

#define REPEAT_CALLS   INT64_C(60000000000) /* ns: to another Call-ID */
#define REPEAT_CLIENTS INT64_C(5000000000)  /* ns: to another address */

static uint16_t call_of(const struct observed *response)
{
	return (uint16_t)slice_hash(response->msg.call_id, 0);
}

/* Never 0. */
static uint16_t client_of(const struct observed *response)
{
	return (uint16_t)address_ip_hash(&response->dst, 0) | 1;
}

static struct nonce_repeat issue_again(struct nonces *n, struct nonce_whole *w, uint32_t client,
	const struct observed *response, uint32_t owner)
{
	struct nonce_repeat r = {.times = ++w->issued, .span = response->time - w->first_issued};
	struct nonce_issue *i;

	w->last_issued = response->time;
	r.repeated = (call_of(response) != w->first_call && r.span > REPEAT_CALLS) ||
		(w->first_client && client_of(response) != w->first_client && r.span > REPEAT_CLIENTS);
	i = issue_for(n, w, client);
	if (i) {
		i->count++;
		i->owner = owner;
		i->time = response->time;
	}
	r.clients = w->issue_count;
	return r;
}

struct nonce_repeat nonces_issue(struct nonces *n, enum auth_kind kind, struct slice realm,
	uint64_t nonce, const struct observed *response, uint32_t owner)
{
	struct nonce_entry *e = nonce_make(n, nonce, response->time);
	uint32_t client = issue_key(kind, realm, &response->dst);

	if (e->client)
		return issue_again(n, nonce_whole(n, e), client, response, owner);
	nonce_set_issued(n, e, response->time);
	e->client = client;
	e->owner = owner;
	e->first_client = client_of(response);
	e->first_call = call_of(response);
	return (struct nonce_repeat){.times = 1, .clients = 1};
}

static const struct nonce_issue *find_issue(
	const struct nonce_whole *w, struct slice realm, const struct address *client)
{
	for (enum auth_kind kind = 0; kind < AUTH_KIND_COUNT; kind++) {
		uint32_t key = issue_key(kind, realm, client);

		for (const struct nonce_issue *i = &w->issue; i; i = i->next)
			if (i->client == key)
				return i;
	}
	return NULL;
}

/* The only one. */
static bool was_issued_to(const struct nonce_entry *e, struct slice realm, const struct address *client)
{
	for (enum auth_kind kind = 0; kind < AUTH_KIND_COUNT; kind++)
		if (e->client == issue_key(kind, realm, client))
			return true;
	return false;
}

/* Never 0. */
static uint32_t use_key(const struct credential *k, const struct observed *request)
{
	return (uint32_t)address_ip_hash(&request->src, k->names_hash + (uint64_t)k->kind) | 1;
}

static struct nonce_use *find_use(struct nonce_whole *w, uint32_t key)
{
	struct nonce_use *u = w->use_count ? &w->use : NULL;

	while (u && u->key != key)
		u = u->next;
	return u;
}

static struct nonce_use *add_use(struct nonces *n, struct nonce_whole *w, uint32_t key)
{
	struct nonce_use *u;

	if (w->use_count == USES_MAX)
		return NULL;
	if (w->use_count++ == 0) {
		u = &w->use;
	} else {
		u = nonce_more(n, sizeof(*u));
		u->next = w->use.next;
		w->use.next = u;
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

static struct nonce_history use_whole(struct nonces *n, struct nonce_whole *w,
	const struct credential *k, const struct observed *request, uint32_t user, uint16_t response)
{
	const struct nonce_issue *i = find_issue(w, k->realm, &request->src);
	struct nonce_history h = {.known = true};
	struct nonce_use *u;

	h.issued = i ? i->time : w->last_issued;
	h.issues = i ? i->count : 0;
	h.orphan = i && !i->owner;
	u = find_use(w, user);
	if (!u)
		u = add_use(n, w, user);
	if (!u)
		return h;
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

/* Can the entry alone tell of this use? Of one user, and one request with an nc, which is 1. */
static bool is_enough(
	const struct nonce_entry *e, const struct credential *k, uint32_t user, uint16_t response)
{
	if (e->whole || (e->user && e->user != user))
		return false;
	if (e->uses && e->last_response == response)
		return true;
	return e->uses < NONCE_USES_MAX && (!k->nc_value || (k->nc_value == 1 && !nonce_highest(e)));
}

struct nonce_history nonces_use(
	struct nonces *n, const struct credential *k, const struct observed *request)
{
	struct nonce_entry *e = nonce_find(n, k->nonce_hash);
	struct nonce_history h = {.known = true};
	uint16_t response;
	uint32_t user;

	if (!e)
		return (struct nonce_history){0};
	nonce_touch(n, e, request->time);
	user = use_key(k, request);
	response = (uint16_t)hash_mix(k->response_hash, k->cnonce_hash + k->nc_value);
	if (!is_enough(e, k, user, response))
		return use_whole(n, nonce_whole(n, e), k, request, user, response);
	h.issued = nonce_issued(n, e);
	h.issues = was_issued_to(e, k->realm, &request->src);
	h.orphan = h.issues && !e->owner;
	h.accepted_before = e->accepted;
	h.highest_nc = nonce_highest(e);
	h.uses = e->uses;
	if (e->uses && e->last_response == response)
		return h;
	e->user = user;
	e->last_response = response;
	h.uses = ++e->uses;
	if (k->nc_value) {
		h.same_nc = 1;
		e->nc_or_port = request->src.port;
		e->highest_frame = request->frame;
		e->counted = true;
	}
	return h;
}

void nonces_accept(struct nonces *n, const struct credential *k, const struct observed *request)
{
	struct nonce_entry *e = nonce_find(n, k->nonce_hash);
	uint32_t user = use_key(k, request);
	struct nonce_use *u;

	if (e && e->whole) {
		u = find_use(nonce_whole(n, e), user);
		if (u)
			u->accepted = true;
	} else if (e && e->user == user) {
		e->accepted = true;
	}
}

uint32_t nonces_owner(const struct nonces *n, uint64_t nonce)
{
	const struct nonce_entry *e = nonce_find(n, nonce);
	const struct nonce_whole *w = e && e->whole ? table_peek(&n->whole, nonce) : NULL;
	const struct nonce_issue *best = NULL;

	if (!w)
		return e ? e->owner : 0;
	for (const struct nonce_issue *i = &w->issue; i; i = i->next)
		if (i->owner && (!best || i->time > best->time))
			best = i;
	return best ? best->owner : 0;
}

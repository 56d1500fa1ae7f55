/* Which nonces are kept, and how much of each. */
#include <stdlib.h>

#include "auth/nonces_state.h"
#include "base/err.h"

#define LIFETIME INT64_C(3600000000000) /* ns */
#define MINUTE   INT64_C(60000000000)   /* ns */

enum { MORE_MAX = 4 /* further uses and issues for each whole nonce, on average */ };

struct nonces *nonces_new(size_t limit, size_t whole)
{
	struct nonces *n = xcalloc(1, sizeof(*n));

	table_init(&n->whole, sizeof(struct nonce_entry), whole);
	table_init(&n->worn, sizeof(struct nonce_worn), limit);
	return n;
}

static void entry_drop(struct nonces *n, struct nonce_entry *e)
{
	while (e->issue.next) {
		struct nonce_issue *next = e->issue.next->next;

		free(e->issue.next);
		e->issue.next = next;
		n->more--;
	}
	while (e->use.next) {
		struct nonce_use *next = e->use.next->next;

		free(e->use.next);
		e->use.next = next;
		n->more--;
	}
	table_remove(&n->whole, e);
}

void nonces_free(struct nonces *n)
{
	struct nonce_entry *e;

	if (!n)
		return;
	while ((e = table_oldest(&n->whole)))
		entry_drop(n, e);
	table_free(&n->whole);
	table_free(&n->worn);
	free(n);
}

uint64_t nonces_evicted(const struct nonces *n)
{
	return n->worn.evicted;
}

size_t nonces_bytes(const struct nonces *n)
{
	return table_bytes(&n->whole) + table_bytes(&n->worn) + n->more * sizeof(struct nonce_use);
}

/* ---- whole and worn ---- */

static const struct nonce_issue *newest_issue(const struct nonce_entry *e)
{
	const struct nonce_issue *newest = &e->issue;

	for (const struct nonce_issue *i = e->issue.next; i; i = i->next)
		if (i->time > newest->time)
			newest = i;
	return newest;
}

static uint16_t minute(const struct nonces *n, int64_t time)
{
	return (uint16_t)((time - n->began) / MINUTE);
}

static void wear(struct nonces *n, struct nonce_entry *e)
{
	const struct nonce_issue *i = newest_issue(e);
	struct nonce_worn *w = table_add(&n->worn, e->node.key);
	const struct nonce_entry *next;

	w->issued = i->time > n->began ? (uint64_t)(i->time - n->began) / 1000 : 0;
	w->call = e->first_call;
	w->client = i->client;
	w->owner = i->owner;
	w->use = e->use_count ? e->use.key : 0;
	w->highest_frame = e->use.highest_frame;
	w->highest = e->use.highest & 0xffffff;
	w->uses = e->use.uses < 127 ? e->use.uses : 127;
	w->accepted = e->use.accepted;
	w->last_response = (uint16_t)e->use.last_response;
	w->touched = minute(n, e->touched);
	entry_drop(n, e);
	next = table_oldest(&n->whole);
	if (next)
		nonces_foresee(n, next->node.key);
}

static struct nonce_entry *entry_new(struct nonces *n, uint64_t key)
{
	while (n->whole.count >= n->whole.limit ||
		(n->more > n->whole.limit * MORE_MAX && n->whole.count))
		wear(n, table_unused(&n->whole));
	return table_add(&n->whole, key);
}

static struct nonce_entry *revive(struct nonces *n, struct nonce_worn *kept, int64_t now)
{
	struct nonce_worn w = *kept;
	struct nonce_entry *e;

	/* first of all: what makes room for it may be dropped itself */
	table_remove(&n->worn, kept);
	e = entry_new(n, w.node.key);
	e->first_issued = e->last_issued = n->began + (int64_t)w.issued * 1000;
	e->touched = now;
	e->first_call = w.call;
	e->issued = e->issue_count = 1;
	e->issue.client = w.client;
	e->issue.owner = w.owner;
	e->issue.count = 1;
	e->issue.time = e->last_issued;
	e->use_count = w.use != 0;
	e->use.key = w.use;
	e->use.highest = w.highest;
	e->use.highest_frame = w.highest_frame;
	e->use.uses = w.uses;
	e->use.accepted = w.accepted;
	e->use.last_response = w.last_response;
	e->use.worn = true;
	return e;
}

void nonces_foresee(const struct nonces *n, uint64_t nonce)
{
	table_foresee(&n->whole, nonce);
	table_foresee(&n->worn, nonce);
}

struct nonce_entry *nonce_find(struct nonces *n, uint64_t nonce, int64_t now)
{
	struct nonce_entry *e = table_get(&n->whole, nonce);
	struct nonce_worn *w = e ? NULL : table_peek(&n->worn, nonce);

	return w ? revive(n, w, now) : e;
}

/* Nobody waits longer for a nonce to come back; the least recently used ones are the oldest. */
static void expire(struct nonces *n, int64_t now)
{
	struct nonce_entry *e;
	struct nonce_worn *w;

	while ((e = table_unused(&n->whole)) && e->touched < now - LIFETIME)
		entry_drop(n, e);
	while ((w = table_unused(&n->worn)) &&
		(int16_t)(minute(n, now) - w->touched) > LIFETIME / MINUTE)
		table_remove(&n->worn, w);
}

void *nonce_more(struct nonces *n, size_t size)
{
	n->more++;
	return xcalloc(1, size);
}

struct nonce_entry *nonce_make(struct nonces *n, uint64_t nonce, int64_t now)
{
	struct nonce_entry *e;

	if (!n->began)
		n->began = now;
	expire(n, now);
	e = nonce_find(n, nonce, now);
	return e ? e : entry_new(n, nonce);
}

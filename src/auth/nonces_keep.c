/* Which nonces are kept, and how much of each. */
#include <stdlib.h>

#include "auth/nonces_state.h"
#include "base/err.h"

#define MICROSECOND INT64_C(1000)        /* ns */
#define MINUTE      INT64_C(60000000000) /* ns */

enum {
	LIFETIME = 60, /* minutes */
	BACK = 16,     /* the same: so far may the clock of a capture go back */
	MORE_MAX = 4   /* further uses and issues for each whole nonce, on average */
};

static void whole_drop(struct nonces *n, struct nonce_whole *w)
{
	while (w->issue.next) {
		struct nonce_issue *next = w->issue.next->next;

		free(w->issue.next);
		w->issue.next = next;
		n->more--;
	}
	while (w->use.next) {
		struct nonce_use *next = w->use.next->next;

		free(w->use.next);
		w->use.next = next;
		n->more--;
	}
	table_remove(&n->whole, w);
}

static void drop_entry(void *arg, void *record)
{
	struct nonces *n = arg;
	const struct nonce_entry *e = record;

	if (e->whole)
		whole_drop(n, table_peek(&n->whole, e->node.key));
}

struct nonces *nonces_new(struct storage *storage, size_t limit, size_t whole)
{
	struct nonces *n = xcalloc(1, sizeof(*n));

	table_init(&n->all, storage, sizeof(struct nonce_entry), limit);
	n->all.drop = drop_entry;
	n->all.arg = n;
	table_init(&n->whole, storage, sizeof(struct nonce_whole), whole);
	return n;
}

void nonces_free(struct nonces *n)
{
	if (!n)
		return;
	table_free(&n->all);
	table_free(&n->whole);
	free(n);
}

uint64_t nonces_evicted(const struct nonces *n)
{
	return n->all.evicted;
}

size_t nonces_bytes(const struct nonces *n)
{
	return table_bytes(&n->all) + table_bytes(&n->whole) + n->more * sizeof(struct nonce_use);
}

/* ---- entries ---- */

static uint8_t minute(const struct nonces *n, int64_t time)
{
	return (uint8_t)((time - n->began) / MINUTE);
}

void nonce_touch(const struct nonces *n, struct nonce_entry *e, int64_t now)
{
	e->touched = minute(n, now);
}

void nonce_set_issued(const struct nonces *n, struct nonce_entry *e, int64_t time)
{
	e->issued = time > n->began ? (uint64_t)((time - n->began) / MICROSECOND) : 0;
}

int64_t nonce_issued(const struct nonces *n, const struct nonce_entry *e)
{
	return n->began + (int64_t)e->issued * MICROSECOND;
}

uint32_t nonce_highest(const struct nonce_entry *e)
{
	return e->counted ? 1 : e->nc_or_port;
}

/* Nobody waits longer for a nonce to come back. Those whose turn comes are mostly the oldest. */
static void expire(struct nonces *n, int64_t now)
{
	struct nonce_entry *e;

	while ((e = table_unused_near(&n->all)) &&
		(uint8_t)(minute(n, now) - e->touched + BACK) > LIFETIME + BACK)
		table_remove(&n->all, e);
}

void nonces_foresee(const struct nonces *n, uint64_t nonce)
{
	table_foresee(&n->all, nonce);
}

struct nonce_entry *nonce_make(struct nonces *n, uint64_t nonce, int64_t now)
{
	struct nonce_entry *e;

	if (!n->began)
		n->began = now;
	expire(n, now);
	e = table_put(&n->all, nonce);
	nonce_touch(n, e, now);
	return e;
}

struct nonce_entry *nonce_find(const struct nonces *n, uint64_t nonce)
{
	return table_peek(&n->all, nonce);
}

/* ---- all of it ---- */

static const struct nonce_issue *newest_issue(const struct nonce_whole *w)
{
	const struct nonce_issue *newest = &w->issue;

	for (const struct nonce_issue *i = w->issue.next; i; i = i->next)
		if (i->time > newest->time)
			newest = i;
	return newest;
}

static void wear(struct nonces *n, struct nonce_whole *w)
{
	const struct nonce_issue *i = newest_issue(w);
	struct nonce_entry *e = table_peek(&n->all, w->node.key);

	nonce_set_issued(n, e, i->time);
	e->client = i->client;
	e->owner = i->owner;
	e->first_client = 0;
	e->user = w->use_count ? w->use.key : 0;
	e->last_response = w->use.last_response;
	e->nc_or_port = w->use.highest < UINT16_MAX ? (uint16_t)w->use.highest : UINT16_MAX;
	e->highest_frame = w->use.highest_frame;
	e->uses = (w->use.uses < NONCE_USES_MAX ? w->use.uses : NONCE_USES_MAX) & NONCE_USES_MAX;
	e->accepted = w->use.accepted;
	e->counted = e->whole = false;
	whole_drop(n, w);
}

struct nonce_whole *nonce_whole(struct nonces *n, struct nonce_entry *e)
{
	struct nonce_whole *w;

	/* it will be needed again */
	table_get(&n->all, e->node.key);
	if (e->whole)
		return table_get(&n->whole, e->node.key);
	while (n->whole.count >= n->whole.limit ||
		(n->more > n->whole.limit * MORE_MAX && n->whole.count))
		wear(n, table_unused(&n->whole));
	w = table_add(&n->whole, e->node.key);
	e->whole = true;
	w->first_issued = w->last_issued = nonce_issued(n, e);
	w->first_client = e->first_client;
	w->first_call = e->first_call;
	w->issued = w->issue_count = 1;
	w->issue.client = e->client;
	w->issue.owner = e->owner;
	w->issue.count = 1;
	w->issue.time = w->last_issued;
	w->use_count = e->user != 0;
	w->use.key = e->user;
	w->use.last_response = e->last_response;
	w->use.highest = nonce_highest(e);
	w->use.highest_frame = e->highest_frame;
	w->use.uses = e->uses;
	w->use.accepted = e->accepted;
	if (e->counted) {
		w->use.counts[0].nc = 1;
		w->use.counts[0].frame = e->highest_frame;
		w->use.counts[0].port = e->nc_or_port;
		w->use.counts[0].count = 1;
		w->use.next_count = 1;
	}
	return w;
}

void *nonce_more(struct nonces *n, size_t size)
{
	n->more++;
	return xcalloc(1, size);
}

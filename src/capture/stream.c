#include "capture/stream.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/err.h"

enum {
	STREAMS_MAX = 65536,
	CANDIDATES_MAX = 4096,
	CLOSED_MAX = 4096,
	MEMORY_MAX = 24 << 20, /* of all buffered bytes */
};

static const int64_t idle_time = 600 * INT64_C(1000000000);
static const int64_t gap_time = 2 * INT64_C(1000000000);

void streams_init(struct streams *t, const struct dissect_sink *sink, struct dissect_stats *stats)
{
	*t = (struct streams){.output = {.sink = sink, .stats = stats}};
	/* so that nobody can send connections that fall into one place of the map */
	if (getrandom(&t->seed, sizeof(t->seed), GRND_NONBLOCK) != sizeof(t->seed))
		t->seed = (uintptr_t)t;
}

/* The same for both directions. */
static uint64_t key_of(const struct streams *t, const struct address *a, const struct address *b)
{
	return address_hash(a, t->seed) + address_hash(b, t->seed);
}

struct stream *streams_find(const struct streams *t, const struct address *src,
	const struct address *dst, int *side)
{
	struct stream *s = t->map.count ? map_get(&t->map, key_of(t, src, dst)) : NULL;

	if (!s)
		return NULL;
	*side = !address_eq(&s->connection.end[0], src);
	return address_eq(&s->connection.end[*side], src) && address_eq(&s->connection.end[!*side], dst) ?
		s : NULL;
}

static void list_remove(struct stream *s)
{
	struct stream_list *list = s->list;

	*(s->newer ? &s->newer->older : &list->newest) = s->older;
	*(s->older ? &s->older->newer : &list->oldest) = s->newer;
	list->count--;
	s->newer = s->older = NULL;
	s->list = NULL;
}

static void list_add(struct stream_list *list, struct stream *s)
{
	s->older = list->newest;
	*(list->newest ? &list->newest->newer : &list->oldest) = s;
	list->newest = s;
	list->count++;
	s->list = list;
}

static void gap_remove(struct streams *t, struct stream *s)
{
	size_t i = 0;

	if (!s->in_gap)
		return;
	while (t->gaps[i] != s)
		i++;
	t->gap_count--;
	memmove(t->gaps + i, t->gaps + i + 1, (t->gap_count - i) * sizeof(*t->gaps));
	s->in_gap = false;
}

static void flush(struct streams *t, struct stream *s)
{
	gap_remove(t, s);
	flow_flush(&s->flow[0], &t->output);
	flow_flush(&s->flow[1], &t->output);
}

/* Sets whether and since when it waits. */
static void update_gap(struct streams *t, struct stream *s)
{
	int64_t since = INT64_MAX;

	for (int i = 0; i < 2; i++)
		if (s->flow[i].held_count && s->flow[i].gap_since < since)
			since = s->flow[i].gap_since;
	s->waits_since = since;
	if (since == INT64_MAX) {
		gap_remove(t, s);
	} else if (!s->in_gap) {
		t->gaps[t->gap_count++] = s;
		s->in_gap = true;
	}
}

/* Gives up the gaps that began before `limit`, of the connection that has waited longest. */
static void give_up_oldest(struct streams *t, int64_t limit)
{
	struct stream *s = t->gaps[0];

	gap_remove(t, s);
	for (int i = 0; i < 2; i++)
		while (s->flow[i].held_count && s->flow[i].gap_since < limit)
			flow_give_up_gap(&s->flow[i], &t->output);
	if (s->connection.sip)
		update_gap(t, s);
	else
		streams_remove(t, s);
}

void streams_advance(struct streams *t, int64_t now)
{
	while (t->gap_count && t->gaps[0]->waits_since < now - gap_time)
		give_up_oldest(t, now - gap_time);
}

void streams_remove(struct streams *t, struct stream *s)
{
	flush(t, s);
	connection_free(&s->connection, &t->output);
	map_remove(&t->map, s->key);
	list_remove(s);
	free(s);
}

struct stream *streams_add(struct streams *t, const struct address *src, const struct address *dst)
{
	struct stream *s;
	uint64_t key = key_of(t, src, dst);

	/* two connections with one key: the newer one wins */
	s = map_get(&t->map, key);
	if (s)
		streams_remove(t, s);
	s = xcalloc(1, sizeof(*s));
	s->key = key;
	connection_init(&s->connection, src, dst);
	for (int i = 0; i < 2; i++) {
		s->flow[i].connection = &s->connection;
		s->flow[i].side = i;
	}
	list_add(&t->candidates, s);
	map_put(&t->map, key, s);
	return s;
}

static void drop_oldest(struct streams *t, struct stream_list *list)
{
	streams_remove(t, list->oldest);
	t->output.stats->dropped_streams++;
}

static void keep_bounds(struct streams *t, int64_t now)
{
	while (t->sip.oldest && now - t->sip.oldest->used > idle_time) {
		struct stream *s = t->sip.oldest;

		flush(t, s);
		list_remove(s);
		list_add(&t->idle, s);
	}
	while (t->sip.count + t->idle.count > STREAMS_MAX)
		drop_oldest(t, t->idle.count ? &t->idle : &t->sip);
	/* of candidates nothing is known, of closed ones nothing more will come: losing one is no loss to speak of */
	while (t->candidates.count > CANDIDATES_MAX)
		streams_remove(t, t->candidates.oldest);
	while (t->closed.count > CLOSED_MAX)
		streams_remove(t, t->closed.oldest);
	while (t->output.memory > MEMORY_MAX && t->candidates.count > 1)
		streams_remove(t, t->candidates.oldest);
	while (t->output.memory > MEMORY_MAX && t->sip.count > 1)
		drop_oldest(t, &t->sip);
}

static struct stream_list *list_for(struct streams *t, const struct stream *s)
{
	if (s->flow[0].closed && s->flow[1].closed)
		return &t->closed;
	return s->connection.sip ? &t->sip : &t->candidates;
}

void streams_use(struct streams *t, struct stream *s, int64_t now)
{
	s->used = now;
	list_remove(s);
	list_add(list_for(t, s), s);
	if (!s->in_gap && t->gap_count == STREAM_GAPS_MAX)
		give_up_oldest(t, INT64_MAX);
	update_gap(t, s);
	keep_bounds(t, now);
}

void streams_free(struct streams *t)
{
	struct stream_list *lists[] = {&t->candidates, &t->closed, &t->idle, &t->sip};

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		while (lists[i]->oldest)
			streams_remove(t, lists[i]->oldest);
	map_free(&t->map);
}

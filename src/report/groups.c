#include "report/groups.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/map.h"
#include "base/format.h"

enum { USER_COLUMNS = 30 };

struct groups *groups_new(void)
{
	struct groups *g = xcalloc(1, sizeof(*g));

	g->map = xcalloc(1, sizeof(*g->map));
	return g;
}

static void group_free(struct group *group)
{
	free((void *)(uintptr_t)group->server.p);
	free((void *)(uintptr_t)group->client.p);
	for (size_t i = 0; i < GROUP_EXAMPLES_MAX; i++)
		free(group->examples[i].user);
	free(group);
}

void groups_free(struct groups *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->count; i++)
		group_free(g->list[i]);
	free(g->list);
	map_free(g->map);
	free(g->map);
	free(g);
}

static struct slice copy(struct slice s)
{
	char *p;

	if (!s.p)
		return s;
	p = xmalloc(s.n);
	memcpy(p, s.p, s.n);
	return (struct slice){p, s.n};
}

static struct group *group_new(struct groups *g, const struct group *like)
{
	struct group *group = xcalloc(1, sizeof(*group));

	group->cause = like->cause;
	group->server = copy(like->server);
	group->client = copy(like->client);
	if ((g->count & (g->count - 1)) == 0)
		g->list = xrealloc(g->list, (g->count ? g->count * 2 : 1) * sizeof(*g->list));
	g->list[g->count++] = group;
	return group;
}

static bool same(const struct group *a, const struct group *b)
{
	return a->cause == b->cause && slice_eq(a->server, b->server) &&
		slice_eq(a->client, b->client);
}

static struct group *find_or_add(struct groups *g, const struct group *like)
{
	uint64_t key = slice_hash(like->server, slice_hash(like->client, like->cause));
	struct group *group;

	while ((group = map_get(g->map, key)) && !same(group, like))
		key = hash_mix(key, 1);
	if (!group && g->count < GROUPS_MAX) {
		group = group_new(g, like);
		map_put(g->map, key, group);
	}
	return group;
}

static char *printable(struct slice s)
{
	struct buf b = {0};

	format_short(&b, s, USER_COLUMNS);
	buf_string(&b);
	return b.p;
}

struct exchange_row exchange_row(const struct exchange *x)
{
	return (struct exchange_row){
		.n = x->n,
		.leg_of = x->leg_of,
		.time = x->first_time,
		.method = x->method,
		.outcome = x->outcome,
		.status = x->status,
		.client = x->client,
		.target = x->target,
		.user = printable(exchange_user(x)),
	};
}

const struct group *groups_note(struct groups *g, const struct exchange *x, bool *fresh)
{
	struct group like = {
		.cause = x->cause->id,
		.server = format_head(exchange_server(x), GROUP_NAME_MAX),
		.client = format_head(exchange_user_agent(x), GROUP_NAME_MAX),
	};
	struct group *group = find_or_add(g, &like);

	*fresh = group && !group->count;
	if (!group) {
		g->dropped++;
		return NULL;
	}
	if (x->cause->severity > group->severity)
		group->severity = x->cause->severity;
	if (group->count < GROUP_EXCHANGES_MAX)
		group->exchanges[group->count] = x->n;
	if (group->count < GROUP_EXAMPLES_MAX)
		group->examples[group->count] = exchange_row(x);
	group->count++;
	return group;
}

static int by_size(const void *a, const void *b)
{
	const struct group *x = *(struct group *const *)a, *y = *(struct group *const *)b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return x->exchanges[0] < y->exchanges[0] ? -1 : x->exchanges[0] > y->exchanges[0];
}

void groups_sort(struct groups *g)
{
	if (g->count)
		qsort(g->list, g->count, sizeof(*g->list), by_size);
}

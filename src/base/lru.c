#include "base/lru.h"

void lru_init(struct lru *l, size_t limit, void (*drop)(struct lru_node *node))
{
	*l = (struct lru){.limit = limit, .drop = drop};
}

static void unlink_node(struct lru *l, struct lru_node *node)
{
	if (node->newer)
		node->newer->older = node->older;
	else
		l->newest = node->older;
	if (node->older)
		node->older->newer = node->newer;
	else
		l->oldest = node->newer;
}

static void link_newest(struct lru *l, struct lru_node *node)
{
	node->newer = NULL;
	node->older = l->newest;
	if (l->newest)
		l->newest->newer = node;
	else
		l->oldest = node;
	l->newest = node;
}

void lru_free(struct lru *l)
{
	while (l->oldest)
		lru_remove(l, l->oldest);
	map_free(&l->map);
}

struct lru_node *lru_get(struct lru *l, uint64_t key)
{
	struct lru_node *node = map_get(&l->map, key);

	if (node && node != l->newest) {
		unlink_node(l, node);
		link_newest(l, node);
	}
	return node;
}

void lru_add(struct lru *l, uint64_t key, struct lru_node *node)
{
	if (l->map.count >= l->limit && l->oldest) {
		l->evicted++;
		lru_remove(l, l->oldest);
	}
	node->key = key;
	link_newest(l, node);
	map_put(&l->map, key, node);
}

void lru_remove(struct lru *l, struct lru_node *node)
{
	map_remove(&l->map, node->key);
	unlink_node(l, node);
	l->drop(node);
}

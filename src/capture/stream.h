/*
 * The table of TCP connections: found by both endpoints, bounded in number and memory, the least
 * recently used out first. Internal to capture/.
 */
#ifndef CAPTURE_STREAM_H
#define CAPTURE_STREAM_H

#include "base/map.h"
#include "capture/flow.h"

struct stream_list;

struct stream {
	uint64_t key;
	struct connection connection;
	struct flow flow[2];         /* flow[i] is what connection.end[i] sends */
	bool in_gap;                 /* a direction waits for a missing segment */
	int64_t waits_since;
	int64_t used;
	struct stream *newer, *older;
	struct stream_list *list;    /* the one it is in */
};

struct stream_list {
	struct stream *newest, *oldest;
	size_t count;
};

enum {
	STREAM_GAPS_MAX = 256, /* connections that wait at a time */
};

struct streams {
	struct map map;
	uint64_t seed;
	struct stream_list sip;        /* those that are followed */
	struct stream_list idle;       /* followed, long silent: they hold nothing */
	struct stream_list closed;     /* in both directions: some late segment may come */
	struct stream_list candidates; /* only begun: nothing was decided */
	struct stream *gaps[STREAM_GAPS_MAX]; /* in the order in which they began to wait */
	size_t gap_count;
	struct output output;
};

void streams_init(struct streams *t, const struct dissect_sink *sink, struct dissect_stats *stats);
/* The connection, or NULL; *side is the end that `src` is. */
struct stream *streams_find(const struct streams *t, const struct address *src,
	const struct address *dst, int *side);
/* A new candidate whose end 0 is `src`. It must not be in the table. */
struct stream *streams_add(struct streams *t, const struct address *src, const struct address *dst);
/* To be called after anything was added: it is the most recently used now; keeps the bounds. */
void streams_use(struct streams *t, struct stream *s, int64_t now);
/* The capture's clock: gaps that were not filled in time are given up. */
void streams_advance(struct streams *t, int64_t now);
void streams_remove(struct streams *t, struct stream *s);
/* Gives out what all streams hold, and frees them. */
void streams_free(struct streams *t);

#endif

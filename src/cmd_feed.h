/*
 * Where the packets of a command come from, and its time: capture files with what is written to them meanwhile,
 * or live input. Everything goes to the command through a table of calls.
 */
#ifndef CMD_FEED_H
#define CMD_FEED_H

#include "base/buf.h"
#include "capture/source.h"
#include "cmd_live.h"
#include "sip/datagram.h"

struct feed_sink {
	void (*packet)(void *arg, const struct packet *p);
	/* Time went on though nothing came. */
	void (*time)(void *arg, int64_t now);
	void (*loss)(void *arg, const struct loss *l);
	void (*secrets)(void *arg, struct slice lines);
	/* Asked before every packet: is the reading to end here? */
	bool (*stopped)(void *arg);
	void *arg;
};

/* Time while nothing comes. */
struct feed_clock {
	int64_t last;    /* of the newest packet */
	int64_t since;   /* it is quiet, by the clock of the machine */
	bool quiet;
	bool live;       /* the packets were captured just now */
	bool running;
};

struct feed {
	struct feed_sink sink;
	struct source *source;   /* either files ... */
	struct live *live;       /* ... or this */
	struct feed_clock clock;
	size_t failed_files;
	struct buf name;         /* of live input */
	unsigned turn_ms;        /* set first: how often stopped() is asked if nothing comes; 0: not */
};

/* False: trouble, and it was told. */
bool feed_open_files(struct feed *f, const char *const *paths, size_t count, const char *filter, bool follow);
/* The name of the place is in f->name then. */
bool feed_open_live(struct feed *f, const struct live_settings *s, const char *filter);
/* Until the end, or until the sink stops it. */
void feed_run(struct feed *f);
/* Of live input its packets only. */
struct source_stats feed_stats(const struct feed *f);
/* What live input has lost; all zero for files. */
struct live_stats feed_live_stats(const struct feed *f);
/* Could everything be read? */
bool feed_is_whole(const struct feed *f);
void feed_close(struct feed *f);

#endif

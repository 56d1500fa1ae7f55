/*
 * Where packets come from: capture files in any format, standard input, several files merged by time.
 */
#ifndef CAPTURE_SOURCE_H
#define CAPTURE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/packet.h"
#include "base/slice.h"

struct source;

struct source_error {
	char text[256];      /* one line: file, what is wrong, what to do */
};

struct source_stats {
	uint64_t packets;    /* read from all files (before the filter) */
	uint64_t filtered;   /* of these, left out by the filter */
	bool truncated;      /* a file ended inside a packet (every interrupted tcpdump): a warning */
	bool broken;         /* a file became unreadable in the middle: what was before it was given */
};

struct source_options {
	const char *const *paths;  /* "-" is standard input */
	size_t count;
	const char *filter;        /* a BPF expression, or NULL */
	bool follow;               /* the last file: its end is not the end */
	/* One line: what is wrong with a file. May be NULL, like all others. */
	void (*complain)(void *arg, const char *line);
	/* TLS key log lines that a file holds, before the packets that come after them. */
	void (*secrets)(void *arg, struct slice lines);
	/*
	 * The bytes of all packets so far go now: who still needs them uses them first. Not at source_close().
	 * NULL: they go with the next packet.
	 */
	void (*release)(void *arg);
	/* Called while nothing comes, every idle_ms milliseconds (0: 200). False: stop reading. */
	bool (*idle)(void *arg);
	unsigned idle_ms;
	void *arg;
};

/*
 * Opens the files as one timeline: merged by time, the order inside a file never changed. A file that
 * cannot be read from its start gets one line through `complain` and is left out (`*failed` counts them).
 * NULL if none could be opened or the filter is wrong: error says why, also for the only file.
 */
struct source *source_open(const struct source_options *o, size_t *failed, struct source_error *error);
/*
 * The next packet, valid until the next call, or NULL at the end. Trouble in the middle goes to `complain` and ends
 * that file only.
 */
const struct packet *source_next(struct source *s);
const struct source_stats *source_stats(const struct source *s);
void source_close(struct source *s);

#endif

/* Inside `sipauth view`: the viewer, what feeds it, and the spool between. */
#ifndef CMD_VIEW_H
#define CMD_VIEW_H

#include "cmd_encrypted.h"
#include "cmd_feed.h"
#include "cmd_notes.h"
#include "cmd_view_options.h"
#include "spool.h"
#include "view/view.h"

struct viewer {
	struct view_cmd_options options;
	struct secrets *secrets;
	struct tls_keys *keys;
	struct encrypted encrypted;
	struct feed feed;
	struct dissector *dissector;
	struct tracker *tracker;
	struct spool *spool;
	struct notes notes;
	struct view *view;
	uint32_t place;            /* in the spool, of what is fed just now */
	int64_t newest;            /* time of the newest event in the spool */
	uint64_t read, size;       /* bytes of the input, about */
	uint64_t upgrades_refused, tls_connections;
	bool begun, ended;         /* a packet came; the input is at its end */
};

/* A reader of the engine while the spool is fed to it. */
struct replay {
	struct tracker_options options;
	struct tracker_reader reader;
	/* NULL: nothing is to be said. Each event before it is fed. */
	void (*event)(void *arg, const struct spool_event *e, uint32_t place);
	void (*progress)(void *arg, uint64_t done, uint64_t total);
	void *arg;
};

/* cmd_view_host.c */

/* Everything so far through a new engine, which the caller frees. It goes on to the end if the input has ended. */
struct tracker *viewer_replay(struct viewer *v, const struct replay *r);

/* Once, at the end of the input. */
void viewer_finish(struct viewer *v, struct tracker *t);
struct view_host viewer_host(struct viewer *v);

/* cmd_view.c: what the engine says goes to the view. */
struct tracker_reader viewer_reader(struct viewer *v);

/* cmd_view_save.c */
extern const struct view_save viewer_saves[];
extern const size_t viewer_save_count;

#endif

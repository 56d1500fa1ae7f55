/*
 * The interactive viewer: a list of exchanges, and pages about them. It reads no packets: whoever feeds it calls it
 * for each message and exchange, keeps their bytes, and gives it a turn now and then.
 */
#ifndef VIEW_VIEW_H
#define VIEW_VIEW_H

#include "auth/tracker.h"
#include "view/rows.h"

enum { VIEW_WHY = 256 };

struct view;

/* What was fed at a place: a message, or an ICMP error. Bytes are valid until the next call. */
struct view_event {
	bool icmp;
	union {
		struct datagram datagram;
		struct icmp_error error;
	};
};

/* A way of saving exchanges. */
struct view_save {
	const char *name;        /* "text report" */
	const char *extension;   /* ".txt" */
	/* Writes the exchanges with these numbers to a new file. False: `why` says what is wrong. */
	bool (*save)(void *arg, const char *path, const uint32_t *numbers, size_t count, char why[VIEW_WHY]);
};

/* What the viewer asks of its owner. */
struct view_host {
	void *arg;
	bool (*read)(void *arg, uint32_t place, struct view_event *out);
	bool (*record)(void *arg, uint32_t place, struct slice *out);
	/*
	 * One more password (user and realm absent: any): diagnoses everything anew; rows come again. False: `why`.
	 */
	bool (*secret)(void *arg, struct slice user, struct slice realm, struct slice password, char why[VIEW_WHY]);
	/* How exchanges are diagnosed, with all secrets that are known by now. */
	const struct tracker_options *(*options)(void *arg);
	/* The engine, for what it knows of servers and accounts; NULL while everything is diagnosed anew. */
	const struct tracker *(*tracker)(void *arg);
	const struct view_save *saves;
	size_t save_count;
};

struct view_options {
	const char *name;        /* of the input: "trace.pcap"; copied */
	bool live;
	bool show_secrets;
};

/* NULL: there is no terminal for it; `why` tells. `complain` gets a line for each wrong setting. */
struct view *view_new(const struct view_host *host, const struct view_options *o, char why[VIEW_WHY]);
void view_free(struct view *v); /* NULL is fine; the terminal is as before */

/* The event at this place belongs to x, which is open; x closed, and this is its record. */
void view_message(struct view *v, const struct exchange *x, uint32_t place);
void view_exchange(struct view *v, const struct exchange *x, uint32_t record);
/* It closed, but is not to be shown. */
void view_leave_out(struct view *v, const struct exchange *x);
void view_finding(struct view *v, const struct scope_finding *f);
/* Everything comes again: forgets the rows. view_restored(): they are all there. */
void view_restart(struct view *v);
void view_restored(struct view *v);
/* How much of the input is read; `total` 0: nobody knows. */
void view_progress(struct view *v, uint64_t done, uint64_t total);
/* The end of the input. */
void view_complete(struct view *v);
/* A line that a person should read, for a while in the last line. */
void view_note(struct view *v, const char *line);
/* Draws, and says how far something is that takes a while; keys wait. */
void view_busy(struct view *v, const char *what, uint64_t done, uint64_t total);

/*
 * Handles keys, waiting for one for so many milliseconds, and draws what changed. False: the user wants to end. Cheap
 * if it is called too often.
 */
bool view_turn(struct view *v, int ms);
/* Is nothing to be read for now? */
bool view_paused(const struct view *v);

#endif

/* One direction of a TCP connection: segments put in order by sequence number. Internal to capture/. */
#ifndef CAPTURE_FLOW_H
#define CAPTURE_FLOW_H

#include "capture/connection.h"

struct segment {
	uint32_t seq;
	struct span bytes;
	struct mark mark;
};

struct held; /* a segment that came before its turn */

struct flow {
	struct connection *connection; /* that it is a direction of ... */
	int side;                      /* ... what this end sends */
	uint32_t next;       /* sequence number that is expected */
	uint32_t syn;        /* that of the SYN */
	bool known;          /* `next` is valid */
	bool has_syn;        /* `syn` is valid */
	bool closed;         /* FIN or RST was seen */
	int64_t last;        /* time of the newest bytes */
	struct held **held;  /* in the order of their sequence numbers */
	size_t held_count, held_room, held_bytes;
	int64_t gap_since;   /* time of the first held segment */
};

/* False: nothing that can be read, in neither direction so far. */
bool flow_add(struct flow *f, struct output *o, const struct segment *s);
/* Sets where the flow begins, before anything or after flow_flush(). `lost`: in the middle of something. */
void flow_start(struct flow *f, uint32_t next, bool lost);
/* What is missing will not come: goes on behind the gap. */
void flow_give_up_gap(struct flow *f, struct output *o);
/* Nothing more will come: gives out what there is, and its memory back. */
void flow_flush(struct flow *f, struct output *o);

#endif

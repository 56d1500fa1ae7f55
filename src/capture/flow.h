/*
 * One direction of a TCP connection: segments put in order by sequence number and cut into SIP
 * messages. Internal to capture/.
 */
#ifndef CAPTURE_FLOW_H
#define CAPTURE_FLOW_H

#include "base/buf.h"
#include "capture/layers.h"
#include "sip/frame.h"

/* The packet that brought some bytes. */
struct mark {
	int64_t time;
	uint32_t frame;
	uint16_t file;
};

struct segment {
	uint32_t seq;
	struct span bytes;
	struct mark mark;
};

struct held; /* a segment that came before its turn */

struct flow {
	const struct address *src, *dst;
	uint32_t next;       /* sequence number that is expected */
	uint32_t syn;        /* that of the SYN */
	bool known;          /* `next` is valid */
	bool has_syn;        /* `syn` is valid */
	bool closed;         /* FIN or RST was seen */
	bool peer_seen;      /* segments came from the other side */
	bool *sip;           /* a message began in one direction of the connection */
	bool lost;           /* out of step: looking for the next start line ... */
	bool fresh;          /* ... which may be the very next byte */
	struct frame frame;
	struct buf bytes;    /* the beginning of a message */
	struct mark first;   /* of its first byte */
	struct mark last;    /* of its last byte */
	struct held **held;  /* in the order of their sequence numbers */
	size_t held_count, held_room, held_bytes;
	int64_t gap_since;   /* time of the first held segment */
};

/* Where messages go, and the memory of all flows together. */
struct flow_output {
	const struct dissect_sink *sink;
	struct dissect_stats *stats;
	size_t memory;
};

/* False: no SIP, in neither direction so far. */
bool flow_add(struct flow *f, struct flow_output *o, const struct segment *s);
/* Sets where the flow begins, before anything or after flow_flush(). */
void flow_start(struct flow *f, uint32_t next);
/* What is missing will not come: goes on behind the gap. */
void flow_give_up_gap(struct flow *f, struct flow_output *o);
/* Nothing more will come: gives out what there is, and its memory back. */
void flow_flush(struct flow *f, struct flow_output *o);

#endif

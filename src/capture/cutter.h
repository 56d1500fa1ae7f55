/*
 * The bytes of one direction of a connection, cut into SIP messages; finds its feet again after a gap.
 * Internal to capture/.
 */
#ifndef CAPTURE_CUTTER_H
#define CAPTURE_CUTTER_H

#include "base/buf.h"
#include "capture/layers.h"
#include "sip/frame.h"

/* The packet that brought some bytes. */
struct mark {
	int64_t time;
	uint32_t frame;
	uint16_t file;
};

/* Where messages go, and the memory of all connections together. */
struct output {
	const struct dissect_sink *sink;
	struct dissect_stats *stats;
	struct tls_keys *keys;   /* NULL: none */
	size_t memory;
};

struct cutter {
	const struct address *src, *dst;
	enum transport transport;
	const bool *peer_seen; /* packets of the other direction are in the capture */
	bool *sip;           /* a message began in one direction of the connection */
	bool lost;           /* out of step: looking for the next start line ... */
	bool fresh;          /* ... which may be the very next byte */
	struct frame frame;
	struct buf bytes;    /* the beginning of a message */
	struct mark first;   /* of its first byte */
	struct mark last;    /* of its last byte */
	uint32_t lowest;     /* frame with a part of it: segments may have changed places */
};

/* At the beginning of a stream, or, if `lost`, somewhere in it. */
void cutter_start(struct cutter *c, bool lost);
/* The next bytes. False: no SIP, in neither direction so far. */
bool cutter_take(struct cutter *c, struct output *o, struct slice in, const struct mark *mark);
/* The bytes that come next are not here, `count` of them (0: unknown). */
void cutter_skip(struct cutter *c, struct output *o, size_t count);
/* Nothing more will come: gives out what there is, and its memory back. */
void cutter_end(struct cutter *c, struct output *o);

#endif

#include "capture/cutter.h"

#include <string.h>

enum { KEPT_BUFFER = 4096 /* an empty buffer above this is given back */ };

/* `frame` and `file` of the first byte, the time of the last one: it was complete only then. */
static void give_message(struct cutter *c, struct output *o, struct slice bytes, uint64_t cut)
{
	struct datagram d = {
		.bytes = bytes,
		.cut = cut,
		.src = *c->src,
		.dst = *c->dst,
		.transport = c->transport,
		.time = c->last.time,
		.frame = c->first.frame,
		.first_frame = c->lowest,
		.file = c->first.file,
		.peer_seen = *c->peer_seen,
	};

	o->stats->datagrams++;
	if (o->sink->datagram)
		o->sink->datagram(o->sink->arg, &d);
}

static void keep(struct cutter *c, struct output *o, struct slice bytes)
{
	size_t before = c->bytes.size;

	buf_add_slice(&c->bytes, bytes);
	o->memory += c->bytes.size - before;
}

static void forget(struct cutter *c, struct output *o, size_t limit)
{
	c->bytes.n = 0;
	if (c->bytes.size > limit) {
		o->memory -= c->bytes.size;
		buf_free(&c->bytes);
	}
}

void cutter_start(struct cutter *c, bool lost)
{
	c->lost = lost;
	c->fresh = true;
	c->frame = (struct frame){0};
}

void cutter_skip(struct cutter *c, struct output *o, size_t count)
{
	struct slice in = buf_slice(&c->bytes);
	uint64_t missing = c->lost ? 0 : frame_missing(&c->frame, in);

	if (missing == 1 && !c->frame.total)
		missing = count ? count : 1;
	if (missing)
		give_message(c, o, in, missing);
	forget(c, o, KEPT_BUFFER);
	cutter_start(c, true);
}

void cutter_end(struct cutter *c, struct output *o)
{
	cutter_skip(c, o, 0);
	forget(c, o, 0);
}

/* One step: the bytes taken off `in`; 0: more are needed; -1: no SIP. */
static ssize_t step(struct cutter *c, struct output *o, struct slice in)
{
	struct slice message;
	uint64_t cut;
	ssize_t n;

	if (c->lost) {
		size_t skip;
		bool found = frame_resync(in, c->fresh, &skip);

		c->lost = !found;
		c->fresh = c->fresh && !found && !skip;
		if (skip || !found)
			return (ssize_t)skip;
	}
	n = frame_next(&c->frame, in, &message, &cut);
	if (n < 0) {
		c->lost = true;
		return *c->sip ? step(c, o, in) : -1;
	}
	*c->sip |= c->frame.scanned || message.p;
	if (message.p) {
		give_message(c, o, message, cut);
		c->lost = cut != 0;
		c->fresh = true;
	}
	return n;
}

bool cutter_take(struct cutter *c, struct output *o, struct slice in, const struct mark *mark)
{
	bool buffered;
	ssize_t n;
	size_t taken = 0;

	c->last = *mark;
	/* out of step, the beginning of a segment is as good as a line break */
	if (c->lost && sip_starts_here(in)) {
		c->bytes.n = 0;
		c->fresh = true;
	}
	buffered = c->bytes.n != 0;
	if (buffered) {
		keep(c, o, in);
		in = buf_slice(&c->bytes);
		if (mark->frame < c->lowest)
			c->lowest = mark->frame;
	} else {
		c->first = *mark;
		c->lowest = mark->frame;
	}
	while (taken < in.n && (n = step(c, o, slice_from(in, taken))) != 0) {
		if (n < 0)
			return false;
		taken += (size_t)n;
		/* what is left now came with this packet: the bytes before it were not enough */
		c->first = *mark;
		c->lowest = mark->frame;
	}
	if (!buffered) {
		keep(c, o, slice_from(in, taken));
	} else if (taken == in.n) {
		forget(c, o, KEPT_BUFFER);
	} else if (taken) {
		memmove(c->bytes.p, c->bytes.p + taken, in.n - taken);
		c->bytes.n -= taken;
	}
	return true;
}

#include "capture/flow.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum {
	HELD_BYTES = 256 << 10, /* beyond a gap */
	HELD_SEGMENTS = 512,
	KEPT_BUFFER = 4096,     /* an empty buffer above this is given back */
};

struct held {
	uint32_t seq;
	uint32_t n;
	uint32_t wire;
	struct mark mark;
	uint8_t bytes[];
};

static int32_t seq_diff(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

/* `frame` and `file` of the first byte, the time of the last one: it was complete only then. */
static void give_message(struct flow *f, struct flow_output *o, struct slice bytes, uint64_t cut)
{
	struct datagram d = {
		.bytes = bytes,
		.cut = cut,
		.src = *f->src,
		.dst = *f->dst,
		.transport = TRANSPORT_TCP,
		.time = f->last.time,
		.frame = f->first.frame,
		.file = f->first.file,
		.peer_seen = f->peer_seen,
	};

	o->stats->datagrams++;
	if (o->sink->datagram)
		o->sink->datagram(o->sink->arg, &d);
}

static void give_loss(struct flow *f, struct flow_output *o, const struct mark *behind)
{
	struct loss loss = {.what = "TCP gap", .count = 1, .time = behind->time, .frame = behind->frame,
		.file = behind->file, .src = *f->src, .dst = *f->dst};

	if (*f->sip && o->sink->loss)
		o->sink->loss(o->sink->arg, &loss);
}

static void keep(struct flow *f, struct flow_output *o, struct slice bytes)
{
	size_t before = f->bytes.size;

	buf_add_slice(&f->bytes, bytes);
	o->memory += f->bytes.size - before;
}

static void forget(struct flow *f, struct flow_output *o, size_t limit)
{
	f->bytes.n = 0;
	if (f->bytes.size > limit) {
		o->memory -= f->bytes.size;
		buf_free(&f->bytes);
	}
}

/* The bytes that come next in the stream are not here, `count` of them. */
static void skip_missing(struct flow *f, struct flow_output *o, size_t count)
{
	struct slice in = buf_slice(&f->bytes);
	uint64_t missing = f->lost ? 0 : frame_missing(&f->frame, in);

	if (missing == 1 && !f->frame.total)
		missing = count ? count : 1;
	if (missing)
		give_message(f, o, in, missing);
	forget(f, o, KEPT_BUFFER);
	f->frame = (struct frame){0};
	f->lost = f->fresh = true;
}

/* One step: the bytes taken off `in`; 0: more are needed; -1: no SIP. */
static ssize_t step(struct flow *f, struct flow_output *o, struct slice in)
{
	struct slice message;
	uint64_t cut;
	ssize_t n;

	if (f->lost) {
		size_t skip;
		bool found = frame_resync(in, f->fresh, &skip);

		f->lost = !found;
		f->fresh = f->fresh && !found && !skip;
		if (skip || !found)
			return (ssize_t)skip;
	}
	n = frame_next(&f->frame, in, &message, &cut);
	if (n < 0) {
		f->lost = true;
		return *f->sip ? step(f, o, in) : -1;
	}
	*f->sip |= f->frame.scanned || message.p;
	if (message.p) {
		give_message(f, o, message, cut);
		f->lost = cut != 0;
		f->fresh = true;
	}
	return n;
}

/* The next bytes of the stream. False: no SIP. */
static bool take(struct flow *f, struct flow_output *o, struct slice in, const struct mark *mark)
{
	bool buffered;
	ssize_t n;
	size_t taken = 0;

	f->last = *mark;
	/* out of step, the beginning of a segment is as good as a line break */
	if (f->lost && sip_starts_here(in)) {
		f->bytes.n = 0;
		f->fresh = true;
	}
	buffered = f->bytes.n != 0;
	if (buffered) {
		keep(f, o, in);
		in = buf_slice(&f->bytes);
	} else {
		f->first = *mark;
	}
	while (taken < in.n && (n = step(f, o, slice_from(in, taken))) != 0) {
		if (n < 0)
			return false;
		taken += (size_t)n;
		/* what is left now came with this packet: the bytes before it were not enough */
		f->first = *mark;
	}
	if (!buffered) {
		keep(f, o, slice_from(in, taken));
	} else if (taken == in.n) {
		forget(f, o, KEPT_BUFFER);
	} else if (taken) {
		memmove(f->bytes.p, f->bytes.p + taken, in.n - taken);
		f->bytes.n -= taken;
	}
	return true;
}

/* A segment that is due: what of it is new. False: no SIP. */
static bool add_due(struct flow *f, struct flow_output *o, const struct segment *s)
{
	size_t old = f->next - s->seq;
	struct span bytes = s->bytes;
	bool sip = true;

	if (old >= bytes.wire)
		return true;
	span_skip(&bytes, old < bytes.n ? old : bytes.n);
	bytes.wire = s->bytes.wire - old;
	f->next = s->seq + (uint32_t)s->bytes.wire;
	if (bytes.n)
		sip = take(f, o, (struct slice){(const char *)bytes.p, bytes.n}, &s->mark);
	if (sip && span_cut(&bytes))
		skip_missing(f, o, span_cut(&bytes));
	return sip;
}

static void drop_held(struct flow *f, struct flow_output *o, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t size = sizeof(struct held) + f->held[i]->n;

		f->held_bytes -= size;
		o->memory -= size;
		free(f->held[i]);
	}
	f->held_count -= count;
	memmove(f->held, f->held + count, f->held_count * sizeof(struct held *));
}

/* Held segments whose turn has come. */
static bool add_held(struct flow *f, struct flow_output *o)
{
	bool sip = true;
	size_t i;

	for (i = 0; sip && i < f->held_count && seq_diff(f->held[i]->seq, f->next) <= 0; i++) {
		const struct held *h = f->held[i];
		struct segment s = {h->seq, {h->bytes, h->n, h->wire}, h->mark};

		sip = add_due(f, o, &s);
	}
	if (i)
		drop_held(f, o, i);
	if (f->held_count)
		f->gap_since = f->last.time;
	return sip;
}

static struct held *held_new(const struct segment *s)
{
	struct held *h = xmalloc(sizeof(*h) + s->bytes.n);

	h->seq = s->seq;
	h->n = (uint32_t)s->bytes.n;
	h->wire = (uint32_t)s->bytes.wire;
	h->mark = s->mark;
	memcpy(h->bytes, s->bytes.p, s->bytes.n);
	return h;
}

/* A segment that is not due yet. */
static void hold(struct flow *f, struct flow_output *o, const struct segment *s)
{
	size_t at = f->held_count;

	while (at && seq_diff(f->held[at - 1]->seq, s->seq) > 0)
		at--;
	if (at && f->held[at - 1]->seq == s->seq && f->held[at - 1]->wire >= s->bytes.wire)
		return;
	if (f->held_count == f->held_room) {
		f->held_room = f->held_room ? f->held_room * 2 : 8;
		f->held = xrealloc(f->held, f->held_room * sizeof(struct held *));
	}
	memmove(f->held + at + 1, f->held + at, (f->held_count - at) * sizeof(struct held *));
	f->held[at] = held_new(s);
	if (!f->held_count++)
		f->gap_since = s->mark.time;
	f->held_bytes += sizeof(struct held) + s->bytes.n;
	o->memory += sizeof(struct held) + s->bytes.n;
}

void flow_give_up_gap(struct flow *f, struct flow_output *o)
{
	if (!f->held_count)
		return;
	give_loss(f, o, &f->held[0]->mark);
	skip_missing(f, o, f->held[0]->seq - f->next);
	f->next = f->held[0]->seq;
	add_held(f, o);
}

bool flow_add(struct flow *f, struct flow_output *o, const struct segment *s)
{
	if (!s->bytes.wire)
		return true;
	if (seq_diff(s->seq, f->next) > 0) {
		hold(f, o, s);
		if (f->held_count > HELD_SEGMENTS || f->held_bytes > HELD_BYTES)
			flow_give_up_gap(f, o);
		return true;
	}
	return add_due(f, o, s) && add_held(f, o);
}

void flow_start(struct flow *f, uint32_t next)
{
	f->next = next;
	f->known = true;
	f->closed = false;
	f->lost = false;
	f->fresh = true;
	f->frame = (struct frame){0};
}

void flow_flush(struct flow *f, struct flow_output *o)
{
	while (f->held_count)
		flow_give_up_gap(f, o);
	skip_missing(f, o, 0);
	forget(f, o, 0);
	free(f->held);
	f->held = NULL;
	f->held_room = 0;
}

#include "capture/flow.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum {
	HELD_BYTES = 256 << 10, /* beyond a gap */
	HELD_SEGMENTS = 512,
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

static void give_loss(struct flow *f, struct output *o, const struct mark *behind)
{
	const struct connection *c = f->connection;
	struct loss loss = {.what = "TCP gap", .count = 1, .time = behind->time, .frame = behind->frame,
		.file = behind->file, .src = c->end[f->side], .dst = c->end[!f->side]};

	if (c->sip && o->sink->loss)
		o->sink->loss(o->sink->arg, &loss);
}

/* A segment that is due: what of it is new. False: nothing that can be read. */
static bool add_due(struct flow *f, struct output *o, const struct segment *s)
{
	uint32_t old = f->next - s->seq;
	struct span bytes = s->bytes;
	bool readable = true;

	if (old >= bytes.wire)
		return true;
	span_skip(&bytes, old < bytes.n ? old : bytes.n);
	bytes.wire = s->bytes.wire - old;
	f->next = s->seq + s->bytes.wire;
	f->last = s->mark.time;
	if (bytes.n)
		readable = connection_take(f->connection, f->side, o,
			(struct slice){(const char *)bytes.p, bytes.n}, &s->mark);
	if (readable && span_cut(&bytes))
		connection_skip(f->connection, f->side, o, span_cut(&bytes));
	return readable;
}

static void drop_held(struct flow *f, struct output *o, size_t count)
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
static bool add_held(struct flow *f, struct output *o)
{
	bool readable = true;
	size_t i;

	for (i = 0; readable && i < f->held_count && seq_diff(f->held[i]->seq, f->next) <= 0; i++) {
		const struct held *h = f->held[i];
		struct segment s = {h->seq, {h->bytes, h->n, h->wire}, h->mark};

		readable = add_due(f, o, &s);
	}
	if (i)
		drop_held(f, o, i);
	if (f->held_count)
		f->gap_since = f->last;
	return readable;
}

static struct held *held_new(const struct segment *s)
{
	struct held *h = xmalloc(sizeof(*h) + s->bytes.n);

	h->seq = s->seq;
	h->n = s->bytes.n;
	h->wire = s->bytes.wire;
	h->mark = s->mark;
	memcpy(h->bytes, s->bytes.p, s->bytes.n);
	return h;
}

/* A segment that is not due yet. */
static void hold(struct flow *f, struct output *o, const struct segment *s)
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

void flow_give_up_gap(struct flow *f, struct output *o)
{
	if (!f->held_count)
		return;
	give_loss(f, o, &f->held[0]->mark);
	connection_skip(f->connection, f->side, o, f->held[0]->seq - f->next);
	f->next = f->held[0]->seq;
	add_held(f, o);
}

bool flow_add(struct flow *f, struct output *o, const struct segment *s)
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

void flow_start(struct flow *f, uint32_t next, bool lost)
{
	f->next = next;
	f->known = true;
	f->closed = false;
	connection_start(f->connection, f->side, lost);
}

void flow_flush(struct flow *f, struct output *o)
{
	while (f->held_count)
		flow_give_up_gap(f, o);
	connection_end(f->connection, f->side, o);
	free(f->held);
	f->held = NULL;
	f->held_room = 0;
}

/* The bytes of a capture file where they were read to: no second copy is made. Internal to capture/. */
#ifndef CAPTURE_WINDOW_H
#define CAPTURE_WINDOW_H

#include "capture/input.h"

struct window {
	struct input *in;
	uint8_t *bytes;
	size_t size, at, end;
	int error; /* errno of a failed read */
};

/* Owns the input from then on; reads `size` bytes at a time. */
void window_init(struct window *w, struct input *in, size_t size);
void window_free(struct window *w);
/*
 * Reads on until `n` bytes are there, which moves those that are, after input_release(). False: there are less, or
 * w->error is set.
 */
bool window_fill(struct window *w, size_t n);
/* Drops `n` bytes, of which not all need to be there. False: the file has less. */
bool window_skip(struct window *w, size_t n);

/* Are there `n` bytes, after reading if need be? */
static inline bool window_need(struct window *w, size_t n)
{
	return w->end - w->at >= n || window_fill(w, n);
}

/* Those that are there; valid until the next window_need(). */
static inline const uint8_t *window_bytes(const struct window *w)
{
	return w->bytes + w->at;
}

static inline size_t window_left(const struct window *w)
{
	return w->end - w->at;
}

/* Bytes that are there. */
static inline void window_drop(struct window *w, size_t n)
{
	w->at += n;
}

#endif

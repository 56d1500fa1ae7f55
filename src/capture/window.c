#include "capture/window.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

void window_init(struct window *w, struct input *in, size_t size)
{
	*w = (struct window){.in = in, .size = size, .bytes = xmalloc(size)};
}

void window_free(struct window *w)
{
	input_close(w->in);
	free(w->bytes);
}

bool window_fill(struct window *w, size_t n)
{
	w->end -= w->at;
	memmove(w->bytes, w->bytes + w->at, w->end);
	w->at = 0;
	if (n > w->size) {
		w->bytes = xrealloc(w->bytes, n);
		w->size = n;
	}
	/* no more than is there: a pipe may have the packet, but not what comes after it */
	while (w->end < n) {
		ssize_t got = input_read(w->in, w->bytes + w->end, w->size - w->end);

		if (got < 0)
			w->error = errno;
		if (got <= 0)
			return false;
		w->end += (size_t)got;
	}
	return true;
}

bool window_skip(struct window *w, size_t n)
{
	while (n > window_left(w)) {
		n -= window_left(w);
		w->at = w->end = 0;
		if (!window_fill(w, 1))
			return false;
	}
	window_drop(w, n);
	return true;
}

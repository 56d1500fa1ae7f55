/* Input as lines, of bounded length. Internal to capture/. */
#ifndef CAPTURE_TEXTREAD_H
#define CAPTURE_TEXTREAD_H

#include "base/buf.h"
#include "capture/input.h"

enum { TEXT_LINE_BYTES = 65536 /* the rest of a longer line is left out */ };

struct text_lines {
	struct input *in;      /* owned */
	struct buf bytes;      /* read, and not yet lines */
	size_t at;
	bool end;
	struct slice again;    /* a line that was looked at, and is to come again */
	struct buf long_line;
};

/* The next line without its line break, valid until the next call. False: no more. */
bool text_line(struct text_lines *t, struct slice *line);
/* Some of what is to come. */
struct slice text_ahead(struct text_lines *t);
void text_lines_free(struct text_lines *t);

#endif

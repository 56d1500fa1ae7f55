/* Times, spans and wrapped lines, as reports and the viewer write them. */
#ifndef BASE_FORMAT_H
#define BASE_FORMAT_H

#include <stdint.h>

#include "base/buf.h"

enum { FORMAT_WIDTH = 79 };

/* "2026-11-22T10:22:01.310000Z"; for nanoseconds since 1970. */
void format_iso(struct buf *out, int64_t time);
/* "2026-11-22 10:22:01" */
void format_date(struct buf *out, int64_t time);
/* The same, without the day if it is that of `earlier`. */
void format_date_after(struct buf *out, int64_t time, int64_t earlier);
/* "10:22:01.310" */
void format_clock(struct buf *out, int64_t time);
/* "41 ms", "2.1 s", "3 min 5 s", "2 h 10 min", "3 d 4 h". */
void format_span(struct buf *out, int64_t span);
/* Milliseconds with up to three decimals: "1043.2". */
void format_ms(struct buf *out, int64_t span);
/* "1 exchange", "3 exchanges": the plural is the singular and an "s". */
void format_count(struct buf *out, uint64_t n, const char *singular);

/* Columns that the bytes take on a screen; escape sequences for color count nothing. */
size_t format_columns(struct slice s);
/*
 * Adds `text` broken between words so that lines end before column `width`. The first line goes on
 * where the buffer stands, at column `column`; further lines begin with `indent` spaces. Ends
 * without a line feed, at the column that is returned.
 */
size_t format_wrap(struct buf *out, struct slice text, size_t column, size_t indent, size_t width);
/* So many spaces. */
void format_indent(struct buf *out, size_t n);
/* At most the first `max` bytes; no UTF-8 sequence is cut. */
struct slice format_head(struct slice s, size_t max);
/* Wire bytes for eyes, at most `max` columns: a longer value keeps its beginning and its end. */
void format_short(struct buf *out, struct slice value, size_t max);

#endif

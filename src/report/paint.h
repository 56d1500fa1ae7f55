/* Colors of the text report, by meaning. Without color every call leaves the text as it is. */
#ifndef REPORT_PAINT_H
#define REPORT_PAINT_H

#include "base/buf.h"

enum paint { PAINT_PLAIN, PAINT_HEAD, PAINT_DIM, PAINT_ERROR, PAINT_WARNING, PAINT_OK };

/* Sequences that begin and end it; "" without color. */
const char *paint_on(bool color, enum paint p);
const char *paint_off(bool color, enum paint p);
void paint_add(struct buf *out, bool color, enum paint p, const char *text);

#endif

/*
 * The messages of an exchange, line by line, with what is wrong marked where it stands. Private to
 * report/.
 */
#ifndef REPORT_MESSAGES_H
#define REPORT_MESSAGES_H

#include "report/reader.h"

void messages_walk(struct buf *out, const struct report *r, const struct exchange *x);

#endif

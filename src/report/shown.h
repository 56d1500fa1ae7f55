/* A selection at work in front of the writers. Private to report/. */
#ifndef REPORT_SHOWN_H
#define REPORT_SHOWN_H

#include "report/reader.h"

/* Is it shown? Counts it, and remembers what it is about. */
bool shown_exchange(struct report *r, const struct exchange *x);
bool shown_finding(struct report *r, const struct scope_finding *f);
void shown_free(struct report_shown *s);

#endif

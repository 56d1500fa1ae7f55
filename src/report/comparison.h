/* Two exchanges beside each other, as text for a person or as JSON. */
#ifndef REPORT_COMPARISON_H
#define REPORT_COMPARISON_H

#include "auth/compare.h"
#include "report/report.h"

/* One of the two. */
struct compared {
	const struct exchange *x;
	const char *file;     /* NULL: both come from the same */
	unsigned file_number; /* first 1 */
};

/*
 * Adds what `o` asks for (format, color, verbose, quiet). Verbose: also what must differ and what is the same;
 * quiet: only what matters.
 */
void comparison_write(struct buf *out, const struct report_options *o, const struct compared *left,
	const struct compared *right, const struct comparison *c);

#endif

/*
 * Where in an exchange a line of the walk stands, and which findings point there: they are marked
 * with "!" in the margin and named at the end of the line. Private to report/.
 */
#ifndef REPORT_POINTER_H
#define REPORT_POINTER_H

#include "report/reader.h"

enum { COLUMN_TEXT = 24 }; /* of a message, after margin, time, frame and arrow */

struct pointer {
	struct buf *out;
	const struct report *r;
	const struct exchange *x;
	const struct attempt *attempt; /* NULL: nothing points here */
	bool in_response;
};

/*
 * Does anything point at this parameter (PARAM_UNKNOWN: at the message)? `worst` gets its severity.
 */
bool pointer_found(const struct pointer *w, enum param_id param, enum severity *worst);
/* Two columns: "! " or blank. */
void pointer_margin(const struct pointer *w, bool mark, enum severity severity);
/*
 * " <-- id, id" at this column, on a line of its own if there is no room; nothing if nothing points
 * here.
 */
void pointer_names(const struct pointer *w, enum param_id param, size_t column);

/* Is this finding told in the text report at all? Info and ok need -v. */
bool pointer_told(const struct report *r, const struct finding *f);

#endif

/*
 * Challenges and credentials in the walk, with the offending parameter marked. Private to report/.
 */
#ifndef REPORT_HEADERS_H
#define REPORT_HEADERS_H

#include "report/pointer.h"

/*
 * "NAME note: parameters" on lines of its own, without a line feed at the end. `suspect`: these are
 * the ones that the findings of this message mean.
 */
void headers_add(const struct pointer *w, const char *name, const char *note,
	const struct params *params, bool suspect);

#endif

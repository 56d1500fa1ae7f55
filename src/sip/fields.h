/*
 * The header fields of a message one after the other, with nothing left out: for those who show or compare a
 * message. Who needs what a message means uses message_scan().
 */
#ifndef SIP_FIELDS_H
#define SIP_FIELDS_H

#include "base/slice.h"

struct field_line {
	struct slice line;   /* as sent, folds inside, without the end of its last line */
	struct slice name;   /* trimmed; absent if the line has no colon */
	struct slice value;  /* trimmed */
};

/* What follows the start line. */
struct slice fields_begin(struct slice message);
/* The next one, which is taken from `rest`. False: none is left; `rest` is the body then. */
bool fields_next(struct slice *rest, struct field_line *out);
/* The long form of a compact name ("i": "Call-ID"; RFC 3261 20, RFC 3265 7.2); any other name as it is. */
struct slice field_long_name(struct slice name);

#endif

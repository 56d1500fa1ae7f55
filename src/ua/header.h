/*
 * Header fields that the scanner (sip/message.h) does not pick out, straight from the bytes:
 * Contact, Record-Route, Min-Expires, SIP-ETag... (RFC 3261 7.3).
 */
#ifndef UA_HEADER_H
#define UA_HEADER_H

#include "sip/message.h"

/*
 * The n-th (from 0) header field with this name or its compact form, trimmed; folds are left in it.
 * Absent: there are not so many. `compact` is 0 if the name has no compact form.
 */
struct slice header_field(const struct message *m, struct slice name, char compact, unsigned n);
/*
 * Takes the first value of a comma-separated list from its front; commas in quotes and angle
 * brackets do not separate. Absent at the end.
 */
struct slice header_list_next(struct slice *list);

#endif

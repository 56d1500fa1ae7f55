/* The first line of a message (RFC 3261 7.1, 7.2). Internal to message.c. */
#ifndef SIP_START_LINE_H
#define SIP_START_LINE_H

#include "sip/message.h"

/* The line that begins `text`, into `m`; header fields begin at *next. False: this is no SIP message. */
bool start_line_scan(struct message *m, struct slice text, size_t *next);

#endif

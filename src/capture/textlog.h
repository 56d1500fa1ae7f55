/*
 * SIP messages in text: what Asterisk, FreeSWITCH, Kamailio, sipp, ngrep, tcpdump -A, softswitches and phones log, and
 * what people paste. One reader for all: a start line, and before it what is said of time, addresses and direction.
 * Internal to capture/.
 */
#ifndef CAPTURE_TEXTLOG_H
#define CAPTURE_TEXTLOG_H

#include "base/packet.h"
#include "capture/input.h"

struct textlog;

/* Owns the input. */
struct textlog *textlog_new(struct input *in, uint16_t file);
/* The next message, as an exported PDU; valid until the next call. False: no more. */
bool textlog_next(struct textlog *t, struct packet *out);
/* Was there any? */
bool textlog_found(const struct textlog *t);
void textlog_free(struct textlog *t);

#endif

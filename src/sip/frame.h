/*
 * Where SIP messages begin and end in bytes: the quick look at a datagram, and the framing of a
 * stream (RFC 3261 18.3). Pure: no allocation, no I/O.
 */
#ifndef SIP_FRAME_H
#define SIP_FRAME_H

#include <sys/types.h>

#include "base/slice.h"

enum {
	FRAME_MAX = 65535, /* bytes of a message */
	FRAME_LINE = 8192  /* bytes of its first line */
};

/*
 * Does it look like a SIP message? Leading line breaks and up to four bytes of junk are forgiven,
 * and a first line that the snap length cut, if its Request-URI has begun. HTTP, SSDP and RTSP do
 * not. Cheap for anything binary.
 */
bool sip_looks_like(struct slice s);
/* The same, but the start line must be the very first thing after line breaks. */
bool sip_starts_here(struct slice s);

/* Progress within the message at the front of a stream; all zero at its beginning. */
struct frame {
	size_t scanned; /* the start line is there, and this much holds no end of the header */
	size_t head;    /* bytes up to the body, once known */
	size_t total;   /* bytes of the message, once known */
};

/*
 * Takes the next message from the front of a stream. Returns the bytes it consumed: *message is the
 * message, or absent if they were only line breaks (keep-alives, RFC 5626 3.5.1). 0: more bytes are
 * needed. -1: no SIP here; go on with frame_resync().
 * Without a (valid) Content-Length the message ends with its header. One above FRAME_MAX comes
 * without its end: *cut says how many bytes that are, at least; the stream must be resynced then.
 */
ssize_t frame_next(struct frame *f, struct slice in, struct slice *message, uint64_t *cut);

/*
 * Looks for a start line after a line break, or also at the front if `fresh`. True: it begins at
 * *skip. False: the bytes before *skip are of no use any more, the rest may be its beginning.
 */
bool frame_resync(struct slice in, bool fresh, size_t *skip);

/* Bytes missing of a message of which only `in` came, at least 1; 0: no whole start line. */
uint64_t frame_missing(const struct frame *f, struct slice in);

#endif

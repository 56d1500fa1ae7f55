/*
 * What the lines of a text trace say beside messages: times, addresses, directions; and where a message begins.
 * Pure. Internal to capture/.
 */
#ifndef CAPTURE_TEXTLINE_H
#define CAPTURE_TEXTLINE_H

#include "sip/datagram.h"

enum direction { DIRECTION_NONE, DIRECTION_IN, DIRECTION_OUT };

struct text_clock {
	int64_t day;     /* nanoseconds since 1970 of the midnight of lines without a date */
	int64_t last;    /* the last time of day without a date, -1: none */
};

/* What is known of the next message. */
struct text_facts {
	bool has_time, has_transport;
	int64_t time;
	enum transport transport;
	unsigned addresses;          /* 0, 1, or 2: source and destination */
	struct address address[2];
	enum direction direction;
};

/* Does a message begin in this line? Its column, or line.n: no. */
size_t text_start(struct slice line);
/* Takes what the line says; what it does not say stays as it was. */
void text_read(struct text_facts *f, struct text_clock *c, struct slice line);
/* The sent-by of a Via header field; family 0: none that is an address. */
struct address text_via(struct slice value);

#endif

/* One capture file, packet by packet, whatever its format. Internal to capture/. */
#ifndef CAPTURE_READER_H
#define CAPTURE_READER_H

#include "base/packet.h"
#include "base/slice.h"
#include "capture/input.h"

enum { READER_TROUBLE = 256 };

enum reader_result {
	READER_PACKET,
	READER_END,
	READER_TRUNCATED, /* the file ends inside a packet */
	READER_BROKEN     /* unreadable from here on: reader_trouble() */
};

struct reader;

/* `number` is that of the file. NULL: `why` tells. */
struct reader *reader_open(const char *path, uint16_t number, const struct input_wait *wait,
	char why[READER_TROUBLE]);
enum reader_result reader_next(struct reader *r);
/* The packet of the last reader_next(), valid until the next. */
const struct packet *reader_packet(const struct reader *r);
const char *reader_trouble(const struct reader *r);
const char *reader_name(const struct reader *r);
/* Key log lines that the file holds and that were not given yet. */
struct slice reader_secrets(struct reader *r);
void reader_close(struct reader *r);

#endif

#include "capture/pcap.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "capture/bytes.h"
#include "capture/window.h"

enum {
	MAGIC_MICROSECONDS = 0xa1b2c3d4,
	MAGIC_NANOSECONDS = 0xa1b23c4d,
	MAGIC_KUZNETZOV = 0xa1b2cd34, /* microseconds, and more about each packet behind its lengths */
	FILE_HEADER = 24,
	RECORD = 16,
	RECORD_KUZNETZOV = 24,
	CAPTURED_MAX = 262144,        /* more is no packet, but a damaged file */
};

struct pcap_file {
	struct window window;
	bool begun;          /* the file's header was read */
	bool big;            /* its byte order */
	bool swapped;        /* the two lengths stand in the other order (before 2.3) ... */
	bool perhaps;        /* ... or do so if the first is the longer one (2.3) */
	uint8_t record;      /* bytes before a packet */
	uint16_t scale;      /* nanoseconds in a unit of time */
	int linktype;
	uint32_t frame;
	char trouble[128];
};

struct pcap_file *pcap_file_new(struct input *in, size_t size)
{
	struct pcap_file *p = xcalloc(1, sizeof(*p));

	window_init(&p->window, in, size);
	return p;
}

void pcap_file_free(struct pcap_file *p)
{
	if (!p)
		return;
	window_free(&p->window);
	free(p);
}

const char *pcap_file_trouble(const struct pcap_file *p)
{
	return p->trouble;
}

__attribute__((format(printf, 2, 3)))
static enum pcap_result broken(struct pcap_file *p, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(p->trouble, sizeof(p->trouble), format, args);
	va_end(args);
	return PCAP_BROKEN;
}

/* The end of the file came where more was promised. */
static enum pcap_result ended(struct pcap_file *p)
{
	if (p->window.error)
		return broken(p, "cannot be read: %s", strerror(p->window.error));
	if (!p->begun)
		return broken(p, "a pcap file that ends inside its header");
	return PCAP_TRUNCATED;
}

/* Old files have the lengths the other way round (2.2 and before; 2.3 by some; "543.0" by DG/UX). */
static bool check_version(struct pcap_file *p, unsigned major, unsigned minor)
{
	p->swapped = major == 543 || minor < 3;
	p->perhaps = major == 2 && minor == 3;
	return (major == 2 && minor <= 4) || (major == 543 && !minor);
}

static enum pcap_result read_header(struct pcap_file *p)
{
	const uint8_t *bytes;
	uint32_t magic;
	unsigned major, minor;

	if (!window_need(&p->window, FILE_HEADER))
		return ended(p);
	bytes = window_bytes(&p->window);
	p->big = bytes[0] == 0xa1;
	magic = file32(bytes, p->big);
	p->scale = magic == MAGIC_NANOSECONDS ? 1 : 1000;
	p->record = magic == MAGIC_KUZNETZOV ? RECORD_KUZNETZOV : RECORD;
	major = file16(bytes + 4, p->big);
	minor = file16(bytes + 6, p->big);
	if (!check_version(p, major, minor))
		return broken(p, "pcap version %u.%u; 2.0 to 2.4 are known", major, minor);
	/* the upper bits are not the type */
	p->linktype = (int)(file32(bytes + 20, p->big) & 0x03ffffff);
	window_drop(&p->window, FILE_HEADER);
	p->begun = true;
	return PCAP_PACKET;
}

static void swap_lengths(const struct pcap_file *p, struct packet *out)
{
	if (p->swapped || (p->perhaps && out->captured > out->length)) {
		uint32_t length = out->captured;

		out->captured = out->length;
		out->length = length;
	}
}

enum pcap_result pcap_file_next(struct pcap_file *p, struct packet *out)
{
	const uint8_t *record;

	if (!p->begun && read_header(p) != PCAP_PACKET)
		return PCAP_BROKEN;
	if (!window_need(&p->window, p->record))
		return window_left(&p->window) || p->window.error ? ended(p) : PCAP_END;
	record = window_bytes(&p->window);
	/* seconds without a sign: until 2106 */
	out->time = (int64_t)file32(record, p->big) * 1000000000 +
		(int64_t)(int32_t)file32(record + 4, p->big) * p->scale;
	out->captured = file32(record + 8, p->big);
	out->length = file32(record + 12, p->big);
	swap_lengths(p, out);
	if (out->captured > CAPTURED_MAX)
		return broken(p, "the next packet claims %u bytes", out->captured);
	if (!window_need(&p->window, p->record + out->captured))
		return ended(p);
	out->data = window_bytes(&p->window) + p->record;
	out->linktype = p->linktype;
	out->frame = ++p->frame;
	window_drop(&p->window, p->record + out->captured);
	return PCAP_PACKET;
}

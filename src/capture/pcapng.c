#include "capture/pcapng.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "capture/bytes.h"
#include "capture/window.h"

enum {
	BLOCK_SECTION = 0x0A0D0D0A,
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 2, /* obsolete */
	BLOCK_SIMPLE = 3,
	BLOCK_ENHANCED = 6,
	BLOCK_JOURNAL = 9,
	BLOCK_SECRETS = 10,
	BLOCK_CUSTOM = 0xBAD,
	BLOCK_CUSTOM_NO_COPY = 0x40000BAD,
};

enum {
	ORDER_MAGIC = 0x1A2B3C4D,
	SECRETS_TLS = 0x544c534b,
	OPTION_TSRESOL = 9,
	OPTION_TSOFFSET = 14,
	FRAME_BYTES = 12,             /* of a block: type, length, length again */
	BLOCK_MAX = 16 << 20,         /* of a block that is read; others may have any length */
	INTERFACES_MAX = 65536,
	SECRETS_MAX = 16 << 20,
};

struct interface {
	uint16_t linktype;
	uint32_t snaplen;
	uint8_t resolution; /* if_tsresol as in the file */
	int64_t scale;      /* nanoseconds in a unit; 0: not a whole number, see to_nanoseconds() */
	int64_t offset;     /* seconds */
};

struct pcapng {
	struct window window;
	bool big;       /* byte order of the section */
	bool section;   /* one was read */
	uint32_t frame;
	int64_t time;   /* of the last packet: simple packets have none */
	struct interface *interfaces;
	size_t interface_count, interface_room;
	struct buf secrets;
	char trouble[128];
};

struct block {
	uint32_t type;
	uint32_t n;          /* bytes of the body */
	const uint8_t *body;
};

struct pcapng *pcapng_new(struct input *in, size_t size)
{
	struct pcapng *p = xcalloc(1, sizeof(*p));

	window_init(&p->window, in, size);
	return p;
}

void pcapng_free(struct pcapng *p)
{
	if (!p)
		return;
	window_free(&p->window);
	buf_free(&p->secrets);
	free(p->interfaces);
	free(p);
}

const char *pcapng_trouble(const struct pcapng *p)
{
	return p->trouble;
}

struct slice pcapng_secrets(const struct pcapng *p)
{
	return buf_slice(&p->secrets);
}

__attribute__((format(printf, 2, 3)))
static enum pcapng_result broken(struct pcapng *p, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(p->trouble, sizeof(p->trouble), format, args);
	va_end(args);
	return PCAPNG_BROKEN;
}

/* The end of the file came where more was promised. */
static enum pcapng_result ended(struct pcapng *p)
{
	if (p->window.error)
		return broken(p, "cannot be read: %s", strerror(p->window.error));
	if (!p->section)
		return broken(p, "ends inside its header");
	return PCAPNG_TRUNCATED;
}

/* if_tsresol: a negative power of ten, or of two if the top bit is set. */
static void set_resolution(struct interface *i, uint8_t resolution)
{
	i->resolution = resolution;
	i->scale = 0;
	if (resolution <= 9)
		for (i->scale = 1; resolution < 9; resolution++)
			i->scale *= 10;
}

static int64_t clamp(__int128 nanoseconds)
{
	if (nanoseconds > INT64_MAX)
		return INT64_MAX;
	return nanoseconds < INT64_MIN ? INT64_MIN : (int64_t)nanoseconds;
}

static int64_t to_nanoseconds(const struct interface *i, uint32_t high, uint32_t low)
{
	__int128 units = (__int128)high << 32 | low, time;
	unsigned exponent = i->resolution & 0x7f;

	if (i->scale) {
		time = units * i->scale;
	} else if (i->resolution & 0x80) {
		time = units * 1000000000 >> exponent;
	} else {
		time = units;
		for (unsigned n = 9; n < exponent && time; n++)
			time /= 10;
	}
	return clamp(time + (__int128)i->offset * 1000000000);
}

static void read_interface_option(struct pcapng *p, struct interface *i, unsigned code,
	const uint8_t *value, size_t n)
{
	if (code == OPTION_TSRESOL && n >= 1)
		set_resolution(i, value[0]);
	if (code == OPTION_TSOFFSET && n >= 8) {
		uint64_t high = file32(value + (p->big ? 0 : 4), p->big);
		uint64_t low = file32(value + (p->big ? 4 : 0), p->big);

		i->offset = (int64_t)(high << 32 | low);
	}
}

static enum pcapng_result read_interface(struct pcapng *p, const struct block *b)
{
	struct interface i = {0};
	size_t at = 8;

	if (b->n < 8)
		return broken(p, "an interface block of %u bytes", b->n);
	if (p->interface_count == INTERFACES_MAX)
		return broken(p, "more than %d interfaces", INTERFACES_MAX);
	i.linktype = file16(b->body, p->big);
	i.snaplen = file32(b->body + 4, p->big);
	set_resolution(&i, 6);
	while (b->n - at >= 4) {
		unsigned code = file16(b->body + at, p->big), n = file16(b->body + at + 2, p->big);
		size_t padded = (n + 3u) & ~3u;

		at += 4;
		if (!code || padded > b->n - at)
			break;
		read_interface_option(p, &i, code, b->body + at, n);
		at += padded;
	}
	if (p->interface_count == p->interface_room) {
		p->interface_room = p->interface_room ? p->interface_room * 2 : 4;
		p->interfaces = xrealloc(p->interfaces, p->interface_room * sizeof(i));
	}
	p->interfaces[p->interface_count++] = i;
	return PCAPNG_PACKET;
}

static void read_secrets(struct pcapng *p, const struct block *b)
{
	uint32_t n;

	if (b->n < 8 || file32(b->body, p->big) != SECRETS_TLS)
		return;
	n = file32(b->body + 4, p->big);
	if (n > b->n - 8)
		n = b->n - 8;
	if (p->secrets.n + n < SECRETS_MAX) {
		buf_add(&p->secrets, b->body + 8, n);
		buf_addc(&p->secrets, '\n');
	}
}

/* Fills in what all packet blocks have. `at` is where the packet bytes begin in the body. */
static enum pcapng_result give(struct pcapng *p, const struct block *b, uint32_t interface,
	size_t at, struct packet *out)
{
	p->frame++;
	if (interface >= p->interface_count)
		return broken(p, "packet %u is of interface %u, which it does not describe", p->frame,
			interface);
	if (out->captured > b->n - at)
		return broken(p, "packet %u claims %u bytes in a block that holds %zu", p->frame,
			out->captured, b->n - at);
	out->data = b->body + at;
	out->linktype = p->interfaces[interface].linktype;
	out->frame = p->frame;
	return PCAPNG_PACKET;
}

/* The enhanced and the obsolete packet block differ in one field only. */
static enum pcapng_result read_packet(struct pcapng *p, const struct block *b, struct packet *out)
{
	uint32_t interface;
	enum pcapng_result result;

	if (b->n < 20)
		return broken(p, "a packet block of %u bytes after packet %u", b->n, p->frame);
	interface = b->type == BLOCK_ENHANCED ? file32(b->body, p->big) : file16(b->body, p->big);
	out->captured = file32(b->body + 12, p->big);
	out->length = file32(b->body + 16, p->big);
	result = give(p, b, interface, 20, out);
	if (result == PCAPNG_PACKET)
		p->time = out->time = to_nanoseconds(&p->interfaces[interface],
			file32(b->body + 4, p->big), file32(b->body + 8, p->big));
	return result;
}

static enum pcapng_result read_simple(struct pcapng *p, const struct block *b, struct packet *out)
{
	if (b->n < 4)
		return broken(p, "a packet block of %u bytes after packet %u", b->n, p->frame);
	out->length = file32(b->body, p->big);
	out->captured = out->length;
	if (p->interface_count && p->interfaces[0].snaplen && p->interfaces[0].snaplen < out->captured)
		out->captured = p->interfaces[0].snaplen;
	/* the length on the wire is all it tells: the block bounds what is here */
	if (out->captured > b->n - 4)
		out->captured = b->n - 4;
	out->time = p->time;
	return give(p, b, 0, 4, out);
}

/* Only the magic number of a section tells the byte order of its length; both are in the window. */
static enum pcapng_result begin_section(struct pcapng *p)
{
	const uint8_t *magic = window_bytes(&p->window) + 8;

	if (be32(magic) == ORDER_MAGIC)
		p->big = true;
	else if (le32(magic) == ORDER_MAGIC)
		p->big = false;
	else
		return broken(p, "a section whose byte order cannot be told, after packet %u", p->frame);
	p->interface_count = 0;
	return PCAPNG_PACKET;
}

static enum pcapng_result check_section(struct pcapng *p, const struct block *b)
{
	unsigned major;

	if (b->n < 16)
		return broken(p, "a section block of %u bytes", b->n);
	major = file16(b->body + 4, p->big);
	if (major != 1)
		return broken(p, "pcapng version %u; only version 1 is known", major);
	p->section = true;
	return PCAPNG_PACKET;
}

static bool is_read(uint32_t type)
{
	return type == BLOCK_SECTION || type == BLOCK_INTERFACE || type == BLOCK_PACKET ||
		type == BLOCK_SIMPLE || type == BLOCK_ENHANCED || type == BLOCK_SECRETS;
}

/* No packet, but Wireshark numbers them all the same; those with 0x2.. are sysdig events. */
static bool is_numbered(uint32_t type)
{
	return type == BLOCK_JOURNAL || type == BLOCK_CUSTOM || type == BLOCK_CUSTOM_NO_COPY ||
		type == 0x204 || type == 0x208 || type == 0x216 || type == 0x217 || type == 0x221 ||
		type == 0x222;
}

/* The next block that is read, whole in the window. PCAPNG_PACKET: there is one. */
static enum pcapng_result next_block(struct pcapng *p, struct block *b)
{
	uint32_t length, total, again;
	enum pcapng_result result;

	if (!window_need(&p->window, 1))
		return p->window.error ? ended(p) : PCAPNG_END;
	if (!window_need(&p->window, FRAME_BYTES))
		return ended(p);
	b->type = file32(window_bytes(&p->window), p->big);
	if (b->type == BLOCK_SECTION && (result = begin_section(p)) != PCAPNG_PACKET)
		return result;
	length = file32(window_bytes(&p->window) + 4, p->big);
	total = (length + 3) & ~3u; /* some writers forget to count the padding */
	if (length < FRAME_BYTES || total < length || (is_read(b->type) && total > BLOCK_MAX))
		return broken(p, "a block of %u bytes after packet %u", length, p->frame);
	if (!is_read(b->type)) {
		p->frame += is_numbered(b->type);
		b->n = 0;
		return window_skip(&p->window, total) ? PCAPNG_PACKET : ended(p);
	}
	if (!window_need(&p->window, total))
		return ended(p);
	again = file32(window_bytes(&p->window) + total - 4, p->big);
	if (again != length && again != total)
		return broken(p, "the block after packet %u has two lengths, %u and %u", p->frame, length,
			again);
	b->n = total - FRAME_BYTES;
	b->body = window_bytes(&p->window) + 8;
	window_drop(&p->window, total);
	return PCAPNG_PACKET;
}

enum pcapng_result pcapng_next(struct pcapng *p, struct packet *out)
{
	struct block b;
	enum pcapng_result result;

	do {
		result = next_block(p, &b);
		if (result != PCAPNG_PACKET)
			return result;
		if (b.type == BLOCK_ENHANCED || b.type == BLOCK_PACKET)
			return read_packet(p, &b, out);
		if (b.type == BLOCK_SIMPLE)
			return read_simple(p, &b, out);
		if (b.type == BLOCK_SECTION)
			result = check_section(p, &b);
		else if (b.type == BLOCK_INTERFACE)
			result = read_interface(p, &b);
		else if (b.type == BLOCK_SECRETS)
			read_secrets(p, &b);
	} while (result == PCAPNG_PACKET);
	return result;
}

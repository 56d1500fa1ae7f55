#include "report/pcapng.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/packet.h"

enum {
	BLOCK_SECTION = 0x0A0D0D0A,
	BLOCK_INTERFACE = 1,
	BLOCK_ENHANCED = 6,
	ORDER_MAGIC = 0x1A2B3C4D,
	OPTION_END = 0,
	OPTION_USER_APPLICATION = 4,
	OPTION_IF_NAME = 2,
	OPTION_IF_TSRESOL = 9,
	NANOSECONDS = 9,
	BODY_MAX = 64, /* of a block, without packet bytes */
};

struct written_interface {
	int linktype;
	uint16_t file;
};

struct pcapng_writer {
	FILE *out;
	char *path;
	int error;    /* errno of the first trouble */
	struct written_interface *interfaces;
	size_t count;
};

/* A block without packet bytes; numbers in the byte order of this machine, as the format wants. */
struct body {
	uint8_t bytes[BODY_MAX];
	uint32_t n;
};

static void body_add(struct body *b, const void *bytes, size_t n)
{
	memcpy(b->bytes + b->n, bytes, n);
	b->n += (uint32_t)n;
}

static void body_add16(struct body *b, unsigned value)
{
	uint16_t number = (uint16_t)value;

	body_add(b, &number, sizeof(number));
}

static void body_add32(struct body *b, uint32_t value)
{
	body_add(b, &value, sizeof(value));
}

static void body_add_option(struct body *b, unsigned code, const void *value, size_t n)
{
	static const uint8_t padding[3] = {0};

	body_add16(b, code);
	body_add16(b, (unsigned)n);
	body_add(b, value, n);
	body_add(b, padding, -n & 3);
}

static void put(struct pcapng_writer *w, const void *bytes, size_t n)
{
	if (!w->error && n && fwrite(bytes, 1, n, w->out) != n)
		w->error = errno ? errno : EIO;
}

/* `tail`: bytes that follow the body and belong to it. */
static void put_block(struct pcapng_writer *w, uint32_t type, const struct body *b,
	const uint8_t *tail, uint32_t tail_size)
{
	static const uint8_t padding[3] = {0};
	uint32_t pad = -(b->n + tail_size) & 3, total = 12 + b->n + tail_size + pad;
	uint32_t head[2] = {type, total};

	put(w, head, sizeof(head));
	put(w, b->bytes, b->n);
	put(w, tail, tail_size);
	put(w, padding, pad);
	put(w, &total, sizeof(total));
}

static void put_section(struct pcapng_writer *w)
{
	struct body b = {.n = 0};
	uint64_t unknown_length = UINT64_MAX;

	body_add32(&b, ORDER_MAGIC);
	body_add16(&b, 1);
	body_add16(&b, 0);
	body_add(&b, &unknown_length, sizeof(unknown_length));
	body_add_option(&b, OPTION_USER_APPLICATION, "sipauth", 7);
	body_add_option(&b, OPTION_END, "", 0);
	put_block(w, BLOCK_SECTION, &b, NULL, 0);
}

static void put_interface(struct pcapng_writer *w, const struct written_interface *i)
{
	struct body b = {.n = 0};
	uint8_t resolution = NANOSECONDS;
	char name[16];
	int n = snprintf(name, sizeof(name), "file %u", i->file);

	body_add16(&b, (unsigned)i->linktype);
	body_add16(&b, 0);
	body_add32(&b, 0); /* no snap length that is known */
	body_add_option(&b, OPTION_IF_NAME, name, (size_t)n);
	body_add_option(&b, OPTION_IF_TSRESOL, &resolution, 1);
	body_add_option(&b, OPTION_END, "", 0);
	put_block(w, BLOCK_INTERFACE, &b, NULL, 0);
}

static uint32_t interface_of(struct pcapng_writer *w, const struct packet *p)
{
	struct written_interface *i;

	for (size_t n = w->count; n-- > 0;)
		if (w->interfaces[n].linktype == p->linktype && w->interfaces[n].file == p->file)
			return (uint32_t)n;
	w->interfaces = xrealloc(w->interfaces, (w->count + 1) * sizeof(*w->interfaces));
	i = &w->interfaces[w->count];
	*i = (struct written_interface){p->linktype, p->file};
	put_interface(w, i);
	return (uint32_t)w->count++;
}

static struct pcapng_writer *fail(const char *path, struct pcapng_writer_error *error)
{
	snprintf(error->text, sizeof(error->text), "%.160s: cannot be written: %s", path,
		strerror(errno));
	return NULL;
}

struct pcapng_writer *pcapng_writer_open(const char *path, struct pcapng_writer_error *error)
{
	struct pcapng_writer *w;
	struct stat st;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		return fail(path, error);
	/* it may have been there, with another mode */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) && fchmod(fd, 0600) != 0) {
		fail(path, error);
		close(fd);
		return NULL;
	}
	w = xcalloc(1, sizeof(*w));
	w->path = xstrdup(path);
	w->out = fdopen(fd, "wb");
	if (!w->out) {
		fail(path, error);
		close(fd);
		free(w->path);
		free(w);
		return NULL;
	}
	put_section(w);
	return w;
}

void pcapng_writer_packet(struct pcapng_writer *w, const struct packet *p)
{
	struct body b = {.n = 0};
	uint64_t time = p->time > 0 ? (uint64_t)p->time : 0;

	body_add32(&b, interface_of(w, p));
	body_add32(&b, (uint32_t)(time >> 32));
	body_add32(&b, (uint32_t)time);
	body_add32(&b, p->captured);
	body_add32(&b, p->length > p->captured ? p->length : p->captured);
	put_block(w, BLOCK_ENHANCED, &b, p->data, p->captured);
}

bool pcapng_writer_close(struct pcapng_writer *w, struct pcapng_writer_error *error)
{
	bool written;

	if (!w)
		return true;
	if (fclose(w->out) != 0 && !w->error)
		w->error = errno;
	written = !w->error;
	if (!written) {
		errno = w->error;
		fail(w->path, error);
	}
	free(w->interfaces);
	free(w->path);
	free(w);
	return written;
}

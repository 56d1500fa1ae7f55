#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"

enum { WRITE_BLOCK = 64 << 10, READ_BLOCK = 64 << 10, BYTES_MAX = 1 << 20 };

/* An address without gaps: what goes to the file is all defined. */
struct packed_address {
	uint8_t family, zero;
	uint16_t port;
	uint8_t ip[16];
};

/* In front of the bytes of every event; no gaps. */
struct head {
	uint32_t bytes;          /* that follow */
	uint8_t kind, transport, flags, zero;
	uint32_t frame, first_frame;
	uint16_t file, ip_id;
	struct packed_address src, dst, reporter;
	int64_t time;
	uint64_t count;          /* of a datagram: what was cut; of a loss: how many */
	const char *what;        /* constants of the engine: the process stays the same */
};

enum { FLAG_PEER_SEEN = 1, FLAG_LATE = 2 };

_Static_assert(sizeof(struct head) == 8 + 8 + 4 + 3 * sizeof(struct packed_address) + 24, "gaps");

struct spool {
	int fd;
	uint64_t limit, written, dropped;
	struct buf tail;         /* not yet in the file, from `written` on */
	struct buf block;        /* of the file, from `block_at` on */
	uint64_t block_at;
	struct buf event;        /* bytes of the last event that was read */
};

static int temporary_file(void)
{
	const char *folder = secure_getenv("TMPDIR");
	char path[4096];
	int fd;

	if (!folder || !*folder)
		folder = P_tmpdir;
	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
	if (snprintf(path, sizeof(path), "%s/sipauth-XXXXXX", folder) >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

struct spool *spool_new(uint64_t limit)
{
	int fd = temporary_file();
	struct spool *s;

	if (fd < 0)
		return NULL;
	s = xcalloc(1, sizeof(*s));
	s->fd = fd;
	s->limit = limit < SPOOL_MAX ? limit : SPOOL_MAX;
	return s;
}

void spool_free(struct spool *s)
{
	if (!s)
		return;
	close(s->fd);
	buf_free(&s->tail);
	buf_free(&s->block);
	buf_free(&s->event);
	free(s);
}

uint64_t spool_size(const struct spool *s)
{
	return s->written + s->tail.n;
}

uint64_t spool_dropped(const struct spool *s)
{
	return s->dropped;
}

static struct packed_address pack(const struct address *a)
{
	struct packed_address p = {.family = a->family, .port = a->port};

	memcpy(p.ip, a->ip, sizeof(p.ip));
	return p;
}

static struct address unpack(const struct packed_address *p)
{
	struct address a = {.family = p->family, .port = p->port};

	memcpy(a.ip, p->ip, sizeof(a.ip));
	return a;
}

/* ---- writing ---- */

/* A full disk is a cap like the other: what is in the file stays, nothing more is taken. */
static bool write_tail(struct spool *s)
{
	size_t done = 0;

	while (done < s->tail.n) {
		ssize_t n = pwrite(s->fd, s->tail.p + done, s->tail.n - done, (off_t)(s->written + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			s->limit = 0;
			return false;
		}
		done += (size_t)n;
	}
	s->written += done;
	buf_clear(&s->tail);
	return true;
}

static size_t padding(size_t n)
{
	return (SPOOL_UNIT - n % SPOOL_UNIT) % SPOOL_UNIT;
}

static uint32_t append(struct spool *s, const struct head *h, struct slice bytes)
{
	static const char zeros[SPOOL_UNIT];
	uint64_t at = spool_size(s);

	if (at + sizeof(*h) + bytes.n + SPOOL_UNIT > s->limit || bytes.n > BYTES_MAX) {
		s->dropped++;
		return SPOOL_NOWHERE;
	}
	buf_add(&s->tail, h, sizeof(*h));
	buf_add_slice(&s->tail, bytes);
	buf_add(&s->tail, zeros, padding(sizeof(*h) + bytes.n));
	if (s->tail.n >= WRITE_BLOCK)
		write_tail(s);
	return (uint32_t)(at / SPOOL_UNIT);
}

uint32_t spool_datagram(struct spool *s, const struct datagram *d)
{
	struct head h = {
		.bytes = (uint32_t)d->bytes.n,
		.kind = SPOOL_DATAGRAM,
		.transport = (uint8_t)d->transport,
		.flags = (uint8_t)((d->peer_seen ? FLAG_PEER_SEEN : 0) | (d->late ? FLAG_LATE : 0)),
		.file = d->file,
		.ip_id = d->ip_id,
		.frame = d->frame,
		.first_frame = d->first_frame,
		.time = d->time,
		.count = d->cut,
		.src = pack(&d->src),
		.dst = pack(&d->dst),
	};

	return append(s, &h, d->bytes);
}

uint32_t spool_icmp(struct spool *s, const struct icmp_error *e)
{
	struct head h = {
		.bytes = (uint32_t)e->payload.n,
		.kind = SPOOL_ICMP,
		.transport = (uint8_t)e->transport,
		.file = e->file,
		.frame = e->frame,
		.time = e->time,
		.what = e->what,
		.src = pack(&e->src),
		.dst = pack(&e->dst),
		.reporter = pack(&e->reporter),
	};

	return append(s, &h, e->payload);
}

uint32_t spool_loss(struct spool *s, const struct loss *l)
{
	struct head h = {
		.kind = SPOOL_LOSS,
		.file = l->file,
		.frame = l->frame,
		.time = l->time,
		.count = l->count,
		.what = l->what,
		.src = pack(&l->src),
		.dst = pack(&l->dst),
	};

	return append(s, &h, SLICE(""));
}

uint32_t spool_time(struct spool *s, int64_t time)
{
	return append(s, &(struct head){.kind = SPOOL_TIME, .time = time}, SLICE(""));
}

uint32_t spool_note(struct spool *s, struct slice bytes)
{
	return append(s, &(struct head){.kind = SPOOL_NOTE, .bytes = (uint32_t)bytes.n}, bytes);
}

/* ---- reading ---- */

/* Fills the block with what the file has from `at` on. */
static void read_block(struct spool *s, uint64_t at)
{
	char bytes[READ_BLOCK];
	ssize_t n;

	do
		n = pread(s->fd, bytes, sizeof(bytes), (off_t)at);
	while (n < 0 && errno == EINTR);
	buf_clear(&s->block);
	s->block_at = at;
	if (n > 0)
		buf_add(&s->block, bytes, (size_t)n);
}

/* So many bytes from there, out of the file or of what is not yet in it. */
static bool fetch(struct spool *s, uint64_t at, void *to, size_t n)
{
	char *p = to;

	if (at + n > spool_size(s))
		return false;
	while (n) {
		struct buf *from = at >= s->written ? &s->tail : &s->block;
		uint64_t begin = at >= s->written ? s->written : s->block_at;
		size_t some;

		if (from == &s->block && (at < begin || at >= begin + from->n)) {
			read_block(s, at);
			begin = at;
			if (!from->n)
				return false;
		}
		some = from->n - (size_t)(at - begin);
		/* a block of before may reach beyond what was the end of the file then */
		if (some > n)
			some = n;
		memcpy(p, from->p + (at - begin), some);
		p += some;
		at += some;
		n -= some;
	}
	return true;
}

static bool fetch_event(struct spool *s, uint64_t at, struct head *h)
{
	char bytes[4096];

	if (!fetch(s, at, h, sizeof(*h)) || h->bytes > BYTES_MAX)
		return false;
	buf_clear(&s->event);
	at += sizeof(*h);
	for (size_t left = h->bytes, n; left; left -= n, at += n) {
		n = left < sizeof(bytes) ? left : sizeof(bytes);
		if (!fetch(s, at, bytes, n))
			return false;
		buf_add(&s->event, bytes, n);
	}
	return true;
}

static struct datagram as_datagram(const struct head *h, struct slice bytes)
{
	return (struct datagram){
		.bytes = bytes,
		.cut = h->count,
		.src = unpack(&h->src),
		.dst = unpack(&h->dst),
		.transport = (enum transport)h->transport,
		.time = h->time,
		.frame = h->frame,
		.first_frame = h->first_frame,
		.file = h->file,
		.peer_seen = h->flags & FLAG_PEER_SEEN,
		.ip_id = h->ip_id,
		.late = h->flags & FLAG_LATE,
	};
}

static void as_event(const struct head *h, struct slice bytes, struct spool_event *out)
{
	out->kind = (enum spool_kind)h->kind;
	switch (out->kind) {
	case SPOOL_DATAGRAM:
		out->datagram = as_datagram(h, bytes);
		break;
	case SPOOL_ICMP:
		out->icmp = (struct icmp_error){unpack(&h->reporter), unpack(&h->src), unpack(&h->dst),
			(enum transport)h->transport, h->what, bytes, h->time, h->frame, h->file};
		break;
	case SPOOL_LOSS:
		out->loss = (struct loss){h->what, h->count, h->time, h->frame, h->file,
			unpack(&h->src), unpack(&h->dst)};
		break;
	case SPOOL_TIME:
		out->time = h->time;
		break;
	case SPOOL_NOTE:
		out->note = bytes;
	}
}

bool spool_next(struct spool *s, uint32_t *place, struct spool_event *out)
{
	struct head h;

	if (!fetch_event(s, (uint64_t)*place * SPOOL_UNIT, &h))
		return false;
	as_event(&h, s->event.n ? buf_slice(&s->event) : SLICE(""), out);
	*place += (uint32_t)((sizeof(h) + h.bytes + padding(sizeof(h) + h.bytes)) / SPOOL_UNIT);
	return true;
}

bool spool_read(struct spool *s, uint32_t place, struct spool_event *out)
{
	return spool_next(s, &place, out);
}

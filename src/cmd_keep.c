#include "cmd_keep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "capture/source.h"
#include "cmd_recent.h"
#include "report/pcapng.h"

/*
 * What is still sent for an exchange after its last message that counts: copies, late answers
 * (Timer H, J).
 */
#define TAIL (INT64_C(32) * 1000000000)

/* A reported exchange: its messages have this key, and these times. */
struct window {
	uint64_t key;
	int64_t from, to;
};

struct keep {
	struct window *windows;
	size_t count, size;
	bool sorted;
	struct recent *recent;
	FILE *spool;                  /* NULL: the files can be read again */
	uint64_t spooled;
	const char *path;
	struct pcapng_writer *writer;
	uint64_t dropped;
};

/* The head of a packet in the spool; its bytes follow. */
struct spooled {
	int64_t time;
	uint32_t captured, length, frame;
	int32_t linktype;
	uint16_t file;
};

static void spool_packet(void *arg, const struct packet *p)
{
	struct keep *k = arg;
	struct spooled head = {p->time, p->captured, p->length, p->frame, p->linktype, p->file};

	if (k->spooled + sizeof(head) + p->captured > KEEP_SPOOL_MAX ||
		fwrite(&head, sizeof(head), 1, k->spool) != 1 ||
		fwrite(p->data, 1, p->captured, k->spool) != p->captured) {
		/* no half packets: nothing more is taken */
		k->spooled = KEEP_SPOOL_MAX;
		k->dropped++;
		return;
	}
	k->spooled += sizeof(head) + p->captured;
}

struct keep *keep_new(const char *path, bool once)
{
	struct keep *k = xcalloc(1, sizeof(*k));
	struct pcapng_writer_error error;

	k->path = path;
	k->writer = pcapng_writer_open(path, &error);
	if (!k->writer) {
		err_line("%s; name another file with -w", error.text);
		keep_free(k);
		return NULL;
	}
	if (!once)
		return k;
	k->spool = tmpfile();
	if (!k->spool) {
		err_line("-w: no temporary file for the packets: %s; analyze a file instead",
			strerror(errno));
		keep_free(k);
		return NULL;
	}
	k->recent = recent_new(spool_packet, k);
	return k;
}

void keep_free(struct keep *k)
{
	struct pcapng_writer_error error;

	if (!k)
		return;
	recent_free(k->recent);
	pcapng_writer_close(k->writer, &error);
	if (k->spool)
		fclose(k->spool);
	free(k->windows);
	free(k);
}

uint64_t keep_dropped(const struct keep *k)
{
	return k->dropped;
}

void keep_packet(struct keep *k, const struct packet *p)
{
	if (k->spool)
		recent_push(k->recent, p);
}

void keep_datagram(struct keep *k, const struct datagram *d)
{
	if (k->spool)
		recent_pick(k->recent, d);
}

void keep_icmp(struct keep *k, const struct icmp_error *e)
{
	(void)e;
	if (k->spool)
		recent_pick_last(k->recent);
}

/* ACK and CANCEL belong to their INVITE. */
static uint64_t key_of(const struct message *m)
{
	enum method method = m->method == METHOD_ACK || m->method == METHOD_CANCEL ? METHOD_INVITE :
		m->method;

	return slice_hash(m->call_id, (uint64_t)method);
}

void keep_exchange(struct keep *k, const struct exchange *x)
{
	uint64_t last = 0;

	for (const struct attempt *a = x->attempts; a; a = a->next) {
		uint64_t key = key_of(&a->request.msg);

		/* a retry may have another Call-ID */
		if (a != x->attempts && key == last)
			continue;
		last = key;
		if (k->count == KEEP_EXCHANGES_MAX) {
			k->dropped++;
			return;
		}
		if (k->count == k->size) {
			k->size = k->size ? k->size * 2 : 64;
			k->windows = xrealloc(k->windows, k->size * sizeof(*k->windows));
		}
		k->windows[k->count++] = (struct window){key, x->first_time, x->last_time + TAIL};
	}
}

static int by_key(const void *a, const void *b)
{
	const struct window *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->from < y->from ? -1 : x->from > y->from;
}

/* Sorted, and windows of one key that overlap made one. */
static void sort_windows(struct keep *k)
{
	size_t n = 0;

	if (k->count)
		qsort(k->windows, k->count, sizeof(*k->windows), by_key);
	for (size_t i = 0; i < k->count; i++) {
		struct window *w = &k->windows[i], *before = n ? &k->windows[n - 1] : NULL;

		if (before && before->key == w->key && w->from <= before->to)
			before->to = w->to > before->to ? w->to : before->to;
		else
			k->windows[n++] = *w;
	}
	k->count = n;
}

static bool wanted(const struct keep *k, struct slice bytes, int64_t time)
{
	struct auth_field auth[MESSAGE_AUTH_MAX];
	struct message m;
	struct window *w = k->windows;
	size_t n = k->count;
	uint64_t key;

	if (!message_scan(bytes, &m, auth))
		return false;
	key = key_of(&m);
	/* the last window that begins before this time */
	while (n > 1) {
		size_t half = n / 2;
		bool later = w[half].key != key ? w[half].key > key : w[half].from > time;

		if (!later)
			w += half;
		n -= later ? n - half : half;
	}
	return n && w->key == key && w->from <= time && time <= w->to;
}

static void choose_datagram(void *arg, const struct datagram *d)
{
	struct keep *k = arg;

	if (wanted(k, d->bytes, d->time))
		recent_pick(k->recent, d);
}

static void choose_icmp(void *arg, const struct icmp_error *e)
{
	struct keep *k = arg;

	if (wanted(k, e->payload, e->time))
		recent_pick_last(k->recent);
}

static void write_packet(void *arg, const struct packet *p)
{
	struct keep *k = arg;

	pcapng_writer_packet(k->writer, p);
}

static void read_spool(struct keep *k, struct dissector *dissector)
{
	struct spooled head;
	struct buf data = {0};

	rewind(k->spool);
	while (fread(&head, sizeof(head), 1, k->spool) == 1) {
		struct packet p = {NULL, head.captured, head.length, head.linktype, head.time,
			head.frame, head.file};

		data.n = 0;
		while (data.n < head.captured) {
			char block[4096];
			size_t left = head.captured - data.n;
			size_t n;

			n = fread(block, 1, left < sizeof(block) ? left : sizeof(block), k->spool);

			if (!n)
				goto done;
			buf_add(&data, block, n);
		}
		p.data = (const uint8_t *)buf_string(&data);
		recent_push(k->recent, &p);
		dissector_feed(dissector, &p);
	}
done:
	buf_free(&data);
}

static bool read_files(struct keep *k, struct dissector *dissector, const char *const *inputs,
	size_t count, const char *filter)
{
	struct source_error error;
	const struct packet *p;
	size_t failed;
	struct source *s = source_open(&(struct source_options){.paths = inputs, .count = count,
		.filter = filter}, &failed, &error);

	if (!s) {
		err_line("-w: %s", error.text);
		return false;
	}
	while ((p = source_next(s))) {
		recent_push(k->recent, p);
		dissector_feed(dissector, p);
	}
	source_close(s);
	return true;
}

/* The second pass, with the writer open. */
static bool choose(struct keep *k, const char *const *inputs, size_t count, const char *filter,
	struct tls_keys *keys)
{
	struct dissect_sink sink = {.datagram = choose_datagram, .icmp = choose_icmp, .arg = k};
	struct dissector *dissector = dissector_new(&sink);
	bool read = true;

	dissector_use_keys(dissector, keys);
	/* what the first pass still holds goes to the spool before it is read */
	recent_free(k->recent);
	k->recent = recent_new(write_packet, k);
	sort_windows(k);
	if (k->spool)
		read_spool(k, dissector);
	else
		read = read_files(k, dissector, inputs, count, filter);
	dissector_finish(dissector);
	dissector_free(dissector);
	recent_free(k->recent);
	k->recent = NULL;
	return read;
}

bool keep_write(struct keep *k, const char *const *inputs, size_t count, const char *filter,
	struct tls_keys *keys)
{
	struct pcapng_writer_error error;
	bool read = choose(k, inputs, count, filter, keys);
	bool written = pcapng_writer_close(k->writer, &error);

	k->writer = NULL; /* gone either way */
	if (!written) {
		err_line("%s", error.text);
		return false;
	}
	if (k->dropped)
		err_line("%s: incomplete, %llu packets or exchanges were beyond the limit; "
			"analyze a file instead of standard input",
			k->path, (unsigned long long)k->dropped);
	return read;
}

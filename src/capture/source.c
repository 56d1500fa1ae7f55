#include "capture/source.h"

#include <pcap/pcap.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "capture/bytes.h"
#include "capture/input.h"
#include "capture/pcapng.h"

enum {
	BUFFER_SIZE = 1 << 20,       /* of a pcap file; with many files each gets less */
	BUFFER_SIZE_MANY = 64 << 10,
	MANY = 16,
	SNAPLEN_MAX = 262144,
	FILES_MAX = 65535,
	NAME_SHOWN = 140,            /* of a path, its end: there must be room for the trouble */
	LINKTYPE_ETHERNET = 1,
	LINKTYPE_RAW = 101,
};

/* One file, with the next packet it has to give. */
struct reader {
	const char *name;
	pcap_t *pcap;           /* either this ... */
	char *buffer;
	struct pcapng *pcapng;  /* ... or this */
	bool failed;            /* unreadable from the start */
	struct packet packet;
};

/* The filter, compiled for one link type. */
struct filter {
	int linktype;
	bool wrong; /* has no meaning there: nothing passes */
	struct bpf_program program;
};

struct source {
	struct reader **heap;  /* those that have a packet, the earliest first */
	size_t count;
	bool given;            /* the packet of heap[0] was given out: read on before the next */
	const char *expression;
	struct filter *filters;
	size_t filter_count;
	size_t filter_wrong;
	struct source_stats stats;
	void (*complain)(void *arg, const char *line);
	void *arg;
	struct source_error *only_error; /* while the only file is opened: its trouble goes there */
	char filter_trouble[PCAP_ERRBUF_SIZE];
};

__attribute__((format(printf, 2, 3)))
static void complain(struct source *s, const char *format, ...)
{
	struct buf line = {0};
	va_list args;

	if (!s->complain)
		return;
	va_start(args, format);
	buf_vprintf(&line, format, args);
	va_end(args);
	s->complain(s->arg, buf_string(&line));
	buf_free(&line);
}

/* A file cannot be read from its start. */
static void refuse(struct source *s, const char *name, const char *why)
{
	size_t n = strlen(name);

	if (s->only_error)
		snprintf(s->only_error->text, sizeof(s->only_error->text), "%s: %s",
			name + (n > NAME_SHOWN ? n - NAME_SHOWN : 0), why);
	else
		complain(s, "%s: %s", name, why);
}

/* The numbers of the file format and of libpcap are the same but for raw IP (pcap-linktype(7)). */
static int dlt_of(int linktype)
{
	return linktype == LINKTYPE_RAW ? DLT_RAW : linktype;
}

static void filter_compile(struct source *s, struct filter *f)
{
	pcap_t *dead = pcap_open_dead(dlt_of(f->linktype), SNAPLEN_MAX);

	f->wrong = !dead ||
		pcap_compile(dead, &f->program, s->expression, 1, PCAP_NETMASK_UNKNOWN) != 0;
	if (f->wrong) {
		s->filter_wrong++;
		snprintf(s->filter_trouble, sizeof(s->filter_trouble), "%s",
			dead ? pcap_geterr(dead) : "out of memory");
	}
	if (dead)
		pcap_close(dead);
}

/* Wrong for every link type so far: then it is the expression that is wrong. */
static bool filter_is_wrong(const struct source *s)
{
	return s->filter_count && s->filter_wrong == s->filter_count;
}

static struct filter *filter_for(struct source *s, int linktype)
{
	struct filter *f;

	for (size_t i = 0; i < s->filter_count; i++)
		if (s->filters[i].linktype == linktype)
			return &s->filters[i];
	s->filters = xrealloc(s->filters, (s->filter_count + 1) * sizeof(*s->filters));
	f = &s->filters[s->filter_count++];
	*f = (struct filter){.linktype = linktype};
	filter_compile(s, f);
	if (f->wrong && !filter_is_wrong(s))
		complain(s, "the filter has no meaning for link type %d (%s): its packets are left out",
			linktype, s->filter_trouble);
	return f;
}

static bool filter_passes(struct source *s, const struct packet *p)
{
	struct pcap_pkthdr header = {.caplen = p->captured, .len = p->length};
	const struct filter *f;

	if (!s->expression)
		return true;
	f = filter_for(s, p->linktype);
	if (!f->wrong && pcap_offline_filter(&f->program, &header, p->data))
		return true;
	s->stats.filtered++;
	return false;
}

/* The file ends here, but not as it should. */
static void reader_trouble(struct source *s, struct reader *r, bool truncated, const char *why)
{
	if (truncated) {
		s->stats.truncated = true;
		complain(s, "%s: the file ends inside packet %u; what is before it was read", r->name,
			r->packet.frame + 1);
	} else if (r->packet.frame) {
		s->stats.broken = true;
		complain(s, "%s: unreadable after packet %u: %s; what is before it was read", r->name,
			r->packet.frame, why);
	} else {
		s->stats.broken = r->failed = true;
		refuse(s, r->name, why);
	}
}

static bool read_pcap(struct source *s, struct reader *r)
{
	struct pcap_pkthdr *header;
	int result = pcap_next_ex(r->pcap, &header, &r->packet.data);

	if (result == 1) {
		r->packet.captured = header->caplen;
		r->packet.length = header->len;
		/* the file has 32 bits without a sign */
		r->packet.time = (int64_t)(uint32_t)header->ts.tv_sec * 1000000000 + header->ts.tv_usec;
		r->packet.frame++;
		return true;
	}
	if (result != PCAP_ERROR_BREAK)
		reader_trouble(s, r, strstr(pcap_geterr(r->pcap), "truncated"), pcap_geterr(r->pcap));
	return false;
}

static bool read_pcapng(struct source *s, struct reader *r)
{
	enum pcapng_result result = pcapng_next(r->pcapng, &r->packet);

	if (result == PCAPNG_PACKET)
		return true;
	if (result != PCAPNG_END)
		reader_trouble(s, r, result == PCAPNG_TRUNCATED, pcapng_trouble(r->pcapng));
	return false;
}

/* The next packet of the file that passes the filter. False: the file is done. */
static bool reader_next(struct source *s, struct reader *r)
{
	while (r->pcap ? read_pcap(s, r) : read_pcapng(s, r)) {
		s->stats.packets++;
		if (filter_passes(s, &r->packet))
			return true;
		if (filter_is_wrong(s))
			return false;
	}
	return false;
}

static void reader_close(struct reader *r)
{
	if (r->pcap)
		pcap_close(r->pcap);
	pcapng_free(r->pcapng);
	free(r->buffer);
	free(r);
}

/* False: `why` tells. The input is gone either way. */
static bool open_pcap(struct reader *r, struct input *in, size_t files, char why[PCAP_ERRBUF_SIZE])
{
	struct slice head = input_head(in);
	const uint8_t *bytes = (const uint8_t *)head.p;
	FILE *stream;
	size_t size = files > MANY ? BUFFER_SIZE_MANY : BUFFER_SIZE;

	if (head.n < 24) {
		snprintf(why, PCAP_ERRBUF_SIZE, "a pcap file that ends inside its header");
		input_close(in);
		return false;
	}
	/* as in the file: libpcap has other numbers for some; the upper bits are not the type */
	r->packet.linktype = (int)(file32(bytes + 20, bytes[0] == 0xa1) & 0x03ffffff);
	stream = input_stream(in);
	if (!stream) {
		input_close(in);
		snprintf(why, PCAP_ERRBUF_SIZE, "out of memory");
		return false;
	}
	r->buffer = xmalloc(size);
	setvbuf(stream, r->buffer, _IOFBF, size);
	r->pcap = pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, why);
	if (!r->pcap)
		fclose(stream);
	return r->pcap != NULL;
}

/* NULL: complained. */
static struct reader *reader_open(struct source *s, const char *path, uint16_t number, size_t files)
{
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path, *trouble;
	struct reader *r;
	struct input *in = input_open(path, &trouble);
	char why[PCAP_ERRBUF_SIZE];

	if (!in) {
		refuse(s, name, trouble);
		return NULL;
	}
	if (input_kind(in) == INPUT_OTHER) {
		refuse(s, name, input_describe(in));
		input_close(in);
		return NULL;
	}
	r = xcalloc(1, sizeof(*r));
	r->name = name;
	r->packet.file = number;
	if (input_kind(in) == INPUT_PCAPNG) {
		r->pcapng = pcapng_new(in);
	} else if (!open_pcap(r, in, files, why)) {
		refuse(s, name, why);
		reader_close(r);
		return NULL;
	}
	return r;
}

static bool earlier(const struct reader *a, const struct reader *b)
{
	return a->packet.time < b->packet.time ||
		(a->packet.time == b->packet.time && a->packet.file < b->packet.file);
}

static void sift_down(struct source *s, size_t i)
{
	struct reader **heap = s->heap;

	for (;;) {
		size_t least = i, child = 2 * i + 1;
		struct reader *swap = heap[i];

		if (child < s->count && earlier(heap[child], heap[least]))
			least = child;
		if (child + 1 < s->count && earlier(heap[child + 1], heap[least]))
			least = child + 1;
		if (least == i)
			return;
		heap[i] = heap[least];
		heap[least] = swap;
		i = least;
	}
}

/* True: the file could be read, were it without a packet. */
static bool add_file(struct source *s, const char *path, uint16_t number, size_t files)
{
	struct reader *r = reader_open(s, path, number, files);
	bool failed;

	if (!r)
		return false;
	if (reader_next(s, r)) {
		s->heap[s->count++] = r;
		return true;
	}
	failed = r->failed;
	reader_close(r);
	return !failed;
}

/* The number of files that could not be read. */
static size_t add_files(struct source *s, const char *const *paths, size_t count)
{
	size_t failed = 0;
	bool stdin_seen = false;

	s->heap = xcalloc(count, sizeof(*s->heap));
	for (size_t i = 0; i < count; i++) {
		bool is_stdin = strcmp(paths[i], "-") == 0;

		if (is_stdin && stdin_seen) {
			complain(s, "standard input: named twice, but it can be read once only");
			failed++;
		} else if (!add_file(s, paths[i], (uint16_t)(i + 1), count)) {
			failed++;
		}
		stdin_seen |= is_stdin;
	}
	for (size_t i = s->count; i-- > 0;)
		sift_down(s, i);
	return failed;
}

struct source *source_open(const char *const *paths, size_t count, const char *filter,
	void (*complain_to)(void *arg, const char *line), void *arg, size_t *failed,
	struct source_error *error)
{
	struct source *s = xcalloc(1, sizeof(*s));

	error->text[0] = '\0';
	*failed = 0;
	s->complain = complain_to;
	s->arg = arg;
	s->only_error = count == 1 ? error : NULL;
	s->expression = filter && *filter ? filter : NULL;
	if (s->expression)
		filter_for(s, LINKTYPE_ETHERNET);
	if (!count || count > FILES_MAX)
		snprintf(error->text, sizeof(error->text), "%zu captures; name 1 to %d", count, FILES_MAX);
	else if ((*failed = add_files(s, paths, count)) == count && count > 1)
		snprintf(error->text, sizeof(error->text), "none of the %zu captures could be read", count);
	else if (filter_is_wrong(s))
		snprintf(error->text, sizeof(error->text), "the filter \"%.80s\" is wrong: %.120s", filter,
			s->filter_trouble);
	s->only_error = NULL;
	if (*error->text) {
		source_close(s);
		return NULL;
	}
	return s;
}

int source_next(struct source *s, struct packet *out)
{
	if (s->given) {
		s->given = false;
		if (!reader_next(s, s->heap[0])) {
			reader_close(s->heap[0]);
			s->heap[0] = s->heap[--s->count];
		}
		if (s->count > 1)
			sift_down(s, 0);
	}
	if (!s->count)
		return 0;
	*out = s->heap[0]->packet;
	s->given = true;
	return 1;
}

const struct source_stats *source_stats(const struct source *s)
{
	return &s->stats;
}

void source_close(struct source *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->count; i++)
		reader_close(s->heap[i]);
	for (size_t i = 0; i < s->filter_count; i++)
		if (!s->filters[i].wrong)
			pcap_freecode(&s->filters[i].program);
	free(s->filters);
	free(s->heap);
	free(s);
}

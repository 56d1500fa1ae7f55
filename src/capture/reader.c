#include "capture/reader.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "capture/bytes.h"
#include "capture/pcapng.h"
#include "capture/textlog.h"

enum {
	BUFFER_SIZE = 1 << 20,       /* of a pcap file; with many files each gets less */
	BUFFER_SIZE_MANY = 64 << 10,
	MANY = 16,
};

struct reader {
	const char *name;
	struct input *in;       /* owned by what reads it */
	pcap_t *pcap;           /* either this ... */
	char *buffer;
	struct pcapng *pcapng;  /* ... or this ... */
	struct textlog *text;   /* ... or this */
	size_t secrets;         /* bytes of them that were given */
	char trouble[READER_TROUBLE];
	struct packet packet;
};

const struct packet *reader_packet(const struct reader *r)
{
	return &r->packet;
}

const char *reader_trouble(const struct reader *r)
{
	return r->trouble;
}

const char *reader_name(const struct reader *r)
{
	return r->name;
}

struct slice reader_secrets(struct reader *r)
{
	struct slice all = r->pcapng ? pcapng_secrets(r->pcapng) : SLICE_ABSENT;
	struct slice new = slice_from(all, r->secrets);

	r->secrets = all.n;
	return new;
}

/* The file ends here, but not as it should. */
static enum reader_result ended(struct reader *r, bool truncated, const char *why)
{
	const char *packed = input_trouble(r->in);

	/* who stops following may do so within a packet */
	if (input_stopped(r->in))
		return READER_END;
	snprintf(r->trouble, sizeof(r->trouble), "%s", packed ? packed : why);
	return truncated && !packed ? READER_TRUNCATED : READER_BROKEN;
}

static enum reader_result next_pcap(struct reader *r)
{
	struct pcap_pkthdr *header;
	int result = pcap_next_ex(r->pcap, &header, &r->packet.data);

	if (result == 1) {
		r->packet.captured = header->caplen;
		r->packet.length = header->len;
		/* the file has 32 bits without a sign */
		r->packet.time = (int64_t)(uint32_t)header->ts.tv_sec * 1000000000 + header->ts.tv_usec;
		r->packet.frame++;
		return READER_PACKET;
	}
	if (result != PCAP_ERROR_BREAK || input_trouble(r->in))
		return ended(r, strstr(pcap_geterr(r->pcap), "truncated"), pcap_geterr(r->pcap));
	return READER_END;
}

static enum reader_result next_pcapng(struct reader *r)
{
	enum pcapng_result result = pcapng_next(r->pcapng, &r->packet);

	if (result == PCAPNG_PACKET)
		return READER_PACKET;
	if (result != PCAPNG_END || input_trouble(r->in))
		return ended(r, result == PCAPNG_TRUNCATED, pcapng_trouble(r->pcapng));
	return READER_END;
}

static enum reader_result next_text(struct reader *r)
{
	if (textlog_next(r->text, &r->packet))
		return READER_PACKET;
	if (textlog_found(r->text) && !input_trouble(r->in))
		return READER_END;
	return ended(r, false, "a text file without a whole SIP message; a capture (pcap, pcapng) or a trace is "
		"wanted; for header fields alone there is 'sipauth digest'");
}

enum reader_result reader_next(struct reader *r)
{
	if (r->text)
		return next_text(r);
	return r->pcap ? next_pcap(r) : next_pcapng(r);
}

void reader_close(struct reader *r)
{
	if (r->pcap)
		pcap_close(r->pcap);
	pcapng_free(r->pcapng);
	textlog_free(r->text);
	free(r->buffer);
	free(r);
}

/* False: `why` tells. The input is gone then. */
static bool open_pcap(struct reader *r, size_t files, char why[READER_TROUBLE])
{
	struct slice head = input_head(r->in);
	const uint8_t *bytes = (const uint8_t *)head.p;
	FILE *stream;
	size_t size = files > MANY ? BUFFER_SIZE_MANY : BUFFER_SIZE;
	char trouble[PCAP_ERRBUF_SIZE];

	if (head.n < 24) {
		snprintf(why, READER_TROUBLE, "a pcap file that ends inside its header");
		input_close(r->in);
		return false;
	}
	/* as in the file: libpcap has other numbers for some; the upper bits are not the type */
	r->packet.linktype = (int)(file32(bytes + 20, bytes[0] == 0xa1) & 0x03ffffff);
	stream = input_stream(r->in);
	if (!stream) {
		input_close(r->in);
		snprintf(why, READER_TROUBLE, "out of memory");
		return false;
	}
	r->buffer = xmalloc(size);
	setvbuf(stream, r->buffer, _IOFBF, size);
	r->pcap = pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, trouble);
	if (!r->pcap) {
		snprintf(why, READER_TROUBLE, "%s", trouble);
		fclose(stream);
	}
	return r->pcap;
}

struct reader *reader_open(const char *path, uint16_t number, size_t files, const struct input_wait *wait,
	char why[READER_TROUBLE])
{
	const char *trouble;
	struct reader *r;
	struct input *in = input_open(path, wait, &trouble);

	if (!in || input_kind(in) == INPUT_OTHER) {
		snprintf(why, READER_TROUBLE, "%s", in ? input_describe(in) : trouble);
		input_close(in);
		return NULL;
	}
	r = xcalloc(1, sizeof(*r));
	r->name = strcmp(path, "-") == 0 ? "standard input" : path;
	r->in = in;
	r->packet.file = number;
	if (input_kind(in) == INPUT_TEXT) {
		r->text = textlog_new(in, number);
	} else if (input_kind(in) == INPUT_PCAPNG) {
		r->pcapng = pcapng_new(in);
	} else if (!open_pcap(r, files, why)) {
		reader_close(r);
		return NULL;
	}
	return r;
}

#include "capture/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "capture/pcap.h"
#include "capture/pcapng.h"
#include "capture/textlog.h"

/* What is read at a time: it stays in the cache of a core, and leaves room there for the tables. */
enum { BUFFER_SIZE = 256 << 10 };

struct reader {
	const char *name;
	struct input *in;       /* owned by what reads it */
	struct pcap_file *pcap; /* either this ... */
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
	struct slice all, new;

	if (!r->pcapng)
		return SLICE_ABSENT;
	all = pcapng_secrets(r->pcapng);
	new = slice_from(all, r->secrets);
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
	enum pcap_result result = pcap_file_next(r->pcap, &r->packet);

	if (result == PCAP_PACKET)
		return READER_PACKET;
	if (result != PCAP_END || input_trouble(r->in))
		return ended(r, result == PCAP_TRUNCATED, pcap_file_trouble(r->pcap));
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
	pcap_file_free(r->pcap);
	pcapng_free(r->pcapng);
	textlog_free(r->text);
	free(r);
}

struct reader *reader_open(const char *path, uint16_t number, const struct input_wait *wait,
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
	if (input_kind(in) == INPUT_TEXT)
		r->text = textlog_new(in, number);
	else if (input_kind(in) == INPUT_PCAPNG)
		r->pcapng = pcapng_new(in, BUFFER_SIZE);
	else
		r->pcap = pcap_file_new(in, BUFFER_SIZE);
	return r;
}

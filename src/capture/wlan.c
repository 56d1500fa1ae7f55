/* IEEE 802.11 data frames, bare and behind the headers of monitor mode: radiotap, Prism, AVS, PPI. */
#include "capture/bytes.h"
#include "capture/layers.h"

enum {
	TYPE_DATA = 2,
	SUBTYPE_NULL = 4, /* a bit: no data */
	SUBTYPE_QOS = 8,  /* a bit: two bytes more */
	FLAG_DS = 3,      /* to and from the distribution system: four addresses */
	FLAG_MORE = 4,
	FLAG_PROTECTED = 0x40,
	FLAG_ORDER = 0x80,
	SUBFRAMES_MAX = 64,
};

static void undecoded(struct dissector *d, enum undecoded why)
{
	d->stats.undecoded[why]++;
}

/* An aggregate of Ethernet-like frames (A-MSDU), each padded to four bytes. */
static void decode_aggregate(struct dissector *d, const struct packet *p, struct span s)
{
	unsigned depth = d->depth;

	for (int i = 0; i < SUBFRAMES_MAX && s.n >= 14; i++) {
		struct span frame = s;
		size_t length = 14u + be16(s.p + 12), padded = (length + 3) & ~(size_t)3;

		span_limit(&frame, length);
		span_skip(&frame, 14);
		d->depth = depth;
		llc_decode(d, p, frame);
		span_skip(&s, padded < s.n ? padded : s.n);
	}
}

static size_t header_of(const struct span *s)
{
	bool qos = (s->p[0] >> 4) & SUBTYPE_QOS;
	size_t header = (s->p[1] & FLAG_DS) == FLAG_DS ? 30 : 24;

	if (qos)
		header += 2;
	if (qos && s->p[1] & FLAG_ORDER)
		header += 4;
	return header;
}

/* `padded`: some drivers put the payload on a multiple of four bytes. */
static void decode_frame(struct dissector *d, const struct packet *p, struct span s, bool padded)
{
	size_t header, qos;
	bool aggregate;

	if (s.n < 24) {
		/* control frames are that short */
		undecoded(d, s.n >= 1 && ((s.p[0] >> 2) & 3) != TYPE_DATA ? UNDECODED_NOT_IP :
			UNDECODED_TRUNCATED);
		return;
	}
	if (((s.p[0] >> 2) & 3) != TYPE_DATA || s.p[0] & 3 || (s.p[0] >> 4) & SUBTYPE_NULL) {
		undecoded(d, UNDECODED_NOT_IP);
		return;
	}
	if (s.p[1] & FLAG_PROTECTED) {
		undecoded(d, UNDECODED_ENCRYPTED);
		return;
	}
	/* a fragment of a frame: nobody uses them on data that matters here */
	if (s.p[1] & FLAG_MORE || s.p[22] & 15) {
		undecoded(d, UNDECODED_FRAGMENT);
		return;
	}
	header = header_of(&s);
	qos = (s.p[1] & FLAG_DS) == FLAG_DS ? 30 : 24;
	if (s.n < ((header + 3) & ~(size_t)3)) {
		undecoded(d, UNDECODED_TRUNCATED);
		return;
	}
	aggregate = (s.p[0] >> 4) & SUBTYPE_QOS && s.p[qos] & 0x80;
	if (padded)
		header = (header + 3) & ~(size_t)3;
	span_skip(&s, header);
	if (aggregate)
		decode_aggregate(d, p, s);
	else
		llc_decode(d, p, s);
}

void wlan_decode(struct dissector *d, const struct packet *p, struct span s)
{
	decode_frame(d, p, s, false);
}

/* The flags field of radiotap, 0 if there is none; behind the bit masks only the time stamp may precede it. */
static unsigned radiotap_flags(struct span s, size_t length)
{
	size_t at = 4;
	uint32_t present = le32(s.p + 4);

	while (at + 4 <= length && le32(s.p + at) & 0x80000000)
		at += 4;
	at += 4;
	if (present & 1)
		at = ((at + 7) & ~(size_t)7) + 8;
	return present & 2 && at < length ? s.p[at] : 0;
}

void radiotap_decode(struct dissector *d, const struct packet *p, struct span s)
{
	size_t length = s.n >= 8 ? le16(s.p + 2) : 0;
	unsigned flags;

	if (length < 8 || length > s.n) {
		undecoded(d, UNDECODED_TRUNCATED);
		return;
	}
	flags = radiotap_flags(s, length);
	span_skip(&s, length);
	decode_frame(d, p, s, flags & 0x20);
}

/* Prism, or AVS in its place. */
void prism_decode(struct dissector *d, const struct packet *p, struct span s)
{
	size_t length = 144;

	if (s.n >= 8 && be32(s.p) >> 12 == 0x80211)
		length = be32(s.p + 4);
	if (s.n < length) {
		undecoded(d, UNDECODED_TRUNCATED);
		return;
	}
	span_skip(&s, length);
	decode_frame(d, p, s, false);
}

void ppi_decode(struct dissector *d, const struct packet *p, struct span s)
{
	size_t length = s.n >= 8 ? le16(s.p + 2) : 0;
	uint32_t type;

	if (length < 8 || length > s.n) {
		undecoded(d, UNDECODED_TRUNCATED);
		return;
	}
	type = le32(s.p + 4);
	span_skip(&s, length);
	if (type == LINKTYPE_WLAN)
		decode_frame(d, p, s, false);
	else
		undecoded(d, UNDECODED_LINK_TYPE);
}

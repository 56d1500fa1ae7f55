#include "capture/hep.h"

#include <string.h>

#include "capture/bytes.h"
#include "capture/unpack.h"
#include "sip/frame.h"

enum {
	CHUNK_PROTOCOL = 2, CHUNK_SRC4 = 3, CHUNK_DST4 = 4, CHUNK_SRC6 = 5, CHUNK_DST6 = 6,
	CHUNK_SRC_PORT = 7, CHUNK_DST_PORT = 8, CHUNK_SECONDS = 9, CHUNK_MICROSECONDS = 10,
	CHUNK_KIND = 11, CHUNK_PAYLOAD = 15, CHUNK_PACKED = 16,
	KIND_SIP = 1,
	CHUNKS_MAX = 64,
};

static const int64_t second = 1000000000;

struct hep {
	const struct dissect_sink *sink;
	struct dissect_stats *stats;
	struct datagram out;
	uint32_t seconds, microseconds;
	bool is_sip;
	struct slice packed;
};

static enum transport transport_of(unsigned protocol)
{
	return protocol == IP_TCP ? TRANSPORT_TCP : protocol == IP_SCTP ? TRANSPORT_SCTP : TRANSPORT_UDP;
}

static void set_address(struct address *a, const uint8_t *bytes, uint8_t family)
{
	a->family = family;
	memcpy(a->ip, bytes, family == 4 ? 4 : 16);
}

/*
 * The agent's time, which is that of the message on its wire; unless the agent's clock has nothing to do with
 * the one here.
 */
static int64_t time_of(const struct hep *h, const struct packet *p)
{
	int64_t time = h->seconds * second + h->microseconds * INT64_C(1000);
	int64_t off = time - p->time;

	return h->seconds && off < 60 * second && off > -60 * second ? time : p->time;
}

static void give(const struct packet *p, struct hep *h)
{
	char text[FRAME_MAX];

	if (h->packed.n) {
		ssize_t n = unpack_block(h->packed, text, sizeof(text));

		if (n < 0) {
			h->stats->undecoded[UNDECODED_TUNNEL]++;
			return;
		}
		h->out.bytes = (struct slice){text, (size_t)n};
	}
	if (!h->out.src.family || !sip_looks_like(h->out.bytes))
		return;
	h->out.time = time_of(h, p);
	h->out.frame = p->frame;
	h->out.file = p->file;
	/* what agents send comes in another order than it was on their wires */
	h->out.late = true;
	h->stats->datagrams++;
	if (h->sink->datagram)
		h->sink->datagram(h->sink->arg, &h->out);
}

static void take_chunk(struct hep *h, unsigned type, const uint8_t *value, size_t n)
{
	uint32_t number = n == 1 ? value[0] : n == 2 ? be16(value) : n >= 4 ? be32(value) : 0;

	switch (type) {
	case CHUNK_PROTOCOL:
		h->out.transport = transport_of(number);
		break;
	case CHUNK_SRC4:
	case CHUNK_DST4:
		if (n == 4)
			set_address(type == CHUNK_SRC4 ? &h->out.src : &h->out.dst, value, 4);
		break;
	case CHUNK_SRC6:
	case CHUNK_DST6:
		if (n == 16)
			set_address(type == CHUNK_SRC6 ? &h->out.src : &h->out.dst, value, 6);
		break;
	case CHUNK_SRC_PORT:
		h->out.src.port = (uint16_t)number;
		break;
	case CHUNK_DST_PORT:
		h->out.dst.port = (uint16_t)number;
		break;
	case CHUNK_SECONDS:
		h->seconds = number;
		break;
	case CHUNK_MICROSECONDS:
		h->microseconds = number;
		break;
	case CHUNK_KIND:
		h->is_sip = number == KIND_SIP;
		break;
	case CHUNK_PAYLOAD:
		h->out.bytes = (struct slice){(const char *)value, n};
		break;
	case CHUNK_PACKED:
		h->packed = (struct slice){(const char *)value, n};
		break;
	default:
		break;
	}
}

ssize_t hep_length(struct slice in)
{
	size_t n;

	if (memcmp(in.n ? in.p : "", "HEP3", in.n < 4 ? in.n : 4))
		return -1;
	if (in.n < 6)
		return 0;
	n = be16((const uint8_t *)in.p + 4);
	return n < 12 ? -1 : (ssize_t)n;
}

static void decode_3(struct hep *h, const struct packet *p, struct span s)
{
	h->is_sip = true;

	if (be16(s.p + 4) >= 6)
		span_limit(&s, be16(s.p + 4));
	if (s.n < 6)
		return;
	span_skip(&s, 6);
	for (int i = 0; i < CHUNKS_MAX && s.n >= 6; i++) {
		size_t length = be16(s.p + 4), here;

		if (length < 6)
			break;
		here = length < s.n ? length : s.n;
		/* other vendors' chunks are their own business */
		if (!be16(s.p))
			take_chunk(h, be16(s.p + 2), s.p + 6, here - 6);
		if (!be16(s.p) && be16(s.p + 2) == CHUNK_PAYLOAD)
			h->out.cut = length - here;
		span_skip(&s, here);
	}
	if (h->is_sip)
		give(p, h);
}

/* The time is in the byte order of the agent: that which is near. */
static void set_time(struct hep *h, const uint8_t *at, int64_t now)
{
	int64_t big = be32(at) * second - now, little = le32(at) * second - now;
	bool is_big = (big < 0 ? -big : big) < (little < 0 ? -little : little);

	h->seconds = is_big ? be32(at) : le32(at);
	h->microseconds = is_big ? be32(at + 4) : le32(at + 4);
}

static void decode_2(struct hep *h, const struct packet *p, struct span s)
{
	size_t address = s.p[2] == 2 ? 4 : 16, header = s.p[1], fixed = 8 + 2 * address;

	if (header < fixed || s.n < header)
		return;
	h->out.transport = transport_of(s.p[3]);
	set_address(&h->out.src, s.p + 8, address == 4 ? 4 : 6);
	set_address(&h->out.dst, s.p + 8 + address, address == 4 ? 4 : 6);
	h->out.src.port = be16(s.p + 4);
	h->out.dst.port = be16(s.p + 6);
	if (s.p[0] == 2 && header >= fixed + 8)
		set_time(h, s.p + fixed, p->time);
	span_skip(&s, header);
	h->out.bytes = (struct slice){(const char *)s.p, s.n};
	h->out.cut = span_cut(&s);
	give(p, h);
}

bool hep_decode(const struct dissect_sink *sink, struct dissect_stats *stats, const struct packet *p,
	struct span s)
{
	struct hep h = {.sink = sink, .stats = stats};

	if (!hep_begins(s.p, s.n))
		return false;
	if (s.p[0] == 'H')
		decode_3(&h, p, s);
	else
		decode_2(&h, p, s);
	return true;
}

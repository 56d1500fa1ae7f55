#include "capture/pdu.h"

#include <string.h>

#include "capture/bytes.h"
#include "sip/frame.h"

enum {
	TAG_END = 0, TAG_NAME = 12,
	TAG_SRC4 = 20, TAG_DST4 = 21, TAG_SRC6 = 22, TAG_DST6 = 23,
	TAG_PORT_TYPE = 24, TAG_SRC_PORT = 25, TAG_DST_PORT = 26,
	PORT_SCTP = 1, PORT_TCP = 2, PORT_UDP = 3,
	TAGS_MAX = 64,
};

static void set_address(struct address *a, const uint8_t *value, size_t n)
{
	if (n != 4 && n != 16)
		return;
	a->family = n == 4 ? 4 : 6;
	memcpy(a->ip, value, n);
}

static void take_tag(struct datagram *out, unsigned type, const uint8_t *value, size_t n)
{
	uint32_t number = n >= 4 ? be32(value) : 0;

	switch (type) {
	case TAG_SRC4:
	case TAG_SRC6:
		set_address(&out->src, value, n);
		break;
	case TAG_DST4:
	case TAG_DST6:
		set_address(&out->dst, value, n);
		break;
	case TAG_PORT_TYPE:
		out->transport = number == PORT_TCP ? TRANSPORT_TCP : number == PORT_SCTP ? TRANSPORT_SCTP :
			TRANSPORT_UDP;
		break;
	case TAG_SRC_PORT:
		out->src.port = (uint16_t)number;
		break;
	case TAG_DST_PORT:
		out->dst.port = (uint16_t)number;
		break;
	default:
		break;
	}
}

void pdu_decode(struct dissector *d, const struct packet *p, struct span s)
{
	struct datagram out = {.time = p->time, .frame = p->frame, .file = p->file};
	unsigned type = 1;

	for (int i = 0; i < TAGS_MAX && type != TAG_END; i++) {
		size_t n = s.n >= 4 ? be16(s.p + 2) : 0, padded = (n + 3) & ~(size_t)3;

		if (s.n < 4 || s.n - 4 < padded) {
			d->stats.undecoded[UNDECODED_TRUNCATED]++;
			return;
		}
		type = be16(s.p);
		take_tag(&out, type, s.p + 4, n);
		span_skip(&s, 4 + padded);
	}
	out.bytes = (struct slice){(const char *)s.p, s.n};
	out.cut = span_cut(&s);
	if (!out.src.family || !sip_looks_like(out.bytes)) {
		d->stats.undecoded[UNDECODED_NOT_IP] += !out.src.family;
		return;
	}
	d->stats.datagrams++;
	if (d->sink.datagram)
		d->sink.datagram(d->sink.arg, &out);
}

static void put_tag(struct buf *out, unsigned type, const void *value, size_t n)
{
	uint8_t head[4] = {0, (uint8_t)type, 0, (uint8_t)n};

	buf_add(out, head, 4);
	buf_add(out, value, n);
	buf_add(out, "\0\0\0", -n & 3);
}

static void put_number(struct buf *out, unsigned type, uint32_t value)
{
	uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};

	put_tag(out, type, bytes, 4);
}

void pdu_write(struct buf *out, const struct address *src, const struct address *dst, enum transport transport,
	struct slice message)
{
	unsigned type = transport == TRANSPORT_UDP ? PORT_UDP : transport == TRANSPORT_SCTP ? PORT_SCTP : PORT_TCP;

	put_tag(out, TAG_NAME, "sip", 3);
	put_tag(out, src->family == 4 ? TAG_SRC4 : TAG_SRC6, src->ip, src->family == 4 ? 4 : 16);
	put_tag(out, dst->family == 4 ? TAG_DST4 : TAG_DST6, dst->ip, dst->family == 4 ? 4 : 16);
	put_number(out, TAG_PORT_TYPE, type);
	put_number(out, TAG_SRC_PORT, src->port);
	put_number(out, TAG_DST_PORT, dst->port);
	put_tag(out, TAG_END, "", 0);
	buf_add_slice(out, message);
}

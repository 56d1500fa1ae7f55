/*
 * -w: the messages as packets, in IP and UDP or TCP headers made for them. What went over TLS or
 * WebSocket is written as plain TCP: no keys are needed, and `sipauth analyze` reads it back.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/packet.h"
#include "cmd_probe.h"
#include "report/pcapng.h"

enum {
	LINKTYPE_RAW = 101,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	IP4_HEAD = 20,
	IP6_HEAD = 40,
	UDP_HEAD = 8,
	TCP_HEAD = 20,
	PACKET_MAX = 65535,
	SEGMENT_MAX = 16384,
	FLOWS_MAX = 64
};

/* The bytes that one side of a connection has sent. */
struct flow {
	struct address src, dst;
	uint32_t sent;
};

struct probe_keep {
	struct pcapng_writer *writer;
	struct flow flows[FLOWS_MAX];
	unsigned flow_count;
	uint16_t id;
	uint8_t packet[PACKET_MAX];
};

struct probe_keep *probe_keep_open(const char *path)
{
	struct pcapng_writer_error error;
	struct pcapng_writer *writer = pcapng_writer_open(path, &error);
	struct probe_keep *k;

	if (!writer) {
		err_line("%s", error.text);
		return NULL;
	}
	k = xcalloc(1, sizeof(*k));
	k->writer = writer;
	return k;
}

bool probe_keep_close(struct probe_keep *k)
{
	struct pcapng_writer_error error;
	bool done;

	if (!k)
		return true;
	done = pcapng_writer_close(k->writer, &error);
	if (!done)
		err_line("%s", error.text);
	free(k);
	return done;
}

/* ---- packets ---- */

static void put16(uint8_t *p, unsigned value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static void put32(uint8_t *p, uint32_t value)
{
	put16(p, value >> 16);
	put16(p + 2, value & 0xffff);
}

static uint32_t sum16(uint32_t sum, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	return sum;
}

static unsigned checksum(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

/* Over the pseudo-header and the segment (RFC 768, RFC 9293 3.1, RFC 8200 8.1). */
static unsigned transport_checksum(
	const struct datagram *d, unsigned protocol, const uint8_t *segment, size_t n)
{
	size_t length = d->src.family == 6 ? 16 : 4;
	uint32_t sum = sum16(sum16(0, d->src.ip, length), d->dst.ip, length);
	unsigned result = checksum(sum16(sum + protocol + (uint32_t)n, segment, n));

	return result ? result : 0xffff;
}

static size_t put_ip(struct probe_keep *k, const struct datagram *d, unsigned protocol, size_t n)
{
	uint8_t *p = k->packet;

	if (d->src.family == 6) {
		memset(p, 0, IP6_HEAD);
		p[0] = 0x60;
		put16(p + 4, (unsigned)n);
		p[6] = (uint8_t)protocol;
		p[7] = 64;
		memcpy(p + 8, d->src.ip, 16);
		memcpy(p + 24, d->dst.ip, 16);
		return IP6_HEAD;
	}
	memset(p, 0, IP4_HEAD);
	p[0] = 0x45;
	put16(p + 2, (unsigned)(IP4_HEAD + n));
	put16(p + 4, ++k->id);
	p[8] = 64;
	p[9] = (uint8_t)protocol;
	memcpy(p + 12, d->src.ip, 4);
	memcpy(p + 16, d->dst.ip, 4);
	put16(p + 10, checksum(sum16(0, p, IP4_HEAD)));
	return IP4_HEAD;
}

static void write_packet(struct probe_keep *k, const struct datagram *d, size_t n)
{
	struct packet p = {k->packet, (uint32_t)n, (uint32_t)n, LINKTYPE_RAW, d->time, d->frame, 1};

	pcapng_writer_packet(k->writer, &p);
}

static void keep_udp(struct probe_keep *k, const struct datagram *d)
{
	size_t room = PACKET_MAX - IP6_HEAD - UDP_HEAD, n = d->bytes.n < room ? d->bytes.n : room;
	size_t head = put_ip(k, d, PROTOCOL_UDP, UDP_HEAD + n);
	uint8_t *p = k->packet + head;

	put16(p, d->src.port);
	put16(p + 2, d->dst.port);
	put16(p + 4, (unsigned)(UDP_HEAD + n));
	put16(p + 6, 0);
	memcpy(p + UDP_HEAD, d->bytes.p, n);
	put16(p + 6, transport_checksum(d, PROTOCOL_UDP, p, UDP_HEAD + n));
	write_packet(k, d, head + UDP_HEAD + n);
}

static uint32_t *sent_by(struct probe_keep *k, const struct address *src, const struct address *dst)
{
	static uint32_t lost;

	for (unsigned i = 0; i < k->flow_count; i++)
		if (address_eq(&k->flows[i].src, src) && address_eq(&k->flows[i].dst, dst))
			return &k->flows[i].sent;
	if (k->flow_count == FLOWS_MAX)
		return &lost;
	k->flows[k->flow_count] = (struct flow){*src, *dst, 1};
	return &k->flows[k->flow_count++].sent;
}

static void keep_segment(struct probe_keep *k, const struct datagram *d, struct slice part)
{
	uint32_t *sent = sent_by(k, &d->src, &d->dst), *received = sent_by(k, &d->dst, &d->src);
	size_t head = put_ip(k, d, PROTOCOL_TCP, TCP_HEAD + part.n);
	uint8_t *p = k->packet + head;

	memset(p, 0, TCP_HEAD);
	put16(p, d->src.port);
	put16(p + 2, d->dst.port);
	put32(p + 4, *sent);
	put32(p + 8, *received);
	p[12] = TCP_HEAD / 4 << 4;
	p[13] = 0x18; /* PSH, ACK */
	put16(p + 14, 0xffff);
	memcpy(p + TCP_HEAD, part.p, part.n);
	put16(p + 16, transport_checksum(d, PROTOCOL_TCP, p, TCP_HEAD + part.n));
	*sent += (uint32_t)part.n;
	write_packet(k, d, head + TCP_HEAD + part.n);
}

void probe_keep_datagram(struct probe_keep *k, const struct datagram *d)
{
	struct slice rest = d->bytes;

	if (d->transport == TRANSPORT_UDP) {
		keep_udp(k, d);
		return;
	}
	while (rest.n) {
		struct slice part = slice_head(rest, rest.n < SEGMENT_MAX ? rest.n : SEGMENT_MAX);

		keep_segment(k, d, part);
		rest = slice_from(rest, part.n);
	}
}

#include "wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ETHERNET = 14, IP = 20, UDP = 8, TCP = 32, TCP_PROTOCOL = 6, UDP_PROTOCOL = 17 };

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

static void fail(const char *what)
{
	fprintf(stderr, "generate: %s: %s\n", what, strerror(errno));
	exit(2);
}

void wire_open(struct wire *w, const char *path)
{
	static const uint32_t header[6] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, 1 /* Ethernet */};

	*w = (struct wire){.file = fopen(path, "w"), .time = INT64_C(1795342921000000)}; /* 2026-11-22T10:22:01Z */
	if (!w->file)
		fail(path);
	setvbuf(w->file, NULL, _IOFBF, 1 << 20);
	fwrite(header, sizeof(header), 1, w->file);
}

void wire_close(struct wire *w)
{
	if (ferror(w->file) | fclose(w->file))
		fail("cannot write the capture");
}

static void ip_header(struct wire *w, uint8_t *p, const struct endpoint *from, const struct endpoint *to,
	uint8_t protocol, size_t length)
{
	uint32_t sum = 0;

	memset(p, 0, IP);
	p[0] = 0x45;
	put16(p + 2, (unsigned)(IP + length));
	put16(p + 4, ++w->ip_id);
	p[6] = 0x40;
	p[8] = 64;
	p[9] = protocol;
	put32(p + 12, from->ip);
	put32(p + 16, to->ip);
	for (int i = 0; i < IP; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	sum = (sum & 0xffff) + (sum >> 16);
	put16(p + 10, ~(sum + (sum >> 16)) & 0xffff);
}

/* A packet whose header above IP is in its place in `head`; the Ethernet addresses say nothing. */
static void put(struct wire *w, uint8_t *head, size_t header, const struct endpoint *from, const struct endpoint *to,
	uint8_t protocol, const void *bytes, size_t n)
{
	uint32_t size = (uint32_t)(ETHERNET + IP + header + n);
	uint32_t record[4] = {(uint32_t)(w->time / 1000000), (uint32_t)(w->time % 1000000), size, size};

	memcpy(head, "\2\0\0\0\0\1\2\0\0\0\0\2\10\0", ETHERNET);
	ip_header(w, head + ETHERNET, from, to, protocol, header + n);
	fwrite(record, sizeof(record), 1, w->file);
	fwrite(head, ETHERNET + IP + header, 1, w->file);
	fwrite(bytes, 1, n, w->file);
	w->packets++;
}

/* Neither checksum is filled in: 0 is none for UDP, and what a card that computes it leaves behind for TCP. */
void wire_udp(struct wire *w, const struct endpoint *from, const struct endpoint *to, const void *bytes, size_t n)
{
	uint8_t head[ETHERNET + IP + UDP], *p = head + ETHERNET + IP;

	put16(p, from->port);
	put16(p + 2, to->port);
	put16(p + 4, (unsigned)(UDP + n));
	put16(p + 6, 0);
	put(w, head, UDP, from, to, UDP_PROTOCOL, bytes, n);
}

void wire_tcp(struct wire *w, const struct endpoint *from, const struct endpoint *to, uint32_t seq, uint32_t ack,
	unsigned flags, const void *bytes, size_t n)
{
	uint8_t head[ETHERNET + IP + TCP] = {0}, *p = head + ETHERNET + IP;

	put16(p, from->port);
	put16(p + 2, to->port);
	put32(p + 4, seq);
	put32(p + 8, ack);
	p[12] = TCP / 4 << 4;
	p[13] = (uint8_t)flags;
	put16(p + 14, 64240);
	memcpy(p + 20, "\1\1\10\12", 4); /* timestamps, as everybody sends them */
	put32(p + 24, (uint32_t)(w->time / 1000));
	put32(p + 28, (uint32_t)(w->time / 1000));
	put(w, head, TCP, from, to, TCP_PROTOCOL, bytes, n);
}

/* A capture file (pcap, Ethernet, IPv4) that is written packet by packet, and what UDP and TCP put around bytes. */
#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct endpoint {
	uint32_t ip; /* host order */
	uint16_t port;
};

struct wire {
	FILE *file;
	uint64_t packets;
	int64_t time;   /* of the next packet, microseconds since 1970 */
	uint16_t ip_id;
};

enum { WIRE_FIN = 1, WIRE_SYN = 2, WIRE_PSH = 8, WIRE_ACK = 16, WIRE_SEGMENT = 1448 };

/* Ends the program if it cannot write. */
void wire_open(struct wire *w, const char *path);
void wire_close(struct wire *w);
void wire_udp(struct wire *w, const struct endpoint *from, const struct endpoint *to, const void *bytes, size_t n);
/* At most WIRE_SEGMENT bytes. */
void wire_tcp(struct wire *w, const struct endpoint *from, const struct endpoint *to, uint32_t seq, uint32_t ack,
	unsigned flags, const void *bytes, size_t n);

#endif

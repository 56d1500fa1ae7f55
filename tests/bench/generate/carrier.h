/* What carries the messages of a client and a server: UDP, a TCP connection, or TLS in one. */
#ifndef BENCH_CARRIER_H
#define BENCH_CARRIER_H

#include <stdbool.h>

#include "wire.h"

enum carrier_kind { CARRIER_UDP, CARRIER_TCP, CARRIER_TLS };

struct ssl_st;

struct carrier {
	enum carrier_kind kind;
	struct endpoint end[2];    /* client, server */
	uint32_t seq[2];
	unsigned sent;
	struct ssl_st *ssl[2];
};

/* Opens the connection, if there is one. TLS writes its secrets to `keylog`. */
void carrier_open(struct carrier *c, struct wire *w, FILE *keylog);
/* `side`: 0 the client sends, 1 the server. */
void carrier_send(struct carrier *c, struct wire *w, int side, const char *bytes, size_t n);
void carrier_close(struct carrier *c, struct wire *w);

#endif

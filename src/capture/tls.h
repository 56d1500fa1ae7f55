/*
 * TLS records and handshakes of one connection, 1.0 to 1.3 (RFC 2246, 5246, 8446): decrypted if its secrets
 * are known. Internal to capture/.
 */
#ifndef CAPTURE_TLS_H
#define CAPTURE_TLS_H

#include "capture/cutter.h"

struct tls;

/* Who gets the text. */
struct tls_reader {
	/* False: it is nothing that can be read. */
	bool (*text)(void *arg, int side, struct output *o, struct slice in, const struct mark *mark);
	/* Some of it is missing. */
	void (*skip)(void *arg, int side, struct output *o);
};

/* Does a handshake begin here: a record with a ClientHello or ServerHello? */
bool tls_begins(struct slice in);
struct tls *tls_new(const struct address *a, const struct address *b);
/* The next bytes of a direction. False: it cannot be read. */
bool tls_take(struct tls *t, int side, struct output *o, struct slice in, const struct mark *mark,
	const struct tls_reader *reader, void *arg);
/* Bytes are missing there. */
void tls_skip(struct tls *t, int side);
/* The connection ends, or is given up: tells if it could not be read. */
void tls_end(struct tls *t, struct output *o);
void tls_free(struct tls *t);

#endif

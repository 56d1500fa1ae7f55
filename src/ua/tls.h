/*
 * TLS for connections (RFC 3261 26.3.1, RFC 5922): the peer must show a certificate for the domain
 * of the URI. The door to OpenSSL's TLS.
 */
#ifndef UA_TLS_H
#define UA_TLS_H

#include <sys/types.h>

#include "ua/conn.h"

struct tls_options {
	bool insecure;           /* any certificate will do */
	const char *ca;          /* file of trusted certificates; NULL: those of the system */
	const char *certificate; /* our own, PEM; NULL: none */
	const char *key;         /* NULL: in the same file */
	const char *keylog;      /* file for the keys of the session; NULL: none */
};

struct tls;

/* Handshake on a connected socket. NULL: *why says why. */
struct tls *tls_open(int fd, const struct tls_options *o, struct slice domain, int64_t until,
	struct conn_failure *why);
/* As read() and write(); if there is nothing to do now, *wait says what to wait for. */
ssize_t tls_read(struct tls *t, void *to, size_t size, short *wait);
ssize_t tls_write(struct tls *t, struct slice bytes, short *wait);
/* What the peer had against us (an alert), if that is why reading failed; else NULL. */
const char *tls_reason(const struct tls *t);
void tls_close(struct tls *t); /* NULL is fine */

#endif

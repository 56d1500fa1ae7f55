/*
 * The ciphers and key derivations of TLS (RFC 5246, RFC 8446) for reading what others sent. The door to
 * OpenSSL of this folder. Internal to capture/.
 */
#ifndef CAPTURE_TLS_CRYPTO_H
#define CAPTURE_TLS_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/slice.h"

enum {
	TLS_1_0 = 0x0301, TLS_1_1 = 0x0302, TLS_1_2 = 0x0303, TLS_1_3 = 0x0304,
	TLS_MASTER = 48,
	TLS_SECRET_MAX = 64,
	TLS_RECORD_MAX = 16384 + 2048, /* RFC 5246 6.2.3 */
};

/* A cipher suite that can be read. */
struct tls_suite;

/* NULL: not known here. */
const struct tls_suite *tls_suite_find(uint16_t id);
/* Is its key exchanged with the server's RSA key? */
bool tls_suite_is_rsa(const struct tls_suite *s);
bool tls_suite_is_13(const struct tls_suite *s);
/* The length of its traffic secrets (TLS 1.3). */
size_t tls_suite_secret(const struct tls_suite *s);

/* Reads the records of one direction. */
struct tls_opener;

/*
 * TLS up to 1.2: the keys of the client's or the server's direction from the master secret. `etm`: MAC over
 * the cipher text (RFC 7366). NULL: the library refuses.
 */
struct tls_opener *tls_opener_new(const struct tls_suite *s, uint16_t version, bool etm, bool server,
	const uint8_t master[TLS_MASTER], const uint8_t client_random[32], const uint8_t server_random[32]);
/* TLS 1.3: from a traffic secret. */
struct tls_opener *tls_opener_new_13(const struct tls_suite *s, const uint8_t *secret);
void tls_opener_free(struct tls_opener *o);
/*
 * Decrypts and checks the record of `in.n` bytes behind its five-byte header; `out` has room for as many.
 * Bytes, or -1: it does not fit the keys or the order; then nothing has changed. `skipped` records before
 * it are known to be missing.
 */
ssize_t tls_opener_open(struct tls_opener *o, const uint8_t header[5], struct slice in, uint64_t skipped,
	uint8_t *out);

/* The next traffic secret after a key update, in place (RFC 8446 7.2). */
bool tls_secret_update(const struct tls_suite *s, uint8_t *secret);
/* From the premaster secret; with `transcript` as extended master secret (RFC 7627). */
bool tls_master(const struct tls_suite *s, uint16_t version, struct slice premaster,
	const uint8_t client_random[32], const uint8_t server_random[32], struct slice transcript,
	uint8_t master[TLS_MASTER]);

/* A server's private key, PEM or DER. */
struct tls_rsa;
/* NULL: *why tells. */
struct tls_rsa *tls_rsa_read(const char *path, const char **why);
void tls_rsa_free(struct tls_rsa *r);
/* The premaster secret out of a ClientKeyExchange: 48 bytes. */
bool tls_rsa_premaster(const struct tls_rsa *r, struct slice encrypted, uint8_t premaster[TLS_MASTER]);

#endif

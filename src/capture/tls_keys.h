/*
 * The secrets of TLS connections: NSS key logs (SSLKEYLOGFILE), sessions that are taken up again, a server's
 * private key. Bounded: the oldest are forgotten.
 */
#ifndef CAPTURE_TLS_KEYS_H
#define CAPTURE_TLS_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum { TLS_KEYS_MAX = 200000, TLS_KEY_MAX = 64 };

/* What a line of a key log holds. */
enum tls_label {
	TLS_LABEL_MASTER,      /* CLIENT_RANDOM: the master secret, up to TLS 1.2 */
	TLS_LABEL_PREMASTER,   /* PMS_CLIENT_RANDOM */
	TLS_LABEL_EARLY,       /* CLIENT_EARLY_TRAFFIC_SECRET */
	TLS_LABEL_CLIENT_HANDSHAKE,
	TLS_LABEL_SERVER_HANDSHAKE,
	TLS_LABEL_CLIENT,      /* CLIENT_TRAFFIC_SECRET_0 */
	TLS_LABEL_SERVER,
	TLS_LABEL_ENCRYPTED,   /* RSA: a premaster secret, found by the first bytes of its encrypted form */
	TLS_LABEL_SESSION,     /* a master secret, found by session ID or ticket */
	TLS_LABEL_COUNT
};

struct tls_keys;
struct tls_rsa;

struct tls_keys *tls_keys_new(void);
void tls_keys_free(struct tls_keys *k);
/* Lines of a key log. Returns how many of them were none. */
uint64_t tls_keys_add(struct tls_keys *k, struct slice lines);
/* A key log file; it may grow. False: errno. */
bool tls_keys_open(struct tls_keys *k, const char *path);
/* Reads what the file has got since. True: there was something. */
bool tls_keys_refresh(struct tls_keys *k);
/* While this is set, connections wait for keys that the file does not have yet. */
void tls_keys_set_live(struct tls_keys *k);
bool tls_keys_may_come(const struct tls_keys *k);
/* Lines that were no key log lines. */
uint64_t tls_keys_bad_lines(const struct tls_keys *k);
/* Secrets that are known. */
uint64_t tls_keys_count(const struct tls_keys *k);
/* False: *why tells. */
bool tls_keys_rsa(struct tls_keys *k, const char *path, const char **why);
const struct tls_rsa *tls_keys_private(const struct tls_keys *k);

/* The secret of this connection (or session): its bytes, 0: unknown. */
size_t tls_keys_find(struct tls_keys *k, enum tls_label label, struct slice id, uint8_t secret[TLS_KEY_MAX]);
void tls_keys_put(struct tls_keys *k, enum tls_label label, struct slice id, struct slice secret);

#endif

/* The state of a TLS connection, and what its handshake messages say. Internal to tls*.c. */
#ifndef CAPTURE_TLS_HANDSHAKE_H
#define CAPTURE_TLS_HANDSHAKE_H

#include "base/buf.h"
#include "capture/cutter.h"
#include "capture/tls_crypto.h"
#include "capture/tls_keys.h"

enum { TLS_NAME_MAX = 128, TLS_HANDSHAKE_MAX = 1 << 17 };

/* Which secret protects a direction (TLS 1.3). */
enum tls_stage { TLS_EARLY, TLS_HANDSHAKE, TLS_APPLICATION, TLS_STAGES };

struct tls_side {
	struct buf bytes;      /* records that are not complete, or wait for keys */
	struct buf handshake;  /* a message that is not complete */
	struct tls_opener *opener;
	enum tls_stage stage;
	bool encrypted;        /* up to 1.2: ChangeCipherSpec was seen */
	bool lost;             /* out of step */
	uint64_t missing;      /* the sequence number is unknown, but not less */
	uint8_t secret[TLS_SECRET_MAX]; /* 1.3, for key updates */
};

struct tls {
	struct address end[2];
	int client;            /* -1: not known yet */
	bool server_hello;
	uint16_t version;
	uint16_t suite_id;
	const struct tls_suite *suite;
	uint8_t client_random[32], server_random[32];
	uint8_t client_session[32], session[32];
	size_t client_session_n, session_n;
	struct buf ticket;     /* that the client offered */
	struct buf new_ticket; /* that the server gave */
	bool etm, ems, client_etm, client_ems;
	struct buf transcript; /* for the extended master secret */
	uint8_t master[TLS_MASTER];
	bool has_master;
	char name[TLS_NAME_MAX + 1]; /* server name */
	int alert;             /* a fatal one, -1: none */
	int alert_side;
	bool read;             /* something of it was decrypted */
	bool wrong_keys;       /* keys were there, but do not fit */
	bool told;
	size_t counted;        /* of output.memory */
	struct tls_side side[2];
};

/* The next handshake message, type and length included. `keys` may be NULL. */
void tls_handshake(struct tls *t, int side, struct tls_keys *keys, struct slice message);
/* Is the master secret known, wherever from? */
bool tls_find_master(struct tls *t, struct tls_keys *keys);

#endif

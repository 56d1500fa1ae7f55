/* TLS connections that could not be read: whose, and what is known of why. */
#ifndef CMD_ENCRYPTED_H
#define CMD_ENCRYPTED_H

#include "base/buf.h"
#include "capture/dissect.h"

enum { ENCRYPTED_SERVERS = 64, ENCRYPTED_NAME = 128 };

struct encrypted_server {
	char name[ENCRYPTED_NAME]; /* what the client asked for, or the address */
	uint64_t count;
	uint64_t failed;           /* handshakes that ended with an alert */
	const char *alert;         /* the last one */
	bool alert_by_client;
};

struct encrypted {
	struct encrypted_server servers[ENCRYPTED_SERVERS];
	size_t count;
	uint64_t others;           /* of servers beyond the table */
	uint64_t wrong_keys;
	unsigned unknown_suite;
	struct buf detail;
};

void encrypted_note(struct encrypted *e, const struct tls_notice *n);
/* What follows on "TLS connections that could not be read: 3"; absent if nothing is known. */
struct slice encrypted_detail(struct encrypted *e);
void encrypted_free(struct encrypted *e);

#endif

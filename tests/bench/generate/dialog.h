/* SIP exchanges as phones and a registrar have them, message by message, with digests that fit known passwords. */
#ifndef BENCH_DIALOG_H
#define BENCH_DIALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

enum { DIALOG_MESSAGE_MAX = 2048 };

enum script { SCRIPT_REGISTER, SCRIPT_INVITE, SCRIPT_LOOP, SCRIPT_GUESS, SCRIPT_COUNT };

struct dialog {
	enum script script;
	uint64_t number;           /* no other has it: Call-ID, tags, nonce come from it */
	uint32_t account;
	struct endpoint client, server;
	const char *transport;     /* as Via says it */
	unsigned step;
	unsigned nonces;           /* that the server made so far */
};

/* The next message: its length, 0 at the end; *by_client tells whose it is. */
size_t dialog_next(struct dialog *d, char out[DIALOG_MESSAGE_MAX], bool *by_client);
/* A line of a credentials file. */
void dialog_write_credentials(FILE *out, uint32_t account);

#endif

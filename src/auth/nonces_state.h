/*
 * The state of the nonce table, shared by nonces.c (what is told) and nonces_keep.c (what is kept).
 * Internal to them.
 */
#ifndef AUTH_NONCES_STATE_H
#define AUTH_NONCES_STATE_H

#include "auth/nonces.h"
#include "base/table.h"

enum { NONCE_COUNTS_MAX = 4 /* nc values that are remembered for one user and client */ };

/* One client that a nonce was given to. */
struct nonce_issue {
	struct nonce_issue *next;
	uint32_t client;
	uint32_t count;
	uint32_t owner;
	int64_t time;
};

/* One user at one client that used it. */
struct nonce_use {
	struct nonce_use *next;
	uint32_t key;
	uint32_t last_response;
	bool accepted;
	bool worn;             /* of last_response only the lower half is known */
	uint8_t next_count;
	uint32_t uses, highest, highest_frame;
	struct {
		uint32_t nc, frame;
		uint16_t port, count;
	} counts[NONCE_COUNTS_MAX];
};

/* The first issue and use lie inside: most nonces have no more. */
struct nonce_entry {
	struct table_node node;
	struct nonce_issue issue;
	struct nonce_use use;
	int64_t first_issued, last_issued, touched;
	uint64_t first_client; /* 0: not known any more */
	uint32_t issued;
	uint16_t first_call;
	uint8_t issue_count, use_count;
};

/*
 * What is left of a nonce that was not touched while many others were: its newest issue, and its first
 * use. What is lost makes findings rarer, never wrong.
 */
struct nonce_worn {
	struct table_node node;
	uint64_t issued : 48;  /* microseconds, since nonces.began */
	uint64_t call : 16;
	uint32_t client, owner;
	uint32_t use;          /* its key, 0: none */
	uint32_t highest_frame;
	uint32_t highest : 24;
	uint32_t uses : 7;
	uint32_t accepted : 1;
	uint16_t last_response;
	uint16_t touched;      /* minutes since nonces.began, modulo 65536 */
};
_Static_assert(sizeof(struct nonce_worn) == 48, "at most 48 bytes for a nonce");

struct nonces {
	struct table whole, worn;
	size_t more;           /* issues and uses beyond the first of a nonce */
	int64_t began;         /* time of the first one */
};

/* The nonce, whole again if it was worn; NULL: not known. */
struct nonce_entry *nonce_find(struct nonces *n, uint64_t nonce, int64_t now);
/* The same, made if it is new. */
struct nonce_entry *nonce_make(struct nonces *n, uint64_t nonce, int64_t now);
/* One more issue or use of a nonce: zeroed. */
void *nonce_more(struct nonces *n, size_t size);

#endif

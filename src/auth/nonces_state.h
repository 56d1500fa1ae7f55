/*
 * The state of the nonce table, shared by nonces.c (what is told) and nonces_keep.c (what is kept).
 * Internal to them.
 */
#ifndef AUTH_NONCES_STATE_H
#define AUTH_NONCES_STATE_H

#include "auth/nonces.h"
#include "base/table.h"

enum {
	NONCE_COUNTS_MAX = 4, /* nc values that are remembered for one user and client */
	NONCE_USES_MAX = 31   /* that an entry tells apart */
};

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
	uint16_t last_response;
	bool accepted;
	uint8_t next_count;
	uint32_t uses, highest, highest_frame;
	struct {
		uint32_t nc, frame;
		uint16_t port, count;
	} counts[NONCE_COUNTS_MAX];
};

/*
 * What most nonces need: one issue, one user, one request with an nc. When the whole of a nonce that needed more
 * was not touched while many others were, its newest issue and its first use are left here: what is lost makes
 * findings rarer, never wrong.
 */
struct nonce_entry {
	struct table_node node;
	uint64_t issued : 48;    /* microseconds since nonces.began */
	uint64_t first_call : 16;
	uint32_t client;         /* it was issued to, with kind and realm; never 0 */
	uint32_t owner;
	uint32_t user;           /* who used it, 0: nobody */
	uint32_t highest_frame;
	uint16_t first_client;   /* its address alone; 0: not known any more */
	uint16_t last_response;
	uint16_t nc_or_port;     /* the highest nc; if `counted`, which means 1, the port that it came from */
	uint8_t touched;         /* minutes since nonces.began, modulo 256 */
	uint8_t uses : 5;
	uint8_t accepted : 1;
	uint8_t counted : 1;     /* the only nc was 1, once */
	uint8_t whole : 1;       /* the rest lies in nonces.whole */
};
_Static_assert(sizeof(struct nonce_entry) == 40, "at most 40 bytes for a nonce");

/* All of a nonce that was issued again, or used again. The first issue and use lie inside. */
struct nonce_whole {
	struct table_node node;
	struct nonce_issue issue;
	struct nonce_use use;
	int64_t first_issued, last_issued;
	uint32_t issued;
	uint16_t first_client;
	uint16_t first_call;
	uint8_t issue_count, use_count;
};

struct nonces {
	struct table all, whole;
	size_t more;           /* issues and uses beyond the first of a nonce */
	int64_t began;         /* time of the first one */
};

/* The entry of a nonce that is issued now: zeroed if it is new. */
struct nonce_entry *nonce_make(struct nonces *n, uint64_t nonce, int64_t now);
/* Its entry; NULL: not known. */
struct nonce_entry *nonce_find(const struct nonces *n, uint64_t nonce);
void nonce_set_issued(const struct nonces *n, struct nonce_entry *e, int64_t time);
int64_t nonce_issued(const struct nonces *n, const struct nonce_entry *e);
/* The highest nc that it was used with; 0: none. */
uint32_t nonce_highest(const struct nonce_entry *e);
void nonce_touch(const struct nonces *n, struct nonce_entry *e, int64_t now);
/* All of it, made of the entry if that was enough so far. */
struct nonce_whole *nonce_whole(struct nonces *n, struct nonce_entry *e);
/* One more issue or use of a nonce: zeroed. */
void *nonce_more(struct nonces *n, size_t size);

#endif

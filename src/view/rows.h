/*
 * The exchanges as the list has them: a short row each, by number, also while they are open. Everything longer
 * (messages, findings) stays in the spool of whoever feeds the view; rows keep its places.
 */
#ifndef VIEW_ROWS_H
#define VIEW_ROWS_H

#include "auth/exchange.h"
#include "view/texts.h"

enum { ROWS_MAX = 2000000, ROW_FINDING_WORDS = (FINDING_COUNT + 63) / 64 };

#define ROW_NOWHERE UINT32_MAX

enum row_flag {
	ROW_CLOSED = 1 << 0,
	ROW_SELECTED = 1 << 1,
	ROW_MATCH = 1 << 2,      /* a digest was computed again, and is right */
	ROW_MISMATCH = 1 << 3,
	ROW_CLEARED = 1 << 4     /* the user wants to see it no more */
};

struct row {
	int64_t first, last;      /* times of its messages */
	uint64_t findings[ROW_FINDING_WORDS]; /* bits by enum finding_id */
	uint32_t n;               /* 0: no such exchange (yet) */
	uint32_t leg_of;
	uint32_t record;          /* place of its record; ROW_NOWHERE: none */
	uint32_t newest;          /* message, in rows.messages; 0: none */
	uint32_t message_count;
	uint32_t client, target;  /* addresses */
	uint32_t user, from, to, call_id, agent, server;
	uint16_t status, rounds;
	uint8_t method, transport, outcome, severity;
	uint8_t cause;            /* finding + 1; 0: none */
	uint8_t flags;
};

/* Newest first: each leads to the one before. */
struct row_message {
	uint32_t place, before;
};

struct rows {
	struct row *list;         /* row of exchange n at n - 1 */
	size_t count, room;
	struct row_message *messages; /* the first is unused */
	size_t message_count, message_room;
	struct texts texts;
	uint64_t left_out;        /* exchanges beyond ROWS_MAX */
	uint32_t changes;         /* counts up with every change */
};

void rows_free(struct rows *r);
/* The row, NULL: none has this number. */
struct row *rows_get(const struct rows *r, uint32_t n);
/* The message at `place` belongs to x, which is open. */
void rows_message(struct rows *r, const struct exchange *x, uint32_t place);
/* It closed; more is kept at `record`. */
void rows_close(struct rows *r, const struct exchange *x, uint32_t record);
/* It is not to be shown. */
void rows_leave_out(struct rows *r, const struct exchange *x);
/* The places of its messages, oldest first, at most `max`; how many. */
size_t rows_places(const struct rows *r, const struct row *row, uint32_t *places, size_t max);

bool row_failed(const struct row *row);
bool row_has_finding(const struct row *row, enum finding_id id);
/* "rejected"; of one that is open what it waits for. */
const char *row_outcome(const struct row *row);
/* The first leg of the same authentication; itself if there is no other. */
uint32_t row_root(const struct row *row);

#endif

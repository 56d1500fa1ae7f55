/*
 * Everything that the engine was fed, in order, with its bytes: an unlinked temporary file. It can be read back
 * event by event, for another run with other secrets, or one message by its place.
 */
#ifndef SPOOL_H
#define SPOOL_H

#include "sip/datagram.h"

struct spool;

enum spool_kind { SPOOL_DATAGRAM, SPOOL_ICMP, SPOOL_LOSS, SPOOL_TIME, SPOOL_NOTE };

/* What was read back; `bytes` of what it holds are valid until the next read. */
struct spool_event {
	enum spool_kind kind;
	union {
		struct datagram datagram;
		struct icmp_error icmp;
		struct loss loss;
		int64_t time;
		struct slice note;
	};
};

/* Places are told in units of so many bytes, so that lists of them are short. */
enum { SPOOL_UNIT = 8 };
#define SPOOL_MAX ((uint64_t)UINT32_MAX * SPOOL_UNIT)
/* No place: the cap was reached, or the disk is full. */
#define SPOOL_NOWHERE UINT32_MAX

/* At most `limit` bytes are kept (and SPOOL_MAX). NULL: errno says why. */
struct spool *spool_new(uint64_t limit);
void spool_free(struct spool *s); /* NULL is fine */

/* Each gives the place from which it can be read back. */
uint32_t spool_datagram(struct spool *s, const struct datagram *d);
uint32_t spool_icmp(struct spool *s, const struct icmp_error *e);
uint32_t spool_loss(struct spool *s, const struct loss *l);
uint32_t spool_time(struct spool *s, int64_t time);
/* Bytes of whoever keeps the spool; no event of the input. */
uint32_t spool_note(struct spool *s, struct slice bytes);

/* Reads what was put there. False: there is nothing, or the file cannot be read. */
bool spool_read(struct spool *s, uint32_t place, struct spool_event *out);
/* The same, and moves *place on to the next one; from 0 to the end. */
bool spool_next(struct spool *s, uint32_t *place, struct spool_event *out);
/* Bytes so far. */
uint64_t spool_size(const struct spool *s);
/* Events that found no place. */
uint64_t spool_dropped(const struct spool *s);

#endif

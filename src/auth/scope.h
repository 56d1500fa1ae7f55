/*
 * Findings about accounts, servers and the capture: collected on the way, given out at the end
 * (HOUSE: they name exchanges and never change one that was written). Internal to auth/.
 */
#ifndef AUTH_SCOPE_H
#define AUTH_SCOPE_H

#include "auth/exchange.h"
#include "auth/tracker.h"

enum { SCOPE_ADDRESSES_MAX = 8 };

/* One finding about one thing; more of the same are counted. The slices live in the notes' arena. */
struct scope_note {
	enum finding_id id;
	enum scope scope;
	uint64_t about;                /* what it is about: account, source, server, 0 the capture */
	struct finding finding;        /* frames, file, first time */
	uint32_t exchanges[FINDING_FRAMES_MAX];
	uint32_t exchange_count;
	uint64_t count;                /* for {count}: set, or one for each scope_seen() */
	int64_t last;
	struct address server;         /* family 0: none */
	struct address addresses[SCOPE_ADDRESSES_MAX];
	size_t address_count;
	struct address ends[2];        /* of the leg that it is about */
	struct slice user, realm, method, detail, algorithm, nonce, value;
	enum fault fault;              /* FAULT_NONE: that of the table */
	int64_t span;                  /* ns, for {seconds}; 0: from the first to the last */
	uint64_t limit;
	bool mild;                     /* info, whatever the table says */
	bool withdrawn;                /* later facts speak against it */
	enum confidence confidence;
};

/* The note of this id about this thing, made if it is new; NULL if there are too many. */
struct scope_note *scope_note(struct tracker *t, enum finding_id id, enum scope scope, uint64_t about);
/* One more event. */
void scope_event(struct scope_note *n, int64_t time, uint16_t file, uint32_t frame);
/* The same of a message, in an exchange (0: none). */
void scope_seen(struct scope_note *n, const struct observed *seen, uint32_t exchange);
void scope_address(struct scope_note *n, const struct address *address);
/* A one-way capture that turned out to be none. */
bool scope_both_ways(struct tracker *t, const struct scope_note *n);
/* A copy that lives as long as the notes. */
struct slice scope_text(struct tracker *t, struct slice s);
/* The same in a place that changes often: what it had before is overwritten where the new one fits. */
void scope_put(struct tracker *t, struct slice *place, struct slice s);
void scope_say(struct tracker *t, struct slice *place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif

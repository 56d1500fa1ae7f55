/*
 * Who tries what: refusals by source and by account over time. From it come the findings about floods,
 * guessing, spraying, scans, lock-outs and loops over several exchanges (CATALOGUE section 7; numbers in
 * section 11). Bounded: one not used for long out. Internal to auth/.
 */
#ifndef AUTH_WATCH_H
#define AUTH_WATCH_H

#include "auth/facts.h"

struct tracker;
struct watch;

/* At most so many, in `storage`, which must live longer. */
struct watch *watch_new(struct storage *storage, size_t sources, size_t suspects);
void watch_free(struct watch *w);

/* The first request of an exchange: a source asks for a user or target. */
void watch_asked(struct tracker *t, const struct exchange *x, const struct attempt *a);
/* A final response judged these credentials. */
void watch_judged(struct tracker *t, const struct exchange *x, const struct attempt *a);
/*
 * The leg between two hosts (`hosts` as about_hosts() has it), made if it is new: that of a client and its only server
 * is found with all else of the client. It stays where it is until another source or fact is added. The second: NULL
 * if nothing is known.
 */
struct leg *watch_leg(
	struct tracker *t, uint64_t hosts, const struct address *client, const struct address *server);
const struct leg *watch_known_leg(
	const struct tracker *t, uint64_t hosts, const struct address *a, const struct address *b);
/* The same of a client and its software. */
struct habits *watch_habits(struct tracker *t, const struct address *client, struct slice user_agent);
const struct habits *watch_known_habits(
	const struct tracker *t, const struct address *client, struct slice user_agent);
/* A server accepted its REGISTER: there the client is at home (half of the hash of its address); 0: not known. */
void watch_registered(struct tracker *t, const struct exchange *x);
uint32_t watch_home(const struct watch *w, const struct address *client);
/* Its account was challenged; did another exchange of it get a challenge after `since`? */
void watch_challenged(struct tracker *t, const struct exchange *x, int64_t time);
bool watch_crossed(struct tracker *t, const struct exchange *x, int64_t since);
/* They will be looked for soon: fetched from memory meanwhile. */
void watch_foresee(const struct watch *w, const struct address *source);
void watch_foresee_account(const struct watch *w, const struct address *server, const struct credential *k);
void watch_foresee_refused(const struct tracker *t, const struct exchange *x);
/* The exchange is diagnosed. */
void watch_closed(struct tracker *t, const struct exchange *x);

/* Is this source a scanner, or so busy failing that it may turn out to be one? */
bool watch_is_scanner(const struct watch *w, const struct address *source);
bool watch_may_be_scanner(const struct watch *w, const struct address *source);
uint64_t watch_evicted(const struct watch *w);
size_t watch_bytes(const struct watch *w);

#endif

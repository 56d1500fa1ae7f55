/*
 * The clock of what is live, waiting for sockets, and the wish of the user to end. Signals only
 * count; whoever waits looks at the count and cleans up.
 */
#ifndef UA_WAIT_H
#define UA_WAIT_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#define WAIT_SECOND INT64_C(1000000000)
#define WAIT_MS INT64_C(1000000)

/* Nanoseconds since 1970, UTC, as they were when the program began; never steps back. */
int64_t wait_now(void);
/* From now on SIGINT, SIGTERM and SIGHUP are counted, and seen only by wait_poll(). */
void wait_catch_signals(void);
/* How many came. */
unsigned wait_signals(void);
/*
 * Waits until a socket is ready or `until`; 0 descriptors: only waits. Like poll(): how many are
 * ready, 0 when the time is over; -1 when a signal came.
 */
int wait_poll(struct pollfd *fds, nfds_t count, int64_t until);

/* Random bytes as lower-case hex: 2 * n characters and a NUL. */
void wait_token(char *out, unsigned n);
unsigned wait_random(unsigned below);

#endif

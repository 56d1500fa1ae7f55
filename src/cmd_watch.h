/*
 * --stats-interval and --alert: challenges and refusals per server and account, counted as they go by. Lines on
 * standard error; the report at the end is not touched.
 */
#ifndef CMD_WATCH_H
#define CMD_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "sip/datagram.h"

struct watch;

/* `seconds`: how often; `alert`: refusals a minute, 0: none; `print`: the numbers of each interval. */
struct watch *watch_new(unsigned seconds, unsigned alert, bool print);
void watch_free(struct watch *w);
void watch_message(struct watch *w, const struct datagram *d);
/* The capture's clock. */
void watch_time(struct watch *w, int64_t now);
/* End of input: the interval that is under way. */
void watch_finish(struct watch *w);
/* Was there an alert? */
bool watch_alerted(const struct watch *w);

#endif

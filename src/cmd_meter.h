/*
 * --stats-interval and --alert: challenges and refusals per server and account, counted as they go by. Lines on
 * standard error; the report at the end is not touched.
 */
#ifndef CMD_METER_H
#define CMD_METER_H

#include <stdbool.h>
#include <stdint.h>

#include "sip/datagram.h"

struct meter;

/* `seconds`: how often; `alert`: refusals a minute, 0: none; `print`: the numbers of each interval. */
struct meter *meter_new(unsigned seconds, unsigned alert, bool print);
void meter_free(struct meter *w);
void meter_message(struct meter *w, const struct datagram *d);
/* The capture's clock. */
void meter_time(struct meter *w, int64_t now);
/* End of input: the interval that is under way. */
void meter_finish(struct meter *w);
/* Was there an alert? */
bool meter_alerted(const struct meter *w);

#endif

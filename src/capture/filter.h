/*
 * A BPF expression, compiled once for each link type that comes by. Internal to capture/.
 */
#ifndef CAPTURE_FILTER_H
#define CAPTURE_FILTER_H

#include <stdbool.h>

#include "base/packet.h"

struct filter;

/* `complain` hears of link types for which it has no meaning. The expression is borrowed. */
struct filter *filter_new(const char *expression, void (*complain)(void *arg, const char *line), void *arg);
bool filter_passes(struct filter *f, const struct packet *p);
/* Wrong for every link type so far: then it is the expression that is wrong; why. Else NULL. */
const char *filter_wrong(const struct filter *f);
void filter_free(struct filter *f);

#endif

/*
 * The form of messages, without what differs from one to the next: names, signs and order stay, words
 * and numbers are taken as such. What another parser makes of a message hangs on its form.
 */
#ifndef AUTH_SHAPES_H
#define AUTH_SHAPES_H

#include <stdbool.h>

#include "sip/message.h"

enum { SHAPES_MAX = 256 };

/* Forms that were looked at and found good. Zeroed is empty; one may push out another. */
struct shapes {
	uint64_t known[SHAPES_MAX];
};

/* Never 0. */
uint64_t shape_of(const struct message *m);
bool shapes_know(const struct shapes *s, uint64_t shape);
void shapes_learn(struct shapes *s, uint64_t shape);

#endif

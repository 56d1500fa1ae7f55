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

enum { SHAPE_LINES = 24 };

struct shape_line {
	struct slice bytes;
	uint64_t form;
};

/* The lines of a message that was looked at. Zeroed is none. */
struct shape_lines {
	struct shape_line lines[SHAPE_LINES];
};

/* Never 0. Lines that are those of the message before are not looked at again; those of this one are `before` then. */
uint64_t shape_of(const struct message *m, struct shape_lines *before);
bool shapes_know(const struct shapes *s, uint64_t shape);
void shapes_learn(struct shapes *s, uint64_t shape);

#endif

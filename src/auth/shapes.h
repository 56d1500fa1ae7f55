/*
 * The form of messages, without what differs from one to the next: names, signs and order stay, words
 * and numbers are taken as such. What another parser makes of a message hangs on its form.
 */
#ifndef AUTH_SHAPES_H
#define AUTH_SHAPES_H

#include <stdbool.h>

#include "sip/message.h"

enum { SHAPES_MAX = 256, SHAPE_MODELS = 16 };

/* Lines whose form is known. */
struct shape_model {
	uint64_t form;
	uint16_t length;
	char text[1014];
};

/*
 * Forms that were looked at and found good, and models of the lines before and of those behind an authentication field.
 * Zeroed is empty; one may push out another.
 */
struct shapes {
	uint64_t known[SHAPES_MAX];
	struct shape_model models[2][SHAPE_MODELS]; /* by length */
};

/* Never 0. What looks like a model is not looked at again. */
uint64_t shape_of(struct shapes *s, const struct message *m);
bool shapes_know(const struct shapes *s, uint64_t shape);
void shapes_learn(struct shapes *s, uint64_t shape);

#endif

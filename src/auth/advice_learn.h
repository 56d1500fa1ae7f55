/*
 * What one exchange teaches of its server and of its endpoint. Private to advice.c.
 */
#ifndef AUTH_ADVICE_LEARN_H
#define AUTH_ADVICE_LEARN_H

#include "auth/advice.h"

bool learn_is_challenge(const struct response *r);
/* Which kinds the response challenges with; its status tells where no header field does. */
void learn_kinds(const struct response *r, bool kinds[AUTH_KIND_COUNT]);
void learn_server(struct advice_server *s, const struct exchange *x, bool failed);
void learn_endpoint(struct advice_endpoint *e, const struct exchange *x);
/* Works out how long the nonces of the server live. */
void learn_conclude(struct advice_server *s);

#endif

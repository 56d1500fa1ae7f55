/*
 * Which SS_AUTHCHALLENGEMODE a server looks like, and which would serve its endpoints. Private to
 * advice.c.
 */
#ifndef AUTH_ADVICE_MODE_H
#define AUTH_ADVICE_MODE_H

#include "auth/advice.h"

/* Fills in what is concluded; endpoints are sorted. */
void advice_mode(struct advice_server *s);

#endif

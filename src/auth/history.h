/*
 * What was seen of an account in exchanges that are gone: nonces, cnonces, URIs, realms, bodies. A client
 * that mixes them up is only understood with them. Bounded; accounts without a known secret are not kept.
 */
#ifndef AUTH_HISTORY_H
#define AUTH_HISTORY_H

#include "auth/clues.h"
#include "auth/exchange.h"
#include "base/storage.h"

struct history;

/* Its memory comes from `storage`, which must live longer. */
struct history *history_new(struct storage *storage);
void history_free(struct history *h);
/* The exchange is closed: remembers what its credentials and challenges held. */
void history_note(struct history *h, const struct exchange *x);
/* It will be noted soon that an exchange of this user is closed: fetched from memory meanwhile. */
void history_foresee(const struct history *h, struct slice user);
/* Adds what is known of the user, newest first; borrowed until the next note. */
void history_clues(struct history *h, struct slice user, struct clues *out);

#endif

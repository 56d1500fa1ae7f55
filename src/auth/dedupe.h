/*
 * Capture duplicates: one packet seen twice (two interfaces, a bridge, merged taps), which is neither a
 * retransmission nor a new message (CATALOGUE section 1 "Duplicate capture").
 */
#ifndef AUTH_DEDUPE_H
#define AUTH_DEDUPE_H

#include "base/storage.h"
#include "sip/datagram.h"

struct dedupe;

/* Its memory comes from `storage` and stays with it. */
struct dedupe *dedupe_new(struct storage *storage);
/* Hash of the bytes and their way; the place where it is looked for is on its way from memory, too. */
uint64_t dedupe_hash(const struct dedupe *d, const struct datagram *datagram);
/* Was this very datagram, with this hash, just seen? Remembers it in any case. */
bool dedupe_seen(struct dedupe *d, const struct datagram *datagram, uint64_t hash);

#endif

/*
 * -w FILE: the packets of the reported exchanges as pcapng. Which exchanges are reported is known
 * when they close, long after their packets went by; so these are read again at the end, from the
 * files, or from a copy of everything that carried SIP if the input can be read only once.
 */
#ifndef CMD_KEEP_H
#define CMD_KEEP_H

#include "auth/exchange.h"
#include "capture/dissect.h"

struct keep;

enum { KEEP_SPOOL_MAX = 256 << 20, KEEP_EXCHANGES_MAX = 1000000 };

/* Makes the file `path`. `once`: the input cannot be read again. NULL: trouble, and it was told. */
struct keep *keep_new(const char *path, bool once);
void keep_free(struct keep *k);

/*
 * While the input is read: every packet before it is decoded, every datagram and ICMP error after.
 */
void keep_packet(struct keep *k, const struct packet *p);
void keep_datagram(struct keep *k, const struct datagram *d);
void keep_icmp(struct keep *k, const struct icmp_error *e);
/* A reported exchange. */
void keep_exchange(struct keep *k, const struct exchange *x);

/*
 * Reads the input again, with the secrets that are known by now, and writes the file. False:
 * trouble, and it was told.
 */
bool keep_write(struct keep *k, const char *const *inputs, size_t count, const char *filter,
	struct tls_keys *keys);
/* Packets and exchanges that the caps left out. */
uint64_t keep_dropped(const struct keep *k);

#endif

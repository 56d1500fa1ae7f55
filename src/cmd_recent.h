/*
 * The last packets that went by, each to be passed on or forgotten: a message that came in several
 * segments or fragments is known only with the last of them.
 */
#ifndef CMD_RECENT_H
#define CMD_RECENT_H

#include "base/packet.h"
#include "sip/datagram.h"

struct recent;

/* `pass` gets the packets that were picked, in their order. */
struct recent *recent_new(void (*pass)(void *arg, const struct packet *p), void *arg);
/* Passes on what is picked and still held; NULL is fine. */
void recent_free(struct recent *r);
/* Copies the packet. */
void recent_push(struct recent *r, const struct packet *p);
/* Picks the newest packet, and of those since d->frame the ones that carried the message. */
void recent_pick(struct recent *r, const struct datagram *d);
void recent_pick_last(struct recent *r);

#endif

/*
 * A message without the layers below it: Wireshark's "exported PDU" (LINKTYPE 252), tags with addresses and
 * ports before it. Also what text traces become. Internal to capture/.
 */
#ifndef CAPTURE_PDU_H
#define CAPTURE_PDU_H

#include "base/buf.h"
#include "capture/layers.h"

enum { LINKTYPE_PDU = 252 };

void pdu_decode(struct dissector *d, const struct packet *p, struct span s);
/* Writes one. */
void pdu_write(struct buf *out, const struct address *src, const struct address *dst, enum transport transport,
	struct slice message);

#endif

/*
 * Reads the blocks of a pcapng file (draft-ietf-opsawg-pcapng). libpcap refuses files whose
 * interfaces differ in link type or snap length, and hides the secrets; this reader does neither.
 */
#ifndef CAPTURE_PCAPNG_H
#define CAPTURE_PCAPNG_H

#include "base/slice.h"
#include "capture/input.h"
#include "base/packet.h"

struct pcapng;

enum pcapng_result { PCAPNG_PACKET, PCAPNG_END, PCAPNG_TRUNCATED, PCAPNG_BROKEN };

/* Owns the input from then on; reads `size` bytes at a time. */
struct pcapng *pcapng_new(struct input *in, size_t size);
/*
 * The next packet; `file` is left alone, `frame` counts as Wireshark does. After anything but
 * PCAPNG_PACKET the file is done.
 */
enum pcapng_result pcapng_next(struct pcapng *p, struct packet *out);
/* What is wrong, after PCAPNG_BROKEN. */
const char *pcapng_trouble(const struct pcapng *p);
/* TLS key log lines of the Decryption Secrets Blocks so far; empty if there are none. */
struct slice pcapng_secrets(const struct pcapng *p);
void pcapng_free(struct pcapng *p);

#endif

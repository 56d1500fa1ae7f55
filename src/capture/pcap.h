/*
 * Reads the packets of a pcap file (draft-ietf-opsawg-pcap) and of its older relatives, where they were read to:
 * libpcap would copy every one of them twice. Internal to capture/.
 */
#ifndef CAPTURE_PCAP_H
#define CAPTURE_PCAP_H

#include "base/packet.h"
#include "capture/input.h"

struct pcap_file;

enum pcap_result { PCAP_PACKET, PCAP_END, PCAP_TRUNCATED, PCAP_BROKEN };

/* Owns the input from then on; reads `size` bytes at a time. */
struct pcap_file *pcap_file_new(struct input *in, size_t size);
/*
 * The next packet; `file` is left alone. After anything but PCAP_PACKET the file is done.
 */
enum pcap_result pcap_file_next(struct pcap_file *p, struct packet *out);
/* What is wrong, after PCAP_BROKEN. */
const char *pcap_file_trouble(const struct pcap_file *p);
void pcap_file_free(struct pcap_file *p);

#endif

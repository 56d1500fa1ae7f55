/* One packet as a capture holds it, before anything is decoded. Borrowed: valid until the next read. */
#ifndef BASE_PACKET_H
#define BASE_PACKET_H

#include <stdint.h>

struct packet {
	const uint8_t *data;
	uint32_t captured;   /* bytes in data */
	uint32_t length;     /* bytes on the wire */
	int linktype;        /* LINKTYPE_* number of the file format (for pcap: as in the header) */
	int64_t time;        /* nanoseconds since 1970, UTC */
	uint32_t frame;      /* number in its file, first 1 */
	uint16_t file;       /* number of the file, first 1 */
};

#endif

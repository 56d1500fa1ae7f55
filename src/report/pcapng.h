/* Writes packets as a pcapng file, for `-w FILE`: link types, times and file numbers survive. */
#ifndef REPORT_PCAPNG_H
#define REPORT_PCAPNG_H

#include <stdbool.h>

struct packet;
struct pcapng_writer;

struct pcapng_writer_error {
	char text[256]; /* one line: file, what is wrong */
};

/*
 * Makes the file, or empties it; only its owner may read it, for what it holds can be cracked. Not
 * for a file that is still to be read. NULL: *error says why.
 */
struct pcapng_writer *pcapng_writer_open(const char *path, struct pcapng_writer_error *error);
/* Each file and link type becomes an interface. Trouble is told by pcapng_writer_close(). */
void pcapng_writer_packet(struct pcapng_writer *w, const struct packet *p);
/* False: not all was written, *error says why. The writer is gone either way; NULL is fine. */
bool pcapng_writer_close(struct pcapng_writer *w, struct pcapng_writer_error *error);

#endif

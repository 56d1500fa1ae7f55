/*
 * Pieces of text that wait for the end of the input, because what failed is told first. A little
 * stays in memory, the rest goes to an unlinked temporary file. Pieces come back in the order of
 * their numbers.
 */
#ifndef REPORT_SPILL_H
#define REPORT_SPILL_H

#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"

struct spill_piece {
	uint64_t number;
	uint64_t offset;
	size_t length;
};

struct spill {
	struct buf memory;      /* offsets from 0; everything if there is no file */
	FILE *file;             /* offsets from where the memory ended */
	uint64_t in_file;
	bool no_file;           /* none could be made: all stays in memory */
	struct spill_piece *pieces;
	size_t count, size;
};

void spill_free(struct spill *s);
void spill_add(struct spill *s, uint64_t number, struct slice text);
void spill_sort(struct spill *s);
/* Piece `i` is put into `out`, which is emptied first. False: it could not be read back. */
bool spill_get(struct spill *s, size_t i, struct buf *out);

#endif

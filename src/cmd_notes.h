/*
 * Standard error while a screen is on: lines that would spoil it are kept, read one by one, and all of them appear
 * where they belong when the screen is off.
 */
#ifndef CMD_NOTES_H
#define CMD_NOTES_H

#include <stdbool.h>
#include <sys/types.h>

enum { NOTE_LINE = 256 };

struct notes {
	int fd, before;    /* the kept lines; where standard error led to */
	off_t read;        /* so far, by notes_next() */
};

/* Without it, if it cannot be: lines appear at once then. */
void notes_begin(struct notes *n);
/* The next line that is complete, without "sipauth: ". False: there is none. */
bool notes_next(struct notes *n, char line[NOTE_LINE]);
void notes_end(struct notes *n);

#endif

/* A line of text that is being typed. */
#ifndef VIEW_EDIT_H
#define VIEW_EDIT_H

#include <stdbool.h>
#include <stddef.h>

enum { EDIT_TEXT = 256 };

struct edit {
	char text[EDIT_TEXT];
	size_t n, at;        /* bytes: of the text, before the cursor */
};

void edit_set(struct edit *e, const char *text);
/* Takes a key: characters, Backspace, Left, Right, Home, End, Del, Ctrl-U, Ctrl-W. False: it means nothing here. */
bool edit_key(struct edit *e, int key);
/* Overwrites what was typed: it may be a password. */
void edit_wipe(struct edit *e);

#endif

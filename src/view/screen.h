/*
 * The door to ncurses: a grid of cells with styles, keys, mouse. The terminal is put back as it was found when the
 * screen closes, and also if a signal ends the program.
 */
#ifndef VIEW_SCREEN_H
#define VIEW_SCREEN_H

#include "view/key.h"
#include "view/page.h"

enum background { BACKGROUND_UNKNOWN, BACKGROUND_DARK, BACKGROUND_LIGHT };

enum { SCREEN_TROUBLE = 256 };

struct screen_options {
	bool color;
	enum background background;
	bool mouse;
};

struct screen;

/* There is one at most. NULL: `why` says what is wrong, and what to do. */
struct screen *screen_open(const struct screen_options *o, char why[SCREEN_TROUBLE]);
void screen_close(struct screen *s); /* NULL is fine */
/* Other colors, mouse or no mouse, from now on. */
void screen_set(struct screen *s, const struct screen_options *o);

unsigned screen_rows(const struct screen *s);
unsigned screen_columns(const struct screen *s);
/* Can the terminal show more than ASCII? */
bool screen_utf8(const struct screen *s);

/* How cells are written: a style, and whether they are under the cursor. */
struct pen {
	enum style style;
	bool reverse;
};

void screen_clear(struct screen *s);
/* Text from there on, cut at `width` columns. Returns the columns it took. Text is printable (struct page). */
unsigned screen_put(struct screen *s, unsigned row, unsigned column, unsigned width, struct pen pen, struct slice text);
/* So many blanks. */
void screen_blank(struct screen *s, unsigned row, unsigned column, unsigned width, struct pen pen);
/* Lines of boxes, in what the terminal has for them. */
void screen_vertical(struct screen *s, unsigned row, unsigned column, unsigned height);
void screen_horizontal(struct screen *s, unsigned row, unsigned column, unsigned width);
/* A frame around so many rows and columns. */
void screen_frame(struct screen *s, unsigned row, unsigned column, unsigned height, unsigned width);
/* Where typed text appears; without it the cursor is hidden with the next screen_clear(). */
void screen_cursor(struct screen *s, unsigned row, unsigned column);
/* What was put appears. */
void screen_show(struct screen *s);
/* Everything is to be drawn again (the terminal was disturbed). */
void screen_refresh_all(struct screen *s);

/*
 * The next key, waiting so many milliseconds for it (-1: for ever): a character, or one of enum key. KEY_NOTHING: none
 * came. KEY_MOUSE_EVENT: *mouse says what.
 */
int screen_key(struct screen *s, int ms, struct mouse *mouse);

/* Into the clipboard of the terminal (OSC 52), if it has one. */
void screen_copy(struct screen *s, struct slice text);

#endif

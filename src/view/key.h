/* Keys and clicks, as numbers: characters are their code points, the others lie above them. */
#ifndef VIEW_KEY_H
#define VIEW_KEY_H

#include <stdbool.h>

enum key {
	KEY_NOTHING = 0,
	KEY_TABULATOR = '\t',
	KEY_RETURN = '\r',
	KEY_ESCAPE = 0x1b,
	KEY_RUBOUT = 0x7f,
	KEY_FIRST_SPECIAL = 0x200000, /* above Unicode */
	KEY_UPWARD, KEY_DOWNWARD, KEY_LEFTWARD, KEY_RIGHTWARD,
	KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_FIRST, KEY_LAST, KEY_INSERT, KEY_DELETE, KEY_TAB_BACK,
	KEY_RESIZED,
	KEY_MOUSE_EVENT,
	KEY_FUNCTION                  /* + 1: F1 */
};

enum { KEY_FUNCTIONS = 12, KEY_NAME_MAX = 16 };

/* Ctrl and a letter. */
#define KEY_CONTROL(letter) ((letter) & 0x1f)

enum click { CLICK_NONE, CLICK_ONE, CLICK_DOUBLE, CLICK_WHEEL_UP, CLICK_WHEEL_DOWN };

struct mouse {
	enum click click;
	unsigned row, column;
};

/* "F1", "Ctrl-A", "Space", "x"; returns its argument. */
const char *key_text(int key, char text[KEY_NAME_MAX]);
/* The reverse, also "^A"; 0: no such key. */
int key_parse(const char *name);

#endif

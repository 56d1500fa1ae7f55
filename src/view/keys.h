/* Which keys do what: keys.def, and what the user changed of it. */
#ifndef VIEW_KEYS_H
#define VIEW_KEYS_H

#include "view/key.h"

enum screen_kind { SCREEN_LIST = 1, SCREEN_EXCHANGE = 2, SCREEN_PAGE = 4 }; /* bits */

enum action {
#define ACTION(id, name, keys, screens, words) ACTION_##id,
#include "view/keys.def"
	ACTION_COUNT
};

struct action_row {
	const char *name, *keys, *words;
	unsigned screens;
};

enum { KEYS_PER_ACTION = 8 };

struct keys {
	int bound[ACTION_COUNT][KEYS_PER_ACTION]; /* 0: free place */
};

const struct action_row *action_row(enum action a);
/* By name; -1: there is none. */
int action_find(const char *name);

void keys_init(struct keys *k);
/* False: no room. */
bool keys_bind(struct keys *k, enum action a, int key);
/* False: it was not bound to it. */
bool keys_unbind(struct keys *k, enum action a, int key);
/* Does the key mean this action on this screen? */
bool keys_mean(const struct keys *k, enum action a, int key, enum screen_kind screen);
/* Its keys: "F1 h H ?". Returns its argument. */
const char *keys_text(const struct keys *k, enum action a, char text[KEYS_PER_ACTION * KEY_NAME_MAX]);

#endif

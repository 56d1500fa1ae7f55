/*
 * Settings, key bindings and names of addresses, from the settings file: lines `set NAME VALUE`, `bind ACTION KEY`,
 * `unbind ACTION KEY`, `alias ADDRESS NAME`; # begins a comment.
 */
#ifndef VIEW_SETTINGS_H
#define VIEW_SETTINGS_H

#include "base/address.h"
#include "base/buf.h"
#include "view/keys.h"

enum setting {
#define SETTING(id, name, kind, value, choices, words) SETTING_##id,
#include "view/settings.def"
	SETTING_COUNT
};

enum setting_kind { SETTING_IS_SWITCH, SETTING_IS_CHOICE, SETTING_IS_NUMBER, SETTING_IS_TEXT };

struct setting_row {
	const char *name;
	enum setting_kind kind;
	const char *value;     /* at first */
	const char *choices;   /* words; of a number its limits */
	const char *words;
};

enum { SETTING_TEXT = 200, ALIAS_TEXT = 32, ALIASES_MAX = 256 };

struct alias {
	struct address address; /* port 0: any */
	char name[ALIAS_TEXT];
};

struct settings {
	char values[SETTING_COUNT][SETTING_TEXT];
	struct keys keys;
	struct alias *aliases;
	size_t alias_count;
	char *path;             /* of the file; NULL: none is known */
};

const struct setting_row *setting_row(enum setting s);
/* By name; -1: there is none. */
int setting_find(const char *name);

void settings_init(struct settings *s);
void settings_free(struct settings *s);

const char *settings_text(const struct settings *s, enum setting which);
bool settings_on(const struct settings *s, enum setting which);
int settings_number(const struct settings *s, enum setting which);
/* Which of its choices, from 0. */
unsigned settings_choice(const struct settings *s, enum setting which);
/* False: it cannot have this value; `why` says what it can have. */
bool settings_set(struct settings *s, enum setting which, const char *value, char why[SETTING_TEXT]);
/* The next of its choices, or the other way; numbers and texts stay. */
void settings_cycle(struct settings *s, enum setting which);
/* The name of an address, NULL: none. */
const char *settings_alias(const struct settings *s, const struct address *a);

/* settings_file.c */

/*
 * Reads $XDG_CONFIG_HOME/sipauth/config, or ~/.config/sipauth/config, if it is there. Lines that are wrong are left
 * out, each with one complaint.
 */
void settings_load(struct settings *s, void (*complain)(void *arg, const char *line), void *arg);
/*
 * Writes the file anew, at once or not at all: comments and lines of others stay. False: `why` says what is wrong.
 */
bool settings_save(const struct settings *s, char why[SETTING_TEXT]);

#endif

#include "view/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/slice.h"

static const struct {
	int key;
	const char *name;
} names[] = {
	{KEY_RETURN, "Enter"}, {KEY_ESCAPE, "Esc"}, {' ', "Space"}, {KEY_TABULATOR, "Tab"},
	{KEY_RUBOUT, "Backspace"}, {KEY_UPWARD, "Up"}, {KEY_DOWNWARD, "Down"}, {KEY_LEFTWARD, "Left"},
	{KEY_RIGHTWARD, "Right"}, {KEY_PAGE_UP, "PgUp"}, {KEY_PAGE_DOWN, "PgDn"}, {KEY_FIRST, "Home"},
	{KEY_LAST, "End"}, {KEY_INSERT, "Ins"}, {KEY_DELETE, "Del"}, {KEY_TAB_BACK, "Shift-Tab"},
};

const char *key_text(int key, char text[KEY_NAME_MAX])
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].key == key) {
			snprintf(text, KEY_NAME_MAX, "%s", names[i].name);
			return text;
		}
	if (key > KEY_FUNCTION && key <= KEY_FUNCTION + KEY_FUNCTIONS)
		snprintf(text, KEY_NAME_MAX, "F%d", key - KEY_FUNCTION);
	else if (key > 0 && key < ' ')
		snprintf(text, KEY_NAME_MAX, "Ctrl-%c", key + '@');
	else if (key > ' ' && key < KEY_RUBOUT)
		snprintf(text, KEY_NAME_MAX, "%c", key);
	else
		snprintf(text, KEY_NAME_MAX, "?");
	return text;
}

int key_parse(const char *name)
{
	size_t n = strlen(name);
	const char *letter = NULL;

	if (n == 1 && *name > ' ' && *name < KEY_RUBOUT)
		return *name;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcasecmp(names[i].name, name) == 0)
			return names[i].key;
	if (*name == 'F' || *name == 'f') {
		int number = atoi(name + 1);

		return number >= 1 && number <= KEY_FUNCTIONS ? KEY_FUNCTION + number : 0;
	}
	if (n == 2 && *name == '^')
		letter = name + 1;
	else if (n == 6 && strncasecmp(name, "Ctrl-", 5) == 0)
		letter = name + 5;
	if (!letter || !((*letter >= 'a' && *letter <= 'z') || (*letter >= 'A' && *letter <= 'Z')))
		return 0;
	return KEY_CONTROL(*letter);
}

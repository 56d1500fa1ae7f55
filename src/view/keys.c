#include "view/keys.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct action_row rows[ACTION_COUNT] = {
#define ACTION(id, name_, keys_, screens_, words_) [ACTION_##id] = {name_, keys_, words_, screens_},
#include "view/keys.def"
};

const struct action_row *action_row(enum action a)
{
	return &rows[a];
}

int action_find(const char *name)
{
	for (int a = 0; a < ACTION_COUNT; a++)
		if (strcasecmp(rows[a].name, name) == 0)
			return a;
	return -1;
}

void keys_init(struct keys *k)
{
	*k = (struct keys){0};
	for (int a = 0; a < ACTION_COUNT; a++) {
		char list[128], *rest = NULL;

		snprintf(list, sizeof(list), "%s", rows[a].keys);
		for (char *name = strtok_r(list, " ", &rest); name; name = strtok_r(NULL, " ", &rest))
			keys_bind(k, (enum action)a, key_parse(name));
	}
}

bool keys_bind(struct keys *k, enum action a, int key)
{
	for (int i = 0; i < KEYS_PER_ACTION; i++) {
		if (k->bound[a][i] && k->bound[a][i] != key)
			continue;
		k->bound[a][i] = key;
		return true;
	}
	return false;
}

bool keys_unbind(struct keys *k, enum action a, int key)
{
	int *list = k->bound[a];

	for (int i = 0; i < KEYS_PER_ACTION; i++) {
		if (list[i] != key)
			continue;
		memmove(list + i, list + i + 1, (size_t)(KEYS_PER_ACTION - i - 1) * sizeof(*list));
		list[KEYS_PER_ACTION - 1] = 0;
		return true;
	}
	return false;
}

bool keys_mean(const struct keys *k, enum action a, int key, enum screen_kind screen)
{
	if (!key || !(rows[a].screens & screen))
		return false;
	for (int i = 0; i < KEYS_PER_ACTION && k->bound[a][i]; i++)
		if (k->bound[a][i] == key)
			return true;
	return false;
}

const char *keys_text(const struct keys *k, enum action a, char text[KEYS_PER_ACTION * KEY_NAME_MAX])
{
	size_t n = 0;

	text[0] = '\0';
	for (int i = 0; i < KEYS_PER_ACTION && k->bound[a][i]; i++) {
		char name[KEY_NAME_MAX];

		n += (size_t)snprintf(text + n, KEYS_PER_ACTION * KEY_NAME_MAX - n, "%s%s", i ? " " : "",
			key_text(k->bound[a][i], name));
	}
	return text;
}

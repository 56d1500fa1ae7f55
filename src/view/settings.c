#include "view/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct setting_row rows[SETTING_COUNT] = {
#define SETTING(id, name_, kind_, value_, choices_, words_) \
	[SETTING_##id] = {name_, SETTING_IS_##kind_, value_, choices_, words_},
#include "view/settings.def"
};

static const char switch_choices[] = "on off";

const struct setting_row *setting_row(enum setting s)
{
	return &rows[s];
}

int setting_find(const char *name)
{
	for (int i = 0; i < SETTING_COUNT; i++)
		if (strcasecmp(rows[i].name, name) == 0)
			return i;
	return -1;
}

void settings_init(struct settings *s)
{
	*s = (struct settings){0};
	for (int i = 0; i < SETTING_COUNT; i++)
		snprintf(s->values[i], SETTING_TEXT, "%s", rows[i].value);
	keys_init(&s->keys);
}

void settings_free(struct settings *s)
{
	free(s->aliases);
	free(s->path);
	*s = (struct settings){0};
}

const char *settings_text(const struct settings *s, enum setting which)
{
	return s->values[which];
}

bool settings_on(const struct settings *s, enum setting which)
{
	return strcmp(s->values[which], "on") == 0;
}

int settings_number(const struct settings *s, enum setting which)
{
	return atoi(s->values[which]);
}

static const char *choices_of(enum setting which)
{
	return rows[which].kind == SETTING_IS_SWITCH ? switch_choices : rows[which].choices;
}

/* Which of the words it is; *count: how many there are. -1: none. */
static int word_index(const char *words, const char *word, unsigned *count)
{
	int found = -1;

	for (*count = 0; *words; ++*count) {
		size_t n = strcspn(words, " ");

		if (strlen(word) == n && strncasecmp(words, word, n) == 0)
			found = (int)*count;
		words += n + (words[n] == ' ');
	}
	return found;
}

unsigned settings_choice(const struct settings *s, enum setting which)
{
	unsigned count;
	int i = word_index(choices_of(which), s->values[which], &count);

	return i < 0 ? 0 : (unsigned)i;
}

static bool set_number(struct settings *s, enum setting which, const char *value, char why[SETTING_TEXT])
{
	int least = 0, most = 0;
	char *end;
	long n = strtol(value, &end, 10);

	sscanf(rows[which].choices, "%d %d", &least, &most);
	if (!*value || *end || n < least || n > most) {
		snprintf(why, SETTING_TEXT, "%s is a number from %d to %d", rows[which].name, least, most);
		return false;
	}
	snprintf(s->values[which], SETTING_TEXT, "%ld", n);
	return true;
}

bool settings_set(struct settings *s, enum setting which, const char *value, char why[SETTING_TEXT])
{
	const char *choices = choices_of(which);
	unsigned count;

	switch (rows[which].kind) {
	case SETTING_IS_NUMBER:
		return set_number(s, which, value, why);
	case SETTING_IS_TEXT:
		break;
	default:
		if (word_index(choices, value, &count) < 0) {
			snprintf(why, SETTING_TEXT, "%s is one of: %s", rows[which].name, choices);
			return false;
		}
	}
	snprintf(s->values[which], SETTING_TEXT, "%s", value);
	return true;
}

void settings_cycle(struct settings *s, enum setting which)
{
	const char *words = choices_of(which);
	unsigned count, next;

	if (rows[which].kind == SETTING_IS_NUMBER || rows[which].kind == SETTING_IS_TEXT)
		return;
	next = (unsigned)(word_index(words, s->values[which], &count) + 1);
	if (next >= count)
		next = 0;
	while (next--)
		words += strcspn(words, " ") + 1;
	snprintf(s->values[which], SETTING_TEXT, "%.*s", (int)strcspn(words, " "), words);
}

const char *settings_alias(const struct settings *s, const struct address *a)
{
	if (!settings_on(s, SETTING_ALIASES))
		return NULL;
	for (size_t i = 0; i < s->alias_count; i++)
		if (address_same_ip(&s->aliases[i].address, a) &&
			(!s->aliases[i].address.port || s->aliases[i].address.port == a->port))
			return s->aliases[i].name;
	return NULL;
}

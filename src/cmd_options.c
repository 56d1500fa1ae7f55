#include "cmd_options.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/distance.h"
#include "base/err.h"

enum { NAME_LENGTH_MAX = 63, HELP_COLUMN = 26 };

static void add_letter(struct options *o, const struct option *option)
{
	size_t n = strlen(o->letters);

	if (option->val >= OPTION_LONG)
		return;
	o->letters[n++] = (char)option->val;
	if (option->has_arg)
		o->letters[n++] = ':';
	o->letters[n] = '\0';
}

static void add_option(struct options *o, struct option option)
{
	if (o->count == OPTIONS_MAX)
		return;
	add_letter(o, &option);
	o->longs[o->count++] = option;
}

void options_init(struct options *o, const char *command, const struct option_row *rows,
	const struct option *more)
{
	/* the colon: a missing value is told apart from an unknown option */
	*o = (struct options){.command = command, .letters = ":"};
	for (; rows->name; rows++)
		add_option(o, (struct option){rows->name,
			rows->argument ? required_argument : no_argument, NULL, rows->code});
	for (; more && more->name; more++)
		add_option(o, *more);
	opterr = 0;
}

const char *option_nearest(const char *value, const char *const *names)
{
	const char *nearest = names[0];
	size_t best = word_distance(nearest, value);

	for (; *names; names++) {
		size_t d = word_distance(*names, value);

		if (d < best) {
			best = d;
			nearest = *names;
		}
	}
	return nearest;
}

static void tell_unknown(const struct options *o, const char *argument)
{
	const char *names[OPTIONS_MAX + 1];
	size_t length = strcspn(argument, "=");
	char name[NAME_LENGTH_MAX + 1];

	if (strncmp(argument, "--", 2) != 0) {
		err_line("%s: unknown option '-%c'; 'sipauth %s --help' lists them", o->command,
			optopt, o->command);
		return;
	}
	length = length - 2 > NAME_LENGTH_MAX ? NAME_LENGTH_MAX : length - 2;
	memcpy(name, argument + 2, length);
	name[length] = '\0';
	for (unsigned i = 0; i <= o->count; i++)
		names[i] = o->longs[i].name;
	err_line("%s: unknown option '--%s'; did you mean '--%s'?", o->command, name,
		option_nearest(name, names));
}

static const struct option *by_code(const struct options *o, int code)
{
	for (unsigned i = 0; i < o->count; i++)
		if (o->longs[i].val == code)
			return &o->longs[i];
	return NULL;
}

int options_next(struct options *o, int argc, char **argv)
{
	int before = optind, code = getopt_long(argc, argv, o->letters, o->longs, NULL);
	const struct option *option;

	if (code == ':' || (code == '?' && by_code(o, optopt))) {
		option = by_code(o, optopt);
		err_line("%s: option '--%s' %s", o->command, option ? option->name : "?",
			code == ':' ? "needs a value" : "takes no value");
		return '?';
	}
	if (code == '?')
		/* within a row of letters optind has not moved on yet */
		tell_unknown(o, argv[optopt && optind == before ? optind : optind - 1]);
	return code;
}

static void help_row(FILE *out, const struct option_row *row)
{
	char left[64], letter[5] = "    ";
	const char *text = row->help;

	if (row->code < OPTION_LONG)
		snprintf(letter, sizeof(letter), "-%c, ", row->code);
	snprintf(left, sizeof(left), "  %s--%s%s%s", letter, row->name, row->argument ? " " : "",
		row->argument ? row->argument : "");
	if (strlen(left) + 2 > HELP_COLUMN) {
		fprintf(out, "%s\n", left);
		left[0] = '\0';
	}
	for (;;) {
		size_t n = strcspn(text, "\n");

		fprintf(out, "%-*s%.*s\n", HELP_COLUMN, left, (int)n, text);
		left[0] = '\0';
		if (!text[n])
			break;
		text += n + 1;
	}
}

void options_help(FILE *out, const struct option_row *rows)
{
	for (; rows->name; rows++)
		help_row(out, rows);
}

int option_choice(const char *option, const char *value, const char *const *names)
{
	for (int i = 0; names[i]; i++)
		if (strcmp(names[i], value) == 0)
			return i;
	err_line("%s: no '%s'; did you mean '%s'?", option, value, option_nearest(value, names));
	return -1;
}

bool option_number(const char *option, const char *value, unsigned smallest, unsigned most,
	unsigned *out)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(value, &end, 10);
	if (isdigit((unsigned char)value[0]) && !*end && !errno && n >= smallest && n <= most) {
		*out = (unsigned)n;
		return true;
	}
	err_line("%s: '%s' is no number from %u to %u; did you mean %u?", option, value, smallest,
		most, errno || n > most ? most : smallest);
	return false;
}

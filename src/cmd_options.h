/*
 * Options of a command from one table of rows: the same rows make what getopt_long() wants and the
 * help. Whatever is wrong with the command line gets one line that names the nearest right word.
 */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

/* Codes of options without a letter begin here. */
enum { OPTION_LONG = 0x100, OPTIONS_MAX = 80 };

struct option_row {
	int code;              /* the letter, or OPTION_LONG + n */
	const char *name;      /* without "--" */
	const char *argument;  /* "FILE", NULL: takes none */
	const char *help;      /* "\n" begins a further line */
};

struct options {
	const char *command;           /* "analyze" */
	struct option longs[OPTIONS_MAX + 1];
	unsigned count;
	char letters[2 * OPTIONS_MAX + 2];
};

/* Rows end with a NULL name; `more` are ready-made ones, ending alike, or NULL. */
void options_init(struct options *o, const char *command, const struct option_row *rows,
	const struct option *more);
/* As getopt_long(): a code, or -1 at the end. '?': it was wrong, and that was told. */
int options_next(struct options *o, int argc, char **argv);
void options_help(FILE *out, const struct option_row *rows);

/* The index of `value` in `names` (NULL ends them); -1: not there, and that was told. */
int option_choice(const char *option, const char *value, const char *const *names);
/* A number within limits; false: it is none, and that was told. */
bool option_number(
	const char *option, const char *value, unsigned least, unsigned most, unsigned *out);
/* The one of `names` with the smallest edit distance, letters' case ignored. */
const char *option_nearest(const char *value, const char *const *names);

#endif

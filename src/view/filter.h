/*
 * Which rows the list shows, as an expression: words that must all hold.
 *
 *	method=REGISTER outcome=rejected,unanswered account=1001 finding=digest-mismatch !address=10.0.0.0/8 text
 *
 * NAME=VALUE: one of the values, with commas between, fits; NAME==VALUE: it is the whole. A word without "=" is
 * looked for everywhere in the row. "!" before a word: it must not hold. Letters' case counts nothing.
 */
#ifndef VIEW_FILTER_H
#define VIEW_FILTER_H

#include "view/rows.h"

enum { FILTER_TERMS_MAX = 16, FILTER_VALUES_MAX = 32, FILTER_TEXT = 256, FILTER_WHY = 200 };

struct filter_value {
	struct slice text;
	struct address address;   /* of a network */
	unsigned prefix;          /* its bits; 0: compared as text */
	uint64_t bits[ROW_FINDING_WORDS]; /* findings that are meant */
};

struct filter_term {
	const struct filter_key *key; /* NULL: everywhere */
	bool negated, whole;
	unsigned first, count;        /* of its values */
};

/* Zero-initialised lets everything pass. */
struct filter {
	char text[FILTER_TEXT];       /* values point in here: never copy a filter, parse it anew */
	struct filter_term terms[FILTER_TERMS_MAX];
	unsigned count;
	struct filter_value values[FILTER_VALUES_MAX];
	unsigned value_count;
};

/* False: `why` says what is wrong, and the filter is as it was. */
bool filter_parse(struct filter *f, const char *expression, char why[FILTER_WHY]);
bool filter_takes(const struct filter *f, const struct rows *rows, const struct row *row);
/* Is the text anywhere in the row? Letters' case counts nothing. */
bool filter_finds(const struct rows *rows, const struct row *row, struct slice text);
/* The names that an expression may have, for help: "method account ..." */
void filter_names(struct buf *out);

#endif

/* The columns of the list: what they show of a row, and how they sort. */
#ifndef VIEW_COLUMNS_H
#define VIEW_COLUMNS_H

#include "view/rows.h"
#include "view/settings.h"

enum column {
#define COLUMN(id, name, title, width, right, words) COLUMN_##id,
#include "view/columns.def"
	COLUMN_COUNT
};

struct column_row {
	const char *name, *title, *words;
	unsigned width;
	bool right;
};

/* What the texts depend on. */
struct column_context {
	const struct rows *rows;
	const struct settings *settings;
	int64_t begin;      /* first time of the input, for relative times */
};

struct column_set {
	enum column list[COLUMN_COUNT];
	unsigned count;
};

const struct column_row *column_row(enum column c);
/* By name; -1: there is none. */
int column_find(const char *name);
/* "n,method,account"; names that are none are left out. Empty: what suits a screen of this width. */
void column_set_parse(struct column_set *set, const char *text, unsigned width);
void column_set_text(const struct column_set *set, struct buf *out);

/* What the column shows of a row, printable. */
void column_text(enum column c, const struct column_context *context, const struct row *row, struct buf *out);
/* Less than, equal to, greater than 0, as in strcmp(). */
int column_compare(enum column c, const struct rows *rows, const struct row *a, const struct row *b);

#endif

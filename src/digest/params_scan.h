/* Private to the scanner of params.h: the state that scanner and value reader share. */
#ifndef DIGEST_PARAMS_SCAN_H
#define DIGEST_PARAMS_SCAN_H

#include "digest/params.h"

struct scan {
	const char *begin;     /* of this challenge */
	const char *at, *end;  /* what is left of the header field value */
	const char *last;      /* end of the last element */
	unsigned commas;       /* since the last element */
	bool first;            /* no element yet */
	bool plain;            /* all of it so far, so there are no line breaks */
	bool info;             /* Authentication-Info: no scheme, one list */
	struct params *out;
	struct param list[PARAMS_MAX + 1]; /* and the place of one that is read, but not kept */
};

/* The parameter of this name, in any case. */
enum param_id param_find(struct slice name);

/*
 * Reads the parameters that follow at s->at as long as they are plain: s->at is then behind the last one, else where
 * it was, and nothing was read.
 */
bool scan_plain(struct scan *s);
void scan_defect(struct scan *s, unsigned bit, const char *where);
/* Reads the value after "=" (at s->at) into p, whose name is set. */
void scan_value(struct scan *s, struct param *p);

static inline const char *scan_skip_space(const char *at, const char *end)
{
	while (at < end && slice_is_space(*at))
		at++;
	return at;
}

/* End of the run of bytes that can be a name or scheme: all but white space and = , ; " */
const char *scan_word(const char *at, const char *end);
/* Begins here a word (of a known parameter, if `known`) that is followed by "="? */
bool scan_is_name(const char *at, const char *end, bool known);
/* The next '"' that is not escaped, or NULL. */
const char *scan_closing_quote(const char *at, const char *end);
/* Can a quoted value have ended before `at`? */
bool scan_value_ends(const char *at, const char *end);

#endif

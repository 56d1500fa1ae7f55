/*
 * How long searches for deviations may take (--search-time, --deep): a clock for the engine, which has none, a
 * line on the terminal when it takes longer, and Ctrl-C, which ends the searches and not the report.
 */
#ifndef CMD_SEARCH_H
#define CMD_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/tracker.h"
#include "cmd_options.h"

enum search_option_code { SEARCH_OPTION_TIME = 0x5d00, SEARCH_OPTION_DEEP };

/* Two rows of a table of options. */
#define SEARCH_OPTION_ROWS                                                                         \
	{SEARCH_OPTION_TIME, "search-time", "SECONDS",                                             \
		"at most so long to find out why digests are wrong\n(10; with --deep 60)"},        \
	{                                                                                          \
		SEARCH_OPTION_DEEP, "deep", NULL,                                                  \
			"try all combinations of realm, user, password,\nmethod and URI as well "  \
			"(some 10 s a response)"                                                   \
	}

enum { SEARCH_TIME = 10, SEARCH_TIME_DEEP = 60 };

struct search_watch {
	bool deep;
	bool time_given;
	unsigned seconds;
	bool ends_input;      /* Ctrl-C always ends the reading, which has no other end */
	/* while it runs */
	int64_t spent, begun; /* nanoseconds */
	bool late, running, shown, watching, interrupted;
};

/* Takes the option if it is one of these; *good: its value is right. */
bool search_option(struct search_watch *w, int code, const char *value, bool *good);
/* For tracker_options: search, with the watch as its argument. */
bool search_step(void *arg, enum search_step step);
/* Is the reading to end, too? Not if Ctrl-C was meant for the searches. */
bool search_stop_requested(struct search_watch *w);
/* The line on the terminal is wiped. */
void search_end(struct search_watch *w);

#endif

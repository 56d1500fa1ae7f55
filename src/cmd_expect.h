/* What the user believes of the network, and what the engine may take: options of every command that reads traffic. */
#ifndef CMD_EXPECT_H
#define CMD_EXPECT_H

#include "auth/tracker.h"
#include "cmd_options.h"

/* Codes of these options; a command adds the rows to its own. */
enum {
	TRACKER_OPTION_EXPECT = OPTION_LONG + 0xc0, TRACKER_OPTION_VOS_MODE, TRACKER_OPTION_PROFILE,
	TRACKER_OPTION_REALM, TRACKER_OPTION_LOOP_ROUNDS, TRACKER_OPTION_MEMORY
};

#define TRACKER_OPTION_ROWS                                                                        \
	{TRACKER_OPTION_EXPECT, "expect", "LIST",                                                  \
		"challenges expected: REGISTER=401,INVITE=407,...;\n"                              \
		"both = one response with both header fields; any"},                               \
		{TRACKER_OPTION_VOS_MODE, "vos-mode", "MODE",                                      \
			"SS_AUTHCHALLENGEMODE that is believed set: 1, 2 or 3"},                   \
		{TRACKER_OPTION_PROFILE, "profile", "NAME",                                        \
			"kind of endpoint: cisco, yealink, carrier, ..."},                         \
		{TRACKER_OPTION_REALM, "realm", "NAME", "realm that the clients are configured for"}, \
		{TRACKER_OPTION_LOOP_ROUNDS, "loop-rounds", "N", "challenges that make a loop (3)"}, \
		{TRACKER_OPTION_MEMORY, "memory", "MB",                                            \
			"the engine takes at most so much (64, at least 32):\n"                    \
			"what is not used for long is forgotten"}

/* Is it one of these? Then `good`: its value is right; if not, that was told. */
bool tracker_option(struct tracker_options *o, int code, const char *value, bool *good);

/*
 * --expect METHOD=401|407|both|any[,...]: sets the methods that `value` names. False: it is wrong, and that was told.
 */
bool expect_parse(const char *value, enum expected expect[METHOD_COUNT]);

#endif

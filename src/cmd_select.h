/* The options that select what is shown: accounts, addresses, times, findings. */
#ifndef CMD_SELECT_H
#define CMD_SELECT_H

#include "cmd_options.h"
#include "report/select.h"

/* Codes of these options; a command adds the rows to its own. */
enum {
	SELECT_ACCOUNT = OPTION_LONG + 0x80, SELECT_ADDRESS, SELECT_METHOD, SELECT_CALL_ID,
	SELECT_SINCE, SELECT_UNTIL, SELECT_OUTCOME, SELECT_FINDING, SELECT_ONLY,
	SELECT_END
};

#define SELECT_OPTION_ROWS                                                                         \
	{SELECT_ACCOUNT, "account", "USER", "only this account: USER or USER@REALM"},              \
		{SELECT_ADDRESS, "address", "IP", "only clients and servers of this address: IP or\n"  \
			"IP/PREFIX"},                                                              \
		{SELECT_METHOD, "method", "NAME", "only REGISTER, INVITE, ..."},                   \
		{SELECT_CALL_ID, "call-id", "TEXT", "only Call-IDs with this in them"},            \
		{SELECT_SINCE, "since", "TIME", "only what went on at or after it: 2026-11-22T10:22,\n" \
			"10:22:01 (UTC), or 5m after the first packet"},                           \
		{SELECT_UNTIL, "until", "TIME", "only what went on at or before it"},              \
		{SELECT_OUTCOME, "outcome", "NAME", "only accepted, rejected, unanswered, no-reply,\n" \
			"unchallenged or unknown"},                                                \
		{SELECT_FINDING, "finding", "ID", "only with this finding (see explain)"},         \
		{SELECT_ONLY, "only", "WHAT", "only failed"}

/* Is this one of them? */
bool select_is_option(int code);
/* Takes one in. False: its value is wrong, and that was told. */
bool select_option(struct selection *s, int code, const char *value);
/* After the last one. False: they contradict each other, and that was told. */
bool select_check(const struct selection *s);

#endif

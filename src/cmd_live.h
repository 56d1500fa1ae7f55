/* Options of live input and of watching it; privileges, which are dropped once everything is open. */
#ifndef CMD_LIVE_H
#define CMD_LIVE_H

#include "capture/live.h"
#include "cmd_options.h"

enum live_option_code {
	LIVE_OPTION_HEP = 0x5c00, LIVE_OPTION_DURATION, LIVE_OPTION_STATS, LIVE_OPTION_ALERT
};

/* Rows of a table of options. */
#define LIVE_OPTION_ROWS                                                                           \
	{'i', "interface", "LIST", "capture live, until interrupted: eth0, or eth0,eth1,\nor any"}, \
	{LIVE_OPTION_HEP, "hep-listen", "ADDR:PORT",                                               \
		"wait there for HEP agents, UDP and TCP (port 9060)"},                             \
	{LIVE_OPTION_DURATION, "duration", "SECONDS", "end after this time"},                      \
	{'s', "snaplen", "BYTES", "live: only the beginning of each packet"},                      \
	{'B', "buffer", "MIB", "live: kernel buffer for each interface (16)"},                     \
	{'p', "no-promiscuous", NULL, "live: only what is for this machine"},                      \
	{LIVE_OPTION_STATS, "stats-interval", "SECONDS",                                           \
		"print challenges and refusals per server and account\n"                           \
		"on standard error that often"},                                                   \
	{LIVE_OPTION_ALERT, "alert", "RATE",                                                       \
		"mark servers and accounts with so many refusals a\n"                              \
		"minute, and end with status 1"}

struct live_settings {
	struct live_options live;
	unsigned duration, interval, alert; /* 0: not given */
};

void live_settings_init(struct live_settings *s);
/* Takes the option if it is one of these; *good: its value is right. */
bool live_option(struct live_settings *s, int code, char *value, bool *good);
/* Were interfaces or agents asked for? */
bool live_wanted(const struct live_settings *s);
/* After all files are open: who captured as root goes on as somebody else. False: told. */
bool live_drop_privileges(void);

#endif

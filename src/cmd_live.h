/* Live input of analyze: interfaces and HEP agents, with privileges dropped once they are open. */
#ifndef CMD_LIVE_H
#define CMD_LIVE_H

#include "cmd_analyze.h"

/* "eth0,eth1"; false: too many, and that was told. */
bool live_add_interfaces(struct analyze *a, char *list);
/* "0.0.0.0:9060", "[::]:9060", ":9060"; false: it is none, and that was told. */
bool live_add_hep(struct analyze *a, const char *text);
/* Opens what was asked for. False: trouble, and it was told. */
bool live_begin(struct analyze *a);
/* After all files are open: who captured as root goes on as somebody else. */
bool live_drop_privileges(void);
/* Until interrupted, or nothing is left. */
void live_run(struct analyze *a);

#endif

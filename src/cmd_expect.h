/* --expect METHOD=401|407|both|any[,...]: what the user believes a server challenges with. */
#ifndef CMD_EXPECT_H
#define CMD_EXPECT_H

#include "auth/tracker.h"

/* Sets the methods that `value` names. False: it is wrong, and that was told. */
bool expect_parse(const char *value, enum expected expect[METHOD_COUNT]);

#endif

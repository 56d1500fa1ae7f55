/* Options of the report and of what the user believes, as every command that has a report takes
 * them. */
#ifndef CMD_REPORT_H
#define CMD_REPORT_H

#include "report/report.h"

/* False: the value is wrong, and that was told. */
bool report_set_format(struct report_options *o, const char *value);
bool report_set_fail_on(struct report_options *o, const char *value);
bool report_set_profile(struct tracker_options *o, const char *option, const char *value);

#endif

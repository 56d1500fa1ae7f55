/* What `sipauth analyze` is told. */
#ifndef CMD_ANALYZE_OPTIONS_H
#define CMD_ANALYZE_OPTIONS_H

#include "auth/tracker.h"
#include "cmd_compare.h"
#include "cmd_live.h"
#include "cmd_search.h"
#include "cmd_secrets.h"
#include "cmd_select.h"
#include "report/report.h"

enum { ANALYZE_FILES_MAX = 1024 };

struct analyze_options {
	struct report_options report;    /* files and filter included */
	struct tracker_options tracker;  /* without the secrets */
	struct secret_options secrets;
	struct selection selection;
	struct search_watch search;
	struct live_settings live;
	struct compare_pair compare;     /* --compare */
	const char *files[ANALYZE_FILES_MAX];
	const char *output, *write;      /* -o, -w; NULL: not given */
	const char *keylog, *tls_key;    /* secrets of TLS; NULL: not given */
	bool help, follow;
};

/* False: something is wrong, and that was told. `o` must stay where it is. */
bool analyze_options_parse(struct analyze_options *o, int argc, char **argv);
void analyze_options_help(void);

#endif

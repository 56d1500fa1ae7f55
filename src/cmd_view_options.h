/* What `sipauth view` is told. */
#ifndef CMD_VIEW_OPTIONS_H
#define CMD_VIEW_OPTIONS_H

#include "auth/tracker.h"
#include "cmd_live.h"
#include "cmd_search.h"
#include "cmd_secrets.h"
#include "cmd_select.h"

enum { VIEW_FILES_MAX = 1024, VIEW_SPOOL_MIB = 8192 };

struct view_cmd_options {
	struct tracker_options tracker;  /* without the secrets */
	struct secret_options secrets;
	struct selection selection;
	struct search_watch search;
	struct live_settings live;
	const char *files[VIEW_FILES_MAX];
	size_t file_count;
	const char *filter, *keylog, *tls_key; /* NULL: not given */
	unsigned spool_mib;
	bool help, follow, show_secrets;
};

/* False: something is wrong, and that was told. `o` must stay where it is. */
bool view_options_parse(struct view_cmd_options *o, int argc, char **argv);
void view_options_help(void);

#endif

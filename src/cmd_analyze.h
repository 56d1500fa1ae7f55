/* What analyze is asked to do, and what it needs while it runs. */
#ifndef CMD_ANALYZE_H
#define CMD_ANALYZE_H

#include "capture/dissect.h"
#include "capture/live.h"
#include "capture/source.h"
#include "cmd_encrypted.h"
#include "cmd_keep.h"
#include "cmd_secrets.h"
#include "cmd_watch.h"
#include "report/report.h"

enum { ANALYZE_FILES_MAX = 1024 };

/* Time while nothing comes. */
struct capture_clock {
	int64_t last;    /* of the newest packet */
	int64_t since;   /* it is quiet, by the clock of the machine */
	bool quiet;
	bool live;       /* the packets were captured just now */
};

struct analyze {
	struct report_options report;
	struct tracker_options tracker_options;
	struct secret_options secret_options;
	const char *files[ANALYZE_FILES_MAX];
	const char *output, *keep_path;
	const char *keylog, *private_key;
	struct live_options live_options;
	unsigned duration, interval, alert;
	bool help, follow;
	/* while it runs */
	FILE *out;
	struct secrets *secrets;
	struct tls_keys *keys;
	struct encrypted encrypted;
	struct source *source;         /* either files ... */
	struct live *live;             /* ... or this */
	struct watch *watch;           /* NULL: not asked for */
	struct dissector *dissector;
	struct tracker *tracker;
	struct report *result;
	struct keep *keep;
	size_t failed_files;
	struct capture_clock clock;
};

/* The command line; false: it is wrong, and that was told. */
bool analyze_parse(struct analyze *a, int argc, char **argv);
void analyze_help(void);
bool analyze_is_live(const struct analyze *a);
/* The next packet, from wherever. */
void analyze_packet(struct analyze *a, const struct packet *p);

#endif

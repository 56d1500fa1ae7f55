/* The pieces of `sipauth probe`: its options, where and what they mean, running, printing, keeping.
 */
#ifndef CMD_PROBE_H
#define CMD_PROBE_H

#include <stdio.h>

#include "cmd_options.h"
#include "cmd_secrets.h"
#include "report/report.h"
#include "ua/probe.h"

enum { PROBE_STEPS_MAX = 16 };

/* What the command line says, before it is understood. */
struct probe_arguments {
	const char *target, *proxy, *from, *to, *domain, *request_uri, *contact, *transport,
		*method, *steps;
	const char *local, *route[REQUEST_ROUTES_MAX];
	unsigned route_count;
	struct buf extra; /* header lines */
	const char *body_file;
	unsigned timeout, ring, hold, interval, repeat, wait;
};

/* What is known of a step when its exchange is closed. */
struct step_result {
	struct probe_step step;
	bool known; /* the engine told */
	enum outcome outcome;
	enum severity severity;
	unsigned status;
	char verdict[PROBE_TEXT];
};

struct probe_keep;

struct probe_command {
	struct probe_arguments arguments;
	struct report_options report;
	struct tracker_options tracker_options;
	struct secret_options secret_options;
	struct probe_options probe;
	struct probe_guard guard;
	enum method steps[PROBE_STEPS_MAX];
	unsigned step_count;
	const char *output, *keep_path;
	bool help, matrix, nagios;
	const struct profile *played; /* --as; NULL: nobody */
	struct arena arena;           /* strings made of the arguments */
	char title[PROBE_TEXT];       /* "probe of sip:10.0.0.1" */
	/* while it runs */
	FILE *out;
	struct secrets *secrets;
	struct tracker *tracker;
	struct report *result;
	struct probe_keep *keep;
	struct probe *session;
	int64_t first_time; /* of the messages of this run */
	uint64_t messages;
	struct buf line;
	struct step_result results[PROBE_STEPS_MAX];
	unsigned result_count;
	bool dirty; /* something could not be cleaned up */
};

/* cmd_probe_options.c */
extern const struct option_row probe_rows[];
/* One option; false: its value is wrong, and that was told. */
bool probe_set_option(struct probe_command *c, int code, const char *value);

/* cmd_probe_target.c: arguments become options. False: something is wrong, and that was told. */
bool probe_target_parse(struct probe_command *c);
/* "register,invite": false if one is none. */
bool probe_steps_parse(struct probe_command *c);

/* cmd_probe_run.c: everything between the options and the exit status; -1: it did not begin, told.
 */
int probe_command_run(struct probe_command *c);

/* cmd_probe_outcome.c */
const char *step_outcome_name(const struct step_result *r);
const char *step_name(enum method m);
/* The exit status of a step for which no exchange stands; tells what is at fault on our side of the
 * wire. */
int probe_exit_status(const struct probe_step *s, const struct probe_command *c);

/* cmd_probe_matrix.c: all rows of --matrix with a session that is open; the exit status. */
int probe_matrix(struct probe_command *c);

/* cmd_probe_nagios.c: the one line of a monitoring plugin; its exit status. */
enum { NAGIOS_OK, NAGIOS_WARNING, NAGIOS_CRITICAL, NAGIOS_UNKNOWN };
int probe_nagios(const struct probe_command *c, int status);

/* cmd_probe_keep.c: messages as packets of a capture. */
struct probe_keep *probe_keep_open(const char *path);
void probe_keep_datagram(struct probe_keep *k, const struct datagram *d);
/* False: not all was written, and that was told. NULL is fine. */
bool probe_keep_close(struct probe_keep *k);

#endif

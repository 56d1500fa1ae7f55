/*
 * A reader of the engine: exchanges, scope findings and the end of the input become text for a
 * person, one JSON document, or a stream of JSON lines (CONTRACT "JSON", "The text report"). What
 * is kept of an exchange is bounded, however many fail; the rest of it is gone when the call
 * returns.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdio.h>

#include "auth/advice.h"
#include "auth/tracker.h"
#include "report/select.h"

enum report_format { REPORT_TEXT, REPORT_JSON, REPORT_NDJSON };

/* Everything that is pointed to must outlive the report. */
struct report_options {
	enum report_format format;
	enum severity fail_on;         /* SEVERITY_OK: never */
	bool all;                      /* text: the walk of every failed exchange */
	bool verbose;                  /* text: info findings, one line for each fine exchange */
	bool quiet;                    /* text: the result and the groups only */
	bool color;
	bool show_secrets;
	const char *const *files;      /* file number 1 is files[0] */
	size_t file_count;
	const char *source;            /* what was looked at, if no files: "probe of sip:10.0.0.1"; else NULL */
	const char *filter;            /* capture filter, NULL: none; for hints */
	bool advise;                   /* text: the table of endpoints and challenge modes */
	unsigned vos_mode;             /* what the user believes; 0: nothing */
	const struct profile *profile; /* NULL: none */
	const struct selection *selection; /* NULL: everything is shown */
	const struct tracker *tracker; /* what it knows of servers and accounts; NULL: nothing */
};

struct report_count {
	const char *name;              /* "link-type" */
	uint64_t count;
};

/* What the command knows at the end. */
struct report_end {
	const struct tracker_stats *stats;
	const struct advice *advice;   /* concluded; NULL: none */
	const struct accounts *accounts; /* NULL: none */
	uint64_t packets;
	uint64_t filtered;             /* of these, left out by the filter */
	bool truncated, broken;
	const struct report_count *undecoded;
	size_t undecoded_count;
	int linktype;                  /* the first that is not known, -1: none */
	uint64_t tls_connections;      /* that were not read; tls_detail: whose, and why */
	struct slice tls_detail;
	const struct report_count *dropped; /* caps that bit beside the engine's own */
	size_t dropped_count;
};

/* What a probe did, beside the exchanges (CONTRACT "probe"). */
struct report_step {
	const char *name;              /* "register" */
	const char *outcome;
	unsigned status;               /* 0: none */
	int64_t rtt, duration;         /* nanoseconds; rtt -1: nothing came back */
	const char *text;              /* "" */
};

struct report_probe {
	const char *target;
	const struct address *resolved;
	size_t resolved_count;
	const struct report_step *steps;
	size_t step_count;
	const char *const *conclusions; /* of a matrix */
	size_t conclusion_count;
};

struct report;

/* `out` is not closed. */
struct report *report_new(FILE *out, const struct report_options *o);
void report_exchange(struct report *r, const struct exchange *x);
void report_finding(struct report *r, const struct scope_finding *f);
void report_probe(struct report *r, const struct report_probe *p);
/* Writes what is left and flushes. False: something could not be written (errno says why). */
bool report_finish(struct report *r, const struct report_end *e);
void report_free(struct report *r);

/* Was anything found at or above fail_on, in what is shown? */
bool report_found(const struct report *r);
/*
 * Is this one of "the reported exchanges"? The selection says, if there is one; else it failed, has
 * a finding at or above fail_on, or all were asked for.
 */
bool report_selects(const struct report_options *o, const struct exchange *x);

/* Is the number of findings that are no warnings enough (tracker_reader.skims)? */
bool report_skims(const struct report_options *o);

/* The name of a format, -1 if there is none. */
int report_format_parse(const char *name);

#endif

/*
 * The kinds of findings: what is fixed about each (catalogue.def), and the words of its message.
 * No I/O, nothing that changes.
 */
#ifndef AUTH_FINDING_H
#define AUTH_FINDING_H

#include <stddef.h>

#include "base/buf.h"

enum finding_id {
#define FINDING(name, id, sev, failed, fault, rank, title, say, why, fix, vos3000, source) \
	FINDING_##name,
#include "auth/catalogue.def"
	FINDING_COUNT
};

enum severity { SEVERITY_OK, SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR };

/* FAULT_EITHER: of the sender of the message. FAULT_DERIVED: that of the cause. */
enum fault {
	FAULT_NONE,
	FAULT_CLIENT,
	FAULT_SERVER,
	FAULT_MIDDLEBOX,
	FAULT_CONFIG,
	FAULT_NETWORK,
	FAULT_CAPTURE,
	FAULT_EITHER,
	FAULT_DERIVED
};

/* PROVEN: the bytes show it. LIKELY: no packet may be missing. POSSIBLE: one reading of several. */
enum confidence { CONFIDENCE_POSSIBLE, CONFIDENCE_LIKELY, CONFIDENCE_PROVEN };

/* A row of catalogue.def. All texts are ASCII and never NULL; only vos3000 may be empty. */
struct finding_kind {
	const char *id;
	enum severity severity;           /* in an exchange that did not fail */
	enum severity severity_if_failed; /* in one that did */
	enum fault fault;
	int cause_rank;                   /* the lowest explains a failed exchange; 0: never */
	const char *title;                /* one short line */
	const char *say;                  /* template of the message, for finding_say() */
	const char *why;
	const char *fix;
	const char *vos3000;
	const char *source;
};

/* A value for a placeholder of the template: wire bytes, any length, need not end in NUL. */
struct finding_arg {
	const char *name;
	const char *value;
	size_t length;
};

/* The row of an id; static storage. NULL if `id` is none. */
const struct finding_kind *finding_kind(enum finding_id id);

/*
 * The finding that is called `name`: an id, an alias, or digest-deviation/ID with any deviation ID
 * of small letters, digits and hyphens. Gives an enum finding_id, or -1.
 */
int finding_find(const char *name);

/* The id or alias with the smallest edit distance to `name`, for "did you mean"; static storage. */
const char *finding_nearest(const char *name);

/* The n-th other name (from 0) of a finding, or NULL; static storage. */
const char *finding_alias(enum finding_id id, size_t n);

/* The heading of the section that begins with this finding, or NULL; static storage. */
const char *finding_section(enum finding_id id);

/* The words of the JSON output ("warning", "client", "likely"); "" for a value that is none. */
const char *severity_name(enum severity s);
const char *fault_name(enum fault f);
const char *confidence_name(enum confidence c);

/* The reverse of severity_name(): an enum severity, or -1. */
int severity_parse(const char *name);

/*
 * Adds the message of a finding to `out`: its template with `n` values put in. A placeholder
 * without a value vanishes. Values are wire bytes; what could drive a terminal is written as \xNN
 * (see buf_add_printable()). `args` is borrowed for the call.
 */
void finding_say(enum finding_id id, const struct finding_arg *args, size_t n, struct buf *out);

#endif

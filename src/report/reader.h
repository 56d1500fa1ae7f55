/* What the writers of report/ share. Private to the folder. */
#ifndef REPORT_READER_H
#define REPORT_READER_H

#include "auth/software.h"
#include "base/map.h"
#include "report/groups.h"
#include "report/report.h"

struct report_ops {
	void *(*open)(struct report *r);
	void (*exchange)(
		struct report *r, const struct exchange *x, const struct group *group, bool fresh);
	void (*finding)(struct report *r, const struct scope_finding *f);
	void (*probe)(struct report *r, const struct report_probe *p);
	void (*finish)(struct report *r, const struct report_end *e);
	void (*close)(struct report *r);
};

/* Of all exchanges, shown or not; further legs are not counted. */
struct report_counts {
	uint64_t exchanges, failed;
	uint64_t without_fault;    /* outcome of a failure, but nothing is wrong: pings, scans */
	uint64_t outcomes[OUTCOME_COUNT];
};

/* What a selection let pass. */
struct report_shown {
	uint64_t exchanges, failed, findings;
	uint8_t *taken;            /* bits by number of the exchange */
	size_t size;               /* bytes */
	struct map seen;           /* servers and accounts of shown exchanges */
};

struct report {
	struct report_options options;
	FILE *out;
	const struct report_ops *ops;
	void *state;               /* of the writer */
	struct groups *groups;     /* of all */
	struct groups *shown_groups; /* the same without a selection */
	struct report_counts counts;
	struct report_shown shown;
	enum severity worst;       /* of what is shown */
	bool write_failed;
	int write_errno;
};

extern const struct report_ops report_text_ops, report_json_ops, report_ndjson_ops;

/* Writes the buffer out and empties it. After the first error nothing more is written. */
void report_write(struct report *r, struct buf *b);

/*
 * Did it fail for a reason that is told? A keep-alive that nobody answers and the members of a scan
 * have no cause: no failure to be walked through.
 */
bool report_failed(const struct exchange *x);
/* What the software that is seen makes of a finding: of an exchange, or beside them. */
struct software_advice report_advice(const struct exchange *x, const struct finding *f);
struct software_advice report_scope_advice(const struct report *r, const struct scope_finding *f);
/* Is there a selection? Then whether an exchange of this server, this account was shown. */
bool report_selecting(const struct report *r);
bool report_shows_server(const struct report *r, const struct address *server);
bool report_shows_account(const struct report *r, const struct account *a);
/* Name of the input file, "" if the number is none. */
const char *report_file(const struct report *r, unsigned file);

#endif

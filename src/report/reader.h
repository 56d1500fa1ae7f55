/* What the writers of report/ share. Private to the folder. */
#ifndef REPORT_READER_H
#define REPORT_READER_H

#include "report/groups.h"
#include "report/report.h"

struct report_ops {
	void *(*open)(struct report *r);
	void (*exchange)(struct report *r, const struct exchange *x, const struct group *group, bool fresh);
	void (*finding)(struct report *r, const struct scope_finding *f);
	void (*probe)(struct report *r, const struct report_probe *p);
	void (*finish)(struct report *r, const struct report_end *e);
	void (*close)(struct report *r);
};

struct report {
	struct report_options options;
	FILE *out;
	const struct report_ops *ops;
	void *state;               /* of the writer */
	struct groups *groups;
	enum severity worst;
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
/* Name of the input file, "" if the number is none. */
const char *report_file(const struct report *r, unsigned file);

#endif

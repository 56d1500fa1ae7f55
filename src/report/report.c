#include "report/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "report/reader.h"

static const struct {
	const char *name;
	const struct report_ops *ops;
} formats[] = {
	[REPORT_TEXT] = {"text", &report_text_ops},
	[REPORT_JSON] = {"json", &report_json_ops},
	[REPORT_NDJSON] = {"ndjson", &report_ndjson_ops},
};

int report_format_parse(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (strcmp(formats[i].name, name) == 0)
			return (int)i;
	return -1;
}

struct report *report_new(FILE *out, const struct report_options *o)
{
	struct report *r = xcalloc(1, sizeof(*r));

	r->options = *o;
	r->out = out;
	r->ops = formats[o->format].ops;
	r->groups = groups_new();
	r->state = r->ops->open(r);
	return r;
}

void report_free(struct report *r)
{
	if (!r)
		return;
	r->ops->close(r);
	groups_free(r->groups);
	free(r);
}

static void note(struct report *r, enum severity s)
{
	if (s > r->worst)
		r->worst = s;
}

bool report_failed(const struct exchange *x)
{
	return outcome_failed(x->outcome) && x->cause;
}

void report_exchange(struct report *r, const struct exchange *x)
{
	const struct group *group = NULL;
	bool fresh = false;

	note(r, exchange_severity(x));
	/* a further leg is the same authentication: shown, but not counted again */
	if (report_failed(x) && !x->leg_of)
		group = groups_note(r->groups, x, &fresh);
	r->ops->exchange(r, x, group, fresh);
}

void report_finding(struct report *r, const struct scope_finding *f)
{
	note(r, f->finding.severity);
	r->ops->finding(r, f);
}

void report_probe(struct report *r, const struct report_probe *p)
{
	r->ops->probe(r, p);
}

bool report_finish(struct report *r, const struct report_end *e)
{
	r->ops->finish(r, e);
	if (!r->write_failed && fflush(r->out) != 0) {
		r->write_failed = true;
		r->write_errno = errno;
	}
	errno = r->write_errno;
	return !r->write_failed;
}

static bool reaches(enum severity s, enum severity fail_on)
{
	return fail_on != SEVERITY_OK && s >= fail_on;
}

bool report_found(const struct report *r)
{
	return reaches(r->worst, r->options.fail_on);
}

bool report_selects(const struct report_options *o, const struct exchange *x)
{
	return o->all || report_failed(x) || reaches(exchange_severity(x), o->fail_on);
}

void report_write(struct report *r, struct buf *b)
{
	if (b->n && !r->write_failed && fwrite(b->p, 1, b->n, r->out) != b->n) {
		r->write_failed = true;
		r->write_errno = errno;
	}
	buf_clear(b);
}

const char *report_file(const struct report *r, unsigned file)
{
	return file && file <= r->options.file_count ? r->options.files[file - 1] : "";
}

#include "report/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "report/reader.h"
#include "report/shown.h"

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
	r->shown_groups = report_selecting(r) ? groups_new() : r->groups;
	r->state = r->ops->open(r);
	return r;
}

void report_free(struct report *r)
{
	if (!r)
		return;
	r->ops->close(r);
	if (r->shown_groups != r->groups)
		groups_free(r->shown_groups);
	groups_free(r->groups);
	shown_free(&r->shown);
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

static void count(struct report_counts *c, const struct exchange *x)
{
	c->exchanges++;
	c->outcomes[x->outcome]++;
	c->failed += report_failed(x);
	c->without_fault += outcome_failed(x->outcome) && !report_failed(x);
}

void report_exchange(struct report *r, const struct exchange *x)
{
	/* a further leg is the same authentication: shown, but not counted again */
	bool counts = !x->leg_of, failed = counts && report_failed(x), fresh = false;
	const struct group *group = NULL;

	if (counts)
		count(&r->counts, x);
	if (failed)
		group = groups_note(r->groups, x, &fresh);
	if (!shown_exchange(r, x))
		return;
	if (failed && r->shown_groups != r->groups)
		group = groups_note(r->shown_groups, x, &fresh);
	note(r, exchange_severity(x));
	r->ops->exchange(r, x, group, fresh);
}

void report_finding(struct report *r, const struct scope_finding *f)
{
	if (!shown_finding(r, f))
		return;
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
	if (o->selection && selection_active(o->selection))
		return selection_shows(o->selection, x);
	return o->all || report_failed(x) || reaches(exchange_severity(x), o->fail_on);
}

bool report_skims(const struct report_options *o)
{
	return o->format == REPORT_TEXT && !o->verbose && !(o->selection && o->selection->finding_count);
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
	const char *name = file && file <= r->options.file_count ? r->options.files[file - 1] : "";

	return strcmp(name, "-") == 0 ? "standard input" : name;
}

struct software_advice report_advice(const struct exchange *x, const struct finding *f)
{
	return software_advise(f->id, f->fault, exchange_user_agent(x), exchange_server(x));
}

/* The tables of the engine know who it was, as far as they have seen an exchange of both. */
struct software_advice report_scope_advice(const struct report *r, const struct scope_finding *f)
{
	const struct tracker *t = r->options.tracker;
	const struct advice_server *server = t && f->server ?
		advice_server(tracker_advice(t), f->server) : NULL;
	const struct account *account = t && f->server && f->user.p ?
		accounts_get(tracker_accounts(t), f->server, f->user, f->realm) : NULL;

	return software_advise(f->finding.id, f->finding.fault,
		account ? account->user_agent : SLICE_ABSENT,
		server ? slice_of(server->server) : SLICE_ABSENT);
}

#include "report/json.h"

#include <errno.h>
#include <stdlib.h>

#include "base/err.h"

struct json_state {
	struct buf line;      /* the object that is being written */
	struct buf findings;  /* document: scope findings that came before the last exchange */
	struct buf probes;    /* document: objects of probes, joined by commas */
	unsigned probe_count;
	bool stream;
	bool any_exchange, any_finding;
};

static void *open_writer(struct report *r, bool stream)
{
	struct json_state *s = xcalloc(1, sizeof(*s));

	s->stream = stream;
	if (!stream) {
		buf_adds(&s->line, "{\"schema\":1,\"exchanges\":[");
		report_write(r, &s->line);
	}
	return s;
}

static void *open_document(struct report *r)
{
	return open_writer(r, false);
}

static void *open_stream(struct report *r)
{
	return open_writer(r, true);
}

static void close_writer(struct report *r)
{
	struct json_state *s = r->state;

	buf_free(&s->line);
	buf_free(&s->findings);
	buf_free(&s->probes);
	free(s);
}

/*
 * Objects stand one a line in either form, so that a document can be read with line tools as well.
 */
static void separate(struct buf *out, bool *any)
{
	buf_adds(out, *any ? ",\n" : "\n");
	*any = true;
}

/* A line of the stream is known: whoever waits for it at the other end of a pipe gets it now. */
static void send_line(struct report *r)
{
	struct json_state *s = r->state;

	buf_addc(&s->line, '\n');
	report_write(r, &s->line);
	if (!r->write_failed && fflush(r->out) != 0) {
		r->write_failed = true;
		r->write_errno = errno;
	}
}

static void on_exchange(
	struct report *r, const struct exchange *x, const struct group *group, bool fresh)
{
	struct json_state *s = r->state;
	struct json j = {.out = &s->line};

	(void)group;
	(void)fresh;
	if (!s->stream)
		separate(&s->line, &s->any_exchange);
	exchange_say(x);
	json_exchange(&j, r, x);
	if (s->stream)
		send_line(r);
	else
		report_write(r, &s->line);
}

static void on_finding(struct report *r, const struct scope_finding *f)
{
	struct json_state *s = r->state;
	struct json j = {.out = s->stream ? &s->line : &s->findings};

	if (!s->stream)
		separate(&s->findings, &s->any_finding);
	json_scope_finding(&j, r, f);
	if (s->stream)
		send_line(r);
}

static void on_probe(struct report *r, const struct report_probe *p)
{
	struct json_state *s = r->state;
	struct json j = {.out = s->stream ? &s->line : &s->probes};

	if (!s->stream && s->probe_count++)
		buf_adds(&s->probes, ",\n");
	json_probe(&j, p);
	if (s->stream)
		send_line(r);
}

static void finish_stream(struct report *r, const struct report_end *e)
{
	struct json_state *s = r->state;
	struct json j = {.out = &s->line};

	json_summary(&j, r, e);
	send_line(r);
}

static void finish_document(struct report *r, const struct report_end *e)
{
	struct json_state *s = r->state;
	struct json j = {.out = &s->line};

	buf_adds(&s->line, "],\n\"findings\":[");
	buf_add_slice(&s->line, buf_slice(&s->findings));
	buf_adds(&s->line, "],\n");
	/* several runs are a list */
	if (s->probe_count) {
		buf_adds(&s->line, s->probe_count == 1 ? "\"probe\":" : "\"probes\":[\n");
		buf_add_slice(&s->line, buf_slice(&s->probes));
		buf_adds(&s->line, s->probe_count == 1 ? ",\n" : "],\n");
	}
	buf_adds(&s->line, "\"summary\":");
	json_summary(&j, r, e);
	buf_adds(&s->line, "}\n");
	report_write(r, &s->line);
}

const struct report_ops report_json_ops = {
	.open = open_document,
	.exchange = on_exchange,
	.finding = on_finding,
	.probe = on_probe,
	.finish = finish_document,
	.close = close_writer,
};

const struct report_ops report_ndjson_ops = {
	.open = open_stream,
	.exchange = on_exchange,
	.finding = on_finding,
	.probe = on_probe,
	.finish = finish_stream,
	.close = close_writer,
};

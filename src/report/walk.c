#include "report/walk.h"

#include <inttypes.h>
#include <string.h>

#include "base/format.h"
#include "report/messages.h"
#include "report/pointer.h"

enum { BODY = 2, DETAIL = 4, SOFTWARE_COLUMNS = 60, USER_COLUMNS = 40, FRAMES_IN_FILTER = 48 };

enum paint walk_paint(enum severity s)
{
	switch (s) {
	case SEVERITY_ERROR:
		return PAINT_ERROR;
	case SEVERITY_WARNING:
		return PAINT_WARNING;
	case SEVERITY_OK:
		return PAINT_OK;
	default:
		return PAINT_DIM;
	}
}

void walk_paragraph(struct buf *out, const struct report *r, size_t indent, const char *label,
	struct slice text)
{
	size_t column = indent;

	format_indent(out, indent);
	if (*label) {
		paint_add(out, r->options.color, PAINT_HEAD, label);
		buf_addc(out, ' ');
		column += format_columns(slice_of(label)) + 1;
	}
	format_wrap(out, text, column, column, FORMAT_WIDTH);
	buf_addc(out, '\n');
}

bool walk_software(struct buf *out, struct slice client, struct slice server)
{
	if (client.n) {
		buf_adds(out, "client ");
		format_short(out, client, SOFTWARE_COLUMNS);
	}
	if (server.n) {
		buf_adds(out, client.n ? ", server " : "server ");
		format_short(out, server, SOFTWARE_COLUMNS);
	}
	return client.n || server.n;
}

void walk_filter(struct buf *out, const struct report *r, unsigned file, const uint32_t *frames,
	size_t count, uint64_t total, size_t indent)
{
	const char *name = report_file(r, file);

	/* messages that were not kept cannot be looked for */
	if (!count || !r->options.file_count)
		return;
	format_indent(out, indent);
	buf_adds(out, paint_on(r->options.color, PAINT_HEAD));
	buf_adds(out, "Wireshark");
	buf_adds(out, paint_off(r->options.color, PAINT_HEAD));
	if (*name) {
		buf_adds(out, " (");
		buf_add_printable(out, slice_of(name));
		buf_addc(out, ')');
	}
	/* one line, however long: it is there to be copied */
	buf_adds(out, ": frame.number in {");
	for (size_t i = 0; i < count; i++)
		buf_printf(out, "%s%" PRIu32, i ? "," : "", frames[i]);
	buf_addc(out, '}');
	if (total > count)
		buf_printf(out, " and %" PRIu64 " more", total - count);
	buf_addc(out, '\n');
}

size_t walk_finding_head(struct buf *out, const struct report *r, const struct finding *f)
{
	size_t before = out->n;

	paint_add(out, r->options.color, walk_paint(f->severity), severity_name(f->severity));
	buf_adds(out, ": ");
	paint_add(out, r->options.color, PAINT_HEAD, finding_kind(f->id)->id);
	if (f->fault != FAULT_NONE)
		buf_printf(out, " (%s, %s)", fault_name(f->fault), confidence_name(f->confidence));
	return format_columns((struct slice){out->p + before, out->n - before});
}

/* Advice that stands there already for an earlier finding of the same kind is not repeated. */
static bool first_of_kind(const struct exchange *x, unsigned at)
{
	for (unsigned i = 0; i < at; i++)
		if (x->findings[i]->id == x->findings[at]->id)
			return false;
	return true;
}

/* The computation, as it is: lines that were broken could not be followed. */
static void add_steps(struct buf *out, struct slice steps)
{
	while (steps.n) {
		size_t end = slice_find(steps, '\n');

		format_indent(out, DETAIL);
		buf_add_slice(out, slice_head(steps, end));
		buf_addc(out, '\n');
		steps = slice_from(steps, end + 1);
	}
}

static void one_finding(struct buf *out, const struct report *r, const struct exchange *x,
	const struct finding *f, bool advice)
{
	format_indent(out, BODY);
	walk_finding_head(out, r, f);
	buf_addc(out, '\n');
	/* the verdict already stands above */
	if (!slice_eq(f->message, x->verdict))
		walk_paragraph(out, r, DETAIL, "", f->message);
	if (r->options.verbose)
		add_steps(out, f->steps);
	if (advice)
		walk_hold_place(out, x, f);
}

/* The cause, then errors, warnings and so on, each in the order in which they were found. */
static void findings(struct buf *out, const struct report *r, const struct exchange *x)
{
	if (x->cause)
		one_finding(out, r, x, x->cause, true);
	for (int severity = SEVERITY_ERROR; severity >= SEVERITY_OK; severity--) {
		for (unsigned i = 0; i < x->finding_count; i++) {
			const struct finding *f = x->findings[i];

			if (f == x->cause || f->severity != (enum severity)severity ||
				!pointer_told(r, f))
				continue;
			one_finding(out, r, x, f,
				first_of_kind(x, i) && (!x->cause || f->id != x->cause->id));
		}
	}
}

/* Frames of one file, in order of time, each once. */
struct frames {
	uint32_t list[FRAMES_IN_FILTER];
	size_t count;
	uint64_t total;
	unsigned file;
};

static void add_frame(struct frames *f, unsigned file, uint32_t frame)
{
	if (!frame || file != f->file)
		return;
	for (size_t i = 0; i < f->count; i++)
		if (f->list[i] == frame)
			return;
	f->total++;
	if (f->count < FRAMES_IN_FILTER)
		f->list[f->count++] = frame;
}

static void add_response(struct frames *f, const struct response *r)
{
	add_frame(f, r->seen.file, r->seen.frame);
}

static void frames_of_file(struct frames *f, const struct exchange *x)
{
	for (const struct attempt *a = x->attempts; a; a = a->next) {
		add_frame(f, a->request.file, a->request.frame);
		add_frame(f, a->request.file, a->progress_frame);
		if (a->unreachable)
			add_frame(f, a->request.file, a->unreachable->frame);
		if (a->final)
			add_response(f, a->final);
		for (const struct response *other = a->others; other; other = other->next)
			add_response(f, other);
		add_frame(f, a->request.file, a->ack_frame);
	}
}

static void filters(struct buf *out, const struct report *r, const struct exchange *x)
{
	for (unsigned file = 1; file <= r->options.file_count; file++) {
		struct frames f = {.file = file};

		frames_of_file(&f, x);
		walk_filter(out, r, file, f.list, f.count, f.total, BODY);
	}
}

static void add_method(struct buf *out, const struct exchange *x)
{
	if (x->method_name.p)
		format_short(out, x->method_name, 20);
	else
		buf_adds(out, method_name(x->method));
}

/* "REGISTER 1001": the method and the user that wants to be known. */
static void add_title(struct buf *out, const struct exchange *x)
{
	add_method(out, x);
	if (exchange_user(x).n) {
		buf_addc(out, ' ');
		format_short(out, exchange_user(x), USER_COLUMNS);
	}
}

static void add_outcome(struct buf *out, enum outcome outcome, unsigned status)
{
	buf_adds(out, outcome_name(outcome));
	if (status)
		buf_printf(out, " (%u)", status);
}

/* A ruler with the number, who, and how it ended. */
static void head(struct buf *out, const struct report *r, const struct exchange *x)
{
	struct buf left = {0}, right = {0};
	size_t columns;

	buf_printf(&left, "== #%" PRIu32 " ", x->n);
	add_title(&left, x);
	buf_addc(&left, ' ');
	buf_addc(&right, ' ');
	add_outcome(&right, x->outcome, x->status);
	columns = format_columns(buf_slice(&left)) + format_columns(buf_slice(&right));
	for (; columns < FORMAT_WIDTH; columns++)
		buf_addc(&left, '=');
	buf_add_slice(&left, buf_slice(&right));
	paint_add(out, r->options.color, PAINT_HEAD, buf_string(&left));
	buf_addc(out, '\n');
	buf_free(&left);
	buf_free(&right);
}

static void between(struct buf *out, const struct exchange *x)
{
	char client[ADDRESS_TEXT], target[ADDRESS_TEXT];

	buf_printf(out, "%s -> %s %s", address_format(&x->client, client),
		address_format(&x->target, target), transport_name(x->transport));
}

static void circumstances(struct buf *out, const struct report *r, const struct exchange *x)
{
	struct buf text = {0};

	between(&text, x);
	if (x->leg_of)
		buf_printf(&text,
			", the same authentication as #%" PRIu32 ", %" PRIu32 " hop%s further",
			x->leg_of, x->hop, x->hop == 1 ? "" : "s");
	walk_paragraph(out, r, BODY, "", buf_slice(&text));
	buf_clear(&text);
	if (walk_software(&text, exchange_user_agent(x), exchange_server(x)))
		walk_paragraph(out, r, BODY, "", buf_slice(&text));
	if (x->attempts && x->attempts->request.msg.call_id.n) {
		buf_clear(&text);
		buf_adds(&text, "Call-ID ");
		format_short(&text, x->attempts->request.msg.call_id, SOFTWARE_COLUMNS);
		walk_paragraph(out, r, BODY, "", buf_slice(&text));
	}
	if (x->alg.p)
		walk_paragraph(out, r, BODY, "Signs of a SIP ALG on the way:", x->alg);
	buf_free(&text);
}

void walk_exchange(struct buf *out, const struct report *r, const struct exchange *x)
{
	head(out, r, x);
	circumstances(out, r, x);
	buf_addc(out, '\n');
	messages_walk(out, r, x);
	buf_addc(out, '\n');
	walk_paragraph(out, r, BODY, "", x->verdict);
	findings(out, r, x);
	filters(out, r, x);
	buf_addc(out, '\n');
}

void walk_row(struct buf *out, const struct exchange_row *row, size_t indent)
{
	char client[ADDRESS_TEXT], target[ADDRESS_TEXT], number[16];

	snprintf(number, sizeof(number), "#%" PRIu32, row->n);
	format_indent(out, indent);
	buf_printf(out, "%-5s ", number);
	format_clock(out, row->time);
	/* milliseconds and the port of the client are of no interest here; a short line is */
	out->n -= strlen(".000");
	buf_printf(out, " %s %s%s%s -> %s, ", method_name(row->method), row->user,
		*row->user ? ", " : "", address_format_ip(&row->client, client),
		address_format(&row->target, target));
	add_outcome(out, row->outcome, row->status);
	if (row->leg_of)
		buf_printf(out, ", leg of #%" PRIu32, row->leg_of);
	buf_addc(out, '\n');
}

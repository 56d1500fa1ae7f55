/*
 *     10:22:01.310     5 -> REGISTER sip:example.com, CSeq 1, no credentials
 *           +0.042     6 <- 401 Unauthorized
 *                           WWW-Authenticate: realm="10.0.0.1" nonce="9f2c" qop="auth"
 *           +0.990     7 -> REGISTER sip:example.com, CSeq 2
 *                           Authorization: username="1001"
 *    !                        realm="asterisk"  <-- realm-mismatch
 *                             nonce="9f2c" uri="sip:example.com" qop=auth nc=00000001
 */
#include "report/messages.h"

#include <inttypes.h>
#include <string.h>

#include "report/format.h"
#include "report/paint.h"

enum {
	COLUMN_TEXT = 24,         /* after mark, time, frame and arrow */
	FIRST_SHOWN = 8,          /* attempts of a long exchange: the first and the last ones */
	LAST_SHOWN = 4,
	HEADERS_SHOWN = 8,        /* challenges or credentials of one message */
	URI_COLUMNS = 48,
	VALUE_COLUMNS = 44,
	NONCE_COLUMNS = 20,
	RAW_COLUMNS = 150
};

struct writer {
	struct buf *out;
	const struct report *r;
	const struct exchange *x;
	const struct attempt *attempt;
	bool in_response;
};

bool messages_told(const struct report *r, const struct finding *f)
{
	return r->options.verbose || f->severity >= SEVERITY_WARNING;
}

static bool points_here(const struct writer *w, const struct finding *f, enum param_id param)
{
	return f->attempt && f->attempt == w->attempt && f->in_response == w->in_response &&
		f->param == param && messages_told(w->r, f);
}

/* The worst severity of the findings that point here; false if none does. */
static bool marked(const struct writer *w, enum param_id param, enum severity *worst)
{
	bool any = false;

	*worst = SEVERITY_OK;
	for (unsigned i = 0; i < w->x->finding_count; i++) {
		const struct finding *f = w->x->findings[i];

		if (!points_here(w, f, param))
			continue;
		any = true;
		if (f->severity > *worst)
			*worst = f->severity;
	}
	return any;
}

static enum paint paint_of(enum severity s)
{
	return s >= SEVERITY_ERROR ? PAINT_ERROR : s == SEVERITY_WARNING ? PAINT_WARNING : PAINT_DIM;
}

/* "   <-- id, id" for what points here; nothing if nothing does. */
static void add_marks(const struct writer *w, enum param_id param)
{
	const struct finding *told[EXCHANGE_FINDINGS_MAX];
	enum severity worst;
	size_t n = 0;

	if (!marked(w, param, &worst))
		return;
	buf_printf(w->out, "%s  <-- ", paint_on(w->r->options.color, paint_of(worst)));
	for (unsigned i = 0; i < w->x->finding_count; i++) {
		const struct finding *f = w->x->findings[i];
		bool again = false;

		if (!points_here(w, f, param))
			continue;
		for (size_t k = 0; k < n; k++)
			again = again || told[k]->id == f->id;
		if (again)
			continue;
		told[n++] = f;
		buf_printf(w->out, "%s%s", n > 1 ? ", " : "", finding_kind(f->id)->id);
	}
	buf_adds(w->out, paint_off(w->r->options.color, paint_of(worst)));
}

static void add_margin(const struct writer *w, bool mark, enum severity severity)
{
	if (mark)
		paint_add(w->out, w->r->options.color, paint_of(severity), " !");
	else
		format_indent(w->out, 2);
}

/* The time of day of the first message, of all others the distance from it; 12 columns. */
static void add_time(const struct writer *w, int64_t time)
{
	struct buf text = {0};

	if (time && w->attempt == w->x->attempts && !w->in_response) {
		format_clock(&text, time);
	} else if (time) {
		int64_t ms = (time - w->x->first_time) / 1000000;

		buf_addc(&text, ms < 0 ? '-' : '+');
		ms = ms < 0 ? -ms : ms;
		buf_printf(&text, "%" PRId64 ".%03" PRId64, ms / 1000, ms % 1000);
	}
	buf_printf(w->out, "%12s", buf_string(&text));
	buf_free(&text);
}

/* Begins a line: mark, time, frame (with the number of its file if there are several), arrow. */
static void begin_line(const struct writer *w, const struct observed *o, int64_t time, uint32_t frame,
	const char *arrow)
{
	enum severity worst;
	bool mark = marked(w, PARAM_UNKNOWN, &worst);
	char number[24] = "";

	add_margin(w, mark, worst);
	add_time(w, time);
	if (frame && w->r->options.file_count > 1)
		snprintf(number, sizeof(number), "%u:%" PRIu32, o->file, frame);
	else if (frame)
		snprintf(number, sizeof(number), "%" PRIu32, frame);
	buf_printf(w->out, " %5s %s ", number, arrow);
}

static bool shown_always(enum param_id id)
{
	switch (id) {
	case PARAM_REALM:
	case PARAM_NONCE:
	case PARAM_ALGORITHM:
	case PARAM_QOP:
	case PARAM_STALE:
	case PARAM_USERNAME:
	case PARAM_USERNAME_STAR:
	case PARAM_USERHASH:
	case PARAM_URI:
	case PARAM_NC:
	case PARAM_AUTS:
		return true;
	default:
		return false;
	}
}

/* A parameter as it was sent, quotes and all; long values are shortened. */
static void add_param(struct buf *out, const struct param *p)
{
	size_t max = p->id == PARAM_REALM || p->id == PARAM_URI || p->id == PARAM_USERNAME ?
		VALUE_COLUMNS : NONCE_COLUMNS;

	format_short(out, p->name, NONCE_COLUMNS);
	if (!p->raw.p)
		return;
	buf_addc(out, '=');
	/* response and the like are marked for their form: then it must be seen whole */
	format_short(out, p->raw, p->id == PARAM_RESPONSE ? 2 * VALUE_COLUMNS : max + 2 * p->quoted);
}

/* Writes parameters in running lines; marked ones get a line of their own. */
struct params_line {
	const struct writer *w;
	size_t column;
	bool fresh;
};

static void next_line(struct params_line *line, bool mark, enum severity severity)
{
	struct buf *out = line->w->out;

	buf_addc(out, '\n');
	add_margin(line->w, mark, severity);
	format_indent(out, COLUMN_TEXT);
	line->column = COLUMN_TEXT + 2;
	line->fresh = true;
}

static void plain_param(struct params_line *line, const struct param *p)
{
	struct buf text = {0};
	size_t columns;

	add_param(&text, p);
	columns = format_columns(buf_slice(&text));
	if (!line->fresh && line->column + 1 + columns > FORMAT_WIDTH)
		next_line(line, false, SEVERITY_OK);
	if (!line->fresh) {
		buf_adds(line->w->out, " ");
		line->column++;
	}
	buf_add_slice(line->w->out, buf_slice(&text));
	line->column += columns;
	line->fresh = false;
	buf_free(&text);
}

static void marked_param(struct params_line *line, const struct param *p, enum param_id id,
	enum severity severity)
{
	const struct writer *w = line->w;
	bool color = w->r->options.color;

	next_line(line, true, severity);
	buf_adds(w->out, paint_on(color, paint_of(severity)));
	if (p)
		add_param(w->out, p);
	else
		buf_printf(w->out, "(no %s)", param_name(id));
	buf_adds(w->out, paint_off(color, paint_of(severity)));
	add_marks(w, id);
	line->column = FORMAT_WIDTH; /* what follows begins a new line */
	line->fresh = false;
}

/* The parameters in the order of the message; what is missed stands at the end. */
static void add_params(const struct writer *w, const struct params *params, size_t column, bool suspect)
{
	struct params_line line = {w, column, true};
	enum severity severity;

	for (uint32_t i = 0; i < params->count; i++) {
		const struct param *p = &params->list[i];

		if (suspect && p->id != PARAM_UNKNOWN && marked(w, p->id, &severity))
			marked_param(&line, p, p->id, severity);
		else if (shown_always(p->id))
			plain_param(&line, p);
	}
	for (int id = 0; suspect && id < PARAM_COUNT; id++)
		if (!params_get(params, (enum param_id)id) && marked(w, (enum param_id)id, &severity))
			marked_param(&line, NULL, (enum param_id)id, severity);
}

/* One challenge or one set of credentials. */
static void add_header(const struct writer *w, const char *name, const struct params *params,
	const char *note, bool suspect)
{
	struct buf *out = w->out;
	size_t start;

	buf_addc(out, '\n');
	format_indent(out, COLUMN_TEXT);
	start = out->n;
	buf_printf(out, "%s%s:", name, note);
	if (params->token68.p && params->token68.n) {
		/* a password may stand in it */
		buf_addc(out, ' ');
		format_short(out, params->scheme, NONCE_COLUMNS);
		buf_adds(out, " (not shown)");
		return;
	}
	if (!params_is_digest(params) && params->scheme.p) {
		buf_addc(out, ' ');
		format_short(out, params->scheme, NONCE_COLUMNS);
	}
	buf_addc(out, ' ');
	add_params(w, params, COLUMN_TEXT + out->n - start, suspect);
	if (params->defects & PARAMS_MALFORMED) {
		buf_addc(out, '\n');
		format_indent(out, COLUMN_TEXT + 2);
		buf_adds(out, "as sent: ");
		format_short(out, params->text, RAW_COLUMNS);
	}
}

/* The credentials that findings about this request most likely mean. */
static const struct credential *suspect(const struct attempt *a)
{
	const struct credential *mismatch = NULL;

	for (unsigned i = 0; i < a->credential_count; i++) {
		const struct credential *c = &a->credentials[i];

		if (c->judgement >= JUDGEMENT_REJECTED)
			return c;
		if (!mismatch && c->verification == VERIFICATION_MISMATCH)
			mismatch = c;
	}
	return mismatch ? mismatch : a->credentials;
}

static void add_more(struct buf *out, unsigned n, const char *what)
{
	buf_addc(out, '\n');
	format_indent(out, COLUMN_TEXT);
	buf_adds(out, "and ");
	format_count(out, n, what);
	buf_adds(out, " more");
}

static void add_credentials(const struct writer *w)
{
	const struct attempt *a = w->attempt;
	const struct credential *guilty = suspect(a);

	for (unsigned i = 0; i < a->credential_count && i < HEADERS_SHOWN; i++) {
		const struct credential *c = &a->credentials[i];

		add_header(w, credential_field_name(c->kind), &c->params,
			c->verification == VERIFICATION_MATCH ? " (digest verified)" :
			c->verification == VERIFICATION_MISMATCH ? " (digest wrong)" : "",
			c == guilty);
	}
	if (a->credential_count > HEADERS_SHOWN)
		add_more(w->out, a->credential_count - HEADERS_SHOWN, "set");
}

static void add_other_place(const struct writer *w, const char *word, const struct address *a,
	const struct address *usual)
{
	char text[ADDRESS_TEXT];

	if (a->family && !address_eq(a, usual))
		buf_printf(w->out, " %s %s", word, address_format(a, text));
}

static void walk_request(struct writer *w)
{
	const struct attempt *a = w->attempt;
	const struct observed *o = &a->request;
	struct buf *out = w->out;

	w->in_response = false;
	begin_line(w, o, o->time, o->frame, "->");
	format_short(out, o->msg.method_name, NONCE_COLUMNS);
	buf_addc(out, ' ');
	format_short(out, o->msg.request_uri, URI_COLUMNS);
	if (o->msg.cseq_valid)
		buf_printf(out, ", CSeq %" PRIu32, o->msg.cseq);
	if (!a->credential_count)
		buf_adds(out, o->truncated ? ", truncated" : ", no credentials");
	add_other_place(w, "from", &o->src, &w->x->client);
	add_other_place(w, "to", &o->dst, &w->x->target);
	if (a->retransmissions) {
		buf_printf(out, ", sent %" PRIu32 " times until +", a->retransmissions + 1);
		format_span(out, a->last_sent - w->x->first_time);
	}
	add_marks(w, PARAM_UNKNOWN);
	add_credentials(w);
	buf_addc(out, '\n');
}

static void walk_response(struct writer *w, const struct response *response)
{
	const struct observed *o = &response->seen;
	struct buf *out = w->out;

	begin_line(w, o, o->time, o->frame, "<-");
	buf_printf(out, "%u ", response->status);
	format_short(out, o->msg.reason, URI_COLUMNS);
	if (response->copies > 1)
		buf_printf(out, ", sent %" PRIu32 " times", response->copies);
	add_other_place(w, "from", &o->src, &w->attempt->request.dst);
	add_marks(w, PARAM_UNKNOWN);
	for (unsigned i = 0; i < response->challenge_count && i < HEADERS_SHOWN; i++)
		add_header(w, challenge_field_name(response->challenges[i].kind),
			&response->challenges[i].params, "", i == 0);
	if (response->challenge_count > HEADERS_SHOWN)
		add_more(out, response->challenge_count - HEADERS_SHOWN, "challenge");
	buf_addc(out, '\n');
}

static void walk_silence(struct writer *w)
{
	const struct attempt *a = w->attempt;
	char text[ADDRESS_TEXT];

	if (a->unreachable) {
		begin_line(w, &a->request, 0, a->unreachable_frame, "<-");
		buf_printf(w->out, "ICMP %s from %s", a->unreachable,
			address_format_ip(&a->unreachable_by, text));
	} else {
		begin_line(w, &a->request, 0, 0, "  ");
		buf_adds(w->out, a->provisional ? "no final response" : "no response");
	}
	add_marks(w, PARAM_UNKNOWN);
	buf_addc(w->out, '\n');
}

static void walk_attempt(struct writer *w)
{
	const struct attempt *a = w->attempt;

	walk_request(w);
	w->in_response = true;
	if (a->progress) {
		struct writer unmarked = *w;

		unmarked.attempt = NULL;
		begin_line(&unmarked, &a->request, a->progress_time, a->progress_frame, "<-");
		buf_printf(w->out, "%u\n", a->progress);
	}
	if (a->final)
		walk_response(w, a->final);
	else
		walk_silence(w);
	for (const struct response *r = a->others; r; r = r->next)
		walk_response(w, r);
}

void messages_walk(struct buf *out, const struct report *r, const struct exchange *x)
{
	struct writer w = {.out = out, .r = r, .x = x};
	bool whole = r->options.verbose || x->attempt_count <= FIRST_SHOWN + LAST_SHOWN;
	uint32_t i = 0, hidden_from = FIRST_SHOWN;
	uint32_t hidden_to = whole ? 0 : x->attempt_count - LAST_SHOWN;

	for (w.attempt = x->attempts; w.attempt; w.attempt = w.attempt->next, i++) {
		if (i == hidden_from && i < hidden_to) {
			format_indent(out, COLUMN_TEXT);
			buf_printf(out, "... %" PRIu32 " more requests like these (-v shows them)\n",
				hidden_to - hidden_from);
		}
		if (i < hidden_from || i >= hidden_to)
			walk_attempt(&w);
	}
}

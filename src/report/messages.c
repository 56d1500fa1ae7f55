/*
 *     10:22:01.310     5 -> REGISTER sip:example.com, CSeq 1, no credentials
 *           +0.042     6 <- 401 Unauthorized
 *                           WWW-Authenticate: realm="10.0.0.1" nonce="9f2c" qop="auth"
 *           +0.990     7 -> REGISTER sip:example.com, CSeq 2
 *                           Authorization: username="1001"
 *   !                         realm="asterisk"  <-- realm-mismatch
 *                             nonce="9f2c" uri="sip:example.com" qop=auth nc=00000001
 */
#include "report/messages.h"

#include <inttypes.h>
#include <string.h>

#include "base/format.h"
#include "report/headers.h"

enum {
	FIRST_SHOWN = 8,          /* attempts of a long exchange: the first and the last ones */
	LAST_SHOWN = 4,
	HEADERS_SHOWN = 8,        /* challenges or credentials of one message */
	URI_COLUMNS = 40,
	METHOD_COLUMNS = 20
};

/* The time of day of the first message, of all others the distance from it; 12 columns. */
static void add_time(const struct pointer *w, int64_t time)
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
static void begin_line(const struct pointer *w, const struct observed *o, int64_t time,
	uint32_t frame, const char *arrow)
{
	enum severity worst;
	bool mark = pointer_found(w, PARAM_UNKNOWN, &worst);
	char number[24] = "";

	pointer_margin(w, mark, worst);
	add_time(w, time);
	if (frame && w->r->options.file_count > 1)
		snprintf(number, sizeof(number), "%u:%" PRIu32, o->file, frame);
	else if (frame)
		snprintf(number, sizeof(number), "%" PRIu32, frame);
	buf_printf(w->out, " %5s %s ", number, arrow);
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

static void add_credentials(const struct pointer *w)
{
	const struct attempt *a = w->attempt;
	const struct credential *guilty = suspect(a);

	for (unsigned i = 0; i < a->credential_count && i < HEADERS_SHOWN; i++) {
		const struct credential *c = &a->credentials[i];

		headers_add(w, credential_field_name(c->kind),
			c->verification == VERIFICATION_MATCH ? " (digest verified)" :
			c->verification == VERIFICATION_MISMATCH ? " (digest wrong)" : "",
			&c->params, c == guilty);
	}
	if (a->credential_count > HEADERS_SHOWN)
		add_more(w->out, a->credential_count - HEADERS_SHOWN, "set");
}

static void add_other_place(struct buf *out, const char *word, const struct address *a,
	const struct address *usual)
{
	char text[ADDRESS_TEXT];

	if (a->family && !address_eq(a, usual))
		buf_printf(out, " %s %s", word, address_format(a, text));
}

/* The words of a message line and what points at it, behind the arrow; wrapped. */
static void end_line(const struct pointer *w, struct buf *line)
{
	size_t column =
		format_wrap(w->out, buf_slice(line), COLUMN_TEXT, COLUMN_TEXT + 2, FORMAT_WIDTH);

	pointer_names(w, PARAM_UNKNOWN, column);
	buf_free(line);
}

static void walk_request(struct pointer *w)
{
	const struct attempt *a = w->attempt;
	const struct observed *o = &a->request;
	struct buf line = {0};

	w->in_response = false;
	begin_line(w, o, o->time, o->frame, "->");
	format_short(&line, o->msg.method_name, METHOD_COLUMNS);
	buf_addc(&line, ' ');
	format_short(&line, o->msg.request_uri, URI_COLUMNS);
	if (o->msg.cseq_valid)
		buf_printf(&line, ", CSeq %" PRIu32, o->msg.cseq);
	if (!a->credential_count)
		buf_adds(&line, o->truncated ? ", truncated" : ", no credentials");
	add_other_place(&line, "from", &o->src, &w->x->client);
	add_other_place(&line, "to", &o->dst, &w->x->target);
	if (a->retransmissions) {
		buf_printf(&line, ", sent %" PRIu32 " times until +", a->retransmissions + 1);
		format_span(&line, a->last_sent - w->x->first_time);
	}
	end_line(w, &line);
	add_credentials(w);
	buf_addc(w->out, '\n');
}

static void walk_response(const struct pointer *w, const struct attempt *a,
	const struct response *response)
{
	const struct observed *o = &response->seen;
	struct buf line = {0};

	begin_line(w, o, o->time, o->frame, "<-");
	buf_printf(&line, "%u ", response->status);
	format_short(&line, o->msg.reason, URI_COLUMNS);
	if (response->copies > 1)
		buf_printf(&line, ", sent %" PRIu32 " times", response->copies);
	add_other_place(&line, "from", &o->src, &a->request.dst);
	end_line(w, &line);
	for (unsigned i = 0; i < response->challenge_count && i < HEADERS_SHOWN; i++)
		headers_add(w, challenge_field_name(response->challenges[i].kind), "",
			&response->challenges[i].params, i == 0);
	if (response->challenge_count > HEADERS_SHOWN)
		add_more(w->out, response->challenge_count - HEADERS_SHOWN, "challenge");
	buf_addc(w->out, '\n');
}

static void walk_silence(const struct pointer *w)
{
	const struct attempt *a = w->attempt;
	char text[ADDRESS_TEXT];
	struct buf line = {0};

	if (a->unreachable) {
		begin_line(w, &a->request, 0, a->unreachable->frame, "<-");
		buf_printf(&line, "ICMP %s from %s", a->unreachable->what,
			address_format_ip(&a->unreachable->by, text));
	} else {
		begin_line(w, &a->request, 0, 0, "  ");
		buf_adds(&line, a->provisional ? "no final response" : "no response");
	}
	end_line(w, &line);
	buf_addc(w->out, '\n');
}

static void walk_attempt(struct pointer *w)
{
	const struct attempt *a = w->attempt;
	struct pointer unmarked = *w;

	unmarked.attempt = NULL;
	unmarked.in_response = true;
	walk_request(w);
	w->in_response = true;
	if (a->progress) {
		begin_line(&unmarked, &a->request, a->progress_time, a->progress_frame, "<-");
		buf_printf(w->out, "%u\n", a->progress);
	}
	if (a->final)
		walk_response(w, a, a->final);
	else
		walk_silence(w);
	for (const struct response *r = a->others; r; r = r->next)
		walk_response(&unmarked, a, r);
}

void messages_walk(struct buf *out, const struct report *r, const struct exchange *x)
{
	struct pointer w = {.out = out, .r = r, .x = x};
	bool whole = r->options.verbose || x->attempt_count <= FIRST_SHOWN + LAST_SHOWN;
	uint32_t i = 0, hidden_from = FIRST_SHOWN;
	uint32_t hidden_to = whole ? 0 : x->attempt_count - LAST_SHOWN;

	for (w.attempt = x->attempts; w.attempt; w.attempt = w.attempt->next, i++) {
		if (i == hidden_from && i < hidden_to) {
			format_indent(out, COLUMN_TEXT);
			buf_printf(out,
				"... %" PRIu32 " more requests like these (-v shows them)\n",
				hidden_to - hidden_from);
		}
		if (i < hidden_from || i >= hidden_to)
			walk_attempt(&w);
	}
}

#include "report/live.h"

#include <inttypes.h>

#include "base/format.h"
#include "report/headers.h"

enum { URI_COLUMNS = 48, REASON_COLUMNS = 48, METHOD_COLUMNS = 20 };

static void begin(struct buf *out, int64_t time, int64_t since, uint32_t frame, const char *arrow)
{
	struct buf text = {0};

	if (since) {
		int64_t ms = (time - since) / 1000000;

		buf_printf(&text, "+%" PRId64 ".%03" PRId64, ms / 1000, ms % 1000);
	} else {
		format_clock(&text, time);
	}
	buf_printf(out, "  %12s %5" PRIu32 " %s ", buf_string(&text), frame, arrow);
	buf_free(&text);
}

static bool has_credentials(const struct message *m)
{
	for (unsigned i = 0; i < m->auth_count; i++)
		if (m->auth[i].kind == AUTH_AUTHORIZATION ||
			m->auth[i].kind == AUTH_PROXY_AUTHORIZATION)
			return true;
	return false;
}

static void first_line(struct buf *out, const struct message *m)
{
	if (!m->request) {
		buf_printf(out, "%u ", m->status);
		format_short(out, m->reason, REASON_COLUMNS);
		/* the answers to what accompanies an INVITE are easily mistaken for its own */
		if (m->method == METHOD_CANCEL || m->method == METHOD_BYE)
			buf_printf(out, " (%s)", method_name(m->method));
		return;
	}
	format_short(out, m->method_name, METHOD_COLUMNS);
	buf_addc(out, ' ');
	format_short(out, m->request_uri, URI_COLUMNS);
	if (m->cseq_valid)
		buf_printf(out, ", CSeq %" PRIu32, m->cseq);
	if (!has_credentials(m) && m->method != METHOD_ACK && m->method != METHOD_CANCEL)
		buf_adds(out, ", no credentials");
}

static const char *field_name(enum auth_field_kind kind)
{
	switch (kind) {
	case AUTH_WWW_AUTHENTICATE:
		return challenge_field_name(AUTH_KIND_USER);
	case AUTH_PROXY_AUTHENTICATE:
		return challenge_field_name(AUTH_KIND_PROXY);
	case AUTH_AUTHORIZATION:
		return credential_field_name(AUTH_KIND_USER);
	case AUTH_PROXY_AUTHORIZATION:
		return credential_field_name(AUTH_KIND_PROXY);
	default:
		return "Authentication-Info";
	}
}

static void auth_lines(struct buf *out, const struct report *r, const struct message *m)
{
	struct pointer w = {.out = out, .r = r};
	struct arena scratch = {0};

	for (unsigned i = 0; i < m->auth_count; i++) {
		struct params list[PARAMS_LIST_MAX];
		size_t n;

		if (m->auth[i].kind == AUTH_AUTHENTICATION_INFO)
			continue;
		n = params_scan(m->auth[i].value, &scratch, list, PARAMS_LIST_MAX);
		for (size_t j = 0; j < n; j++)
			headers_add(&w, field_name(m->auth[i].kind), "", &list[j], false);
	}
	arena_free(&scratch);
}

void report_live(
	struct buf *out, const struct report *r, const struct datagram *d, bool sent, int64_t since)
{
	struct auth_field auth[MESSAGE_AUTH_MAX];
	struct message m;

	begin(out, d->time, since, d->frame, sent ? "->" : "<-");
	if (message_scan(d->bytes, &m, auth)) {
		first_line(out, &m);
		auth_lines(out, r, &m);
	} else {
		buf_printf(out, "%zu bytes that are no SIP", d->bytes.n);
	}
	buf_addc(out, '\n');
}

void report_live_icmp(struct buf *out, const struct icmp_error *e, int64_t since)
{
	char text[ADDRESS_TEXT];

	begin(out, e->time, since, e->frame, "<-");
	buf_printf(out, "ICMP %s from %s\n", e->what, address_format_ip(&e->reporter, text));
}

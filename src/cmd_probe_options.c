/* The options of `sipauth probe`, and what each of them sets. */
#include <string.h>

#include "auth/profile.h"
#include "base/err.h"
#include "cmd_expect.h"
#include "cmd_options.h"
#include "cmd_probe.h"
#include "cmd_report.h"

enum {
	OPTION_METHOD = OPTION_LONG,
	OPTION_STEPS,
	OPTION_DOMAIN,
	OPTION_FROM,
	OPTION_TO,
	OPTION_REQUEST_URI,
	OPTION_CONTACT,
	OPTION_HEADER,
	OPTION_USER_AGENT,
	OPTION_EXPIRES,
	OPTION_EVENT,
	OPTION_BODY,
	OPTION_CONTENT_TYPE,
	OPTION_KEEP_BINDING,
	OPTION_PROXY,
	OPTION_ROUTE,
	OPTION_TRANSPORT,
	OPTION_DNS,
	OPTION_LOCAL,
	OPTION_WS_PATH,
	OPTION_CA,
	OPTION_CERT,
	OPTION_KEY,
	OPTION_KEYLOG,
	OPTION_INSECURE,
	OPTION_ALGORITHM,
	OPTION_QOP,
	OPTION_ATTEMPTS,
	OPTION_PREEMPT,
	OPTION_YES,
	OPTION_TIMEOUT,
	OPTION_RING,
	OPTION_HOLD,
	OPTION_REPEAT,
	OPTION_INTERVAL,
	OPTION_MATRIX,
	OPTION_WAIT,
	OPTION_AS,
	OPTION_NAGIOS,
	OPTION_FORMAT,
	OPTION_ALL,
	OPTION_FAIL_ON,
	OPTION_EXPECT,
	OPTION_VOS_MODE,
	OPTION_PROFILE,
	OPTION_LOOP_ROUNDS,
	OPTION_SHOW_SECRETS
};

enum { ATTEMPTS_MOST = 5, DAY = 86400 };

const struct option_row probe_rows[] = {
	{OPTION_METHOD, "method", "NAME",
		"REGISTER (default with a user), OPTIONS (without), INVITE,\n"
		"SUBSCRIBE, MESSAGE or PUBLISH"},
	{OPTION_STEPS, "steps", "LIST", "several methods in one run: register,invite"},
	{OPTION_TO, "to", "URI", "whom to call or write to: a URI or a number"},
	{OPTION_FROM, "from", "URI", "who calls or registers"},
	{OPTION_DOMAIN, "domain", "HOST", "host of From, To and Request-URI, else the target's"},
	{OPTION_REQUEST_URI, "request-uri", "URI", "another Request-URI than that of the To"},
	{OPTION_CONTACT, "contact", "URI", "another Contact than our address"},
	{OPTION_HEADER, "header", "LINE", "a further header field: 'X-Trunk: 7' (may be repeated)"},
	{OPTION_USER_AGENT, "user-agent", "TEXT", "what to be called"},
	{OPTION_EXPIRES, "expires", "SECONDS", "how long a binding is asked for (60)"},
	{OPTION_EVENT, "event", "NAME", "event package of SUBSCRIBE and PUBLISH (presence)"},
	{OPTION_BODY, "body", "FILE", "body of the requests, in place of the one of the method"},
	{OPTION_CONTENT_TYPE, "content-type", "TYPE", "its type (application/sdp)"},
	{OPTION_KEEP_BINDING, "keep-binding", NULL,
		"do not remove what was registered or published"},
	{OPTION_PROXY, "proxy", "URI", "outbound proxy: send there, with a Route"},
	{OPTION_ROUTE, "route", "URI", "a further Route (may be repeated)"},
	{OPTION_TRANSPORT, "transport", "NAME", "udp, tcp, tls, ws or wss"},
	{'4', "ipv4", NULL, "only IPv4 addresses of a name"},
	{'6', "ipv6", NULL, "only IPv6 addresses of a name"},
	{OPTION_DNS, "dns", "ADDR[:PORT]", "ask this DNS server"},
	{OPTION_LOCAL, "local", "ADDR[:PORT]", "send from there"},
	{OPTION_WS_PATH, "ws-path", "PATH", "path of the WebSocket (/)"},
	{OPTION_CA, "ca", "FILE", "trusted certificates, in place of the system's"},
	{OPTION_CERT, "cert", "FILE", "our own certificate"},
	{OPTION_KEY, "key", "FILE", "its key, if it is in another file"},
	{OPTION_KEYLOG, "keylog", "FILE", "write the TLS keys there, for Wireshark"},
	{OPTION_INSECURE, "insecure", NULL, "take any TLS certificate"},
	{OPTION_ALGORITHM, "algorithm", "NAME",
		"answer only this algorithm, or the strongest one; else per\n"
		"realm the topmost that is supported (RFC 8760)"},
	{OPTION_QOP, "qop", "NAME", "auth, auth-int or none, whatever is offered"},
	{OPTION_ATTEMPTS, "attempts", "N", "answers to one realm, if the nonce changes (2)"},
	{OPTION_PREEMPT, "preempt", NULL, "send credentials at once where a nonce is known"},
	{OPTION_YES, "yes", NULL, "go on where an account may be locked"},
	{OPTION_TIMEOUT, "timeout", "SECONDS", "for each request and connection (32)"},
	{OPTION_RING, "ring", "SECONDS", "cancel a call that rings so long (5)"},
	{OPTION_HOLD, "hold", "SECONDS", "hang up a call so long after its answer (1)"},
	{OPTION_REPEAT, "repeat", "N", "run N times, 0 for ever"},
	{OPTION_INTERVAL, "interval", "SECONDS", "time between two runs (60)"},
	{OPTION_MATRIX, "matrix", NULL,
		"what does this server accept? Right and wrong requests, one by\n"
		"one, as a table"},
	{OPTION_WAIT, "wait", "SECONDS", "with --matrix: try a nonce again after so long"},
	{OPTION_AS, "as", "PROFILE",
		"behave like an endpoint: cisco, yealink, grandstream, goip,\n"
		"softphone, carrier, ims"},
	{OPTION_NAGIOS, "nagios", NULL, "one line and exit status of a monitoring plugin"},
	{OPTION_FORMAT, "format", "FORM",
		"text (default), json (one document) or ndjson (a stream)"},
	{'o', "output", "FILE", "write the report there; only its owner may read it"},
	{'w', "write", "FILE", "write the messages as pcapng"},
	{OPTION_ALL, "all", NULL, "walk through every failed exchange, not only the first 50"},
	{'v', "verbose", NULL, "also findings of severity info and exchanges that are fine"},
	{'q', "quiet", NULL, "only the result"},
	{OPTION_FAIL_ON, "fail-on", "LEVEL",
		"exit status 1 from this severity on: error (default),\n"
		"warning, info or never"},
	{OPTION_EXPECT, "expect", "LIST", "challenges that are expected: REGISTER=401,INVITE=407"},
	{OPTION_VOS_MODE, "vos-mode", "MODE",
		"SS_AUTHCHALLENGEMODE that is believed to be set: 1, 2, 3"},
	{OPTION_PROFILE, "profile", "NAME",
		"kind of endpoint that is meant to work: cisco, yealink, ..."},
	{OPTION_LOOP_ROUNDS, "loop-rounds", "N", "challenges that make a loop (3)"},
	{OPTION_SHOW_SECRETS, "show-secrets", NULL, "also print values made from passwords"},
	{'h', "help", NULL, "this help"},
	{0, NULL, NULL, NULL},
};

/* ---- options of the request ---- */

static bool add_header(struct probe_command *c, const char *line)
{
	struct slice s = slice_of(line);
	size_t colon = slice_find(s, ':');

	if (colon == 0 || colon == s.n || slice_find(s, '\n') < s.n || slice_find(s, '\r') < s.n) {
		err_line("--header: '%s' is no header field; write it as 'Name: value'", line);
		return false;
	}
	buf_adds(&c->arguments.extra, line);
	buf_adds(&c->arguments.extra, "\r\n");
	return true;
}

static bool add_route(struct probe_command *c, const char *uri)
{
	struct probe_arguments *a = &c->arguments;

	if (a->route_count == REQUEST_ROUTES_MAX) {
		err_line("--route: more than %d", REQUEST_ROUTES_MAX);
		return false;
	}
	a->route[a->route_count++] = uri;
	return true;
}

static bool set_request_option(struct probe_command *c, int code, const char *value)
{
	struct probe_arguments *a = &c->arguments;

	switch (code) {
	case OPTION_METHOD:
		a->method = value;
		return true;
	case OPTION_STEPS:
		a->steps = value;
		return true;
	case OPTION_TO:
		a->to = value;
		return true;
	case OPTION_FROM:
		a->from = value;
		return true;
	case OPTION_DOMAIN:
		a->domain = value;
		return true;
	case OPTION_REQUEST_URI:
		a->request_uri = value;
		return true;
	case OPTION_CONTACT:
		a->contact = value;
		return true;
	case OPTION_HEADER:
		return add_header(c, value);
	case OPTION_USER_AGENT:
		c->probe.user_agent = slice_of(value);
		return true;
	case OPTION_EXPIRES:
		return option_number("--expires", value, 1, DAY, &c->probe.expires);
	case OPTION_EVENT:
		c->probe.event = slice_of(value);
		return true;
	case OPTION_BODY:
		a->body_file = value;
		return true;
	case OPTION_CONTENT_TYPE:
		c->probe.content_type = slice_of(value);
		return true;
	default:
		c->probe.keep_binding = true;
		return true;
	}
}

/* ---- options of the way there ---- */

static bool set_way_option(struct probe_command *c, int code, const char *value)
{
	struct probe_options *o = &c->probe;

	switch (code) {
	case OPTION_PROXY:
		c->arguments.proxy = value;
		return true;
	case OPTION_ROUTE:
		return add_route(c, value);
	case OPTION_TRANSPORT:
		c->arguments.transport = value;
		return true;
	case OPTION_DNS:
		o->where.servers = value;
		return true;
	case OPTION_LOCAL:
		c->arguments.local = value;
		return true;
	case OPTION_WS_PATH:
		o->ws_path = value;
		return true;
	case OPTION_CA:
		o->tls.ca = value;
		return true;
	case OPTION_CERT:
		o->tls.certificate = value;
		return true;
	case OPTION_KEY:
		o->tls.key = value;
		return true;
	case OPTION_KEYLOG:
		o->tls.keylog = value;
		return true;
	default:
		o->tls.insecure = true;
		return true;
	}
}

/* ---- options of authentication and time ---- */

static bool set_algorithm(struct probe_command *c, const char *value)
{
	const char *names[ALGORITHM_COUNT + 2] = {"strongest"};
	int i;

	if (algorithm_find(slice_of(value)) != ALGORITHM_UNKNOWN) {
		c->probe.answer.choice = CHOICE_NAMED;
		c->probe.answer.algorithm = algorithm_find(slice_of(value));
		return true;
	}
	for (i = 0; i < ALGORITHM_COUNT; i++)
		names[i + 1] = algorithm_info((enum algorithm)i)->name;
	i = option_choice("--algorithm", value, names);
	c->probe.answer.choice = CHOICE_STRONGEST;
	return i >= 0;
}

static bool set_qop(struct probe_command *c, const char *value)
{
	static const char *const names[] = {"auth", "auth-int", "none", NULL};
	int i = option_choice("--qop", value, names);

	c->probe.answer.qop = i == 0   ? ANSWER_QOP_AUTH
			      : i == 1 ? ANSWER_QOP_AUTH_INT
				       : ANSWER_QOP_NONE;
	return i >= 0;
}

/* It names itself so that the report knows the kind. */
static bool set_played(struct probe_command *c, const char *value)
{
	if (!report_set_profile(&c->tracker_options, "--as", value))
		return false;
	c->played = c->tracker_options.profile;
	c->tracker_options.client = CLIENT_PLAYED;
	c->probe.placeholder = strcmp(c->played->name, "ims") == 0;
	if (!c->probe.user_agent.p)
		c->probe.user_agent = arena_printf(
			&c->arena, "%s, played by sipauth/" SIPAUTH_VERSION, c->played->title);
	return true;
}

static bool set_auth_option(struct probe_command *c, int code, const char *value)
{
	struct probe_arguments *a = &c->arguments;

	switch (code) {
	case OPTION_ALGORITHM:
		return set_algorithm(c, value);
	case OPTION_QOP:
		return set_qop(c, value);
	case OPTION_ATTEMPTS:
		return option_number(
			"--attempts", value, 1, ATTEMPTS_MOST, &c->probe.answer.attempts);
	case OPTION_PREEMPT:
		c->probe.preempt = true;
		return true;
	case OPTION_YES:
		c->probe.yes = true;
		return true;
	case OPTION_TIMEOUT:
		return option_number("--timeout", value, 1, DAY, &a->timeout);
	case OPTION_RING:
		return option_number("--ring", value, 0, DAY, &a->ring);
	case OPTION_HOLD:
		return option_number("--hold", value, 0, DAY, &a->hold);
	case OPTION_REPEAT:
		return option_number("--repeat", value, 0, 1000000, &a->repeat);
	case OPTION_INTERVAL:
		return option_number("--interval", value, 1, DAY, &a->interval);
	case OPTION_MATRIX:
		c->matrix = true;
		return true;
	case OPTION_WAIT:
		return option_number("--wait", value, 1, DAY, &a->wait);
	case OPTION_AS:
		return set_played(c, value);
	default:
		c->nagios = true;
		return true;
	}
}

/* ---- options of the report ---- */

static bool set_report_option(struct probe_command *c, int code, const char *value)
{
	switch (code) {
	case OPTION_FORMAT:
		return report_set_format(&c->report, value);
	case 'o':
		c->output = value;
		return true;
	case 'w':
		c->keep_path = value;
		return true;
	case OPTION_ALL:
		c->report.all = true;
		return true;
	case 'v':
		c->report.verbose = true;
		return true;
	case 'q':
		c->report.quiet = true;
		return true;
	case OPTION_FAIL_ON:
		return report_set_fail_on(&c->report, value);
	case OPTION_EXPECT:
		return expect_parse(value, c->tracker_options.expect);
	case OPTION_VOS_MODE:
		return option_number("--vos-mode", value, 1, 3, &c->tracker_options.vos_mode);
	case OPTION_PROFILE:
		return report_set_profile(&c->tracker_options, "--profile", value);
	case OPTION_LOOP_ROUNDS:
		return option_number("--loop-rounds", value, 2, EXCHANGE_ATTEMPTS_MAX,
			&c->tracker_options.loop_rounds);
	default:
		c->report.show_secrets = true;
		return true;
	}
}

bool probe_set_option(struct probe_command *c, int code, const char *value)
{
	if (code == 'h')
		c->help = true;
	else if (code == '4' || code == '6')
		c->probe.where.family = (unsigned)(code - '0');
	else if (code < OPTION_LONG || code >= OPTION_FORMAT)
		return set_report_option(c, code, value);
	else if (code >= OPTION_ALGORITHM)
		return set_auth_option(c, code, value);
	else if (code >= OPTION_PROXY)
		return set_way_option(c, code, value);
	else
		return set_request_option(c, code, value);
	return true;
}

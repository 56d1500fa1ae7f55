/* Outcomes of steps: their names, and what they mean for a script. */
#include "base/err.h"
#include "cmd.h"
#include "cmd_probe.h"

const char *step_outcome_name(const struct step_result *r)
{
	if (r->step.outcome == PROBE_ANSWERED)
		return r->known ? outcome_name(r->outcome) : outcome_name(OUTCOME_UNKNOWN);
	return probe_outcome_name(r->step.outcome);
}

const char *step_name(enum method m)
{
	switch (m) {
	case METHOD_REGISTER:
		return "register";
	case METHOD_INVITE:
		return "invite";
	case METHOD_SUBSCRIBE:
		return "subscribe";
	case METHOD_MESSAGE:
		return "message";
	case METHOD_PUBLISH:
		return "publish";
	default:
		return "options";
	}
}

static void complain(const struct probe_command *c, const struct probe_step *s)
{
	static const char *const advice[PROBE_OUTCOME_COUNT] = {
		[PROBE_DNS_FAILURE] = "check the name, or name a DNS server with --dns",
		[PROBE_NO_ROUTE] = "check the address, the routes and the firewall",
		[PROBE_PORT_UNREACHABLE] =
			"check the address, the port and the transport, and that the service runs",
		[PROBE_TLS_FAILURE] = "check the certificate and the name; --ca names who is "
				      "trusted, --insecure trusts anybody",
		[PROBE_LOCAL] = "check --local and the files that are named",
		[PROBE_INTERRUPTED] = "it was not finished",
		[PROBE_CLOSED] = "check that the transport and the port fit together",
		[PROBE_NOT_SIP] = "check the port and the transport",
	};
	const char *what = advice[s->outcome];

	/* the plugin has its own line for it */
	if (what && !c->nagios)
		err_line("%s: %s%s%s; %s", c->arguments.target, probe_outcome_name(s->outcome),
			*s->text ? ": " : "", s->text, what);
}

int probe_exit_status(const struct probe_step *s, const struct probe_command *c)
{
	complain(c, s);
	switch (s->outcome) {
	case PROBE_DNS_FAILURE:
	case PROBE_NO_ROUTE:
	case PROBE_PORT_UNREACHABLE:
	case PROBE_TLS_FAILURE:
	case PROBE_LOCAL:
	case PROBE_INTERRUPTED:
		return EXIT_TROUBLE;
	case PROBE_ANSWERED:
		return EXIT_NOTHING;
	default:
		return EXIT_FINDINGS;
	}
}

#include "cmd.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "cmd_options.h"
#include "cmd_probe.h"
#include "ua/wait.h"

enum {
	TIMEOUT_DEFAULT = 32,
	RING_DEFAULT = 5,
	HOLD_DEFAULT = 1,
	INTERVAL_DEFAULT = 60, /* seconds */
	EXPIRES_DEFAULT = 60,
	ATTEMPTS_DEFAULT = 2
};

static const struct option secret_rows[] = {SECRET_LONG_OPTIONS, {NULL, 0, NULL, 0}};

static void help(void)
{
	puts("usage: sipauth probe [OPTION]... TARGET\n\n"
	     "Sends a request to a SIP server, answers its challenges, and says what it does and "
	     "why\n"
	     "it fails. TARGET is sip:USER@HOST, sips:HOST, HOST, HOST:PORT, or udp:HOST:PORT "
	     "(tcp:\n"
	     "tls: ws: wss:). Calls are ended and bindings removed.\n");
	options_help(stdout, probe_rows);
	fputs(SECRET_OPTIONS_HELP, stdout);
	puts("\nExit status: 0 nothing found, 1 findings (see --fail-on) or no answer, 2 trouble: "
	     "name,\n"
	     "route, port or TLS.");
}

static bool read_body(struct probe_command *c)
{
	const char *name = c->arguments.body_file;
	char part[4096];
	struct buf b = {0};
	FILE *in;
	size_t n;

	if (!name)
		return true;
	in = fopen(name, "rb");
	while (in && b.n < MESSAGE_MAX && (n = fread(part, 1, sizeof(part), in)) > 0)
		buf_add(&b, part, n);
	if (!in || ferror(in) || b.n >= MESSAGE_MAX) {
		err_line("--body: %s cannot be read, or is too large", name);
		if (in)
			fclose(in);
		buf_free(&b);
		return false;
	}
	fclose(in);
	c->probe.body = arena_copy(&c->arena, b.n ? buf_slice(&b) : SLICE(""));
	buf_free(&b);
	return true;
}

static void set_defaults(struct probe_command *c)
{
	c->arguments.timeout = TIMEOUT_DEFAULT;
	c->arguments.ring = RING_DEFAULT;
	c->arguments.hold = HOLD_DEFAULT;
	c->arguments.interval = INTERVAL_DEFAULT;
	c->arguments.repeat = 1;
	c->probe.expires = EXPIRES_DEFAULT;
	c->probe.answer.attempts = ATTEMPTS_DEFAULT;
	c->probe.event = SLICE("presence");
	c->probe.content_type = SLICE("application/sdp");
	c->report.fail_on = SEVERITY_ERROR;
	c->tracker_options.client = CLIENT_OURS;
}

static void finish_options(struct probe_command *c)
{
	c->probe.timeout = c->arguments.timeout * WAIT_SECOND;
	c->probe.ring = c->arguments.ring * WAIT_SECOND;
	c->probe.hold = c->arguments.hold * WAIT_SECOND;
	c->probe.extra = buf_slice(&c->arguments.extra);
	if (!c->probe.user_agent.p)
		c->probe.user_agent = SLICE("sipauth/" SIPAUTH_VERSION);
}

static bool fit_together(const struct probe_command *c)
{
	const char *what = c->matrix && (c->arguments.steps || c->played || c->nagios)
				   ? "--matrix goes with --method, "
				     "not with --steps, --as or --nagios"
			   : c->nagios && c->arguments.repeat != 1
				   ? "--nagios is one run: --repeat is the business of the monitor"
			   : c->arguments.wait && !c->matrix ? "--wait belongs to --matrix"
							     : NULL;

	if (what)
		err_line("probe: %s", what);
	return !what;
}

static bool parse(struct probe_command *c, int argc, char **argv)
{
	struct options options;
	int code;

	set_defaults(c);
	options_init(&options, "probe", probe_rows, secret_rows);
	while ((code = options_next(&options, argc, argv)) != -1)
		if (code == '?' || (!secret_option(&c->secret_options, code, optarg) &&
					   !probe_set_option(c, code, optarg)))
			return false;
	if (c->help)
		return true;
	if (optind == argc)
		err_line("probe: no target named; 'sipauth probe sip:USER@HOST', or see --help");
	else if (optind + 1 < argc)
		err_line("probe: one target only, not also '%s'", argv[optind + 1]);
	if (optind + 1 != argc)
		return false;
	c->arguments.target = argv[optind];
	finish_options(c);
	return fit_together(c) && probe_target_parse(c) && probe_steps_parse(c) && read_body(c);
}

/* Also where the command line could not be read to its end. */
static bool wants_nagios(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--nagios") == 0)
			return true;
	return false;
}

int cmd_probe(int argc, char **argv)
{
	static struct probe_command c;
	int status = -1;

	if (parse(&c, argc, argv)) {
		if (c.help) {
			help();
			status = EXIT_NOTHING;
		} else {
			signal(SIGPIPE, SIG_IGN);
			status = probe_command_run(&c);
			hash_free();
		}
	}
	/* it did not begin, and that was told */
	if (status < 0 && wants_nagios(argc, argv))
		puts("SIP UNKNOWN - the probe was not made, see standard error");
	if (status < 0)
		status = wants_nagios(argc, argv) ? NAGIOS_UNKNOWN : EXIT_TROUBLE;
	secret_options_free(&c.secret_options);
	buf_free(&c.arguments.extra);
	arena_free(&c.arena);
	return status;
}

#include "cmd_analyze.h"

#include <stdio.h>
#include <string.h>

#include "auth/profile.h"
#include "base/err.h"
#include "cmd_expect.h"
#include "cmd_live.h"
#include "cmd_options.h"

enum { PROFILES_MAX = 32, DAY_SECONDS = 86400 };

enum {
	OPTION_FORMAT = OPTION_LONG, OPTION_FAIL_ON, OPTION_EXPECT, OPTION_VOS_MODE, OPTION_PROFILE,
	OPTION_REALM, OPTION_LOOP_ROUNDS, OPTION_ALL, OPTION_SHOW_SECRETS,
	OPTION_FOLLOW, OPTION_KEYLOG, OPTION_DURATION, OPTION_STATS, OPTION_ALERT, OPTION_HEP
};

static const struct option_row rows[] = {
	{'r', "read", "FILE", "a capture, as if named without -r; - is standard input"},
	{'f', "filter", "EXPR", "take only the packets that this BPF expression passes\n"
		"(a port loses IP fragments: better \"host 10.0.0.1\")"},
	{OPTION_FOLLOW, "follow", NULL, "the last FILE still grows: go on as it does,\n"
		"until interrupted"},
	{'i', "interface", "LIST", "capture live, until interrupted: eth0, or eth0,eth1,\n"
		"or any"},
	{OPTION_HEP, "hep-listen", "ADDR:PORT", "wait for HEP agents there, UDP and TCP (port 9060)"},
	{OPTION_DURATION, "duration", "SECONDS", "end after this time"},
	{'s', "snaplen", "BYTES", "live: take only the beginning of each packet"},
	{'B', "buffer", "MIB", "live: kernel buffer for each interface (16)"},
	{'p', "no-promiscuous", NULL, "live: only what is for this machine"},
	{OPTION_STATS, "stats-interval", "SECONDS", "print challenges and refusals per server and\n"
		"account on standard error that often"},
	{OPTION_ALERT, "alert", "RATE", "mark servers and accounts with so many refusals\n"
		"a minute, and end with status 1"},
	{OPTION_KEYLOG, "keylog", "FILE", "secrets of TLS connections, an NSS key log\n"
		"(without it, the file that SSLKEYLOGFILE names)"},
	{'k', "tls-key", "FILE", "private RSA key of the server, for TLS up to 1.2 whose\n"
		"key exchange is RSA"},
	{OPTION_FORMAT, "format", "FORM", "text (default), json (a document), ndjson (a stream)"},
	{'o', "output", "FILE", "write the report there; only its owner may read it"},
	{'w', "write", "FILE", "write the packets of the reported exchanges as pcapng"},
	{OPTION_ALL, "all", NULL, "walk through every failed exchange, not only 50"},
	{'v', "verbose", NULL, "also findings of severity info and fine exchanges"},
	{'q', "quiet", NULL, "only the result and the groups of failures"},
	{OPTION_FAIL_ON, "fail-on", "LEVEL", "exit status 1 from this severity on: error (default),\n"
		"warning, info or never"},
	{OPTION_EXPECT, "expect", "LIST", "challenges that are expected: REGISTER=401,INVITE=407;\n"
		"both = one response with both header fields, any"},
	{OPTION_VOS_MODE, "vos-mode", "MODE", "SS_AUTHCHALLENGEMODE believed to be set: 1, 2, 3"},
	{OPTION_PROFILE, "profile", "NAME", "kind of endpoint: cisco, yealink, carrier, ..."},
	{OPTION_REALM, "realm", "NAME", "realm that the clients are configured for"},
	{OPTION_LOOP_ROUNDS, "loop-rounds", "N", "challenges that make a loop (3)"},
	{OPTION_SHOW_SECRETS, "show-secrets", NULL, "also print values made from passwords"},
	{'h', "help", NULL, "this help"},
	{0, NULL, NULL, NULL},
};

static const struct option secret_rows[] = {SECRET_LONG_OPTIONS, {NULL, 0, NULL, 0}};

void analyze_help(void)
{
	puts("usage: sipauth analyze [OPTION]... FILE...\n"
		"       sipauth analyze [OPTION]... -i IFACE\n\n"
		"Reads captures (pcap, pcapng, also packed with gzip or zstd; - is standard\n"
		"input; several files are one timeline), walks through every challenge and\n"
		"response, and says what failed, why, and what to change.\n");
	options_help(stdout, rows);
	fputs(SECRET_OPTIONS_HELP, stdout);
	puts("\nExit status: 0 nothing found, 1 findings (see --fail-on), 2 trouble.");
}

static bool add_file(struct analyze *a, const char *name)
{
	if (a->report.file_count == ANALYZE_FILES_MAX) {
		err_line("analyze: more than %d files; merge some of them first", ANALYZE_FILES_MAX);
		return false;
	}
	a->files[a->report.file_count++] = name;
	return true;
}

static bool set_format(struct analyze *a, const char *value)
{
	static const char *const names[] = {"text", "json", "ndjson", NULL};
	int i = option_choice("--format", value, names);

	if (i >= 0)
		a->report.format = (enum report_format)report_format_parse(names[i]);
	return i >= 0;
}

static bool set_fail_on(struct analyze *a, const char *value)
{
	static const char *const names[] = {"never", "info", "warning", "error", NULL};
	int i = option_choice("--fail-on", value, names);

	/* "never" stands in the place of SEVERITY_OK */
	if (i >= 0)
		a->report.fail_on = (enum severity)i;
	return i >= 0;
}

static bool set_profile(struct analyze *a, const char *value)
{
	const char *names[PROFILES_MAX + 1] = {NULL};

	a->tracker_options.profile = profile_find(value);
	if (a->tracker_options.profile)
		return true;
	for (size_t i = 0; i < PROFILES_MAX && profile_at(i); i++)
		names[i] = profile_at(i)->name;
	return option_choice("--profile", value, names) >= 0;
}

/* Those of live input and watching. -1: none of them. */
static int set_live_option(struct analyze *a, int code, char *value)
{
	struct live_options *o = &a->live_options;

	switch (code) {
	case 'i':
		return live_add_interfaces(a, value);
	case OPTION_HEP:
		return live_add_hep(a, value);
	case OPTION_DURATION:
		return option_number("--duration", value, 1, DAY_SECONDS * 365, &a->duration);
	case 's':
		return option_number("--snaplen", value, 64, 262144, &o->snaplen);
	case 'B':
		return option_number("--buffer", value, 1, 2047, &o->buffer);
	case 'p':
		o->promiscuous = false;
		return true;
	case OPTION_STATS:
		return option_number("--stats-interval", value, 1, DAY_SECONDS, &a->interval);
	case OPTION_ALERT:
		return option_number("--alert", value, 1, 1000000, &a->alert);
	default:
		return -1;
	}
}

/* One option; false: its value is wrong, and that was told. */
static bool set_option(struct analyze *a, int code, char *value)
{
	int live = set_live_option(a, code, value);

	if (live >= 0)
		return live;
	switch (code) {
	case 'r':
		return add_file(a, value);
	case 'f':
		a->report.filter = value;
		return true;
	case 'o':
		a->output = value;
		return true;
	case 'w':
		a->keep_path = value;
		return true;
	case 'v':
		a->report.verbose = true;
		return true;
	case 'q':
		a->report.quiet = true;
		return true;
	case 'h':
		a->help = true;
		return true;
	case OPTION_KEYLOG:
		a->keylog = value;
		return true;
	case 'k':
		a->private_key = value;
		return true;
	case OPTION_FOLLOW:
		a->follow = true;
		return true;
	case OPTION_ALL:
		a->report.all = true;
		return true;
	case OPTION_SHOW_SECRETS:
		a->report.show_secrets = true;
		return true;
	case OPTION_FORMAT:
		return set_format(a, value);
	case OPTION_FAIL_ON:
		return set_fail_on(a, value);
	case OPTION_EXPECT:
		return expect_parse(value, a->tracker_options.expect);
	case OPTION_VOS_MODE:
		return option_number("--vos-mode", value, 1, 3, &a->tracker_options.vos_mode);
	case OPTION_PROFILE:
		return set_profile(a, value);
	case OPTION_REALM:
		a->tracker_options.configured_realm = slice_of(value);
		return true;
	default:
		return option_number("--loop-rounds", value, 2, EXCHANGE_ATTEMPTS_MAX,
			&a->tracker_options.loop_rounds);
	}
}

static bool reads_stdin(const struct analyze *a)
{
	for (size_t i = 0; i < a->report.file_count; i++)
		if (strcmp(a->files[i], "-") == 0)
			return true;
	return false;
}

bool analyze_is_live(const struct analyze *a)
{
	return a->live_options.interface_count || a->live_options.hep_count;
}

static bool check_inputs(const struct analyze *a)
{
	if (analyze_is_live(a) && a->report.file_count) {
		err_line("analyze: live (-i, --hep-listen) or from files, not both: %s", a->files[0]);
		return false;
	}
	if (analyze_is_live(a) || a->report.file_count)
		return true;
	err_line("analyze: no capture named; 'sipauth analyze FILE...', - for standard input, or -i eth0");
	return false;
}

bool analyze_parse(struct analyze *a, int argc, char **argv)
{
	struct options options;
	int code;

	a->report.fail_on = SEVERITY_ERROR;
	a->report.files = a->files;
	a->live_options.promiscuous = true;
	options_init(&options, "analyze", rows, secret_rows);
	while ((code = options_next(&options, argc, argv)) != -1)
		if (code == '?' || (!secret_option(&a->secret_options, code, optarg) &&
			!set_option(a, code, optarg)))
			return false;
	if (a->help)
		return true;
	while (optind < argc)
		if (!add_file(a, argv[optind++]))
			return false;
	if (!check_inputs(a))
		return false;
	if (reads_stdin(a) && secret_options_use_stdin(&a->secret_options)) {
		err_line("analyze: standard input cannot be both the capture and the password file");
		return false;
	}
	return true;
}

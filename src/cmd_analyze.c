#include "cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "capture/dissect.h"
#include "capture/source.h"
#include "cmd_expect.h"
#include "cmd_keep.h"
#include "cmd_options.h"
#include "cmd_report.h"
#include "cmd_secrets.h"
#include "digest/algorithm.h"
#include "report/report.h"

enum { FILES_MAX = 1024 };

enum {
	OPTION_FORMAT = OPTION_LONG, OPTION_FAIL_ON, OPTION_EXPECT, OPTION_VOS_MODE, OPTION_PROFILE,
	OPTION_REALM, OPTION_LOOP_ROUNDS, OPTION_ALL, OPTION_SHOW_SECRETS
};

static const struct option_row rows[] = {
	{'r', "read", "FILE", "a capture, as if named without -r; - is standard input"},
	{'f', "filter", "EXPR", "take only the packets that this BPF expression passes\n"
		"(\"port 5060\" loses IP fragments: better \"host 10.0.0.1\")"},
	{OPTION_FORMAT, "format", "FORM", "text (default), json (one document) or ndjson (a stream)"},
	{'o', "output", "FILE", "write the report there; only its owner may read it"},
	{'w', "write", "FILE", "write the packets of the reported exchanges as pcapng"},
	{OPTION_ALL, "all", NULL, "walk through every failed exchange, not only the first 50"},
	{'v', "verbose", NULL, "also findings of severity info and exchanges that are fine"},
	{'q', "quiet", NULL, "only the result and the groups of failures"},
	{OPTION_FAIL_ON, "fail-on", "LEVEL", "exit status 1 from this severity on: error (default),\n"
		"warning, info or never"},
	{OPTION_EXPECT, "expect", "LIST", "challenges that are expected: REGISTER=401,INVITE=407;\n"
		"both = one response with both header fields, any"},
	{OPTION_VOS_MODE, "vos-mode", "MODE", "SS_AUTHCHALLENGEMODE that is believed to be set: 1, 2, 3"},
	{OPTION_PROFILE, "profile", "NAME", "kind of endpoint: cisco, yealink, carrier, ..."},
	{OPTION_REALM, "realm", "NAME", "realm that the clients are configured for"},
	{OPTION_LOOP_ROUNDS, "loop-rounds", "N", "challenges that make a loop (3)"},
	{OPTION_SHOW_SECRETS, "show-secrets", NULL, "also print values made from passwords"},
	{'h', "help", NULL, "this help"},
	{0, NULL, NULL, NULL},
};

static const struct option secret_rows[] = {SECRET_LONG_OPTIONS, {NULL, 0, NULL, 0}};

struct analyze {
	struct report_options report;
	struct tracker_options tracker_options;
	struct secret_options secret_options;
	const char *files[FILES_MAX];
	const char *output, *keep_path;
	bool help;
	/* while it runs */
	FILE *out;
	struct secrets *secrets;
	struct source *source;
	struct dissector *dissector;
	struct tracker *tracker;
	struct report *result;
	struct keep *keep;
	size_t failed_files;
};

static void help(void)
{
	puts("usage: sipauth analyze [OPTION]... FILE...\n\n"
		"Reads captures (pcap, pcapng; - is standard input; several files are one timeline),\n"
		"walks through every challenge and response, and says what failed, why, and what to\n"
		"change.\n");
	options_help(stdout, rows);
	fputs(SECRET_OPTIONS_HELP, stdout);
	puts("\nExit status: 0 nothing found, 1 findings (see --fail-on), 2 trouble.");
}

static bool add_file(struct analyze *a, const char *name)
{
	if (a->report.file_count == FILES_MAX) {
		err_line("analyze: more than %d files; merge some of them first", FILES_MAX);
		return false;
	}
	a->files[a->report.file_count++] = name;
	return true;
}

/* One option; false: its value is wrong, and that was told. */
static bool set_option(struct analyze *a, int code, const char *value)
{
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
	case OPTION_ALL:
		a->report.all = true;
		return true;
	case OPTION_SHOW_SECRETS:
		a->report.show_secrets = true;
		return true;
	case OPTION_FORMAT:
		return report_set_format(&a->report, value);
	case OPTION_FAIL_ON:
		return report_set_fail_on(&a->report, value);
	case OPTION_EXPECT:
		return expect_parse(value, a->tracker_options.expect);
	case OPTION_VOS_MODE:
		return option_number("--vos-mode", value, 1, 3, &a->tracker_options.vos_mode);
	case OPTION_PROFILE:
		return report_set_profile(&a->tracker_options, "--profile", value);
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

static bool parse(struct analyze *a, int argc, char **argv)
{
	struct options options;
	int code;

	a->report.fail_on = SEVERITY_ERROR;
	a->report.files = a->files;
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
	if (!a->report.file_count) {
		err_line("analyze: no capture named; 'sipauth analyze FILE...', or - for standard input");
		return false;
	}
	if (reads_stdin(a) && secret_options_use_stdin(&a->secret_options)) {
		err_line("analyze: standard input cannot be both the capture and the password file");
		return false;
	}
	return true;
}

/* Is `path` one of the captures? To write there would destroy it before it is read. */
static bool is_input(const struct analyze *a, const char *path)
{
	struct stat in, out;

	if (stat(path, &out) != 0 || !S_ISREG(out.st_mode))
		return false;
	for (size_t i = 0; i < a->report.file_count; i++)
		if (stat(a->files[i], &in) == 0 && in.st_dev == out.st_dev && in.st_ino == out.st_ino)
			return true;
	return false;
}

static bool open_output(struct analyze *a)
{
	int fd;

	a->out = stdout;
	if (!a->output || strcmp(a->output, "-") == 0)
		return true;
	if (is_input(a, a->output)) {
		err_line("%s: is one of the captures; name another file with -o", a->output);
		return false;
	}
	fd = open(a->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	a->out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!a->out)
		err_line("%s: %s", a->output, strerror(errno));
	return a->out;
}

static bool readable_again(const struct analyze *a)
{
	struct stat st;

	for (size_t i = 0; i < a->report.file_count; i++)
		if (stat(a->files[i], &st) != 0 || !S_ISREG(st.st_mode))
			return false;
	return true;
}

static bool open_keep(struct analyze *a)
{
	if (!a->keep_path)
		return true;
	if (is_input(a, a->keep_path)) {
		err_line("%s: is one of the captures; name another file with -w", a->keep_path);
		return false;
	}
	a->keep = keep_new(!readable_again(a));
	return a->keep;
}

static void complain(void *arg, const char *line)
{
	(void)arg;
	err_line("%s", line);
}

static void on_datagram(void *arg, const struct datagram *d)
{
	struct analyze *a = arg;

	if (a->keep)
		keep_datagram(a->keep, d);
	tracker_feed(a->tracker, d);
}

static void on_icmp(void *arg, const struct icmp_error *e)
{
	struct analyze *a = arg;

	if (a->keep)
		keep_icmp(a->keep, e);
	tracker_icmp(a->tracker, e);
}

static void on_loss(void *arg, const struct loss *l)
{
	struct analyze *a = arg;

	tracker_loss(a->tracker, l);
}

static void on_exchange(void *arg, const struct exchange *x)
{
	struct analyze *a = arg;

	report_exchange(a->result, x);
	if (a->keep && report_selects(&a->report, x))
		keep_exchange(a->keep, x);
}

static void on_finding(void *arg, const struct scope_finding *f)
{
	struct analyze *a = arg;

	report_finding(a->result, f);
}

/* Everything that can be at fault before the first packet; the inputs first, so that -o is not emptied for nothing. */
static bool begin(struct analyze *a)
{
	struct source_error error;

	a->secrets = secret_options_read(&a->secret_options);
	if (!a->secrets)
		return false;
	if (!open_keep(a))
		return false;
	a->source = source_open(a->files, a->report.file_count, a->report.filter, complain, a,
		&a->failed_files, &error);
	if (!a->source) {
		err_line("%s", error.text);
		return false;
	}
	if (!open_output(a))
		return false;
	a->report.color = a->report.format == REPORT_TEXT && isatty(fileno(a->out)) &&
		!getenv("NO_COLOR");
	return true;
}

static void run(struct analyze *a)
{
	struct packet p;

	while (source_next(a->source, &p)) {
		tracker_advance(a->tracker, p.time);
		if (a->keep)
			keep_packet(a->keep, &p);
		dissector_feed(a->dissector, &p);
	}
	dissector_finish(a->dissector);
	tracker_finish(a->tracker);
}

/* Hands the numbers over. False: the report could not be written. */
static bool conclude(struct analyze *a)
{
	const struct source_stats *source = source_stats(a->source);
	const struct dissect_stats *stats = dissector_stats(a->dissector);
	struct report_count undecoded[UNDECODED_COUNT];
	struct report_count dropped[] = {{"streams", stats->dropped_streams},
		{"packets", a->keep ? keep_dropped(a->keep) : 0}};
	struct report_end end = {
		.stats = tracker_stats(a->tracker),
		.advice = tracker_advice(a->tracker),
		.packets = source->packets,
		.filtered = source->filtered,
		.truncated = source->truncated,
		.broken = source->broken,
		.undecoded = undecoded,
		.undecoded_count = UNDECODED_COUNT,
		.linktype = stats->unknown_linktype,
		.tls_connections = stats->tls_connections,
		.dropped = dropped,
		.dropped_count = sizeof(dropped) / sizeof(*dropped),
	};

	for (int i = 0; i < UNDECODED_COUNT; i++)
		undecoded[i] = (struct report_count){undecoded_name((enum undecoded)i), stats->undecoded[i]};
	if (report_finish(a->result, &end))
		return true;
	/* who closed the pipe has seen enough */
	if (errno == EPIPE)
		return true;
	err_line("%s: %s", a->output ? a->output : "standard output", strerror(errno));
	return false;
}

/* Nothing could be analyzed: says so where scripts look. */
static bool had_sip(const struct analyze *a)
{
	if (tracker_stats(a->tracker)->messages)
		return true;
	err_line("no SIP messages found; check where, when and with what filter the capture was made");
	return false;
}

static int analyze(struct analyze *a)
{
	struct dissect_sink sink = {on_datagram, on_icmp, on_loss, a};
	struct tracker_reader reader = {on_exchange, on_finding, a};
	bool good;

	a->tracker_options.secrets = a->secrets;
	a->dissector = dissector_new(&sink);
	a->tracker = tracker_new(&a->tracker_options, &reader);
	a->result = report_new(a->out, &a->report);
	run(a);
	good = conclude(a);
	good = !source_stats(a->source)->broken && !a->failed_files && good;
	good = had_sip(a) && good;
	if (a->keep)
		good = keep_write(a->keep, a->keep_path, a->files, a->report.file_count,
			a->report.filter) && good;
	if (!good)
		return EXIT_TROUBLE;
	return report_found(a->result) ? EXIT_FINDINGS : EXIT_NOTHING;
}

static void end(struct analyze *a)
{
	report_free(a->result);
	tracker_free(a->tracker);
	dissector_free(a->dissector);
	source_close(a->source);
	keep_free(a->keep);
	secrets_free(a->secrets);
	if (a->out && a->out != stdout)
		fclose(a->out);
	hash_free();
}

int cmd_analyze(int argc, char **argv)
{
	static struct analyze a;
	int status = EXIT_TROUBLE;

	if (!parse(&a, argc, argv))
		return EXIT_TROUBLE;
	if (a.help) {
		help();
		return EXIT_NOTHING;
	}
	signal(SIGPIPE, SIG_IGN);
	hash_init();
	if (begin(&a))
		status = analyze(&a);
	end(&a);
	return status;
}

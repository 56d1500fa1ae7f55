#include "cmd_analyze_options.h"

#include <string.h>

#include "base/err.h"
#include "cmd_expect.h"
#include "cmd_options.h"
#include "cmd_report.h"

enum {
	OPTION_FORMAT = OPTION_LONG, OPTION_FAIL_ON, OPTION_ALL, OPTION_SHOW_SECRETS, OPTION_ADVISE,
	OPTION_FOLLOW, OPTION_KEYLOG, OPTION_COMPARE
};

static const struct option_row rows[] = {
	{'r', "read", "FILE", "a capture, as if named without -r; - is standard input"},
	{'f', "filter", "EXPR",
		"only packets that this BPF expression passes (\"port\n"
		"5060\" loses IP fragments: better \"host 10.0.0.1\")"},
	{OPTION_FOLLOW, "follow", NULL,
		"the last FILE is still being written: go on as it\n"
		"grows, until interrupted"},
	LIVE_OPTION_ROWS,
	{OPTION_KEYLOG, "keylog", "FILE",
		"secrets of TLS connections, an NSS key log (without\n"
		"it, the file that SSLKEYLOGFILE names)"},
	{'k', "tls-key", "FILE",
		"private RSA key of the server, for TLS up to 1.2\n"
		"whose key exchange is RSA"},
	{OPTION_FORMAT, "format", "FORM", "text (default), json (one document) or ndjson (lines)"},
	{'o', "output", "FILE", "write the report there; only its owner may read it"},
	{'w', "write", "FILE", "write the packets of the reported exchanges as pcapng"},
	{OPTION_ALL, "all", NULL, "walk through every failed exchange, not only 50"},
	{'v', "verbose", NULL, "also findings of severity info, and what is fine"},
	{'q', "quiet", NULL, "only the result and the groups of failures"},
	{OPTION_FAIL_ON, "fail-on", "LEVEL",
		"exit status 1 from this severity on: error\n"
		"(default), warning, info or never"},
	{OPTION_ADVISE, "advise", NULL,
		"what challenge mode 1, 2 or 3 would break: a table of\n"
		"endpoints, with the evidence"},
	{OPTION_COMPARE, "compare", "N,M",
		"exchange N beside exchange M, value by value; with\n"
		"two files N of the first, M of the second"},
	TRACKER_OPTION_ROWS,
	SELECT_OPTION_ROWS,
	SEARCH_OPTION_ROWS,
	{OPTION_SHOW_SECRETS, "show-secrets", NULL, "also print values made from passwords"},
	{'h', "help", NULL, "this help"},
	{0, NULL, NULL, NULL},
};

static const struct option secret_rows[] = {SECRET_LONG_OPTIONS, {NULL, 0, NULL, 0}};

void analyze_options_help(void)
{
	puts("usage: sipauth analyze [OPTION]... FILE...\n"
		"       sipauth analyze [OPTION]... -i INTERFACE\n\n"
		"Reads captures (pcap, pcapng, also packed with gzip or zstd; text traces; - is\n"
		"standard input; several files are one timeline) or what goes by, walks through\n"
		"every challenge and response, and says what failed, why, and what to change.\n");
	options_help(stdout, rows);
	fputs(SECRET_OPTIONS_HELP, stdout);
	puts("\nWhat is not shown is known all the same, and counted. Options of one kind are\n"
		"alternatives.\n\n"
		"Exit status: 0 nothing found in what is shown, 1 findings (see --fail-on),\n"
		"2 trouble.");
}

static bool add_file(struct analyze_options *o, const char *name)
{
	if (o->report.file_count == ANALYZE_FILES_MAX) {
		err_line(
			"analyze: more than %d files; merge some of them first", ANALYZE_FILES_MAX);
		return false;
	}
	o->files[o->report.file_count++] = name;
	return true;
}

/* One option; false: its value is wrong, and that was told. */
static bool set_option(struct analyze_options *o, int code, char *value)
{
	bool good;

	if (search_option(&o->search, code, value, &good) ||
		live_option(&o->live, code, value, &good) || tracker_option(&o->tracker, code, value, &good))
		return good;
	switch (code) {
	case 'r':
		return add_file(o, value);
	case 'f':
		o->report.filter = value;
		return true;
	case 'o':
		o->output = value;
		return true;
	case 'w':
		o->write = value;
		return true;
	case 'v':
		o->report.verbose = true;
		return true;
	case 'q':
		o->report.quiet = true;
		return true;
	case 'h':
		o->help = true;
		return true;
	case 'k':
		o->tls_key = value;
		return true;
	case OPTION_KEYLOG:
		o->keylog = value;
		return true;
	case OPTION_FOLLOW:
		o->follow = o->search.ends_input = true;
		return true;
	case OPTION_ALL:
		o->report.all = true;
		return true;
	case OPTION_ADVISE:
		o->report.advise = true;
		return true;
	case OPTION_SHOW_SECRETS:
		o->report.show_secrets = true;
		return true;
	case OPTION_FORMAT:
		return report_set_format(&o->report, value);
	case OPTION_FAIL_ON:
		return report_set_fail_on(&o->report, value);
	default:
		return compare_parse(value, &o->compare);
	}
}

/* From one of the tables; false: it is wrong, and that was told. */
static bool take_option(struct analyze_options *o, int code)
{
	if (code == '?')
		return false;
	if (select_is_option(code))
		return select_option(&o->selection, code, optarg);
	return secret_option(&o->secrets, code, optarg) || set_option(o, code, optarg);
}

static bool reads_stdin(const struct analyze_options *o)
{
	for (size_t i = 0; i < o->report.file_count; i++)
		if (strcmp(o->files[i], "-") == 0)
			return true;
	return false;
}

static bool has_input(struct analyze_options *o)
{
	bool live = live_wanted(&o->live);

	if (live && o->report.file_count) {
		err_line("analyze: live (-i, --hep-listen) or from files, not both: %s", o->files[0]);
		return false;
	}
	if (!live && !o->report.file_count) {
		err_line("analyze: no capture named; "
			"'sipauth analyze FILE...', - for standard input, or -i INTERFACE");
		return false;
	}
	o->search.ends_input |= live;
	return true;
}

/* What has no meaning beside --compare is wrong, not ignored. */
static bool can_compare(const struct analyze_options *o)
{
	if (!o->compare.left)
		return true;
	if (live_wanted(&o->live) || o->follow) {
		err_line("analyze: --compare is for captures that are complete; not live, and without --follow");
		return false;
	}
	if (o->report.file_count > 2) {
		err_line("analyze: --compare takes one capture or two, not %zu; merge some of them first",
			o->report.file_count);
		return false;
	}
	if (selection_active(&o->selection)) {
		err_line("analyze: --compare names its two exchanges; leave out --account and the like");
		return false;
	}
	if (o->write) {
		err_line("analyze: --compare writes no packets; leave out -w");
		return false;
	}
	return true;
}

bool analyze_options_parse(struct analyze_options *o, int argc, char **argv)
{
	struct options options;
	int code;

	o->report.fail_on = SEVERITY_ERROR;
	live_settings_init(&o->live);
	o->report.files = o->files;
	o->report.selection = &o->selection;
	options_init(&options, "analyze", rows, secret_rows);
	while ((code = options_next(&options, argc, argv)) != -1)
		if (!take_option(o, code))
			return false;
	if (o->help)
		return true;
	if (!select_check(&o->selection))
		return false;
	while (optind < argc)
		if (!add_file(o, argv[optind++]))
			return false;
	if (!has_input(o) || !can_compare(o))
		return false;
	if (reads_stdin(o) && secret_options_use_stdin(&o->secrets)) {
		err_line(
			"analyze: standard input cannot be both the capture and the password file");
		return false;
	}
	return true;
}

#include "cmd_view_options.h"

#include <string.h>

#include "base/err.h"
#include "cmd_expect.h"
#include "cmd_options.h"
#include "cmd_report.h"

enum {
	OPTION_SHOW_SECRETS = OPTION_LONG, OPTION_FOLLOW, OPTION_KEYLOG, OPTION_SPOOL
};

static const struct option_row rows[] = {
	{'r', "read", "FILE", "a capture, as if named without -r; - is standard input"},
	{'f', "filter", "EXPR", "only packets that this BPF expression passes"},
	{OPTION_FOLLOW, "follow", NULL, "the last FILE is still being written: go on as it\n"
		"grows"},
	{'i', "interface", "LIST", "capture live: eth0, or eth0,eth1, or any"},
	{LIVE_OPTION_HEP, "hep-listen", "ADDR:PORT", "wait there for HEP agents, UDP and TCP (port 9060)"},
	{'s', "snaplen", "BYTES", "live: only the beginning of each packet"},
	{'B', "buffer", "MIB", "live: kernel buffer for each interface (16)"},
	{'p', "no-promiscuous", NULL, "live: only what is for this machine"},
	{OPTION_KEYLOG, "keylog", "FILE",
		"secrets of TLS connections, an NSS key log (without\n"
		"it, the file that SSLKEYLOGFILE names)"},
	{'k', "tls-key", "FILE",
		"private RSA key of the server, for TLS up to 1.2\n"
		"whose key exchange is RSA"},
	TRACKER_OPTION_ROWS,
	{OPTION_SPOOL, "spool-limit", "MIB",
		"at most so much of messages in a temporary file\n(8192); what is beyond cannot be opened"},
	SELECT_OPTION_ROWS,
	SEARCH_OPTION_ROWS,
	{OPTION_SHOW_SECRETS, "show-secrets", NULL, "also show values made from passwords"},
	{'h', "help", NULL, "this help"},
	{0, NULL, NULL, NULL},
};

static const struct option secret_rows[] = {SECRET_LONG_OPTIONS, {NULL, 0, NULL, 0}};

void view_options_help(void)
{
	puts("usage: sipauth view [OPTION]... FILE...\n"
		"       sipauth view [OPTION]... -i INTERFACE\n\n"
		"Shows the exchanges of captures, or what goes by, on the terminal: the list, the\n"
		"messages as arrows between hosts, what was found, every digest step by step. F1\n"
		"or ? in the viewer lists its keys; they are those of sngrep.\n");
	options_help(stdout, rows);
	fputs(SECRET_OPTIONS_HELP, stdout);
	puts("\nSettings and keys: ~/.config/sipauth/config, see sipauth-view(1).");
}

static bool add_file(struct view_cmd_options *o, const char *path)
{
	if (o->file_count == VIEW_FILES_MAX) {
		err_line("view: more than %d files; merge them with mergecap", VIEW_FILES_MAX);
		return false;
	}
	o->files[o->file_count++] = path;
	return true;
}

static bool set_option(struct view_cmd_options *o, int code, char *value)
{
	bool good;

	if (search_option(&o->search, code, value, &good) || live_option(&o->live, code, value, &good) ||
		tracker_option(&o->tracker, code, value, &good))
		return good;
	switch (code) {
	case 'r':
		return add_file(o, value);
	case 'f':
		o->filter = value;
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
		o->follow = true;
		return true;
	case OPTION_SHOW_SECRETS:
		o->show_secrets = true;
		return true;
	default:
		return option_number("--spool-limit", value, 1, 32768, &o->spool_mib);
	}
}

static bool take_option(struct view_cmd_options *o, int code)
{
	if (code == '?')
		return false;
	if (select_is_option(code))
		return select_option(&o->selection, code, optarg);
	return secret_option(&o->secrets, code, optarg) || set_option(o, code, optarg);
}

static bool reads_stdin(const struct view_cmd_options *o)
{
	for (size_t i = 0; i < o->file_count; i++)
		if (strcmp(o->files[i], "-") == 0)
			return true;
	return false;
}

static bool check(const struct view_cmd_options *o)
{
	bool live = live_wanted(&o->live);

	if (live && o->file_count) {
		err_line("view: live (-i, --hep-listen) or from files, not both: %s", o->files[0]);
		return false;
	}
	if (!live && !o->file_count) {
		err_line("view: no capture named; 'sipauth view FILE...', - for standard input, or -i INTERFACE");
		return false;
	}
	if (reads_stdin(o) && secret_options_use_stdin(&o->secrets)) {
		err_line("view: standard input cannot be both the capture and the password file");
		return false;
	}
	return true;
}

bool view_options_parse(struct view_cmd_options *o, int argc, char **argv)
{
	struct options options;
	int code;

	o->spool_mib = VIEW_SPOOL_MIB;
	live_settings_init(&o->live);
	options_init(&options, "view", rows, secret_rows);
	while ((code = options_next(&options, argc, argv)) != -1)
		if (!take_option(o, code))
			return false;
	if (o->help)
		return true;
	while (optind < argc)
		if (!add_file(o, argv[optind++]))
			return false;
	return select_check(&o->selection) && check(o);
}

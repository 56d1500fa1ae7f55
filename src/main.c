#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cmd.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *does;
} commands[] = {
	{"analyze", cmd_analyze, "diagnose the authentication in captures"},
	{"view", cmd_view, "look through the exchanges, on the terminal"},
	{"probe", cmd_probe, "test a server or trunk: register, call, and diagnose"},
	{"digest", cmd_digest, "compute or check one digest, step by step"},
	{"explain", cmd_explain, "what a finding means, why, and what to change"},
};

static void usage(FILE *out)
{
	fputs("usage: sipauth COMMAND [OPTION]... [ARGUMENT]...\n\n", out);
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].does);
	fputs("\n'sipauth COMMAND --help' tells the options of one command.\n", out);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		usage(stderr);
		return EXIT_TROUBLE;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
		usage(stdout);
		return EXIT_NOTHING;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		puts("sipauth " SIPAUTH_VERSION);
		return EXIT_NOTHING;
	}
	err_line("no command '%s'; 'sipauth --help' lists them", argv[1]);
	return EXIT_TROUBLE;
}

/* The subcommands. Each takes its own argv (argv[0] is its name) and returns the exit status. */
#ifndef CMD_H
#define CMD_H

enum exit_status {
	EXIT_NOTHING = 0,  /* nothing at or above --fail-on */
	EXIT_FINDINGS = 1,
	EXIT_TROUBLE = 2   /* command line, environment, unreadable input */
};

int cmd_analyze(int argc, char **argv);
int cmd_digest(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_probe(int argc, char **argv);
int cmd_view(int argc, char **argv);

#endif

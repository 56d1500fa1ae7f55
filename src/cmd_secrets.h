/*
 * The options by which every command takes secrets (--credentials, --user, --password-file and
 * --password) and the environment variable SIPAUTH_PASSWORD. To use them in a getopt_long() loop:
 *
 *	static const struct option longs[] = {SECRET_LONG_OPTIONS, {"nonce", ...}, ...};
 *	struct secret_options secret_options = {0};
 *	...
 *	if (secret_option(&secret_options, c, optarg))
 *		continue;
 *	...
 *	struct secrets *secrets = secret_options_read(&secret_options);
 *	if (!secrets)
 *		return EXIT_TROUBLE;
 */
#ifndef CMD_SECRETS_H
#define CMD_SECRETS_H

#include <getopt.h>
#include <stdbool.h>

#include "auth/secrets.h"

enum { SECRET_FILES_MAX = 16 };

enum secret_option_code {
	SECRET_OPTION_CREDENTIALS = 0x5e00, SECRET_OPTION_USER, SECRET_OPTION_PASSWORD_FILE,
	SECRET_OPTION_PASSWORD
};

#define SECRET_LONG_OPTIONS                                                                        \
	{"credentials", required_argument, NULL, SECRET_OPTION_CREDENTIALS},                       \
		{"user", required_argument, NULL, SECRET_OPTION_USER},                             \
		{"password-file", required_argument, NULL, SECRET_OPTION_PASSWORD_FILE},           \
		{"password", required_argument, NULL, SECRET_OPTION_PASSWORD}

/* For the --help of a command, in the columns of options_help(). */
#define SECRET_OPTIONS_HELP \
	"      --credentials FILE  known secrets, a line each: username:realm:secret;\n" \
	"                          realm * for any; secret a password, {ha1}HEX, ...\n" \
	"      --user NAME         user name of one secret; its password comes from\n" \
	"      --password-file FILE\n" \
	"                          the first line of a file (- for standard input), or\n" \
	"      --password TEXT     the command line, where others see it with ps, or\n" \
	"                          the environment variable SIPAUTH_PASSWORD\n"

struct secret_options {
	const char *files[SECRET_FILES_MAX];
	unsigned file_count;         /* may exceed the maximum: secret_options_read() complains */
	const char *user;            /* NULL: any user */
	const char *password_file;
	char *password;              /* our copy: the one in argv is overwritten */
};

/* Takes the option if it is one of these. `value` (--password) is overwritten in place. */
bool secret_option(struct secret_options *o, int code, char *value);
/* A user was named, but no password: not by file, option or environment. */
bool secret_options_lack_password(const struct secret_options *o);
/* Is standard input taken by --password-file - ? */
bool secret_options_use_stdin(const struct secret_options *o);
/*
 * Reads everything that the options name and wipes what they hold. Complaints about lines and
 * permissions go to standard error. NULL: trouble, and it was told. No secret at all is no trouble.
 */
struct secrets *secret_options_read(struct secret_options *o);
/* Wipes what is left, if the command ends before it reads them. */
void secret_options_free(struct secret_options *o);

#endif

#include "cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "cmd_digest.h"
#include "cmd_options.h"
#include "cmd_secrets.h"
#include "report/json_write.h"

enum { INPUT_MAX = 16 * 1024 * 1024 };

static const char usage[] =
	"usage: sipauth digest [OPTION]...\n"
	"\n"
	"Computes a digest response step by step, or checks one. Without --nonce it reads\n"
	"pasted text from standard input: header fields (WWW-Authenticate, Authorization,\n"
	"the Proxy- ones), bare values ('Digest username=...'), or whole SIP messages.\n"
	"An option goes before what was pasted.\n"
	"\n";
static const char exit_help[] =
	"\n"
	"Exit status: 0 computed, or the response matches; 1 it does not match;\n"
	"2 something is missing.\n";

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_NDJSON };

struct digest_options {
	struct secret_options secrets;
	struct digest_given given;
	struct search_watch search;
	const char *body_file;
	char *ha1;
	enum format format;
	bool rspauth, show_secrets, help;
};

enum {
	OPTION_TEXT = OPTION_LONG, /* and enum digest_text */
	OPTION_BODY = OPTION_TEXT + TEXT_COUNT,
	OPTION_HA1,
	OPTION_RSPAUTH,
	OPTION_SHOW,
	OPTION_FORMAT
};

static const struct option_row rows[] = {
	{OPTION_TEXT + TEXT_USERNAME, "username", "NAME", "user name (--user is the same)"},
	{OPTION_TEXT + TEXT_REALM, "realm", "TEXT", "realm"},
	{OPTION_TEXT + TEXT_METHOD, "method", "NAME",
		"method (default: that of the pasted request, else\nREGISTER)"},
	{OPTION_TEXT + TEXT_URI, "uri", "URI", "digest uri"},
	{OPTION_TEXT + TEXT_NONCE, "nonce", "TEXT", "nonce"},
	{OPTION_TEXT + TEXT_NC, "nc", "HEX", "nonce count"},
	{OPTION_TEXT + TEXT_CNONCE, "cnonce", "TEXT", "cnonce"},
	{OPTION_TEXT + TEXT_QOP, "qop", "TOKEN",
		"auth or auth-int; without it the form of RFC 2069,\n"
		"unless the pasted text has a qop"},
	{OPTION_TEXT + TEXT_ALGORITHM, "algorithm", "NAME",
		"MD5 (default), SHA-256, SHA-512-256, their -sess\n"
		"forms, AKAv1-MD5, AKAv2-MD5, AKAv2-SHA-256"},
	{OPTION_TEXT + TEXT_RESPONSE, "response", "HEX", "the response to check"},
	{OPTION_BODY, "body", "FILE", "body of the message, for auth-int"},
	{OPTION_RSPAUTH, "rspauth", NULL, "the server's rspauth (Authentication-Info) instead"},
	{OPTION_HA1, "ha1", "HEX", "HA1 instead of the password"},
	SEARCH_OPTION_ROWS,
	{OPTION_SHOW, "show-secrets", NULL, "print the password and HA1 too"},
	{OPTION_FORMAT, "format", "NAME", "text (default), json or ndjson"},
	{'h', "help", NULL, "this help"},
	{0, NULL, NULL, NULL},
};

static const struct option secret_rows[] = {SECRET_LONG_OPTIONS, {NULL, 0, NULL, 0}};

static bool set_format(struct digest_options *o, const char *name)
{
	static const char *const names[] = {"text", "json", "ndjson", NULL};
	int format = option_choice("--format", name, names);

	o->format = (enum format)format;
	return format >= 0;
}

/* An HA1 is as good as the password in its realm: it does not stay in argv either. */
static bool set_ha1(struct digest_options *o, char *value)
{
	bool hex = *value;

	if (o->ha1)
		secret_wipe(o->ha1, strlen(o->ha1));
	free(o->ha1);
	o->ha1 = xstrdup(value);
	secret_wipe(value, strlen(value));
	for (char *p = o->ha1; *p; p++) {
		if (*p >= 'A' && *p <= 'F')
			*p = (char)(*p | 0x20);
		if (!strchr("0123456789abcdef", *p))
			hex = false;
	}
	o->given.ha1 = slice_of(o->ha1);
	if (!hex)
		err_line("digest: --ha1 takes hex digits");
	return hex;
}

static bool take_option(struct digest_options *o, int code)
{
	bool good;

	if (secret_option(&o->secrets, code, optarg))
		return true;
	if (search_option(&o->search, code, optarg, &good))
		return good;
	if (code >= OPTION_TEXT && code < OPTION_TEXT + TEXT_COUNT) {
		o->given.text[code - OPTION_TEXT] = slice_of(optarg);
		return true;
	}
	switch (code) {
	case OPTION_BODY:
		o->body_file = optarg;
		return true;
	case OPTION_HA1:
		return set_ha1(o, optarg);
	case OPTION_RSPAUTH:
		return o->rspauth = true;
	case OPTION_SHOW:
		return o->show_secrets = true;
	case OPTION_FORMAT:
		return set_format(o, optarg);
	case 'h':
		return o->help = true;
	default:
		return false;
	}
}

static bool parse_options(int argc, char **argv, struct digest_options *o)
{
	struct options options;
	int code;

	options_init(&options, "digest", rows, secret_rows);
	while ((code = options_next(&options, argc, argv)) != -1)
		if (!take_option(o, code))
			return false;
	if (optind < argc) {
		err_line("digest: '%s' is too much: it takes options and standard input",
			argv[optind]);
		return false;
	}
	/* one name under two options */
	if (!o->given.text[TEXT_USERNAME].p)
		o->given.text[TEXT_USERNAME] = slice_of(o->secrets.user);
	return true;
}

static bool read_stream(FILE *file, const char *name, struct buf *b)
{
	char chunk[4096];
	size_t n;

	while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0 && b->n < INPUT_MAX)
		buf_add(b, chunk, n);
	if (!ferror(file) && b->n < INPUT_MAX)
		return true;
	err_line("digest: %s: %s", name, ferror(file) ? strerror(errno) : "too long");
	return false;
}

static bool read_body(struct digest_options *o, struct buf *body)
{
	FILE *file;
	bool done;

	if (!o->body_file)
		return true;
	file = fopen(o->body_file, "rbe");
	if (!file) {
		err_line("digest: %s: %s", o->body_file, strerror(errno));
		return false;
	}
	done = read_stream(file, o->body_file, body);
	fclose(file);
	o->given.body = buf_slice(body);
	return done;
}

static bool read_pasted(const struct digest_options *o, struct buf *text)
{
	if (o->given.text[TEXT_NONCE].p)
		return true;
	if (secret_options_use_stdin(&o->secrets)) {
		err_line("digest: --password-file - takes standard input: give --nonce and the "
			 "rest as options");
		return false;
	}
	if (isatty(STDIN_FILENO))
		fputs("Paste the header fields or messages, then press Ctrl-D.\n", stderr);
	return read_stream(stdin, "standard input", text);
}

struct output {
	const struct digest_options *options;
	struct search_watch search;
	struct buf text;
	struct json json;
	unsigned count;
	int status, write_error;
};

static int exit_status(enum check_result r)
{
	switch (r) {
	case CHECK_MATCH:
	case CHECK_COMPUTED:
		return EXIT_NOTHING;
	case CHECK_MISMATCH:
		return EXIT_FINDINGS;
	default:
		return EXIT_TROUBLE;
	}
}

/* What was said so far; before the complaint that belongs to it. */
static void flush(struct output *out)
{
	if (out->text.n)
		fwrite(out->text.p, 1, out->text.n, stdout);
	if (fflush(stdout) != 0)
		out->write_error = errno;
	if (out->options->show_secrets)
		secret_wipe(out->text.p, out->text.n);
	buf_clear(&out->text);
}

static void put(struct output *out, struct check *c)
{
	bool show = out->options->show_secrets;
	int status;

	check_run(c);
	if (out->options->format == FORMAT_TEXT) {
		if (out->count)
			buf_addc(&out->text, '\n');
		check_print_text(c, show, &out->text);
	} else {
		check_print_json(c, show, &out->json);
		if (out->options->format == FORMAT_NDJSON)
			buf_addc(&out->text, '\n');
	}
	flush(out);
	if (c->trouble.n)
		err_line("digest: %s", buf_string(&c->trouble));
	status = exit_status(c->result);
	if (status > out->status)
		out->status = status;
	out->count++;
	check_free(c);
}

static struct check check_of(
	struct output *out, const struct secrets *secrets, const struct pasted *p)
{
	return (struct check){.given = &out->options->given,
		.secrets = secrets,
		.pasted = p,
		.search = &out->search,
		.show_secrets = out->options->show_secrets};
}

static void check_rspauth(struct output *out, const struct secrets *secrets, const struct pasted *p)
{
	struct check c = check_of(out, secrets, p);

	c.rspauth = true;
	c.credentials = pasted_info_credentials(p);
	c.challenge = c.credentials ? pasted_challenge_of(p, c.credentials)
				    : pasted_choose(p, out->options->given.text[TEXT_ALGORITHM]);
	c.info = p->has_info ? &p->info : NULL;
	c.info_body = p->info_body;
	put(out, &c);
}

static void check_all(struct output *out, const struct secrets *secrets, const struct pasted *p)
{
	const struct digest_options *o = out->options;

	for (unsigned i = 0; i < p->credential_count && !o->rspauth; i++) {
		struct check c = check_of(out, secrets, p);

		c.credentials = &p->credentials[i];
		c.challenge = pasted_challenge_of(p, c.credentials);
		put(out, &c);
	}
	if (o->rspauth ||
		(p->credential_count && p->has_info && params_get(&p->info, PARAM_RSPAUTH)))
		check_rspauth(out, secrets, p);
	if (!out->count) {
		struct check c = check_of(out, secrets, p);

		c.challenge = pasted_choose(p, o->given.text[TEXT_ALGORITHM]);
		put(out, &c);
	}
}

static int run(const struct digest_options *o, const struct secrets *secrets, struct slice text)
{
	struct output out = {.options = o, .search = o->search};
	struct pasted *p = xmalloc(sizeof(*p)); /* too large for the stack */

	out.json.out = &out.text;
	pasted_read(text, p);
	if (p->other_schemes)
		err_line("digest: %u other scheme%s (Basic, ...) left out", p->other_schemes,
			p->other_schemes > 1 ? "s" : "");
	if (o->format == FORMAT_JSON) {
		json_object(&out.json, NULL);
		json_uint(&out.json, "schema", 1);
		json_array(&out.json, "digests");
	}
	check_all(&out, secrets, p);
	if (o->format == FORMAT_JSON) {
		json_end(&out.json);
		json_end(&out.json);
		buf_addc(&out.text, '\n');
	}
	flush(&out);
	if (out.write_error) {
		err_line("cannot write to standard output: %s", strerror(out.write_error));
		out.status = EXIT_TROUBLE;
	}
	pasted_free(p);
	free(p);
	buf_free(&out.text);
	return out.status;
}

static int digest(struct digest_options *o)
{
	struct buf body = {0}, text = {0};
	struct secrets *secrets;
	int status = EXIT_TROUBLE;

	if (!hash_available(HASH_MD5))
		err_line("MD5 is not available in this OpenSSL (FIPS): only SHA can be computed");
	secrets = secret_options_read(&o->secrets);
	if (secrets && read_body(o, &body) && read_pasted(o, &text))
		status = run(o, secrets, buf_slice(&text));
	secrets_free(secrets);
	buf_free(&body);
	buf_free(&text);
	hash_free();
	return status;
}

int cmd_digest(int argc, char **argv)
{
	struct digest_options o = {0};
	int status = EXIT_TROUBLE;

	if (parse_options(argc, argv, &o)) {
		if (o.help) {
			fputs(usage, stdout);
			options_help(stdout, rows);
			fputs(SECRET_OPTIONS_HELP, stdout);
			fputs(exit_help, stdout);
			status = EXIT_NOTHING;
		} else {
			status = digest(&o);
		}
	}
	secret_options_free(&o.secrets);
	if (o.ha1)
		secret_wipe(o.ha1, strlen(o.ha1));
	free(o.ha1);
	return status;
}

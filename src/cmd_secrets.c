#include "cmd_secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

enum { SECRET_FILE_MAX = 64 * 1024 * 1024 }; /* bytes */

/* Bytes of a file that are wiped before they are given back; never moved without a wipe. */
struct bytes {
	char *p;
	size_t n, size;
};

static void bytes_free(struct bytes *b)
{
	secret_wipe(b->p, b->size);
	free(b->p);
	*b = (struct bytes){0};
}

static void bytes_grow(struct bytes *b, size_t first)
{
	struct bytes larger = {.n = b->n, .size = b->size ? b->size * 2 : first};

	larger.p = xmalloc(larger.size);
	if (b->n)
		memcpy(larger.p, b->p, b->n);
	bytes_free(b);
	*b = larger;
}

/* What is left to read, as far as is known, and a byte more to see that it ends. */
static size_t bytes_expected(int fd)
{
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size <= 0 || st.st_size > SECRET_FILE_MAX)
		return 4096;
	return (size_t)st.st_size + 1;
}

static bool read_all(int fd, const char *name, struct bytes *b)
{
	size_t expected = bytes_expected(fd);

	for (;;) {
		ssize_t n;

		if (b->n == b->size)
			bytes_grow(b, expected);
		n = read(fd, b->p + b->n, b->size - b->n);
		if (n == 0)
			return true;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err_line("%s: %s", name, strerror(errno));
			return false;
		}
		b->n += (size_t)n;
		if (b->n > SECRET_FILE_MAX) {
			err_line("%s: larger than %d MB: not a file of secrets", name,
				SECRET_FILE_MAX >> 20);
			return false;
		}
	}
}

static void warn_if_readable(int fd, const char *name)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & (S_IRGRP | S_IROTH)))
		err_line("%s can be read by others: chmod 600 %s", name, name);
}

static bool read_file(const char *name, struct bytes *b)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	bool done;

	if (fd < 0) {
		err_line("%s: %s", name, strerror(errno));
		return false;
	}
	warn_if_readable(fd, name);
	done = read_all(fd, name, b);
	close(fd);
	return done;
}

void secret_options_free(struct secret_options *o)
{
	if (o->password)
		secret_wipe(o->password, strlen(o->password));
	free(o->password);
	o->password = NULL;
}

bool secret_option(struct secret_options *o, int code, char *value)
{
	switch (code) {
	case SECRET_OPTION_CREDENTIALS:
		if (o->file_count < SECRET_FILES_MAX)
			o->files[o->file_count] = value;
		o->file_count++;
		return true;
	case SECRET_OPTION_USER:
		o->user = value;
		return true;
	case SECRET_OPTION_PASSWORD_FILE:
		o->password_file = value;
		return true;
	case SECRET_OPTION_PASSWORD:
		err_line("--password can be seen by others with ps: better --password-file or "
			 "SIPAUTH_PASSWORD");
		secret_options_free(o);
		o->password = xstrdup(value);
		secret_wipe(value, strlen(value));
		return true;
	default:
		return false;
	}
}

bool secret_options_use_stdin(const struct secret_options *o)
{
	return o->password_file && strcmp(o->password_file, "-") == 0;
}

static void complain(void *arg, unsigned line, const char *what)
{
	err_line("%s:%u: %s", (const char *)arg, line, what);
}

static bool read_credentials(struct secrets *secrets, const char *name)
{
	struct bytes b = {0};
	bool done = read_file(name, &b);

	if (done)
		secrets_parse(secrets, (struct slice){b.p, b.n}, complain, (void *)(uintptr_t)name);
	bytes_free(&b);
	return done;
}

static void add_password(
	struct secrets *secrets, const struct secret_options *o, struct slice password)
{
	secrets_add(secrets, slice_of(o->user), SLICE_ABSENT, password);
}

/* The first line; a byte order mark and the line end are not part of it. */
static struct slice first_line(struct slice text)
{
	if (slice_starts_nocase(text, SLICE("\xef\xbb\xbf")))
		text = slice_from(text, 3);
	text = slice_head(text, slice_find(text, '\n'));
	if (text.n && text.p[text.n - 1] == '\r')
		text.n--;
	return text;
}

static bool read_password(struct secrets *secrets, const struct secret_options *o)
{
	const char *name = secret_options_use_stdin(o) ? "standard input" : o->password_file;
	struct bytes b = {0};
	bool done = secret_options_use_stdin(o) ? read_all(STDIN_FILENO, name, &b)
						: read_file(name, &b);

	if (done && !b.n) {
		err_line("%s: holds no password", name);
		done = false;
	}
	if (done)
		add_password(secrets, o, first_line((struct slice){b.p, b.n}));
	bytes_free(&b);
	return done;
}

/*
 * The environment variable counts if a user was named or nothing else was given: beside a
 * credentials file it would else be tried for every user that is not in the file.
 */
static bool read_single(struct secrets *secrets, struct secret_options *o)
{
	const char *environment = getenv("SIPAUTH_PASSWORD");

	if (o->password && o->password_file) {
		err_line("--password and --password-file exclude each other");
		return false;
	}
	if (o->password_file)
		return read_password(secrets, o);
	if (o->password)
		add_password(secrets, o, slice_of(o->password));
	else if (environment && (o->user || !o->file_count))
		add_password(secrets, o, slice_of(environment));
	return true;
}

bool secret_options_lack_password(const struct secret_options *o)
{
	return o->user && !o->password && !o->password_file && !getenv("SIPAUTH_PASSWORD");
}

struct secrets *secret_options_read(struct secret_options *o)
{
	struct secrets *secrets = secrets_new();
	bool done = o->file_count <= SECRET_FILES_MAX;

	if (!done)
		err_line("--credentials may stand %d times at most", SECRET_FILES_MAX);
	for (unsigned i = 0; done && i < o->file_count; i++)
		done = read_credentials(secrets, o->files[i]);
	done = done && read_single(secrets, o);
	secret_options_free(o);
	if (done)
		return secrets;
	secrets_free(secrets);
	return NULL;
}

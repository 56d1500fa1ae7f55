/* Every row of tests/vectors.tsv: published and own vectors of the digest. Run from the top of the
 * tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "digest/response.h"

enum column {
	NAME,
	ALG,
	QOP,
	USERNAME,
	REALM,
	PASSWORD_HEX,
	METHOD,
	URI,
	NONCE,
	NC,
	CNONCE,
	BODY_HEX,
	HA1,
	HA2,
	RESPONSE,
	RSPAUTH,
	COLUMNS
};

static const char *path = "tests/vectors.tsv";

static size_t split(char *line, char *fields[COLUMNS])
{
	size_t n = 0;

	line[strcspn(line, "\r\n")] = '\0';
	for (char *field; n < COLUMNS && (field = strsep(&line, "\t"));)
		fields[n++] = field;
	return n;
}

/* In place. */
static struct slice unhex(char *text)
{
	size_t n = strlen(text) / 2;

	for (size_t i = 0; i < n; i++) {
		unsigned byte = 0;

		assert_int_equal(sscanf(text + 2 * i, "%2x", &byte), 1);
		text[i] = (char)byte;
	}
	return (struct slice){text, n};
}

static void check_row(char *fields[COLUMNS])
{
	struct digest_input in = {
		.algorithm = algorithm_find(slice_of(fields[ALG])),
		.username = slice_of(fields[USERNAME]),
		.realm = slice_of(fields[REALM]),
		.method = slice_of(fields[METHOD]),
		.uri = slice_of(fields[URI]),
		.nonce = slice_of(fields[NONCE]),
	};
	struct digest_steps steps;

	assert_int_not_equal(in.algorithm, ALGORITHM_UNKNOWN);
	if (*fields[PASSWORD_HEX])
		in.password = unhex(fields[PASSWORD_HEX]);
	else
		in.ha1 = slice_of(fields[HA1]);
	if (*fields[QOP]) {
		in.qop = slice_of(fields[QOP]);
		in.nc = slice_of(fields[NC]);
		in.cnonce = slice_of(fields[CNONCE]);
	}
	in.body = unhex(fields[BODY_HEX]);
	assert_int_equal(digest_compute(&in, &steps), DIGEST_OK);
	assert_string_equal(steps.ha1, fields[HA1]);
	assert_string_equal(steps.ha2, fields[HA2]);
	assert_string_equal(steps.response, fields[RESPONSE]);
	if (!*fields[RSPAUTH])
		return;
	in.method = SLICE("");
	in.body = SLICE("");
	assert_int_equal(digest_compute(&in, &steps), DIGEST_OK);
	assert_string_equal(steps.response, fields[RSPAUTH]);
}

static void test_rows(void **state)
{
	FILE *file = fopen(path, "r");
	char *line = NULL, *fields[COLUMNS];
	size_t size = 0, rows = 0;

	(void)state;
	assert_non_null(file);
	assert_true(getline(&line, &size, file) > 0); /* the names of the columns */
	assert_int_equal(split(line, fields), COLUMNS);
	assert_string_equal(fields[RSPAUTH], "rspauth_emptybody");
	while (getline(&line, &size, file) > 0) {
		size_t n = split(line, fields);

		if (n != COLUMNS)
			fail_msg("row %zu has %zu columns", rows + 1, n);
		print_message("%s\n", fields[NAME]);
		check_row(fields);
		rows++;
	}
	assert_true(rows >= 44);
	free(line);
	fclose(file);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
	int failed;

	if (argc > 1)
		path = argv[1];
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	hash_free();
	return failed;
}

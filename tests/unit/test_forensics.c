/* Digest forensics: every row of tests/forensics.tsv is found as its id. Run from the top of the tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "auth/forensics.h"

static const char *path = "tests/forensics.tsv";

static const char body[] =
	"v=0\r\no=bob 2890844526 2890844526 IN IP4 media.biloxi.com\r\ns=\r\nc=IN IP4 "
	"media.biloxi.com\r\n"
	"t=0 0\r\nm=audio 49170 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\nm=video 51372 RTP/AVP 31\r\n"
	"a=rtpmap:31 H261/90000\r\nm=video 53000 RTP/AVP 32\r\na=rtpmap:32 MPV/90000\r\n";

/* The base of forensics.tsv, as its first line has it. */
static struct riddle base(void)
{
	struct riddle r = {
		.in =
			{
				.algorithm = ALGORITHM_MD5,
				.username = SLICE("1001"),
				.realm = SLICE("voip.example.com"),
				.password = SLICE("S3cret#P&ss 1"),
				.method = SLICE("INVITE"),
				.uri = SLICE("sip:2002@sip.example.com:5070;transport=udp"),
				.nonce = SLICE("5f3a/Qx9+dA==:01"),
				.nc = SLICE("0000000a"),
				.cnonce = SLICE("0a4f113b"),
				.qop = SLICE("auth"),
				.body = {body, sizeof(body) - 1},
			},
	};

	clues_add(&r.clues, CLUE_REALM, SLICE("other.example.net"));
	clues_add(&r.clues, CLUE_FROM, SLICE("sip:1001@sip.example.com"));
	clues_add(&r.clues, CLUE_TO, SLICE("sip:2002@example.com"));
	clues_add(&r.clues, CLUE_REQUEST_URI, r.in.uri);
	clues_add(&r.clues, CLUE_SERVER, SLICE("192.0.2.10:5070"));
	clues_add(&r.clues, CLUE_NONCE, SLICE("11111111"));
	clues_add(&r.clues, CLUE_OPAQUE, SLICE("opaque123"));
	return r;
}

struct found {
	struct hypotheses *h;
	struct arena arena;
	struct forensic_result result;
};

static void found_free(struct found *f)
{
	free(f->h);
	arena_wipe(&f->arena);
}

static struct found search_with(const struct riddle *r, struct forensic_limits limits)
{
	struct found f = {.h = calloc(1, sizeof(*f.h))};

	hypotheses_make(f.h, r, DIMENSIONS_ALL, &f.arena);
	forensics_search(f.h, &limits, &f.result);
	return f;
}

static struct found search(const struct riddle *r)
{
	return search_with(r, (struct forensic_limits){.depth = FORENSICS_DEPTH});
}

static const struct candidate *part(const struct found *f, unsigned hit, unsigned i)
{
	return &f->h->list[f->result.hits[hit].parts[i].dimension]
			  [f->result.hits[hit].parts[i].index];
}

static bool named(const struct candidate *c, const char *id)
{
	for (unsigned i = 0; i < c->name_count; i++)
		if (strcmp(c->names[i], id) == 0)
			return true;
	return false;
}

/* Is there a hit of exactly these ids (the second may be NULL)? */
static bool has(const struct found *f, const char *first, const char *second)
{
	for (unsigned i = 0; i < f->result.hit_count; i++) {
		if (f->result.hits[i].count != (second ? 2 : 1))
			continue;
		if (!second && named(part(f, i, 0), first))
			return true;
		if (second &&
			((named(part(f, i, 0), first) && named(part(f, i, 1), second)) ||
				(named(part(f, i, 0), second) && named(part(f, i, 1), first))))
			return true;
	}
	return false;
}

static void show(const struct found *f)
{
	for (unsigned i = 0; i < f->result.hit_count; i++) {
		for (unsigned k = 0; k < f->result.hits[i].count; k++)
			print_message("%s%s", k ? " + " : "  hit ", part(f, i, k)->names[0]);
		print_message("\n");
	}
}

/* ---- forensics.tsv ---- */

/* Some rows start from another base: see the first line of the file. */
static struct riddle base_of(const char *id)
{
	struct riddle r = base();

	if (strcmp(id, "user-from") == 0)
		clues_add(&r.clues, CLUE_FROM, SLICE("sip:+4930123@sip.example.com"));
	if (strcmp(id, "qop-auth-int-lf") == 0 || strcmp(id, "qop-auth-int-no-final-crlf") == 0 ||
		strcmp(id, "qop-auth-int-empty") == 0 || strcmp(id, "qop-literal-auth") == 0)
		r.in.qop = SLICE("auth-int");
	if (strcmp(id, "alg-mixed-md5-ha1") == 0)
		r.in.algorithm = ALGORITHM_SHA256;
	return r;
}

static void check_row(const char *id, const char *response)
{
	struct riddle r = base_of(id);
	struct found f;

	r.response = slice_of(response);
	assert_true(forensics_can_search(&r));
	f = search(&r);
	if (strcmp(id, "base") == 0) {
		print_message("tried %llu\n", (unsigned long long)f.result.tried);
		assert_int_equal(f.result.hit_count, 0);
	} else if (!has(&f, id, NULL) || f.result.depth != 1) {
		show(&f);
		fail_msg("%s is not found (depth %u, %u hits)", id, f.result.depth,
			f.result.hit_count);
	}
	found_free(&f);
}

static void test_rows(void **state)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0, rows = 0;

	(void)state;
	assert_non_null(file);
	while (getline(&line, &size, file) > 0) {
		char *rest = line, *id = strsep(&rest, "\t"), *response;

		if (line[0] == '#' || strcmp(id, "id") == 0 || !strsep(&rest, "\t"))
			continue;
		response = strsep(&rest, "\r\n");
		assert_non_null(response);
		check_row(id, response);
		rows++;
	}
	assert_int_equal(rows, 86);
	free(line);
	fclose(file);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};
	int failed;

	if (argc > 1)
		path = argv[1];
	hash_init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	hash_free();
	return failed;
}

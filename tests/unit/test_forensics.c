/* Digest forensics: every row of tests/forensics.tsv is found as its id. Run from the top of the tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static struct found search_in(
	const struct riddle *r, unsigned mask, struct forensic_limits limits)
{
	struct found f = {.h = calloc(1, sizeof(*f.h))};

	hypotheses_make(f.h, r, mask, &f.arena);
	forensics_search(f.h, &limits, &f.result);
	return f;
}

static struct found search_with(const struct riddle *r, struct forensic_limits limits)
{
	return search_in(r, DIMENSIONS_ALL, limits);
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

/* ---- every candidate, alone and in pairs ---- */

/* The response that this hit stands for, by the chain; the rows above prove the chain. */
static struct slice response_of(
	const struct hypotheses *h, const struct forensic_hit *hit, char text[HASH_HEX_MAX])
{
	struct pick p;
	struct chain c = {0};
	uint8_t raw[HASH_MAX];
	size_t n;

	for (int d = 0; d < DIMENSION_COUNT; d++)
		p.of[d] = &h->list[d][0];
	for (unsigned i = 0; i < hit->count; i++)
		p.of[hit->parts[i].dimension] =
			&h->list[hit->parts[i].dimension][hit->parts[i].index];
	chain_a1(&p, &c);
	chain_session(&p, &c);
	chain_a2(&p, &c);
	chain_head(&p, &c);
	chain_response(&p, &c, &c.ha2, raw);
	n = p.of[DIMENSION_ALG]->hash_bytes;
	for (size_t i = 0; i < n; i++)
		snprintf(text + 2 * i, 3, "%02x", raw[i]);
	buf_free(&c.text);
	return (struct slice){text, 2 * n};
}

static void test_all_candidates(void **state)
{
	struct riddle r = base();
	struct hypotheses *h = calloc(1, sizeof(*h));
	struct arena arena = {0};
	char text[HASH_HEX_MAX];
	unsigned count = 0;

	(void)state;
	hypotheses_make(h, &r, DIMENSIONS_ALL, &arena);
	for (int d = 0; d < DIMENSION_COUNT; d++)
		for (unsigned i = 1; i <= h->count[d]; i++, count++) {
			struct forensic_hit hit = {.count = 1};
			struct found f;

			hit.parts[0].dimension = (enum dimension)d;
			hit.parts[0].index = (uint8_t)i;
			r.response = response_of(h, &hit, text);
			f = search(&r);
			if (!has(&f, h->list[d][i].names[0], NULL))
				fail_msg("%s is not found", h->list[d][i].names[0]);
			found_free(&f);
		}
	assert_true(count > 120);
	arena_wipe(&arena);
	free(h);
}

/* Values of two dimensions, computed by digest_compute(), which knows nothing of the search. */
static void check_pair(const struct riddle *r, enum dimension d1, const struct candidate *c1,
	enum dimension d2, const struct candidate *c2)
{
	struct digest_input in = r->in;
	struct digest_steps steps;
	struct slice *places[DIMENSION_COUNT] = {[DIMENSION_USER] = &in.username,
		[DIMENSION_REALM] = &in.realm,
		[DIMENSION_PW] = &in.password,
		[DIMENSION_METHOD] = &in.method,
		[DIMENSION_URI] = &in.uri,
		[DIMENSION_NONCE] = &in.nonce,
		[DIMENSION_CNONCE] = &in.cnonce,
		[DIMENSION_NC] = &in.nc};
	struct riddle altered = *r;
	struct found f;

	*places[d1] = c1->value;
	*places[d2] = c2->value;
	assert_int_equal(digest_compute(&in, &steps), DIGEST_OK);
	altered.response = slice_of(steps.response);
	f = search(&altered);
	if (!has(&f, c1->names[0], c2->names[0])) {
		show(&f);
		fail_msg("%s + %s is not found", c1->names[0], c2->names[0]);
	}
	assert_int_equal(f.result.depth, 2);
	found_free(&f);
}

static void test_pairs(void **state)
{
	static const enum dimension plain[] = {DIMENSION_USER, DIMENSION_REALM, DIMENSION_PW,
		DIMENSION_METHOD, DIMENSION_URI, DIMENSION_NONCE, DIMENSION_CNONCE, DIMENSION_NC};
	struct riddle r = base();
	struct hypotheses *h = calloc(1, sizeof(*h));
	struct arena arena = {0};
	unsigned n = 0;

	(void)state;
	hypotheses_make(h, &r, DIMENSIONS_ALL, &arena);
	for (unsigned a = 0; a < 8; a++)
		for (unsigned b = a + 1; b < 8; b++)
			for (unsigned k = 0; k < 3; k++, n += 5) {
				const struct candidate *c1 =
					&h->list[plain[a]][1 + n % h->count[plain[a]]];
				const struct candidate *c2 =
					&h->list[plain[b]][1 + (n + 3) % h->count[plain[b]]];

				/* these change more than a value */
				if (!c1->forms && !c2->forms)
					check_pair(&r, plain[a], c1, plain[b], c2);
			}
	arena_wipe(&arena);
	free(h);
}

static struct slice compute(const struct digest_input *in, char text[HASH_HEX_MAX])
{
	struct digest_steps steps;

	assert_int_equal(digest_compute(in, &steps), DIGEST_OK);
	strcpy(text, steps.response);
	return slice_of(text);
}

/* Equal strings are one candidate with all its names; nothing that makes no difference is in a hit. */
static void test_names_and_redundancy(void **state)
{
	struct riddle r = base();
	struct digest_input in = r.in;
	char text[HASH_HEX_MAX];
	struct found f;

	(void)state;
	clues_add(&r.clues, CLUE_TO, SLICE("sip:x@sip.example.com"));
	in.realm = SLICE("sip.example.com");
	r.response = compute(&in, text);
	f = search(&r);
	assert_int_equal(f.result.hit_count, 1);
	assert_true(has(&f, "realm-from-domain", NULL));
	assert_true(has(&f, "realm-to-domain", NULL));
	assert_true(has(&f, "realm-uri-domain", NULL));
	found_free(&f);
	/* without qop, nc and cnonce make no difference */
	in = r.in;
	in.qop = SLICE_ABSENT;
	r.response = compute(&in, text);
	f = search(&r);
	assert_int_equal(f.result.hit_count, 1);
	assert_int_equal(f.result.hits[0].count, 1);
	found_free(&f);
}

static void test_three_and_deep(void **state)
{
	struct riddle r = base();
	struct digest_input in = r.in;
	struct forensic_limits deep = {.depth = FORENSICS_DEPTH, .deep = true};
	char text[HASH_HEX_MAX];
	struct found f;

	(void)state;
	in.realm = SLICE("asterisk");
	in.method = SLICE("REGISTER");
	in.nc = SLICE("00000001");
	r.response = compute(&in, text);
	f = search(&r);
	assert_int_equal(f.result.depth, 3);
	assert_int_equal(f.result.hit_count, 1);
	assert_int_equal(f.result.hits[0].count, 3);
	found_free(&f);
	/* four parts, of A1 and A2: only the product finds them, and nothing that contains them */
	in = r.in;
	in.realm = SLICE("asterisk");
	in.username = SLICE("\"1001\"");
	in.method = SLICE("REGISTER");
	in.uri = SLICE("sip:sip.example.com");
	r.response = compute(&in, text);
	f = search(&r);
	assert_int_equal(f.result.hit_count, 0);
	assert_false(f.result.deep);
	found_free(&f);
	/* without passwords: the product is large enough */
	f = search_in(&r, DIMENSIONS_ALL & ~(1u << DIMENSION_PW), deep);
	assert_int_equal(f.result.hit_count, 1);
	assert_int_equal(f.result.hits[0].count, 4);
	found_free(&f);
}

static void test_cut_response(void **state)
{
	struct riddle r = base();
	struct digest_input in = r.in;
	char text[HASH_HEX_MAX];
	struct found f;

	(void)state;
	r.response = slice_head(compute(&in, text), 21);
	f = search(&r);
	assert_int_equal(f.result.hit_count, 1);
	assert_int_equal(f.result.hits[0].count, 0);
	assert_true(f.result.hits[0].cut);
	found_free(&f);
	in.realm = SLICE("asterisk");
	r.response = slice_head(compute(&in, text), 16);
	f = search(&r);
	assert_true(has(&f, "realm-asterisk", NULL));
	assert_true(f.result.hits[0].cut);
	found_free(&f);
	r.response = slice_head(r.response, 15);
	assert_false(forensics_can_search(&r));
	r.response = SLICE("not hex at all, is it");
	assert_false(forensics_can_search(&r));
}

/* The response is shorter than what is named: only MD5 can have made it. */
static void test_other_algorithm(void **state)
{
	struct riddle r = base();
	struct digest_input in = r.in;
	char text[HASH_HEX_MAX];
	struct found f;

	(void)state;
	in.realm = SLICE("asterisk");
	r.response = compute(&in, text);
	r.in.algorithm = ALGORITHM_SHA256;
	f = search(&r);
	assert_true(has(&f, "alg-md5", "realm-asterisk"));
	found_free(&f);
	r.in.algorithm = ALGORITHM_MD5_SESS;
	in.algorithm = ALGORITHM_MD5;
	in.realm = r.in.realm;
	r.response = compute(&in, text);
	f = search(&r);
	assert_true(has(&f, "alg-sess-ignored", NULL));
	found_free(&f);
}

/* RFC 2617: the session key is that of the first request. */
static void test_session_kept(void **state)
{
	struct riddle r = base();
	struct digest_input in;
	struct digest_steps first;
	char text[HASH_HEX_MAX];
	struct found f;

	(void)state;
	r.in.algorithm = ALGORITHM_MD5_SESS;
	clues_add(&r.clues, CLUE_FIRST_NONCE, SLICE("first-nonce"));
	clues_add(&r.clues, CLUE_FIRST_CNONCE, SLICE("first-cnonce"));
	in = r.in;
	in.nonce = SLICE("first-nonce");
	in.cnonce = SLICE("first-cnonce");
	assert_int_equal(digest_compute(&in, &first), DIGEST_OK);
	in = r.in;
	in.algorithm = ALGORITHM_MD5;
	in.ha1 = slice_of(first.ha1);
	r.response = compute(&in, text);
	f = search(&r);
	assert_true(has(&f, "alg-sess-first", NULL));
	found_free(&f);
}

/* ---- secrets of other kinds ---- */

static void test_ha1_only(void **state)
{
	struct riddle r = base();
	struct digest_input in = r.in;
	struct digest_steps steps;
	char text[HASH_HEX_MAX], ha1[HASH_HEX_MAX];
	struct found f;

	(void)state;
	digest_compute(&in, &steps);
	strcpy(ha1, steps.ha1);
	r.in.ha1 = slice_of(ha1);
	r.in.password = SLICE_ABSENT;
	in.method = SLICE("REGISTER");
	in.nc = SLICE("00000001");
	r.response = compute(&in, text);
	f = search(&r);
	assert_true(has(&f, "method-register", "nc-one"));
	found_free(&f);
	/* HA1 taken for a password: the realm can be varied, too */
	in = r.in;
	in.ha1 = SLICE_ABSENT;
	in.password = slice_of(ha1);
	in.realm = SLICE("asterisk");
	r.response = compute(&in, text);
	f = search(&r);
	assert_true(has(&f, "pw-ha1-as-password", "realm-asterisk"));
	found_free(&f);
	/* another realm in HA1 cannot be found without the password */
	in = base().in;
	in.realm = SLICE("asterisk");
	r.response = compute(&in, text);
	f = search(&r);
	assert_int_equal(f.result.hit_count, 0);
	assert_int_equal(f.result.depth, FORENSICS_DEPTH);
	found_free(&f);
}

static void test_password_is_ha1(void **state)
{
	struct riddle r = base();
	struct digest_input in = r.in;
	char text[HASH_HEX_MAX];
	struct found f;

	(void)state;
	r.in.password = SLICE("0123456789abcdef0123456789abcdef");
	in.ha1 = r.in.password;
	r.response = compute(&in, text);
	f = search(&r);
	assert_true(has(&f, "pw-is-ha1", NULL));
	found_free(&f);
}

/* What a password becomes, computed with that as the password. */
static void check_password(const char *given, const char *used, size_t length, const char *id)
{
	struct riddle r = base();
	struct digest_input in = r.in;
	char text[HASH_HEX_MAX];
	struct found f;

	r.in.password = slice_of(given);
	in.password = (struct slice){used, length};
	r.response = compute(&in, text);
	f = search(&r);
	if (!has(&f, id, NULL)) {
		show(&f);
		fail_msg("%s is not found", id);
	}
	found_free(&f);
}

static void test_passwords(void **state)
{
	static const struct {
		const char *given, *used;
		size_t length;
		const char *id;
	} cases[] = {
		{"k\xc3\xa4se", "k\xe4se", 4, "pw-latin1"},
		{"5\xe2\x82\xac", "5\x80", 2, "pw-cp1252"},
		{"k\xc3\xa4", "k\0\xe4\0", 4, "pw-utf16le"},
		{"ka\xcc\x88se", "k\xc3\xa4se", 5, "pw-nfc"},
		{"k\xc3\xa4se", "ka\xcc\x88se", 6, "pw-nfd"},
		{"k\xc3\xa4", "k\xc3\x83\xc2\xa4", 5, "pw-double-utf8"},
		{"k\xe4se", "k\xc3\xa4se", 5, "pw-utf8"},
		{"k\xc3\xa4se", "K\xc3\x84SE", 5, "pw-upper"},
		{"K\xc3\x84SE", "k\xc3\xa4se", 5, "pw-lower"},
		{"a$$b", "a$b", 3, "pw-dollar"},
		{"a%41", "aA", 2, "pw-pct-dec"},
		{"a\\b", "ab", 2, "pw-no-backslash"},
		{"a'b", "a&apos;b", 8, "pw-xml"},
		{"secret", "secret\0", 7, "pw-nul"},
		{"0123456789abcdef", "0123456789a", 11, "pw-trunc-11"},
		{"secret", "secret\n", 7, "order-a1-newline"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check_password(cases[i].given, cases[i].used, cases[i].length, cases[i].id);
}

static void check_aka(enum algorithm algorithm, const char *password, size_t length, const char *id)
{
	struct secret_value value = {.res = {.res = {1, 0xab, 0, 4, 5, 6, 7, 8},
					     .res_length = 8,
					     .has_keys = true,
					     .ik = "ikikikikikikiki",
					     .ck = "ckckckckckckckc"}};
	struct secret secret = {.kind = SECRET_AKA_RES, .value = &value};
	struct riddle r = base();
	struct digest_input in;
	struct arena arena = {0};
	char text[HASH_HEX_MAX];
	struct found f;

	r.in.algorithm = algorithm;
	assert_true(secret_apply(&secret, &r.in, &arena));
	r.secret = &secret;
	in = r.in;
	in.password = (struct slice){password, length};
	r.response = compute(&in, text);
	f = search(&r);
	if (!has(&f, id, NULL))
		fail_msg("%s is not found", id);
	found_free(&f);
	arena_wipe(&arena);
}

static void test_aka(void **state)
{
	(void)state;
	check_aka(ALGORITHM_AKAV1_MD5, "01ab000405060708", 16, "aka-hex");
	check_aka(ALGORITHM_AKAV1_MD5, "AasABAUGBwg=", 12, "aka-base64");
	check_aka(ALGORITHM_AKAV1_MD5, "\1\xab", 2, "aka-cut-nul");
	check_aka(ALGORITHM_AKAV1_MD5, "", 0, "aka-empty");
	check_aka(ALGORITHM_AKAV2_MD5, "\1\xab\0\4\5\6\7\x8", 8, "aka-v1");
}

/* ---- limits ---- */

static bool few(void *arg)
{
	unsigned *left = arg;

	return (*left)-- > 1;
}

static void test_budget(void **state)
{
	struct riddle r = base();
	unsigned left = 3;
	struct found f;

	(void)state;
	r.response = SLICE("00000000000000000000000000000000");
	f = search_with(
		&r, (struct forensic_limits){.depth = 3, .deep = true, .go_on = few, .arg = &left});
	assert_true(f.result.stopped);
	assert_false(f.result.deep);
	assert_int_equal(f.result.hit_count, 0);
	assert_true(f.result.depth < 3);
	assert_true(f.result.tried < 20000);
	found_free(&f);
}

/* Responses of `depth` deviations, if no set of dimensions is left out. */
static uint64_t chains(const struct hypotheses *h, unsigned depth)
{
	uint64_t sum = 0;

	for (unsigned mask = 0; mask < 1u << DIMENSION_COUNT; mask++) {
		uint64_t product = 1;

		for (int d = 0; d < DIMENSION_COUNT; d++)
			if (mask & 1u << d)
				product *= h->count[d];
		sum += (unsigned)__builtin_popcount(mask) == depth ? product : 0;
	}
	return sum;
}

/* As many candidates as there can be: the bound for what a search costs (about 0.3 us each). */
static void test_many_clues(void **state)
{
	struct riddle r = base();
	struct arena arena = {0};
	struct found f;

	(void)state;
	for (int i = 0; i < 80; i++) {
		clues_add(&r.clues, CLUE_NONCE, arena_printf(&arena, "nonce%d", i));
		clues_add(&r.clues, CLUE_URI, arena_printf(&arena, "sip:u%d", i));
		clues_add(&r.clues, CLUE_REALM, arena_printf(&arena, "realm%d", i));
		clues_add(&r.clues, CLUE_USER, arena_printf(&arena, "user%d", i));
	}
	r.response = SLICE("00000000000000000000000000000000");
	f = search_with(&r, (struct forensic_limits){.depth = 2});
	for (int d = 0; d < DIMENSION_COUNT; d++)
		assert_true(f.h->count[d] <= CANDIDATES_MAX);
	assert_true(f.h->dropped > 0);
	assert_true(f.result.tried <= chains(f.h, 0) + chains(f.h, 1) + chains(f.h, 2));
	assert_true(chains(f.h, 3) < 5 * 1000 * 1000);
	found_free(&f);
	arena_free(&arena);
}

/* ---- the table ---- */

static void test_table(void **state)
{
	static const char *const kinds[] = {"realm-", "user-", "pw-", "method-", "uri-", "nonce-",
		"qop-", "nc-", "cnonce-", "alg-", "order-", "aka-"};
	size_t n = 0;

	(void)state;
	for (; hypotheses_id(n); n++) {
		bool known = false;

		for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
			known = known || strncmp(hypotheses_id(n), kinds[i], strlen(kinds[i])) == 0;
		if (!known)
			fail_msg("%s is of no kind", hypotheses_id(n));
	}
	assert_true(n > 140);
}

static void test_explanation(void **state)
{
	struct riddle r = base();
	struct digest_input in = r.in;
	struct buf out = {0};
	char text[HASH_HEX_MAX];
	struct found f;

	(void)state;
	in.realm = SLICE("asterisk");
	r.response = compute(&in, text);
	f = search(&r);
	forensics_explain(f.h, &f.result.hits[0], false, &out);
	assert_non_null(strstr(buf_string(&out), "1001:asterisk:<hidden>  <-- realm-asterisk"));
	assert_non_null(strstr(buf_string(&out), text));
	assert_null(strstr(buf_string(&out), "S3cret"));
	buf_clear(&out);
	forensics_explain(f.h, &f.result.hits[0], true, &out);
	assert_non_null(strstr(buf_string(&out), "S3cret"));
	buf_free(&out);
	found_free(&f);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_all_candidates),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_names_and_redundancy),
		cmocka_unit_test(test_three_and_deep),
		cmocka_unit_test(test_cut_response),
		cmocka_unit_test(test_other_algorithm),
		cmocka_unit_test(test_session_kept),
		cmocka_unit_test(test_ha1_only),
		cmocka_unit_test(test_password_is_ha1),
		cmocka_unit_test(test_passwords),
		cmocka_unit_test(test_aka),
		cmocka_unit_test(test_budget),
		cmocka_unit_test(test_many_clues),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_explanation),
	};
	int failed;

	if (argc > 1)
		path = argv[1];
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	hash_free();
	return failed;
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "digest/params.h"

enum { PAGES = 20 };

static char *guard_end; /* the byte here faults */

static int map_guard(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, (PAGES + 1) * page, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	if (p == MAP_FAILED || mprotect(p + PAGES * page, page, PROT_NONE))
		return -1;
	guard_end = p + PAGES * page;
	return 0;
}

static struct slice flush_right(struct slice s)
{
	memcpy(guard_end - s.n, s.p, s.n);
	return (struct slice){guard_end - s.n, s.n};
}

/*
 * What a scan found, as text: "Digest realm=<a> nonce=[b]" with <> for quoted and [] for plain
 * values, "name!" for no value, "=name" for a duplicate, "{blob}" for a token68, " | " between
 * challenges.
 */
static void show_param(struct buf *b, const struct param *p)
{
	buf_addc(b, ' ');
	if (p->duplicate)
		buf_addc(b, '=');
	buf_add_slice(b, param_name_sent(p));
	if (!p->value_at) {
		buf_addc(b, '!');
		return;
	}
	buf_adds(b, p->quoted ? "=<" : "=[");
	buf_add_slice(b, param_value(p));
	buf_adds(b, p->quoted ? ">" : "]");
}

static void show(struct buf *b, const struct params *p)
{
	buf_add_slice(b, p->scheme.p ? p->scheme : SLICE("-"));
	if (p->token68.p)
		buf_printf(b, " {%.*s}", SLICE_ARG(p->token68));
	for (uint32_t i = 0; i < p->count; i++)
		show_param(b, &p->list[i]);
}

static bool inside(struct slice part, struct slice whole)
{
	return !part.p || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void check_sound(const struct params *p, struct slice value)
{
	assert_true(inside(p->text, value));
	assert_true(inside(p->scheme, p->text));
	assert_true(inside(p->token68, p->text));
	assert_true(p->count <= PARAMS_MAX);
	assert_true(p->defect_offset <= value.n);
	for (uint32_t i = 0; i < p->count; i++) {
		const struct param *q = &p->list[i];

		assert_true(q->name_length > 0);
		assert_true(inside(param_name_sent(q), p->text));
		assert_true(p->present & 1u << q->id);
		assert_true(!q->quoted || p->quoted & 1u << q->id);
		assert_true(inside(param_raw(q), p->text));
		assert_true(inside(param_value(q), p->text));
	}
	for (unsigned id = 0; id < PARAM_COUNT; id++) {
		const struct param *first = params_get(p, (enum param_id)id);

		assert_true(!first == !params_have(p, (enum param_id)id));
		assert_true(!first || (first >= p->list && first < p->list + p->count && !first->duplicate));
	}
	assert_null(params_get(p, PARAM_UNKNOWN));
}

static size_t scan_checked(struct slice value, struct arena *arena, struct params *out, size_t max)
{
	size_t count = params_scan(value, arena, out, max);

	assert_true(count <= max);
	for (size_t i = 0; i < count; i++)
		check_sound(&out[i], value);
	return count;
}

enum {
	UNCLOSED = PARAMS_UNCLOSED_QUOTE, COMMA = PARAMS_MISSING_COMMA, EXTRA = PARAMS_EXTRA_COMMA,
	NOVALUE = PARAMS_NO_VALUE, JUNK = PARAMS_JUNK, ODD = PARAMS_ODD_QUOTES,
	FOLDED = PARAMS_FOLDED, NOSCHEME = PARAMS_NO_SCHEME, SEMI = PARAMS_SEMICOLON
};

static const struct {
	const char *value, *expect;
	unsigned defects; /* of the first */
	int offset;       /* of the first malformed place; 0: not looked at */
} cases[] = {
	{"Digest realm=\"a\", nonce=\"b\"", "Digest realm=<a> nonce=<b>", 0, 0},
	{"Digest realm=\"a\",nonce=\"b\",stale=FALSE,algorithm=MD5",
		"Digest realm=<a> nonce=<b> stale=[FALSE] algorithm=[MD5]", 0, 0},
	{"Digest\trealm\t=\t\"a\"\t,\tnonce = \"b\"", "Digest realm=<a> nonce=<b>", 0, 0},
	{"Digest realm=\"a\",\r\n nonce=\"b\"", "Digest realm=<a> nonce=<b>", FOLDED, 0},
	{"Digest\r\n realm=\r\n\t\"a\",\n nonce=\"b\"\r\n", "Digest realm=<a> nonce=<b>", FOLDED, 0},
	{"  Digest    realm=\"a\"  ", "Digest realm=<a>", 0, 0},
	{"DIGEST REALM=\"a\"", "DIGEST REALM=<a>", 0, 0},
	{"Digest realm=\"a, b, nonce=c\", nonce=\"d,e\"",
		"Digest realm=<a, b, nonce=c> nonce=<d,e>", 0, 0},
	{"Digest username=\"a\\\"b\", realm=\"c\\\\\", nonce=\"d\"",
		"Digest username=<a\\\"b> realm=<c\\\\> nonce=<d>", 0, 0},
	{"Digest realm=\"a=b\", nonce=\"n==\", uri=\"sip:x;y=z\"",
		"Digest realm=<a=b> nonce=<n==> uri=<sip:x;y=z>", 0, 0},
	{"Digest username=bob,realm=\"r\"", "Digest username=[bob] realm=<r>", 0, 0},
	{"Digest realm=r,nonce=n==,uri=sip:h;transport=udp,response=\"f\"",
		"Digest realm=[r] nonce=[n==] uri=[sip:h;transport=udp] response=<f>", 0, 0},
	{"Digest realm=\"r\",qop=auth,nonce=\"n\"", "Digest realm=<r> qop=[auth] nonce=<n>", 0, 0},
	{"Digest nonce=\"\", response=\"\"", "Digest nonce=<> response=<>", 0, 0},
	{"Digest qop=\"auth, auth-int\",nc=1", "Digest qop=<auth, auth-int> nc=[1]", 0, 0},
	{"Digest username*=UTF-8''J%C3%A4s,x-y=1", "Digest username*=[UTF-8''J%C3%A4s] x-y=[1]", 0, 0},
	{"Digest realm=\"\xc3\xa9\xff\"", "Digest realm=<\xc3\xa9\xff>", 0, 0},
	{"NoOneKnowsThisScheme opaque-data=here", "NoOneKnowsThisScheme opaque-data=[here]", 0, 0},
	{"Digest", "Digest", 0, 0},
	{"Digest ,realm=\"a\"", "Digest realm=<a>", EXTRA, 0},
	{"Digest realm=\"a\",", "Digest realm=<a>", EXTRA, 0},
	{", Digest realm=\"a\"", "Digest realm=<a>", EXTRA, 0},
	{"Digest realm=\"a\",, nonce=\"b\"", "Digest realm=<a> nonce=<b>", EXTRA, 0},
	{"", "", 0, 0},
	{" \r\n ", "", 0, 0},
	/* quotes that are wrong */
	{"Digest realm=\\\"sip.cybercity.dk\\\",nonce=\\\"17\\\",stale=false,algorithm=MD5",
		"Digest realm=<sip.cybercity.dk> nonce=<17> stale=[false] algorithm=[MD5]", ODD,
		13},
	{"Digest realm=\\\"x, nonce=\"b\"", "Digest realm=<x> nonce=<b>", ODD | UNCLOSED, 13},
	{"Digest realm='a, b', nonce='c'", "Digest realm=<a, b> nonce=<c>", ODD, 13},
	{"Digest realm='a, nonce=c", "Digest realm=['a] nonce=[c]", 0, 0},
	{"Digest realm=\"r,nonce=\"n\",uri=\"sip:x\"", "Digest realm=<r> nonce=<n> uri=<sip:x>",
		UNCLOSED, 13},
	{"Digest realm=\"r, nonce=\"YWJj==\", qop=\"auth\"",
		"Digest realm=<r> nonce=<YWJj==> qop=<auth>", UNCLOSED, 13},
	{"Digest cnonce=\"56593a80,nc=\"00000001\",qop=auth",
		"Digest cnonce=<56593a80> nc=<00000001> qop=[auth]", UNCLOSED, 14},
	{"Digest realm=\"r\", nonce=\"n, algorithm=MD5",
		"Digest realm=<r> nonce=<n> algorithm=[MD5]", UNCLOSED, 24},
	{"Digest realm=\"r\", nonce=\"n", "Digest realm=<r> nonce=<n>", UNCLOSED, 24},
	{"Digest realm=\"a\\\", nonce=\"b\"", "Digest realm=<a\\> nonce=<b>", UNCLOSED, 13},
	{"Digest realm=\"a\"b\", nonce=\"c\"", "Digest realm=<a\"b> nonce=<c>", ODD, 0},
	{"Digest realm=\"a \"quoted\" b\", nonce=\"c\"", "Digest realm=<a \"quoted\" b> nonce=<c>",
		ODD, 0},
	{"Digest realm=\"a\"\", nonce=\"b\"", "Digest realm=<a> nonce=<b>", JUNK, 16},
	{"Digest realm=a\", nonce=\"b\"", "Digest realm=[a] nonce=<b>", ODD, 14},
	{"\"Digest realm=x\"", "Digest realm=[x]", JUNK | ODD, 0},
	/* separators that are wrong */
	{"Digest algorithm=MD5 realm=\"r\",nonce=\"n\"",
		"Digest algorithm=[MD5] realm=<r> nonce=<n>", COMMA, 21},
	{"Digest realm=\"MCI WorldCom SIP\" nonce=\"n\"",
		"Digest realm=<MCI WorldCom SIP> nonce=<n>", COMMA, 0},
	{"Digest realm=\"a\"nonce=\"b\"", "Digest realm=<a> nonce=<b>", COMMA, 16},
	{"Digest realm=\"a\";nonce=\"b\"; algorithm=MD5;qop=auth",
		"Digest realm=<a> nonce=<b> algorithm=[MD5] qop=[auth]", SEMI, 16},
	{"Digest = algorithm=MD5, nonce=\"n\"", "Digest algorithm=[MD5] nonce=<n>", JUNK, 7},
	{"Digest realm=\"a\" junk, nonce=\"b\"", "Digest realm=<a> nonce=<b>", JUNK, 17},
	/* values that are missing */
	{"Digest realm, nonce=\"b\"", "Digest realm! nonce=<b>", NOVALUE, 7},
	{"Digest algorithm=, realm=\"a\"", "Digest algorithm=[] realm=<a>", NOVALUE, 7},
	{"Digest realm=\"a\", nonce=", "Digest realm=<a> nonce=[]", NOVALUE, 18},
	{"Digest stale= nonce=\"b\"", "Digest stale=[] nonce=<b>", NOVALUE | COMMA, 7},
	{"Digest nonce \"a, b\", realm=\"c\"", "Digest nonce! realm=<c>", NOVALUE | JUNK, 7},
	{"Digest qop=auth,auth-int,nc=1", "Digest qop=[auth,auth-int] nc=[1]", NOVALUE, 16},
	{"Digest qop=auth , auth-int", "Digest qop=[auth , auth-int]", NOVALUE, 18},
	{"Digest qop=auth, auth=1", "Digest qop=[auth] auth=[1]", 0, 0},
	{"Digest abc", "Digest abc!", NOVALUE, 7},
	/* parameters twice; no scheme */
	{"Digest realm=\"a\",Realm=\"b\",x=1,X=2", "Digest realm=<a> =Realm=<b> x=[1] =X=[2]", 0, 0},
	{"realm=\"a\", nonce=\"b\"", "- realm=<a> nonce=<b>", NOSCHEME, 0},
	/* several challenges; token68 */
	{"Digest realm=\"a\", nonce=\"b\", Digest realm=\"c\"",
		"Digest realm=<a> nonce=<b> | Digest realm=<c>", 0, 0},
	{"Digest a=b, Digest c=d", "Digest a=[b] | Digest c=[d]", 0, 0},
	{"Basic realm=\"b\", Digest realm=\"d\",algorithm=MD5",
		"Basic realm=<b> | Digest realm=<d> algorithm=[MD5]", 0, 0},
	{"Digest realm=\"a\",NewScheme\tq = 1, b=2", "Digest realm=<a> | NewScheme q=[1] b=[2]", 0, 0},
	{"Digest realm=\"a\" Digest realm=\"b\"", "Digest realm=<a> | Digest realm=<b>", COMMA, 17},
	{"Negotiate, NTLM, Digest realm=\"d\"", "Negotiate | NTLM | Digest realm=<d>", 0, 0},
	{"Digest qop=auth,auth-int, Digest realm=\"d\"",
		"Digest qop=[auth,auth-int] | Digest realm=<d>", NOVALUE, 0},
	{"Basic dXNlcjpwYXNz==", "Basic {dXNlcjpwYXNz==}", 0, 0},
	{"Bearer eyJ.ab-c_d", "Bearer {eyJ.ab-c_d}", 0, 0},
	{"Negotiate a87421000492aa874209af8bc028, Digest realm=\"d\"",
		"Negotiate {a87421000492aa874209af8bc028} | Digest realm=<d>", 0, 0},
	{"Basic realm=", "Basic realm=[]", NOVALUE, 6},
	{"Bearer authz_server=\"https://a\", scope=\"x\"",
		"Bearer authz_server=<https://a> scope=<x>", 0, 0},
	{"Digest realm=My Basic realm", "Digest realm=[My]", JUNK, 0},
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct params out[PARAMS_LIST_MAX];
		struct arena arena = {0};
		struct buf got = {0};
		size_t count = scan_checked(
			flush_right(slice_of(cases[i].value)), &arena, out, PARAMS_LIST_MAX);

		for (size_t k = 0; k < count; k++) {
			if (k)
				buf_adds(&got, " | ");
			show(&got, &out[k]);
		}
		if (strcmp(buf_string(&got), cases[i].expect) ||
			(count && out[0].defects != cases[i].defects) ||
			(cases[i].offset && (int)out[0].defect_offset != cases[i].offset))
			fail_msg("%s\n got    %s defects %#x at %u\n expect %s defects %#x at %d",
				cases[i].value, buf_string(&got), count ? out[0].defects : 0,
				count ? out[0].defect_offset : 0, cases[i].expect, cases[i].defects,
				cases[i].offset);
		buf_free(&got);
		arena_free(&arena);
	}
}

static void test_every_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct slice whole = slice_of(cases[i].value);

		for (size_t n = 0; n <= whole.n; n++) {
			struct params out[PARAMS_LIST_MAX];
			struct arena arena = {0};
			struct slice head = flush_right(slice_head(whole, n));

			scan_checked(head, &arena, out, PARAMS_LIST_MAX);
			scan_checked(head, &arena, out, 1);
			params_scan_info(head, &arena, out);
			check_sound(&out[0], head);
			/* and without its beginning */
			scan_checked(
				flush_right(slice_from(whole, n)), &arena, out, PARAMS_LIST_MAX);
			arena_free(&arena);
		}
	}
}

/* Bytes from a small alphabet reach the odd corners sooner than random ones. */
static void test_scrambled(void **state)
{
	static const char *const words[] = {"Digest", "realm", "nonce", "=", "\"", "\\", ",", ";",
		" ", "'", "x", "qop", "auth", "auth-int", "Basic", "\r\n ", "\\\"", "\", ", "=\""};
	uint32_t seed = 12345;

	(void)state;
	for (int round = 0; round < 40000; round++) {
		struct params out[PARAMS_LIST_MAX];
		struct arena arena = {0};
		char text[256];
		size_t n = 0;

		for (int k = 0; k < 20; k++) {
			const char *word = words[(seed = seed * 1103515245u + 12345u) / 65536 % 19];

			memcpy(text + n, word, strlen(word));
			n += strlen(word);
		}
		scan_checked(flush_right((struct slice){text, n}), &arena, out, 4);
		arena_free(&arena);
	}
}

/* 65,000 hostile bytes must cost milliseconds: each pattern would be quadratic with a careless
 * look-ahead. */
static void test_hostile(void **state)
{
	static const char *const patterns[] = {"a=\"b\"c ", "nc=\\\"y,", ",nc=1", "a=\"x\\\"",
		"a='b ", ";a", ",", "x ", "\"", "\\", "=", " ", "Digest a=b,", "realm=\"",
		"=\"\"\"", "a=\"b\"c\"", ",auth", "z"};
	static char text[65000];

	(void)state;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		struct params out[PARAMS_LIST_MAX];
		struct arena arena = {0};
		size_t length = strlen(patterns[i]);

		memcpy(text, "Digest qop=auth,realm=\"", 23);
		for (size_t n = 23; n < sizeof(text); n++)
			text[n] = patterns[i][(n - 23) % length];
		scan_checked(flush_right((struct slice){text, sizeof(text)}), &arena, out,
			PARAMS_LIST_MAX);
		scan_checked(flush_right((struct slice){text + 22, sizeof(text) - 22}), &arena, out,
			PARAMS_LIST_MAX);
		scan_checked(flush_right((struct slice){text + 23, sizeof(text) - 23}), &arena, out,
			PARAMS_LIST_MAX);
		arena_free(&arena);
	}
}

/* Parameters of which some are plain, and others need a closer look. */
static const char *const mixed[] = {"realm=\"voip.example\"", "nonce=\"\"", "qop=auth", "qop=\"auth,auth-int\"",
	"uri=\"sip:a;b=c, d@[::1]\"", "uri=sip:a;b", "response=\"0123456789abcdef0123456789abcdef\"",
	"algorithm=MD5", "Algorithm=SHA-256", "username*=UTF-8''a", "username=\"a\\\"b\"", "username=a\\b",
	"cnonce=\"\\\\\"", "nc=00000001", "nc=", "stale", "rspauth='x'", "opaque=\"a\tb\"", "auts=x\"", "x=1", "auth",
	"nextnonce=\"a\r\n b\"", "charset=UTF-8", "domain=\"sip:a sip:b\"", "userhash=true "};

enum { MIXED = sizeof(mixed) / sizeof(*mixed) };

static void join(struct buf *b, const size_t which[4], const char *scheme, const char *separator)
{
	buf_clear(b);
	buf_adds(b, scheme);
	for (int i = 0; i < 4; i++) {
		buf_adds(b, i ? separator : "");
		buf_adds(b, mixed[which[i]]);
	}
}

/* Shown without tabs: some stand in values. */
static size_t scan_shown(struct slice field, struct arena *arena, struct params *out, struct buf *b)
{
	size_t n = scan_checked(flush_right(field), arena, out, PARAMS_LIST_MAX);
	struct buf whole = {0};

	for (size_t i = 0; i < n; i++)
		show(&whole, &out[i]);
	buf_clear(b);
	for (const char *p = buf_string(&whole); *p; p++)
		if (*p != '\t')
			buf_addc(b, *p);
	buf_free(&whole);
	return n;
}

/* Plain ones are read in one step each: but for that they are found as the others are. */
static void test_plain(void **state)
{
	struct buf text = {0}, plain = {0}, walked = {0};

	(void)state;
	for (size_t round = 0; round < MIXED * MIXED * MIXED * 2; round++) {
		size_t which[4] = {round % MIXED, round / MIXED % MIXED, round / MIXED / MIXED % MIXED, round % 3};
		struct params a[PARAMS_LIST_MAX], b[PARAMS_LIST_MAX];
		struct arena arena = {0};
		size_t n;

		join(&text, which, "Digest ", round % 2 ? ", " : ",");
		n = scan_shown(buf_slice(&text), &arena, a, &plain);
		/* white space before the commas: nothing is plain */
		join(&text, which, "Digest\t", round % 2 ? "\t, " : "\t,");
		assert_int_equal(scan_shown(buf_slice(&text), &arena, b, &walked), n);
		assert_string_equal(buf_string(&plain), buf_string(&walked));
		for (size_t i = 0; i < n; i++) {
			assert_int_equal(a[i].defects, b[i].defects);
			assert_int_equal(a[i].present, b[i].present);
			assert_int_equal(a[i].quoted, b[i].quoted);
			assert_int_equal(a[i].peculiar, b[i].peculiar);
		}
		arena_free(&arena);
	}
	buf_free(&text);
	buf_free(&plain);
	buf_free(&walked);
}

/* Every known name is found in both ways. */
static void test_names(void **state)
{
	struct arena arena = {0};
	struct buf b = {0};
	struct params p;

	(void)state;
	for (int way = 0; way < 2; way++) {
		buf_clear(&b);
		buf_adds(&b, "Digest");
		for (int id = 0; id < PARAM_COUNT; id++)
			buf_printf(&b, "%s%s%sv%d", id ? ", " : " ", param_name((enum param_id)id), way ? " = " : "=", id);
		assert_int_equal(scan_checked(flush_right(buf_slice(&b)), &arena, &p, 1), 1);
		assert_int_equal(p.count, PARAM_COUNT);
		assert_int_equal(p.defects, 0);
		for (int id = 0; id < PARAM_COUNT; id++)
			assert_int_equal(p.list[id].id, id);
		assert_false(p.peculiar);
	}
	buf_free(&b);
	arena_free(&arena);
}

static void test_caps(void **state)
{
	struct params out[3];
	struct arena arena = {0};
	struct buf b = {0};

	(void)state;
	buf_adds(&b, "Digest realm=\"a\"");
	for (int i = 0; i < 100; i++)
		buf_printf(&b, ",p%d=%d", i, i);
	assert_int_equal(scan_checked(buf_slice(&b), &arena, out, 3), 1);
	assert_int_equal(out[0].count, PARAMS_MAX);
	assert_int_equal(out[0].dropped, 101 - PARAMS_MAX);
	assert_int_equal(out[0].defects, PARAMS_TOO_MANY);
	buf_clear(&b);
	for (int i = 0; i < 5; i++)
		buf_printf(&b, "%sDigest realm=\"%d\"", i ? ", " : "", i);
	assert_int_equal(scan_checked(buf_slice(&b), &arena, out, 3), 3);
	assert_int_equal(out[1].defects, 0);
	assert_int_equal(out[2].defects, PARAMS_TOO_MANY);
	assert_int_equal(params_scan(buf_slice(&b), &arena, out, 0), 0);
	assert_int_equal(params_scan(SLICE_ABSENT, &arena, out, 3), 0);
	buf_free(&b);
	arena_free(&arena);
}

static void test_info(void **state)
{
	struct params p;
	struct arena arena = {0};

	(void)state;
	params_scan_info(
		SLICE("nextnonce=\"n\", qop=auth, rspauth=\"r\", cnonce=\"c\",\r\n nc=00000001"),
		&arena, &p);
	assert_false(p.scheme.p);
	assert_int_equal(p.count, 5);
	assert_int_equal(p.defects, PARAMS_FOLDED);
	assert_true(slice_eq(params_value(&p, PARAM_NEXTNONCE), SLICE("n")));
	assert_true(slice_eq(params_value(&p, PARAM_NC), SLICE("00000001")));
	assert_false(params_value(&p, PARAM_REALM).p);
	params_scan_info(SLICE_ABSENT, &arena, &p);
	assert_int_equal(p.count, 0);
	arena_free(&arena);
}

static void test_values(void **state)
{
	struct params p[1];
	struct arena arena = {0};

	(void)state;
	params_scan(
		SLICE("dIgEsT username=\"a\\\"b\\\\\", realm=\"r\", stale=\"TRUE\""), &arena, p, 1);
	assert_true(params_is_digest(p));
	assert_true(params_stale(p));
	assert_true(params_get(p, PARAM_USERNAME)->escaped);
	assert_true(
		slice_eq(param_unescape(params_value(p, PARAM_USERNAME), &arena), SLICE("a\"b\\")));
	assert_true(slice_eq(param_unescape(params_value(p, PARAM_REALM), &arena), SLICE("r")));
	assert_null(params_get(p, PARAM_NONCE));
	assert_null(params_get(p, PARAM_UNKNOWN));
	assert_true(slice_eq(param_raw(params_get(p, PARAM_STALE)), SLICE("\"TRUE\"")));
	params_scan(SLICE("Digest stale=yes"), &arena, p, 1);
	assert_false(params_stale(p));
	params_scan(SLICE("Digest realm=\"r\""), &arena, p, 1);
	assert_false(params_stale(p));
	assert_true(qop_has(SLICE("auth, auth-int"), SLICE("auth-int")));
	assert_true(qop_has(SLICE("AUTH"), SLICE("auth")));
	assert_false(qop_has(SLICE("auth-int"), SLICE("auth")));
	assert_false(qop_has(SLICE_ABSENT, SLICE("auth")));
	assert_string_equal(param_name(PARAM_USERNAME_STAR), "username*");
	arena_free(&arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases), cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_scrambled), cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_plain), cmocka_unit_test(test_names),
		cmocka_unit_test(test_caps), cmocka_unit_test(test_info),
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests(tests, map_guard, NULL);
}

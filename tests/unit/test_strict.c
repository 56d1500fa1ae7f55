/*
 * Pins what the installed libosip2 reads, misreads and loses: an upgrade that changes it shows here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <osipparser2/osip_parser.h>

#include "base/buf.h"
#include "sip/strict.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

#define FIELDS                                                                                     \
	"Via: SIP/2.0/UDP 10.1.0.7:5060;branch=z9hG4bK1\r\n"                                       \
	"From: <sip:1001@example.com>;tag=a\r\n"                                                   \
	"To: <sip:1001@example.com>;tag=b\r\n"                                                     \
	"Call-ID: a84b@10.1.0.7\r\n"                                                               \
	"CSeq: 1 REGISTER\r\n"

static const char response[] = "SIP/2.0 401 Unauthorized\r\n" FIELDS;
static const char request[] = "REGISTER sip:example.com SIP/2.0\r\n" FIELDS;

/* "WWW Digest realm=<r> nonce=<n>", " | " between fields, "refused", "unusable" */
static void show(struct buf *b, struct slice bytes)
{
	static const char *const kinds[] = {"WWW", "PROXY", "AUTH", "PAUTH"};
	struct strict_message m;
	struct arena arena = {0};

	buf_clear(b);
	if (!strict_read(bytes, &arena, &m))
		buf_adds(b, "unusable");
	else if (!m.parsed)
		buf_adds(b, "refused");
	else
		for (unsigned i = 0; i < m.field_count; i++) {
			const struct strict_field *f = &m.fields[i];

			buf_printf(b, "%s%s %.*s", i ? " | " : "", kinds[f->kind],
				SLICE_ARG(f->scheme));
			for (int p = 0; p < STRICT_PARAM_COUNT; p++)
				if (f->values[p].p)
					buf_printf(b, " %s=<%.*s>",
						strict_param_name((enum strict_param)p),
						SLICE_ARG(f->values[p]));
		}
	arena_free(&arena);
}

struct reading {
	const char *fields;   /* lines after the common ones */
	const char *expected;
};

static void check(const char *start, const struct reading *cases, size_t count)
{
	struct buf message = {0}, shown = {0};
	int bad = 0;

	for (size_t i = 0; i < count; i++) {
		buf_clear(&message);
		buf_printf(&message, "%s%s\r\n\r\n", start, cases[i].fields);
		show(&shown, buf_slice(&message));
		if (strcmp(buf_string(&shown), cases[i].expected) == 0)
			continue;
		bad++;
		print_error("%s\nread:     %s\nexpected: %s\n", cases[i].fields,
			buf_string(&shown), cases[i].expected);
	}
	buf_free(&message);
	buf_free(&shown);
	assert_int_equal(bad, 0);
}

#define W "WWW-Authenticate: "
#define A "Authorization: "

static void test_right(void **state)
{
	static const struct reading challenges[] = {
		{"", ""},
		{W "Digest realm=\"r\",nonce=\"n\",algorithm=MD5,qop=\"auth\",stale=TRUE,opaque=\"o\"",
			"WWW Digest realm=<r> nonce=<n> algorithm=<MD5> qop=<auth> opaque=<o> "
			"stale=<TRUE>"},
		{W "Digest realm=\"a, b\", nonce=\"n\"", "WWW Digest realm=<a, b> nonce=<n>"},
		{W "Digest realm=\"a\",\r\n nonce=\"n\"", "WWW Digest realm=<a> nonce=<n>"},
		{W "Digest realm=\"1\",nonce=\"n\"\r\nProxy-Authenticate: Digest realm=\"2\",nonce=\"m\"",
			"WWW Digest realm=<1> nonce=<n> | PROXY Digest realm=<2> nonce=<m>"},
		{W "Digest realm=\"1\",nonce=\"n\"\r\n" W "Digest realm=\"2\",nonce=\"m\"",
			"WWW Digest realm=<1> nonce=<n> | WWW Digest realm=<2> nonce=<m>"},
	};
	static const struct reading credentials[] = {
		{A "Digest username=\"u\",realm=\"r\",nonce=\"n\",uri=\"sip:x\",response=\"0f\","
		   "algorithm=MD5,cnonce=\"c\",qop=auth,nc=00000001,opaque=\"o\"",
			"AUTH Digest username=<u> realm=<r> nonce=<n> uri=<sip:x> response=<0f> "
			"algorithm=<MD5> cnonce=<c> nc=<00000001> qop=<auth> opaque=<o>"},
		{"Proxy-" A "Digest username=\"u\",realm=\"r\"", "PAUTH Digest username=<u> realm=<r>"},
	};

	(void)state;
	check(response, challenges, COUNT(challenges));
	check(request, credentials, COUNT(credentials));
}

/* Success, and wrong values: the reason for this second opinion. */
static void test_misread(void **state)
{
	static const struct reading challenges[] = {
		{W "Digest realm=\"r\", nonce=\"n\", algorithm=MD5, qop=auth", ""},
		{W "Digest realm=\"r\", qop=auth, nonce=\"n\", algorithm=MD5",
			"WWW Digest realm=<r> algorithm=<MD5> qop=<n>"},
		{W "Digest realm=r, nonce=\"n\"", "WWW Digest realm=<n>"},
		{W "Digest\trealm=\"r\", nonce=\"n\"", "WWW Digest\trealm=\"r\", nonce=<n>"},
		{W "Digest realm=\"1\",nonce=\"n\",qop=auth\r\n" W "Digest realm=\"2\",nonce=\"m\"",
			"WWW Digest realm=<2> nonce=<m>"},
		{W "Digest realm=\"r\",nonce=\"n\",nonce=\"second\"", "WWW Digest realm=<r> nonce=<n>"},
		{W "Digest realm=\"r\",userhash=true,charset=UTF-8,nonce=\"n\"",
			"WWW Digest realm=<r> nonce=<n>"},
		{W "Digest realm=\"r\",nonce=\"n\",opaque=\"\"", "WWW Digest realm=<r> nonce=<n>"},
		{W "Digest realm=\"1\",nonce=\"n\", Digest realm=\"2\",nonce=\"m\"",
			"WWW Digest realm=<1> nonce=<n>"},
		{W "Digest realm=\"r,nonce=\"n\",opaque=\"o\",algorithm=MD5",
			"WWW Digest realm=<r,nonce=> algorithm=<MD5>"},
		{W "Digest realm=\"r,nonce=\"n\",algorithm=MD5", ""},
		{W "Digest algorithm=MD5 realm=\"r\",nonce=\"n\"",
			"WWW Digest nonce=<n> algorithm=<MD5 realm=\"r\">"},
		{W "Basic realm=\"b\", Digest realm=\"d\",nonce=\"n\",algorithm=MD5",
			"WWW Basic realm=<b> nonce=<n> algorithm=<MD5>"},
		{W "Digest realm=\"1\",nonce=\"n\", Digest realm=\"2\",nonce=\"m\",opaque=\"o\"",
			"WWW Digest realm=<1> nonce=<n> opaque=<o>"},
		{W "NTLM", ""},
		{W "Digest realm=\"r\",nonce=\"n\",", ""},
		{W "Digest realm=\"\",nonce=\"n\"", "WWW Digest nonce=<n>"},
	};
	static const struct reading credentials[] = {
		{A "Digest username=bob,realm=\"r\",nonce=\"n\"", "AUTH Digest username=<r> nonce=<n>"},
		{A "Digest realm=r,nonce=n,uri=\"sip:x\"", "AUTH Digest realm=<sip:x>"},
		{A "Digest username=\"u\",qop=\"auth,auth-int\",nc=00000001,cnonce=\"c\"",
			"AUTH Digest username=<u> qop=<\"auth>"},
		{A "Digest username=\"u\",realm=\"r\",response=abc", ""},
		{A "Digest username=\"u\",response=\"\"", "AUTH Digest username=<u>"},
		{A "Digest username=\"1\",realm=\"r\", Digest username=\"2\",realm=\"s\"",
			"AUTH Digest username=<1> realm=<r>"},
	};

	(void)state;
	check(response, challenges, COUNT(challenges));
	check(request, credentials, COUNT(credentials));
}

static void test_refused(void **state)
{
	static const struct reading cases[] = {
		{W "Digest realm=\"r\",nonce=\"n\"\r\nno colon here", "refused"},
		{"CSeq: 2 REGISTER", "refused"},
		{"Content-Length: 100", ""}, /* not its business */
		{"l:\r\n 100\r\nContent-Length: 7", ""},
		{"Content-Type: multipart/mixed;boundary=x", ""},
	};

	(void)state;
	check(response, cases, COUNT(cases));
}

/* Without a reason phrase the line after it is swallowed, here the only challenge. */
static void test_start_lines(void **state)
{
	static const struct {
		const char *line, *expected;
	} cases[] = {
		{"SIP/2.0 401 Unauthorized", "WWW Digest realm=<r>"},
		{"SIP/2.0 401 ", "WWW Digest realm=<r>"},
		{"SIP/2.0 401", ""},
		{"SIP/3.0 401 Unauthorized", "WWW Digest realm=<r>"},
		{"sip/2.0 401 Unauthorized", "refused"},
		{"REGISTER sip:example.com SIP/2.0 ", "refused"},
	};
	struct buf message = {0}, shown = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		buf_clear(&message);
		buf_printf(&message, "%s\r\n" W "Digest realm=\"r\"\r\n" FIELDS "\r\n",
			cases[i].line);
		show(&shown, buf_slice(&message));
		assert_string_equal(buf_string(&shown), cases[i].expected);
	}
	buf_free(&message);
	buf_free(&shown);
}

static void test_bodies(void **state)
{
	struct buf message = {0}, shown = {0};

	(void)state;
	buf_printf(&message, "%s" W "Digest realm=\"r\"\r\nContent-Length: 8\r\n\r\nab", response);
	buf_add(&message, "\0\0\r\n\r\n", 6);
	show(&shown, buf_slice(&message));
	assert_string_equal(buf_string(&shown), "WWW Digest realm=<r>");

	buf_clear(&message);
	buf_adds(&message, "\r\n\r\nOPTIONS sip:x SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\n"
		"From: <sip:a@b>;tag=a\nTo: <sip:a@b>\nCall-ID: 1\nCSeq: 1 OPTIONS\n"
		A "Digest username=\"u\"\n\nbody");
	show(&shown, buf_slice(&message));
	assert_string_equal(buf_string(&shown), "AUTH Digest username=<u>");
	buf_free(&message);
	buf_free(&shown);
}

static bool usable_with(const char *piece, size_t times, const char *end)
{
	struct buf message = {0};
	bool usable;

	buf_adds(&message, request);
	for (size_t i = 0; i < times; i++)
		buf_adds(&message, piece);
	buf_adds(&message, end);
	usable = strict_usable(buf_slice(&message));
	buf_free(&message);
	return usable;
}

static void test_usable(void **state)
{
	struct strict_message m = {.field_count = 77};
	struct arena arena = {0};

	(void)state;
	assert_true(usable_with("", 0, "\r\n"));
	assert_false(usable_with("", 0, ""));
	assert_false(usable_with("", 0, "\r"));
	assert_true(usable_with("", 0, "\n"));
	assert_true(usable_with("X: y\r\n", 100, "\r\n"));
	assert_false(usable_with("X: y\r\n", 130, "\r\n"));
	assert_true(usable_with("X: ;,&\r\n", 100, "\r\n"));
	assert_false(usable_with("X: ;,&;,&;,&\r\n", 100, "\r\n"));
	assert_false(usable_with("X: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", 100, "\r\n"));
	assert_false(strict_usable(SLICE_ABSENT));
	assert_false(strict_usable(SLICE("")));
	assert_false(strict_usable(SLICE("\r\n\r\n")));
	assert_false(strict_usable(SLICE("a\0b: c\r\n\r\n")));
	assert_true(strict_usable(SLICE("a: c\r\n\r\n\0")));
	assert_false(strict_read(SLICE("a: b"), &arena, &m));
	assert_int_equal(m.field_count, 77);
	arena_free(&arena);
}

/* Nothing but an answer may come of any beginning of a message, or of one changed byte. */
static void test_cut_and_changed(void **state)
{
	static const char fields[] = W "Digest realm=\"r\",nonce=\"n\",algorithm=MD5,opaque=\"o\"\r\n"
		A "Digest username=\"u\",realm=\"r\",nonce=\"n\",uri=\"sip:x\",qop=auth,nc=00000001\r\n";
	static const char changes[] = "\r\n\",;: =<>\\\xff";
	struct buf whole = {0}, message = {0}, shown = {0};

	(void)state;
	buf_printf(&whole, "%s%s\r\n", response, fields);
	for (size_t n = 0; n <= whole.n; n++) {
		buf_clear(&message);
		buf_add(&message, whole.p, n);
		buf_adds(&message, "\r\n\r\n");
		show(&shown, buf_slice(&message));
	}
	for (size_t n = 0; n < whole.n; n++)
		for (const char *c = changes; *c; c++) {
			buf_clear(&message);
			buf_add(&message, whole.p, whole.n);
			message.p[n] = *c;
			show(&shown, buf_slice(&message));
		}
	buf_free(&whole);
	buf_free(&message);
	buf_free(&shown);
}

/* What libosip2 itself makes of the message, with every field in it: as show(), if the credentials are those below. */
static const char *read_whole(struct slice bytes)
{
	osip_message_t *m;
	const char *result = "refused";

	assert_int_equal(osip_message_init(&m), OSIP_SUCCESS);
	if (osip_message_parse(m, bytes.p, bytes.n) == OSIP_SUCCESS)
		result = osip_list_size(&m->authorizations) ? "AUTH Digest username=<1> realm=<r>" : "";
	osip_message_free(m);
	return result;
}

/* Some fields are kept from libosip2: whatever they say, it must not make a difference. */
static void test_fields_kept_away(void **state)
{
	static const char *const names[] = {"Allow", "Supported", "Allow-Events", "User-Agent", "Server",
		"Max-Forwards", "Expires", "EXPIRES", "Subject", "Accept"};
	static const char *const values[] = {"INVITE, ACK", "INVITE,ACK,BYE", "a", "70", "", ",", "a,", ",a", "a,,b",
		"a, ,b", "\"a", "a, \"b", "a \"b, c\" d", "\"a, b\"", "a;b=c", "<", "a, b ,c", "a\r\n b", "a,\r\n\tb", ":",
		"a: b", "a\rTo: b", "a\r", "\r\n \r: x", "\\", "a, \\\"", "(a, b)"};
	struct buf message = {0}, shown = {0};

	(void)state;
	for (size_t n = 0; n < COUNT(names); n++)
		for (size_t v = 0; v < COUNT(values); v++) {
			buf_clear(&message);
			buf_printf(&message, "%s%s: %s\r\n" A "Digest username=\"1\", realm=\"r\"\r\nContent-Length: 0\r\n\r\n",
				request, names[n], values[v]);
			show(&shown, buf_slice(&message));
			assert_string_equal(buf_string(&shown), read_whole(buf_slice(&message)));
		}
	buf_free(&message);
	buf_free(&shown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right),
		cmocka_unit_test(test_misread),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_start_lines),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_usable),
		cmocka_unit_test(test_fields_kept_away),
		cmocka_unit_test(test_cut_and_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

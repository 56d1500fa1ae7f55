#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "guard.h"
#include "sip/message.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

enum {
	LF = MESSAGE_LF_ONLY, NOEND = MESSAGE_NO_END, SHORT = MESSAGE_BODY_SHORT,
	LONG = MESSAGE_BODY_LONG, BADCL = MESSAGE_BAD_CONTENT_LENGTH, CSEQ = MESSAGE_BAD_CSEQ,
	MISSING = MESSAGE_MISSING_FIELD, TWICE = MESSAGE_DUPLICATE_FIELD, LINE = MESSAGE_BAD_LINE,
	JUNK = MESSAGE_LEADING_JUNK, HUGE = MESSAGE_TOO_LONG
};

static struct message message;
static struct auth_field fields[MESSAGE_AUTH_MAX];

static void assert_slice(struct slice s, const char *expected)
{
	if (slice_eq(s, slice_of(expected)))
		return;
	fail_msg("'%.*s'%s instead of '%s'%s", SLICE_ARG(s), s.p ? "" : " (absent)",
		expected ? expected : "", expected ? "" : " (absent)");
}

static bool scan(const char *text)
{
	return message_scan(guard_copy(slice_of(text)), &message, fields);
}

static const char whole_request[] =
	"REGISTER sip:example.com SIP/2.0\r\n"
	"Via: SIP/2.0/UDP 10.1.0.7:5060;rport;branch=z9hG4bKa, SIP/2.0/UDP 10.1.0.8\r\n"
	"v: SIP/2.0/UDP 10.1.0.9\r\n"
	"Route: <sip:p1;lr>,<sip:p2;lr>\r\n"
	"Max-Forwards: 70\r\n"
	"From: \"A, B\" <sip:1001@example.com>;tag=f1\r\n"
	"To: <sip:1001@example.com>\r\n"
	"Call-ID: a84b@10.1.0.7\r\n"
	"CSeq: 4711 REGISTER\r\n"
	"Contact: <sip:1001@10.1.0.7>\r\n"
	"Contact: <sip:second@10.1.0.7>\r\n"
	"User-Agent: Grandstream GXP1625 1.0.4.132\r\n"
	"Expires: 3600\r\n"
	"Require: sec-agree\r\n"
	"Proxy-Require: other\r\n"
	"Authorization: Digest username=\"1001\",\r\n"
	" realm=\"r\",\r\n"
	"\tnonce=\"n\"\r\n"
	"proxy-authorization:Digest username=\"x\"   \r\n"
	"Content-Type: text/plain\r\n"
	"Content-Length: 4\r\n"
	"\r\n"
	"body";

static void test_request(void **state)
{
	(void)state;
	assert_true(scan(whole_request));
	assert_true(message.request);
	assert_int_equal(message.method, METHOD_REGISTER);
	assert_int_equal(message.defects, 0);
	assert_slice(message.method_name, "REGISTER");
	assert_slice(message.request_uri, "sip:example.com");
	assert_slice(message.reason, NULL);
	assert_slice(message.via, "SIP/2.0/UDP 10.1.0.7:5060;rport;branch=z9hG4bKa");
	assert_int_equal(message.via_count, 3);
	assert_int_equal(message.route_count, 2);
	assert_slice(message.branch, "z9hG4bKa");
	assert_slice(message.from, "\"A, B\" <sip:1001@example.com>;tag=f1");
	assert_slice(message.from_tag, "f1");
	assert_slice(message.to, "<sip:1001@example.com>");
	assert_slice(message.to_tag, NULL);
	assert_slice(message.call_id, "a84b@10.1.0.7");
	assert_int_equal(message.cseq, 4711);
	assert_true(message.cseq_valid);
	assert_slice(message.cseq_method, "REGISTER");
	assert_slice(message.contact, "<sip:1001@10.1.0.7>");
	assert_slice(message.user_agent, "Grandstream GXP1625 1.0.4.132");
	assert_slice(message.server, NULL);
	assert_int_equal(message.content_length, 4);
	assert_int_equal(message.expires, 3600);
	assert_slice(message.body, "body");
	assert_int_equal(message.auth_count, 2);
	assert_int_equal(message.auth[0].kind, AUTH_AUTHORIZATION);
	assert_int_equal(message.auth[0].lines, 3);
	assert_slice(message.auth[0].value, "Digest username=\"1001\",\r\n realm=\"r\",\r\n\tnonce=\"n\"");
	assert_int_equal(message.auth[1].kind, AUTH_PROXY_AUTHORIZATION);
	assert_int_equal(message.auth[1].lines, 1);
	assert_slice(message.auth[1].value, "Digest username=\"x\"");
	assert_false(message_in_dialog(&message));
}

static const char whole_response[] =
	"SIP/2.0 401 Not  you\r\n"
	"v: SIP/2.0/UDP h;branch=1\r\n"
	"f: <sip:a@h>;tag=f\r\n"
	"t: <sip:a@h>;tag=t\r\n"
	"i: 1\r\n"
	"CSeq: 1 INVITE\r\n"
	"Server: VOS3000 V2.1.9.07\r\n"
	"WWW-Authenticate: Digest realm=\"1\"\r\n"
	"Proxy-Authenticate : Digest realm=\"2\"\r\n"
	"WWW-AUTHENTICATE: Digest realm=\"3\"\r\n"
	"Authentication-Info: nextnonce=\"n\"\r\n"
	"Proxy-Authentication-Info: rspauth=\"r\"\r\n"
	"Security-Server: tls\r\n"
	"l: 0\r\n"
	"\r\n";

static void test_response(void **state)
{
	static const enum auth_field_kind kinds[] = {AUTH_WWW_AUTHENTICATE, AUTH_PROXY_AUTHENTICATE,
		AUTH_WWW_AUTHENTICATE, AUTH_AUTHENTICATION_INFO, AUTH_AUTHENTICATION_INFO};

	(void)state;
	assert_true(scan(whole_response));
	assert_false(message.request);
	assert_int_equal(message.status, 401);
	assert_int_equal(message.method, METHOD_INVITE);
	assert_int_equal(message.defects, 0);
	assert_slice(message.reason, "Not  you");
	assert_slice(message.method_name, NULL);
	assert_slice(message.to_tag, "t");
	assert_slice(message.server, "VOS3000 V2.1.9.07");
	assert_slice(message.body, "");
	assert_int_equal(message.auth_count, COUNT(kinds));
	for (size_t i = 0; i < COUNT(kinds); i++)
		assert_int_equal(message.auth[i].kind, kinds[i]);
	assert_slice(message.auth[2].value, "Digest realm=\"3\"");
	assert_false(message_in_dialog(&message));
}

static void test_start_lines(void **state)
{
	static const struct {
		const char *line;
		unsigned status;    /* 0: a request, 1: no message */
		const char *text;   /* reason, or Request-URI */
	} cases[] = {
		{"SIP/2.0 200 OK", 200, "OK"},
		{"SIP/2.0 401", 401, ""},
		{"SIP/2.0 401 ", 401, ""},
		{"SIP/2.0  401\tx", 401, "x"},
		{"sip/2.0 401 x", 401, "x"},
		{"SIP/2.0 699 x", 699, "x"},
		{"SIP/2.0 700 x", 1, NULL},
		{"SIP/2.0 099 x", 1, NULL},
		{"SIP/2.0 4011 x", 1, NULL},
		{"SIP/2.0 40 x", 1, NULL},
		{"SIP/2.0", 1, NULL},
		{"OPTIONS sip:h SIP/2.0", 0, "sip:h"},
		{"OPTIONS  sip:h  SIP/2.0", 0, "sip:h"},
		{"OPTIONS sip:h x SIP/2.0", 0, "sip:h x"},
		{"FOO sip:h SIP/2.0", 0, "sip:h"},
		{"OPTIONS sip:h sip/2.0", 0, "sip:h"},
		{"OPTIONS SIP/2.0", 1, NULL},
		{"OPTIONS sip:h HTTP/1.1", 1, NULL},
		{"OPTIONS sip:h", 1, NULL},
		{" sip:h SIP/2.0", 1, NULL},
		{"GET / HTTP/1.1", 1, NULL},
		{"HTTP/1.1 200 OK", 1, NULL},
		{"", 1, NULL},
		{"\x80\x00\x01", 1, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf b = {0};
		bool found;

		buf_printf(&b, "%s\r\nCSeq: 1 OPTIONS\r\n\r\n", cases[i].line);
		found = scan(buf_string(&b));
		buf_free(&b);
		if (found != (cases[i].status != 1))
			fail_msg("'%s'", cases[i].line);
		if (!found)
			continue;
		assert_int_equal(message.request, !cases[i].status);
		assert_int_equal(message.status, cases[i].status);
		assert_slice(cases[i].status ? message.reason : message.request_uri, cases[i].text);
	}
	assert_false(message_scan(SLICE_ABSENT, &message, fields));
	assert_false(message_scan(SLICE("\r\n\r\n"), &message, fields));
}

#define START "OPTIONS sip:h SIP/2.0\r\n"
#define REST "Via: SIP/2.0/UDP h\r\nFrom: <sip:a@h>\r\nTo: <sip:a@h>\r\nCall-ID: 1\r\n"
#define BASE START REST "CSeq: 1 OPTIONS\r\n"

static void test_defects(void **state)
{
	static const struct {
		const char *text;
		unsigned defects;
		const char *body;
	} cases[] = {
		{BASE "\r\n", 0, ""},
		{BASE, NOEND, NULL},
		{BASE "X: y", NOEND, NULL},
		{START, NOEND | MISSING, NULL},
		{START "\r\n", MISSING, ""},
		{"\r\n\r\n" BASE "\r\n", JUNK, ""},
		{BASE "\n", LF, ""},
		{BASE "X: y\n\r\n", LF, ""},
		{BASE "Content-Length: 3\r\n\r\nab", SHORT, "ab"},
		{BASE "Content-Length: 1\r\n\r\nab", LONG, "a"},
		{BASE "Content-Length: 2\r\n\r\nab", 0, "ab"},
		{BASE "Content-Length: -2\r\n\r\nab", BADCL, "ab"},
		{BASE "Content-Length: two\r\n\r\nab", BADCL, "ab"},
		{BASE "Content-Length:\r\n\r\n", BADCL, ""},
		{BASE "Content-Length: 2147483648\r\n\r\n", BADCL, ""},
		{BASE "Content-Length: 2\r\nl: 2\r\n\r\nab", 0, "ab"},
		{BASE "Content-Length: 2\r\nl: 1\r\n\r\nab", TWICE, "ab"},
		{BASE "\r\nab", 0, "ab"},
		{START REST "CSeq: x OPTIONS\r\n\r\n", CSEQ, ""},
		{START REST "CSeq: 4294967296 OPTIONS\r\n\r\n", CSEQ, ""},
		{START REST "CSeq: 1 INVITE\r\n\r\n", CSEQ, ""},
		{START REST "CSeq: 1 options\r\n\r\n", CSEQ, ""},
		{START REST "CSeq: 1\r\n\r\n", CSEQ, ""},
		{START REST "\r\n", MISSING, ""},
		{BASE "CSeq: 2 OPTIONS\r\n\r\n", TWICE, ""},
		{BASE "i: 2\r\n\r\n", TWICE, ""},
		{BASE "no colon\r\n\r\n", LINE, ""},
		{BASE ": x\r\n\r\n", LINE, ""},
		{BASE "X:\r\n\r\n", 0, ""},
		{BASE "Content-Length : \r\n 2\r\n\r\nab", 0, "ab"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_true(scan(cases[i].text));
		if (message.defects != cases[i].defects)
			fail_msg("%s\n%#x instead of %#x", cases[i].text, message.defects,
				cases[i].defects);
		assert_slice(message.body, cases[i].body);
	}
}

/* Every name is found as it is written, and in any case. */
static void test_names(void **state)
{
	static const struct {
		const char *name;
		const struct slice *place; /* NULL: it is counted or valued, or stands in message.auth */
		unsigned defects;          /* of an empty value */
	} cases[] = {
		{"Via", &message.via, 0}, {"v", &message.via, 0}, {"From", &message.from, 0}, {"f", &message.from, 0},
		{"To", &message.to, 0}, {"t", &message.to, 0}, {"Call-ID", &message.call_id, 0},
		{"i", &message.call_id, 0}, {"Contact", &message.contact, 0}, {"m", &message.contact, 0},
		{"Content-Length", NULL, BADCL}, {"l", NULL, BADCL}, {"CSeq", &message.cseq_method, CSEQ},
		{"Server", &message.server, 0}, {"User-Agent", &message.user_agent, 0},
		{"Authorization", NULL, 0}, {"Proxy-Authorization", NULL, 0}, {"WWW-Authenticate", NULL, 0},
		{"Proxy-Authenticate", NULL, 0}, {"Authentication-Info", NULL, 0}, {"Proxy-Authentication-Info", NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(cases); i++) {
		struct buf b = {0};
		struct slice name = slice_of(cases[i / 2].name);

		buf_adds(&b, START);
		for (size_t k = 0; k < name.n; k++)
			buf_addc(&b, i % 2 && name.p[k] != '-' ? name.p[k] ^ 0x20 : name.p[k]);
		buf_adds(&b, ":\r\n\r\n");
		assert_true(scan(buf_string(&b)));
		buf_free(&b);
		assert_int_equal(message.defects, MISSING | cases[i / 2].defects);
		if (cases[i / 2].place)
			assert_slice(*cases[i / 2].place, "");
		else
			assert_int_equal(message.auth_count, !cases[i / 2].defects);
	}
	assert_true(scan(START "Expires: 7\r\nRoute: a, b\r\neXPIRES: 9\r\nroute: c\r\n\r\n"));
	assert_int_equal(message.expires, 7);
	assert_int_equal(message.route_count, 3);
}

/* Names and values that a look at the first bytes of a line must not get wrong; nothing but BASE is in the message. */
static void test_odd_lines(void **state)
{
	static const struct {
		const char *line;
		unsigned defects;
		const char *server, *contact;
	} cases[] = {
		{"Server: a\r\n", 0, "a", NULL},
		{"Server:a\r\n", 0, "a", NULL},
		{"Server:  a\r\n", 0, "a", NULL},
		{"Server:\ta\t\r\n", 0, "a", NULL},
		{"Server: a \r\n", 0, "a", NULL},
		{"Server: a\n", LF, "a", NULL},
		{"Server: \r\n", 0, "", NULL},
		{"Server:\r\n", 0, "", NULL},
		{"Server: a\r\r\n", 0, "a", NULL},
		{"Server: a:b\r\n", 0, "a:b", NULL},
		{"Server : a\r\n", 0, "a", NULL},
		{"Server\t:a\r\n", 0, "a", NULL},
		{"server: a\r\n", 0, "a", NULL},
		{"SERVER: a\r\n", 0, "a", NULL},
		{"Server:\r\n a\r\n", 0, "a", NULL},
		{"Server: a\r\n\tb\r\n c\r\n", 0, "a\r\n\tb\r\n c", NULL},
		{"Server\r\n : a\r\n", 0, "a", NULL},
		{"Server\r\n: a\r\n", LINE, NULL, NULL},
		{"Serv\r\n er: a\r\n", 0, NULL, NULL},
		{"Server\r\nX: a\r\n", LINE, NULL, NULL},
		{"Serveq: a\r\n", 0, NULL, NULL},
		{"Terver: a\r\n", 0, NULL, NULL},
		{"Server:: a\r\n", 0, ": a", NULL},
		{"x\r\ny\r\nServer: a\r\n", LINE, "a", NULL},
		{":Server: a\r\n", LINE, NULL, NULL},
		{"X-1234567890123: a\r\n", 0, NULL, NULL},   /* 15 bytes before the colon */
		{"X-12345678901234: a\r\n", 0, NULL, NULL},  /* 16 */
		{"X-123456789012345: a\r\n", 0, NULL, NULL}, /* 17 */
		{"X-1234567890 r : a\r\n", 0, NULL, NULL},
		{"no colon in a line that is long\r\n", LINE, NULL, NULL},
		{"WWW-Authenticate\r\n", LINE, NULL, NULL},
		{"WWW-Authenticate;: a\r\n", 0, NULL, NULL},
		{"Contact: a\r\nContact: b\r\n", 0, NULL, "a"},
		{"X: a\r\n b\r\nContact: a\r\n", 0, NULL, "a"},
		{"Security-Server: b\r\nServer: a\r\nServer: b\r\n", TWICE, "a", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t pad = 0; pad < 70; pad++) { /* line breaks at each place of what is looked at together */
			struct buf b = {0};

			buf_printf(&b, "%sX: %*s\r\n%s\r\n", BASE, (int)pad, "", cases[i].line);
			assert_true(scan(buf_string(&b)));
			if (message.defects != cases[i].defects)
				fail_msg("%s\n%#x instead of %#x", buf_string(&b), message.defects, cases[i].defects);
			assert_slice(message.server, cases[i].server);
			assert_slice(message.contact, cases[i].contact);
			assert_int_equal(message.auth_count, 0);
			assert_slice(message.body, "");
			buf_free(&b);
		}
	assert_true(scan(START " Server : a\r\n\r\n"));
	assert_slice(message.server, "a");
}

static void test_branch(void **state)
{
	static const struct {
		const char *via, *branch;
		unsigned count;
	} cases[] = {
		{"SIP/2.0/UDP h;branch=z", "z", 1},
		{"SIP/2.0/UDP h;rport;branch=z;received=1.2.3.4", "z", 1},
		{"SIP/2.0/UDP h; Branch = z ;rport", "z", 1},
		{"SIP/2.0/UDP h;branched=y;branch=z", "z", 1},
		{"SIP/2.0/UDP h;branch", "", 1},
		{"SIP/2.0/UDP h;branch=", "", 1},
		{"SIP/2.0/UDP h", NULL, 1},
		{"SIP/2.0/UDP h;x=\";branch=y\";branch=z", "z", 1},
		{"SIP/2.0/UDP h;x=\"a,b\"", NULL, 1},
		{"SIP/2.0/UDP h;branch=y;x=<a>;branch=z", "z", 1},
		{"SIP/2.0/UDP h, SIP/2.0/UDP i;branch=z", NULL, 2},
		{"SIP/2.0/UDP h;branch=y, SIP/2.0/UDP i;branch=z", "y", 2},
		{"", NULL, 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf b = {0};

		buf_printf(&b, "%sVia: %s\r\nv: x;branch=other\r\n\r\n", START, cases[i].via);
		assert_true(scan(buf_string(&b)));
		assert_slice(message.branch, cases[i].branch);
		assert_int_equal(message.via_count, cases[i].count + 1);
		buf_free(&b);
	}
}

/* What later readers see must not depend on what the struct held before. */
static void test_first_wins(void **state)
{
	(void)state;
	memset(&message, 0xaa, sizeof(message));
	assert_true(scan(BASE "Call-ID: 2\r\nCSeq: 9 INVITE\r\nTo: <sip:x>;tag=2\r\n\r\n"));
	assert_slice(message.call_id, "1");
	assert_int_equal(message.cseq, 1);
	assert_slice(message.to, "<sip:a@h>");
	assert_slice(message.user_agent, NULL);
	assert_int_equal(message.auth_count, 0);
	assert_int_equal(message.expires, -1);
	assert_int_equal(message.content_length, -1);
}

static void test_caps(void **state)
{
	struct buf b = {0};

	(void)state;
	buf_adds(&b, BASE);
	for (int i = 0; i < MESSAGE_AUTH_MAX + 5; i++)
		buf_printf(&b, "WWW-Authenticate: Digest realm=\"%d\"\r\n", i);
	for (int i = 0; i < MESSAGE_FIELDS_MAX; i++)
		buf_adds(&b, "X: y\r\n");
	buf_adds(&b, "Server: not looked at\r\n\r\nbody");
	assert_true(message_scan(guard_copy(buf_slice(&b)), &message, fields));
	assert_int_equal(message.auth_count, MESSAGE_AUTH_MAX);
	assert_slice(message.server, NULL);
	assert_slice(message.body, "body");

	buf_clear(&b);
	buf_adds(&b, BASE "X:");
	while (b.n < MESSAGE_MAX + 10)
		buf_addc(&b, 'y');
	assert_true(message_scan(guard_copy(buf_slice(&b)), &message, fields));
	assert_int_equal(message.defects, HUGE | NOEND);
	assert_int_equal(message.bytes.n, MESSAGE_MAX);
	buf_free(&b);
}

static void check_sound(struct slice bytes)
{
	for (size_t i = 0; i < COUNT(message.slices); i++)
		assert_true(guard_inside(message.slices[i], bytes));
	assert_true(message.auth_count <= MESSAGE_AUTH_MAX);
	for (unsigned i = 0; i < message.auth_count; i++)
		assert_true(guard_inside(message.auth[i].value, bytes));
}

/* Every beginning, and every end, and with each byte changed. */
static void cut_and_change(const char *text)
{
	static const char changes[] = "\r\n \":;,\xff";
	struct slice whole = slice_of(text), s;

	for (size_t n = 0; n <= whole.n; n++) {
		s = guard_copy(slice_head(whole, n));
		if (message_scan(s, &message, fields)) {
			check_sound(s);
			if (n < whole.n)
				assert_true(message.defects & (NOEND | SHORT) || n + 4 >= whole.n);
		}
		s = guard_copy(slice_from(whole, n));
		if (message_scan(s, &message, fields))
			check_sound(s);
	}
	for (size_t n = 0; n < whole.n; n++)
		for (size_t c = 0; c < sizeof(changes); c++) {
			s = guard_copy(whole);
			guard_end[(long)n - (long)s.n] = changes[c];
			if (message_scan(s, &message, fields))
				check_sound(s);
		}
}

static void test_cut_and_changed(void **state)
{
	(void)state;
	cut_and_change(whole_request);
	cut_and_change(whole_response);
}

static void test_methods(void **state)
{
	(void)state;
	for (int m = 0; m < METHOD_OTHER; m++)
		assert_int_equal(method_find(slice_of(method_name((enum method)m))), m);
	assert_int_equal(method_find(SLICE("register")), METHOD_OTHER);
	assert_int_equal(method_find(SLICE("OTHER")), METHOD_OTHER);
	assert_int_equal(method_find(SLICE("REGISTEr")), METHOD_OTHER);
	assert_int_equal(method_find(SLICE("I")), METHOD_OTHER);
	assert_int_equal(method_find(SLICE("")), METHOD_OTHER);
	assert_int_equal(method_find(SLICE_ABSENT), METHOD_OTHER);
	assert_string_equal(method_name(METHOD_OTHER), "OTHER");
	assert_true(scan(START "To: <sip:a@h>;tag=1\r\n\r\n"));
	assert_true(message_in_dialog(&message));
	assert_true(scan(START "To: <sip:a@h>;tag=\r\n\r\n"));
	assert_false(message_in_dialog(&message));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_response),
		cmocka_unit_test(test_start_lines),
		cmocka_unit_test(test_defects),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_odd_lines),
		cmocka_unit_test(test_branch),
		cmocka_unit_test(test_first_wins),
		cmocka_unit_test(test_caps),
		cmocka_unit_test(test_cut_and_changed),
		cmocka_unit_test(test_methods),
	};

	return cmocka_run_group_tests(tests, guard_map, guard_unmap);
}

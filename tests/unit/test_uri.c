#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "guard.h"
#include "sip/uri.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static void show_part(struct buf *b, const char *name, struct slice part)
{
	if (part.p)
		buf_printf(b, " %s=%.*s", name, SLICE_ARG(part));
}

static void show_uri(struct buf *b, struct slice text)
{
	struct uri u;

	buf_clear(b);
	buf_adds(b, uri_scan(text, &u) ? "uri" : "no uri");
	show_part(b, "scheme", u.scheme);
	show_part(b, "user", u.user);
	show_part(b, "password", u.password);
	show_part(b, "host", u.host);
	show_part(b, "port", u.port);
	show_part(b, "params", u.params);
	show_part(b, "headers", u.headers);
	assert_true(slice_eq(u.text, text));
	assert_true(guard_inside(u.scheme, text) && guard_inside(u.user, text));
	assert_true(guard_inside(u.password, text) && guard_inside(u.host, text));
	assert_true(guard_inside(u.port, text) && guard_inside(u.params, text));
	assert_true(guard_inside(u.headers, text));
}

static void test_scan(void **state)
{
	static const struct {
		const char *text, *parts;
	} cases[] = {
		{"sip:example.com", "uri scheme=sip host=example.com"},
		{"sip:1001@example.com:5060", "uri scheme=sip user=1001 host=example.com port=5060"},
		{"sips:a:b@h;transport=tcp?x=y", "uri scheme=sips user=a password=b host=h "
			"params=;transport=tcp headers=?x=y"},
		{"sip:a;b?c@h", "uri scheme=sip user=a;b?c host=h"},
		{"sip:[2001:db8::1]:5060;lr", "uri scheme=sip host=[2001:db8::1] port=5060 params=;lr"},
		{"sip:[2001:db8::1]", "uri scheme=sip host=[2001:db8::1]"},
		{"sip:[2001:db8::1", "uri scheme=sip host=[2001:db8::1"},
		{"sip:@h", "uri scheme=sip user= host=h"},
		{"sip:h:", "uri scheme=sip host=h port="},
		{"sip:a:@h", "uri scheme=sip user=a password= host=h"},
		{"sip:", "uri scheme=sip host="},
		{"sip:h?a;b", "uri scheme=sip host=h headers=?a;b"},
		{"sip:h;a?", "uri scheme=sip host=h params=;a headers=?"},
		{"tel:+4930123;phone-context=x", "uri scheme=tel host=+4930123 params=;phone-context=x"},
		{"example.com", "no uri"},
		{"", "no uri"},
	};
	struct buf b = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice text = slice_of(cases[i].text);

		show_uri(&b, guard_copy(text));
		assert_string_equal(buf_string(&b), cases[i].parts);
		for (size_t n = 0; n < text.n; n++)
			show_uri(&b, guard_copy(slice_head(text, n)));
	}
	show_uri(&b, SLICE_ABSENT);
	assert_string_equal(buf_string(&b), "no uri");
	buf_free(&b);
}

static const struct {
	const char *value, *uri, *user, *host, *tag; /* NULL: absent */
} fields[] = {
	{"<sip:a@h>;tag=1", "sip:a@h", "a", "h", "1"},
	{"\"A\" <sip:a@h;x=y>;q=1;tag=1", "sip:a@h;x=y", "a", "h", "1"},
	{"\"A\"<sip:a@h>;tag=1", "sip:a@h", "a", "h", "1"},
	{"\"A\"  <sip:a@h>;tag=1", "sip:a@h", "a", "h", "1"},
	{"\"A\" b \"<sip:no@no>\" <sip:a@h>;tag=1", "sip:a@h", "a", "h", "1"},
	{"\"<sip:no@no>;tag=no\" <sip:a@h>;tag=1", "sip:a@h", "a", "h", "1"},
	{"\"a\\\"<sip:no@no>\" <sip:a@h>", "sip:a@h", "a", "h", NULL},
	{"sip:a@h;tag=1", "sip:a@h", "a", "h", "1"},
	{"sip:a@h", "sip:a@h", "a", "h", NULL},
	{"<sip:a@h;tag=inside>", "sip:a@h;tag=inside", "a", "h", NULL},
	{"<sip:a@h>;TAG = 1 ;x", "sip:a@h", "a", "h", "1"},
	{"<sip:a@h>;tag", "sip:a@h", "a", "h", ""},
	{"<sip:a@h>;tag=", "sip:a@h", "a", "h", ""},
	{"<sip:a@h>;tags=1;tag=2", "sip:a@h", "a", "h", "2"},
	{"<sip:a@h>;ta=1;tag =2 ;tag=3", "sip:a@h", "a", "h", "2"},
	{"<sip:a@h>;tag=1;tag=2", "sip:a@h", "a", "h", "1"},
	{"<sip:a@h>;tag=\"1;2\";x", "sip:a@h", "a", "h", "\"1;2\""},
	{"<sip:a@h>;tag= 1\t;x", "sip:a@h", "a", "h", "1"},
	{"<sip:a@h> ;tag=1", "sip:a@h", "a", "h", "1"},
	{"<sip:a@h>x;tag=1", "sip:a@h", "a", "h", "1"},
	{"<sip:a@h>,<sip:b@i>;tag=2", "sip:a@h", "a", "h", "2"},
	{"<sip:a@h>;x,tag=1;tag=2", "sip:a@h", "a", "h", "2"},
	{"<sip:a@h>;x=>;tag=1", "sip:a@h", "a", "h", "1"},
	{"<sip:a@h>;x=\";tag=no\";tag=1", "sip:a@h", "a", "h", "1"},
	{"<sip:a@h>;tag=1,<sip:b@i>;tag=2", "sip:a@h", "a", "h", "1"},
	{"<sip:h:5070>", "sip:h:5070", NULL, "h", NULL},
	{"<sip:a@[::1]:5070>", "sip:a@[::1]:5070", "a", "[::1]", NULL},
	{"<tel:+123;phone-context=x>", "tel:+123;phone-context=x", "+123", "+123", NULL},
	{"<sip:a@h", "sip:a@h", "a", "h", NULL},
	{"\"never closed <sip:a@h>;tag=1", "\"never closed <sip:a@h>", "a", "h>", NULL},
	{"*", "*", NULL, NULL, NULL},
	{"", "", NULL, NULL, NULL},
};

static void test_name_addr(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(fields); i++) {
		struct slice value = guard_copy(slice_of(fields[i].value));

		assert_true(slice_eq(name_addr_uri(value), slice_of(fields[i].uri)));
		assert_true(slice_eq(name_addr_user(value), slice_of(fields[i].user)));
		assert_true(slice_eq(name_addr_host(value), slice_of(fields[i].host)));
		assert_true(slice_eq(header_param(value, SLICE("tag")), slice_of(fields[i].tag)));
	}
	assert_null(header_param(SLICE_ABSENT, SLICE("tag")).p);
	assert_null(name_addr_tag(SLICE_ABSENT).p);
	assert_null(via_branch(SLICE_ABSENT).p);
	assert_null(name_addr_user(SLICE_ABSENT).p);
	assert_null(name_addr_uri(SLICE_ABSENT).p);
}

static void test_name_addr_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(fields); i++) {
		struct slice whole = slice_of(fields[i].value);

		for (size_t n = 0; n <= whole.n; n++) {
			struct slice s = guard_copy(slice_head(whole, n)), port;

			assert_true(guard_inside(name_addr_uri(s), s));
			assert_true(guard_inside(name_addr_user(s), s));
			assert_true(guard_inside(name_addr_host(s), s));
			assert_true(guard_inside(header_param(s, SLICE("tag")), s));
			assert_true(guard_inside(via_sent_by(s, &port), s));
			assert_true(guard_inside(port, s));
		}
	}
}

static void test_via(void **state)
{
	static const struct {
		const char *via, *host, *port;
	} cases[] = {
		{"SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1", "10.0.0.1", "5060"},
		{"SIP/2.0/UDP 10.0.0.1;rport", "10.0.0.1", NULL},
		{"SIP / 2.0 / UDP  h : 5070 ; branch=x", "h", "5070"},
		{"SIP/2.0/TLS [2001:db8::1]:5061;branch=x", "[2001:db8::1]", "5061"},
		{"SIP/2.0/TLS [2001:db8::1];branch=x", "[2001:db8::1]", NULL},
		{"SIP/2.0/UDP\th", "h", NULL},
		{"SIP/2.0/UDP", "", NULL},
		{"SIP/2.0/UDP h:", "h", ""},
		{"", "", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice whole = slice_of(cases[i].via), port;
		struct slice host = via_sent_by(guard_copy(whole), &port);

		assert_true(slice_eq(host, slice_of(cases[i].host)));
		assert_true(slice_eq(port, slice_of(cases[i].port)));
		assert_true(slice_eq(via_sent_by(guard_copy(whole), NULL), slice_of(cases[i].host)));
		for (size_t n = 0; n < whole.n; n++) {
			struct slice s = guard_copy(slice_head(whole, n));

			assert_true(guard_inside(via_sent_by(s, &port), s));
			assert_true(guard_inside(port, s));
		}
	}
}

/* What is written as usual is read in another way, to the same end. */
static void test_usual_param(void **state)
{
	static const char *const values[] = {"SIP/2.0/UDP h", "SIP/2.0/UDP h;branch", "SIP/2.0/UDP h;branch=",
		"SIP/2.0/UDP h;branch=1", "h; Branch = 1 ;x", "h;branches=2;branch=1;branch=3", ";branch=1", "h;;branch=1;",
		"SIP/2.0/UDP h;x=branch=2;branch=1", "SIP/2.0/UDP h:5060;rport;branch=1;received=10.0.0.1", "h>;branch=1",
		"h\\;branch=1", "h;x=\";branch=1\";branch=2", "SIP/2.0/UDP h;branch=1,SIP/2.0/UDP g;branch=2", "h;branch=\"1",
		"<sip:a@h>;tag=1", "<sip:a@host.example>;tag=1", "<sip:a@host.example>;x;Tag=1;y", "<sip:a@host.example>",
		"<sip:a@host.example;tag=2>;tag = 1 ", "<sip:a@host.example>;x=\";tag=1\";tag=2", "<sip:a@host.example>;",
		"\"A B\" <sip:a@host.example>;tag=1", "\"A \\\" <B\" <sip:a@host.example>;tag=1", "\"A>\"<sip:a@h>;tag=1",
		"A B <sip:a@host.example>;tag=1", "sip:a@host.example;tag=1", "\"A B\" ;tag=1", "\"\" <sip:a@host>;tag=1,2",
		"<sip:a@host.example> ;tag=1", "\"A B\"  <sip:a@host.example>;tag=1", ""};

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		struct slice whole = slice_of(values[i]);

		for (size_t n = 0; n <= whole.n; n++) {
			struct slice s = guard_copy(slice_head(whole, n));

			assert_true(slice_eq(name_addr_tag(s), header_param(s, SLICE("tag"))));
			if (slice_find(s, '<') == s.n)
				assert_true(slice_eq(via_branch(s), header_param(s, SLICE("branch"))));
		}
	}
}

/* RFC 3261 19.1.4, with its own examples. */
static void test_difference(void **state)
{
	static const struct {
		const char *a, *b, *difference;
	} cases[] = {
		{"sip:a@h", "sip:a@h", NULL},
		{"sip:alice@AtLanTa.CoM;Transport=tcp", "sip:alice@AtLanta.CoM;transport=TCP", NULL},
		{"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", NULL},
		{"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5", NULL},
		{"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off",
			"parameters"},
		{"SIP:ALICE@AtLanTa.CoM", "sip:alice@AtLanta.CoM", "user"},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", "port"},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", "parameters"},
		{"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", "headers"},
		{"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", "host"},
		{"sip:a@h", "sips:a@h", "scheme"},
		{"sip:h", "sip:@h", "user"},
		{"sip:a:b@h", "sip:a:c@h", "user"},
		{"sip:h;lr", "sip:h;lr=on", "parameters"},
		{"sip:h;maddr=x", "sip:h;maddr=X", NULL},
		{"example.com", "sip:example.com", "scheme"},
		{"", "sip:h", "scheme"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice a = slice_of(cases[i].a), b = slice_of(cases[i].b);
		const char *there = uri_difference(guard_copy(a), b);
		const char *back = uri_difference(b, guard_copy(a));

		assert_string_equal(there ? there : "", cases[i].difference ? cases[i].difference : "");
		assert_string_equal(back ? back : "", cases[i].difference ? cases[i].difference : "");
		for (size_t n = 0; n < a.n; n++)
			uri_difference(guard_copy(slice_head(a, n)), b);
	}
}

/*
 * Long hostile values must not cost more than their length allows: a test that never ends shows it.
 */
static void test_long(void **state)
{
	enum { LONG = 65000 };
	static const char *const pieces[] = {";", "\"", "<", ";a=b", "\\", "@", ":", "[", "?a=b&", ",", ";tag"};
	char *text = malloc(LONG);

	(void)state;
	for (size_t i = 0; i < COUNT(pieces); i++) {
		size_t n = strlen(pieces[i]);
		struct slice s;

		for (size_t at = 0; at + n <= LONG; at += n)
			memcpy(text + at, pieces[i], n);
		s = guard_copy((struct slice){text, LONG / n * n});
		name_addr_user(s);
		header_param(s, SLICE("tag"));
		via_sent_by(s, NULL);
		uri_difference(s, SLICE("sip:h"));
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scan),
		cmocka_unit_test(test_name_addr),
		cmocka_unit_test(test_name_addr_cut),
		cmocka_unit_test(test_via),
		cmocka_unit_test(test_usual_param),
		cmocka_unit_test(test_difference),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, guard_map, guard_unmap);
}

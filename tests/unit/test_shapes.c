/* Messages of one form get one opinion from libosip2; what it may judge differently is of another form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "auth/shapes.h"
#include "sip/strict.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))
enum { SIZE = 2048 };

static const char request[] =
	"REGISTER sip:pbx.example SIP/2.0\r\n"
	"Via: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bK5692161d;rport\r\n"
	"From: \"Extension 1\" <sip:1001@pbx.example>;tag=4f\r\n"
	"To: <sip:1001@pbx.example>\r\n"
	"Call-ID: b4d055fc@10.0.0.9\r\n"
	"CSeq: 2 REGISTER\r\n"
	"Contact: <sip:1001@10.0.0.9:5060>\r\n"
	"Authorization: Digest username=\"1001\", realm=\"pbx.example\", nonce=\"2f6c41d90ba7\", uri=\"sip:pbx.example\", "
	"response=\"6629fae49393a05397450978507c4ef1\", opaque=\"5c\", algorithm=MD5\r\n"
	"Allow: INVITE, ACK, BYE\r\n"
	"User-Agent: Phone 1.0\r\n"
	"X-Other: 1, 2\r\n"
	"Content-Length: 0\r\n\r\n";

/* Whether it is looked at, or known from the request if it looks like that. */
static uint64_t shape(const char *text)
{
	struct auth_field auth[MESSAGE_AUTH_MAX], first_auth[MESSAGE_AUTH_MAX];
	struct shapes none = {{0}}, before = {{0}};
	struct message m, first;
	uint64_t form;

	assert_true(message_scan(slice_of(text), &m, auth));
	assert_true(message_scan(slice_of(request), &first, first_auth));
	form = shape_of(&none, &m);
	shape_of(&before, &first);
	if (form != shape_of(&before, &m))
		fail_msg("of another form after another message: %s", text);
	return form;
}

/* The request with `is` in place of the first `was`. */
static const char *changed(char out[SIZE], const char *was, const char *is)
{
	const char *at = strstr(request, was);

	assert_non_null(at);
	snprintf(out, SIZE, "%.*s%s%s", (int)(at - request), request, is, at + strlen(was));
	return out;
}

struct change {
	const char *was, *is;
};

static void test_same(void **state)
{
	static const struct change changes[] = {
		{"10.0.0.9:5060;", "192.168.100.200:61234;"},
		{"5692161d", "00"},
		{"Extension 1", "Extension 12345"},
		{"CSeq: 2", "CSeq: 31"},
		{"b4d055fc@10", "0a9f@172"},
		{"username=\"1001\"", "username=\"u-2 @home\""},
		{"2f6c41d90ba7", "MTI6/+==:9"},
		{"6629fae49393a05397450978507c4ef1", "00000000000000000000000000000000"},
		{"INVITE, ACK, BYE", "INVITE"},
		{"INVITE, ACK, BYE", "\"a;b=\\"},
		{"Phone 1.0", "Other phone/2 (x)"},
		{"Allow: INVITE, ACK, BYE", "Supported: path"},
	};
	char text[SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++)
		if (shape(changed(text, changes[i].was, changes[i].is)) != shape(request))
			fail_msg("\"%s\" is of another form", changes[i].is);
}

static void test_different(void **state)
{
	static const struct change changes[] = {
		{"REGISTER sip:", "REGISTER s1p:"},
		{"REGISTER sip:", "REGISTER :"},
		{"SIP/2.0\r\nVia", "SIP/2.0 \r\nVia"},
		{"\r\nVia", "\nVia"},
		{"10.0.0.9:5060;", "10.0.0.9;"},
		{"10.0.0.9:5060;", "10.0.0.9:;"},
		{"10.0.0.9:5060;", "10.0.0.9:x;"},
		{"branch=z9hG4bK5692161d", "branch="},
		{"branch=z9hG4bK5692161d", "=z9hG4bK5692161d"},
		{"\"Extension 1\"", "\"Extension 1"},
		{"\"Extension 1\"", "Extension 1"},
		{"\"Extension 1\"", "\xc3\xa9"},
		{"<sip:1001@", "<sip:@"},
		{"<sip:1001@", "<@"},
		{">\r\nCall-ID", "\r\nCall-ID"},
		{"Call-ID", "Call-Id"},
		{"Contact:", "Contact;"},
		{"Contact:", "Contact :"},
		{"Contact: <", "Contact: \r\n <"},
		{"Contact: <sip:1001@10.0.0.9:5060>\r\n", ""},
		{"CSeq: 2 REGISTER\r\n", "CSeq: 2 REGISTER\r\nCSeq: 2 REGISTER\r\n"},
		{"CSeq: 2 REGISTER", "CSeq: 2\tREGISTER"},
		{"Digest username", "Digest  username"},
		{"username=\"1001\"", "username=\"\""},
		{"username=\"1001\"", "username=1001"},
		{"username=\"1001\"", "username=\"10\\\"01\""},
		{"username=\"1001\"", "username=\"10,01\""},
		{"username=\"1001\"", "username=\"1001"},
		{"username=\"1001\"", "user=\"1001\""},
		{"opaque=\"5c\"", "opaque=\"\""},
		{"algorithm=MD5", "algorithm=\"MD5\""},
		{"algorithm=MD5", "algorithm=\"MD5"},
		{"algorithm=MD5", "algorithm=SHA-256"},
		{", algorithm=MD5", ""},
		{", algorithm=MD5", ","},
		{"INVITE, ACK, BYE", "INVITE\rFrom: x"},
		{"INVITE, ACK, BYE", "INVITE,\r\n ACK"},
		{"Allow: INVITE, ACK, BYE", "Allow : INVITE, ACK, BYE"},
		{"Allow: INVITE, ACK, BYE", "Allow INVITE, ACK, BYE"},
		{"Allow: INVITE, ACK, BYE\r\n", ""},
		{"X-Other: 1, 2", "X-Other: 1, \"2"},
		{"X-Other: 1, 2", "X-Other: 1,"},
	};
	char text[SIZE];
	uint64_t shapes[COUNT(changes) + 1] = {shape(request)};

	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		shapes[i + 1] = shape(changed(text, changes[i].was, changes[i].is));
		for (size_t j = 0; j <= i; j++)
			if (shapes[j] == shapes[i + 1])
				fail_msg("\"%s\" is of the form of \"%s\"", changes[i].is, j ? changes[j - 1].is : "");
	}
}

/* Words may lie anywhere in the blocks that are looked at, and be longer than these. */
static void test_lengths(void **state)
{
	static const char word[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	char before[200], text[SIZE], longer[SIZE];
	uint64_t first = 0;

	(void)state;
	for (int n = 1; n < 50; n++) {
		snprintf(before, sizeof(before), "bK%.*s1;rport", n, word);
		changed(text, "bK5692161d;rport", before);
		assert_true(n == 1 || shape(text) == first);
		first = shape(text);
		snprintf(before, sizeof(before), "bK%.*s1;rpor1", n, word);
		assert_int_not_equal(shape(changed(text, "bK5692161d;rport", before)), first);
	}
	snprintf(longer, sizeof(longer), "%s2", word);
	assert_int_not_equal(shape(changed(text, "b4d055fc", longer)), shape(request));
}

/* What libosip2 makes of a message, without the values. */
static uint64_t opinion(struct slice bytes)
{
	struct arena arena = {0};
	struct strict_message m;
	uint64_t all = 1;

	if (!strict_read(bytes, &arena, &m)) {
		arena_free(&arena);
		return 0;
	}
	all += m.parsed;
	for (unsigned i = 0; i < m.field_count; i++)
		for (int p = 0; p < STRICT_PARAM_COUNT; p++)
			all = hash_mix(all, m.fields[i].values[p].p ? m.fields[i].kind + 2 : 1);
	arena_free(&arena);
	return all;
}

static uint32_t pick(uint32_t *random, size_t below)
{
	*random = *random * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)*random * below >> 32);
}

/*
 * Of messages that were damaged at random, those of one form are the same to libosip2. (But for what makes URIs of
 * hardly any letters: libosip2 wants some, and words of a few letters are alike.)
 */
static void test_opinions(void **state)
{
	static const char signs[] = "\":;<@,= \\/\r\n()[]?&-.0a\t%\x80";
	static struct {
		uint64_t shape, opinion;
		char text[SIZE];
	} seen[4096];
	uint32_t random = 1;
	unsigned met = 0;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		char text[SIZE];
		struct auth_field auth[MESSAGE_AUTH_MAX];
		struct message m;
		uint64_t form, said, at;

		memcpy(text, request, sizeof(request));
		for (uint32_t k = pick(&random, 3) + 1; k; k--)
			text[pick(&random, sizeof(request) - 5)] = signs[pick(&random, sizeof(signs) - 1)];
		if (!message_scan(slice_of(text), &m, auth) || !m.auth_count)
			continue;
		form = shape(text);
		said = opinion(m.bytes);
		at = form >> 20 & (COUNT(seen) - 1);
		if (seen[at].shape == form && said) {
			met++;
			if (seen[at].opinion != said)
				fail_msg("of one form, but not for libosip2:\n%s\n%s", seen[at].text, text);
		} else if (said) {
			seen[at].shape = form;
			seen[at].opinion = said;
			memcpy(seen[at].text, text, SIZE);
		}
	}
	assert_true(met > 1000);
}

static void test_known(void **state)
{
	struct shapes s = {{0}};

	(void)state;
	assert_false(shapes_know(&s, shape(request)));
	shapes_learn(&s, shape(request));
	assert_true(shapes_know(&s, shape(request)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_different),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_opinions),
		cmocka_unit_test(test_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

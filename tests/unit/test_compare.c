/* Two exchanges, two messages beside each other; and the header fields one after the other. */
#include "captured.h"

#include "auth/compare.h"
#include "sip/fields.h"

static const struct compare_row *find(const struct comparison *c, const char *section, const char *name)
{
	for (unsigned i = 0; i < c->count; i++)
		if (strcmp(c->rows[i].section, section) == 0 && slice_eq(c->rows[i].name, slice_of(name)))
			return &c->rows[i];
	return NULL;
}

static void expect_row(const struct comparison *c, const char *section, const char *name, const char *left,
	const char *right, enum compare_state state, bool matters)
{
	const struct compare_row *row = find(c, section, name);

	if (!row)
		fail_msg("no row %s, %s", section, name);
	assert_true(slice_eq(row->left, left ? slice_of(left) : SLICE_ABSENT));
	assert_true(slice_eq(row->right, right ? slice_of(right) : SLICE_ABSENT));
	assert_string_equal(compare_state_name(row->state), compare_state_name(state));
	assert_int_equal(row->matters, matters);
}

static void test_failing_beside_working(void **state)
{
	struct captured *l = captured_open("captures/loop-wrong-header.pcap", NULL);
	struct captured *r = captured_open("captures/register-407-ok.pcap", NULL);
	struct comparison c = {0};

	(void)state;
	compare_exchanges(captured_exchange(l, 1), captured_exchange(r, 1), &c);
	expect_row(&c, "Exchange", "outcome", "rejected (407)", "accepted (200)", COMPARE_DIFFERS, true);
	expect_row(&c, "Exchange", "cause", "wrong-header-pair", NULL, COMPARE_ONLY_LEFT, true);
	expect_row(&c, "Exchange", "transport", "UDP", "UDP", COMPARE_SAME, false);
	expect_row(&c, "Challenge", "header field", "Proxy-Authenticate", "Proxy-Authenticate", COMPARE_SAME, false);
	expect_row(&c, "Credentials", "header field", "Authorization", "Proxy-Authorization", COMPARE_DIFFERS, true);
	expect_row(&c, "Credentials", "nonce is", "of the other kind of challenge", "of the newest challenge",
		COMPARE_DIFFERS, true);
	expect_row(&c, "Credentials", "response form", "32 hex digits, lower case, quoted",
		"32 hex digits, lower case, quoted", COMPARE_SAME, false);
	assert_int_equal(find(&c, "Credentials", "response")->state, COMPARE_MUST);
	assert_int_equal(find(&c, "Request", "Call-ID")->state, COMPARE_MUST);
	assert_int_equal(find(&c, "Request", "From")->state, COMPARE_MUST); /* but for the tag the same */
	assert_false(find(&c, "Request", "Contact")->matters);
	assert_true(comparison_matters(&c) > 5);
	assert_int_equal(comparison_count(&c, COMPARE_SAME) + comparison_count(&c, COMPARE_DIFFERS) +
			comparison_count(&c, COMPARE_ONLY_LEFT) + comparison_count(&c, COMPARE_ONLY_RIGHT) +
			comparison_count(&c, COMPARE_MUST), c.count);
	comparison_free(&c);
	captured_close(l);
	captured_close(r);
}

static void test_itself(void **state)
{
	static const char *const paths[] = {"captures/two-proxies-ok.pcap", "captures/invite-407-silent.pcap",
		"captures/port-unreachable.pcap", "captures/realm-stored-ha1.pcap", "captures/ims-placeholder-ok.pcap"};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		struct captured *one = captured_open(paths[i], NULL);
		struct comparison c = {0};

		compare_exchanges(captured_exchange(one, 1), captured_exchange(one, 1), &c);
		assert_true(c.count > 10);
		assert_int_equal(comparison_count(&c, COMPARE_SAME), c.count);
		assert_int_equal(comparison_matters(&c), 0);
		comparison_free(&c);
		captured_close(one);
	}
}

static void test_pairs_by_realm(void **state)
{
	struct captured *l = captured_open("captures/two-proxies-ok.pcap", NULL);
	struct captured *r = captured_open("captures/register-401-ok.pcap", NULL);
	struct comparison c = {0};

	(void)state;
	compare_exchanges(captured_exchange(l, 1), captured_exchange(r, 1), &c);
	expect_row(&c, "Challenge", "header field", "Proxy-Authenticate", "WWW-Authenticate", COMPARE_DIFFERS, true);
	assert_int_equal(find(&c, "Challenge", "header field")->part, 1);
	for (unsigned i = 0; i < c.count; i++)
		if (c.rows[i].part == 2) {
			/* the second hurdle is on the left only, and told in a few rows */
			assert_int_equal(c.rows[i].state, COMPARE_ONLY_LEFT);
			assert_true(c.rows[i].matters);
		}
	comparison_free(&c);
	captured_close(l);
	captured_close(r);
}

#define HEAD "REGISTER sip:a.example SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK"

static void test_messages(void **state)
{
	static const char left[] = HEAD "1\r\nFrom: <sip:7@a.example>;tag=1\r\nf: x\r\nTo: <sip:7@a.example>\r\n"
		"Call-ID: 1\r\nCSeq: 1 REGISTER\r\nAuthorization: Digest username=\"7\", realm=\"a\", nonce=\"n1\", "
		"uri=\"sip:a.example\", response=\"00\", qop=\"auth\", odd=1\r\nExpires: 60\r\n\r\nbody";
	static const char right[] = HEAD "2\r\nFrom: <sip:7@a.example>;tag=2\r\nTo: <sip:7@a.example>\r\n"
		"Call-ID: 2\r\nCSeq: 1 REGISTER\r\nAuthorization: Digest username=\"7\", realm=\"b\", nonce=\"n2\", "
		"uri=\"sip:a.example\", response=\"00\", qop=auth\r\nX-Mine: yes\r\n\r\n";
	struct comparison c = {0};

	(void)state;
	compare_messages(slice_of(left), slice_of(right), &c);
	expect_row(&c, "Authorization", "realm", "\"a\"", "\"b\"", COMPARE_DIFFERS, true);
	expect_row(&c, "Authorization", "qop", "\"auth\"", "auth", COMPARE_DIFFERS, true);
	expect_row(&c, "Authorization", "odd", "1", NULL, COMPARE_ONLY_LEFT, true);
	expect_row(&c, "Authorization", "username", "\"7\"", "\"7\"", COMPARE_SAME, false);
	expect_row(&c, "Authorization", "nonce", "\"n1\"", "\"n2\"", COMPARE_MUST, false);
	expect_row(&c, "Message", "Expires", "60", NULL, COMPARE_ONLY_LEFT, true);
	expect_row(&c, "Message", "X-Mine", NULL, "yes", COMPARE_ONLY_RIGHT, false);
	expect_row(&c, "Message", "body", "4 bytes", NULL, COMPARE_ONLY_LEFT, false);
	assert_int_equal(find(&c, "Message", "Via")->state, COMPARE_MUST);
	assert_int_equal(find(&c, "Message", "From")->state, COMPARE_MUST);
	comparison_free(&c);
}

/* Whatever comes: bounded, and no byte beyond its end is read (with the sanitizers). */
static void test_hostile_messages(void **state)
{
	struct buf many = {0};
	struct comparison c = {0};

	(void)state;
	compare_messages(SLICE(""), SLICE("\r\n"), &c);
	compare_messages(SLICE("junk"), SLICE("SIP/2.0 200 OK\r\n:\r\nno colon\r\n \r\n"), &c);
	comparison_free(&c);
	buf_adds(&many, "REGISTER sip:a SIP/2.0\r\n");
	for (int i = 0; i < 3000; i++)
		buf_printf(&many, "X-%d: %d\r\nAuthorization: Digest a=%d, b, c=\r\n", i, i, i);
	for (size_t cut = 0; cut < many.n; cut += many.n / 40 + 1)
		compare_messages(buf_slice(&many), slice_head(buf_slice(&many), cut), &c);
	assert_int_equal(c.count, COMPARE_ROWS_MAX);
	assert_true(c.dropped > 0);
	comparison_free(&c);
	buf_free(&many);
}

static void test_fields(void **state)
{
	struct slice rest = fields_begin(SLICE("\r\n\nBYE sip:a SIP/2.0\nTo:<sip:b>\r\nSubject: a\r\n b\n\tc\r\n"
		"no colon\r\n\r\nbody\r\n"));
	struct field_line line;

	(void)state;
	assert_true(fields_next(&rest, &line));
	assert_true(slice_eq(line.name, SLICE("To")));
	assert_true(slice_eq(line.value, SLICE("<sip:b>")));
	assert_true(fields_next(&rest, &line));
	assert_true(slice_eq(line.value, SLICE("a\r\n b\n\tc")));
	assert_true(fields_next(&rest, &line));
	assert_null(line.name.p);
	assert_true(slice_eq(line.line, SLICE("no colon")));
	assert_false(fields_next(&rest, &line));
	assert_true(slice_eq(rest, SLICE("body\r\n")));
	assert_true(slice_eq(field_long_name(SLICE("I")), SLICE("Call-ID")));
	assert_true(slice_eq(field_long_name(SLICE("q")), SLICE("q")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_failing_beside_working),
		cmocka_unit_test(test_itself),
		cmocka_unit_test(test_pairs_by_realm),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_hostile_messages),
		cmocka_unit_test(test_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Which exchanges and findings a selection shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "report/select.h"
#include "fake.h"

#define SECOND INT64_C(1000000000)

/* A REGISTER of 1001 that was refused with digest-deviation, from 10.1.0.7 to 10.0.0.1. */
static struct exchange *example(void)
{
	static const char *const also[] = {"realm-other"};
	struct exchange *x = exchange_new(1, METHOD_REGISTER);
	struct deviation *d = arena_alloc(&x->arena, sizeof(*d));

	add_attempt(x, REQUEST("1", "Authorization: Digest username=\"1001\", realm=\"r.example\", "
		"nonce=\"n\"\r\n"), 5, T0);
	respond(x, RESPONSE("1", "401 Unauthorized", ""), 6, T0 + 2 * SECOND);
	x->cause = add_finding(x, FINDING_DIGEST_DEVIATION, SEVERITY_ERROR, "");
	*d = (struct deviation){SLICE("realm-asterisk"), SLICE("asterisk"), also, 1};
	x->findings[0]->deviations = d;
	x->findings[0]->deviation_count = 1;
	x->outcome = OUTCOME_REJECTED;
	return x;
}

static struct select_network network(const char *ip, unsigned prefix)
{
	return (struct select_network){address(ip, 0), prefix};
}

static void test_exchanges(void **state)
{
	const struct {
		const char *name;
		struct selection selection;
		bool shown;
	} rows[] = {
		{"nothing selected", {.account_count = 0}, true},
		{"user", {.accounts = {"1001"}, .account_count = 1}, true},
		{"another user", {.accounts = {"1002"}, .account_count = 1}, false},
		{"one of two users", {.accounts = {"1002", "1001"}, .account_count = 2}, true},
		{"user and realm", {.accounts = {"1001@r.example"}, .account_count = 1}, true},
		{"user and another realm", {.accounts = {"1001@x"}, .account_count = 1}, false},
		{"client", {.networks = {network("10.1.0.7", 32)}, .network_count = 1}, true},
		{"server", {.networks = {network("10.0.0.1", 32)}, .network_count = 1}, true},
		{"network", {.networks = {network("10.1.0.0", 21)}, .network_count = 1}, true},
		{"odd bits", {.networks = {network("10.1.0.6", 31)}, .network_count = 1}, true},
		{"beside it", {.networks = {network("10.1.0.8", 31)}, .network_count = 1}, false},
		{"any IPv4", {.networks = {network("0.0.0.0", 0)}, .network_count = 1}, true},
		{"no IPv6", {.networks = {network("::", 0)}, .network_count = 1}, false},
		{"method", {.methods = 1u << METHOD_REGISTER}, true},
		{"another method", {.methods = 1u << METHOD_INVITE}, false},
		{"outcome", {.outcomes = 1u << OUTCOME_REJECTED}, true},
		{"another outcome", {.outcomes = 1u << OUTCOME_ACCEPTED}, false},
		{"failed", {.failed = true}, true},
		{"part of the Call-ID", {.call_ids = {"84B@"}, .call_id_count = 1}, true},
		{"another Call-ID", {.call_ids = {"84c"}, .call_id_count = 1}, false},
		{"finding", {.findings = {{FINDING_DIGEST_DEVIATION, SLICE_ABSENT}},
			.finding_count = 1}, true},
		{"deviation", {.findings = {{FINDING_DIGEST_DEVIATION, SLICE("realm-asterisk")}},
			.finding_count = 1}, true},
		{"the same string by another name",
			{.findings = {{FINDING_DIGEST_DEVIATION, SLICE("realm-other")}},
				.finding_count = 1}, true},
		{"another deviation", {.findings = {{FINDING_DIGEST_DEVIATION, SLICE("pw-space")}},
			.finding_count = 1}, false},
		{"another finding", {.findings = {{FINDING_AUTH_LOOP, SLICE_ABSENT}},
			.finding_count = 1}, false},
		{"within the window", {.from = T0, .to = T0 + SECOND}, true},
		{"goes on into it", {.from = T0 + SECOND}, true},
		{"over before", {.from = T0 + 3 * SECOND}, false},
		{"not begun", {.to = T0 - 1}, false},
		{"all must be met", {.failed = true, .methods = 1u << METHOD_INVITE}, false},
	};
	struct exchange *x = example();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (selection_shows(&rows[i].selection, x) != rows[i].shown)
			fail_msg("%s", rows[i].name);
	assert_false(selection_active(&rows[0].selection));
	assert_true(selection_active(&rows[1].selection));
	/* a ping that nobody answers did not fail */
	x->cause = NULL;
	assert_false(selection_shows(&(struct selection){.failed = true}, x));
	exchange_free(x);
}

static void test_findings(void **state)
{
	struct address server = address("10.0.0.1", 5060), source = address("192.0.2.9", 0);
	struct scope_finding f = {.finding = {.id = FINDING_AUTH_LOOP},
		.user = SLICE("1001"),
		.realm = SLICE("r"),
		.server = &server,
		.addresses = &source,
		.address_count = 1,
		.first = T0,
		.last = T0 + SECOND};
	const struct {
		const char *name;
		struct selection selection;
		bool named, shown;
	} rows[] = {
		{"id", {.findings = {{FINDING_AUTH_LOOP, SLICE_ABSENT}}, .finding_count = 1},
			false, true},
		{"another id", {.findings = {{FINDING_MD5_ONLY, SLICE_ABSENT}},
			.finding_count = 1}, true, false},
		{"account", {.accounts = {"1001@r"}, .account_count = 1}, false, true},
		{"another account", {.accounts = {"1001@s"}, .account_count = 1}, false, false},
		{"an exchange of the account", {.accounts = {"7"}, .account_count = 1}, true, true},
		{"source", {.networks = {network("192.0.2.0", 24)}, .network_count = 1}, false,
			true},
		{"another source", {.networks = {network("192.0.3.0", 24)}, .network_count = 1},
			false, false},
		{"window", {.from = T0 + SECOND}, false, true},
		{"after it", {.from = T0 + 2 * SECOND}, true, false},
		{"a method is that of its exchanges", {.methods = 1}, true, true},
		{"which are not shown", {.methods = 1}, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (selection_shows_finding(&rows[i].selection, &f, rows[i].named) !=
			rows[i].shown)
			fail_msg("%s", rows[i].name);
}

static void test_times(void **state)
{
	const int64_t midnight = T0 / (86400 * SECOND) * 86400 * SECOND;
	struct selection s = {.since = {SELECT_OFFSET, 5 * SECOND, 0},
		.until = {SELECT_CLOCK, (10 * 60 + 42) * 60 * SECOND, 60 * SECOND}};

	(void)state;
	selection_begin(&s, T0);
	assert_true(s.from == T0 + 5 * SECOND);
	/* a whole minute is meant */
	assert_true(s.to == midnight + (10 * 60 + 43) * 60 * SECOND - 1);
	/* a capture over midnight: 0:30 is after 23:00 */
	s.since = (struct select_time){SELECT_CLOCK, 1800 * SECOND, SECOND};
	selection_begin(&s, midnight + 23 * 3600 * SECOND);
	assert_true(s.from == midnight + (24 * 3600 + 1800) * SECOND);
	s.since = (struct select_time){SELECT_ABSOLUTE, 42, SECOND};
	selection_begin(&s, T0);
	assert_true(s.from == 42);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exchanges),
		cmocka_unit_test(test_findings),
		cmocka_unit_test(test_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

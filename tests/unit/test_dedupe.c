/* What is the same packet seen twice, and what is not: by time, IP id, way and bytes; at the pace of a busy server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "auth/dedupe.h"

#define MS INT64_C(1000000)

static bool seen(struct dedupe *d, const struct datagram *g)
{
	return dedupe_seen(d, g, dedupe_hash(d, g));
}

static struct datagram message(const char *text, int64_t time, uint16_t ip_id)
{
	return (struct datagram){
		.bytes = slice_of(text),
		.src = {.family = 4, .port = 5060, .ip = {10, 0, 0, 1}},
		.dst = {.family = 4, .port = 5070, .ip = {10, 0, 0, 2}},
		.time = 1000 * MS + time,
		.ip_id = ip_id,
	};
}

static const struct {
	const char *text; /* after "OPTIONS" at 0 with the IP id 7 */
	int64_t time;
	uint16_t ip_id;
	bool turned, same;
} cases[] = {
	{"OPTIONS", 0, 7, false, true},
	{"OPTIONS", 20 * MS, 8, false, true},
	{"OPTIONS", -20 * MS, 8, false, true},
	{"OPTIONS", 20 * MS + 1, 8, false, false},
	{"OPTIONS", 1000 * MS, 7, false, true},
	{"OPTIONS", 1000 * MS + 1, 7, false, false},
	{"OPTIONS", 21 * MS, 0, false, false},
	{"OPTION2", 0, 7, false, false},
	{"OPTIONS ", 0, 7, false, false},
	{"OPTIONS", 0, 7, true, false},
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct datagram first = message("OPTIONS", 0, 7);
		struct datagram second = message(cases[i].text, cases[i].time, cases[i].ip_id);
		struct storage storage = {0};
		struct dedupe *d = dedupe_new(&storage);

		if (cases[i].turned) {
			second.src = first.dst;
			second.dst = first.src;
		}
		assert_false(seen(d, &first));
		assert_int_equal(seen(d, &second), cases[i].same);
		storage_free(&storage);
	}
}

/* 2,000 different messages a second, each once more when the next 1,000 or 20 have come: few are forgotten by then. */
static void test_pace(void **state)
{
	enum { MESSAGES = 20000, MAY_BE_FORGOTTEN = MESSAGES / 40 };
	static const int apart[] = {1000, 20};
	static char text[MESSAGES][32];

	(void)state;
	for (size_t k = 0; k < sizeof(apart) / sizeof(*apart); k++) {
		struct storage storage = {0};
		struct dedupe *d = dedupe_new(&storage);
		int found = 0;

		for (int i = 0; i < MESSAGES; i++) {
			struct datagram g, again;

			snprintf(text[i], sizeof(text[i]), "OPTIONS %d of %zu messages", i, k);
			g = message(text[i], i * MS / 2, 1);
			assert_false(seen(d, &g));
			if (i < apart[k])
				continue;
			again = message(text[i - apart[k]], i * MS / 2, 1);
			found += seen(d, &again);
		}
		assert_in_range(found, MESSAGES - apart[k] - MAY_BE_FORGOTTEN, MESSAGES);
		storage_free(&storage);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_pace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "auth/history.h"

enum { NONCES_KEPT = 24, EXCHANGES = 200, BODY = 3000 };

/* An exchange of one request, with this nonce and body. */
static void note(struct history *h, const char *user, const char *nonce, struct slice body)
{
	static const struct secret *const secret = (const struct secret *)(const void *)"known";
	struct credential k = {.secret = secret, .username = slice_of(user), .nonce = slice_of(nonce)};
	struct attempt a = {.credentials = &k, .credential_count = 1};
	struct exchange x = {.attempts = &a, .last_attempt = &a};

	a.request.msg.body = body;
	history_note(h, &x);
}

static unsigned nonces_of(struct history *h, const char *user, struct slice out[NONCES_KEPT])
{
	static struct clues c;
	unsigned n = 0;

	c = (struct clues){0};
	history_clues(h, slice_of(user), &c);
	for (unsigned i = 0; i < c.count; i++)
		if (c.list[i].kind == CLUE_NONCE) {
			assert_true(n < NONCES_KEPT);
			out[n++] = c.list[i].value;
		}
	return n;
}

/* The newest of each kind, newest first, whatever else makes the account larger than most. */
static void test_newest(void **state)
{
	struct storage storage = {0};
	struct history *h = history_new(&storage);
	struct slice list[NONCES_KEPT];
	static char bodies[EXCHANGES + BODY];
	char nonce[16];

	(void)state;
	for (int i = 0; i < EXCHANGES; i++) {
		snprintf(nonce, sizeof(nonce), "nonce-%d", i);
		bodies[i] = (char)('a' + i % 26);
		note(h, "alice", nonce, (struct slice){bodies + i, BODY});
		note(h, "bob", "one and the same", SLICE_ABSENT);
	}
	assert_int_equal(nonces_of(h, "alice", list), NONCES_KEPT);
	for (int i = 0; i < NONCES_KEPT; i++) {
		snprintf(nonce, sizeof(nonce), "nonce-%d", EXCHANGES - 1 - i);
		assert_true(slice_eq(list[i], slice_of(nonce)));
	}
	assert_int_equal(nonces_of(h, "bob", list), 1);
	assert_int_equal(nonces_of(h, "carol", list), 0);
	/* one that is seen again is the newest */
	snprintf(nonce, sizeof(nonce), "nonce-%d", EXCHANGES - NONCES_KEPT);
	note(h, "alice", nonce, SLICE_ABSENT);
	assert_int_equal(nonces_of(h, "alice", list), NONCES_KEPT);
	assert_true(slice_eq(list[0], slice_of(nonce)));
	history_free(h);
	storage_free(&storage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_newest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

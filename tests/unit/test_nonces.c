#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "auth/nonces.h"

#define SECOND INT64_C(1000000000)

static struct observed message(uint8_t client, uint16_t port, int64_t time, uint32_t frame)
{
	struct address address = {.family = 4, .port = port, .ip = {10, 0, 0, client}};

	/* a response to the client and a request of it */
	return (struct observed){.src = address,
		.dst = address,
		.time = time,
		.frame = frame,
		.msg.call_id = SLICE("call")};
}

static struct nonce_repeat issue(
	struct nonces *n, uint64_t nonce, uint8_t client, int64_t time, uint32_t owner)
{
	struct observed response = message(client, 5060, time, 1);

	return nonces_issue(n, AUTH_KIND_USER, SLICE("realm"), nonce, &response, owner);
}

static struct credential credential(uint64_t nonce, const char *response, uint32_t nc)
{
	return (struct credential){.realm = SLICE("realm"),
		.response = slice_of(response),
		.nc_value = nc,
		.nonce_hash = nonce,
		.response_hash = slice_hash(slice_of(response), 0),
		.names_hash = 7};
}

static struct nonce_history use(struct nonces *n, uint64_t nonce, uint8_t client,
	const char *response, uint32_t nc, uint32_t frame)
{
	struct observed request = message(client, 5060, 100 * SECOND, frame);
	struct credential k = credential(nonce, response, nc);

	return nonces_use(n, &k, &request);
}

/* The hash of a table's key is in its upper half. */
static uint64_t nonce(uint64_t number)
{
	return hash_mix(number, 1);
}

static void test_once(void **state)
{
	struct storage storage = {0};
	struct nonces *n = nonces_new(&storage, 100, 10);
	struct nonce_history h;

	(void)state;
	assert_false(use(n, nonce(1), 1, "a", 1, 2).known);
	assert_int_equal(issue(n, nonce(1), 1, 99 * SECOND, 5).times, 1);
	assert_int_equal(nonces_owner(n, nonce(1)), 5);
	h = use(n, nonce(1), 1, "a", 1, 2);
	assert_true(h.known);
	assert_false(h.orphan);
	assert_true(h.issued == 99 * SECOND);
	assert_int_equal(h.issues, 1);
	assert_int_equal(h.uses, 1);
	assert_int_equal(h.same_nc, 1);
	assert_int_equal(h.highest_nc, 0);
	assert_false(h.accepted_before);
	nonces_free(n);
	storage_free(&storage);
}

/* A copy on another leg is no use; the next nc is one, and so is the same nc with another response. */
static void test_again(void **state)
{
	struct storage storage = {0};
	struct nonces *n = nonces_new(&storage, 100, 10);
	struct observed request = message(1, 5060, 100 * SECOND, 2);
	struct credential k = credential(nonce(1), "a", 1);
	struct nonce_history h;

	(void)state;
	issue(n, nonce(1), 1, 99 * SECOND, 5);
	use(n, nonce(1), 1, "a", 1, 2);
	nonces_accept(n, &k, &request);
	h = use(n, nonce(1), 1, "a", 1, 3);
	assert_int_equal(h.uses, 1);
	assert_true(h.accepted_before);
	h = use(n, nonce(1), 1, "b", 2, 4);
	assert_int_equal(h.uses, 2);
	assert_int_equal(h.highest_nc, 1);
	assert_int_equal(h.same_nc, 1);
	assert_true(h.accepted_before);
	h = use(n, nonce(1), 1, "c", 1, 5);
	assert_int_equal(h.same_nc, 2);
	assert_int_equal(h.other_frame, 2);
	assert_int_equal(h.highest_nc, 2);
	nonces_free(n);
	storage_free(&storage);
}

/* Without nc the uses are counted, and the first nc is none that was used before. */
static void test_without_nc(void **state)
{
	struct storage storage = {0};
	struct nonces *n = nonces_new(&storage, 100, 10);
	struct nonce_history h;

	(void)state;
	issue(n, nonce(1), 1, 99 * SECOND, 0);
	assert_true(use(n, nonce(1), 1, "a", 0, 2).orphan);
	assert_int_equal(use(n, nonce(1), 1, "b", 0, 3).uses, 2);
	h = use(n, nonce(1), 1, "c", 1, 4);
	assert_int_equal(h.uses, 3);
	assert_int_equal(h.same_nc, 1);
	assert_int_equal(h.other_frame, 0);
	h = use(n, nonce(1), 1, "d", 1, 5);
	assert_int_equal(h.same_nc, 2);
	assert_int_equal(h.other_frame, 4);
	nonces_free(n);
	storage_free(&storage);
}

static void test_several_clients(void **state)
{
	struct storage storage = {0};
	struct nonces *n = nonces_new(&storage, 100, 10);
	struct nonce_repeat r;

	(void)state;
	issue(n, nonce(1), 1, 90 * SECOND, 5);
	assert_int_equal(use(n, nonce(1), 1, "a", 1, 2).uses, 1);
	assert_int_equal(use(n, nonce(1), 2, "b", 1, 3).uses, 1);
	assert_int_equal(use(n, nonce(1), 2, "b", 1, 3).issues, 0);
	r = issue(n, nonce(1), 2, 94 * SECOND, 6);
	assert_int_equal(r.times, 2);
	assert_int_equal(r.clients, 2);
	assert_false(r.repeated);
	assert_true(issue(n, nonce(1), 2, 96 * SECOND, 7).repeated);
	assert_int_equal(nonces_owner(n, nonce(1)), 7);
	assert_true(use(n, nonce(1), 1, "c", 2, 4).issued == 90 * SECOND);
	assert_int_equal(use(n, nonce(1), 2, "d", 2, 5).issues, 2);
	nonces_free(n);
	storage_free(&storage);
}

/* Of those that need more, few are kept whole: then the newest issue and the first use are left. */
static void test_worn(void **state)
{
	struct storage storage = {0};
	struct nonces *n = nonces_new(&storage, 100, 2);
	struct nonce_history h;

	(void)state;
	for (uint64_t i = 1; i <= 3; i++) {
		issue(n, nonce(i), 1, 90 * SECOND, 5);
		use(n, nonce(i), 1, "a", 1, 2);
		use(n, nonce(i), 1, "b", 2, 3);
		issue(n, nonce(i), 2, 96 * SECOND, 6);
	}
	assert_int_equal(use(n, nonce(3), 1, "c", 1, 4).same_nc, 2);
	assert_int_equal(nonces_owner(n, nonce(1)), 6);
	h = use(n, nonce(1), 1, "c", 1, 4);
	assert_int_equal(h.same_nc, 1);
	assert_int_equal(h.highest_nc, 2);
	assert_int_equal(h.other_frame, 3);
	assert_int_equal(h.uses, 3);
	assert_true(h.issued == 96 * SECOND);
	/* to whom it was given first is not known any more */
	assert_false(issue(n, nonce(1), 3, 110 * SECOND, 7).repeated);
	nonces_free(n);
	storage_free(&storage);
}

static void test_forgotten(void **state)
{
	struct storage storage = {0};
	struct nonces *n = nonces_new(&storage, 3, 3);

	(void)state;
	issue(n, nonce(1), 1, 90 * SECOND, 5);
	issue(n, nonce(1), 2, 91 * SECOND, 5);
	for (uint64_t i = 2; i <= 6; i++)
		issue(n, nonce(i), 1, 92 * SECOND, 5);
	assert_int_equal(nonces_evicted(n), 3);
	assert_int_equal(nonces_owner(n, nonce(2)), 0);
	assert_int_equal(nonces_owner(n, nonce(6)), 5);
	/* nobody waits for more than an hour: that is no lack of room */
	issue(n, nonce(7), 1, 3760 * SECOND, 5);
	assert_int_equal(nonces_owner(n, nonce(6)), 0);
	assert_int_equal(nonces_evicted(n), 3);
	nonces_free(n);
	storage_free(&storage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_without_nc),
		cmocka_unit_test(test_several_clients),
		cmocka_unit_test(test_worn),
		cmocka_unit_test(test_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

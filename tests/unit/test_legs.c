#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "auth/engine.h"

/* One client asks, a proxy asks on: the second hop has one Via more. */
static struct attempt request(uint8_t client, unsigned via_count, int64_t time)
{
	struct attempt a = {.same = hash_mix(1, 2)};

	a.request.src = (struct address){.family = 4, .port = 5060, .ip = {10, 0, 0, client}};
	a.request.dst = (struct address){
		.family = 4, .port = 5060, .ip = {10, 0, 0, (uint8_t)(client + 1)}};
	a.request.msg.via_count = (uint16_t)via_count;
	a.request.time = time;
	return a;
}

static struct first_leg leg(const struct attempt *a, uint32_t n)
{
	return (struct first_leg){a->request.time, n, (uint32_t)address_ip_hash(&a->request.src, 0),
		a->request.msg.via_count};
}

static void test_further(void **state)
{
	struct storage storage = {0};
	struct legs *l = legs_new(&storage, 10);
	struct attempt first = request(1, 1, 1 * SECOND), second = request(2, 2, 2 * SECOND);
	struct attempt late = request(2, 2, 66 * SECOND);
	struct first_leg one = leg(&first, 1), two = leg(&second, 2), three = leg(&late, 3), found;

	(void)state;
	assert_false(legs_further(l, first.same, &one, &found));
	assert_true(legs_further(l, second.same, &two, &found));
	assert_int_equal(found.n, 1);
	/* the same hop again is no further one, but counts from now on */
	one.n = 4;
	assert_false(legs_further(l, first.same, &one, &found));
	assert_true(legs_further(l, second.same, &two, &found));
	assert_int_equal(found.n, 4);
	assert_false(legs_further(l, late.same, &three, &found));
	legs_free(l);
	storage_free(&storage);
}

static struct response challenged(struct challenge *c)
{
	return (struct response){.status = 401, .challenges = c, .challenge_count = c ? 1 : 0};
}

static struct challenge challenge(const char *realm, const char *nonce)
{
	struct challenge c = {.digest = true, .realm = slice_of(realm), .nonce = slice_of(nonce)};

	c.nonce_hash = slice_hash(c.nonce, 0);
	return c;
}

struct hops {
	struct tracker t;
	struct exchange near, far;
	struct attempt near_request, far_request;
};

static void begin(struct hops *h)
{
	*h = (struct hops){0};
	h->t.legs = legs_new(&h->t.storage, 10);
	h->near.n = 1;
	h->far.n = 2;
	h->near_request = request(1, 1, 1 * SECOND);
	h->far_request = request(2, 2, 2 * SECOND);
}

static void end(struct hops *h)
{
	legs_free(h->t.legs);
	storage_free(&h->t.storage);
	arena_free(&h->near.arena);
	arena_free(&h->far.arena);
}

static void respond(struct hops *h, bool far, struct challenge *c)
{
	struct response r = challenged(c);

	legs_response(
		&h->t, far ? &h->far : &h->near, far ? &h->far_request : &h->near_request, &r);
}

/* The answer passes the far hop first. */
static void test_altered(void **state)
{
	struct challenge sent = challenge("sip.example", "n1"), got = challenge("10.0.0.1", "n1");
	struct challenge other = challenge("10.0.0.1", "n2");
	struct hops h;

	(void)state;
	begin(&h);
	respond(&h, true, &sent);
	respond(&h, false, &sent);
	respond(&h, false, &other);
	assert_null(h.near.altered);
	respond(&h, false, &got);
	assert_string_equal(h.near.altered->param, "realm");
	assert_true(slice_eq(h.near.altered->is, SLICE("10.0.0.1")));
	assert_true(address_eq(&h.near.altered->before, &h.far_request.request.dst));
	assert_false(h.near.challenge_stripped);
	end(&h);
}

/* Two challenges with one key on one hop: which one was altered cannot be told. */
static void test_ambiguous(void **state)
{
	struct challenge sent = challenge("sip.example", "n1"), got = challenge("10.0.0.1", "n1");
	struct hops h;

	(void)state;
	begin(&h);
	respond(&h, true, &sent);
	respond(&h, true, &got);
	respond(&h, false, &got);
	assert_null(h.near.altered);
	end(&h);
}

static void test_stripped(void **state)
{
	struct challenge sent = challenge("sip.example", "n1");
	struct hops h;

	(void)state;
	begin(&h);
	respond(&h, false, NULL);
	assert_false(h.near.challenge_stripped);
	respond(&h, true, &sent);
	respond(&h, true, NULL);
	assert_false(h.far.challenge_stripped);
	respond(&h, false, NULL);
	assert_true(h.near.challenge_stripped);
	end(&h);
}

/* After 64 seconds it is another authentication; weeks later, too, when times of 32 bits begin anew. */
static void test_late(void **state)
{
	static const int64_t late[] = {67 * SECOND, 28 * 86400 * SECOND, 51 * 86400 * SECOND};
	struct challenge sent = challenge("sip.example", "n1"), got = challenge("10.0.0.1", "n1");
	struct hops h;

	(void)state;
	for (size_t i = 0; i < sizeof(late) / sizeof(*late); i++) {
		begin(&h);
		respond(&h, true, &sent);
		h.near_request.request.time = late[i];
		respond(&h, false, &got);
		assert_null(h.near.altered);
		end(&h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_further),
		cmocka_unit_test(test_altered),
		cmocka_unit_test(test_ambiguous),
		cmocka_unit_test(test_stripped),
		cmocka_unit_test(test_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What is put into the spool comes back as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "spool.h"

static const struct address phone = {4, 5060, {10, 77, 0, 10}}, server = {4, 5080, {10, 77, 0, 1}};

static struct datagram message(const char *text, size_t n)
{
	return (struct datagram){
		.bytes = {text, n}, .cut = 7, .src = phone, .dst = server, .transport = TRANSPORT_TLS,
		.time = 123456789, .frame = 11, .first_frame = 9, .file = 3, .peer_seen = true, .ip_id = 77, .late = true,
	};
}

static void test_events(void **state)
{
	struct spool *s = spool_new(1 << 20);
	struct datagram d = message("REGISTER", 8);
	struct icmp_error e = {server, phone, server, TRANSPORT_UDP, "port unreachable", SLICE("abc"), 55, 12, 2};
	struct loss l = {"TCP gap", 3, 66, 13, 1, phone, server};
	uint32_t at[5], next = 0;
	struct spool_event out;

	(void)state;
	at[0] = spool_datagram(s, &d);
	at[1] = spool_icmp(s, &e);
	at[2] = spool_loss(s, &l);
	at[3] = spool_time(s, 99);
	at[4] = spool_note(s, SLICE("a record"));

	assert_true(spool_read(s, at[4], &out));
	assert_int_equal(out.kind, SPOOL_NOTE);
	assert_true(slice_eq(out.note, SLICE("a record")));

	assert_true(spool_next(s, &next, &out));
	assert_int_equal(out.kind, SPOOL_DATAGRAM);
	assert_true(slice_eq(out.datagram.bytes, SLICE("REGISTER")));
	assert_true(address_eq(&out.datagram.src, &phone) && address_eq(&out.datagram.dst, &server));
	assert_int_equal(out.datagram.cut, 7);
	assert_int_equal(out.datagram.transport, TRANSPORT_TLS);
	assert_int_equal(out.datagram.time, 123456789);
	assert_int_equal(out.datagram.frame, 11);
	assert_int_equal(out.datagram.first_frame, 9);
	assert_int_equal(out.datagram.file, 3);
	assert_int_equal(out.datagram.ip_id, 77);
	assert_true(out.datagram.peer_seen && out.datagram.late);
	assert_int_equal(next, at[1]);

	assert_true(spool_next(s, &next, &out));
	assert_int_equal(out.kind, SPOOL_ICMP);
	assert_string_equal(out.icmp.what, "port unreachable");
	assert_true(slice_eq(out.icmp.payload, SLICE("abc")) && address_eq(&out.icmp.reporter, &server));
	assert_true(spool_next(s, &next, &out));
	assert_int_equal(out.kind, SPOOL_LOSS);
	assert_int_equal(out.loss.count, 3);
	assert_true(spool_next(s, &next, &out));
	assert_int_equal(out.time, 99);
	assert_true(spool_next(s, &next, &out));
	assert_false(spool_next(s, &next, &out));
	spool_free(s);
}

/* More than fits into memory at once; messages of all sizes, across the blocks that are read. */
static void test_long(void **state)
{
	enum { COUNT = 3000 };
	struct spool *s = spool_new(64 << 20);
	uint32_t places[COUNT], next = 0;
	char *text = malloc(COUNT);
	struct spool_event out;

	(void)state;
	memset(text, 'x', COUNT);
	for (int i = 0; i < COUNT; i++) {
		struct datagram d = message(text, (size_t)i);

		text[0] = (char)i;
		places[i] = spool_datagram(s, &d);
		assert_int_not_equal(places[i], SPOOL_NOWHERE);
	}
	for (int i = 0; i < COUNT; i++) {
		assert_true(spool_next(s, &next, &out));
		assert_int_equal(out.datagram.bytes.n, i);
		assert_true(!i || out.datagram.bytes.p[0] == (char)i);
	}
	for (int i = COUNT - 1; i >= 0; i -= 7) {
		assert_true(spool_read(s, places[i], &out));
		assert_int_equal(out.datagram.bytes.n, i);
	}
	free(text);
	spool_free(s);
}

static void test_limit(void **state)
{
	struct spool *s = spool_new(1000);
	struct datagram d = message("0123456789", 10);
	struct spool_event out;
	int taken = 0;

	(void)state;
	while (spool_datagram(s, &d) != SPOOL_NOWHERE)
		taken++;
	assert_in_range(taken, 4, 10);
	assert_true(spool_size(s) <= 1000);
	assert_int_equal(spool_dropped(s), 1);
	assert_int_equal(spool_note(s, SLICE("")), SPOOL_NOWHERE);
	assert_false(spool_read(s, SPOOL_NOWHERE, &out));
	assert_false(spool_read(s, 100000, &out));
	spool_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* WebSocket frames (RFC 6455 5), every input flush against a guard page and cut at every byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "guard.h"
#include "sip/websocket.h"

#define BYTES(literal) {(literal), sizeof(literal) - 1}

static const struct example {
	struct slice bytes;
	ssize_t consumed;
	unsigned opcode;
	bool final, masked;
	const char *payload; /* unmasked */
} examples[] = {
	/* RFC 6455 5.7 */
	{BYTES("\x81\x05\x48\x65\x6c\x6c\x6f"), 7, WEBSOCKET_TEXT, true, false, "Hello"},
	{BYTES("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), 11, WEBSOCKET_TEXT, true, true, "Hello"},
	{BYTES("\x01\x03\x48\x65\x6c"), 5, WEBSOCKET_TEXT, false, false, "Hel"},
	{BYTES("\x80\x02\x6c\x6f"), 4, WEBSOCKET_CONTINUATION, true, false, "lo"},
	{BYTES("\x89\x05\x48\x65\x6c\x6c\x6f"), 7, WEBSOCKET_PING, true, false, "Hello"},
	{BYTES("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), 11, WEBSOCKET_PONG, true, true, "Hello"},
	{BYTES("\x81\x00"), 2, WEBSOCKET_TEXT, true, false, ""},
	{BYTES("\x88\x00"), 2, WEBSOCKET_CLOSE, true, false, ""},
	/* what is behind it stays */
	{BYTES("\x81\x01\x61\x81\x01\x62"), 3, WEBSOCKET_TEXT, true, false, "a"},
};

static const struct slice refused[] = {
	BYTES("\xc1\x00"),                                     /* a reserved bit */
	BYTES("\x83\x00"),                                     /* a reserved opcode */
	BYTES("\x8b\x00"),
	BYTES("\x09\x00"),                                     /* a ping in parts */
	BYTES("\x89\x7e\x00\x7e"),                             /* a long ping */
	BYTES("\x81\x7e\x00\x7d"),                             /* a length not in its shortest form */
	BYTES("\x81\x7f\x00\x00\x00\x00\x00\x00\xff\xff"),
	BYTES("\x81\x7f\x00\x00\x00\x00\x00\x20\x00\x00"),     /* too large */
	BYTES("\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff"),
	BYTES("SIP/2.0 200 OK"),
};

static void test_examples(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
		const struct example *e = &examples[i];
		struct slice in = guard_copy(e->bytes);
		struct websocket_frame f;
		char text[16] = "";

		assert_int_equal(websocket_next(in, &f), e->consumed);
		assert_int_equal(f.opcode, e->opcode);
		assert_int_equal(f.final, e->final);
		assert_int_equal(f.masked, e->masked);
		assert_true(guard_inside(f.payload, in));
		memcpy(text, f.payload.p, f.payload.n);
		if (f.masked)
			websocket_mask(f.key, f.payload, 0, text);
		assert_string_equal(text, e->payload);
		for (ssize_t n = 0; n < e->consumed; n++)
			assert_int_equal(websocket_next(guard_copy(slice_head(e->bytes, (size_t)n)), &f), 0);
	}
}

static void test_refused(void **state)
{
	struct websocket_frame f;

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		assert_int_equal(websocket_next(guard_copy(refused[i]), &f), -1);
}

/* What is written is read back, at every length that is written in another way. */
static void test_round_trip(void **state)
{
	static const size_t lengths[] = {0, 1, 125, 126, 127, 65535, 65536, 100000};
	static char bytes[110000];
	static const uint8_t key[4] = {1, 2, 3, 250};

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		for (int masked = 0; masked < 2; masked++) {
			struct websocket_frame f;
			uint8_t head[WEBSOCKET_HEAD_MAX];
			size_t n = websocket_head(head, true, WEBSOCKET_BINARY, lengths[i], masked ? key : NULL);

			memset(bytes, 'x', sizeof(bytes));
			memcpy(bytes, head, n);
			if (masked)
				websocket_mask(key, (struct slice){bytes + n, lengths[i]}, 0, bytes + n);
			assert_int_equal(websocket_next((struct slice){bytes, n + lengths[i]}, &f), n + lengths[i]);
			assert_int_equal(f.opcode, WEBSOCKET_BINARY);
			assert_int_equal(f.payload.n, lengths[i]);
			assert_int_equal(f.masked, masked);
			if (masked)
				websocket_mask(f.key, f.payload, 0, bytes + n);
			for (size_t k = 0; k < lengths[i]; k++)
				assert_int_equal(bytes[n + k], 'x');
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_round_trip),
	};

	return cmocka_run_group_tests(tests, guard_map, guard_unmap);
}

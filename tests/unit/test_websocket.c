/* WebSocket frames and the upgrade; every input also cut at every byte, flush against a guard page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "sip/websocket.h"

static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};

/* What comes out of a stream, one line for each frame that completed something. */
static void run(struct slice in, struct buf *out)
{
	struct websocket w = {0};
	struct websocket_message m;
	size_t at = 0;

	buf_clear(out);
	while (at <= in.n) {
		struct slice rest = guard_copy(slice_from(in, at));
		ssize_t n = websocket_next(&w, rest, &m);

		if (n <= 0) {
			if (n)
				buf_adds(out, "bad\n");
			else if (rest.n)
				buf_printf(out, "more %zu\n", rest.n);
			break;
		}
		if (m.too_long)
			buf_adds(out, "too long\n");
		if (m.payload.p)
			buf_printf(out, "%u '%.*s'\n", m.opcode, (int)(m.payload.n < 20 ? m.payload.n : 20),
				m.payload.p);
		at += (size_t)n;
	}
	websocket_free(&w);
}

#define LITERAL(s) {s, sizeof(s) - 1}

static const struct {
	const char *what;
	struct slice in;
	const char *expected;
} cases[] = {
	/* RFC 6455 5.7 */
	{"unmasked", LITERAL("\x81\5Hello"), "1 'Hello'\n"},
	{"masked", LITERAL("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), "1 'Hello'\n"},
	{"fragments", LITERAL("\1\3Hel\x80\2lo"), "1 'Hello'\n"},
	{"ping within", LITERAL("\1\3Hel\x89\5Hello\x80\2lo"), "9 'Hello'\n1 'Hello'\n"},
	{"masked pong", LITERAL("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), "10 'Hello'\n"},
	{"two messages", LITERAL("\x81\1a\x82\1b"), "1 'a'\n2 'b'\n"},
	{"three fragments", LITERAL("\2\1a\0\1b\x80\1c\x81\1d"), "2 'abc'\n1 'd'\n"},
	{"empty", LITERAL("\x81\0\x88\0"), "1 ''\n8 ''\n"},
	{"empty and masked", LITERAL("\x81\x80\1\2\3\4"), "1 ''\n"},
	{"close with a reason", LITERAL("\x88\4\3\xe8OK"), "8 '\3\xe8OK'\n"},
	{"a continuation of nothing", LITERAL("\x80\1x\x81\1a"), "1 'a'\n"},
	{"a message that never ends", LITERAL("\1\1x\x81\1a"), "1 'a'\n"},
	{"more than it needs for 5 bytes", LITERAL("\x81\x7e\0\5Hello"), "1 'Hello'\n"},
	{"reserved bit", LITERAL("\xc1\1a"), "bad\n"},
	{"reserved opcode", LITERAL("\x83\1a"), "bad\n"},
	{"reserved control opcode", LITERAL("\x8b\1a"), "bad\n"},
	{"ping in fragments", LITERAL("\x09\1a"), "bad\n"},
	{"ping too long", LITERAL("\x89\x7e\0\x7e"), "bad\n"},
	{"negative length", LITERAL("\x81\x7f\x80\0\0\0\0\0\0\0"), "bad\n"},
	{"half a head", LITERAL("\x81"), "more 1\n"},
	{"half a payload", LITERAL("\x81\5Hel"), "more 5\n"},
	{"longer than any message", LITERAL("\x82\x7f\0\0\0\1\0\0\0\0abc"), "too long\n"},
};

static void test_frames(void **state)
{
	struct buf out = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		run(cases[i].in, &out);
		if (strcmp(buf_string(&out), cases[i].expected))
			fail_msg("%s: %s", cases[i].what, out.p);
		for (size_t n = 0; n < cases[i].in.n; n++)
			run(slice_head(cases[i].in, n), &out);
	}
	buf_free(&out);
}

/* What is encoded comes back, at the sizes where the length field changes. */
static void test_round_trip(void **state)
{
	static const size_t sizes[] = {0, 1, 125, 126, 127, 65534, 65535};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(sizes) / sizeof(*sizes); i++) {
		size_t n = sizes[i / 2];
		struct buf out = {0};
		struct websocket w = {0};
		struct websocket_message m;
		char *bytes = malloc(n + 1);

		for (size_t k = 0; k < n; k++)
			bytes[k] = (char)(k * 7);
		websocket_add_frame(&out, WEBSOCKET_BINARY, (struct slice){bytes, n}, i & 1 ? mask : NULL);
		assert_int_equal(websocket_next(&w, buf_slice(&out), &m), out.n);
		assert_int_equal(m.opcode, WEBSOCKET_BINARY);
		assert_true(slice_eq(m.payload, (struct slice){bytes, n}));
		assert_int_equal(out.n - n, (n < 126 ? 2 : n < 65536 ? 4 : 10) + (i & 1 ? 4 : 0));
		for (size_t k = 0; k < 16 && k < out.n; k++)
			assert_int_equal(websocket_next(&w, slice_head(buf_slice(&out), k), &m), 0);
		websocket_free(&w);
		buf_free(&out);
		free(bytes);
	}
}

/* Above the limit, in one frame and in fragments: left out as it comes, the next message is whole. */
static void test_too_long(void **state)
{
	struct buf out = {0}, in = {0}, big = {0};

	(void)state;
	while (big.n < WEBSOCKET_MAX + 1)
		buf_addc(&big, 'x');
	websocket_add_frame(&in, WEBSOCKET_TEXT, buf_slice(&big), mask);
	websocket_add_frame(&in, WEBSOCKET_TEXT, SLICE("next"), mask);
	run(buf_slice(&in), &out);
	assert_string_equal(buf_string(&out), "too long\n1 'next'\n");
	buf_clear(&in);
	websocket_add_frame(&in, WEBSOCKET_TEXT, slice_head(buf_slice(&big), 60000), NULL);
	in.p[0] = 1;
	websocket_add_frame(&in, WEBSOCKET_CONTINUATION, slice_head(buf_slice(&big), 60000), NULL);
	websocket_add_frame(&in, WEBSOCKET_TEXT, SLICE("next"), NULL);
	run(buf_slice(&in), &out);
	assert_string_equal(buf_string(&out), "too long\n1 'next'\n");
	buf_free(&in);
	buf_free(&out);
	buf_free(&big);
}

static const struct {
	const char *what, *text;
	ssize_t result; /* 1: all of it */
	bool request, upgrade, sip;
	unsigned status;
} upgrades[] = {
	/* RFC 7118 4.3 */
	{"request", "GET / HTTP/1.1\r\nHost: sip-ws.example.com\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Origin: http://www.example.com\r\nSec-WebSocket-Protocol: sip\r\n"
		"Sec-WebSocket-Version: 13\r\n\r\n", 1, true, true, true, 0},
	{"response", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
		"Sec-WebSocket-Protocol: sip\r\n\r\n", 1, false, true, true, 101},
	{"several protocols", "GET /x HTTP/1.1\r\nUPGRADE: h2c, WebSocket\r\n"
		"sec-websocket-protocol: msrp , SIP\r\n\r\n", 1, true, true, true, 0},
	{"another protocol", "GET /x HTTP/1.1\nUpgrade: websocket\nSec-WebSocket-Protocol: sipx\n\n", 1,
		true, true, false, 0},
	{"a web page", "GET /index.html HTTP/1.1\r\nHost: x\r\n\r\n", 1, true, false, false, 0},
	{"refused", "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", 1, false, false, false, 401},
	{"not complete", "GET / HTTP/1.1\r\nHost: x\r\n", 0, true, false, false, 0},
	{"SIP", "REGISTER sip:x SIP/2.0\r\n\r\n", -1, false, false, false, 0},
	{"no version", "GET /\r\n\r\n", -1, true, false, false, 0},
	{"no status", "HTTP/1.1 ok\r\n\r\n", -1, false, false, false, 0},
	{"nothing", "", 0, false, false, false, 0},
};

static void test_upgrade(void **state)
{
	struct websocket_upgrade u;

	(void)state;
	for (size_t i = 0; i < sizeof(upgrades) / sizeof(*upgrades); i++) {
		struct slice in = guard_copy(slice_of(upgrades[i].text));
		ssize_t n = websocket_upgrade(in, &u);

		if (n != (upgrades[i].result == 1 ? (ssize_t)in.n : upgrades[i].result) ||
			(n >= 0 && (u.request != upgrades[i].request || u.upgrade != upgrades[i].upgrade ||
			u.sip != upgrades[i].sip || u.status != upgrades[i].status)))
			fail_msg("%s: %zd", upgrades[i].what, n);
		for (size_t k = 0; n > 0 && k + 1 < in.n; k++)
			assert_int_equal(websocket_upgrade(guard_copy(slice_head(slice_of(upgrades[i].text), k)),
				&u), 0);
	}
}

static void test_upgrade_values(void **state)
{
	struct websocket_upgrade u;
	struct buf out = {0};

	(void)state;
	websocket_add_request(&out, "10.0.0.1:80", "/ws", "AAAA");
	assert_int_equal(websocket_upgrade(buf_slice(&out), &u), out.n);
	assert_true(u.request && u.upgrade && u.sip);
	assert_true(slice_eq(u.target, SLICE("/ws")));
	assert_true(slice_eq(u.host, SLICE("10.0.0.1:80")));
	assert_true(slice_eq(u.key, SLICE("AAAA")));
	buf_clear(&out);
	buf_adds(&out, "GET / HTTP/1.1\r\n");
	while (out.n <= WEBSOCKET_HTTP_MAX)
		buf_adds(&out, "X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n");
	assert_int_equal(websocket_upgrade(buf_slice(&out), &u), -1);
	buf_free(&out);
}

static void test_noise(void **state)
{
	struct buf out = {0};
	uint32_t seed = 7;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char bytes[80];

		for (size_t i = 0; i < sizeof(bytes); i++) {
			seed = seed * 1664525 + 1013904223;
			bytes[i] = (char)(i & 1 ? seed >> 28 : (seed >> 24) & 0x8f);
		}
		run((struct slice){bytes, seed % sizeof(bytes)}, &out);
	}
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_upgrade),
		cmocka_unit_test(test_upgrade_values),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, guard_map, guard_unmap);
}

/* Recognition of SIP and the framing of streams, with every input flush against a guard page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "sip/frame.h"

static char *guard; /* the first byte that must not be read */
static size_t room;

static int setup(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p;

	(void)state;
	room = 20 * page;
	p = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return -1;
	guard = p + room;
	return mprotect(guard, page, PROT_NONE);
}

static struct slice flush(const char *bytes, size_t n)
{
	assert_true(n <= room);
	return (struct slice){memcpy(guard - n, bytes, n), n};
}

#define BYTES(literal) (literal), sizeof(literal) - 1

static const struct look {
	const char *bytes;
	size_t n;
	bool is_sip;
} looks[] = {
	{BYTES("INVITE sip:a@b SIP/2.0\r\nVia: x\r\n\r\n"), true},
	{BYTES("invite sip:a@b sip/2.0\r\n\r\n"), true},
	{BYTES("SIP/2.0 401 Unauthorized\r\n"), true},
	{BYTES("sip/2.0 200\n"), true},
	{BYTES("SIP/2.0 abc\r\n"), false},
	{BYTES("SIP/2.0"), false},
	{BYTES("X-NEW.method sip:a SIP/2.0 \t\r\n"), true},
	{BYTES("REGISTER sip:example.com\tSIP/2.0\n"), true},
	{BYTES("REGISTER sip:a b@example.com SIP/2.0\r\n"), true},
	{BYTES("REGISTER sip:example.com SIP/2.0 trailing\r\n"), true},
	{BYTES("REGISTER sip:example.com SIP/2.0 HTTP/1.1\r\n"), false},
	{BYTES("\r\n\r\nOPTIONS sip:a SIP/2.0\r\n"), true},
	{BYTES("\r\n\r\n"), false},
	{BYTES("\0\0\0\0INVITE sip:a SIP/2.0\r\n"), true},
	{BYTES("\x40\0\1\x0dSIP/2.0 200 OK\r\n"), true},
	{BYTES("xSIP/2.0 200 OK\r\n"), true},
	{BYTES("\1\2\3\4\5INVITE sip:a SIP/2.0\r\n"), false},
	{BYTES("INVITE sip:alice@exam"), true},
	{BYTES("MESSAGE TEL:+4930"), true},
	{BYTES("OPTIONS sip:a SIP/2.0"), true},
	{BYTES("INVITE alice"), false},
	{BYTES("INVITE"), false},
	{BYTES("INVITE sip:a@b\r\nVia: x SIP/2.0\r\n"), false},
	{BYTES("SIP/2.0 x01 Unauthorized\r\n"), false},
	{BYTES("OPTIONS SIP/2.0\r\nVia: x\r\n"), true},
	{BYTES("OPTIONSSIP/2.0\r\nVia: x\r\n"), false},
	{BYTES("OPTIONS x SIP/2.0x\r\nVia: x\r\n"), false},
	{BYTES("OPTIONS x\tSIP/2.0\r\nVia: x\r\n"), true},
	{BYTES("OPTIONS xSIP/2.0\r\nVia: x\r\n"), false},
	{BYTES("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), false},
	{BYTES("GET /sip:x SIP/2.0 HTTP/1.1\r\n"), false},
	{BYTES("HTTP/1.1 200 OK\r\n\r\nSIP/2.0 200 OK\r\n"), false},
	{BYTES("NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n"), false},
	{BYTES("M-SEARCH * HTTP/1.1\r\n"), false},
	{BYTES("OPTIONS rtsp://a RTSP/1.0\r\n"), false},
	{BYTES("DESCRIBE rtsp://a SIP/2.0 RTSP/1.0\r\n"), false},
	{BYTES("\x80\0\1\2abcdefgh ijkl SIP/2.0\r\n"), false},
	{BYTES("AVERYLONGMETHODNAMEOFMORETHAN32CHARACTERS sip:a SIP/2.0\r\n"), false},
	{BYTES(" INVITE sip:a SIP/2.0\r\n"), true},
	{BYTES(""), false},
};

static void test_looks(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(looks) / sizeof(*looks); i++) {
		if (sip_looks_like(flush(looks[i].bytes, looks[i].n)) != looks[i].is_sip)
			fail_msg("case %zu: %.40s", i, looks[i].bytes);
		for (size_t n = 0; n < looks[i].n; n++)
			sip_looks_like(flush(looks[i].bytes, n));
	}
}

/* A stream and what comes of it: message lengths, -1 for a resync, 0 at its end. */
static const struct stream {
	const char *what, *bytes;
	size_t n;
	long results[8];
	uint64_t cut;
} streams[] = {
	{"no length", BYTES("BYE sip:a SIP/2.0\r\nTo: x\r\n\r\n"), {28}, 0},
	{"body", BYTES("BYE sip:a SIP/2.0\r\nContent-Length: 3\r\n\r\nabc"), {43}, 0},
	{"compact", BYTES("BYE sip:a SIP/2.0\r\nl :\t3 \r\n\r\nabc"), {32}, 0},
	{"any case", BYTES("BYE sip:a SIP/2.0\r\nCONTENT-length:3\r\n\r\nabc"), {42}, 0},
	{"folded", BYTES("BYE sip:a SIP/2.0\r\nl:\r\n 3\r\n\r\nabc"), {32}, 0},
	{"line feeds", BYTES("BYE sip:a SIP/2.0\nl: 3\n\nabc"), {27}, 0},
	{"not a number", BYTES("BYE sip:a SIP/2.0\r\nl: x\r\nl: -1\r\n\r\n"), {34}, 0},
	{"a later one", BYTES("BYE sip:a SIP/2.0\r\nl: x\r\nl: 1\r\n\r\na"), {34}, 0},
	{"other l", BYTES("BYE sip:a SIP/2.0\r\nlx: 9\r\nX: l: 9\r\n\r\n"), {37}, 0},
	{"two", BYTES("SIP/2.0 100 T\r\n\r\nSIP/2.0 200 OK\r\nl: 0\r\n\r\n"), {17, 24}, 0},
	{"keep-alive", BYTES("\r\n\r\nSIP/2.0 100 T\r\n\r\n\r\nACK s SIP/2.0\r\n\r\n"), {17, 17}, 0},
	{"body unannounced", BYTES("SIP/2.0 200 O\r\n\r\nv=0\r\nSIP/2.0 100 T\r\nl:\r\n\r\n"),
		{17, -1, 21}, 0},
	{"http", BYTES("GET / HTTP/1.1\r\n\r\nACK sip:a SIP/2.0\r\nl:\r\n\r\n"), {-1, 25}, 0},
	{"huge length", BYTES("ACK sip:a SIP/2.0\r\nl: 65536\r\n\r\nSIP/2.0 100 T\r\nl:\r\n\r\n"),
		{31, 21}, 65536},
	{"nearly empty lines", BYTES("ACK sip:a SIP/2.0\nX:\n \n\tl: 9\nl\n\r \n:\nl: 1\n\r\na"), {44}, 0},
	{"names alike", BYTES("ACK sip:a SIP/2.0\nCall-ID: 8\nContent-Lengths: 9\nC: 7\nl: 2\n\nab"), {61}, 0},
	{"impossible length", BYTES("SIP/2.0 100 T\r\nl: 99999999999999999999\r\n\r\n"), {42}, 0},
};

/* Gives the stream in steps of `step` bytes. */
static void run(const struct stream *c, size_t step)
{
	struct frame f = {0};
	size_t at = 0, seen = 0, result = 0;
	bool lost = false, fresh = true;
	uint64_t cut_seen = 0;

	while (seen < c->n || at < seen) {
		struct slice in, message;
		uint64_t cut;
		ssize_t n;

		seen = seen + step < c->n ? seen + step : c->n;
	again:
		in = flush(c->bytes + at, seen - at);
		if (lost) {
			size_t skip;

			lost = !frame_resync(in, fresh, &skip);
			fresh = fresh && lost && !skip;
			at += skip;
			if (!lost)
				goto again;
			if (seen == c->n)
				break;
			continue;
		}
		n = frame_next(&f, in, &message, &cut);
		if (n > 0) {
			at += (size_t)n;
			if (message.p && c->results[result++] != (long)message.n)
				fail_msg("%s in steps of %zu: %zu", c->what, step, message.n);
			cut_seen += cut;
			goto again;
		}
		if (n < 0) {
			if (c->results[result++] != -1)
				fail_msg("%s in steps of %zu: lost", c->what, step);
			lost = true;
			goto again;
		}
		if (seen == c->n)
			break;
	}
	if (c->results[result] || cut_seen != c->cut)
		fail_msg("%s in steps of %zu: not all came", c->what, step);
}

static void test_streams(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(streams) / sizeof(*streams); i++)
		for (size_t step = streams[i].n; step; step--)
			run(&streams[i], step);
}

/* The end and the length wherever they are in the blocks that are looked at. */
static void test_places(void **state)
{
	static const char *const ends[] = {"l: 3\r\n\r\nabc", "l: 3\n\nabc", "l:\n 3\n\r\nabc"};

	(void)state;
	for (size_t end = 0; end < sizeof(ends) / sizeof(*ends); end++) {
		for (size_t pad = 0; pad < 200; pad++) {
			char bytes[256];
			struct stream c = {"a long line", bytes, .cut = 0};

			c.n = (size_t)snprintf(bytes, sizeof(bytes), "ACK s SIP/2.0\nX: %0*d\n%s", (int)pad, 0, ends[end]);
			c.results[0] = (long)c.n;
			for (size_t step = 1; step <= c.n; step += 61)
				run(&c, step);
		}
	}
}

static void test_no_end(void **state)
{
	static char bytes[FRAME_MAX + 100];
	struct frame f = {0};
	struct slice message;
	uint64_t cut;

	(void)state;
	memset(bytes, 'a', sizeof(bytes));
	memcpy(bytes, "ACK sip:a SIP/2.0\r\n", 19);
	assert_int_equal(frame_next(&f, flush(bytes, FRAME_MAX - 1), &message, &cut), 0);
	assert_int_equal(frame_next(&f, flush(bytes, sizeof(bytes)), &message, &cut), FRAME_MAX);
	assert_int_equal(message.n, FRAME_MAX);
	assert_true(cut > 0);
	/* a first line that never ends is none */
	memset(bytes + 17, 'a', 2);
	assert_int_equal(frame_next(&f, flush(bytes, FRAME_LINE - 1), &message, &cut), 0);
	assert_int_equal(frame_next(&f, flush(bytes, FRAME_LINE), &message, &cut), -1);
}

static const struct resync {
	const char *bytes;
	bool fresh, found;
	size_t skip;
} resyncs[] = {
	{"ACK sip:a SIP/2.0\r\n", true, true, 0},
	{"ACK sip:a SIP/2.0\r\n", false, false, 18},
	{"x\nACK sip:a SIP/2.0\r\n", false, true, 2},
	{"x\nACK sip:a SIP/2.0\r\nVia : x", false, true, 2},
	{"x\nACK sip:a SIP/2.0\r\nas the line says\n", false, false, 37},
	{"x\r\nSIP/2", false, false, 2},
	{"\nSIP/2", false, false, 0},
	{"SIP/2", true, false, 0},
	{"SIP/2", false, false, 5},
	{"x\n", false, false, 1},
	{"", true, false, 0},
	{"", false, false, 0},
};

static void test_resync(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(resyncs) / sizeof(*resyncs); i++) {
		const struct resync *c = &resyncs[i];
		size_t skip, n = strlen(c->bytes);
		bool found = frame_resync(flush(c->bytes, n), c->fresh, &skip);

		if (found != c->found || skip != c->skip)
			fail_msg("case %zu: %d at %zu", i, found, skip);
	}
}

static void test_missing(void **state)
{
	static const char bytes[] = "ACK sip:a SIP/2.0\r\nl: 5\r\n\r\nab";
	struct frame f = {0};
	struct slice message, in = flush(bytes, sizeof(bytes) - 1);
	uint64_t cut;

	(void)state;
	assert_int_equal(frame_missing(&f, slice_head(in, 5)), 0);
	assert_int_equal(frame_next(&f, slice_head(in, 20), &message, &cut), 0);
	assert_int_equal(frame_missing(&f, slice_head(in, 20)), 1);
	assert_int_equal(frame_next(&f, in, &message, &cut), 0);
	assert_int_equal(frame_missing(&f, in), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_looks),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_no_end),
		cmocka_unit_test(test_resync),
		cmocka_unit_test(test_missing),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}

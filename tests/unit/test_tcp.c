/* TCP streams: order, loss, reuse of ports; each scenario is a table of segments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "capture/dissect.h"

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

/* 43 bytes and 22 bytes. */
#define BYE "BYE sip:a SIP/2.0\r\nTo: <sip:b>;tag\r\nl:0\r\n\r\n"
#define OK "SIP/2.0 200 OK\r\nl:\r\n\r\n"

enum { BYE_SIZE = sizeof(BYE) - 1, OK_SIZE = sizeof(OK) - 1, SEGMENTS_MAX = 12 };

struct segment {
	int from;            /* 0 or 1: which end sends it */
	uint32_t seq;
	unsigned flags;
	const char *bytes;
	unsigned time;       /* milliseconds */
	size_t cut;          /* bytes at its end that the snap length took */
	unsigned ports;      /* are so much higher: another connection */
};

static const struct scenario {
	const char *what;
	const char *expected; /* end: length, frame, time, cut */
	struct segment segments[SEGMENTS_MAX];
} scenarios[] = {
	{"with a handshake", "0: 43 frame 4 at 3\n1: 22 frame 5 at 4\n", {
		{0, 99, SYN, "", 0, 0}, {1, 499, SYN | ACK, "", 1, 0}, {0, 100, ACK, "", 2, 0},
		{0, 100, ACK, BYE, 3, 0}, {1, 500, ACK, OK, 4, 0}}},
	{"joined in the middle", "0: 43 frame 2 at 1\n1: 22 frame 3 at 2\n", {
		{0, 50, ACK, "not a start", 0, 0}, {0, 100, ACK, BYE, 1, 0}, {1, 500, ACK, OK, 2, 0}}},
	{"joined inside a segment", "0: 43 frame 1 at 0\n", {
		{0, 100, ACK, "end of a body\r\n" BYE, 0, 0}}},
	{"the other end joined late", "0: 43 frame 1 at 0\n1: 22 frame 3 at 2\n", {
		{0, 100, ACK, BYE, 0, 0}, {1, 500, ACK, "rest of a body", 1, 0}, {1, 514, ACK, OK, 2, 0}}},
	{"keep-alives", "0: 43 frame 2 at 1\n1: 22 frame 5 at 4\n", {
		{0, 99, SYN, "", 0, 0}, {0, 100, ACK, "\r\n\r\n" BYE "\r\n", 1, 0},
		{1, 500, ACK, "\r\n", 2, 0}, {0, 148, ACK, "\n", 3, 0}, {1, 502, ACK, OK, 4, 0}}},
	{"two in a segment", "0: 43 frame 1 at 0\n0: 43 frame 1 at 0\n", {
		{0, 100, ACK, BYE BYE, 0, 0}}},
	{"two and a half", "0: 43 frame 1 at 0\n0: 43 frame 1 at 0\n0: 22 frame 1 at 1\n", {
		{0, 100, ACK, BYE BYE "SIP/2.", 0, 0}, {0, 192, ACK, "0 200 OK\r\nl:\r\n\r\n", 1, 0}}},
	{"over three segments", "0: 43 frame 1 at 2\n", {
		{0, 100, ACK, "BYE sip:a SIP/2.0\r\n", 0, 0}, {0, 119, ACK, "To: <sip:b>;tag\r\n", 1, 0},
		{0, 136, ACK, "l:0\r\n\r\n", 2, 0}, {0, 143, ACK, "", 3, 0}}},
	{"retransmitted", "0: 43 frame 1 at 0\n0: 22 frame 3 at 2\n", {
		{0, 100, ACK, BYE, 0, 0}, {0, 100, ACK, BYE, 1, 0}, {0, 143, ACK, OK, 2, 0}}},
	{"keep-alive probe of TCP", "0: 43 frame 1 at 0\n0: 22 frame 3 at 2\n", {
		{0, 100, ACK, BYE, 0, 0}, {0, 142, ACK, "x", 1, 0}, {0, 143, ACK, OK, 2, 0}}},
	{"retransmitted with more", "0: 43 frame 1 at 0\n0: 22 frame 2 at 1\n", {
		{0, 100, ACK, BYE, 0, 0}, {0, 100, ACK, BYE OK, 1, 0}}},
	{"overlap", "0: 43 frame 1 at 1\n", {
		{0, 100, ACK, "BYE sip:a SIP/2.0\r\n", 0, 0},
		{0, 110, ACK, "SIP/2.0\r\nTo: <sip:b>;tag\r\nl:0\r\n\r\n", 1, 0}}},
	{"swapped", "0: 43 frame 1 at 0\n0: 43 frame 3 at 2\n0: 22 frame 2 at 1\n", {
		{0, 100, ACK, BYE, 0, 0}, {0, 186, ACK, OK, 1, 0}, {0, 143, ACK, BYE, 2, 0}}},
	{"swapped at the start", "0: 43 frame 3 at 1\n", {
		{0, 99, SYN, "", 0, 0}, {0, 119, ACK, "To: <sip:b>;tag\r\nl:0\r\n\r\n", 1, 0},
		{0, 100, ACK, "BYE sip:a SIP/2.0\r\n", 2, 0}}},
	{"held twice, and overlapping", "0: 43 frame 1 at 0\n0: 43 frame 5 at 2\n", {
		{0, 100, ACK, BYE, 0, 0}, {0, 162, ACK, "To: <sip:b>;tag\r\n", 1, 0},
		{0, 168, ACK, "ip:b>;tag\r\nl:0\r\n\r\n", 2, 0}, {0, 162, ACK, "To: <sip:b>;tag\r\n", 3, 0},
		{0, 143, ACK, "BYE sip:a SIP/2.0\r\n", 4, 0}}},
	{"wrap-around", "0: 43 frame 1 at 0\n0: 43 frame 3 at 3\n0: 22 frame 5 at 4\n", {
		{0, 0xffffffc0, ACK, BYE, 0, 0}, {0, 0xfffffffe, ACK, "x", 1, 0},
		{0, 0xffffffeb, ACK, "BYE sip:a SIP/2.0\r\nTo", 2, 0},
		{0, 0, ACK, ": <sip:b>;tag\r\nl:0\r\n\r\n", 3, 0},
		{0, 22, ACK, OK, 4, 0}}},
	{"gap", "0: 43 frame 1 at 0\nloss: TCP gap\n0: 22 frame 2 at 10\n0: 43 frame 3 at 2011\n", {
		{0, 100, ACK, BYE, 0, 0}, {0, 153, ACK, "rest\r\n" OK, 10, 0}, {0, 181, ACK, BYE, 2011, 0}}},
	{"gap in a message", "loss: TCP gap\n0: 19 frame 1 at 0 cut 24\n0: 22 frame 2 at 10\n", {
		{0, 100, ACK, "BYE sip:a SIP/2.0\r\n", 0, 0}, {0, 143, ACK, OK, 10, 0},
		{1, 1, ACK, "", 2011, 0}}},
	{"gap at the end", "0: 43 frame 1 at 0\nloss: TCP gap\n0: 22 frame 2 at 1\n", {
		{0, 100, ACK, BYE, 0, 0}, {0, 186, ACK, OK, 1, 0}}},
	{"rest never comes", "0: 29 frame 1 at 1 cut 6\n", {
		{0, 100, ACK, "BYE sip:a SIP/2.0\r\n", 0, 0}, {0, 119, ACK, "l:9\r\n\r\nabc", 1, 0},
		{1, 500, ACK, "SIP/2", 2, 0}}},
	{"snap length", "0: 19 frame 1 at 0 cut 24\n0: 22 frame 2 at 1\n", {
		{0, 100, ACK, BYE, 0, 24}, {0, 143, ACK, OK, 1, 0}}},
	{"out of step", "0: 16 frame 1 at 0\n0: 22 frame 2 at 1\n", {
		{0, 100, ACK, "SIP/2.0 100 A\r\n\nv=0", 0, 0}, {0, 119, ACK, "\r\no=x\r\n" OK, 1, 0}}},
	{"body without a line break", "0: 16 frame 1 at 0\n0: 22 frame 2 at 1\n", {
		{0, 100, ACK, "SIP/2.0 100 A\r\n\nv=0", 0, 0}, {0, 119, ACK, OK, 1, 0}}},
	{"ports used again", "0: 43 frame 2 at 1\n0: 19 frame 3 at 2 cut 1\n0: 22 frame 5 at 4\n", {
		{0, 99, SYN, "", 0, 0}, {0, 100, ACK, BYE, 1, 0},
		{0, 143, ACK, "BYE sip:a SIP/2.0\r\n", 2, 0}, {0, 77, SYN, "", 3, 0}, {0, 78, ACK, OK, 4, 0}}},
	{"SYN retransmitted", "0: 43 frame 2 at 3\n", {
		{0, 99, SYN, "", 0, 0}, {0, 100, ACK, "BYE sip:a SIP/2.0\r\n", 1, 0}, {0, 100, ACK, BYE, 3, 0},
		{0, 99, SYN, "", 4, 0}}},
	{"ports used again unseen", "0: 43 frame 1 at 0\n0: 22 frame 2 at 1\n", {
		{0, 100, ACK, BYE, 0, 0}, {0, 0x70000000, ACK, OK, 1, 0},
		{0, 0x30000000, ACK, "no start", 2, 0}}},
	{"FIN", "0: 43 frame 1 at 0\n0: 19 frame 2 at 1 cut 1\n", {
		{0, 100, ACK, BYE, 0, 0}, {0, 143, FIN | ACK, "BYE sip:a SIP/2.0\r\n", 1, 0},
		{0, 100, ACK, BYE, 2, 0}}},
	{"RST", "0: 43 frame 1 at 0\n1: 19 frame 2 at 1 cut 1\n0: 22 frame 5 at 4\n", {
		{0, 100, ACK, BYE, 0, 0}, {1, 500, ACK, "BYE sip:a SIP/2.0\r\n", 1, 0},
		{0, 143, RST, "", 2, 0}, {0, 100, ACK, BYE, 3, 0}, {0, 143, ACK, OK, 4, 0}}},
	{"idle", "0: 19 frame 1 at 0 cut 1\n0: 22 frame 3 at 601001\n", {
		{0, 100, ACK, "BYE sip:a SIP/2.0\r\n", 0, 0}, {2, 1, SYN, "", 601000, 0},
		{0, 119, ACK, OK, 601001, 0}}},
	{"http", "", {
		{0, 99, SYN, "", 0, 0}, {0, 100, ACK, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 1, 0},
		{1, 500, ACK, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 2, 0},
		{0, 126, ACK, "POST /sip:a HTTP/1.1\r\nX: SIP/2.0\r\n\r\n", 3, 0}}},
	{"http with a message in it", "", {
		{0, 99, SYN, "", 0, 0}, {0, 100, ACK, "PUT / HTTP/1.1\r\n\r\n  " BYE, 1, 0}}},
	{"tls", "tls 1\n", {
		{0, 99, SYN, "", 0, 0}, {0, 100, ACK, "\x16\3\1\2\3\1abc", 1, 0},
		{1, 500, ACK, "\x16\3\3\1\1\2abc", 2, 0}}},
	{"tls without a handshake", "tls 1\n", {{0, 100, ACK, "\x16\3\1\2\3\1abc", 1, 0}}},
};

static void on_datagram(void *arg, const struct datagram *d)
{
	buf_printf(arg, "%d: %zu frame %u at %lld", d->src.port == 5061, d->bytes.n, d->frame,
		(long long)(d->time / 1000000));
	if (d->cut)
		buf_printf(arg, " cut %llu", (unsigned long long)d->cut);
	buf_addc(arg, '\n');
}

static void on_loss(void *arg, const struct loss *l)
{
	buf_printf(arg, "loss: %s\n", l->what);
}

static const struct dissect_sink *sink_to(struct buf *out)
{
	static struct dissect_sink sink;

	sink = (struct dissect_sink){on_datagram, NULL, on_loss, out};
	return &sink;
}

static void add(struct buf *b, uint32_t value, unsigned size)
{
	while (size--)
		buf_addc(b, (char)(value >> 8 * size));
}

static void feed(struct dissector *d, const struct segment *s, size_t n, uint32_t frame)
{
	struct buf b = {0};
	struct packet p = {.linktype = 101, .frame = frame, .file = 1};

	add(&b, 0x45000000 + 40 + (uint32_t)n, 4);
	add(&b, 0, 4);
	add(&b, 0x40060000, 4);
	add(&b, s->from ? 0x0a000002 : 0x0a000001, 4);
	add(&b, s->from ? 0x0a000001 : 0x0a000002, 4);
	add(&b, 5060 + s->ports + (unsigned)s->from, 2);
	add(&b, 5061 + s->ports - (s->from & 1u), 2);
	add(&b, s->seq, 4);
	add(&b, 0, 4);
	add(&b, 0x5000 | s->flags, 2);
	add(&b, 0, 4);
	add(&b, 0, 2);
	buf_add(&b, s->bytes, n);
	p.data = (const uint8_t *)b.p;
	p.length = (uint32_t)b.n;
	p.captured = (uint32_t)(b.n - s->cut);
	p.time = s->time * INT64_C(1000000);
	dissector_feed(d, &p);
	buf_free(&b);
}

static void finish(struct dissector *d, struct buf *out)
{
	dissector_finish(d);
	if (dissector_stats(d)->tls_connections)
		buf_printf(out, "tls %llu\n", (unsigned long long)dissector_stats(d)->tls_connections);
	dissector_free(d);
}

static void test_scenarios(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(*scenarios); i++) {
		const struct scenario *c = &scenarios[i];
		struct buf out = {0};
		struct dissector *d = dissector_new(sink_to(&out));

		for (uint32_t n = 0; n < SEGMENTS_MAX && c->segments[n].bytes; n++)
			feed(d, &c->segments[n], strlen(c->segments[n].bytes), n + 1);
		finish(d, &out);
		if (strcmp(buf_string(&out), c->expected))
			fail_msg("%s: %s", c->what, out.p);
		buf_free(&out);
	}
}

/* A stream in segments of every size, in order and with each pair swapped. */
static void test_sizes(void **state)
{
	static const char stream[] = "\r\n\r\n" BYE "\r\n" OK BYE
		"OPTIONS sip:x SIP/2.0\r\nl:5\r\n\r\nl:\r\n\r";
	static const size_t sizes[] = {BYE_SIZE, OK_SIZE, BYE_SIZE, 35};
	const size_t size = sizeof(stream) - 1;

	(void)state;
	for (size_t step = 1; step <= size; step++) {
		for (int swap = 0; swap < 2; swap++) {
			struct buf out = {0}, expected = {0};
			struct dissector *d = dissector_new(sink_to(&out));
			struct segment s = {0, 0xfffffff0, SYN, "", 0, 0};
			const char *line;

			feed(d, &s, 0, 1);
			s.flags = ACK;
			for (size_t i = 0; i * step < size; i++) {
				size_t nth = swap ? i ^ 1 : i;

				if (nth * step >= size)
					nth = i;
				s.bytes = stream + nth * step;
				s.seq = 0xfffffff1 + (uint32_t)(nth * step);
				feed(d, &s, size - nth * step < step ? size - nth * step : step, 2);
			}
			finish(d, &out);
			line = buf_string(&out);
			for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
				buf_clear(&expected);
				buf_printf(&expected, "0: %zu frame 2 at 0\n", sizes[i]);
				if (strncmp(line, buf_string(&expected), expected.n))
					fail_msg("steps of %zu: %s", step, out.p);
				line += expected.n;
			}
			assert_string_equal(line, "");
			buf_free(&out);
			buf_free(&expected);
		}
	}
}

/* More beyond a gap than is held: it is given up at once. */
static void test_held_bytes(void **state)
{
	static char junk[1400];
	struct buf out = {0};
	struct dissector *d = dissector_new(sink_to(&out));
	struct segment s = {0, 100, ACK, BYE, 0, 0};

	(void)state;
	memset(junk, 'j', sizeof(junk) - 1);
	feed(d, &s, BYE_SIZE, 1);
	s.bytes = junk;
	s.seq += BYE_SIZE + 1;
	for (int i = 0; i < 300 && !strstr(buf_string(&out), "loss"); i++) {
		feed(d, &s, sizeof(junk), 2);
		s.seq += sizeof(junk);
	}
	assert_string_equal(out.p, "0: 43 frame 1 at 0\nloss: TCP gap\n");
	s.bytes = OK;
	feed(d, &s, OK_SIZE, 3);
	finish(d, &out);
	assert_string_equal(buf_string(&out), "0: 43 frame 1 at 0\nloss: TCP gap\n0: 22 frame 3 at 0\n");
	buf_free(&out);
}

/* A message above the limit comes cut, and the stream goes on. */
static void test_long_message(void **state)
{
	static char junk[1000];
	struct buf out = {0};
	struct dissector *d = dissector_new(sink_to(&out));
	struct segment s = {0, 100, ACK, "ACK sip:a SIP/2.0\r\nX:", 0, 0};

	(void)state;
	memset(junk, 'j', sizeof(junk));
	feed(d, &s, 21, 1);
	s.seq += 21;
	s.bytes = junk;
	for (int i = 0; i < 70; i++) {
		feed(d, &s, sizeof(junk), 2);
		s.seq += sizeof(junk);
	}
	s.bytes = OK;
	feed(d, &s, OK_SIZE, 3);
	finish(d, &out);
	assert_string_equal(buf_string(&out), "0: 65535 frame 1 at 0 cut 1\n0: 22 frame 3 at 0\n");
	buf_free(&out);
}

/* Connections beyond the cap push out the oldest; SYN floods push out nothing that is SIP. */
static void test_caps(void **state)
{
	struct buf out = {0};
	struct dissector *d = dissector_new(sink_to(&out));
	struct segment s = {0, 100, ACK, "ACK sip:a SIP/2.0\r\n", 0, 0};

	(void)state;
	feed(d, &s, 19, 1);
	for (int i = 0; i < 20000; i++) {
		struct segment syn = {2 * i + 2, 7, SYN, "", 0, 0};

		feed(d, &syn, 0, 2);
	}
	s = (struct segment){0, 119, ACK, "l:0\r\n\r\n", 0, 0};
	feed(d, &s, 7, 3);
	assert_string_equal(buf_string(&out), "0: 26 frame 1 at 0\n");
	assert_int_equal(dissector_stats(d)->dropped_streams, 0);
	finish(d, &out);
	buf_free(&out);
}

/* Of connections that were closed the newest 4096 are remembered: a late copy of what they said is known as such. */
static void test_closed(void **state)
{
	enum { CONNECTIONS = 4100 };
	struct buf out = {0};
	struct dissector *d = dissector_new(sink_to(&out));
	struct segment open = {0, 50, ACK, BYE, 0, 0};

	(void)state;
	feed(d, &open, BYE_SIZE, 1);
	for (unsigned i = 1; i <= CONNECTIONS; i++) {
		struct segment bye = {0, 100, FIN | ACK, BYE, 0, 0, 2 * i}, ok = {1, 500, FIN | ACK, OK, 0, 0, 2 * i};

		feed(d, &bye, BYE_SIZE, 1);
		feed(d, &ok, OK_SIZE, 1);
	}
	buf_clear(&out);
	for (unsigned i = 1; i <= CONNECTIONS; i += CONNECTIONS - 1) {
		struct segment again = {0, 100, ACK, BYE, 1, 0, 2 * i};

		feed(d, &again, BYE_SIZE, i);
	}
	/* what was not closed is known as before */
	feed(d, &open, BYE_SIZE, 2);
	assert_string_equal(buf_string(&out), "0: 43 frame 1 at 1\n");
	assert_int_equal(dissector_stats(d)->dropped_streams, 0);
	finish(d, &out);
	buf_free(&out);
}

/* Anything in any order: no crash, and no memory lost. */
static void test_noise(void **state)
{
	static const char *const pieces[] = {BYE, OK, "BYE sip:a SIP", "/2.0\r\nl: 5\r\n", "\r\nabcde",
		"x\r\n", "l: 99999\r\n\r\n", ""};
	struct buf out = {0};
	struct dissector *d = dissector_new(sink_to(&out));
	uint32_t seed = 7;

	(void)state;
	for (uint32_t i = 0; i < 100000; i++) {
		struct segment s = {0};

		seed = seed * 1664525 + 1013904223;
		s.from = (int)(seed >> 8 & 7);
		s.seq = 0xffffff80 + (seed >> 11 & 0xff) + (seed >> 31) * (seed >> 20 & 0x3fffff);
		s.flags = (seed >> 25 & 15) ? ACK : seed >> 3 & 7;
		s.bytes = pieces[seed >> 28 & 7];
		s.cut = (seed >> 24 & 15) ? 0 : strlen(s.bytes) / 2;
		s.time = i * (seed >> 30);
		feed(d, &s, strlen(s.bytes), i);
		buf_clear(&out);
	}
	finish(d, &out);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenarios),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_held_bytes),
		cmocka_unit_test(test_long_message),
		cmocka_unit_test(test_caps),
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

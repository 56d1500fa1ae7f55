/* Lines of text traces: start lines, times, addresses, directions; and whole traces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "capture/dissect.h"
#include "capture/source.h"
#include "capture/textline.h"

static const struct {
	const char *line;
	int start; /* -1: none */
} starts[] = {
	{"REGISTER sip:x SIP/2.0", 0},
	{"SIP/2.0 200 OK", 0},
	{"SIP/2.0 401", 0},
	{"   INVITE sips:a@b SIP/2.0", 3},
	{"Nov 22 10:22:01 host: OPTIONS sip:x SIP/2.0", 22},
	{"E..x..@REGISTER sip:10.5.3.27:25564 SIP/2.0", 7},
	{"4..XSIP/2.0 401 Unauthorized", 4},
	{"XREGISTER sip:a SIP/2.0.", 1},
	{"WHATEVER sip:a SIP/2.0", 0},
	{"REGISTER sip:x SIP/2.0#015#012Via: SIP/2.0/UDP x", 0},
	{"Via: SIP/2.0/UDP 10.0.0.1", -1},
	{"a SIP/2.0 proxy", -1},
	{"SIP/2.0 4011 no", -1},
	{"supports SIP/2.0", -1},
	{"GET /sip:x HTTP/1.1", -1},
	{"he said sip:x SIP/2.0", -1},
	{"SIP/2.0", -1},
	{" SIP/2.0", -1},
	{"", -1},
};

static void test_starts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
		struct slice line = slice_of(starts[i].line);
		size_t at = text_start(line);

		if (at != (starts[i].start < 0 ? line.n : (size_t)starts[i].start))
			fail_msg("'%s': %zu", starts[i].line, at);
	}
}

static const struct {
	const char *line, *says; /* time, direction, transport, addresses */
} lines[] = {
	{"nothing at all", ""},
	{"10:22:01.310 hello", "37321.310 "},
	{"[2026-11-22 10:22:01.31] x", "1795342921.310 "},
	{"2026/11/22T10:22:01,5", "1795342921.500 "},
	{"[Nov 22 10:22:01] VERBOSE", "28117321.000 "},
	{"Nov  2 10:22:01 host x[1]:", "26389321.000 "},
	{"---- 1795342921.310000", "1795342921.310 "},
	{"10:72:01 25:00:00 1:02:03 10:22:0x", ""},
	{"version 300.1.1.1, 1.2.3", ""},
	{"U 2026/11/22 10:22:01.000001 10.0.0.1:5060 -> 10.0.0.2:5070",
		"1795342921.000 10.0.0.1:5060 10.0.0.2:5070 "},
	{"tls:10.0.0.1:5061<-tls:10.0.0.2:5071", "TLS 10.0.0.2:5071 10.0.0.1:5061 "},
	{"IP 10.0.0.1.39184 > 10.0.0.2.25564: UDP, length 3", "UDP 10.0.0.1:39184 10.0.0.2:25564 "},
	{"recv 1042 bytes from udp/[192.168.1.1]:5062 at 11:46:10.5:", "42370.500 in UDP 192.168.1.1:5062 "},
	{"send 355 bytes to tcp/[2001:db8::1]:5080", "out TCP [2001:db8::1]:5080 "},
	{"<--- SIP read from UDP:10.0.0.5:5061 --->", "in UDP 10.0.0.5:5061 "},
	{"<--- Transmitting (NAT) to 10.0.0.5:5060 --->", "out 10.0.0.5:5060 "},
	{"<--- Received SIP request (3126 bytes) from WSS:10.0.0.5:48850 --->", "in WSS 10.0.0.5:48850 "},
	{"received [510] new bytes from [UDP://192.168.160.2:5060]:", "in UDP 192.168.160.2:5060 "},
	{"from 10.0.0.5", "10.0.0.5:5060 "},
	{"from 10.0.0.5:99999", "10.0.0.5:5060 "},
	{"1.1.1.1 2.2.2.2 3.3.3.3", "1.1.1.1:5060 2.2.2.2:5060 "},
};

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		static const char *const directions[] = {"", "in ", "out "};
		struct text_facts f = {.has_time = false};
		struct text_clock c = {.last = -1};
		struct buf out = {0};
		char text[ADDRESS_TEXT];

		text_read(&f, &c, slice_of(lines[i].line));
		if (f.has_time)
			buf_printf(&out, "%lld.%03lld ", (long long)f.time / 1000000000,
				(long long)f.time / 1000000 % 1000);
		buf_adds(&out, directions[f.direction]);
		if (f.has_transport)
			buf_printf(&out, "%s ", transport_name(f.transport));
		for (unsigned k = 0; k < f.addresses; k++)
			buf_printf(&out, "%s ", address_format(&f.address[k], text));
		if (strcmp(buf_string(&out), lines[i].says))
			fail_msg("'%s': '%s'", lines[i].line, out.p);
		buf_free(&out);
	}
}

static void test_midnight(void **state)
{
	struct text_facts f = {.has_time = false};
	struct text_clock c = {.last = -1};

	(void)state;
	text_read(&f, &c, SLICE("2026-11-22 23:59:59.5"));
	text_read(&f, &c, SLICE("00:00:01"));
	assert_int_equal(f.time / 1000000000, 1795391999 + 2);
	text_read(&f, &c, SLICE("00:00:00"));
	assert_int_equal(f.time / 1000000000, 1795391999 + 1);
}

static void on_datagram(void *arg, const struct datagram *d)
{
	char src[ADDRESS_TEXT], dst[ADDRESS_TEXT];

	buf_printf(arg, "%u %s %s>%s %zu\n", d->frame, transport_name(d->transport), address_format(&d->src, src),
		address_format(&d->dst, dst), d->bytes.n);
}

static bool read_text(struct slice text, struct buf *out)
{
	char path[] = "/tmp/sipauth-text-XXXXXX";
	int fd = mkstemp(path);
	const char *name = path;
	size_t failed;
	struct source_error error;
	const struct packet *p;
	struct dissector *d = dissector_new(&(struct dissect_sink){.datagram = on_datagram, .arg = out});
	struct source *s;

	buf_clear(out);
	assert_int_equal(write(fd, text.p, text.n), text.n);
	close(fd);
	s = source_open(&(struct source_options){.paths = &name, .count = 1}, &failed, &error);
	while (s && (p = source_next(s)))
		dissector_feed(d, p);
	source_close(s);
	dissector_finish(d);
	dissector_free(d);
	unlink(path);
	return s;
}

#define OPTIONS "OPTIONS sip:x SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.1:5070;branch=z\nl: 0\n\n"
#define OK "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 10.0.0.1:5070;branch=z\nl: 0\n\n"

static const struct {
	const char *what, *text, *expected;
} texts[] = {
	{"nothing but messages", OPTIONS OK, "1 UDP 10.0.0.1:5070>0.0.0.0:5060 72\n"
		"2 UDP 0.0.0.0:5060>10.0.0.1:5070 65\n"},
	{"a Via with a name", "OPTIONS sip:x SIP/2.0\nv: SIP/2.0/TCP phone.example\n\n",
		"1 UDP 0.0.0.1:5060>0.0.0.0:5060 55\n"},
	{"no empty line at the end", "OPTIONS sip:x SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.1", "1 UDP 10.0.0.1:5060>0.0.0.0:5060 52\n"},
	{"a body", "INVITE sip:x SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.1\nContent-Length: 10\n\nv=0\no=-\nx=\nrest\n" OK,
		"1 UDP 10.0.0.1:5060>0.0.0.0:5060 81\n2 UDP 0.0.0.0:5060>10.0.0.1:5070 65\n"},
	{"two ends", "10.0.0.1:5070 > 10.0.0.2:5080 TCP\n" OPTIONS, "1 TCP 10.0.0.1:5070>10.0.0.2:5080 72\n"},
	{"what was said long ago", "10.0.0.1:5070 > 10.0.0.2:5080 TCP\n\n\n\n\n\n\n\n\n\n\n" OPTIONS,
		"1 UDP 10.0.0.1:5070>0.0.0.0:5060 72\n"},
	{"one after the other", "sent to 10.0.0.9\n" OPTIONS "received from 10.0.0.9\n" OK,
		"1 UDP 0.0.0.0:5060>10.0.0.9:5060 72\n2 UDP 10.0.0.9:5060>0.0.0.0:5060 65\n"},
	{"without a Via it is no message", "OPTIONS sip:x SIP/2.0\n\n" OK, "1 UDP 0.0.0.0:5060>10.0.0.1:5070 65\n"},
	{"interrupted by a log line", "OPTIONS sip:x SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.1\n<-- something -->\n" OK,
		"1 UDP 10.0.0.1:5060>0.0.0.0:5060 52\n2 UDP 0.0.0.0:5060>10.0.0.1:5070 65\n"},
	{"escaped", "x: \"OPTIONS sip:x SIP/2.0\\r\\nVia: SIP/2.0/UDP 10.0.0.1\\r\\n\\r\\n\" y\n",
		"1 UDP 10.0.0.1:5060>0.0.0.0:5060 52\n"},
};

static void test_texts(void **state)
{
	struct buf out = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct slice text = slice_of(texts[i].text);

		assert_true(read_text(text, &out));
		if (strcmp(buf_string(&out), texts[i].expected))
			fail_msg("%s: %s", texts[i].what, out.p);
		for (size_t n = 0; n < text.n; n += 3)
			read_text(slice_head(text, n), &out);
	}
	buf_free(&out);
}

/* A line of many megabytes is passed over, and costs no memory. */
static void test_long_line(void **state)
{
	struct buf text = {0}, out = {0};

	(void)state;
	buf_adds(&text, "OPTIONS sip:x SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.1\nSubject: ");
	while (text.n < 8 << 20)
		buf_adds(&text, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	buf_adds(&text, "\n\n" OK);
	assert_true(read_text(buf_slice(&text), &out));
	assert_non_null(strstr(buf_string(&out), "2 UDP 0.0.0.0:5060>10.0.0.1:5070 65\n"));
	buf_free(&text);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_starts),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_midnight),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_long_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

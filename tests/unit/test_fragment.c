/* IP fragments: each scenario is a table of fragments of one or two datagrams. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "capture/dissect.h"

/* 8 bytes of UDP and 64 of a message: pieces of 8 bytes. */
static const char datagram[] = "\x13\xc4\x13\xc4\0\x48\0\0"
	"BYE sip:a SIP/2.0\r\nTo: <sip:b>;tag=1234567890123456789012\r\n\r\n12";

enum { SIZE = 8 + 64, FRAGMENTS_MAX = 10 };

struct fragment {
	unsigned from, to;  /* in units of 8 bytes; to == 9: the last */
	unsigned time;      /* milliseconds */
	unsigned id;        /* 0: 7 */
	char change;        /* 'x': other bytes; 'r': in the other direction, a whole answer; 's': cut by 4 bytes */
};

static const struct scenario {
	const char *what, *expected;
	struct fragment fragments[FRAGMENTS_MAX];
} scenarios[] = {
	{"in order", "64 frame 2 at 1\n", {{0, 3, 0}, {3, 9, 1}}},
	{"swapped", "64 frame 2 at 1\n", {{3, 9, 0}, {0, 3, 1}}},
	{"three, the middle last", "64 frame 3 at 2\n", {{0, 3, 0}, {6, 9, 1}, {3, 6, 2}}},
	{"backwards", "64 frame 4 at 3\n", {{6, 9, 0}, {4, 6, 1}, {2, 4, 2}, {0, 2, 3}}},
	{"each twice", "64 frame 3 at 2\n", {{0, 3, 0}, {0, 3, 1}, {3, 9, 2}, {3, 9, 3}}},
	{"all twice", "64 frame 2 at 1\n", {{0, 3, 0}, {3, 9, 1}, {0, 3, 2}, {3, 9, 3}}},
	{"overlap, the same bytes", "64 frame 2 at 1\n", {{0, 5, 0}, {3, 9, 1}}},
	{"overlap, other bytes", "64 frame 3 at 2\nfragment-overlap 1\n", {
		{0, 5, 0}, {3, 5, 1, 0, 'x'}, {5, 9, 2}}},
	{"overlap on both sides", "64 frame 4 at 3\nfragment-overlap 1\n", {
		{0, 3, 0}, {3, 5, 1}, {2, 5, 2, 0, 'x'}, {5, 9, 3}}},
	{"two at a time", "64 frame 3 at 2\n64 frame 4 at 3\n", {
		{0, 3, 0}, {0, 3, 1, 8}, {3, 9, 2, 8}, {3, 9, 3}}},
	{"number used again", "64 frame 2 at 1\n64 frame 4 at 2001\n", {
		{0, 3, 0}, {3, 9, 1}, {0, 3, 2000}, {3, 9, 2001}}},
	{"hole at the end", "loss: fragment\n16 frame 1 at 0 cut 48\nfragment 1\n", {{0, 3, 0}}},
	{"hole in the middle", "loss: fragment\n16 frame 1 at 0 cut 48\nfragment 2\n", {{0, 3, 0}, {6, 9, 1}}},
	{"the first is missing", "fragment 2\n", {{3, 6, 0}, {6, 9, 1}}},
	{"hole before the answer", "loss: fragment\n16 frame 1 at 0 cut 48\nanswer\nfragment 1\n", {
		{0, 3, 0}, {0, 9, 90, 0, 'r'}}},
	{"comes after the answer", "loss: fragment\n16 frame 1 at 0 cut 48\nanswer\nfragment 1\n", {
		{0, 3, 0}, {0, 9, 90, 0, 'r'}, {3, 9, 91}}},
	{"hole before a retransmission", "loss: fragment\n16 frame 1 at 0 cut 48\n64 frame 3 at 601\n"
		"fragment 1\n", {{0, 3, 0}, {0, 3, 600, 8}, {3, 9, 601, 8}}},
	{"given up after 30 s", "loss: fragment\n16 frame 1 at 0 cut 48\nanswer\nfragment 2\n", {
		{0, 3, 0}, {3, 6, 30001, 9}, {0, 9, 30002, 0, 'r'}}},
	{"not yet given up", "64 frame 2 at 29999\n", {{0, 3, 0}, {3, 9, 29999}}},
	{"snap length", "60 frame 2 at 1 cut 4\n", {{0, 3, 0}, {3, 9, 1, 0, 's'}}},
	{"snap length in the middle", "12 frame 2 at 1 cut 52\n", {{0, 3, 0, 0, 's'}, {3, 9, 1}}},
	{"no message", "", {{0, 3, 0, 0, 'x'}, {3, 9, 1, 0, 'x'}}},
};

static void on_datagram(void *arg, const struct datagram *d)
{
	if (d->src.ip[3] == 2) {
		buf_adds(arg, "answer\n");
		return;
	}
	buf_printf(arg, "%zu frame %u at %lld", d->bytes.n, d->frame, (long long)d->time / 1000000);
	if (d->cut)
		buf_printf(arg, " cut %llu", (unsigned long long)d->cut);
	if (!d->cut && memcmp(d->bytes.p, datagram + 8, 64))
		buf_adds(arg, " WRONG");
	buf_addc(arg, '\n');
}

static void on_loss(void *arg, const struct loss *l)
{
	buf_printf(arg, "loss: %s\n", l->what);
}

static void add16(struct buf *b, unsigned value)
{
	buf_addc(b, (char)(value >> 8));
	buf_addc(b, (char)value);
}

static void add_ip4(struct buf *b, const struct fragment *f, unsigned id, size_t n)
{
	buf_add(b, "\x45\0", 2);
	add16(b, 20 + (unsigned)n);
	add16(b, id);
	add16(b, f->from | (f->to < 9 ? 0x2000 : 0));
	buf_add(b, "\x40\x11\0\0", 4);
	buf_add(b, f->change == 'r' ? "\x0a\0\0\2\x0a\0\0\1" : "\x0a\0\0\1\x0a\0\0\2", 8);
}

static void add_ip6(struct buf *b, const struct fragment *f, unsigned id, size_t n)
{
	static const char a[] = "\xfd\0\0\1\0\0\0\0\0\0\0\0\0\0\0\1", c[] = "\xfd\0\0\2\0\0\0\0\0\0\0\0\0\0\0\2";
	bool whole = !f->from && f->to == 9;

	buf_add(b, "\x60\0\0\0", 4);
	add16(b, (unsigned)n + (whole ? 0 : 8));
	buf_add(b, whole ? "\x11\x40" : "\x2c\x40", 2);
	buf_add(b, f->change == 'r' ? c : a, 16);
	buf_add(b, f->change == 'r' ? a : c, 16);
	if (whole)
		return;
	buf_add(b, "\x11\0", 2);
	add16(b, f->from * 8 | (f->to < 9));
	buf_add(b, "\0\1", 2);
	add16(b, id);
}

static void feed(struct dissector *d, const struct fragment *f, uint32_t frame, int version)
{
	struct buf b = {0};
	unsigned id = f->id ? f->id : 7;
	size_t n = (f->to - f->from) * 8, at;
	struct packet p = {.linktype = 101, .frame = frame, .file = 1, .time = INT64_C(1000000) * f->time};

	(version == 4 ? add_ip4 : add_ip6)(&b, f, id, n);
	at = b.n;
	buf_add(&b, datagram + f->from * 8, n);
	for (size_t i = f->from ? at : at + 8; f->change == 'x' && i < b.n; i++)
		b.p[i] = 'x';
	p.length = (uint32_t)b.n;
	p.captured = (uint32_t)(b.n - (f->change == 's' ? 4 : 0));
	p.data = memcpy(malloc(p.captured), b.p, p.captured);
	dissector_feed(d, &p);
	free((void *)p.data);
	buf_free(&b);
}

static void finish(struct dissector *d, struct buf *out)
{
	static const enum undecoded counters[] = {UNDECODED_FRAGMENT, UNDECODED_OVERLAP};

	dissector_finish(d);
	for (size_t i = 0; i < 2; i++)
		if (dissector_stats(d)->undecoded[counters[i]])
			buf_printf(out, "%s %llu\n", undecoded_name(counters[i]),
				(unsigned long long)dissector_stats(d)->undecoded[counters[i]]);
	dissector_free(d);
}

static void test_scenarios(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * sizeof(scenarios) / sizeof(*scenarios); i++) {
		const struct scenario *c = &scenarios[i / 2];
		struct buf out = {0};
		struct dissector *d = dissector_new(&(struct dissect_sink){on_datagram, NULL, on_loss, &out});

		for (uint32_t k = 0; k < FRAGMENTS_MAX && c->fragments[k].to; k++)
			feed(d, &c->fragments[k], k + 1, i & 1 ? 6 : 4);
		finish(d, &out);
		if (strcmp(buf_string(&out), c->expected))
			fail_msg("%s, IPv%d: %s", c->what, i & 1 ? 6 : 4, out.p);
		buf_free(&out);
	}
}

/* More than the table holds: the oldest are given up, each is counted, nothing grows. */
static void test_many(void **state)
{
	struct buf out = {0};
	struct dissector *d = dissector_new(&(struct dissect_sink){NULL, NULL, NULL, NULL});

	(void)state;
	for (unsigned i = 1; i <= 5000; i++)
		feed(d, &(struct fragment){3, 6, 1, i}, i, 4);
	assert_int_equal(dissector_stats(d)->dropped_fragments, 5000 - 4096);
	finish(d, &out);
	assert_string_equal(buf_string(&out), "fragment 5000\n");
	buf_free(&out);
}

/* One datagram in more pieces than any sender makes. */
static void test_pieces(void **state)
{
	struct buf out = {0};
	struct dissector *d = dissector_new(&(struct dissect_sink){NULL, NULL, NULL, NULL});

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		feed(d, &(struct fragment){3 + i % 5, 4 + i % 5 + i / 500, 1, 7, i % 7 ? 'x' : 0}, i + 1, 6);
	for (unsigned i = 0; i < 300; i++) {
		uint8_t bytes[28] = {0x45, 0, 0, 28, 0, 9, 0x20 | (uint8_t)(i >> 8), (uint8_t)i, 64, 17};

		dissector_feed(d, &(struct packet){.data = bytes, .captured = 28, .length = 28, .linktype = 101});
	}
	finish(d, &out);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenarios),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

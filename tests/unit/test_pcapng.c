/* The pcapng block reader, on files built here in both byte orders, and the writer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "capture/pcapng.h"
#include "report/pcapng.h"

static char path[] = "/tmp/sipauth-pcapng-XXXXXX";

/* A file in the making. */
struct file {
	struct buf bytes;
	bool big;
};

static void add(struct buf *b, bool big, uint64_t value, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		buf_addc(b, (char)(value >> 8 * (big ? size - 1 - i : i)));
}

static void add32(struct file *f, struct buf *body, uint64_t value)
{
	add(body, f->big, value, 4);
}

static void block(struct file *f, uint32_t type, struct buf *body)
{
	uint32_t total;

	while (body->n % 4)
		buf_addc(body, 0);
	total = (uint32_t)body->n + 12;
	add32(f, &f->bytes, type);
	add32(f, &f->bytes, total);
	buf_add_slice(&f->bytes, buf_slice(body));
	add32(f, &f->bytes, total);
	buf_free(body);
}

static void section(struct file *f, unsigned major)
{
	struct buf b = {0};

	add32(f, &b, 0x1A2B3C4D);
	add(&b, f->big, major, 2);
	add(&b, f->big, 0, 2);
	add(&b, f->big, UINT64_MAX, 8);
	block(f, 0x0A0D0D0A, &b);
}

/* `resolution` and `offset` are left out if 0. */
static void interface(struct file *f, unsigned linktype, uint32_t snaplen, unsigned resolution,
	int64_t offset)
{
	struct buf b = {0};

	add(&b, f->big, linktype, 2);
	add(&b, f->big, 0, 2);
	add32(f, &b, snaplen);
	if (resolution) {
		add(&b, f->big, 9, 2);
		add(&b, f->big, 1, 2);
		add(&b, f->big, f->big ? (uint64_t)resolution << 24 : resolution, 4);
	}
	if (offset) {
		add(&b, f->big, 14, 2);
		add(&b, f->big, 8, 2);
		add(&b, f->big, (uint64_t)offset, 8);
	}
	if (resolution || offset)
		add32(f, &b, 0);
	block(f, 1, &b);
}

static void enhanced(struct file *f, uint32_t interface_id, uint64_t time, uint32_t captured,
	const char *bytes)
{
	struct buf b = {0};

	add32(f, &b, interface_id);
	add32(f, &b, time >> 32);
	add32(f, &b, time);
	add32(f, &b, captured);
	add32(f, &b, strlen(bytes));
	buf_add(&b, bytes, captured < strlen(bytes) ? captured : strlen(bytes));
	block(f, 6, &b);
}

static void simple(struct file *f, uint32_t length, const char *bytes)
{
	struct buf b = {0};

	add32(f, &b, length);
	buf_adds(&b, bytes);
	block(f, 3, &b);
}

static void obsolete(struct file *f, uint64_t time, const char *bytes)
{
	struct buf b = {0};

	add(&b, f->big, 0, 2);
	add(&b, f->big, 7, 2);
	add32(f, &b, time >> 32);
	add32(f, &b, time);
	add32(f, &b, strlen(bytes));
	add32(f, &b, strlen(bytes) + 1);
	buf_adds(&b, bytes);
	block(f, 2, &b);
}

static void other(struct file *f, uint32_t type, size_t n)
{
	struct buf b = {0};

	while (n--)
		buf_addc(&b, 'x');
	block(f, type, &b);
}

static void save(const void *bytes, size_t n)
{
	FILE *out = fopen(path, "wb");

	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, n, out), n);
	assert_int_equal(fclose(out), 0);
}

static struct pcapng *reader(const void *bytes, size_t n)
{
	const char *why = NULL;
	struct input *in;

	save(bytes, n);
	in = input_open(path, NULL, &why);
	return in ? pcapng_new(in, 4096) : NULL;
}

/* Reads all; one line a packet, and how it ended. */
static const char *dump(struct buf *out, const void *bytes, size_t n)
{
	static const char *const ends[] = {[PCAPNG_END] = "end", [PCAPNG_TRUNCATED] = "truncated",
		[PCAPNG_BROKEN] = "broken: "};
	struct pcapng *p = reader(bytes, n);
	struct packet packet = {0};
	enum pcapng_result result;

	buf_clear(out);
	if (!p)
		return "empty";
	while ((result = pcapng_next(p, &packet)) == PCAPNG_PACKET)
		buf_printf(out, "%u %d %lld %.*s %u\n", packet.frame, packet.linktype,
			(long long)packet.time, (int)packet.captured, (const char *)packet.data,
			packet.length);
	buf_printf(out, "%s%s", ends[result], result == PCAPNG_BROKEN ? pcapng_trouble(p) : "");
	pcapng_free(p);
	return buf_string(out);
}

static void expect(struct file *f, const char *expected)
{
	struct buf out = {0};

	assert_string_equal(dump(&out, f->bytes.p, f->bytes.n), expected);
	buf_free(&out);
	buf_free(&f->bytes);
}

/* One of everything, two sections, the second in the other byte order. */
static void build(struct file *f)
{
	section(f, 1);
	interface(f, 1, 0, 0, 0);
	interface(f, 113, 3, 9, 0);
	enhanced(f, 0, 1000001, 4, "abcdef");
	other(f, 4, 21);
	enhanced(f, 1, 5000000007, 1, "q");
	simple(f, 3, "xyz");
	other(f, 9, 5);
	obsolete(f, 2000000, "old");
	f->big = !f->big;
	section(f, 1);
	interface(f, 276, 2, 0, 0);
	simple(f, 9, "12");
	enhanced(f, 0, 3, 2, "zz");
}

static const char built[] = "1 1 1000001000 abcd 6\n2 113 5000000007 q 1\n3 1 5000000007 xyz 3\n"
	"5 1 2000000000 old 4\n6 276 2000000000 12 9\n7 276 3000 zz 2\nend";

static void test_blocks(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		struct file f = {.big = big != 0};

		build(&f);
		expect(&f, built);
	}
}

/* Whatever the place of the cut, the packets before it come, and never one that is not whole. */
static void test_truncations(void **state)
{
	struct file f = {.big = false};
	struct buf out = {0};

	(void)state;
	build(&f);
	for (size_t n = 0; n < f.bytes.n; n++) {
		const char *text = dump(&out, f.bytes.p, n), *end = strrchr(text, '\n');
		size_t packets = end ? (size_t)(end + 1 - text) : 0;

		assert_memory_equal(text, built, packets);
		text += packets;
		if (n && n < 28)
			assert_string_equal(text, "broken: ends inside its header");
		else if (n)
			assert_true(strcmp(text, "truncated") == 0 || strcmp(text, "end") == 0);
	}
	buf_free(&out);
	buf_free(&f.bytes);
}

/* Any byte may be anything: no crash, no packet that reaches out of the file. */
static void test_corruption(void **state)
{
	struct file f = {.big = true};
	struct buf out = {0};

	(void)state;
	build(&f);
	for (size_t i = 0; i < f.bytes.n; i++) {
		char old = f.bytes.p[i];

		for (unsigned c = 0; c < 256; c += 51) {
			f.bytes.p[i] = (char)c;
			dump(&out, f.bytes.p, f.bytes.n);
		}
		f.bytes.p[i] = old;
	}
	buf_free(&out);
	buf_free(&f.bytes);
}

static const struct resolution {
	unsigned resolution;
	int64_t offset;
	uint64_t units;
	int64_t time;
} resolutions[] = {
	{0, 0, 1500000, 1500000000},
	{3, 0, 1500, 1500000000},
	{9, 0, 1500000000, 1500000000},
	{12, 0, 1500000000123, 1500000000},
	{127, 0, UINT64_MAX, 0},
	{0x80 | 10, 0, 1536, 1500000000},
	{0x80 | 32, 0, UINT64_C(3) << 31, 1500000000},
	{0x80 | 63, 0, UINT64_C(3) << 62, 1500000000},
	{0xff, 0, UINT64_MAX, 0},
	{0x80, 0, 2, 2000000000},
	{0, 100, 1, 100000001000},
	{0, -1, 1500000, 500000000},
	{0, INT64_MAX, 1, INT64_MAX},
	{1, 0, UINT64_MAX, INT64_MAX},
};

static void test_resolutions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(resolutions) / sizeof(*resolutions); i++) {
		const struct resolution *r = &resolutions[i];
		struct file f = {.big = i % 2 != 0};
		struct packet packet;
		struct pcapng *p;

		section(&f, 1);
		interface(&f, 1, 0, r->resolution, r->offset);
		enhanced(&f, 0, r->units, 1, "a");
		p = reader(f.bytes.p, f.bytes.n);
		assert_int_equal(pcapng_next(p, &packet), PCAPNG_PACKET);
		if (packet.time != r->time)
			fail_msg("resolution %u: %lld", r->resolution, (long long)packet.time);
		pcapng_free(p);
		buf_free(&f.bytes);
	}
}

static void set32(struct file *f, size_t at, uint32_t value)
{
	memcpy(f->bytes.p + at, &value, 4);
}

static void test_broken(void **state)
{
	struct file f = {.big = false};

	(void)state;
	section(&f, 2);
	expect(&f, "broken: pcapng version 2; only version 1 is known");

	section(&f, 1);
	enhanced(&f, 0, 0, 1, "a");
	expect(&f, "broken: packet 1 is of interface 0, which it does not describe");

	section(&f, 1);
	interface(&f, 1, 0, 0, 0);
	enhanced(&f, 0, 0, 1, "a");
	enhanced(&f, 0, 0, 999, "abc");
	expect(&f, "1 1 0 a 1\nbroken: packet 2 claims 999 bytes in a block that holds 4");

	section(&f, 1);
	interface(&f, 1, 0, 0, 0);
	enhanced(&f, 0, 0, 1, "a");
	other(&f, 77, 0);
	set32(&f, f.bytes.n - 8, 11);
	expect(&f, "1 1 0 a 1\nbroken: a block of 11 bytes after packet 1");

	section(&f, 1);
	interface(&f, 1, 0, 0, 0);
	set32(&f, f.bytes.n - 4, 24);
	expect(&f, "broken: the block after packet 0 has two lengths, 20 and 24");

	section(&f, 1);
	other(&f, 1, 4);
	expect(&f, "broken: an interface block of 4 bytes");

	section(&f, 1);
	interface(&f, 1, 0, 0, 0);
	other(&f, 6, 16);
	expect(&f, "broken: a packet block of 16 bytes after packet 0");

	section(&f, 1);
	set32(&f, 8, 0x01020304);
	expect(&f, "broken: a section whose byte order cannot be told, after packet 0");

	/* an unknown block may be of any size; it is not kept in memory */
	section(&f, 1);
	interface(&f, 1, 0, 0, 0);
	other(&f, 77, 3 << 20);
	enhanced(&f, 0, 0, 1, "a");
	expect(&f, "1 1 0 a 1\nend");
	section(&f, 1);
	other(&f, 77, 0);
	set32(&f, f.bytes.n - 8, 0xfffffffc);
	expect(&f, "truncated");
}

static void test_secrets(void **state)
{
	struct file f = {.big = true};
	struct buf b = {0};
	struct packet packet;
	struct pcapng *p;

	(void)state;
	section(&f, 1);
	add32(&f, &b, 0x544c534b);
	add32(&f, &b, 5);
	buf_adds(&b, "key 1");
	block(&f, 10, &b);
	add32(&f, &b, 0x12345678);
	add32(&f, &b, 5);
	buf_adds(&b, "other");
	block(&f, 10, &b);
	add32(&f, &b, 0x544c534b);
	add32(&f, &b, 500);
	buf_adds(&b, "key 2...");
	block(&f, 10, &b);
	p = reader(f.bytes.p, f.bytes.n);
	assert_int_equal(pcapng_next(p, &packet), PCAPNG_END);
	assert_true(slice_eq(pcapng_secrets(p), SLICE("key 1\nkey 2...\n")));
	pcapng_free(p);
	buf_free(&f.bytes);
}

static void test_writer(void **state)
{
	static const struct packet packets[] = {
		{(const uint8_t *)"abc", 3, 5, 1, 1500000000123456789, 7, 1},
		{(const uint8_t *)"", 0, 0, 276, 0, 1, 2},
		{(const uint8_t *)"defgh", 5, 5, 1, 2, 9, 1},
	};
	struct pcapng_writer_error error;
	struct buf out = {0}, bytes = {0};
	struct stat st;
	char chunk[4096];
	size_t n;
	FILE *in;
	struct pcapng_writer *w = pcapng_writer_open(path, &error);

	(void)state;
	assert_non_null(w);
	for (size_t i = 0; i < sizeof(packets) / sizeof(*packets); i++)
		pcapng_writer_packet(w, &packets[i]);
	assert_true(pcapng_writer_close(w, &error));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	in = fopen(path, "rb");
	while ((n = fread(chunk, 1, sizeof(chunk), in)) > 0)
		buf_add(&bytes, chunk, n);
	fclose(in);
	assert_string_equal(dump(&out, bytes.p, bytes.n),
		"1 1 1500000000123456789 abc 5\n2 276 0  0\n3 1 2 defgh 5\nend");
	buf_free(&out);
	buf_free(&bytes);
}

static void test_writer_trouble(void **state)
{
	struct pcapng_writer_error error = {""};
	struct packet packet = {.data = (const uint8_t *)"a", .captured = 1, .length = 1};
	struct pcapng_writer *w = pcapng_writer_open("/dev/full", &error);

	(void)state;
	assert_non_null(w);
	for (int i = 0; i < 10000; i++)
		pcapng_writer_packet(w, &packet);
	assert_false(pcapng_writer_close(w, &error));
	assert_string_equal(error.text, "/dev/full: cannot be written: No space left on device");
	assert_null(pcapng_writer_open("/no/such/directory/x", &error));
	assert_non_null(strstr(error.text, "No such file or directory"));
}

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_truncations),
		cmocka_unit_test(test_corruption),
		cmocka_unit_test(test_resolutions),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_writer),
		cmocka_unit_test(test_writer_trouble),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}

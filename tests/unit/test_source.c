/* Opening captures: what cannot be read, merging by time, filters, standard input. */
#include <fcntl.h>
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
#include "capture/source.h"

enum { PATHS = 3 };

static char directory[] = "/tmp/sipauth-source-XXXXXX";
static char paths[PATHS][64];

/* What was complained of, one line each. */
static struct buf said;

static void complain(void *arg, const char *line)
{
	(void)arg;
	buf_printf(&said, "%s\n", line);
}

static void save(const char *path, const void *bytes, size_t n)
{
	FILE *out = fopen(path, "wb");

	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, n, out), n);
	assert_int_equal(fclose(out), 0);
}

static void put(struct buf *b, bool big, uint32_t value, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		buf_addc(b, (char)(value >> 8 * (big ? size - 1 - i : i)));
}

static void pcap_header(struct buf *b, bool big, uint32_t magic, uint32_t linktype)
{
	put(b, big, magic, 4);
	put(b, big, 2, 2);
	put(b, big, 4, 2);
	put(b, big, 0, 4);
	put(b, big, 0, 4);
	put(b, big, 65535, 4);
	put(b, big, linktype, 4);
}

/* An IPv4 UDP packet, raw IP, whose last byte is `name`; `port` is its source. */
static void pcap_packet(struct buf *b, bool big, uint32_t seconds, uint32_t fraction, unsigned port,
	char name)
{
	put(b, big, seconds, 4);
	put(b, big, fraction, 4);
	put(b, big, 29, 4);
	put(b, big, 29, 4);
	buf_add(b, "\x45\0\0\x1d\0\0\0\0\x40\x11\0\0\x0a\0\0\1\x0a\0\0\2", 20);
	put(b, true, port, 2);
	buf_add(b, "\0\1\0\x09\0\0", 6);
	buf_addc(b, name);
}

/* One packet for each letter, which is its last byte. */
static void save_packets(const char *path, const char *names, const uint32_t *times)
{
	struct buf b = {0};

	pcap_header(&b, false, 0xa1b2c3d4, 101);
	for (size_t i = 0; names[i]; i++)
		pcap_packet(&b, false, times[i], 0, 5060 + (unsigned)i % 2, names[i]);
	save(path, b.p, b.n);
	buf_free(&b);
}

static struct source *open_source(const char *const *names, size_t count, const char *filter,
	size_t *failed, struct source_error *error)
{
	buf_clear(&said);
	return source_open(&(struct source_options){.paths = names, .count = count, .filter = filter,
		.complain = complain}, failed, error);
}

/* The last bytes of all packets in their order. */
static const char *order(struct source *s, struct buf *out)
{
	const struct packet *p;

	buf_clear(out);
	while ((p = source_next(s)))
		buf_addc(out, (char)p->data[p->captured - 1]);
	return buf_string(out);
}

static void test_formats(void **state)
{
	static const struct {
		uint32_t magic;
		bool big;
		int64_t fraction;
	} formats[] = {
		{0xa1b2c3d4, false, 7000}, {0xa1b2c3d4, true, 7000},
		{0xa1b23c4d, false, 7}, {0xa1b23c4d, true, 7},
	};
	const char *name = paths[0];

	(void)state;
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		struct buf b = {0};
		struct source_error error;
		const struct packet *p;
		size_t failed;
		struct source *s;

		pcap_header(&b, formats[i].big, formats[i].magic, 101);
		pcap_packet(&b, formats[i].big, 4000000000, 7, 5060, 'a');
		save(name, b.p, b.n);
		s = open_source(&name, 1, NULL, &failed, &error);
		assert_non_null(s);
		assert_non_null(p = source_next(s));
		assert_int_equal(p->time, 4000000000 * INT64_C(1000000000) + formats[i].fraction);
		assert_int_equal(p->linktype, 101);
		assert_int_equal(p->frame, 1);
		assert_int_equal(p->file, 1);
		assert_null(source_next(s));
		assert_null(source_next(s));
		source_close(s);
		buf_free(&b);
	}
}

/* Before 2.3 the two lengths stand the other way round, in 2.3 with some writers; Kuznetzov's has longer records. */
static void test_old_formats(void **state)
{
	static const struct {
		const char *magic;
		uint16_t major, minor;
		uint32_t first, second; /* of the lengths */
		size_t more;            /* bytes behind them */
	} formats[] = {
		{"\xd4\xc3\xb2\xa1", 2, 2, 77, 29, 0}, {"\xd4\xc3\xb2\xa1", 2, 3, 77, 29, 0},
		{"\xd4\xc3\xb2\xa1", 2, 3, 29, 77, 0}, {"\xd4\xc3\xb2\xa1", 543, 0, 77, 29, 0},
		{"\x34\xcd\xb2\xa1", 2, 4, 29, 77, 8},
	};
	const char *name = paths[0];

	(void)state;
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		struct buf b = {0};
		struct source_error error;
		const struct packet *p;
		size_t failed;
		struct source *s;

		pcap_header(&b, false, 0, 101);
		memcpy(b.p, formats[i].magic, 4);
		b.p[4] = (char)formats[i].major;
		b.p[5] = (char)(formats[i].major >> 8);
		b.p[6] = (char)formats[i].minor;
		put(&b, false, 1, 4);
		put(&b, false, 2, 4);
		put(&b, false, formats[i].first, 4);
		put(&b, false, formats[i].second, 4);
		buf_add(&b, "12345678", formats[i].more);
		buf_add(&b, "abcdefghijklmnopqrstuvwxyz123", 29);
		save(name, b.p, b.n);
		s = open_source(&name, 1, NULL, &failed, &error);
		assert_non_null(s);
		assert_non_null(p = source_next(s));
		assert_int_equal(p->time, 1000002000);
		assert_int_equal(p->captured, 29);
		assert_int_equal(p->length, 77);
		assert_memory_equal(p->data, "abc", 3);
		assert_null(source_next(s));
		source_close(s);
		buf_free(&b);
	}
}

static const struct bad {
	const char *bytes;
	size_t n;
	const char *says;
} bad[] = {
	{"", 0, "empty"},
	{"Authorization: Digest realm=\"x\"\r\n", 33, "a text file"},
	{"\x1f\x8b\x08\0\0\0\0\0", 8, "gzip data ends too early"},
	{"\x1f\x8b\x08\0\0\0\0\0\0\0\xff\xff\xff\xff", 14, "gzip data is damaged"},
	{"\x28\xb5\x2f\xfd\xff\xff\xff\xff", 8, "zstd"},
	{"\xfd" "7zXZ", 5, "packed with xz"},
	{"PK\3\4", 4, "a zip archive"},
	{"snoop\0\0\0\0\0\0\2", 12, "a snoop capture"},
	{"\0\1\2\3\4\5\6\7", 8, "no known capture format"},
	{"\xd4\xc3\xb2\xa1\2\0\4\0", 8, "ends inside its header"},
	{"\x0a\x0d\x0d\x0a\x1c\0\0\0", 8, "ends inside its header"},
	{"\xd4\xc3\xb2\xa1\x63\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0", 24, "version"},
	{"\xd4\xc3\xb2\xa1\2\0\5\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0", 24, "version"},
	{"\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0" "12345678\1\0\4\0\1\0\4\0", 40, "claims 262145 bytes"},
};

static void test_bad_files(void **state)
{
	const char *name = paths[0];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct source_error error;
		size_t failed;

		save(name, bad[i].bytes, bad[i].n);
		assert_null(open_source(&name, 1, NULL, &failed, &error));
		assert_int_equal(failed, 1);
		assert_int_equal(said.n, 0);
		if (strncmp(error.text, name, strlen(name)) || !strstr(error.text, bad[i].says) ||
			strchr(error.text, '\n'))
			fail_msg("case %zu: %s", i, error.text);
	}
}

static void test_no_file(void **state)
{
	const char *names[] = {directory, "/no/such/file", paths[1]};
	struct source_error error;
	size_t failed;
	struct buf out = {0};
	struct source *s;

	(void)state;
	save_packets(paths[1], "a", (uint32_t[]){1});
	s = open_source(names, 3, NULL, &failed, &error);
	assert_non_null(s);
	assert_int_equal(failed, 2);
	assert_non_null(strstr(buf_string(&said), "a directory"));
	assert_non_null(strstr(said.p, "/no/such/file: no such file\n"));
	assert_string_equal(order(s, &out), "a");
	source_close(s);
	assert_null(open_source(names, 2, NULL, &failed, &error));
	assert_string_equal(error.text, "none of the 2 captures could be read");
	if (geteuid() != 0) {
		assert_int_equal(chmod(paths[1], 0), 0);
		assert_null(open_source(names + 2, 1, NULL, &failed, &error));
		assert_non_null(strstr(error.text, "no permission"));
		assert_int_equal(chmod(paths[1], 0600), 0);
	}
	buf_free(&out);
}

static void test_truncated(void **state)
{
	const char *name = paths[0];
	struct buf b = {0}, out = {0};
	size_t whole;

	(void)state;
	pcap_header(&b, false, 0xa1b2c3d4, 101);
	pcap_packet(&b, false, 1, 0, 5060, 'a');
	whole = b.n;
	pcap_packet(&b, false, 2, 0, 5060, 'b');
	for (size_t n = whole; n < b.n; n++) {
		struct source_error error;
		size_t failed;
		struct source *s;

		save(name, b.p, n);
		s = open_source(&name, 1, NULL, &failed, &error);
		assert_non_null(s);
		assert_int_equal(failed, 0);
		assert_string_equal(order(s, &out), "a");
		assert_int_equal(source_stats(s)->truncated, n > whole);
		assert_false(source_stats(s)->broken);
		assert_int_equal(said.n != 0, n > whole);
		source_close(s);
	}
	/* a length that cannot be */
	memset(b.p + whole + 8, 0xff, 4);
	save(name, b.p, b.n);
	{
		struct source_error error;
		size_t failed;
		struct source *s = open_source(&name, 1, NULL, &failed, &error);

		assert_string_equal(order(s, &out), "a");
		assert_true(source_stats(s)->broken);
		assert_non_null(strstr(buf_string(&said), "unreadable after packet 1"));
		source_close(s);
	}
	buf_free(&b);
	buf_free(&out);
}

static void test_merge(void **state)
{
	const char *names[] = {paths[0], paths[1], paths[2]};
	struct source_error error;
	size_t failed;
	struct buf out = {0};
	struct source *s;
	const struct packet *p;

	(void)state;
	/* the step back in the first file stays where it is */
	save_packets(paths[0], "adcg", (uint32_t[]){1, 5, 3, 9});
	save_packets(paths[1], "be", (uint32_t[]){2, 5});
	save_packets(paths[2], "", NULL);
	s = open_source(names, 3, NULL, &failed, &error);
	assert_non_null(s);
	assert_int_equal(failed, 0);
	assert_string_equal(order(s, &out), "abdceg");
	assert_int_equal(source_stats(s)->packets, 6);
	source_close(s);
	names[0] = paths[1];
	names[1] = paths[0];
	s = open_source(names, 2, NULL, &failed, &error);
	p = source_next(s);
	assert_int_equal(p->file, 2);
	p = source_next(s);
	assert_int_equal(p->file, 1);
	assert_int_equal(p->frame, 1);
	source_close(s);
	buf_free(&out);
}

static void test_filter(void **state)
{
	const char *name = paths[0];
	struct source_error error;
	size_t failed;
	struct buf out = {0};
	struct source *s;
	const struct packet *p;

	(void)state;
	save_packets(name, "abcd", (uint32_t[]){1, 2, 3, 4});
	s = open_source(&name, 1, "udp src port 5061", &failed, &error);
	assert_non_null(s);
	assert_non_null(p = source_next(s));
	assert_int_equal(p->frame, 2);
	assert_string_equal(order(s, &out), "d");
	assert_int_equal(source_stats(s)->packets, 4);
	assert_int_equal(source_stats(s)->filtered, 2);
	source_close(s);
	assert_null(open_source(&name, 1, "udp porrt 5061", &failed, &error));
	assert_int_equal(failed, 0);
	assert_non_null(strstr(error.text, "\"udp porrt 5061\" cannot be used: "));
	/* right for Ethernet, without a meaning for raw IP */
	s = open_source(&name, 1, "vlan 1", &failed, &error);
	assert_non_null(s);
	assert_null(source_next(s));
	assert_non_null(strstr(buf_string(&said), "no meaning for link type 101"));
	source_close(s);
	buf_free(&out);
}

/* Puts a file on standard input, through a pipe. */
static void pipe_in(const char *path)
{
	char bytes[4096];
	int ends[2], in = open(path, O_RDONLY);
	ssize_t n = read(in, bytes, sizeof(bytes));

	close(in);
	assert_true(n > 0);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], bytes, (size_t)n), n);
	close(ends[1]);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
}

static void test_stdin(void **state)
{
	const char *names[] = {"-", "-"};
	struct source_error error;
	size_t failed;
	struct buf out = {0};
	struct source *s;

	(void)state;
	save_packets(paths[0], "abcd", (uint32_t[]){1, 2, 3, 4});
	pipe_in(paths[0]);
	s = open_source(names, 2, NULL, &failed, &error);
	assert_non_null(s);
	assert_int_equal(failed, 1);
	assert_non_null(strstr(buf_string(&said), "standard input: named twice"));
	assert_string_equal(order(s, &out), "abcd");
	source_close(s);
	buf_free(&out);
}

static int make_directory(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	for (int i = 0; i < PATHS; i++)
		snprintf(paths[i], sizeof(paths[i]), "%s/%d", directory, i);
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	for (int i = 0; i < PATHS; i++)
		unlink(paths[i]);
	buf_free(&said);
	return rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_old_formats),
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_stdin),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}

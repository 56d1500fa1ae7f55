/*
 * Every capture of this tree, and of ../shared if it is here, cut at every 97th byte (every 997th with sanitizers):
 * each beginning goes through all layers and the engine, in process. Nothing may crash or hang, whatever is missing.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "auth/tracker.h"
#include "capture/dissect.h"
#include "capture/source.h"
#include "capture/tls_keys.h"
#include "digest/algorithm.h"

#if defined(__SANITIZE_ADDRESS__)
enum { STEP = 997 };
#else
enum { STEP = 97 };
#endif

/* valgrind is some fifty times slower. */
static size_t step_here(void)
{
	const char *preload = getenv("LD_PRELOAD"), *wanted = getenv("CUT_STEP");

	if (wanted)
		return strtoul(wanted, NULL, 10);
	return preload && strstr(preload, "vgpreload") ? 9973 : STEP;
}

struct chain {
	struct tracker *tracker;
	struct tls_keys *keys;
	size_t complaints;
};

static void on_datagram(void *arg, const struct datagram *d)
{
	tracker_feed(((struct chain *)arg)->tracker, d);
}

static void on_icmp(void *arg, const struct icmp_error *e)
{
	tracker_icmp(((struct chain *)arg)->tracker, e);
}

static void on_loss(void *arg, const struct loss *l)
{
	tracker_loss(((struct chain *)arg)->tracker, l);
}

static void on_secrets(void *arg, struct slice lines)
{
	tls_keys_add(((struct chain *)arg)->keys, lines);
}

static void on_complaint(void *arg, const char *line)
{
	(void)line;
	((struct chain *)arg)->complaints++;
}

static uint64_t analyze(const char *path, struct chain *c)
{
	struct source_options o = {.paths = &path, .count = 1, .complain = on_complaint, .secrets = on_secrets,
		.arg = c};
	struct source_error error;
	const struct packet *p;
	struct dissector *d = dissector_new(&(struct dissect_sink){on_datagram, on_icmp, on_loss, c, NULL});
	struct source *s;
	size_t failed;
	uint64_t messages;

	c->tracker = tracker_new(&(struct tracker_options){.vos_mode = 0}, &(struct tracker_reader){NULL, NULL, NULL});
	c->complaints = 0;
	dissector_use_keys(d, c->keys);
	s = source_open(&o, &failed, &error);
	while (s && (p = source_next(s))) {
		tracker_advance(c->tracker, p->time);
		dissector_feed(d, p);
	}
	dissector_finish(d);
	tracker_finish(c->tracker);
	messages = tracker_stats(c->tracker)->messages;
	/* whatever is wrong with a file is said once */
	assert_true(c->complaints <= 1);
	source_close(s);
	dissector_free(d);
	tracker_free(c->tracker);
	return messages;
}

/* From its whole length down, through the same memory. */
static void cut(const char *name, struct chain *c, size_t step)
{
	FILE *in = fopen(name, "rb");
	int fd = memfd_create("cut", MFD_CLOEXEC);
	char path[64], block[65536];
	size_t n, size = 0;
	uint64_t before, messages;

	assert_non_null(in);
	assert_true(fd >= 0);
	while ((n = fread(block, 1, sizeof(block), in)) > 0) {
		assert_int_equal(write(fd, block, n), n);
		size += n;
	}
	fclose(in);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	before = analyze(path, c);
	for (n = size / step * step; n > 0; n -= step) {
		assert_int_equal(ftruncate(fd, (off_t)n), 0);
		messages = analyze(path, c);
		/* a stream's last message may be given in another cut */
		if (messages > before + 1)
			fail_msg("%s, %zu bytes: %llu messages, with more bytes %llu", name, n,
				(unsigned long long)messages, (unsigned long long)before);
		before = messages;
	}
	close(fd);
}

static void cut_all(const char *pattern, size_t step)
{
	struct chain c = {.keys = tls_keys_new()};
	glob_t found, logs;

	assert_true(glob(pattern, 0, NULL, &found) == 0);
	if (glob("captures/*.keys", 0, NULL, &logs) == 0)
		for (size_t i = 0; i < logs.gl_pathc; i++)
			assert_true(tls_keys_open(c.keys, logs.gl_pathv[i]));
	globfree(&logs);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct stat st;

		if (stat(found.gl_pathv[i], &st) == 0 && S_ISREG(st.st_mode))
			cut(found.gl_pathv[i], &c, step);
	}
	globfree(&found);
	tls_keys_free(c.keys);
}

static void test_own(void **state)
{
	(void)state;
	cut_all("captures/*", step_here());
}

static void test_shared(void **state)
{
	size_t step = step_here();

	(void)state;
	if (access("../shared/captures", R_OK) != 0)
		skip();
	cut_all("../shared/captures/*.pcap*", step);
	cut_all("../shared/lab/pcap/*", step);
}

static int begin(void **state)
{
	(void)state;
	return 0;
}

static int end(void **state)
{
	(void)state;
	hash_free();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_shared),
	};

	return cmocka_run_group_tests(tests, begin, end);
}

#include "cmd_compare.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "capture/dissect.h"
#include "cmd.h"
#include "cmd_feed.h"
#include "cmd_options.h"
#include "report/comparison.h"

bool compare_parse(const char *value, struct compare_pair *out)
{
	const char *comma = strchr(value, ',');
	uint64_t left, right;

	if (comma && slice_to_u64((struct slice){value, (size_t)(comma - value)}, UINT32_MAX, &left) &&
		slice_to_u64(slice_of(comma + 1), UINT32_MAX, &right) && left && right) {
		*out = (struct compare_pair){(unsigned)left, (unsigned)right};
		return true;
	}
	err_line("--compare: '%s' are no two numbers of exchanges; did you mean '1,2'?", value);
	return false;
}

/* One file while it is read; the exchanges with these numbers are kept. */
struct reading {
	struct compare *c;
	struct feed feed;
	struct dissector *dissector;
	struct tracker *tracker;
	unsigned wanted[2];                /* 0: none */
	const struct exchange *found[2];
};

static bool on_keep(void *arg, const struct exchange *x)
{
	struct reading *r = arg;
	bool kept = false;

	for (int i = 0; i < 2; i++)
		if (x->n == r->wanted[i]) {
			r->found[i] = x;
			kept = true;
		}
	return kept;
}

static void on_datagram(void *arg, const struct datagram *d)
{
	struct reading *r = arg;

	tracker_feed(r->tracker, d);
}

static void on_icmp(void *arg, const struct icmp_error *e)
{
	struct reading *r = arg;

	tracker_icmp(r->tracker, e);
}

static void on_loss(void *arg, const struct loss *l)
{
	struct reading *r = arg;

	tracker_loss(r->tracker, l);
}

static void on_packet(void *arg, const struct packet *p)
{
	struct reading *r = arg;

	dissector_feed(r->dissector, p);
	tracker_advance(r->tracker, p->time);
}

static void on_time(void *arg, int64_t now)
{
	struct reading *r = arg;

	tracker_advance(r->tracker, now);
}

static void on_secrets(void *arg, struct slice lines)
{
	struct reading *r = arg;

	tls_keys_add(r->c->keys, lines);
}

static bool on_stop(void *arg)
{
	struct reading *r = arg;

	return r->c->stopped(r->c->arg);
}

/* Everything there is in one file. False: it cannot be opened, and that was told. */
static bool read_file(struct reading *r, const char *path)
{
	struct dissect_sink sink = {.datagram = on_datagram, .icmp = on_icmp, .loss = on_loss, .arg = r};
	struct tracker_reader reader = {.keeps = on_keep, .arg = r};
	bool opened;

	r->feed.sink = (struct feed_sink){on_packet, on_time, on_loss, on_secrets, on_stop, r};
	opened = feed_open_files(&r->feed, &path, 1, r->c->report->filter, false);
	r->tracker = tracker_new(&r->c->tracker, &reader);
	if (!opened)
		return false;
	r->dissector = dissector_new(&sink);
	dissector_use_keys(r->dissector, r->c->keys);
	feed_run(&r->feed);
	dissector_finish(r->dissector);
	tracker_finish(r->tracker);
	r->c->trouble |= !feed_is_whole(&r->feed);
	return true;
}

/* False: there is no such exchange, and that was told. */
static bool is_there(const struct reading *r, const char *path, int which)
{
	const struct tracker_stats *stats = tracker_stats(r->tracker);
	unsigned long long there = stats->exchanges + stats->legs;

	if (!r->wanted[which] || r->found[which])
		return true;
	if (there)
		err_line("--compare: %s has no exchange %u; it has %llu, numbered from 1 "
			"(analyze -v tells them)", path, r->wanted[which], there);
	else
		err_line("--compare: %s has no exchanges; "
			"check where, when and with what filter the capture was made", path);
	return false;
}

static bool read_side(struct compare *c, const char *path, unsigned left, unsigned right)
{
	struct reading r = {.c = c, .wanted = {left, right}};
	bool good = read_file(&r, path) && is_there(&r, path, 0) && is_there(&r, path, 1);

	dissector_free(r.dissector);
	feed_close(&r.feed);
	if (left) {
		c->left = (struct compare_side){r.tracker, r.found[0]};
		c->right.x = r.found[1];
	} else {
		c->right = (struct compare_side){r.tracker, r.found[1]};
	}
	return good;
}

bool compare_read(struct compare *c)
{
	const char *const *files = c->report->files;

	if (c->report->file_count == 1)
		return read_side(c, files[0], c->numbers.left, c->numbers.right);
	return read_side(c, files[0], c->numbers.left, 0) && read_side(c, files[1], 0, c->numbers.right);
}

int compare_write(struct compare *c, FILE *out)
{
	bool two = c->report->file_count == 2;
	struct compared left = {c->left.x, two ? c->report->files[0] : NULL, 1};
	struct compared right = {c->right.x, two ? c->report->files[1] : NULL, two ? 2 : 1};
	struct comparison result = {0};
	struct buf text = {0};
	int status;

	compare_exchanges(left.x, right.x, &result);
	comparison_write(&text, c->report, &left, &right, &result);
	status = comparison_matters(&result) && c->report->fail_on != SEVERITY_OK ? EXIT_FINDINGS : EXIT_NOTHING;
	if ((fwrite(text.p, 1, text.n, out) != text.n || fflush(out) != 0) && errno != EPIPE) {
		err_line("the comparison could not be written: %s", strerror(errno));
		status = EXIT_TROUBLE;
	}
	buf_free(&text);
	comparison_free(&result);
	return c->trouble ? EXIT_TROUBLE : status;
}

void compare_free(struct compare *c)
{
	tracker_free(c->left.tracker);
	tracker_free(c->right.tracker);
}

/* Ways of saving exchanges: everything goes once more through the engine, and the chosen ones to a writer. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "cmd_keep.h"
#include "cmd_probe.h"
#include "cmd_view.h"
#include "report/report.h"

struct saving {
	struct viewer *v;
	uint8_t *chosen;           /* bits by number of the exchange */
	uint32_t highest;
	struct report *report;
	struct keep *keep;         /* packets of files that can be read again */
	struct probe_keep *messages; /* else messages in headers made for them */
};

static void choose(struct saving *s, const uint32_t *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (numbers[i] > s->highest)
			s->highest = numbers[i];
	s->chosen = xcalloc(s->highest / 8 + 1, 1);
	for (size_t i = 0; i < count; i++)
		s->chosen[numbers[i] / 8] |= (uint8_t)(1 << numbers[i] % 8);
}

static bool is_chosen(const struct saving *s, uint32_t n)
{
	return n <= s->highest && s->chosen[n / 8] >> n % 8 & 1;
}

static void on_exchange(void *arg, const struct exchange *x)
{
	struct saving *s = arg;

	if (!is_chosen(s, x->n))
		return;
	if (s->report)
		report_exchange(s->report, x);
	if (s->keep)
		keep_exchange(s->keep, x);
}

/* A finding beside the exchanges belongs here if it names one of them. */
static void on_finding(void *arg, const struct scope_finding *f)
{
	struct saving *s = arg;
	bool named = !f->exchange_count;

	for (uint32_t i = 0; i < f->exchange_count && i < FINDING_FRAMES_MAX; i++)
		named |= is_chosen(s, f->exchanges[i]);
	if (s->report && named)
		report_finding(s->report, f);
}

static void on_message(void *arg, const struct exchange *x, const struct datagram *d)
{
	struct saving *s = arg;

	if (s->messages && d && is_chosen(s, x->n))
		probe_keep_datagram(s->messages, d);
}

static void on_progress(void *arg, uint64_t done, uint64_t total)
{
	struct saving *s = arg;

	view_busy(s->v->view, "saving", done, total);
}

/*
 * The engine of the saved run: at the end of the input it takes the place of the viewer's own, which knew the same;
 * two at a time take twice the memory.
 */
static struct tracker *replay(struct saving *s)
{
	struct replay r = {
		.options = s->v->options.tracker,
		.reader = {.exchange = on_exchange, .finding = on_finding, .message = on_message, .arg = s},
		.progress = on_progress,
		.arg = s,
	};
	struct tracker *t;

	if (spool_dropped(s->v->spool))
		err_line("saved without what was not kept (--spool-limit)");
	/* the time for searches is that of a run */
	s->v->options.search.spent = 0;
	if (s->v->ended) {
		tracker_free(s->v->tracker);
		s->v->tracker = NULL;
	}
	t = viewer_replay(s->v, &r);
	viewer_finish(s->v, t);
	return t;
}

static void replayed(struct saving *s, struct tracker *t)
{
	if (s->v->ended)
		s->v->tracker = t;
	else
		tracker_free(t);
}

/* ---- reports ---- */

static bool write_report(struct saving *s, FILE *out, enum report_format format)
{
	struct viewer *v = s->v;
	const struct report_options o = {
		.format = format,
		.fail_on = SEVERITY_ERROR,
		.all = true,
		.show_secrets = v->options.show_secrets,
		.files = v->options.files,
		.file_count = v->options.file_count,
		.source = v->feed.live ? buf_string(&v->feed.name) : NULL,
		.filter = v->options.filter,
		.vos_mode = v->options.tracker.vos_mode,
		.profile = v->options.tracker.profile,
	};
	struct report_end end = {.linktype = -1};
	struct tracker *t;
	bool good;

	s->report = report_new(out, &o);
	t = replay(s);
	end.stats = tracker_stats(t);
	end.advice = tracker_advice(t);
	end.accounts = tracker_accounts(t);
	end.packets = feed_stats(&v->feed).packets;
	good = report_finish(s->report, &end);
	report_free(s->report);
	replayed(s, t);
	return good;
}

/* To write there would destroy a capture; says so. */
static bool is_input(const struct viewer *v, const char *path, char why[VIEW_WHY])
{
	struct stat in, out;

	if (stat(path, &out) != 0)
		return false;
	for (size_t i = 0; i < v->options.file_count; i++)
		if (stat(v->options.files[i], &in) == 0 && in.st_dev == out.st_dev && in.st_ino == out.st_ino)
			return snprintf(why, VIEW_WHY, "that is one of the captures; name another file") > 0;
	return false;
}

static bool save_report(struct viewer *v, enum report_format format, const char *path, const uint32_t *numbers,
	size_t count, char why[VIEW_WHY])
{
	struct saving s = {.v = v};
	FILE *out;
	bool good;
	int fd;

	if (is_input(v, path, why))
		return false;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	good = out;
	if (out) {
		choose(&s, numbers, count);
		good = write_report(&s, out, format);
		good = fclose(out) == 0 && good;
		free(s.chosen);
	}
	if (!good)
		snprintf(why, VIEW_WHY, "%.150s: %s", path, strerror(errno));
	return good;
}

static bool save_text(void *arg, const char *path, const uint32_t *numbers, size_t count, char why[VIEW_WHY])
{
	return save_report(arg, REPORT_TEXT, path, numbers, count, why);
}

static bool save_json(void *arg, const char *path, const uint32_t *numbers, size_t count, char why[VIEW_WHY])
{
	return save_report(arg, REPORT_JSON, path, numbers, count, why);
}

/* ---- packets ---- */

static bool readable_again(const struct viewer *v)
{
	struct stat st;

	for (size_t i = 0; i < v->options.file_count; i++)
		if (stat(v->options.files[i], &st) != 0 || !S_ISREG(st.st_mode))
			return false;
	return !v->feed.live;
}

/* The trouble was told where lines of standard error go: it is the note that comes next. */
static bool told(char why[VIEW_WHY])
{
	snprintf(why, VIEW_WHY, "not saved");
	return false;
}

static bool write_packets(struct saving *s, const char *path, char why[VIEW_WHY])
{
	const struct view_cmd_options *o = &s->v->options;
	bool good = true;

	if (readable_again(s->v))
		s->keep = keep_new(path, false);
	else
		s->messages = probe_keep_open(path);
	if (!s->keep && !s->messages)
		return told(why);
	replayed(s, replay(s));
	if (s->keep)
		good = keep_write(s->keep, o->files, o->file_count, o->filter, s->v->keys);
	else
		good = probe_keep_close(s->messages);
	keep_free(s->keep);
	return good || told(why);
}

static bool save_packets(void *arg, const char *path, const uint32_t *numbers, size_t count, char why[VIEW_WHY])
{
	struct saving s = {.v = arg};
	bool good;

	if (is_input(s.v, path, why))
		return false;
	choose(&s, numbers, count);
	good = write_packets(&s, path, why);
	free(s.chosen);
	return good;
}

const struct view_save viewer_saves[] = {
	{"pcapng", ".pcapng", save_packets},
	{"text report", ".txt", save_text},
	{"JSON", ".json", save_json},
};

const size_t viewer_save_count = sizeof(viewer_saves) / sizeof(*viewer_saves);

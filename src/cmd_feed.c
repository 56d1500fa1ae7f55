#include "cmd_feed.h"

#include <time.h>

#include "base/err.h"
#include "cmd_stop.h"

#define SECOND INT64_C(1000000000)
#define LIVE_MARGIN (30 * SECOND)

static void complain(void *arg, const char *line)
{
	(void)arg;
	err_line("%s", line);
}

static int64_t clock_now(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

/*
 * Nothing comes, but time goes on: silence is what some findings are about. Not so if an old
 * capture comes slowly through a pipe: the packets must have been captured just now.
 */
static bool on_idle(void *arg)
{
	struct feed *f = arg;
	struct feed_clock *c = &f->clock;

	if (!c->running)
		return !stop_requested();
	if (f->turn_ms && f->sink.stopped(f->sink.arg))
		return false;
	if (!c->quiet) {
		int64_t behind = clock_now(CLOCK_REALTIME) - c->last;

		c->quiet = true;
		c->since = clock_now(CLOCK_MONOTONIC);
		c->live = behind > -LIVE_MARGIN && behind < LIVE_MARGIN;
	}
	if (c->live && c->last)
		f->sink.time(f->sink.arg, c->last + clock_now(CLOCK_MONOTONIC) - c->since);
	return !stop_requested();
}

static void on_secrets(void *arg, struct slice lines)
{
	struct feed *f = arg;

	f->sink.secrets(f->sink.arg, lines);
}

bool feed_open_files(struct feed *f, const char *const *paths, size_t count, const char *filter, bool follow)
{
	struct source_options input = {.paths = paths,
		.count = count,
		.filter = filter,
		.follow = follow,
		.complain = complain,
		.secrets = on_secrets,
		.idle = on_idle,
		.idle_ms = f->turn_ms,
		.arg = f};
	struct source_error error;

	f->source = source_open(&input, &f->failed_files, &error);
	if (!f->source)
		err_line("%s", error.text);
	return f->source;
}

/* What the report calls the place where everything came from. */
static void name_live(struct feed *f, const struct live_options *o)
{
	char text[ADDRESS_TEXT];

	for (size_t i = 0; i < o->interface_count; i++)
		buf_printf(&f->name, "%s%s", i ? "," : "", o->interfaces[i]);
	for (size_t i = 0; i < o->hep_count; i++)
		buf_printf(&f->name, "%sHEP at %s", f->name.n ? ", " : "", address_format(&o->hep[i], text));
}

bool feed_open_live(struct feed *f, const struct live_settings *s, const char *filter)
{
	struct live_options o = s->live;
	char why[LIVE_TROUBLE];

	o.filter = filter;
	o.complain = complain;
	o.wait_ms = f->turn_ms;
	f->live = live_open(&o, why);
	if (!f->live) {
		err_line("%s", why);
		return false;
	}
	name_live(f, &o);
	return true;
}

/* Once a second: what the kernel dropped is evidence, and on a silent link time goes on all the same. */
static void tick(struct feed *f, int64_t time)
{
	uint64_t dropped = live_drops(f->live);

	if (dropped)
		f->sink.loss(f->sink.arg, &(struct loss){.what = "kernel drop", .count = dropped, .time = time,
			.frame = (uint32_t)live_stats(f->live)->packets, .file = 1});
	/* packets may still be on their way out of the kernel */
	f->sink.time(f->sink.arg, time - SECOND);
}

static void run_live(struct feed *f)
{
	struct packet p;
	int64_t next = 0;
	int got;

	while (!f->sink.stopped(f->sink.arg) && (got = live_next(f->live, &p)) >= 0) {
		int64_t time = got ? p.time : clock_now(CLOCK_REALTIME);

		if (got)
			f->sink.packet(f->sink.arg, &p);
		if (time >= next || time < next - 2 * SECOND) {
			tick(f, time);
			next = time + SECOND;
		}
	}
	tick(f, clock_now(CLOCK_REALTIME));
}

void feed_run(struct feed *f)
{
	const struct packet *p;

	f->clock.running = true;
	if (f->live) {
		run_live(f);
		return;
	}
	while (!f->sink.stopped(f->sink.arg) && (p = source_next(f->source))) {
		f->clock.last = p->time;
		f->clock.quiet = false;
		f->sink.packet(f->sink.arg, p);
	}
}

struct live_stats feed_live_stats(const struct feed *f)
{
	return f->live ? *live_stats(f->live) : (struct live_stats){0};
}

struct source_stats feed_stats(const struct feed *f)
{
	if (f->live)
		return (struct source_stats){.packets = live_stats(f->live)->packets};
	return *source_stats(f->source);
}

bool feed_is_whole(const struct feed *f)
{
	return !f->failed_files && !(f->source && source_stats(f->source)->broken);
}

void feed_close(struct feed *f)
{
	source_close(f->source);
	live_close(f->live);
	buf_free(&f->name);
}

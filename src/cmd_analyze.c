#include "cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "capture/tls_keys.h"
#include "cmd_analyze.h"
#include "cmd_live.h"
#include "cmd_stop.h"
#include "digest/algorithm.h"

#define SECOND INT64_C(1000000000)
#define LIVE_MARGIN (30 * SECOND)

/* Is `path` one of the captures? To write there would destroy it before it is read. */
static bool is_input(const struct analyze *a, const char *path)
{
	struct stat in, out;

	if (stat(path, &out) != 0 || !S_ISREG(out.st_mode))
		return false;
	for (size_t i = 0; i < a->report.file_count; i++)
		if (stat(a->files[i], &in) == 0 && in.st_dev == out.st_dev && in.st_ino == out.st_ino)
			return true;
	return false;
}

static bool open_output(struct analyze *a)
{
	int fd;

	a->out = stdout;
	if (!a->output || strcmp(a->output, "-") == 0)
		return true;
	if (is_input(a, a->output)) {
		err_line("%s: is one of the captures; name another file with -o", a->output);
		return false;
	}
	fd = open(a->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	a->out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!a->out)
		err_line("%s: %s", a->output, strerror(errno));
	return a->out;
}

static bool readable_again(const struct analyze *a)
{
	struct stat st;

	for (size_t i = 0; i < a->report.file_count; i++)
		if (stat(a->files[i], &st) != 0 || !S_ISREG(st.st_mode))
			return false;
	return true;
}

static bool open_keep(struct analyze *a)
{
	if (!a->keep_path)
		return true;
	if (is_input(a, a->keep_path)) {
		err_line("%s: is one of the captures; name another file with -w", a->keep_path);
		return false;
	}
	a->keep = keep_new(!readable_again(a));
	/* live: the rights to write there may be gone at the end */
	return a->keep && (!analyze_is_live(a) || keep_open(a->keep, a->keep_path));
}

static void complain(void *arg, const char *line)
{
	(void)arg;
	err_line("%s", line);
}

static void on_datagram(void *arg, const struct datagram *d)
{
	struct analyze *a = arg;

	if (a->keep)
		keep_datagram(a->keep, d);
	if (a->watch)
		watch_message(a->watch, d);
	tracker_feed(a->tracker, d);
}

static void on_icmp(void *arg, const struct icmp_error *e)
{
	struct analyze *a = arg;

	if (a->keep)
		keep_icmp(a->keep, e);
	tracker_icmp(a->tracker, e);
}

static void on_loss(void *arg, const struct loss *l)
{
	struct analyze *a = arg;

	tracker_loss(a->tracker, l);
}

static void on_encrypted(void *arg, const struct tls_notice *n)
{
	struct analyze *a = arg;

	encrypted_note(&a->encrypted, n);
}

static void on_secrets(void *arg, struct slice lines)
{
	struct analyze *a = arg;

	tls_keys_add(a->keys, lines);
}

static void on_exchange(void *arg, const struct exchange *x)
{
	struct analyze *a = arg;

	report_exchange(a->result, x);
	if (a->keep && report_selects(&a->report, x))
		keep_exchange(a->keep, x);
}

static void on_finding(void *arg, const struct scope_finding *f)
{
	struct analyze *a = arg;

	report_finding(a->result, f);
}

static int64_t clock_now(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

/*
 * Nothing comes, but time goes on: silence is what some findings are about. Not so if an old capture comes
 * slowly through a pipe: the packets must have been captured just now.
 */
static bool on_idle(void *arg)
{
	struct analyze *a = arg;
	struct capture_clock *c = &a->clock;

	if (!a->tracker)
		return !stop_requested();
	if (!c->quiet) {
		int64_t behind = clock_now(CLOCK_REALTIME) - c->last;

		c->quiet = true;
		c->since = clock_now(CLOCK_MONOTONIC);
		c->live = behind > -LIVE_MARGIN && behind < LIVE_MARGIN;
	}
	if (c->live && c->last)
		tracker_advance(a->tracker, c->last + clock_now(CLOCK_MONOTONIC) - c->since);
	return !stop_requested();
}

/* The habit of browsers, curl and many SIP stacks: the variable is enough. */
static bool open_keys(struct analyze *a)
{
	const char *path = a->keylog ? a->keylog : secure_getenv("SSLKEYLOGFILE"), *why;

	a->keys = tls_keys_new();
	if (a->follow || analyze_is_live(a))
		tls_keys_set_live(a->keys);
	if (path && *path && !tls_keys_open(a->keys, path) && a->keylog) {
		err_line("%s: %s", path, strerror(errno));
		return false;
	}
	if (tls_keys_bad_lines(a->keys))
		err_line("%s: %llu lines are no key log lines (CLIENT_RANDOM ..., as Wireshark reads them)",
			path, (unsigned long long)tls_keys_bad_lines(a->keys));
	if (a->private_key && !tls_keys_rsa(a->keys, a->private_key, &why)) {
		err_line("%s: %s", a->private_key, why);
		return false;
	}
	return true;
}

static bool open_files(struct analyze *a)
{
	struct source_options o = {.paths = a->files, .count = a->report.file_count,
		.filter = a->report.filter, .follow = a->follow, .complain = complain, .secrets = on_secrets,
		.idle = on_idle, .arg = a};
	struct source_error error;

	a->source = source_open(&o, &a->failed_files, &error);
	if (!a->source)
		err_line("%s", error.text);
	return a->source;
}

/* Everything that can be at fault before the first packet; the inputs first, so that -o is not emptied for nothing. */
static bool begin(struct analyze *a)
{
	a->secrets = secret_options_read(&a->secret_options);
	if (!a->secrets || !open_keys(a))
		return false;
	if (analyze_is_live(a) ? !live_begin(a) || !open_keep(a) : !open_keep(a) || !open_files(a))
		return false;
	if (!open_output(a) || (a->live && !live_drop_privileges()))
		return false;
	a->report.color = a->report.format == REPORT_TEXT && isatty(fileno(a->out)) &&
		!getenv("NO_COLOR");
	if (a->interval || a->alert)
		a->watch = watch_new(a->interval ? a->interval : 60, a->alert, a->interval);
	if (a->duration)
		stop_after(a->duration);
	return true;
}

void analyze_packet(struct analyze *a, const struct packet *p)
{
	a->clock.last = p->time;
	a->clock.quiet = false;
	tracker_advance(a->tracker, p->time);
	if (a->watch)
		watch_time(a->watch, p->time);
	if (a->keep)
		keep_packet(a->keep, p);
	dissector_feed(a->dissector, p);
}

static void run(struct analyze *a)
{
	struct packet p;

	if (a->live)
		live_run(a);
	else
		while (!stop_requested() && source_next(a->source, &p))
			analyze_packet(a, &p);
	dissector_finish(a->dissector);
	if (a->watch)
		watch_finish(a->watch);
	tracker_encrypted(a->tracker, dissector_stats(a->dissector)->tls_connections,
		encrypted_detail(&a->encrypted));
	tracker_finish(a->tracker);
}

/* Hands the numbers over. False: the report could not be written. */
static bool conclude(struct analyze *a)
{
	struct source_stats source = a->source ? *source_stats(a->source) :
		(struct source_stats){.packets = live_stats(a->live)->packets};
	const struct dissect_stats *stats = dissector_stats(a->dissector);
	struct report_count undecoded[UNDECODED_COUNT];
	struct report_count dropped[] = {{"streams", stats->dropped_streams},
		{"fragments", stats->dropped_fragments},
		{"kernel-packets", a->live ? live_stats(a->live)->dropped : 0},
		{"packets", a->keep ? keep_dropped(a->keep) : 0}};
	struct report_end end = {
		.stats = tracker_stats(a->tracker),
		.advice = tracker_advice(a->tracker),
		.packets = source.packets,
		.filtered = source.filtered,
		.truncated = source.truncated,
		.broken = source.broken,
		.undecoded = undecoded,
		.undecoded_count = UNDECODED_COUNT,
		.linktype = stats->unknown_linktype,
		.tls_connections = stats->tls_connections,
		.tls_detail = encrypted_detail(&a->encrypted),
		.dropped = dropped,
		.dropped_count = sizeof(dropped) / sizeof(*dropped),
	};

	for (int i = 0; i < UNDECODED_COUNT; i++)
		undecoded[i] = (struct report_count){undecoded_name((enum undecoded)i), stats->undecoded[i]};
	if (report_finish(a->result, &end))
		return true;
	/* who closed the pipe has seen enough */
	if (errno == EPIPE)
		return true;
	err_line("%s: %s", a->output ? a->output : "standard output", strerror(errno));
	return false;
}

/* Nothing could be analyzed: says so where scripts look. */
static bool had_sip(const struct analyze *a)
{
	if (tracker_stats(a->tracker)->messages)
		return true;
	err_line("no SIP messages found; check where, when and with what filter the capture was made");
	return false;
}

static int analyze(struct analyze *a)
{
	struct dissect_sink sink = {on_datagram, on_icmp, on_loss, a, on_encrypted};
	struct tracker_reader reader = {on_exchange, on_finding, a};
	bool good;

	a->tracker_options.secrets = a->secrets;
	a->dissector = dissector_new(&sink);
	dissector_use_keys(a->dissector, a->keys);
	a->tracker = tracker_new(&a->tracker_options, &reader);
	a->result = report_new(a->out, &a->report);
	run(a);
	good = conclude(a);
	good = !(a->source && source_stats(a->source)->broken) && !a->failed_files && good;
	good = had_sip(a) && good;
	if (a->keep)
		good = keep_write(a->keep, a->keep_path, a->files, a->report.file_count,
			a->report.filter, a->keys) && good;
	if (!good)
		return EXIT_TROUBLE;
	return report_found(a->result) || (a->watch && watch_alerted(a->watch)) ? EXIT_FINDINGS : EXIT_NOTHING;
}

static void end(struct analyze *a)
{
	report_free(a->result);
	tracker_free(a->tracker);
	dissector_free(a->dissector);
	source_close(a->source);
	live_close(a->live);
	watch_free(a->watch);
	keep_free(a->keep);
	encrypted_free(&a->encrypted);
	tls_keys_free(a->keys);
	secrets_free(a->secrets);
	if (a->out && a->out != stdout)
		fclose(a->out);
	hash_free();
}

int cmd_analyze(int argc, char **argv)
{
	static struct analyze a;
	int status = EXIT_TROUBLE;

	if (!analyze_parse(&a, argc, argv))
		return EXIT_TROUBLE;
	if (a.help) {
		analyze_help();
		return EXIT_NOTHING;
	}
	signal(SIGPIPE, SIG_IGN);
	stop_catch();
	hash_init();
	if (begin(&a))
		status = analyze(&a);
	end(&a);
	return status;
}

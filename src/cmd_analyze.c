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
#include "capture/dissect.h"
#include "cmd_analyze_options.h"
#include "cmd_compare.h"
#include "cmd_encrypted.h"
#include "cmd_feed.h"
#include "cmd_keep.h"
#include "cmd_keys.h"
#include "cmd_stop.h"
#include "cmd_meter.h"
#include "digest/algorithm.h"
#include "report/report.h"

enum { ALERT_SECONDS = 60 };

struct analyze {
	struct analyze_options options;
	FILE *out;
	struct secrets *secrets;
	struct tls_keys *keys;
	struct encrypted encrypted;
	struct feed feed;
	struct meter *meter; /* NULL: not asked for */
	bool begun;          /* a packet came */
	struct dissector *dissector;
	struct tracker *tracker;
	struct report *result;
	struct keep *keep;
};

/* Is `path` one of the captures? To write there would destroy it before it is read. */
static bool is_input(const struct analyze *a, const char *path)
{
	struct stat in, out;

	if (stat(path, &out) != 0 || !S_ISREG(out.st_mode))
		return false;
	for (size_t i = 0; i < a->options.report.file_count; i++)
		if (stat(a->options.files[i], &in) == 0 && in.st_dev == out.st_dev && in.st_ino == out.st_ino)
			return true;
	return false;
}

static bool open_output(struct analyze *a)
{
	int fd;

	a->out = stdout;
	if (!a->options.output || strcmp(a->options.output, "-") == 0)
		return true;
	if (is_input(a, a->options.output)) {
		err_line("%s: is one of the captures; name another file with -o", a->options.output);
		return false;
	}
	fd = open(a->options.output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	a->out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!a->out)
		err_line("%s: %s; name another file with -o", a->options.output, strerror(errno));
	return a->out;
}

static bool readable_again(const struct analyze *a)
{
	struct stat st;

	if (a->feed.live)
		return false;
	for (size_t i = 0; i < a->options.report.file_count; i++)
		if (stat(a->options.files[i], &st) != 0 || !S_ISREG(st.st_mode))
			return false;
	return true;
}

static bool open_keep(struct analyze *a)
{
	if (!a->options.write)
		return true;
	if (is_input(a, a->options.write)) {
		err_line("%s: is one of the captures; name another file with -w", a->options.write);
		return false;
	}
	a->keep = keep_new(a->options.write, !readable_again(a));
	return a->keep;
}

static void on_datagram(void *arg, const struct datagram *d)
{
	struct analyze *a = arg;

	if (a->keep)
		keep_datagram(a->keep, d);
	if (a->meter)
		meter_message(a->meter, d);
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
	if (a->keep && report_selects(&a->options.report, x))
		keep_exchange(a->keep, x);
}

static void on_finding(void *arg, const struct scope_finding *f)
{
	struct analyze *a = arg;

	report_finding(a->result, f);
}

static void on_packet(void *arg, const struct packet *p)
{
	struct analyze *a = arg;

	if (!a->begun)
		selection_begin(&a->options.selection, p->time);
	a->begun = true;
	if (a->meter)
		meter_time(a->meter, p->time);
	if (a->keep)
		keep_packet(a->keep, p);
	dissector_feed(a->dissector, p);
	/* after what streams held back until this packet: it is older */
	tracker_advance(a->tracker, p->time);
}

static void on_time(void *arg, int64_t now)
{
	struct analyze *a = arg;

	if (a->meter)
		meter_time(a->meter, now);
	tracker_advance(a->tracker, now);
}

static bool on_stop(void *arg)
{
	struct analyze *a = arg;

	return search_stop_requested(&a->options.search);
}

static bool open_input(struct analyze *a)
{
	struct analyze_options *o = &a->options;
	const char *filter = o->report.filter;

	a->feed.sink = (struct feed_sink){on_packet, on_time, on_loss, on_secrets, on_stop, a};
	if (!live_wanted(&o->live))
		return feed_open_files(&a->feed, o->files, o->report.file_count, filter, o->follow);
	if (!feed_open_live(&a->feed, &o->live, filter))
		return false;
	o->files[0] = buf_string(&a->feed.name);
	o->report.file_count = 1;
	return true;
}

/* The secrets: of accounts, and of TLS connections. */
static bool begin_secrets(struct analyze *a)
{
	const struct analyze_options *o = &a->options;
	if (secret_options_lack_password(&o->secrets)) {
		err_line("--user needs a password: --password-file FILE or SIPAUTH_PASSWORD");
		return false;
	}
	a->secrets = secret_options_read(&a->options.secrets);
	if (!a->secrets)
		return false;
	if (secrets_count(a->secrets) && !hash_available(HASH_MD5))
		err_line("OpenSSL refuses MD5 here (FIPS): MD5 digests will not be checked");
	a->options.tracker.secrets = a->secrets;
	a->options.tracker.search = search_step;
	a->options.tracker.search_arg = &a->options.search;
	a->options.tracker.search_deep = o->search.deep;
	a->options.tracker.show_secrets = o->report.show_secrets;
	a->keys = keys_open(o->keylog, o->tls_key, o->follow || live_wanted(&o->live));
	return a->keys;
}

static bool begin_output(struct analyze *a)
{
	if (!open_output(a))
		return false;
	a->options.report.color = a->options.report.format == REPORT_TEXT &&
		isatty(fileno(a->out)) && !getenv("NO_COLOR");
	return true;
}

/* What else can be at fault before the first packet; the inputs first, so that -o is not emptied for nothing. */
static bool begin(struct analyze *a)
{
	if (!open_input(a) || !begin_output(a) || !open_keep(a))
		return false;
	if (a->feed.live && !live_drop_privileges())
		return false;
	if (a->options.live.interval || a->options.live.alert)
		a->meter = meter_new(a->options.live.interval ? a->options.live.interval : ALERT_SECONDS,
			a->options.live.alert, a->options.live.interval);
	if (a->options.live.duration)
		stop_after(a->options.live.duration);
	return true;
}

static void run(struct analyze *a)
{
	feed_run(&a->feed);
	dissector_finish(a->dissector);
	if (a->meter)
		meter_finish(a->meter);
	tracker_upgrades_refused(a->tracker, dissector_stats(a->dissector)->upgrades_refused);
	tracker_encrypted(a->tracker, dissector_stats(a->dissector)->tls_connections, encrypted_detail(&a->encrypted));
	tracker_finish(a->tracker);
}

/* Hands the numbers over. False: the report could not be written. */
static bool conclude(struct analyze *a)
{
	const struct source_stats source = feed_stats(&a->feed);
	const struct live_stats live = feed_live_stats(&a->feed);
	const struct dissect_stats *stats = dissector_stats(a->dissector);
	struct report_count undecoded[UNDECODED_COUNT];
	struct report_count dropped[] = {{"streams", stats->dropped_streams},
		{"fragments", stats->dropped_fragments}, {"kernel-packets", live.dropped},
		{"hep-connections", live.refused},
		{"packets", a->keep ? keep_dropped(a->keep) : 0},
		{"searches", tracker_stats(a->tracker)->unsearched}};
	struct report_end end = {
		.stats = tracker_stats(a->tracker),
		.advice = tracker_advice(a->tracker),
		.accounts = tracker_accounts(a->tracker),
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
	err_line("%s: %s", a->options.output ? a->options.output : "standard output", strerror(errno));
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
	struct tracker_reader reader = {
		.exchange = on_exchange,
		.finding = on_finding,
		.arg = a,
		.says = true,
		.skims = report_skims(&a->options.report),
	};
	bool good;

	a->dissector = dissector_new(&sink);
	dissector_use_keys(a->dissector, a->keys);
	a->tracker = tracker_new(&a->options.tracker, &reader);
	a->options.report.tracker = a->tracker;
	a->options.report.vos_mode = a->options.tracker.vos_mode;
	a->options.report.profile = a->options.tracker.profile;
	a->result = report_new(a->out, &a->options.report);
	run(a);
	search_end(&a->options.search);
	good = conclude(a);
	good = feed_is_whole(&a->feed) && good;
	good = had_sip(a) && good;
	if (a->keep)
		good = keep_write(a->keep, a->options.files, a->options.report.file_count,
			a->options.report.filter, a->keys) && good;
	if (!good)
		return EXIT_TROUBLE;
	if (a->meter && meter_alerted(a->meter))
		return EXIT_FINDINGS;
	return report_found(a->result) ? EXIT_FINDINGS : EXIT_NOTHING;
}

static int compare(struct analyze *a)
{
	struct compare c = {
		.numbers = a->options.compare,
		.report = &a->options.report,
		.tracker = a->options.tracker,
		.keys = a->keys,
		.stopped = on_stop,
		.arg = a,
	};
	int status = EXIT_TROUBLE;
	bool good = compare_read(&c);

	search_end(&a->options.search);
	if (good && begin_output(a))
		status = compare_write(&c, a->out);
	compare_free(&c);
	return status;
}

static void end(struct analyze *a)
{
	report_free(a->result);
#ifdef SAN
	tracker_free(a->tracker); /* else the system takes its memory back at once, 4 % of all time earlier */
#endif
	dissector_free(a->dissector);
	feed_close(&a->feed);
	meter_free(a->meter);
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

	if (!analyze_options_parse(&a.options, argc, argv))
		return EXIT_TROUBLE;
	if (a.options.help) {
		analyze_options_help();
		return EXIT_NOTHING;
	}
	signal(SIGPIPE, SIG_IGN);
	stop_catch();
	if (begin_secrets(&a)) {
		if (a.options.compare.left)
			status = compare(&a);
		else if (begin(&a))
			status = analyze(&a);
	}
	end(&a);
	return status;
}

#include "cmd_view.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "capture/dissect.h"
#include "cmd.h"
#include "cmd_keys.h"
#include "cmd_stop.h"
#include "digest/algorithm.h"
#include "view/record.h"

#define SECOND INT64_C(1000000000)

enum { TURN_MS = 20, WAIT_MS = 250, PACKET_HEAD = 16 };

/* ---- from the input to spool and engine ---- */

static void note_event(struct viewer *v, int64_t time)
{
	if (time > v->newest)
		v->newest = time;
}

static void on_datagram(void *arg, const struct datagram *d)
{
	struct viewer *v = arg;

	v->place = spool_datagram(v->spool, d);
	note_event(v, d->time);
	tracker_feed(v->tracker, d);
}

static void on_icmp(void *arg, const struct icmp_error *e)
{
	struct viewer *v = arg;

	v->place = spool_icmp(v->spool, e);
	tracker_icmp(v->tracker, e);
}

static void on_loss(void *arg, const struct loss *l)
{
	struct viewer *v = arg;

	spool_loss(v->spool, l);
	tracker_loss(v->tracker, l);
}

static void on_encrypted(void *arg, const struct tls_notice *n)
{
	struct viewer *v = arg;

	encrypted_note(&v->encrypted, n);
}

static void on_secrets(void *arg, struct slice lines)
{
	struct viewer *v = arg;

	tls_keys_add(v->keys, lines);
}

/* Silence is what some findings are about: a replay must know of it, once a second. */
static void on_time(void *arg, int64_t now)
{
	struct viewer *v = arg;

	if (now >= v->newest + SECOND) {
		spool_time(v->spool, now);
		note_event(v, now);
	}
	tracker_advance(v->tracker, now);
}

static void on_packet(void *arg, const struct packet *p)
{
	struct viewer *v = arg;

	v->read += p->captured + PACKET_HEAD;
	/* what comes live is not waited for */
	if (view_paused(v->view))
		return;
	if (!v->begun)
		selection_begin(&v->options.selection, p->time);
	v->begun = true;
	dissector_feed(v->dissector, p);
	on_time(v, p->time);
}

/* ---- from the engine to the view ---- */

static void on_message(void *arg, const struct exchange *x, const struct datagram *d)
{
	struct viewer *v = arg;

	(void)d;
	view_message(v->view, x, v->place);
}

static void on_exchange(void *arg, const struct exchange *x)
{
	struct viewer *v = arg;
	struct buf record = {0};

	if (selection_active(&v->options.selection) && !selection_shows(&v->options.selection, x)) {
		view_leave_out(v->view, x);
		return;
	}
	record_write(&record, x);
	view_exchange(v->view, x, spool_note(v->spool, buf_slice(&record)));
	buf_free(&record);
}

static void on_finding(void *arg, const struct scope_finding *f)
{
	struct viewer *v = arg;

	view_finding(v->view, f);
}

static bool on_search(void *arg, enum search_step step)
{
	struct viewer *v = arg;

	if (step == SEARCH_GOES_ON)
		view_busy(v->view, "looking for what makes the digests wrong", 0, 0);
	return search_step(&v->options.search, step);
}

struct tracker_reader viewer_reader(struct viewer *v)
{
	return (struct tracker_reader){.exchange = on_exchange, .finding = on_finding, .message = on_message, .arg = v};
}

/* ---- turns of the viewer ---- */

static void tell_notes(struct viewer *v)
{
	char line[NOTE_LINE];

	while (notes_next(&v->notes, line))
		view_note(v->view, line);
}

static bool on_stop(void *arg)
{
	struct viewer *v = arg;
	bool goes_on;

	tell_notes(v);
	view_progress(v->view, v->read, v->size);
	goes_on = view_turn(v->view, 0) && !stop_requested();
	while (goes_on && view_paused(v->view) && !v->feed.live)
		goes_on = view_turn(v->view, TURN_MS) && !stop_requested();
	return !goes_on;
}

/* ---- beginning and end ---- */

static bool open_keys(struct viewer *v)
{
	const struct view_cmd_options *o = &v->options;

	v->keys = keys_open(o->keylog, o->tls_key, o->follow || live_wanted(&o->live));
	return v->keys;
}

/* 0: some of it is no regular file. */
static uint64_t input_size(const struct view_cmd_options *o)
{
	uint64_t size = 0;
	struct stat st;

	for (size_t i = 0; i < o->file_count; i++) {
		if (stat(o->files[i], &st) != 0 || !S_ISREG(st.st_mode))
			return 0;
		size += (uint64_t)st.st_size;
	}
	return size;
}

static bool open_input(struct viewer *v)
{
	struct view_cmd_options *o = &v->options;

	v->feed.sink = (struct feed_sink){on_packet, on_time, on_loss, on_secrets, on_stop, v};
	v->feed.turn_ms = TURN_MS;
	if (live_wanted(&o->live))
		return feed_open_live(&v->feed, &o->live, o->filter);
	v->size = o->follow ? 0 : input_size(o);
	return feed_open_files(&v->feed, o->files, o->file_count, o->filter, o->follow);
}

static bool open_spool(struct viewer *v)
{
	v->spool = spool_new((uint64_t)v->options.spool_mib << 20);
	if (!v->spool)
		err_line("no temporary file for the messages: %s; set TMPDIR to a folder that can be written",
			strerror(errno));
	return v->spool;
}

/* "trace.pcap", "trace.pcap and 3 more", "eth0" */
static void name_input(struct viewer *v, struct buf *out)
{
	const struct view_cmd_options *o = &v->options;

	if (v->feed.live) {
		buf_adds(out, buf_string(&v->feed.name));
		return;
	}
	buf_adds(out, strcmp(o->files[0], "-") == 0 ? "standard input" : o->files[0]);
	if (o->file_count > 1)
		buf_printf(out, " and %zu more", o->file_count - 1);
}

static bool open_view(struct viewer *v)
{
	const struct view_host host = viewer_host(v);
	struct buf name = {0};
	char why[VIEW_WHY];

	name_input(v, &name);
	v->view = view_new(&host, &(struct view_options){buf_string(&name), v->feed.live || v->options.follow,
		v->options.show_secrets}, why);
	buf_free(&name);
	if (!v->view) {
		err_line("%s", why);
		return false;
	}
	notes_begin(&v->notes);
	return true;
}

static bool begin(struct viewer *v)
{
	struct tracker_options *t = &v->options.tracker;

	if (secret_options_lack_password(&v->options.secrets)) {
		err_line("--user needs a password: --password-file FILE or SIPAUTH_PASSWORD; or P in the viewer");
		return false;
	}
	v->secrets = secret_options_read(&v->options.secrets);
	if (!v->secrets || !open_keys(v) || !open_input(v) || !open_spool(v))
		return false;
	t->secrets = v->secrets;
	t->search = on_search;
	t->search_arg = v;
	t->search_deep = v->options.search.deep;
	t->show_secrets = v->options.show_secrets;
	return open_view(v) && (!v->feed.live || live_drop_privileges());
}

static void run(struct viewer *v)
{
	struct dissect_sink sink = {on_datagram, on_icmp, on_loss, v, on_encrypted};
	struct tracker_reader reader = viewer_reader(v);

	v->dissector = dissector_new(&sink);
	dissector_use_keys(v->dissector, v->keys);
	v->tracker = tracker_new(&v->options.tracker, &reader);
	feed_run(&v->feed);
	dissector_finish(v->dissector);
	v->upgrades_refused = dissector_stats(v->dissector)->upgrades_refused;
	v->tls_connections = dissector_stats(v->dissector)->tls_connections;
	if (stop_requested() || !view_turn(v->view, 1))
		return;
	viewer_finish(v, v->tracker);
	v->ended = true;
	if (spool_dropped(v->spool))
		err_line("the temporary file is full: %llu messages cannot be opened (--spool-limit)",
			(unsigned long long)spool_dropped(v->spool));
	view_complete(v->view);
	do
		tell_notes(v);
	while (view_turn(v->view, WAIT_MS) && !stop_requested());
}

static void end(struct viewer *v)
{
	view_free(v->view);
	if (v->view)
		notes_end(&v->notes);
	tracker_free(v->tracker);
	dissector_free(v->dissector);
	feed_close(&v->feed);
	spool_free(v->spool);
	encrypted_free(&v->encrypted);
	tls_keys_free(v->keys);
	secrets_free(v->secrets);
	hash_free();
}

int cmd_view(int argc, char **argv)
{
	static struct viewer v;
	int status = EXIT_TROUBLE;

	if (!view_options_parse(&v.options, argc, argv))
		return EXIT_TROUBLE;
	if (v.options.help) {
		view_options_help();
		return EXIT_NOTHING;
	}
	signal(SIGPIPE, SIG_IGN);
	stop_catch();
	if (begin(&v)) {
		run(&v);
		status = feed_is_whole(&v.feed) ? EXIT_NOTHING : EXIT_TROUBLE;
	}
	end(&v);
	return status;
}

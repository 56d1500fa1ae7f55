#include "cmd_live.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "cmd_stop.h"

#define SECOND INT64_C(1000000000)

enum { HEP_PORT = 9060, NAME_MAX_LIVE = 256 };

bool live_add_interfaces(struct analyze *a, char *list)
{
	struct live_options *o = &a->live_options;

	for (char *name = strtok(list, ","); name; name = strtok(NULL, ",")) {
		if (o->interface_count == LIVE_INTERFACES_MAX) {
			err_line("--interface: more than %d interfaces; 'any' is all of them", LIVE_INTERFACES_MAX);
			return false;
		}
		o->interfaces[o->interface_count++] = name;
	}
	if (!o->interface_count)
		err_line("--interface: no interface named; 'ip link' lists them, 'any' is all of them");
	return o->interface_count;
}

bool live_add_hep(struct analyze *a, const char *text)
{
	struct live_options *o = &a->live_options;
	struct address at = {.family = 4, .port = HEP_PORT};
	struct slice s = slice_of(text), host = s, port = SLICE_ABSENT;
	const char *colon = strrchr(text, ':');
	uint64_t number = HEP_PORT;

	if (colon && (colon == strchr(text, ':') || colon[-1] == ']')) {
		host = slice_head(s, (size_t)(colon - text));
		port = slice_from(s, host.n + 1);
	}
	if ((port.p && (!slice_to_u64(port, 65535, &number) || !number)) ||
		(host.n && !address_parse_ip(host, &at))) {
		err_line("--hep-listen: '%s' is no ADDRESS:PORT; did you mean 0.0.0.0:9060?", text);
		return false;
	}
	if (o->hep_count == LIVE_HEP_MAX) {
		err_line("--hep-listen: more than %d addresses; 0.0.0.0 is all of this machine", LIVE_HEP_MAX);
		return false;
	}
	at.port = (uint16_t)number;
	o->hep[o->hep_count++] = at;
	return true;
}

static void complain(void *arg, const char *line)
{
	(void)arg;
	err_line("%s", line);
}

/* What the report calls the place where everything came from. */
static void name_source(struct analyze *a)
{
	static struct buf name;
	const struct live_options *o = &a->live_options;
	char text[ADDRESS_TEXT];

	for (size_t i = 0; i < o->interface_count; i++)
		buf_printf(&name, "%s%s", i ? "," : "", o->interfaces[i]);
	for (size_t i = 0; i < o->hep_count; i++)
		buf_printf(&name, "%sHEP at %s", name.n ? ", " : "", address_format(&o->hep[i], text));
	a->files[0] = buf_string(&name);
	a->report.file_count = 1;
}

bool live_begin(struct analyze *a)
{
	char why[LIVE_TROUBLE];

	a->live_options.filter = a->report.filter;
	a->live_options.complain = complain;
	a->live = live_open(&a->live_options, why);
	if (!a->live) {
		err_line("%s", why);
		return false;
	}
	name_source(a);
	return true;
}

static unsigned long id_of(const char *variable)
{
	const char *text = getenv(variable);

	return text ? strtoul(text, NULL, 10) : 0;
}

bool live_drop_privileges(void)
{
	uid_t uid = (uid_t)id_of("SUDO_UID");
	gid_t gid = (gid_t)id_of("SUDO_GID");
	const struct passwd *nobody;

	if (geteuid() != 0)
		return true;
	if (!uid || !gid) {
		nobody = getpwnam("nobody");
		if (!nobody) {
			err_line("there is no user 'nobody' to go on as; still running as root");
			return true;
		}
		uid = nobody->pw_uid;
		gid = nobody->pw_gid;
	}
	if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0 ||
		setuid(0) == 0) {
		err_line("cannot give up the rights of root: %s", strerror(errno));
		return false;
	}
#ifdef __SANITIZE_ADDRESS__
	/* the leak checker looks at the process from outside */
	prctl(PR_SET_DUMPABLE, 1);
#endif
	return true;
}

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

/* Once a second: what the kernel dropped is evidence, and on a silent link time goes on all the same. */
static void tick(struct analyze *a, int64_t time)
{
	uint64_t dropped = live_drops(a->live);

	if (dropped)
		tracker_loss(a->tracker, &(struct loss){.what = "kernel drop", .count = dropped, .time = time,
			.frame = (uint32_t)live_stats(a->live)->packets, .file = 1});
	/* packets may still be on their way out of the kernel */
	tracker_advance(a->tracker, time - SECOND);
	if (a->watch)
		watch_time(a->watch, time);
}

void live_run(struct analyze *a)
{
	struct packet p;
	int64_t next = 0;
	int got;

	while (!stop_requested() && (got = live_next(a->live, &p)) >= 0) {
		int64_t time;

		if (got)
			analyze_packet(a, &p);
		time = got ? p.time : now();
		if (time >= next || time < next - 2 * SECOND) {
			tick(a, time);
			next = time + SECOND;
		}
	}
	tick(a, now());
}

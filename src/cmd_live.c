#include "cmd_live.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/err.h"

enum { HEP_PORT = 9060, DAY_SECONDS = 86400 };

void live_settings_init(struct live_settings *s)
{
	*s = (struct live_settings){.live.promiscuous = true};
}

bool live_wanted(const struct live_settings *s)
{
	return s->live.interface_count || s->live.hep_count;
}

static bool add_interfaces(struct live_options *o, char *list)
{
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

static bool add_hep(struct live_options *o, const char *text)
{
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

bool live_option(struct live_settings *s, int code, char *value, bool *good)
{
	switch (code) {
	case 'i':
		*good = add_interfaces(&s->live, value);
		return true;
	case 's':
		*good = option_number("--snaplen", value, 64, 262144, &s->live.snaplen);
		return true;
	case 'B':
		*good = option_number("--buffer", value, 1, 2047, &s->live.buffer);
		return true;
	case 'p':
		s->live.promiscuous = false;
		*good = true;
		return true;
	case LIVE_OPTION_HEP:
		*good = add_hep(&s->live, value);
		return true;
	case LIVE_OPTION_DURATION:
		*good = option_number("--duration", value, 1, DAY_SECONDS * 365, &s->duration);
		return true;
	case LIVE_OPTION_STATS:
		*good = option_number("--stats-interval", value, 1, DAY_SECONDS, &s->interval);
		return true;
	case LIVE_OPTION_ALERT:
		*good = option_number("--alert", value, 1, 1000000, &s->alert);
		return true;
	default:
		return false;
	}
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

#include "cmd_report.h"

#include "auth/profile.h"
#include "cmd_options.h"

enum { PROFILES_MAX = 32 };

bool report_set_format(struct report_options *o, const char *value)
{
	static const char *const names[] = {"text", "json", "ndjson", NULL};
	int i = option_choice("--format", value, names);

	if (i >= 0)
		o->format = (enum report_format)report_format_parse(names[i]);
	return i >= 0;
}

bool report_set_fail_on(struct report_options *o, const char *value)
{
	static const char *const names[] = {"never", "info", "warning", "error", NULL};
	int i = option_choice("--fail-on", value, names);

	/* "never" stands in the place of SEVERITY_OK */
	if (i >= 0)
		o->fail_on = (enum severity)i;
	return i >= 0;
}

bool report_set_profile(struct tracker_options *o, const char *option, const char *value)
{
	const char *names[PROFILES_MAX + 1] = {NULL};

	o->profile = profile_find(value);
	if (o->profile)
		return true;
	for (size_t i = 0; i < PROFILES_MAX && profile_at(i); i++)
		names[i] = profile_at(i)->name;
	return option_choice(option, value, names) >= 0;
}

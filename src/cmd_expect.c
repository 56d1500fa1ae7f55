#include "cmd_expect.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cmd_report.h"

enum { WORD_MAX = 32 };

/* One "METHOD=CODE". Methods may be written in any case. */
static bool one(const char *item, enum expected expect[METHOD_COUNT])
{
	static const char *const codes[] = {"401", "407", "both", "any", NULL};
	const char *names[METHOD_OTHER + 1] = {NULL};
	char method[WORD_MAX];
	size_t n = strcspn(item, "=");
	int code, m;

	if (!item[n] || n >= sizeof(method)) {
		err_line("--expect: '%s' is not METHOD=401|407|both|any; "
			"did you mean 'REGISTER=401'?", item);
		return false;
	}
	for (size_t i = 0; i < n; i++)
		method[i] = (char)toupper((unsigned char)item[i]);
	method[n] = '\0';
	for (int i = 0; i < METHOD_OTHER; i++)
		names[i] = method_name((enum method)i);
	m = option_choice("--expect", method, names);
	code = m < 0 ? -1 : option_choice("--expect", item + n + 1, codes);
	if (code >= 0)
		expect[m] = (enum expected)(EXPECTED_401 + code);
	return code >= 0;
}

bool expect_parse(const char *value, enum expected expect[METHOD_COUNT])
{
	char item[2 * WORD_MAX];

	for (;;) {
		size_t n = strcspn(value, ",");

		snprintf(item, sizeof(item), "%.*s", (int)n, value);
		if (!one(item, expect))
			return false;
		if (!value[n])
			return true;
		value += n + 1;
	}
}

bool tracker_option(struct tracker_options *o, int code, const char *value, bool *good)
{
	switch (code) {
	case TRACKER_OPTION_EXPECT:
		*good = expect_parse(value, o->expect);
		return true;
	case TRACKER_OPTION_VOS_MODE:
		*good = option_number("--vos-mode", value, 1, 3, &o->vos_mode);
		return true;
	case TRACKER_OPTION_PROFILE:
		*good = report_set_profile(o, "--profile", value);
		return true;
	case TRACKER_OPTION_REALM:
		o->configured_realm = slice_of(value);
		*good = true;
		return true;
	case TRACKER_OPTION_LOOP_ROUNDS:
		*good = option_number("--loop-rounds", value, 2, EXCHANGE_ATTEMPTS_MAX, &o->loop_rounds);
		return true;
	case TRACKER_OPTION_MEMORY:
		*good = option_number("--memory", value, TRACKER_MEMORY_LEAST, TRACKER_MEMORY_MOST, &o->memory);
		return true;
	default:
		return false;
	}
}

#include "auth/profile.h"

#include "base/slice.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))
#define MODES_1_3 (PROFILE_MODE(1) | PROFILE_MODE(3))
#define MODES_2_3 (PROFILE_MODE(2) | PROFILE_MODE(3))

/* Carriers and IMS cores have no User-Agent of their own, so these two are only found by name. */
static const struct profile profiles[] = {
	{
		.name = "carrier",
		.title = "SIP carrier or trunk provider",
		.register_code = 401,
		.invite_code = 407,
		.modes = PROFILE_MODE(2),
		.note = "Carriers usually expect 407 for INVITE.",
	},
	{
		.name = "cisco",
		.title = "Cisco IP phone",
		.patterns = {"cisco"},
		.register_code = 401,
		.modes = MODES_1_3,
		.note = "Expects WWW-Authenticate when it registers.",
	},
	{
		.name = "yealink",
		.title = "Yealink IP phone",
		.patterns = {"yealink"},
		.modes = PROFILE_MODE(1) | MODES_2_3,
		.note = "Answers both codes; mode 2 or 3 is usual, mode 1 works too.",
	},
	{
		.name = "grandstream",
		.title = "Grandstream phone or adapter",
		.patterns = {"grandstream"},
		.register_code = 401,
		.modes = MODES_1_3,
		.note = "Older models ignore Proxy-Authenticate when they register.",
	},
	{
		.name = "goip",
		.title = "GoIP gateway",
		.patterns = {"goip"},
		.modes = MODES_2_3,
		.note = "Usually answers both codes; it depends on the firmware, so test it.",
	},
	{
		.name = "softphone",
		.title = "Softphone (X-Lite, eyeBeam, Zoiper)",
		.patterns = {"x-lite", "eyebeam", "zoiper"},
		.register_code = 401,
		.modes = MODES_1_3,
		.note = "Typically expects 401 when it registers.",
	},
	{
		.name = "ims",
		.title = "IMS platform",
		.register_code = 401,
		.invite_code = 407,
		.modes = PROFILE_MODE(3),
		.note = "401 for REGISTER, 407 for INVITE: mode 3 fits if it chooses by method.",
	},
};

const struct profile *profile_at(size_t i)
{
	return i < COUNT(profiles) ? &profiles[i] : NULL;
}

const struct profile *profile_find(const char *name)
{
	for (size_t i = 0; i < COUNT(profiles); i++)
		if (slice_eq_nocase(slice_of(profiles[i].name), slice_of(name)))
			return &profiles[i];
	return NULL;
}

static bool fits(const struct profile *profile, struct slice agent)
{
	for (size_t i = 0; i < PROFILE_PATTERNS_MAX && profile->patterns[i]; i++)
		if (slice_has_nocase(agent, slice_of(profile->patterns[i])))
			return true;
	return false;
}

const struct profile *profile_for_agent(const char *p, size_t n)
{
	for (size_t i = 0; i < COUNT(profiles); i++)
		if (n && fits(&profiles[i], (struct slice){p, n}))
			return &profiles[i];
	return NULL;
}

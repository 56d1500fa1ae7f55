#include "auth/finding.h"

#include <string.h>

#include "base/distance.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static const struct finding_kind kinds[FINDING_COUNT] = {
#define FINDING(name, id, sev, failed, fault, rank, title, say, why, fix, vos3000, source) \
	[FINDING_##name] = {id, SEVERITY_##sev, SEVERITY_##failed, FAULT_##fault, rank, \
		title, say, why, fix, vos3000, source},
#include "auth/catalogue.def"
};

static const struct alias {
	const char *name;
	enum finding_id id;
} aliases[] = {
#define ALIAS(other, name) {other, FINDING_##name},
#include "auth/catalogue.def"
};

static const struct section {
	enum finding_id first;
	const char *heading;
} sections[] = {
#define SECTION(name, heading) {FINDING_##name, heading},
#include "auth/catalogue.def"
};

static const char *const severities[] = {
	[SEVERITY_OK] = "ok",
	[SEVERITY_INFO] = "info",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_ERROR] = "error",
};

static const char *const faults[] = {
	[FAULT_NONE] = "none",
	[FAULT_CLIENT] = "client",
	[FAULT_SERVER] = "server",
	[FAULT_MIDDLEBOX] = "middlebox",
	[FAULT_CONFIG] = "config",
	[FAULT_NETWORK] = "network",
	[FAULT_CAPTURE] = "capture",
	[FAULT_EITHER] = "either",
	[FAULT_DERIVED] = "derived",
};

static const char *const confidences[] = {
	[CONFIDENCE_POSSIBLE] = "possible",
	[CONFIDENCE_LIKELY] = "likely",
	[CONFIDENCE_PROVEN] = "proven",
};

static const char *name_at(const char *const *names, size_t count, size_t i)
{
	return i < count ? names[i] : "";
}

const char *severity_name(enum severity s)
{
	return name_at(severities, COUNT(severities), (size_t)s);
}

const char *fault_name(enum fault f)
{
	return name_at(faults, COUNT(faults), (size_t)f);
}

const char *confidence_name(enum confidence c)
{
	return name_at(confidences, COUNT(confidences), (size_t)c);
}

int severity_parse(const char *name)
{
	for (size_t i = 0; i < COUNT(severities); i++)
		if (strcmp(severities[i], name) == 0)
			return (int)i;
	return -1;
}

const struct finding_kind *finding_kind(enum finding_id id)
{
	return (size_t)id < FINDING_COUNT ? &kinds[id] : NULL;
}

const char *finding_alias(enum finding_id id, size_t n)
{
	for (size_t i = 0; i < COUNT(aliases); i++)
		if (aliases[i].id == id && n-- == 0)
			return aliases[i].name;
	return NULL;
}

const char *finding_section(enum finding_id id)
{
	for (size_t i = 0; i < COUNT(sections); i++)
		if (sections[i].first == id)
			return sections[i].heading;
	return NULL;
}

/* Deviation ids are open within their kinds, so only the form can be checked here. */
static bool is_deviation(const char *name)
{
	const char *id = kinds[FINDING_DIGEST_DEVIATION].id;
	size_t n = strlen(id);

	if (strncmp(name, id, n) != 0 || name[n] != '/' || !name[n + 1])
		return false;
	name += n + 1;
	return name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

int finding_find(const char *name)
{
	for (size_t i = 0; i < FINDING_COUNT; i++)
		if (strcmp(kinds[i].id, name) == 0)
			return (int)i;
	for (size_t i = 0; i < COUNT(aliases); i++)
		if (strcmp(aliases[i].name, name) == 0)
			return (int)aliases[i].id;
	return is_deviation(name) ? (int)FINDING_DIGEST_DEVIATION : -1;
}

/* Ids, then aliases. */
static const char *name_known(size_t i)
{
	return i < FINDING_COUNT ? kinds[i].id : aliases[i - FINDING_COUNT].name;
}

const char *finding_nearest(const char *name)
{
	const char *nearest = kinds[0].id;
	size_t best = word_distance(nearest, name);

	for (size_t i = 1; i < FINDING_COUNT + COUNT(aliases); i++) {
		const char *known = name_known(i);
		size_t d = word_distance(known, name);

		if (d < best) {
			best = d;
			nearest = known;
		}
	}
	return nearest;
}

static void add_value(struct slice name, const struct finding_arg *args, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		if (!slice_eq(slice_of(args[i].name), name))
			continue;
		if (args[i].value)
			buf_add_printable(out, (struct slice){args[i].value, args[i].length});
		return;
	}
}

void finding_say(enum finding_id id, const struct finding_arg *args, size_t n, struct buf *out)
{
	const struct finding_kind *kind = finding_kind(id);
	struct slice rest = slice_of(kind ? kind->say : "");

	while (rest.n) {
		size_t text = slice_find(rest, '{');
		struct slice name;

		buf_add_slice(out, slice_head(rest, text));
		rest = slice_from(rest, text);
		if (!rest.n)
			break;
		rest = slice_from(rest, 1);
		name = slice_head(rest, slice_find(rest, '}'));
		add_value(name, args, n, out);
		rest = slice_from(rest, name.n);
		if (rest.n)
			rest = slice_from(rest, 1);
	}
}

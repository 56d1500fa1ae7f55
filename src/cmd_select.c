#include "cmd_select.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"

#define SECOND INT64_C(1000000000)

enum { WORD_MAX = 32, DAYS_MAX = 100 * 366 };

bool select_is_option(int code)
{
	return code >= SELECT_ACCOUNT && code < SELECT_END;
}

static bool room(const char *option, unsigned count)
{
	if (count < SELECT_MAX)
		return true;
	err_line("%s: more than %d of them; widen one instead", option, SELECT_MAX);
	return false;
}

static bool add_text(const char *option, const char **list, unsigned *count, const char *value)
{
	if (!*value) {
		err_line("%s: needs a value that is not empty", option);
		return false;
	}
	if (!room(option, *count))
		return false;
	list[(*count)++] = value;
	return true;
}

static bool add_network(struct selection *s, const char *value)
{
	struct select_network n;
	size_t slash = strcspn(value, "/");
	unsigned most;

	if (!address_parse_ip((struct slice){value, slash}, &n.address)) {
		err_line("--address: '%s' is no IP address and no IP/PREFIX; "
			"did you mean '10.0.0.1' or '10.0.0.0/8'?", value);
		return false;
	}
	most = n.address.family == 4 ? 32 : 128;
	n.prefix = most;
	if (value[slash] && !option_number("--address", value + slash + 1, 0, most, &n.prefix))
		return false;
	if (!room("--address", s->network_count))
		return false;
	s->networks[s->network_count++] = n;
	return true;
}

/* Any case: names of methods are upper case on the wire, and nobody types them so. */
static bool add_method(struct selection *s, const char *value)
{
	const char *names[METHOD_COUNT] = {NULL};
	char name[WORD_MAX];
	size_t n = 0;
	int m;

	while (value[n] && n + 1 < sizeof(name)) {
		name[n] = (char)toupper((unsigned char)value[n]);
		n++;
	}
	name[n] = '\0';
	/* ACK and CANCEL belong to their INVITE and are no exchanges of their own */
	for (unsigned i = 0, k = 0; i < METHOD_OTHER; i++)
		if (i != METHOD_ACK && i != METHOD_CANCEL)
			names[k++] = method_name((enum method)i);
	m = option_choice("--method", name, names);
	if (m >= 0)
		s->methods |= 1u << method_find(slice_of(names[m]));
	return m >= 0;
}

static bool add_outcome(struct selection *s, const char *value)
{
	const char *names[OUTCOME_COUNT + 1] = {NULL};
	int o;

	for (unsigned i = 0; i < OUTCOME_COUNT; i++)
		names[i] = outcome_name((enum outcome)i);
	o = option_choice("--outcome", value, names);
	if (o >= 0)
		s->outcomes |= 1u << o;
	return o >= 0;
}

static bool add_finding(struct selection *s, const char *value)
{
	const char *slash = strchr(value, '/');
	int id = finding_find(value);

	if (id < 0) {
		err_line("--finding: no '%s'; did you mean '%s'?", value, finding_nearest(value));
		return false;
	}
	if (!room("--finding", s->finding_count))
		return false;
	s->findings[s->finding_count++] = (struct select_finding){
		(enum finding_id)id, slash ? slice_of(slash + 1) : SLICE_ABSENT};
	return true;
}

/* ---- times ---- */

/* ".310", added to *out. Returns where it ends; *width gets what its last digit stands for. */
static const char *parse_fraction(const char *p, int64_t unit, int64_t *out, int64_t *width)
{
	if (*p != '.' || !isdigit((unsigned char)p[1]))
		return p;
	for (p++; isdigit((unsigned char)*p); p++) {
		unit /= 10;
		*out += (*p - '0') * unit;
	}
	*width = unit > 0 ? unit : 1;
	return p;
}

static bool parse_two(const char **p, int most, int *out)
{
	if (!isdigit((unsigned char)(*p)[0]) || !isdigit((unsigned char)(*p)[1]))
		return false;
	*out = ((*p)[0] - '0') * 10 + (*p)[1] - '0';
	*p += 2;
	return *out <= most;
}

/* "10:22", "10:22:01", "10:22:01.31", each with or without "Z". */
static bool parse_clock(const char *p, struct select_time *t)
{
	int h, m, s = 0;

	if (!parse_two(&p, 23, &h) || *p++ != ':' || !parse_two(&p, 59, &m))
		return false;
	t->width = 60 * SECOND;
	if (*p == ':') {
		p++;
		if (!parse_two(&p, 60, &s))
			return false;
		t->width = SECOND;
	}
	t->kind = SELECT_CLOCK;
	t->value = (h * 3600 + m * 60 + s) * SECOND;
	if (t->width == SECOND)
		p = parse_fraction(p, SECOND, &t->value, &t->width);
	return !*p || (p[0] == 'Z' && !p[1]);
}

/* "2026-11-22T10:22:01Z"; a space may stand for the T. */
static bool parse_date(const char *p, struct select_time *t)
{
	struct tm tm = {0};
	const char *clock = strptime(p, "%Y-%m-%d", &tm);

	if (!clock || clock - p != 10 || (*clock != 'T' && *clock != ' ') ||
		!parse_clock(clock + 1, t))
		return false;
	t->kind = SELECT_ABSOLUTE;
	t->value += (int64_t)timegm(&tm) * SECOND;
	return true;
}

/* "90", "+90s", "1h30m", "2.5s": after the first packet. */
static bool parse_offset(const char *p, struct select_time *t)
{
	static const struct {
		char letter;
		int64_t seconds;
	} units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
	unsigned next = 0;

	*t = (struct select_time){.kind = SELECT_OFFSET};
	p += *p == '+';
	if (!*p)
		return false;
	while (*p) {
		unsigned long n;
		char *end;
		int64_t fraction = 0, ignored;

		if (!isdigit((unsigned char)*p))
			return false;
		n = strtoul(p, &end, 10);
		p = parse_fraction(end, SECOND, &fraction, &ignored);
		while (*p && next < 4 && units[next].letter != *p)
			next++;
		/* a number without a letter is seconds, and the last one */
		next = *p ? next : 3;
		if (next == 4 || n > DAYS_MAX * 86400ul / (unsigned long)units[next].seconds)
			return false;
		t->value += ((int64_t)n * SECOND + fraction) * units[next++].seconds;
		p += *p != '\0';
	}
	return true;
}

static bool set_time(const char *option, struct select_time *t, const char *value)
{
	if (parse_date(value, t) || parse_clock(value, t) || parse_offset(value, t))
		return true;
	err_line("%s: '%s' is no time; did you mean '2026-11-22T10:22:01', '10:22' or '5m' "
		"(after the first packet)?", option, value);
	return false;
}

bool select_option(struct selection *s, int code, const char *value)
{
	static const char *const only[] = {"failed", NULL};

	switch (code) {
	case SELECT_ACCOUNT:
		return add_text("--account", s->accounts, &s->account_count, value);
	case SELECT_ADDRESS:
		return add_network(s, value);
	case SELECT_METHOD:
		return add_method(s, value);
	case SELECT_CALL_ID:
		return add_text("--call-id", s->call_ids, &s->call_id_count, value);
	case SELECT_SINCE:
		return set_time("--since", &s->since, value);
	case SELECT_UNTIL:
		return set_time("--until", &s->until, value);
	case SELECT_OUTCOME:
		return add_outcome(s, value);
	case SELECT_FINDING:
		return add_finding(s, value);
	default:
		s->failed = true;
		return option_choice("--only", value, only) >= 0;
	}
}

bool select_check(const struct selection *s)
{
	if (s->since.kind != s->until.kind || s->since.kind == SELECT_NO_TIME ||
		s->until.value + s->until.width >= s->since.value)
		return true;
	err_line("--until lies before --since: nothing would be shown; exchange them");
	return false;
}

/* Values of parameters: quoted, oddly quoted, plain; and what if the closing quote is missing. */
#include "digest/params_scan.h"

#include <string.h>

#include "base/find.h"

const char *scan_closing_quote(const char *at, const char *end)
{
	struct slice rest = slice_between(at, end);
	size_t hit = find_either(rest, 0, '"', '\\');

	while (hit + 1 < rest.n && rest.p[hit] == '\\')
		hit = find_either(rest, hit + 2, '"', '\\');
	return hit < rest.n && rest.p[hit] == '"' ? rest.p + hit : NULL;
}

bool scan_value_ends(const char *at, const char *end)
{
	return at >= end || slice_is_space(*at) || *at == ',' || *at == ';' ||
	       scan_is_name(at, end, true);
}

/* The first comma before `end` that is followed by a known parameter's name and "=". */
static const char *next_known(const char *at, const char *end, const char *limit)
{
	while (at < end && (at = memchr(at, ',', (size_t)(end - at)))) {
		const char *name = scan_skip_space(at + 1, limit);

		if (scan_is_name(name, limit, true))
			return at;
		at++;
	}
	return NULL;
}

/*
 * realm="a"b", nonce=...: a quote inside that should have been escaped. The last quote before the
 * next comma, "=" or semicolon closes the value, if nothing follows it.
 */
static const char *later_close(const struct scan *s, const char *close)
{
	const char *at = close + 1, *quote = NULL;

	for (; at < s->end && *at != ',' && *at != '=' && *at != ';'; at++)
		if (*at == '"')
			quote = at;
	if (!quote || quote == close + 1 || (at < s->end && *at == '=') ||
		scan_skip_space(quote + 1, s->end) != at)
		return NULL;
	return quote;
}

static void set(struct scan *s, struct param *p, struct slice raw, struct slice value)
{
	p->value_at = (uint16_t)(value.p - p->name);
	p->value_length = (uint16_t)value.n;
	p->open = (uint8_t)(value.p - raw.p) & 3;
	p->close = (uint8_t)(raw.p + raw.n - (value.p + value.n)) & 3;
	p->escaped = value.n && memchr(value.p, '\\', value.n);
	s->at = raw.p + raw.n;
}

/*
 * The quote that began at `open` is not closed: the value ends at the next comma that looks like a
 * parameter before `close` (a later parameter's quote). False if there is none.
 */
static bool cut_unclosed(
	struct scan *s, struct param *p, const char *open, const char *begin, const char *close)
{
	const char *cut = next_known(begin, close ? close : s->end, s->end);
	const char *stop;

	if (!cut && close)
		return false;
	if (!cut)
		cut = s->end;
	scan_defect(s, PARAMS_UNCLOSED_QUOTE, open);
	stop = cut > begin && cut[-1] == '"' ? cut - 1 : cut; /* "x\", nonce= */
	set(s, p, slice_between(open, cut), slice_between(begin, stop));
	return true;
}

static void quoted(struct scan *s, struct param *p)
{
	const char *open = s->at, *begin = open + 1;
	const char *close = scan_closing_quote(begin, s->end), *later;

	p->quoted = true;
	if (!close || !scan_value_ends(close + 1, s->end)) {
		if (cut_unclosed(s, p, open, begin, close))
			return;
		later = later_close(s, close);
		if (later) {
			scan_defect(s, PARAMS_ODD_QUOTES, close);
			close = later;
		}
	}
	set(s, p, slice_between(open, close + 1), slice_between(begin, close));
}

/* realm=\"x\": a configuration that was escaped once too often. */
static void escaped_quotes(struct scan *s, struct param *p)
{
	const char *open = s->at, *begin = open + 2;
	const char *close = begin < s->end ? memchr(begin, '"', (size_t)(s->end - begin)) : NULL;
	const char *stop;

	p->quoted = true;
	scan_defect(s, PARAMS_ODD_QUOTES, open);
	if (!close || !scan_value_ends(close + 1, s->end))
		if (cut_unclosed(s, p, open, begin, close))
			return;
	stop = close > begin && close[-1] == '\\' ? close - 1 : close;
	set(s, p, slice_between(open, close + 1), slice_between(begin, stop));
}

static bool single_quotes(struct scan *s, struct param *p)
{
	const char *open = s->at, *begin = open + 1;
	const char *close = begin < s->end ? memchr(begin, '\'', (size_t)(s->end - begin)) : NULL;

	if (!close || !scan_value_ends(close + 1, s->end))
		return false;
	p->quoted = true;
	scan_defect(s, PARAMS_ODD_QUOTES, open);
	set(s, p, slice_between(open, close + 1), slice_between(begin, close));
	return true;
}

/* A ";" belongs to an unquoted value (uri=sip:h;transport=udp) unless a parameter follows. */
static bool is_separator(const char *at, const char *end)
{
	return at + 1 == end || slice_is_space(at[1]) || scan_is_name(at + 1, end, true);
}

/* qop=auth,auth-int without quotes: the words after the comma belong to the value. */
static const char *qop_words(struct scan *s, const char *stop)
{
	for (;;) {
		const char *comma = scan_skip_space(stop, s->end);
		const char *word, *word_end;
		struct slice text;

		if (comma == s->end || *comma != ',')
			return stop;
		word = scan_skip_space(comma + 1, s->end);
		word_end = scan_word(word, s->end);
		text = slice_between(word, word_end);
		if ((!slice_eq_nocase(text, SLICE("auth")) &&
			    !slice_eq_nocase(text, SLICE("auth-int"))) ||
			scan_is_name(word, s->end, false))
			return stop;
		scan_defect(s, PARAMS_NO_VALUE, word);
		stop = word_end;
	}
}

static void plain(struct scan *s, struct param *p)
{
	const char *begin = s->at, *stop = begin, *value_end;

	for (; stop < s->end && !slice_is_space(*stop) && *stop != ','; stop++) {
		if (*stop == ';' && is_separator(stop, s->end))
			break;
		if (*stop == '"')
			scan_defect(s, PARAMS_ODD_QUOTES, stop);
	}
	if (p->id == PARAM_QOP)
		stop = qop_words(s, stop);
	/* realm=x", the opening quote lost */
	value_end = stop > begin && stop[-1] == '"' ? stop - 1 : stop;
	set(s, p, slice_between(begin, stop), slice_between(begin, value_end));
}

void scan_value(struct scan *s, struct param *p)
{
	const char *after = s->at;
	const char *at = scan_skip_space(after, s->end);

	/* "stale= nonce=..": the second word is a parameter, not the value */
	if (at == s->end || *at == ',' || *at == ';' ||
		(at > after && scan_is_name(at, s->end, true))) {
		scan_defect(s, PARAMS_NO_VALUE, p->name);
		set(s, p, slice_between(after, after), slice_between(after, after));
		return;
	}
	s->at = at;
	if (*at == '"')
		quoted(s, p);
	else if (*at == '\\' && at + 1 < s->end && at[1] == '"')
		escaped_quotes(s, p);
	else if (*at != '\'' || !single_quotes(s, p))
		plain(s, p);
}

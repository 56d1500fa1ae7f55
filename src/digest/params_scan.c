/*
 * The walk over a header field value: schemes, names, separators. Values are read in
 * params_value.c. Every byte is looked at a bounded number of times: whatever looks ahead stops at
 * the next quote, comma or "=" that the walk itself will stop at.
 */
#include "digest/params_scan.h"

#include <string.h>

enum { DUPLICATE_NAME_MAX = 64 }; /* longer unknown names are not compared with each other */

const char *scan_word(const char *at, const char *end)
{
	static const bool stops[256] = {
		[' '] = true,
		['\t'] = true,
		['\r'] = true,
		['\n'] = true,
		['='] = true,
		[','] = true,
		[';'] = true,
		['"'] = true,
	};

	while (at < end && !stops[(unsigned char)*at])
		at++;
	return at;
}

bool scan_is_name(const char *at, const char *end, bool known)
{
	const char *stop = scan_word(at, end);
	const char *equal = scan_skip_space(stop, end);

	if (stop == at || equal == end || *equal != '=')
		return false;
	return !known || param_find(slice_between(at, stop)) != PARAM_UNKNOWN;
}

void scan_defect(struct scan *s, unsigned bit, const char *where)
{
	if ((bit & PARAMS_MALFORMED) && !(s->out->defects & PARAMS_MALFORMED))
		s->out->defect_offset = (uint16_t)(where - s->begin);
	s->out->defects |= bit;
}

enum { TOKEN = 1, TOKEN68 = 2 };

/* RFC 3261 25.1 token, RFC 7235 2.1 token68 */
static const uint8_t kinds[256] = {
	['a' ... 'z'] = TOKEN | TOKEN68, ['A' ... 'Z'] = TOKEN | TOKEN68, ['0' ... '9'] = TOKEN | TOKEN68,
	['-'] = TOKEN | TOKEN68, ['.'] = TOKEN | TOKEN68, ['_'] = TOKEN | TOKEN68, ['~'] = TOKEN | TOKEN68,
	['+'] = TOKEN | TOKEN68, ['!'] = TOKEN, ['%'] = TOKEN, ['*'] = TOKEN, ['`'] = TOKEN, ['\''] = TOKEN,
	['/'] = TOKEN68,
};

static bool is_token(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(kinds[(unsigned char)s.p[i]] & TOKEN))
			return false;
	return s.n > 0;
}

static bool known_scheme(struct slice word)
{
	static const struct slice schemes[] = {
		{"Digest", 6},
		{"Basic", 5},
		{"Bearer", 6},
		{"NTLM", 4},
		{"Negotiate", 9},
		{"Kerberos", 8},
	};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (slice_eq_nocase(word, schemes[i]))
			return true;
	return false;
}

static bool seen_before(const struct scan *s, const struct param *p)
{
	if (p->id != PARAM_UNKNOWN)
		return params_have(s->out, (enum param_id)p->id);
	for (uint32_t i = 0; p->name_length <= DUPLICATE_NAME_MAX && i < s->out->count; i++)
		if (s->list[i].id == PARAM_UNKNOWN &&
			slice_eq_nocase(param_name_sent(&s->list[i]), param_name_sent(p)))
			return true;
	return false;
}

/* Keeps the parameter that was read in its place at the end of the list. */
static void keep(struct scan *s, struct param *p)
{
	struct params *out = s->out;

	p->duplicate = seen_before(s, p);
	if (out->count == PARAMS_MAX) {
		scan_defect(s, PARAMS_TOO_MANY, p->name);
		out->dropped++;
		return;
	}
	out->present |= 1u << p->id;
	out->quoted |= (uint32_t)p->quoted << p->id;
	out->peculiar |= p->duplicate || p->escaped || !param_raw(p).n;
	out->count++;
}

/* Bytes that begin no parameter: a stray "=", a stray quote, or a quoted string without a name. */
static void skip_junk(struct scan *s)
{
	const char *close;

	scan_defect(s, PARAMS_JUNK, s->at);
	if (*s->at == '"') {
		close = scan_closing_quote(s->at + 1, s->end);
		if (close && scan_value_ends(close + 1, s->end))
			s->at = close;
	}
	s->at++;
}

/* The word at s->at, looked at once: a parameter's name, or the scheme of a new challenge. */
struct word {
	struct slice text;
	enum param_id id;
	const char *next; /* after it and its white space */
	bool equal;       /* "=" follows */
};

static struct word look(const struct scan *s)
{
	const char *stop = scan_word(s->at, s->end);
	struct word w = {
		slice_between(s->at, stop), PARAM_UNKNOWN, scan_skip_space(stop, s->end), false};

	w.id = param_find(w.text);
	w.equal = w.next < s->end && *w.next == '=';
	return w;
}

/* True if it was a parameter, false if it was junk. */
static inline bool scan_element(struct scan *s, const struct word *w, bool separated)
{
	struct param *p = &s->list[s->out->count];

	if (!w->text.n) {
		skip_junk(s);
		return false;
	}
	*p = (struct param){.name = w->text.p, .name_length = (uint16_t)w->text.n, .id = (uint8_t)w->id};
	s->at = w->text.p + w->text.n;
	if (p->id == PARAM_UNKNOWN && !is_token(w->text))
		scan_defect(s, PARAMS_JUNK, p->name);
	if (w->equal) {
		if (!separated)
			scan_defect(s, PARAMS_MISSING_COMMA, p->name);
		s->at = w->next + 1;
		scan_value(s, p);
	} else if (separated) {
		scan_defect(s, PARAMS_NO_VALUE, p->name);
	} else {
		scan_defect(s, PARAMS_JUNK, p->name);
		return true;
	}
	keep(s, p);
	return true;
}

/* White space, commas and semicolons. True if something separated the elements. */
static inline bool skip_separators(struct scan *s)
{
	const char *at = scan_skip_space(s->at, s->end);
	bool separated = false;

	for (; at < s->end && (*at == ',' || *at == ';'); at = scan_skip_space(at + 1, s->end)) {
		if (*at == ';')
			scan_defect(s, PARAMS_SEMICOLON, at);
		else
			s->commas++;
		separated = true;
	}
	s->at = at;
	return separated;
}

/*
 * Does a new challenge begin here? It does after a comma with a word that is followed by white
 * space and "name=" (`algorithm=MD5 realm="r"` has no comma: there MD5 is a value), and with a
 * known scheme.
 */
static bool starts_challenge(struct scan *s, const struct word *w, bool separated)
{
	bool spaced = w->next > w->text.p + w->text.n;

	if (s->info || w->equal || w->id != PARAM_UNKNOWN || !w->text.n || s->at == s->begin)
		return false;
	if (known_scheme(w->text)) {
		if (separated)
			return true;
		if (spaced && scan_is_name(w->next, s->end, false)) {
			scan_defect(s, PARAMS_MISSING_COMMA, s->at);
			return true;
		}
		return false;
	}
	return s->commas && spaced && is_token(w->text) && scan_is_name(w->next, s->end, false);
}

static void scan_list(struct scan *s)
{
	bool separated = true;

	for (;;) {
		struct word w;
		bool done;

		if (skip_separators(s))
			separated = true;
		if (separated && s->commas <= !s->first && scan_plain(s)) {
			if (s->at == s->end)
				return;
			separated = false;
			s->commas = 0;
			s->plain = false;
			continue;
		}
		s->plain = false;
		w = look(s);
		done = s->at == s->end || starts_challenge(s, &w, separated);
		/* one comma is in place between two elements, or before the next challenge */
		if (s->commas > 1 || (s->commas && (done ? s->at == s->end : s->first)))
			scan_defect(s, PARAMS_EXTRA_COMMA, s->at);
		if (done)
			return;
		if (scan_element(s, &w, separated))
			separated = false;
		s->last = s->at;
		s->commas = 0;
		s->first = false;
	}
}

/* RFC 7235 2.1: the blob of Basic, Bearer, Negotiate. */
static void scan_token68(struct scan *s)
{
	const char *stop = s->at, *padded, *next;

	while (stop < s->end && (kinds[(unsigned char)*stop] & TOKEN68))
		stop++;
	for (padded = stop; padded < s->end && *padded == '='; padded++)
		;
	next = scan_skip_space(padded, s->end);
	if (stop == s->at || (next < s->end && *next != ',') ||
		param_find(slice_between(s->at, stop)) != PARAM_UNKNOWN)
		return;
	s->out->token68 = slice_between(s->at, padded);
	s->last = s->at = padded;
	s->first = false;
}

/* The scheme of nearly all. False: it is another one, or written in another way. */
static bool scan_digest(struct scan *s)
{
	static const char digest[8] = "Digest ";

	if (s->end - s->at < 8 || memcmp(s->at, digest, 7) != 0 || slice_is_space(s->at[7]))
		return false;
	s->out->scheme = (struct slice){s->at, 6};
	s->last = s->at + 6;
	s->at += 7;
	s->plain = true;
	return true;
}

static void scan_scheme(struct scan *s)
{
	struct word w = look(s);
	bool digest;

	/* RFC 5090 prints "Digest = algorithm=MD5": the scheme is still to be seen */
	if (!w.text.n || (w.equal && !known_scheme(w.text)) || w.id != PARAM_UNKNOWN) {
		scan_defect(s, PARAMS_NO_SCHEME, s->at);
		return;
	}
	s->out->scheme = w.text;
	digest = params_is_digest(s->out);
	if (!digest && !is_token(w.text))
		scan_defect(s, PARAMS_JUNK, s->at);
	s->last = w.text.p + w.text.n;
	s->at = w.next;
	if (!digest)
		scan_token68(s);
}

static void finish(struct scan *s, struct arena *arena)
{
	struct params *out = s->out;

	out->text = slice_between(s->begin, s->last);
	if (out->count) {
		out->list = arena_take(arena, out->count * sizeof(*out->list));
		memcpy(out->list, s->list, out->count * sizeof(*out->list));
	}
	if (!s->plain && out->text.n &&
		(memchr(out->text.p, '\n', out->text.n) || memchr(out->text.p, '\r', out->text.n)))
		out->defects |= PARAMS_FOLDED;
}

static void scan_begin(struct scan *s, struct params *out)
{
	static const struct params nothing;

	*out = nothing;
	s->out = out;
	s->begin = s->last = s->at;
	s->first = true;
	s->commas = 0;
	s->plain = false;
}

size_t params_scan(struct slice value, struct arena *arena, struct params *out, size_t max)
{
	struct scan s;
	size_t count = 0;
	bool leading = false;

	value = slice_head(slice_trim(value), PARAMS_BYTES);
	if (!value.n)
		return 0;
	s.at = value.p;
	s.end = value.p + value.n;
	s.info = false;
	for (; s.at < s.end && (*s.at == ',' || slice_is_space(*s.at)); s.at++)
		leading = true;
	while (s.at < s.end && count < max) {
		scan_begin(&s, &out[count++]);
		if (leading)
			scan_defect(&s, PARAMS_EXTRA_COMMA, s.at);
		leading = false;
		if (*s.at == '"') /* the whole field in quotes */
			scan_defect(&s, PARAMS_JUNK, s.at++);
		if (!scan_digest(&s))
			scan_scheme(&s);
		scan_list(&s);
		finish(&s, arena);
	}
	if (s.at < s.end && count)
		out[count - 1].defects |= PARAMS_TOO_MANY;
	return count;
}

void params_scan_info(struct slice value, struct arena *arena, struct params *out)
{
	struct scan s;

	value = slice_head(slice_trim(value.p ? value : SLICE("")), PARAMS_BYTES);
	s.at = value.p;
	s.end = value.p + value.n;
	s.info = true;
	scan_begin(&s, out);
	scan_list(&s);
	finish(&s, arena);
}

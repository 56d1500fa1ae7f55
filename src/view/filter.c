#include "view/filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/distance.h"

/* ---- what a row has under a name ---- */

struct filter_key {
	const char *name;
	/* One of its texts: false if there is none of this number. */
	bool (*text)(const struct rows *rows, const struct row *row, unsigned i, char buffer[FILTER_TEXT],
		struct slice *out);
	/* Values are words of a set, and may be cut short: NULL ends them. */
	const char *(*word)(unsigned i);
};

#define TEXT_OF(name) \
	static bool text_##name(const struct rows *rows, const struct row *row, unsigned i, \
		char buffer[FILTER_TEXT], struct slice *out) \
	{ \
		(void)buffer; \
		*out = texts_get(&rows->texts, row->name); \
		return i == 0; \
	}

TEXT_OF(user)
TEXT_OF(from)
TEXT_OF(to)
TEXT_OF(call_id)
TEXT_OF(agent)
TEXT_OF(server)

static bool text_address(const struct rows *rows, const struct row *row, unsigned i, char buffer[FILTER_TEXT],
	struct slice *out)
{
	struct address a = texts_get_address(&rows->texts, i ? row->target : row->client);

	*out = slice_of(address_format(&a, buffer));
	return i < 2;
}

static bool text_method(const struct rows *rows, const struct row *row, unsigned i, char buffer[FILTER_TEXT],
	struct slice *out)
{
	(void)rows, (void)buffer;
	*out = slice_of(method_name((enum method)row->method));
	return i == 0;
}

static bool text_outcome(const struct rows *rows, const struct row *row, unsigned i, char buffer[FILTER_TEXT],
	struct slice *out)
{
	(void)rows, (void)buffer;
	*out = slice_of(row_outcome(row));
	return i == 0;
}

static bool text_transport(const struct rows *rows, const struct row *row, unsigned i, char buffer[FILTER_TEXT],
	struct slice *out)
{
	(void)rows, (void)buffer;
	*out = slice_of(transport_name((enum transport)row->transport));
	return i == 0;
}

static bool text_status(const struct rows *rows, const struct row *row, unsigned i, char buffer[FILTER_TEXT],
	struct slice *out)
{
	(void)rows;
	snprintf(buffer, FILTER_TEXT, "%u", row->status);
	*out = slice_of(buffer);
	return i == 0;
}

static bool text_cause(const struct rows *rows, const struct row *row, unsigned i, char buffer[FILTER_TEXT],
	struct slice *out)
{
	(void)rows, (void)buffer;
	*out = row->cause ? slice_of(finding_kind((enum finding_id)(row->cause - 1))->id) : SLICE("");
	return i == 0;
}

static bool text_only(const struct rows *rows, const struct row *row, unsigned i, char buffer[FILTER_TEXT],
	struct slice *out)
{
	(void)rows, (void)buffer;
	*out = row_failed(row) ? SLICE("failed") : SLICE("");
	return i == 0;
}

static const char *word_method(unsigned i)
{
	return i < METHOD_COUNT ? method_name((enum method)i) : NULL;
}

static const char *word_outcome(unsigned i)
{
	static const char *const open[] = {"waiting", "challenged", "answered"};

	if (i < OUTCOME_COUNT)
		return outcome_name((enum outcome)i);
	return i < OUTCOME_COUNT + 3 ? open[i - OUTCOME_COUNT] : NULL;
}

static const char *word_transport(unsigned i)
{
	return i < TRANSPORT_COUNT ? transport_name((enum transport)i) : NULL;
}

static const char *word_only(unsigned i)
{
	return i ? NULL : "failed";
}

/* The words of the command line's selections, and some more. */
static const struct filter_key keys[] = {
	{"method", text_method, word_method},
	{"account", text_user, NULL},
	{"address", text_address, NULL},
	{"outcome", text_outcome, word_outcome},
	{"finding", NULL, NULL}, /* by the bits of the row */
	{"only", text_only, word_only},
	{"call-id", text_call_id, NULL},
	{"from", text_from, NULL},
	{"to", text_to, NULL},
	{"transport", text_transport, word_transport},
	{"status", text_status, NULL},
	{"agent", text_agent, NULL},
	{"server", text_server, NULL},
};

enum { KEY_COUNT = sizeof(keys) / sizeof(*keys) };

void filter_names(struct buf *out)
{
	for (size_t i = 0; i < KEY_COUNT; i++)
		buf_printf(out, "%s%s", i ? " " : "", keys[i].name);
}

/* ---- parsing ---- */

static const struct filter_key *find_key(struct slice name)
{
	for (size_t i = 0; i < KEY_COUNT; i++)
		if (slice_eq_nocase(name, slice_of(keys[i].name)))
			return &keys[i];
	return NULL;
}

static bool unknown_key(struct slice name, char why[FILTER_WHY])
{
	char word[64];
	const char *nearest = keys[0].name;

	snprintf(word, sizeof(word), "%.*s", SLICE_ARG(name));
	for (size_t i = 1; i < KEY_COUNT; i++)
		if (word_distance(keys[i].name, word) < word_distance(nearest, word))
			nearest = keys[i].name;
	snprintf(why, FILTER_WHY, "no '%s' to filter by; did you mean '%s'?", word, nearest);
	return false;
}

static bool check_word(const struct filter_key *key, struct slice value, char why[FILTER_WHY])
{
	size_t n;

	for (unsigned i = 0; key->word(i); i++)
		if (slice_starts_nocase(slice_of(key->word(i)), value))
			return true;
	n = (size_t)snprintf(why, FILTER_WHY, "%s is none of '%.*s'; it is one of:", key->name,
		(int)(value.n > 32 ? 32 : value.n), value.p);
	for (unsigned i = 0; key->word(i) && n < FILTER_WHY; i++)
		n += (size_t)snprintf(why + n, FILTER_WHY - n, " %s", key->word(i));
	return false;
}

/* All findings whose name begins so; an alias names its own. */
static bool take_finding(struct filter_value *v, char why[FILTER_WHY])
{
	char name[64];
	int one;
	bool any = false;

	snprintf(name, sizeof(name), "%.*s", SLICE_ARG(v->text));
	for (unsigned id = 0; id < FINDING_COUNT; id++)
		if (strncasecmp(finding_kind((enum finding_id)id)->id, name, strlen(name)) == 0) {
			v->bits[id / 64] |= UINT64_C(1) << id % 64;
			any = true;
		}
	one = finding_find(name);
	if (one >= 0)
		v->bits[one / 64] |= UINT64_C(1) << one % 64;
	if (any || one >= 0)
		return true;
	snprintf(why, FILTER_WHY, "no finding begins with '%s'; did you mean '%s'?", name, finding_nearest(name));
	return false;
}

/* IP/PREFIX is a network; all else is compared as text. */
static bool take_address(struct filter_value *v, char why[FILTER_WHY])
{
	size_t slash = slice_find(v->text, '/');
	uint64_t bits;

	if (slash == v->text.n)
		return true;
	if (address_parse_ip(slice_head(v->text, slash), &v->address) &&
		slice_to_u64(slice_from(v->text, slash + 1), v->address.family == 4 ? 32 : 128, &bits)) {
		v->prefix = (unsigned)bits + 1;
		return true;
	}
	snprintf(why, FILTER_WHY, "'%.*s' is no network; did you mean 10.0.0.0/8?", SLICE_ARG(v->text));
	return false;
}

static bool take_value(struct filter *f, struct filter_term *t, struct slice text, char why[FILTER_WHY])
{
	struct filter_value *v = &f->values[f->value_count];

	if (f->value_count == FILTER_VALUES_MAX) {
		snprintf(why, FILTER_WHY, "more than %d values; leave some out", FILTER_VALUES_MAX);
		return false;
	}
	*v = (struct filter_value){.text = text};
	t->count++;
	f->value_count++;
	if (t->key && t->key->word)
		return check_word(t->key, text, why);
	if (t->key && !t->key->text)
		return take_finding(v, why);
	return !t->key || t->key->text != text_address || take_address(v, why);
}

static bool take_term(struct filter *f, struct slice word, char why[FILTER_WHY])
{
	struct filter_term *t = &f->terms[f->count];
	size_t equals;

	if (f->count == FILTER_TERMS_MAX) {
		snprintf(why, FILTER_WHY, "more than %d words; leave some out", FILTER_TERMS_MAX);
		return false;
	}
	*t = (struct filter_term){.negated = *word.p == '!', .first = f->value_count};
	word = slice_from(word, t->negated);
	equals = slice_find(word, '=');
	if (equals == word.n) {
		/* "!" alone: still being typed */
		f->count += word.n > 0;
		return !word.n || take_value(f, t, word, why);
	}
	t->key = find_key(slice_head(word, equals));
	if (!t->key)
		return unknown_key(slice_head(word, equals), why);
	word = slice_from(word, equals + 1);
	t->whole = word.n && *word.p == '=';
	word = slice_from(word, t->whole);
	while (word.n) {
		size_t comma = slice_find(word, ',');

		if (comma && !take_value(f, t, slice_head(word, comma), why))
			return false;
		word = comma < word.n ? slice_from(word, comma + 1) : SLICE("");
	}
	/* no value yet: still being typed */
	f->count += t->count > 0;
	return true;
}

static bool parse(struct filter *f, char why[FILTER_WHY])
{
	struct slice rest = slice_of(f->text);

	while ((rest = slice_trim(rest)).n) {
		size_t n = slice_find(rest, ' ');

		if (!take_term(f, slice_head(rest, n), why))
			return false;
		rest = slice_from(rest, n);
	}
	return true;
}

bool filter_parse(struct filter *f, const char *expression, char why[FILTER_WHY])
{
	struct filter new = {0};

	snprintf(new.text, sizeof(new.text), "%s", expression);
	if (!parse(&new, why))
		return false;
	/* once more where it stays */
	*f = (struct filter){0};
	memcpy(f->text, new.text, sizeof(f->text));
	return parse(f, why);
}

/* ---- deciding ---- */

static bool within(const struct filter_value *v, const struct address *a)
{
	unsigned bits = v->prefix - 1, whole = bits / 8, rest = bits % 8;

	if (a->family != v->address.family || memcmp(a->ip, v->address.ip, whole) != 0)
		return false;
	return !rest || (a->ip[whole] ^ v->address.ip[whole]) >> (8 - rest) == 0;
}

static bool fits_text(const struct filter_term *t, const struct filter_value *v, struct slice text)
{
	if (t->whole)
		return slice_eq_nocase(text, v->text);
	/* words of a set, and numbers, are cut short; other texts are found anywhere */
	if (t->key->word || t->key->text == text_status || t->key->text == text_address)
		return slice_starts_nocase(text, v->text);
	return slice_has_nocase(text, v->text);
}

/* An address without its port is whole, too. */
static bool fits_address(const struct filter_value *v, const struct address *a)
{
	char text[ADDRESS_TEXT];

	return slice_eq_nocase(slice_of(address_format_ip(a, text)), v->text);
}

static bool fits(const struct filter_term *t, const struct filter_value *v, const struct rows *rows,
	const struct row *row)
{
	char buffer[FILTER_TEXT];
	struct slice text;

	if (!t->key)
		return filter_finds(rows, row, v->text);
	if (!t->key->text) {
		for (unsigned i = 0; i < ROW_FINDING_WORDS; i++)
			if (row->findings[i] & v->bits[i])
				return true;
		return false;
	}
	for (unsigned i = 0; t->key->text(rows, row, i, buffer, &text); i++) {
		if (t->key->text == text_address) {
			struct address a = texts_get_address(&rows->texts, i ? row->target : row->client);

			if (v->prefix ? within(v, &a) : t->whole && fits_address(v, &a))
				return true;
			if (v->prefix)
				continue;
		}
		if (fits_text(t, v, text))
			return true;
	}
	return false;
}

bool filter_takes(const struct filter *f, const struct rows *rows, const struct row *row)
{
	for (unsigned i = 0; i < f->count; i++) {
		const struct filter_term *t = &f->terms[i];
		bool any = false;

		for (unsigned k = 0; k < t->count && !any; k++)
			any = fits(t, &f->values[t->first + k], rows, row);
		if (any == t->negated)
			return false;
	}
	return true;
}

bool filter_finds(const struct rows *rows, const struct row *row, struct slice text)
{
	char buffer[FILTER_TEXT];
	struct slice have;

	for (size_t k = 0; k < KEY_COUNT; k++)
		for (unsigned i = 0; keys[k].text && keys[k].text(rows, row, i, buffer, &have); i++)
			if (slice_has_nocase(have, text))
				return true;
	return text_cause(rows, row, 0, buffer, &have) && slice_has_nocase(have, text);
}

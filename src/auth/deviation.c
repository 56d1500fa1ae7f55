#include "auth/deviation.h"

#include <string.h>

enum { VALUE_SHOWN = 120 };

static const struct candidate *part(
	const struct hypotheses *h, const struct forensic_hit *hit, unsigned i)
{
	return &h->list[hit->parts[i].dimension][hit->parts[i].index];
}

static void add_value(struct buf *b, struct slice value)
{
	if (!value.p) {
		buf_adds(b, "nothing");
		return;
	}
	buf_addc(b, '"');
	buf_add_slice(b, slice_head(value, VALUE_SHOWN));
	if (value.n > VALUE_SHOWN)
		buf_adds(b, "...");
	buf_addc(b, '"');
}

static bool is_upper(struct slice response)
{
	for (size_t i = 0; i < response.n; i++)
		if (response.p[i] >= 'A' && response.p[i] <= 'F')
			return true;
	return false;
}

static void add_and(struct buf *b)
{
	if (b->n)
		buf_adds(b, " and ");
}

struct slice deviation_words(
	const struct hypotheses *h, const struct forensic_hit *hit, struct arena *arena)
{
	struct buf b = {0};
	struct slice words;

	for (unsigned i = 0; i < hit->count; i++) {
		enum dimension d = hit->parts[i].dimension;
		const struct candidate *c = part(h, hit, i);

		add_and(&b);
		if (c->phrase) {
			buf_adds(&b, c->phrase);
			continue;
		}
		buf_printf(&b, "%s is ", dimension_words(d));
		add_value(&b, c->value);
		buf_adds(&b, " instead of ");
		add_value(&b, h->list[d][0].value);
	}
	if (hit->cut) {
		add_and(&b);
		buf_printf(&b, "its %zu digits are taken as the beginning of the whole",
			h->riddle->response.n);
	}
	words = arena_copy(arena, buf_slice(&b));
	buf_free(&b);
	return words;
}

static struct deviation plain(const char *id)
{
	return (struct deviation){.id = slice_of(id)};
}

/* Ids of the table are static; those that are made (pw-trunc-8) are copied. */
static const char *keep_name(const char *name, struct arena *arena)
{
	size_t n = strlen(name) + 1;

	return memcpy(arena_alloc(arena, n), name, n);
}

static struct deviation deviation_of(
	const struct candidate *c, bool with_value, struct arena *arena)
{
	struct deviation out = plain(keep_name(c->names[0], arena));
	const char **also = arena_alloc(arena, CANDIDATE_NAMES_MAX * sizeof(*also));

	if (with_value)
		out.value = arena_copy(arena, c->value);
	for (unsigned i = 1; i < c->name_count; i++)
		also[out.also_count++] = keep_name(c->names[i], arena);
	out.also = also;
	return out;
}

size_t deviation_list(const struct hypotheses *h, const struct forensic_hit *hit, bool secrets,
	struct deviation out[DEVIATIONS_MAX], struct arena *arena)
{
	size_t n = 0;

	for (unsigned i = 0; i < hit->count; i++) {
		const struct candidate *c = part(h, hit, i);

		out[n++] = deviation_of(
			c, secrets || !candidate_is_secret(hit->parts[i].dimension, c), arena);
	}
	/* what can be seen without a search, but belongs to what reproduces the response */
	if (hit->cut)
		out[n++] = plain("alg-response-cut");
	if (is_upper(h->riddle->response))
		out[n++] = plain("alg-response-upper");
	return n;
}

/* A stored HA1 or the settings of the account; else it is the client's software. */
enum fault deviation_fault(const struct forensic_hit *hit)
{
	if (!hit->count || hit->cut)
		return FAULT_CLIENT;
	for (unsigned i = 0; i < hit->count; i++) {
		enum dimension d = hit->parts[i].dimension;

		if (d != DIMENSION_USER && d != DIMENSION_REALM && d != DIMENSION_PW)
			return FAULT_CLIENT;
	}
	return FAULT_CONFIG;
}

struct slice deviation_none(
	const struct hypotheses *h, const struct forensic_result *r, bool deep, struct arena *arena)
{
	static const char *const together[] = {"one", "one", "two", "three"};
	unsigned variations = 0;

	for (int d = 0; d < DIMENSION_COUNT; d++)
		variations += h->count[d];
	return arena_printf(arena,
		"%u variations of what was hashed, up to %s together, do not explain it%s; %s",
		variations, together[r->depth],
		h->riddle->in.ha1.p ? " (from HA1 alone the user name, the realm and the password "
				      "cannot be varied)"
				    : "",
		r->stopped || r->depth < FORENSICS_DEPTH || (deep && !r->deep)
			? "there was no time for more (--search-time)"
			: deep
			? "give an old password or that of another realm as well"
			: "give an old password or that of another realm as well, or try --deep");
}

/* Strings from the trace, and what happens to strings on their way into a hash. */
#include "auth/hypotheses_make.h"

#include "sip/uri.h"

static struct slice base_of(const struct builder *b, const struct row *row)
{
	return right(b, row->dimension)->value;
}

void make_text(struct builder *b, const struct row *row)
{
	add_value(b, row, row->text);
}

void make_empty(struct builder *b, const struct row *row)
{
	/* what is not there cannot be left out */
	if (base_of(b, row).n)
		add_value(b, row, SLICE(""));
}

void make_quoted(struct builder *b, const struct row *row)
{
	struct slice base = base_of(b, row);

	if (base.p)
		add_value(b, row, join(b, SLICE("\""), base, SLICE("\"")));
}

static void add_ascii_case(struct builder *b, const struct row *row, char from, char to)
{
	struct slice base = base_of(b, row);
	char *out = arena_alloc(b->arena, base.n + 1);

	if (!base.p)
		return;
	for (size_t i = 0; i < base.n; i++)
		out[i] =
			base.p[i] >= from && base.p[i] <= to ? (char)(base.p[i] ^ 0x20) : base.p[i];
	add_value(b, row, (struct slice){out, base.n});
}

void make_lower(struct builder *b, const struct row *row)
{
	add_ascii_case(b, row, 'A', 'Z');
	add_value(b, row, charset_convert(base_of(b, row), CHARSET_LOWER, b->arena));
}

void make_upper(struct builder *b, const struct row *row)
{
	add_ascii_case(b, row, 'a', 'z');
	add_value(b, row, charset_convert(base_of(b, row), CHARSET_UPPER, b->arena));
}

void make_cut_at(struct builder *b, const struct row *row)
{
	struct slice base = base_of(b, row);

	add_value(b, row, slice_head(base, slice_find(base, (char)row->n)));
}

void make_cut_to(struct builder *b, const struct row *row)
{
	add_value(b, row, slice_head(base_of(b, row), (size_t)row->n));
}

void make_trim(struct builder *b, const struct row *row)
{
	add_value(b, row, slice_trim(base_of(b, row)));
}

/* RFC 7616 3.3 "unq" */
void make_unescaped(struct builder *b, const struct row *row)
{
	struct slice base = base_of(b, row);

	if (slice_find(base, '\\') < base.n)
		add_value(b, row, param_unescape(base, b->arena));
}

void make_escaped(struct builder *b, const struct row *row)
{
	struct slice base = base_of(b, row);
	char *out = arena_alloc(b->arena, 2 * base.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < base.n; i++) {
		if (base.p[i] == '"' || base.p[i] == '\\')
			out[n++] = '\\';
		out[n++] = base.p[i];
	}
	if (n > base.n)
		add_value(b, row, (struct slice){out, n});
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void make_percent_decoded(struct builder *b, const struct row *row)
{
	struct slice base = base_of(b, row);
	char *out = arena_alloc(b->arena, base.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < base.n; i++) {
		bool coded = base.p[i] == '%' && i + 2 < base.n && hex_digit(base.p[i + 1]) >= 0 &&
			hex_digit(base.p[i + 2]) >= 0;

		out[n++] = coded ? (char)(hex_digit(base.p[i + 1]) << 4 | hex_digit(base.p[i + 2]))
				 : base.p[i];
		i += coded ? 2 : 0;
	}
	if (n < base.n)
		add_value(b, row, (struct slice){out, n});
}

void make_plus_space(struct builder *b, const struct row *row)
{
	struct slice base = base_of(b, row);
	char *out = arena_alloc(b->arena, base.n + 1);

	for (size_t i = 0; i < base.n; i++)
		out[i] = base.p[i] == '+' ? ' ' : base.p[i];
	if (base.p)
		add_value(b, row, (struct slice){out, base.n});
}

/* ---- from the trace ---- */

/* Calls `use` for each value of the row's kind of clue. */
static void each_clue(
	struct builder *b, const struct row *row, struct slice (*part)(struct slice value))
{
	const struct clues *c = &b->riddle->clues;

	for (unsigned i = 0; i < c->count; i++)
		if ((int)c->list[i].kind == row->n)
			add_value(b, row, part(c->list[i].value));
}

static struct slice whole(struct slice value)
{
	return value;
}

static struct slice host_part(struct slice value)
{
	struct uri uri;

	return uri_scan(value, &uri) ? uri.host : SLICE_ABSENT;
}

static struct slice user_part(struct slice value)
{
	struct uri uri;

	return uri_scan(value, &uri) ? uri.user : SLICE_ABSENT;
}

/* "[2001:db8::1]:5060" -> "2001:db8::1" */
static struct slice address_part(struct slice value)
{
	if (value.n && value.p[0] == '[')
		return slice_from(slice_head(value, slice_find(value, ']')), 1);
	return slice_head(value, slice_find(value, ':'));
}

void make_clue(struct builder *b, const struct row *row)
{
	each_clue(b, row, whole);
}

void make_clue_host(struct builder *b, const struct row *row)
{
	each_clue(b, row, host_part);
}

void make_clue_user(struct builder *b, const struct row *row)
{
	each_clue(b, row, user_part);
}

void make_clue_address(struct builder *b, const struct row *row)
{
	each_clue(b, row, address_part);
}

/*
 * What happens to passwords between two forms. Only variations of what the user gave, never a word list
 * (CATALOGUE section 8). With HA1 alone there is no password to vary.
 */
#include "auth/hypotheses_make.h"

#include <string.h>

enum { OTHER_PASSWORDS_MAX = 24 };

/* The password that rows may vary; absent: none is known, or it is an AKA key. */
static struct slice password(const struct builder *b)
{
	return b->ha1_only || b->aka ? SLICE_ABSENT : b->in->password;
}

void make_pw_prefix(struct builder *b, const struct row *row)
{
	if (password(b).p)
		add_value(b, row, join(b, row->text, password(b), SLICE_ABSENT));
}

void make_pw_suffix(struct builder *b, const struct row *row)
{
	if (password(b).p)
		add_value(b, row, join(b, password(b), row->text, SLICE_ABSENT));
}

void make_pw_case(struct builder *b, const struct row *row)
{
	if (password(b).p && row->n)
		make_upper(b, row);
	else if (password(b).p)
		make_lower(b, row);
}

void make_pw_quoted(struct builder *b, const struct row *row)
{
	if (password(b).p)
		make_quoted(b, row);
}

void make_pw_cut_at(struct builder *b, const struct row *row)
{
	if (password(b).p)
		make_cut_at(b, row);
}

void make_pw_no_backslash(struct builder *b, const struct row *row)
{
	struct slice pw = password(b);
	char *out = arena_alloc(b->arena, pw.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < pw.n; i++)
		if (pw.p[i] != '\\')
			out[n++] = pw.p[i];
	if (!pw.p)
		return;
	add_value(b, row, (struct slice){out, n});
	make_unescaped(b, row);
}

/* sipml5#112: "$$" stands for "$" in replacement strings. */
void make_pw_dollar(struct builder *b, const struct row *row)
{
	struct slice pw = password(b);
	char *out = arena_alloc(b->arena, pw.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < pw.n; i++) {
		out[n++] = pw.p[i];
		if (pw.p[i] == '$' && i + 1 < pw.n && pw.p[i + 1] == '$')
			i++;
	}
	if (pw.p)
		add_value(b, row, (struct slice){out, n});
}

/* ---- hashes in place of passwords ---- */

void make_pw_is_ha1(struct builder *b, const struct row *row)
{
	struct slice pw = password(b);

	if (digest_is_hex(pw, hash_hex_length(b->info->hash)))
		add_candidate(b, row, (struct candidate){.value = pw, .forms = FORM_IS_HA1});
}

/* Works with HA1 alone, too. */
void make_pw_ha1(struct builder *b, const struct row *row)
{
	const struct slice parts[] = {
		b->in->username, SLICE(":"), b->in->realm, SLICE(":"), password(b)};
	char hex[HASH_HEX_MAX];

	if (b->ha1_only)
		add_value(b, row, b->in->ha1);
	else if (password(b).p && b->in->username.p && hash_hex(b->info->hash, parts, 5, hex))
		add_value(b, row, arena_copy(b->arena, slice_of(hex)));
	secret_wipe(hex, sizeof(hex));
}

void make_pw_md5(struct builder *b, const struct row *row)
{
	struct slice pw = password(b);
	char hex[HASH_HEX_MAX];

	if (pw.p && hash_hex(HASH_MD5, &pw, 1, hex))
		add_value(b, row, arena_copy(b->arena, slice_of(hex)));
	secret_wipe(hex, sizeof(hex));
}

/* ---- letters and escapes ---- */

void make_pw_charset(struct builder *b, const struct row *row)
{
	struct slice given = password(b),
		     other = charset_convert(given, (enum charset_form)row->n, b->arena);

	/* bytes that are no UTF-8 can only be encoded once */
	if (row->n == CHARSET_DOUBLE_UTF8 && !charset_convert(given, CHARSET_NFC, b->arena).p)
		return;
	add_value(b, row, other);
}

void make_pw_utf8(struct builder *b, const struct row *row)
{
	struct slice pw = password(b);

	if (pw.n && !charset_convert(pw, CHARSET_NFC, b->arena).p)
		add_value(b, row, charset_convert(pw, CHARSET_DOUBLE_UTF8, b->arena));
}

static void add_cut(struct builder *b, const struct row *row, struct slice value, size_t n)
{
	struct candidate c = {.value = value};
	struct slice id = arena_printf(b->arena, "%s-%zu", row->id, n);
	struct slice phrase = arena_printf(
		b->arena, "the password is cut to %zu character%s", n, n == 1 ? "" : "s");

	if (!value.n || value.n >= password(b).n)
		return;
	/* arena_printf() ends its text with NUL */
	c.names[c.name_count++] = id.p;
	c.phrase = phrase.p;
	add_candidate(b, row, c);
}

void make_pw_cut_to(struct builder *b, const struct row *row)
{
	size_t n = (size_t)row->n;

	add_cut(b, row, charset_head(password(b), n), n);
	/* a device counts bytes */
	add_cut(b, row, slice_head(password(b), n), n);
}

void make_pw_cut_rest(struct builder *b, const struct row *row)
{
	size_t length = charset_length(password(b));

	for (size_t n = 1; n < length; n++)
		add_cut(b, row, charset_head(password(b), n), n);
}

static bool unreserved(char c, const char *more)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		(c && strchr(more, c));
}

static struct slice percent(
	struct builder *b, struct slice in, const char *safe, const char *digits)
{
	char *out = arena_alloc(b->arena, 3 * in.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < in.n; i++) {
		uint8_t c = (uint8_t)in.p[i];

		if (unreserved((char)c, safe)) {
			out[n++] = (char)c;
			continue;
		}
		out[n++] = '%';
		out[n++] = digits[c >> 4];
		out[n++] = digits[c & 15];
	}
	return (struct slice){out, n};
}

void make_pw_percent(struct builder *b, const struct row *row)
{
	static const char upper[] = "0123456789ABCDEF", lower[] = "0123456789abcdef";
	struct slice pw = password(b);

	if (!pw.p)
		return;
	add_value(b, row, percent(b, pw, "-_.~", upper));      /* RFC 3986 2.3 */
	add_value(b, row, percent(b, pw, "-_.!~*'()", upper)); /* encodeURIComponent() */
	add_value(b, row, percent(b, pw, "-_.~", lower));
}

void make_pw_plus(struct builder *b, const struct row *row)
{
	struct slice pw = password(b);
	char *out = arena_alloc(b->arena, pw.n + 1);

	for (size_t i = 0; i < pw.n; i++)
		out[i] = pw.p[i] == ' ' ? '+' : pw.p[i];
	if (pw.p)
		add_value(b, row, (struct slice){out, pw.n});
}

void make_pw_percent_decoded(struct builder *b, const struct row *row)
{
	if (password(b).p)
		make_percent_decoded(b, row);
}

/* How a quote and an apostrophe are written differs from tool to tool. */
static struct slice escape(struct builder *b, const char *quote, const char *apostrophe)
{
	struct slice pw = password(b);
	struct buf out = {0};
	struct slice copy;

	for (size_t i = 0; i < pw.n; i++)
		switch (pw.p[i]) {
		case '&':
			buf_adds(&out, "&amp;");
			break;
		case '<':
			buf_adds(&out, "&lt;");
			break;
		case '>':
			buf_adds(&out, "&gt;");
			break;
		case '"':
			buf_adds(&out, quote);
			break;
		case '\'':
			buf_adds(&out, apostrophe);
			break;
		default:
			buf_addc(&out, pw.p[i]);
		}
	copy = arena_copy(b->arena, buf_slice(&out));
	secret_wipe(out.p, out.n);
	buf_free(&out);
	return copy;
}

void make_pw_html(struct builder *b, const struct row *row)
{
	if (!password(b).n)
		return;
	if (row->n) {
		add_value(b, row, escape(b, "&quot;", "&apos;"));
		return;
	}
	add_value(b, row, escape(b, "&quot;", "&#x27;"));
	add_value(b, row, escape(b, "&quot;", "&#39;"));
	add_value(b, row, escape(b, "&quot;", "'"));
	add_value(b, row, escape(b, "\"", "'"));
}

/* ---- other passwords ---- */

void make_pw_empty(struct builder *b, const struct row *row)
{
	if (!b->aka)
		add_value(b, row, SLICE(""));
}

void make_pw_user(struct builder *b, const struct row *row)
{
	if (!b->aka)
		add_value(b, row, b->in->username);
}

void make_pw_other(struct builder *b, const struct row *row)
{
	size_t total = b->aka ? 0 : secrets_count(b->riddle->secrets), taken = 0;

	/* first those of the same user, as for another realm or of former times */
	for (int same_user = 1; same_user >= 0; same_user--)
		for (size_t i = 0; i < total && taken < OTHER_PASSWORDS_MAX; i++) {
			const struct secret *s = secrets_at(b->riddle->secrets, i);

			if (s == b->riddle->secret ||
				slice_eq(s->username, b->in->username) != same_user)
				continue;
			if (s->kind == SECRET_PASSWORD)
				add_value(b, row, s->password);
			else if (s->kind == SECRET_HA1 && s->value->ha1_hash == b->info->hash)
				add_candidate(b, row,
					(struct candidate){
						.value = slice_of(s->value->ha1), .forms = FORM_IS_HA1});
			taken++;
		}
}

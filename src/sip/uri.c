#include "sip/uri.h"

#include "base/find.h"

/* Bytes of URI parameters that are compared one by one, which costs the square of them. */
enum { PARAMS_COMPARED_MAX = 2048 };

/* The scheme and what is before "@"; *rest begins with the host. False: there is no scheme. */
static bool scan_user(struct slice text, struct uri *out, struct slice *rest)
{
	size_t colon, at;

	*out = (struct uri){.text = text};
	colon = find_byte(text, 0, ':');
	if (!text.n || colon == text.n)
		return false;
	out->scheme = slice_head(text, colon);
	*rest = slice_from(text, colon + 1);
	/* the user part may hold ";" and "?": look for the "@" first */
	at = find_byte(*rest, 0, '@');
	if (at < rest->n) {
		struct slice userinfo = slice_head(*rest, at);

		colon = find_byte(userinfo, 0, ':');
		out->user = slice_head(userinfo, colon);
		if (colon < userinfo.n)
			out->password = slice_from(userinfo, colon + 1);
		*rest = slice_from(*rest, at + 1);
	}
	return true;
}

bool uri_scan(struct slice text, struct uri *out)
{
	struct slice rest, authority;
	size_t end;

	if (!scan_user(text, out, &rest))
		return false;
	end = find_either(rest, 0, ';', '?');
	authority = slice_head(rest, end);
	rest = slice_from(rest, end);
	end = authority.n && authority.p[0] == '[' ? slice_find(authority, ']') : 0;
	end += slice_find(slice_from(authority, end), ':');
	out->host = slice_head(authority, end);
	if (end < authority.n)
		out->port = slice_from(authority, end + 1);
	end = slice_find(rest, '?');
	if (end > 0)
		out->params = slice_head(rest, end);
	if (end < rest.n)
		out->headers = slice_from(rest, end);
	return true;
}

/* Skips a quoted string that begins at `i`; returns the offset after its closing quote. */
static size_t skip_quoted(struct slice s, size_t i)
{
	i = find_either(s, i + 1, '"', '\\');
	while (i + 1 < s.n && s.p[i] == '\\')
		i = find_either(s, i + 2, '"', '\\');
	return i < s.n ? i + 1 : s.n;
}

/* Offset of the first `a` or `b` outside quoted strings, from `from` on, where none is open; or s.n. */
static find_inline size_t find_unquoted(struct slice s, size_t from, char a, char b)
{
	size_t at = find_any(s, from, a, b, '"');

	while (at < s.n && s.p[at] == '"')
		at = find_any(s, skip_quoted(s, at), a, b, '"');
	return at;
}

/* Offset of the "<" of a name-addr, or value.n. Most begin with it, or have it behind a display name in quotes. */
static find_inline size_t find_open(struct slice value)
{
	size_t from = 0;

	if (value.n && value.p[0] == '<')
		return 0;
	if (value.n && value.p[0] == '"')
		from = skip_quoted(value, 0);
	if (value.n - from > 1 && value.p[from] == ' ' && value.p[from + 1] == '<')
		return from + 1;
	return find_unquoted(value, from, '<', '<');
}

struct slice name_addr_uri(struct slice value)
{
	size_t open = find_open(value);

	if (open < value.n)
		return slice_between(value.p + open + 1, value.p + find_byte(value, open + 1, '>'));
	/* addr-spec: parameters after ";" belong to the header field (RFC 3261 20.10) */
	return slice_trim(slice_head(value, find_byte(value, 0, ';')));
}

/* Offset of the first ";" of the parameters, or value.n. */
static find_inline size_t params_begin(struct slice value)
{
	size_t open = find_open(value), close = 0;

	if (open < value.n) {
		close = find_byte(value, open, '>');
		if (close + 1 >= value.n || value.p[close + 1] == ';')
			return close < value.n ? close + 1 : value.n;
	}
	return find_unquoted(value, close, ';', ';');
}

/* Is the parameter behind the ";" at `at` this one? It ends at `end`. */
static find_inline bool param_is(
	struct slice value, size_t at, size_t end, struct slice name, struct slice *out)
{
	struct slice param = {value.p + at + 1, end - at - 1};
	size_t equals;

	/* as it is nearly always written */
	if (name.n < param.n && param.p[name.n] == '=' && bytes_equal(param.p, name.p, name.n)) {
		*out = slice_trim((struct slice){param.p + name.n + 1, param.n - name.n - 1});
		return true;
	}
	equals = find_byte(param, 0, '=');
	if (!slice_eq_nocase(slice_trim(slice_head(param, equals)), name))
		return false;
	*out = slice_trim(slice_from(param, equals + (equals < param.n)));
	return true;
}

struct slice header_param(struct slice value, struct slice name)
{
	size_t at = params_begin(value);
	struct slice found;

	while (at < value.n) {
		size_t end = find_unquoted(value, at + 1, ';', ',');

		if (param_is(value, at, end, name, &found))
			return found;
		while (end < value.n && value.p[end] == ',')
			end = find_unquoted(value, end + 1, ';', ',');
		at = end;
	}
	return SLICE_ABSENT;
}

/* May a parameter be this one, judged by its first character? */
static inline bool may_be(char first, char name)
{
	return (unsigned char)first <= ' ' || (first | 0x20) == name;
}

/*
 * The same where the first ";" is at `at`, quickly if nothing odd is in the way; `usual` is ";", the name as it is
 * nearly always written, and "=".
 */
static find_inline struct slice usual_param(struct slice value, size_t at, struct slice usual)
{
	while (at < value.n) {
		bool is_usual = value.n - at >= usual.n && bytes_equal(value.p + at, usual.p, usual.n);
		size_t begin = at + (is_usual ? usual.n : 1);
		size_t end = find_any(value, begin, ';', ',', '"');

		if ((end < value.n && value.p[end] != ';') ||
			(!is_usual && begin < end && may_be(value.p[begin], usual.p[1])))
			return header_param(value, (struct slice){usual.p + 1, usual.n - 2});
		if (is_usual)
			return slice_trim((struct slice){value.p + begin, end - begin});
		at = end;
	}
	return SLICE_ABSENT;
}

struct slice name_addr_tag(struct slice value)
{
	size_t open = 0, at;

	if (value.n < FIND_BLOCK)
		return header_param(value, SLICE("tag"));
	/* nearly all: <uri>;tag=x, with a name in quotes before it or without */
	if (value.p[0] == '"')
		open = find_either(value, 1, '"', '\\') + 2;
	if (open >= value.n || value.p[open] != '<' || (open && !bytes_equal(value.p + open - 2, "\" ", 2)))
		return header_param(value, SLICE("tag"));
	at = find_byte(value, open, '>') + 1;
	if (at < value.n && value.p[at] != ';')
		return header_param(value, SLICE("tag"));
	return usual_param(value, at, SLICE(";tag="));
}

struct slice via_branch(struct slice via)
{
	return usual_param(via, find_byte(via, 0, ';'), SLICE(";branch="));
}

struct slice name_addr_user(struct slice value)
{
	struct slice text = name_addr_uri(value), rest;
	struct uri uri;

	scan_user(text, &uri, &rest);
	if (!uri.user.p && slice_eq_nocase(uri.scheme, SLICE("tel"))) {
		uri_scan(text, &uri);
		return uri.host;
	}
	return uri.user;
}

struct slice name_addr_host(struct slice value)
{
	struct uri uri;

	uri_scan(name_addr_uri(value), &uri);
	return uri.host;
}

struct slice via_sent_by(struct slice via, struct slice *port)
{
	struct slice rest = slice_trim(via), by;
	size_t i = 0, end;

	/* sent-protocol SP sent-by; white space around the slashes is legal */
	for (int slashes = 0; i < rest.n && slashes < 2; i++)
		slashes += rest.p[i] == '/';
	rest = slice_trim(slice_from(rest, i));
	for (i = 0; i < rest.n && rest.p[i] != ' ' && rest.p[i] != '\t';)
		i++;
	by = slice_trim(slice_from(rest, i));
	by = slice_trim(slice_head(by, slice_find(by, ';')));
	end = by.n && by.p[0] == '[' ? slice_find(by, ']') : 0;
	end += slice_find(slice_from(by, end), ':');
	if (port)
		*port = end < by.n ? slice_trim(slice_from(by, end + 1)) : SLICE_ABSENT;
	return slice_trim(slice_head(by, end));
}

/* The value of a URI parameter in ";a=b;c": absent if it is not there. */
static struct slice uri_param(struct slice params, struct slice name)
{
	return header_param(params, name);
}

/* Do all parameters that both have agree, and has neither alone one that counts (19.1.4)? */
static bool params_equivalent(struct slice a, struct slice b)
{
	static const struct slice counting[] = {
		{"user", 4},
		{"ttl", 3},
		{"method", 6},
		{"maddr", 5},
		{"transport", 9},
	};

	if (a.n > PARAMS_COMPARED_MAX || b.n > PARAMS_COMPARED_MAX)
		return slice_eq_nocase(a, b);
	for (size_t i = 0; i < sizeof(counting) / sizeof(*counting); i++)
		if (!slice_eq_nocase(uri_param(a, counting[i]), uri_param(b, counting[i])))
			return false;
	while (a.n > 1) {
		struct slice param, other;
		size_t equals;

		a = slice_from(a, 1);
		param = slice_head(a, slice_find(a, ';'));
		a = slice_from(a, param.n);
		equals = slice_find(param, '=');
		other = uri_param(b, slice_head(param, equals));
		if (other.p &&
			!slice_eq_nocase(other, slice_from(param, equals + (equals < param.n))))
			return false;
	}
	return true;
}

const char *uri_difference(struct slice a, struct slice b)
{
	struct uri x, y;

	if (slice_eq(a, b))
		return NULL;
	if (!uri_scan(a, &x) || !uri_scan(b, &y) || !slice_eq_nocase(x.scheme, y.scheme))
		return "scheme";
	if (!slice_eq(x.user, y.user) || !slice_eq(x.password, y.password))
		return "user";
	if (!slice_eq_nocase(x.host, y.host))
		return "host";
	if (!slice_eq(x.port, y.port))
		return "port";
	if (!params_equivalent(x.params, y.params))
		return "parameters";
	if (!slice_eq(x.headers, y.headers))
		return "headers";
	return NULL;
}

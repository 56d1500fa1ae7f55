#include "sip/uri.h"

/* Bytes of URI parameters that are compared one by one, which costs the square of them. */
enum { PARAMS_COMPARED_MAX = 2048 };

/* The scheme and what is before "@"; *rest begins with the host. False: there is no scheme. */
static bool scan_user(struct slice text, struct uri *out, struct slice *rest)
{
	size_t colon, at;

	*out = (struct uri){.text = text};
	colon = slice_find(text, ':');
	if (!text.n || colon == text.n)
		return false;
	out->scheme = slice_head(text, colon);
	*rest = slice_from(text, colon + 1);
	/* the user part may hold ";" and "?": look for the "@" first */
	at = slice_find(*rest, '@');
	if (at < rest->n) {
		struct slice userinfo = slice_head(*rest, at);

		colon = slice_find(userinfo, ':');
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
	for (end = 0; end < rest.n && rest.p[end] != ';' && rest.p[end] != '?';)
		end++;
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
	for (i++; i < s.n && s.p[i] != '"'; i++)
		if (s.p[i] == '\\')
			i++;
	return i < s.n ? i + 1 : s.n;
}

/* Offset of `c` outside quoted strings, or s.n. */
static size_t find_unquoted(struct slice s, char c)
{
	size_t at = 0, hit = slice_find(s, c), quote;

	while (hit < s.n) {
		quote = at + slice_find(slice_between(s.p + at, s.p + hit), '"');
		if (quote == hit)
			return hit;
		at = skip_quoted(s, quote);
		if (at > hit)
			hit = at + slice_find(slice_from(s, at), c);
	}
	return s.n;
}

struct slice name_addr_uri(struct slice value)
{
	size_t open = find_unquoted(value, '<');

	if (open < value.n) {
		struct slice inside = slice_from(value, open + 1);

		return slice_head(inside, slice_find(inside, '>'));
	}
	/* addr-spec: parameters after ";" belong to the header field (RFC 3261 20.10) */
	return slice_trim(slice_head(value, slice_find(value, ';')));
}

struct slice header_param(struct slice value, struct slice name)
{
	size_t open = find_unquoted(value, '<');
	struct slice rest = value;

	if (open < value.n) {
		rest = slice_from(value, open);
		rest = slice_from(rest, slice_find(rest, '>'));
	}
	for (;;) {
		struct slice param;
		size_t equals;

		rest = slice_from(rest, find_unquoted(rest, ';'));
		if (!rest.n)
			return SLICE_ABSENT;
		rest = slice_from(rest, 1);
		param = slice_head(rest, find_unquoted(rest, ';'));
		param = slice_head(param, find_unquoted(param, ','));
		equals = slice_find(param, '=');
		if (slice_eq_nocase(slice_trim(slice_head(param, equals)), name))
			return slice_trim(slice_from(param, equals + (equals < param.n)));
	}
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

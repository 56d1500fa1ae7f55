/* Realms, user names and URIs that are put together from others. */
#include "auth/hypotheses_make.h"

#include <string.h>

#include "sip/uri.h"

static struct uri base_uri(const struct builder *b)
{
	struct uri uri;

	uri_scan(b->in->uri, &uri);
	return uri;
}

/* Host of a URI that is known by its clue, or absent. */
static struct slice clue_host(const struct builder *b, enum clue_kind kind)
{
	struct uri uri;

	return uri_scan(clues_first(&b->riddle->clues, kind), &uri) ? uri.host : SLICE_ABSENT;
}

/* "host" of "host:port". */
static struct slice without_port(struct slice s)
{
	size_t end = s.n && s.p[0] == '[' ? slice_find(s, ']') : 0;

	return slice_head(s, end + slice_find(slice_from(s, end), ':'));
}

void make_host(struct builder *b, const struct row *row)
{
	add_value(b, row, base_uri(b).host);
}

void make_host_port(struct builder *b, const struct row *row)
{
	struct uri uri = base_uri(b);

	if (uri.port.n)
		add_value(b, row, slice_between(uri.host.p, uri.port.p + uri.port.n));
	else if (uri.host.n)
		add_value(b, row, join(b, uri.host, SLICE(":"), SLICE("5060")));
}

/* ---- user names ---- */

/* The domains that a user name may be completed with. */
static size_t domains(const struct builder *b, struct slice out[8])
{
	size_t n = 0;

	out[n++] = clue_host(b, CLUE_FROM);
	out[n++] = clue_host(b, CLUE_TO);
	out[n++] = base_uri(b).host;
	out[n++] = clue_host(b, CLUE_REQUEST_URI);
	out[n++] = without_port(clues_first(&b->riddle->clues, CLUE_SERVER));
	return n;
}

void make_user_at_realm(struct builder *b, const struct row *row)
{
	if (b->in->username.p && b->in->realm.p)
		add_value(b, row, join(b, b->in->username, SLICE("@"), b->in->realm));
}

void make_user_at_domain(struct builder *b, const struct row *row)
{
	struct slice list[8];
	size_t n = domains(b, list);

	for (size_t i = 0; i < n && b->in->username.p; i++)
		if (list[i].n)
			add_value(b, row, join(b, b->in->username, SLICE("@"), list[i]));
}

void make_user_uri(struct builder *b, const struct row *row)
{
	struct slice list[8], user = join(b, SLICE("sip:"), b->in->username, SLICE("@"));
	size_t n = domains(b, list);

	for (size_t i = 0; i < n && b->in->username.p; i++)
		if (list[i].n)
			add_value(b, row, join(b, user, list[i], SLICE_ABSENT));
	add_value(b, row, clues_first(&b->riddle->clues, CLUE_FROM));
}

/* "user@domain" of From. */
void make_from_address(struct builder *b, const struct row *row)
{
	struct uri uri;

	if (uri_scan(clues_first(&b->riddle->clues, CLUE_FROM), &uri) && uri.user.n && uri.host.n)
		add_value(b, row, join(b, uri.user, SLICE("@"), uri.host));
}

void make_user_no_domain(struct builder *b, const struct row *row)
{
	add_value(b, row, slice_head(b->in->username, slice_find(b->in->username, '@')));
}

void make_user_plus(struct builder *b, const struct row *row)
{
	struct slice user = b->in->username;

	if (user.n && user.p[0] != '+')
		add_value(b, row, join(b, SLICE("+"), user, SLICE_ABSENT));
}

void make_user_no_plus(struct builder *b, const struct row *row)
{
	if (b->in->username.n && b->in->username.p[0] == '+')
		add_value(b, row, slice_from(b->in->username, 1));
}

/* The hash must not stand in A1 (RFC 7616 3.4.4; curl#8066). */
void make_user_hash(struct builder *b, const struct row *row)
{
	const struct slice parts[] = {b->in->username, SLICE(":"), b->in->realm};
	char hex[HASH_HEX_MAX];

	if (b->in->username.p && hash_hex(b->info->hash, parts, 3, hex))
		add_value(b, row, arena_copy(b->arena, slice_of(hex)));
}

/* ---- URIs ---- */

/* The URI up to the end of its host, from there to the parameters, and the rest. */
struct pieces {
	struct slice head, port, rest;
};

static bool take_pieces(const struct builder *b, struct pieces *out)
{
	struct slice text = b->in->uri;
	struct uri uri;
	const char *end = text.p + text.n, *host_end, *port_end;

	if (!uri_scan(text, &uri) || !uri.host.n)
		return false;
	host_end = uri.host.p + uri.host.n;
	port_end = uri.port.p ? uri.port.p + uri.port.n : host_end;
	out->head = slice_between(text.p, host_end);
	out->port = slice_between(host_end, port_end);
	out->rest = slice_between(port_end, end);
	return true;
}

void make_no_port(struct builder *b, const struct row *row)
{
	struct pieces u;

	if (take_pieces(b, &u))
		add_value(b, row, join(b, u.head, u.rest, SLICE_ABSENT));
}

void make_no_params(struct builder *b, const struct row *row)
{
	struct pieces u;

	if (take_pieces(b, &u))
		add_value(b, row, join(b, u.head, u.port, SLICE_ABSENT));
}

void make_bare(struct builder *b, const struct row *row)
{
	struct pieces u;

	if (take_pieces(b, &u))
		add_value(b, row, u.head);
}

static void add_sip(struct builder *b, const struct row *row, struct slice host, struct slice port)
{
	if (host.n)
		add_value(b, row, join(b, SLICE("sip:"), host, port));
}

/* asterisk bc46ece67f: the domain parameter, which may be a list of URIs. */
static void add_domain_parameter(struct builder *b, const struct row *row)
{
	struct slice list = clues_first(&b->riddle->clues, CLUE_DOMAIN);

	while (list.n) {
		size_t end = slice_find(list, ' ');
		struct slice word = slice_head(list, end);

		if (word.n) {
			add_value(b, row, word);
			add_sip(b, row, word, SLICE_ABSENT);
		}
		list = slice_from(list, end + 1);
	}
}

void make_domain(struct builder *b, const struct row *row)
{
	add_sip(b, row, base_uri(b).host, SLICE_ABSENT);
	add_sip(b, row, clue_host(b, CLUE_FROM), SLICE_ABSENT);
	add_sip(b, row, clue_host(b, CLUE_TO), SLICE_ABSENT);
	add_sip(b, row, clue_host(b, CLUE_REQUEST_URI), SLICE_ABSENT);
	add_domain_parameter(b, row);
}

void make_domain_port(struct builder *b, const struct row *row)
{
	struct slice server = clues_first(&b->riddle->clues, CLUE_SERVER);
	struct slice server_port = slice_from(server, without_port(server).n);
	struct pieces u;

	if (take_pieces(b, &u))
		add_sip(b, row, base_uri(b).host, u.port.n ? u.port : SLICE(":5060"));
	add_sip(b, row, base_uri(b).host, server_port);
	add_sip(b, row, clue_host(b, CLUE_FROM), server_port.n ? server_port : SLICE(":5060"));
}

void make_add_port(struct builder *b, const struct row *row)
{
	struct pieces u;

	if (!take_pieces(b, &u) || u.port.n)
		return;
	add_value(b, row, join(b, u.head, SLICE(":5060"), u.rest));
	add_value(b, row, join(b, u.head, SLICE(":5061"), u.rest));
}

void make_transport(struct builder *b, const struct row *row)
{
	static const struct slice suffixes[] = {{";transport=udp", 14}, {";transport=tcp", 14},
		{";transport=tls", 14}, {";transport=UDP", 14}, {";transport=ws", 13}};

	if (slice_has_nocase(b->in->uri, SLICE(";transport=")) || !b->in->uri.n)
		return;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++)
		add_value(b, row, join(b, b->in->uri, suffixes[i], SLICE_ABSENT));
}

void make_suffix(struct builder *b, const struct row *row)
{
	if (b->in->uri.n)
		add_value(b, row, join(b, b->in->uri, row->text, SLICE_ABSENT));
}

/* sip:host:port, and without its port, and both with the user of the URI. */
static void add_at_host(struct builder *b, const struct row *row, struct slice host_port)
{
	struct slice host = without_port(host_port), user = base_uri(b).user;
	struct slice head = user.p ? join(b, SLICE("sip:"), user, SLICE("@")) : SLICE("sip:");

	if (!host.n)
		return;
	if (!user.p || host_port.n > host.n)
		add_sip(b, row, host_port, SLICE_ABSENT);
	add_sip(b, row, host, SLICE_ABSENT);
	if (!user.p)
		return;
	add_value(b, row, join(b, head, host_port, SLICE_ABSENT));
	add_value(b, row, join(b, head, host, SLICE_ABSENT));
}

void make_server_ip(struct builder *b, const struct row *row)
{
	add_at_host(b, row, clues_first(&b->riddle->clues, CLUE_SERVER));
}

/* An ALG rewrites hosts: those of Via and received. */
void make_host_clue(struct builder *b, const struct row *row)
{
	const struct clues *c = &b->riddle->clues;

	for (unsigned i = 0; i < c->count; i++)
		if ((int)c->list[i].kind == row->n)
			add_at_host(b, row, c->list[i].value);
}

void make_sips(struct builder *b, const struct row *row)
{
	struct slice uri = b->in->uri;

	if (slice_starts_nocase(uri, SLICE("sip:")))
		add_value(b, row, join(b, SLICE("sips"), slice_from(uri, 3), SLICE_ABSENT));
	else if (slice_starts_nocase(uri, SLICE("sips:")))
		add_value(b, row, join(b, SLICE("sip"), slice_from(uri, 4), SLICE_ABSENT));
}

/* Something before it, and after it if the text is a pair of brackets. */
void make_wrapped(struct builder *b, const struct row *row)
{
	bool pair = row->text.n == 2;

	if (b->in->uri.n)
		add_value(b, row,
			join(b, slice_head(row->text, pair ? 1 : row->text.n), b->in->uri,
				pair ? slice_from(row->text, 1) : SLICE_ABSENT));
}

void make_no_scheme(struct builder *b, const struct row *row)
{
	struct uri uri;

	if (uri_scan(b->in->uri, &uri))
		add_value(b, row, slice_from(b->in->uri, uri.scheme.n + 1));
}

void make_tel(struct builder *b, const struct row *row)
{
	struct uri uri = base_uri(b);

	if (uri.user.n)
		add_value(b, row, join(b, SLICE("tel:"), uri.user, SLICE_ABSENT));
}

void make_realm_uri(struct builder *b, const struct row *row)
{
	add_sip(b, row, b->in->realm, SLICE_ABSENT);
}

void make_lower_host(struct builder *b, const struct row *row)
{
	struct pieces u;
	char *out;
	size_t user_end;

	if (!take_pieces(b, &u))
		return;
	user_end = u.head.n - base_uri(b).host.n;
	out = arena_alloc(b->arena, b->in->uri.n + 1);
	memcpy(out, b->in->uri.p, b->in->uri.n);
	for (size_t i = user_end; i < u.head.n; i++)
		if (out[i] >= 'A' && out[i] <= 'Z')
			out[i] |= 0x20;
	add_value(b, row, (struct slice){out, b->in->uri.n});
}

/* Who is asked, by whom, and where it is sent: URIs and short forms become options of the user
 * agent. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "cmd_options.h"
#include "cmd_probe.h"
#include "sip/uri.h"
#include "ua/srv.h"

/* A place to ask: of the target or of the proxy. */
struct place {
	bool sips;
	struct slice user, host, port_text;
	uint16_t port;
	int transport; /* -1: not said */
};

static const char *const transports[] = {"udp", "tcp", "tls", "ws", "wss", NULL};

static int transport_of(struct slice name)
{
	static const enum transport values[] = {
		TRANSPORT_UDP, TRANSPORT_TCP, TRANSPORT_TLS, TRANSPORT_WS, TRANSPORT_WSS};

	for (int i = 0; transports[i]; i++)
		if (slice_eq_nocase(name, slice_of(transports[i])))
			return (int)values[i];
	return -1;
}

static bool bad(const char *what, const char *text)
{
	err_line("probe: %s: %s; a target is sip:USER@HOST, sips:HOST:PORT, HOST, HOST:PORT or "
		 "udp:HOST:PORT "
		 "(tcp: tls: ws: wss:)",
		text, what);
	return false;
}

/* "host:port", "[2001:db8::1]:5060", "2001:db8::1", "user@host" */
static void split(struct slice text, struct place *out)
{
	size_t at = text.n, colon;

	while (at > 0 && text.p[at - 1] != '@')
		at--;
	if (at > 0) {
		out->user = slice_head(text, at - 1);
		text = slice_from(text, at);
	}
	colon = slice_find(text, ':');
	if (text.n && text.p[0] == '[') {
		size_t end = slice_find(text, ']');

		out->host = slice_head(text, end < text.n ? end + 1 : end);
		text = slice_from(text, out->host.n);
		if (text.n && text.p[0] == ':')
			out->port_text = slice_from(text, 1);
		else if (text.n)
			out->host = SLICE_ABSENT;
	} else if (colon < text.n &&
		   slice_find(slice_from(text, colon + 1), ':') < text.n - colon - 1) {
		out->host = text; /* two colons: IPv6 without brackets */
	} else {
		out->host = slice_head(text, colon);
		if (colon < text.n)
			out->port_text = slice_from(text, colon + 1);
	}
}

static bool scan_uri(const char *text, struct place *out)
{
	struct uri u;
	struct slice transport;

	uri_scan(slice_of(text), &u);
	out->sips = slice_eq_nocase(u.scheme, SLICE("sips"));
	out->user = u.user;
	out->host = u.host;
	out->port_text = u.port;
	transport = header_param(u.params, SLICE("transport"));
	if (!transport.p)
		return true;
	out->transport = transport_of(transport);
	return out->transport >= 0 || bad("its transport is none of udp, tcp, tls, ws, wss", text);
}

static bool is_host(struct slice host)
{
	struct address a;

	if (address_parse_ip(host, &a))
		return true;
	for (size_t i = 0; i < host.n; i++)
		if (!isalnum((unsigned char)host.p[i]) && !strchr("-._", host.p[i]))
			return false;
	return host.n > 0;
}

static bool scan_place(const char *text, struct place *out)
{
	struct slice s = slice_of(text);
	size_t colon = slice_find(s, ':');
	uint64_t port = 0;

	*out = (struct place){.transport = -1};
	if (slice_starts_nocase(s, SLICE("sip:")) || slice_starts_nocase(s, SLICE("sips:"))) {
		if (!scan_uri(text, out))
			return false;
	} else {
		out->transport = colon < s.n ? transport_of(slice_head(s, colon)) : -1;
		split(out->transport >= 0 ? slice_from(s, colon + 1) : s, out);
	}
	if (!is_host(out->host))
		return bad("there is no host in it", text);
	if (out->port_text.p && (!slice_to_u64(out->port_text, 65535, &port) || !port))
		return bad("the port is none", text);
	out->port = (uint16_t)port;
	/* a SIPS URI over TCP means TLS, over WebSocket the secure one (RFC 3261 26.2.2, RFC
	 * 7118 5.3) */
	if (out->sips && out->transport == TRANSPORT_UDP)
		return bad("sips: cannot go over UDP", text);
	if (out->sips && out->transport >= 0)
		out->transport = out->transport == TRANSPORT_WS || out->transport == TRANSPORT_WSS
					 ? TRANSPORT_WSS
					 : TRANSPORT_TLS;
	return true;
}

static struct slice bracketed(struct probe_command *c, struct slice host)
{
	struct address a;

	if (host.n && host.p[0] != '[' && address_parse_ip(host, &a) && a.family == 6)
		return arena_printf(&c->arena, "[%.*s]", SLICE_ARG(host));
	return host;
}

static struct slice unbracketed(struct slice host)
{
	if (host.n > 2 && host.p[0] == '[')
		return (struct slice){host.p + 1, host.n - 2};
	return host;
}

/* ---- URIs ---- */

/* The user of the From: that of --user without a domain, else that of the target. */
static struct slice own_user(const struct probe_command *c, const struct place *target)
{
	struct slice user = slice_of(c->secret_options.user);

	if (user.p)
		return slice_head(user, slice_find(user, '@'));
	return target->user;
}

/* An URI as the user wrote it; a bare number or name is one at our domain. */
static struct slice as_uri(
	struct probe_command *c, const char *text, const char *scheme, struct slice domain)
{
	struct slice s = slice_of(text);

	if (slice_find(s, ':') < s.n)
		return s;
	if (slice_find(s, '@') < s.n)
		return arena_printf(&c->arena, "%s:%s", scheme, text);
	return arena_printf(&c->arena, "%s:%s@%.*s", scheme, text, SLICE_ARG(domain));
}

static void set_uris(struct probe_command *c, const struct place *target)
{
	struct probe_arguments *a = &c->arguments;
	struct probe_options *o = &c->probe;
	struct slice host = bracketed(c, target->host),
		     domain = a->domain ? bracketed(c, slice_of(a->domain)) : host;
	struct slice user = own_user(c, target), at = SLICE("@");
	const char *scheme = target->sips ? "sips" : "sip";
	char port[8] = "";

	if (target->port && !a->domain)
		snprintf(port, sizeof(port), ":%u", target->port);
	o->user = user.n ? user : SLICE_ABSENT;
	o->from = a->from ? as_uri(c, a->from, scheme, domain)
			  : arena_printf(&c->arena, "%s:%.*s@%.*s", scheme,
				    SLICE_ARG(user.n ? user : SLICE("sipauth")), SLICE_ARG(domain));
	o->registrar = arena_printf(&c->arena, "%s:%.*s%s", scheme, SLICE_ARG(domain), port);
	if (a->to)
		o->to = as_uri(c, a->to, scheme, domain);
	else
		o->to = arena_printf(&c->arena, "%s:%.*s%.*s%.*s%s", scheme,
			SLICE_ARG(target->user), SLICE_ARG(target->user.n ? at : SLICE_ABSENT),
			SLICE_ARG(domain), port);
	o->request_uri = slice_of(a->request_uri);
	o->contact = slice_of(a->contact);
}

/* ---- where to send ---- */

static bool set_route(struct probe_command *c, const struct place *proxy)
{
	struct probe_options *o = &c->probe;
	const char *text = c->arguments.proxy;

	(void)proxy;
	if (strncasecmp(text, "sip", 3) == 0)
		o->routes[o->route_count++] =
			arena_printf(&c->arena, strstr(text, ";lr") ? "<%s>" : "<%s;lr>", text);
	else
		o->routes[o->route_count++] = arena_printf(&c->arena, "<%s:%.*s%s%.*s;lr>",
			proxy->sips ? "sips" : "sip", SLICE_ARG(bracketed(c, proxy->host)),
			proxy->port ? ":" : "", SLICE_ARG(proxy->port_text));
	return true;
}

static bool set_local(struct probe_command *c)
{
	struct place p = {0};
	uint64_t port = 0;

	if (!c->arguments.local)
		return true;
	/* ":5062" is a port alone */
	split(slice_of(c->arguments.local), &p);
	if ((!p.host.n || address_parse_ip(p.host, &c->probe.local)) &&
		(!p.port_text.p || slice_to_u64(p.port_text, 65535, &port))) {
		c->probe.local.port = (uint16_t)port;
		return true;
	}
	err_line("--local: '%s' is no ADDRESS, ADDRESS:PORT or :PORT", c->arguments.local);
	return false;
}

static bool set_transport(struct probe_command *c)
{
	struct resolve_question *q = &c->probe.where;

	if (!c->arguments.transport)
		return true;
	if (option_choice("--transport", c->arguments.transport, transports) < 0)
		return false;
	q->transport = transport_of(slice_of(c->arguments.transport));
	return true;
}

static bool set_where(struct probe_command *c, const struct place *next)
{
	struct resolve_question *q = &c->probe.where;

	q->host = unbracketed(next->host);
	q->port = next->port;
	q->transport = next->transport;
	q->sips = next->sips;
	c->probe.domain = q->host;
	return set_transport(c) && set_local(c);
}

bool probe_target_parse(struct probe_command *c)
{
	struct probe_arguments *a = &c->arguments;
	struct place target, proxy;

	if (!scan_place(a->target, &target))
		return false;
	set_uris(c, &target);
	if (a->proxy) {
		if (!scan_place(a->proxy, &proxy) || !set_route(c, &proxy))
			return false;
		target.host = proxy.host;
		target.port = proxy.port;
		target.transport = proxy.transport;
		target.sips = proxy.sips;
	}
	for (unsigned i = 0; i < a->route_count && c->probe.route_count < REQUEST_ROUTES_MAX; i++)
		c->probe.routes[c->probe.route_count++] =
			arena_printf(&c->arena, a->route[i][0] == '<' ? "%s" : "<%s>", a->route[i]);
	return set_where(c, &target);
}

/* ---- steps ---- */

static const enum method methods[] = {METHOD_REGISTER, METHOD_INVITE, METHOD_OPTIONS,
	METHOD_SUBSCRIBE, METHOD_MESSAGE, METHOD_PUBLISH};

static bool add_step(struct probe_command *c, const char *option, struct slice name)
{
	static const char *const names[] = {
		"register", "invite", "options", "subscribe", "message", "publish", NULL};
	char text[32];

	snprintf(text, sizeof(text), "%.*s", (int)(name.n < 31 ? name.n : 31), name.p);
	for (char *p = text; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	if (c->step_count == PROBE_STEPS_MAX) {
		err_line("%s: more than %d steps", option, PROBE_STEPS_MAX);
		return false;
	}
	int i = option_choice(option, text, names);

	if (i >= 0)
		c->steps[c->step_count++] = methods[i];
	return i >= 0;
}

/* Somebody else must be there to be called. */
static bool has_callee(const struct probe_command *c)
{
	for (unsigned i = 0; i < c->step_count; i++) {
		bool call = c->steps[i] == METHOD_INVITE || c->steps[i] == METHOD_MESSAGE;

		if (!call || c->arguments.to || c->arguments.request_uri ||
			(name_addr_user(c->probe.to).n &&
				!slice_eq(name_addr_user(c->probe.to), c->probe.user)))
			continue;
		err_line("probe: whom to %s? Name somebody with --to NUMBER, or as sip:NUMBER@HOST "
			 "beside --user",
			c->steps[i] == METHOD_INVITE ? "call" : "write to");
		return false;
	}
	return true;
}

bool probe_steps_parse(struct probe_command *c)
{
	struct slice list = slice_of(c->arguments.steps);

	if (c->arguments.steps && c->arguments.method) {
		err_line("probe: --method and --steps exclude each other");
		return false;
	}
	if (c->arguments.method && !add_step(c, "--method", slice_of(c->arguments.method)))
		return false;
	while (list.p) {
		size_t n = slice_find(list, ',');

		if (!add_step(c, "--steps", slice_trim(slice_head(list, n))))
			return false;
		list = n < list.n ? slice_from(list, n + 1) : SLICE_ABSENT;
	}
	if (!c->step_count)
		c->steps[c->step_count++] = c->probe.user.n ? METHOD_REGISTER : METHOD_OPTIONS;
	for (unsigned i = 0; i < c->step_count; i++)
		if (c->steps[i] == METHOD_REGISTER && !c->probe.user.n && !c->arguments.from) {
			err_line("probe: REGISTER whom? Name a user with --user, --from or in the "
				 "target");
			return false;
		}
	return has_callee(c);
}

#include "ua/request.h"

#include "sip/uri.h"
#include "ua/header.h"

/* ---- text ---- */

static const char *via_name(enum transport t)
{
	/* RFC 3261 20.42, RFC 7118 5.1 */
	switch (t) {
	case TRANSPORT_TCP:
		return "TCP";
	case TRANSPORT_TLS:
		return "TLS";
	case TRANSPORT_WS:
		return "WS";
	case TRANSPORT_WSS:
		return "WSS";
	default:
		return "UDP";
	}
}

static void line(struct buf *out, const char *name, struct slice value)
{
	if (!value.p)
		return;
	buf_adds(out, name);
	buf_adds(out, ": ");
	buf_add_slice(out, value);
	buf_adds(out, "\r\n");
}

static void party(struct buf *out, const char *name, struct slice value, struct slice tag)
{
	buf_printf(out, "%s: ", name);
	buf_add_slice(out, value);
	if (tag.n) {
		buf_adds(out, ";tag=");
		buf_add_slice(out, tag);
	}
	buf_adds(out, "\r\n");
}

void request_build(const struct request *r, struct buf *out)
{
	buf_add_slice(out, r->method);
	buf_addc(out, ' ');
	buf_add_slice(out, r->uri);
	buf_adds(out, " SIP/2.0\r\n");
	buf_printf(out, "Via: SIP/2.0/%s ", via_name(r->transport));
	buf_add_slice(out, r->sent_by);
	/* rport: the answer comes back to the port it was sent from (RFC 3581 3) */
	buf_printf(out, ";branch=%s;rport\r\n", r->branch);
	for (unsigned i = 0; i < r->route_count; i++)
		line(out, "Route", r->routes[i]);
	buf_adds(out, "Max-Forwards: 70\r\n");
	party(out, "From", r->from, r->from_tag);
	party(out, "To", r->to, r->to_tag);
	line(out, "Call-ID", r->call_id);
	buf_printf(out, "CSeq: %u ", r->cseq);
	buf_add_slice(out, r->method);
	buf_adds(out, "\r\n");
	line(out, "Contact", r->contact);
	buf_add_slice(out, r->credentials);
	buf_add_slice(out, r->more);
	buf_add_slice(out, r->extra);
	line(out, "User-Agent", r->user_agent);
	if (r->body.n)
		line(out, "Content-Type", r->content_type);
	buf_printf(out, "Content-Length: %zu\r\n\r\n", r->body.n);
	buf_add_slice(out, r->body);
}

/* ---- made from an INVITE ---- */

static struct request without_body(const struct request *r)
{
	struct request plain = *r;

	plain.contact = plain.more = plain.content_type = plain.body = SLICE_ABSENT;
	return plain;
}

struct request request_ack(const struct request *invite, struct slice to_tag)
{
	struct request ack = without_body(invite);

	ack.method = SLICE("ACK");
	ack.to_tag = to_tag;
	return ack;
}

struct request request_cancel(const struct request *invite)
{
	struct request cancel = without_body(invite);

	cancel.method = SLICE("CANCEL");
	cancel.credentials = SLICE_ABSENT;
	return cancel;
}

/* The route set of the caller is the list of the response from its end on (12.1.2). */
static void reverse(struct slice *list, unsigned n)
{
	for (unsigned i = 0; i < n / 2; i++) {
		struct slice value = list[i];

		list[i] = list[n - 1 - i];
		list[n - 1 - i] = value;
	}
}

void dialog_from(const struct request *invite, const struct message *response, struct arena *arena,
	struct dialog *out)
{
	struct slice list, value;

	*out = (struct dialog){.to_tag = arena_copy(arena, response->to_tag)};
	list = header_field(response, SLICE("Contact"), 'm', 0);
	value = name_addr_uri(header_list_next(&list));
	out->target = arena_copy(arena, value.n ? value : invite->uri);
	out->target_route = arena_printf(arena, "<%.*s>", SLICE_ARG(out->target));
	for (unsigned n = 0; (list = header_field(response, SLICE("Record-Route"), 0, n)).p; n++)
		while ((value = header_list_next(&list)).p) {
			out->too_many_routes = out->route_count == REQUEST_ROUTES_MAX;
			if (value.n && !out->too_many_routes)
				out->routes[out->route_count++] = arena_copy(arena, value);
		}
	reverse(out->routes, out->route_count);
}

static bool is_loose(struct slice route)
{
	struct uri u;

	return uri_scan(name_addr_uri(route), &u) && slice_has_nocase(u.params, SLICE(";lr"));
}

struct request request_in_dialog(
	const struct request *invite, const struct dialog *d, struct slice method)
{
	struct request r = without_body(invite);

	r.method = method;
	r.to_tag = d->to_tag;
	r.uri = d->target;
	r.route_count = 0;
	for (unsigned i = 0; i < d->route_count; i++)
		r.routes[r.route_count++] = d->routes[i];
	if (r.route_count && !is_loose(r.routes[0])) {
		/* a strict router wants itself as Request-URI, and the target as the last Route */
		r.uri = name_addr_uri(r.routes[0]);
		for (unsigned i = 1; i < r.route_count; i++)
			r.routes[i - 1] = r.routes[i];
		r.routes[r.route_count - 1] = d->target_route;
	}
	return r;
}

void request_name_addr(struct slice uri, struct buf *out)
{
	bool bracketed = slice_find(uri, '<') < uri.n;

	if (!bracketed)
		buf_addc(out, '<');
	buf_add_slice(out, uri);
	if (!bracketed)
		buf_addc(out, '>');
}

void request_offer(const struct address *local, unsigned port, struct buf *out)
{
	char text[ADDRESS_TEXT];
	const char *family = local->family == 6 ? "IP6" : "IP4";

	address_format_ip(local, text);
	buf_printf(out,
		"v=0\r\no=- 1 1 IN %s %s\r\ns=-\r\nc=IN %s %s\r\nt=0 0\r\n"
		"m=audio %u RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n",
		family, text, family, text, port);
}

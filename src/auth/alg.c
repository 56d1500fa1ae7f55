/*
 * A SIP ALG seen from one side: what it rewrites no longer fits together. Signs, not findings: a router that
 * helps is right as often as it breaks a digest.
 */
#include "auth/live.h"

#include "sip/uri.h"

static bool literal(struct slice host, struct address *out)
{
	return host.n && address_parse_ip(host, out);
}

/* One is a private address, the other is not: somebody on the way wrote one of them. */
static bool worlds_differ(struct slice a, struct slice b)
{
	struct address x, y;

	/* the usual case, and it needs no look at what they are */
	if (slice_eq(a, b))
		return false;
	return literal(a, &x) && literal(b, &y) && address_is_private(&x) != address_is_private(&y);
}

static struct slice host_of_uri(struct slice text)
{
	struct uri uri;

	uri_scan(text, &uri);
	return uri.host;
}

static void add(struct buf *b, const char *format, struct slice was, struct slice is)
{
	if (b->n)
		buf_adds(b, "; ");
	buf_printf(b, format, SLICE_ARG(was), SLICE_ARG(is));
}

static void look_at_request(struct buf *b, const struct attempt *a)
{
	const struct message *m = &a->request.msg;
	struct slice via = via_sent_by(m->via, NULL), contact = name_addr_host(m->contact);
	struct slice call_id = slice_from(m->call_id, slice_find(m->call_id, '@') + 1);
	struct address address;

	if (worlds_differ(via, contact))
		add(b, "Via shows %.*s, Contact %.*s", via, contact);
	if (worlds_differ(via, call_id) && literal(call_id, &address) && !address_is_private(&address))
		add(b, "Via shows %.*s, the Call-ID %.*s", via, call_id);
	for (unsigned i = 0; i < a->credential_count; i++) {
		struct slice uri = host_of_uri(a->credentials[i].uri);
		struct slice target = host_of_uri(m->request_uri);

		if (worlds_differ(uri, target))
			add(b, "the digest uri is for %.*s, the Request-URI for %.*s", uri, target);
	}
	/* on UDP, and not cut by the capture, the length was right when it was sent */
	if (a->request.transport == TRANSPORT_UDP && !a->request.cut && m->content_length >= 0 &&
		m->defects & (MESSAGE_BODY_SHORT | MESSAGE_BODY_LONG))
		add(b, "the Content-Length does not fit the body%.*s%.*s", SLICE_ABSENT, SLICE_ABSENT);
}

void find_alg(struct exchange *x)
{
	struct buf b = {0};

	for (const struct attempt *a = x->attempts; a && !b.n; a = a->next)
		look_at_request(&b, a);
	if (b.n)
		x->alg = arena_copy(&x->arena, buf_slice(&b));
	buf_free(&b);
}

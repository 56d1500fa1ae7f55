/* ICMP errors (RFC 792, RFC 4443): which earlier packet did not arrive, and why. */
#include <string.h>

#include "capture/bytes.h"
#include "capture/layers.h"

static const struct icmp_name {
	uint8_t family, type;
	int code; /* -1: any */
	const char *what;
} names[] = {
	{4, 3, 0, "net unreachable"},
	{4, 3, 1, "host unreachable"},
	{4, 3, 2, "protocol unreachable"},
	{4, 3, 3, "port unreachable"},
	{4, 3, 6, "net unreachable"},
	{4, 3, 7, "host unreachable"},
	{4, 3, 9, "administratively prohibited"},
	{4, 3, 10, "administratively prohibited"},
	{4, 3, 11, "net unreachable"},
	{4, 3, 12, "host unreachable"},
	{4, 3, 13, "administratively prohibited"},
	{6, 1, 0, "net unreachable"},
	{6, 1, 1, "administratively prohibited"},
	{6, 1, 3, "host unreachable"},
	{6, 1, 4, "port unreachable"},
	{6, 1, 5, "administratively prohibited"},
	{6, 1, 6, "administratively prohibited"},
};

static const char *name_of(uint8_t family, const uint8_t *p)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].family == family && names[i].type == p[0] &&
			(names[i].code < 0 || names[i].code == p[1]))
			return names[i].what;
	return NULL;
}

/* What of the UDP or TCP payload is embedded; the 8 bytes that must be there may be all. */
static struct slice payload_of(const struct ip *ip, struct span s)
{
	size_t header = 8;

	if (ip->protocol == IP_UDP && be16(s.p + 4) >= 8)
		span_limit(&s, be16(s.p + 4));
	if (ip->protocol == IP_TCP)
		header = s.n > 12 ? (s.p[12] >> 4) * 4u : s.n;
	if (header > s.n)
		header = s.n;
	return (struct slice){(const char *)s.p + header, s.n - header};
}

void icmp_decode(struct dissector *d, const struct packet *p, const struct ip *ip, struct span s)
{
	struct icmp_error e = {.time = p->time, .frame = p->frame, .file = p->file};
	struct ip lost;
	enum undecoded why;

	if (s.n < 8 || !d->sink.icmp)
		return;
	e.what = name_of(ip->family, s.p);
	if (!e.what)
		return;
	span_skip(&s, 8);
	if (!ip_parse(&lost, &s, &why) || lost.offset || s.n < 8)
		return;
	if (lost.protocol != IP_UDP && lost.protocol != IP_TCP)
		return;
	e.transport = lost.protocol == IP_TCP ? TRANSPORT_TCP : TRANSPORT_UDP;
	ip_address(&e.reporter, ip, ip->src, 0);
	ip_address(&e.src, &lost, lost.src, be16(s.p));
	ip_address(&e.dst, &lost, lost.dst, be16(s.p + 2));
	e.payload = payload_of(&lost, s);
	d->sink.icmp(d->sink.arg, &e);
}

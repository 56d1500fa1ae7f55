/* Findings about the capture itself. */
#include "auth/engine.h"
#include "auth/scope.h"

void scope_loss(struct tracker *t, const struct loss *l)
{
	bool fragment = slice_has_nocase(slice_of(l->what), SLICE("fragment"));
	struct scope_note *n = scope_note(
		t, fragment ? FINDING_FRAGMENTS_MISSING : FINDING_PACKET_LOSS, SCOPE_CAPTURE, 0);

	if (!n)
		return;
	scope_event(n, l->time, l->file, l->frame);
	if (fragment)
		return;
	if (slice_has_nocase(slice_of(l->what), SLICE("TCP")))
		scope_put(t, &n->detail, SLICE("a gap in a TCP stream"));
	else
		scope_say(t, &n->detail, "%llu dropped while capturing",
			(unsigned long long)l->count);
}

void scope_clock(struct tracker *t, const struct datagram *d, int64_t back)
{
	struct scope_note *n = scope_note(t, FINDING_CLOCK_JUMP, SCOPE_CAPTURE, 0);

	if (!n || n->count)
		return;
	scope_event(n, d->time, d->file, d->frame);
	n->span = back;
}

void scope_duplicate(struct tracker *t, const struct datagram *d)
{
	struct scope_note *n = scope_note(t, FINDING_DUPLICATE_PACKETS, SCOPE_CAPTURE, 0);

	if (n)
		scope_event(n, d->time, d->file, d->frame);
}

/* A response without its request: whether the other direction was captured shows at the end. */
void scope_orphan(struct tracker *t, const struct datagram *d)
{
	uint64_t hosts = about_hosts(&d->src, &d->dst);
	struct scope_note *n = scope_note(t, FINDING_ONE_WAY_CAPTURE, SCOPE_CAPTURE, hosts);
	char from[ADDRESS_TEXT], to[ADDRESS_TEXT];

	if (!n)
		return;
	scope_event(n, d->time, d->file, d->frame);
	n->ends[0] = d->src;
	n->ends[1] = d->dst;
	if (!n->detail.p)
		scope_say(t, &n->detail, "from %s to %s", address_format_ip(&d->src, from),
			address_format_ip(&d->dst, to));
}

/* With both directions seen, the request was before the beginning of the capture. */
bool scope_both_ways(struct tracker *t, const struct scope_note *n)
{
	const struct leg *leg;

	if (n->id != FINDING_ONE_WAY_CAPTURE)
		return false;
	leg = watch_known_leg(t, n->about, &n->ends[0], &n->ends[1]);
	return leg && (leg->flags & LEG_BOTH) == LEG_BOTH;
}

/* Another layer's 401: it never reaches SIP (RFC 7118 7). */
void scope_upgrades_refused(struct tracker *t, uint64_t count)
{
	struct scope_note *n =
		count ? scope_note(t, FINDING_WS_HANDSHAKE_401, SCOPE_CAPTURE, 0) : NULL;

	if (n)
		n->count = count;
}

void scope_encrypted(struct tracker *t, uint64_t connections, struct slice detail)
{
	struct scope_note *n =
		connections ? scope_note(t, FINDING_ENCRYPTED, SCOPE_CAPTURE, 0) : NULL;

	if (!n)
		return;
	n->count = connections;
	n->detail = scope_text(t, detail);
}

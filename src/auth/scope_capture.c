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
	n->detail = slice_has_nocase(slice_of(l->what), SLICE("TCP"))
		? SLICE("a gap in a TCP stream")
		: scope_printf(t, "%llu dropped while capturing", (unsigned long long)l->count);
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

void scope_orphan(struct tracker *t, const struct datagram *d)
{
	struct fact *leg = facts_get(t->facts, FACT_LEG, about_hosts(&d->src, &d->dst));
	struct scope_note *n;
	char from[ADDRESS_TEXT], to[ADDRESS_TEXT];

	/* with both directions seen, the request was before the beginning of the capture */
	if (leg && leg->flags == 3)
		return;
	n = scope_note(t, FINDING_ONE_WAY_CAPTURE, SCOPE_CAPTURE, 0);
	if (!n)
		return;
	scope_event(n, d->time, d->file, d->frame);
	if (!n->detail.p)
		n->detail = scope_printf(t, "from %s to %s", address_format_ip(&d->src, from),
			address_format_ip(&d->dst, to));
}

void scope_encrypted(struct tracker *t, uint64_t connections)
{
	struct scope_note *n =
		connections ? scope_note(t, FINDING_ENCRYPTED, SCOPE_CAPTURE, 0) : NULL;

	if (n)
		n->count = connections;
}

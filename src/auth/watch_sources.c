/* Refusals by source: floods and sprayed passwords. */
#include "auth/watch_state.h"

#include "base/err.h"

struct tried *tried_for(struct refusals *r, uint64_t user, int64_t now)
{
	struct tried *oldest = r->tried;

	for (unsigned i = 0; i < r->tried_count; i++) {
		if (r->tried[i].user == user)
			return &r->tried[i];
		if (r->tried[i].last < oldest->last)
			oldest = &r->tried[i];
	}
	if (r->tried_count < TRIED_MAX) {
		if (r->tried_count == r->tried_room) {
			r->tried_room = r->tried_room ? r->tried_room * 2 : 1;
			r->tried = xrealloc(r->tried, r->tried_room * sizeof(*r->tried));
		}
		oldest = &r->tried[r->tried_count++];
	}
	*oldest = (struct tried){.user = user, .last = now};
	return oldest;
}

static struct refusals *refusals_of(struct source *s)
{
	if (!s->refusals)
		s->refusals = xcalloc(1, sizeof(*s->refusals));
	return s->refusals;
}

/* The users that were tried within the time, by how it went. */
struct tally {
	unsigned users, answers, refused, most;
	bool accepted;
};

static struct tally tally_users(const struct refusals *r, int64_t now)
{
	struct tally tally = {0};

	for (unsigned i = 0; i < r->tried_count; i++) {
		const struct tried *u = &r->tried[i];

		if (now - u->last > USERS_TIME)
			continue;
		tally.users++;
		tally.answers += u->answers;
		tally.refused += u->refused;
		tally.accepted = tally.accepted || u->accepted;
		if (u->answers > tally.most)
			tally.most = u->answers;
	}
	return tally;
}

static unsigned refusals_within(const struct refusals *r, int64_t now, int64_t span)
{
	unsigned n = 0;

	for (unsigned i = 0; i < FLOOD_REFUSALS; i++)
		n += r->times[i] && now - r->times[i] <= span;
	return n;
}

static void note_flood(struct tracker *t, struct source *s, const struct exchange *x,
	const struct response *r, const struct credential *k, unsigned users)
{
	struct scope_note *n = scope_note(t, FINDING_AUTH_FAILURE_FLOOD, SCOPE_SERVER, table_key(&s->node));
	struct address host = host_of(&x->client);
	char address[ADDRESS_TEXT];

	if (!n)
		return;
	scope_seen(n, &r->seen, x->n);
	scope_address(n, &host);
	n->server = x->target;
	address_format_ip(&host, address);
	if (users > 1)
		scope_say(t, &n->detail, "all from %s, for %u users", address, users);
	else
		scope_say(t, &n->detail, "all from %s, for user \"%.*s\"", address,
			SLICE_ARG(k->username));
	n->count = s->refusals->total;
	n->span = r->seen.time - s->refusals->began;
	n->confidence = watch_at_best(t, CONFIDENCE_PROVEN);
}

static void note_spray(struct tracker *t, struct source *s, const struct exchange *x,
	const struct response *r, struct tally tally)
{
	struct scope_note *n = scope_note(t, FINDING_PASSWORD_SPRAYING, SCOPE_SERVER, table_key(&s->node));
	struct address host = host_of(&x->client);

	s->refusals->sprays = true;
	if (!n)
		return;
	scope_seen(n, &r->seen, x->n);
	scope_address(n, &host);
	n->server = x->target;
	n->count = tally.users > s->refusals->tried_count ? tally.users : s->refusals->tried_count;
	n->limit = tally.most;
	n->span = r->seen.time - s->refusals->began;
	n->confidence = CONFIDENCE_LIKELY;
}

void source_refused(struct tracker *t, struct source *s, const struct exchange *x,
	const struct response *r, const struct credential *k)
{
	struct refusals *f = refusals_of(s);
	int64_t now = r->seen.time;
	struct tried *u = tried_for(f, slice_hash(k->username, 0), now);
	struct tally tally;
	bool many;

	if (!f->total)
		f->began = now;
	f->times[f->next] = now;
	f->next = (f->next + 1) % FLOOD_REFUSALS;
	f->total++;
	u->last = now;
	u->answers++;
	u->refused++;
	tally = tally_users(f, now);
	many = refusals_within(f, now, FLOOD_TIME) >= FLOOD_REFUSALS ||
		refusals_within(f, now, BURST_TIME) >= BURST_REFUSALS;
	/* behind a NAT or an SBC others are accepted */
	if (tally.accepted || s->others_accepted || tally.refused * 10 <= tally.answers * 8)
		return;
	if (many || tally.users >= FLOOD_USERS)
		note_flood(t, s, x, r, k, tally.users);
	if (tally.users >= FLOOD_USERS && tally.most <= SPRAY_ANSWERS)
		note_spray(t, s, x, r, tally);
}

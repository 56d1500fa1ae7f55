/* What every client shows, healthy or not: found by its address, mostly in one look for all that a message needs. */
#include "auth/watch_state.h"

/* One message is mostly about one source. */
struct source *find_source(struct watch *w, const struct address *address)
{
	uint64_t key = address_ip_hash(address, 0);

	if (!w->last || !table_has_key(&w->last->node, key))
		w->last = table_get(&w->sources, key);
	return w->last;
}

static struct source *add_source(struct watch *w, const struct address *address)
{
	/* those that try many users are dear */
	while (w->owned > w->sources.limit * SOURCE_OWNED) {
		w->sources.evicted++;
		table_remove(&w->sources, table_unused(&w->sources));
	}
	return w->last = table_add(&w->sources, address_ip_hash(address, 0));
}

struct source *source_for(struct watch *w, const struct address *address)
{
	struct source *s = find_source(w, address);

	return s ? s : add_source(w, address);
}

void watch_foresee(const struct watch *w, const struct address *source)
{
	table_foresee(&w->sources, address_ip_hash(source, 0));
}

struct source *peek_source(const struct watch *w, const struct address *address)
{
	return table_peek(&w->sources, address_ip_hash(address, 0));
}

/* ---- legs and habits: those that no source has room for are among the facts ---- */

/* `s`: of the client, or NULL. */
static struct leg *new_leg(struct tracker *t, struct source *s, uint64_t hosts, const struct address *client,
	const struct address *server)
{
	struct leg *leg;

	if (!s)
		s = add_source(t->watch, client);
	else if (s->hosts)
		s = peek_source(t->watch, server);
	if (s && !s->hosts) {
		s->hosts = (uint32_t)hosts;
		leg = &s->leg;
	} else {
		leg = &facts_put(t->facts, FACT_LEG, hosts)->leg;
		t->watch->further_legs = true;
	}
	if (t->watch->sources.evicted || facts_evicted(t->facts))
		leg->flags = LEG_UNSURE;
	return leg;
}

static struct leg *further_leg(const struct tracker *t, uint64_t hosts, const struct address *server)
{
	struct source *s = peek_source(t->watch, server);
	struct fact *f;

	if (s && s->hosts == (uint32_t)hosts)
		return &s->leg;
	f = t->watch->further_legs ? facts_get(t->facts, FACT_LEG, hosts) : NULL;
	return f ? &f->leg : NULL;
}

struct leg *watch_leg(
	struct tracker *t, uint64_t hosts, const struct address *client, const struct address *server)
{
	struct source *s = find_source(t->watch, client);
	struct leg *leg;

	if (s && s->hosts == (uint32_t)hosts)
		return &s->leg;
	leg = further_leg(t, hosts, server);
	return leg ? leg : new_leg(t, s, hosts, client, server);
}

const struct leg *watch_known_leg(
	const struct tracker *t, uint64_t hosts, const struct address *a, const struct address *b)
{
	const struct source *s = peek_source(t->watch, a);

	return s && s->hosts == (uint32_t)hosts ? &s->leg : further_leg(t, hosts, b);
}

struct habits *watch_habits(struct tracker *t, const struct address *client, struct slice user_agent)
{
	struct source *s = source_for(t->watch, client);
	uint64_t agent = about_client(client, user_agent);

	if (!s->agent)
		s->agent = (uint32_t)agent;
	return s->agent == (uint32_t)agent ? &s->habits : &facts_put(t->facts, FACT_CLIENT, agent)->habits;
}

const struct habits *watch_known_habits(
	const struct tracker *t, const struct address *client, struct slice user_agent)
{
	const struct source *s = peek_source(t->watch, client);
	uint64_t agent = about_client(client, user_agent);
	const struct fact *f;

	if (s && s->agent == (uint32_t)agent)
		return &s->habits;
	f = facts_get(t->facts, FACT_CLIENT, agent);
	return f ? &f->habits : NULL;
}

/* ---- registrations and challenges ---- */

void watch_registered(struct tracker *t, const struct exchange *x)
{
	source_for(t->watch, &x->client)->home = (uint32_t)address_ip_hash(&x->target, 0);
}

uint32_t watch_home(const struct watch *w, const struct address *client)
{
	const struct source *s = peek_source(w, client);

	return s ? s->home : 0;
}

void watch_challenged(struct tracker *t, const struct exchange *x, int64_t time)
{
	struct source *s = source_for(t->watch, &x->client);
	struct fact *f;

	if (!s->challenged)
		s->requester = (uint32_t)x->requester;
	if (s->requester == (uint32_t)x->requester) {
		s->challenged = time;
		s->challenged_n = x->n;
		return;
	}
	f = facts_put(t->requests, FACT_NEWEST_NONCE, x->requester);
	f->n = x->n;
	f->time = time;
}

bool watch_crossed(struct tracker *t, const struct exchange *x, int64_t since)
{
	const struct source *s = find_source(t->watch, &x->client);
	const struct fact *f;

	if (s && s->requester == (uint32_t)x->requester)
		return s->challenged_n != x->n && s->challenged > since;
	f = facts_get(t->requests, FACT_NEWEST_NONCE, x->requester);
	return f && f->n != x->n && f->time > since;
}


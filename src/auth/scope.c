#include "auth/scope.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/engine.h"
#include "base/err.h"
#include "sip/uri.h"

/* A flood of different findings is itself bounded; the rest is counted. */
enum { NOTES_MAX = 4096, PLACE_STEP = 64 /* bytes */ };

struct scope_notes {
	struct arena arena;
	struct map map;           /* key -> struct scope_note */
	struct scope_note **list; /* in the order of their first event */
	size_t count, room;
	uint64_t dropped;
};

struct scope_notes *scope_new(void)
{
	return xcalloc(1, sizeof(struct scope_notes));
}

void scope_free(struct scope_notes *s)
{
	if (!s)
		return;
	map_free(&s->map);
	arena_free(&s->arena);
	free(s->list);
	free(s);
}

static void append(struct scope_notes *s, struct scope_note *n)
{
	if (s->count == s->room) {
		s->room = s->room ? s->room * 2 : 16;
		s->list = xrealloc(s->list, s->room * sizeof(*s->list));
	}
	s->list[s->count++] = n;
}

struct scope_note *scope_note(
	struct tracker *t, enum finding_id id, enum scope scope, uint64_t about)
{
	struct scope_notes *s = t->scope;
	uint64_t key = hash_mix((uint64_t)id + 1, about);
	struct scope_note *n = map_get(&s->map, key);

	if (n)
		return n;
	if (s->count == NOTES_MAX) {
		s->dropped++;
		return NULL;
	}
	n = arena_alloc(&s->arena, sizeof(*n));
	n->id = id;
	n->scope = scope;
	n->about = about;
	n->confidence = CONFIDENCE_PROVEN;
	map_put(&s->map, key, n);
	append(s, n);
	return n;
}

void scope_event(struct scope_note *n, int64_t time, uint16_t file, uint32_t frame)
{
	struct finding *f = &n->finding;

	if (!f->frame_total) {
		f->time = time;
		f->file = file;
	}
	n->count++;
	if (time > n->last)
		n->last = time;
	f->frame_total++;
	if (f->frame_count < FINDING_FRAMES_MAX && f->file == file)
		f->frames[f->frame_count++] = frame;
}

void scope_seen(struct scope_note *n, const struct observed *seen, uint32_t exchange)
{
	if (!n)
		return;
	scope_event(n, seen->time, seen->file, seen->frame);
	for (uint32_t i = 0; i < n->exchange_count; i++)
		if (n->exchanges[i] == exchange)
			return;
	if (exchange && n->exchange_count < FINDING_FRAMES_MAX)
		n->exchanges[n->exchange_count++] = exchange;
}

void scope_address(struct scope_note *n, const struct address *address)
{
	for (size_t i = 0; i < n->address_count; i++)
		if (address_same_ip(&n->addresses[i], address))
			return;
	if (n->address_count < SCOPE_ADDRESSES_MAX)
		n->addresses[n->address_count++] = *address;
}

struct slice scope_text(struct tracker *t, struct slice s)
{
	return arena_copy(&t->scope->arena, s);
}

static size_t room_for(size_t n)
{
	return (n / PLACE_STEP + 1) * PLACE_STEP;
}

void scope_put(struct tracker *t, struct slice *place, struct slice s)
{
	char *p = (char *)place->p;

	if (!p || s.n > room_for(place->n))
		p = arena_alloc(&t->scope->arena, room_for(s.n));
	memcpy(p, s.p, s.n);
	*place = (struct slice){p, s.n};
}

void scope_say(struct tracker *t, struct slice *place, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	scope_put(t, place, slice_of(text));
}

/* ---- from exchanges ---- */

static struct scope_note *server_note(
	struct tracker *t, enum finding_id id, const struct address *server)
{
	struct scope_note *n = scope_note(t, id, SCOPE_SERVER, address_hash(server, 0));

	if (n)
		n->server = *server;
	return n;
}

/* MD5 above a stronger algorithm of the same realm: the server's own preference (RFC 8760 2.3). */
static const struct challenge *order_reversed(const struct response *r)
{
	for (unsigned i = 0; i < r->challenge_count; i++)
		for (unsigned j = i + 1; j < r->challenge_count; j++) {
			const struct challenge *above = &r->challenges[i],
					       *below = &r->challenges[j];
			const struct algorithm_info *info = algorithm_info(below->algorithm);

			if (above->digest && below->digest && above->algorithm == ALGORITHM_MD5 &&
				info && info->hash != HASH_MD5 && above->kind == below->kind &&
				slice_eq(above->realm, below->realm))
				return below;
		}
	return NULL;
}

static void look_at_order(struct tracker *t, const struct exchange *x, const struct response *r)
{
	const struct challenge *c = order_reversed(r);
	struct scope_note *n = c ? server_note(t, FINDING_ALGORITHM_ORDER, &x->target) : NULL;

	if (!n)
		return;
	scope_seen(n, &r->seen, x->n);
	if (!n->algorithm.p)
		n->algorithm = scope_text(t, c->algorithm_name);
}

void scope_challenged(struct exchange *x, const struct response *r)
{
	/* by its software as well: a proxy and the registrar behind it are two challengers */
	if (r->challenge_count && (r->status == 401 || r->status == 407))
		x->challenger = slice_hash(r->seen.msg.server,
			slice_hash(x->from_user, slice_hash(x->method_name, address_hash(&x->target, 0))));
}

void scope_foresee(const struct tracker *t, const struct exchange *x)
{
	if (x->challenger)
		facts_foresee(t->facts, FACT_MODE, x->challenger);
}

/* The same server, method and user, challenged with 401 here and 407 there. */
static void look_at_mode(struct tracker *t, const struct exchange *x, const struct response *r)
{
	struct fact *f;
	struct scope_note *n;

	if (!x->challenger)
		return;
	f = facts_put(t->facts, FACT_MODE, x->challenger);
	if (f->flags && f->flags != r->status) {
		f->value++;
		f->frame = r->seen.frame;
	}
	f->flags = r->status;
	*(r->status == 401 ? &f->count : &f->n) += 1;
	if (f->count < 2 || f->n < 2)
		return;
	n = server_note(t, FINDING_CHALLENGE_MODE_INCONSISTENT, &x->target);
	if (!n)
		return;
	scope_seen(n, &r->seen, x->n);
	n->mild = f->value == 1;
	scope_put(t, &n->method, x->method_name);
	if (f->value == 1)
		scope_say(t, &n->detail,
			"%s until frame %u, %s from then on, as after a change of the setting",
			r->status == 407 ? "401" : "407", f->frame,
			r->status == 407 ? "407" : "401");
	else
		scope_say(t, &n->detail, "401 in %u exchanges, 407 in %u", f->count, f->n);
}

/* ---- nonces ---- */

void scope_nonce(struct tracker *t, const struct exchange *x, const struct response *r,
	const struct challenge *c, struct nonce_repeat repeat)
{
	const char *at_least = nonces_evicted(t->nonces) ? "at least " : "";
	struct scope_note *n;

	if (x->leg_of)
		return;
	n = server_note(t, FINDING_NONCE_REPEATED, &x->target);
	if (!n)
		return;
	scope_seen(n, &r->seen, x->n);
	scope_put(t, &n->nonce, slice_head(c->nonce, 80));
	n->count = repeat.times;
	n->span = repeat.span;
	if (repeat.clients > 1)
		scope_say(t, &n->detail, " to %s%u clients", at_least, repeat.clients);
	else if (*at_least)
		scope_put(t, &n->detail, SLICE(", at least"));
}

/* Three reuses refused where a fresh nonce was then accepted, and none accepted: each is good once. */
static void look_at_reuse(struct tracker *t, const struct exchange *x)
{
	const struct attempt *a = x->attempts;
	const struct credential *k = a->credential_count ? a->credentials : NULL;
	int64_t age = k ? a->request.time - k->history.issued : 0;
	struct scope_note *n;
	struct fact *f;

	if (!k || !k->history.accepted_before || k->nc_value < 2 || x->outcome != OUTCOME_ACCEPTED)
		return;
	f = facts_put(t->facts, FACT_REUSE, address_hash(&x->target, 0));
	if (k->judgement == JUDGEMENT_ACCEPTED)
		f->n++;
	else if (k->judgement == JUDGEMENT_PREEMPTIVE && (!f->count++ || age < f->value))
		f->value = age;
	n = f->count >= 3 ? server_note(t, FINDING_NONCE_ONE_TIME, &x->target) : NULL;
	if (!n)
		return;
	scope_seen(n, &a->final->seen, x->n);
	n->count = f->count;
	n->withdrawn = f->n > 0;
	/* old nonces may have expired: only young ones speak for "once" */
	n->confidence = f->value < 5 * SECOND ? CONFIDENCE_LIKELY : CONFIDENCE_POSSIBLE;
	n->detail = nonces_evicted(t->nonces) ? SLICE("at least ") : SLICE_ABSENT;
}

static bool has_status(const struct exchange *x, unsigned status)
{
	for (const struct attempt *a = x->attempts; a; a = a->next)
		if (a->final && a->final->status == status)
			return true;
	return false;
}

void scope_exchange(struct tracker *t, const struct live *l)
{
	const struct exchange *x = &l->x;
	const struct attempt *first = x->attempts;

	if (x->leg_of)
		scope_seen(server_note(t, FINDING_BOTH_LEGS, &x->client), &first->request, x->n);
	look_at_reuse(t, x);
	if (!first->final || !first->final->challenge_count)
		return;
	for (const struct attempt *a = x->keepalive ? first : NULL; a; a = a->next)
		if (a->final && a->final->challenge_count)
			scope_seen(server_note(t, FINDING_OPTIONS_CHALLENGED, &x->target),
				&a->final->seen, x->n);
	look_at_order(t, x, first->final);
	/* 401 and then 407 in one exchange are two hurdles (form F3) */
	if (!attempt_has_credentials(first) && !(has_status(x, 401) && has_status(x, 407)))
		look_at_mode(t, x, first->final);
}

/* ---- at the end ---- */

static struct finding_arg arg_text(const char *name, const char *text)
{
	return (struct finding_arg){name, text, slice_of(text).n};
}

static struct finding_arg arg_slice(const char *name, struct slice s)
{
	return (struct finding_arg){name, s.p, s.n};
}

/* The words of the finding: the values that its template knows are taken, the rest is left. */
static void word(const struct scope_note *n, struct buf *out)
{
	char server[ADDRESS_TEXT], address[ADDRESS_TEXT], count[24], limit[24], frame[16],
		seconds[32];
	int64_t span = n->span ? n->span : n->last - n->finding.time;
	double s = (double)span / (double)SECOND;

	address_format(&n->server, server);
	if (n->address_count)
		address_format_ip(&n->addresses[0], address);
	else
		snprintf(address, sizeof(address), "%s", server);
	snprintf(count, sizeof(count), "%llu", (unsigned long long)n->count);
	snprintf(limit, sizeof(limit), "%llu", (unsigned long long)n->limit);
	snprintf(frame, sizeof(frame), "%u", n->finding.frames[0]);
	snprintf(seconds, sizeof(seconds), s < 10 ? "%.1f" : "%.0f", s);
	finding_say(n->id,
		(const struct finding_arg[]){
			arg_text("server", server),
			arg_text("address", address),
			arg_text("count", count),
			arg_text("limit", limit),
			arg_text("frame", frame),
			arg_text("seconds", seconds),
			arg_slice("user", n->user),
			arg_slice("realm", n->realm),
			arg_slice("method", n->method),
			arg_slice("detail", n->detail),
			arg_slice("algorithm", n->algorithm),
			arg_slice("nonce", n->nonce),
			arg_slice("value", n->value),
		},
		13, out);
}

static void give_out(struct tracker *t, const struct scope_note *n)
{
	const struct finding_kind *kind = finding_kind(n->id);
	struct scope_finding f = {.finding = n->finding};
	struct buf text = {0};

	word(n, &text);
	f.finding.id = n->id;
	/* a loop over several exchanges names failed ones only (CATALOGUE, first lines) */
	f.finding.severity = n->id == FINDING_AUTH_LOOP ? kind->severity_if_failed : kind->severity;
	if (n->mild && f.finding.severity > SEVERITY_INFO)
		f.finding.severity = SEVERITY_INFO;
	f.finding.fault = n->fault != FAULT_NONE ? n->fault : kind->fault;
	f.finding.confidence = n->confidence;
	f.finding.message = buf_slice(&text);
	f.finding.param = PARAM_UNKNOWN;
	f.scope = n->scope;
	f.user = n->user;
	f.realm = n->realm;
	f.server = n->server.family ? &n->server : NULL;
	f.addresses = n->addresses;
	f.address_count = n->address_count;
	for (; f.exchange_count < n->exchange_count; f.exchange_count++)
		f.exchanges[f.exchange_count] = n->exchanges[f.exchange_count];
	f.count = n->count;
	f.first = n->finding.time;
	f.last = n->last;
	t->stats.findings[f.finding.severity]++;
	if (t->reader.finding)
		t->reader.finding(t->reader.arg, &f);
	buf_free(&text);
}

void scope_finish(struct tracker *t)
{
	for (size_t i = 0; i < t->scope->count; i++) {
		const struct scope_note *n = t->scope->list[i];

		if (n->count && !n->withdrawn && !scope_both_ways(t, n))
			give_out(t, n);
	}
	t->stats.evicted_findings = t->scope->dropped;
}

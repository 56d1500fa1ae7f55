/* Findings about servers and the capture: collected on the way, given out at the end. */
#include "auth/engine.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "sip/uri.h"

enum { NOTES_MAX = 256 };

/* One finding of this kind about this address; more of the same are counted. */
struct note {
	enum finding_id id;
	struct address address;   /* family 0: about the capture */
	struct finding finding;   /* frames and the first time */
	uint32_t exchanges[FINDING_FRAMES_MAX];
	uint32_t exchange_count;
	uint64_t count;
	int64_t last;
	struct slice detail;      /* in the arena */
	struct slice method;
	bool mild;                /* info, whatever the table says */
};

struct scope_notes {
	struct arena arena;
	struct note notes[NOTES_MAX];
	unsigned count;
};

struct scope_notes *scope_new(void)
{
	return xcalloc(1, sizeof(struct scope_notes));
}

void scope_free(struct scope_notes *s)
{
	if (!s)
		return;
	arena_free(&s->arena);
	free(s);
}

static const struct address nowhere;

static struct note *note_for(struct tracker *t, enum finding_id id, const struct address *about)
{
	struct scope_notes *s = t->scope;
	struct note *n;

	for (unsigned i = 0; i < s->count; i++)
		if (s->notes[i].id == id && address_eq(&s->notes[i].address, about))
			return &s->notes[i];
	if (s->count == NOTES_MAX)
		return NULL;
	n = &s->notes[s->count++];
	*n = (struct note){.id = id, .address = *about};
	return n;
}

static void note_seen(struct note *n, int64_t time, uint16_t file, uint32_t frame)
{
	struct finding *f = &n->finding;

	if (!n->count++) {
		f->time = time;
		f->file = file;
	}
	n->last = time;
	f->frame_total++;
	if (f->frame_count < FINDING_FRAMES_MAX && f->file == file)
		f->frames[f->frame_count++] = frame;
}

static struct note *note_exchange(struct tracker *t, enum finding_id id, const struct address *about,
	const struct exchange *x, const struct observed *seen)
{
	struct note *n = note_for(t, id, about);

	if (!n)
		return NULL;
	note_seen(n, seen->time, seen->file, seen->frame);
	if (n->exchange_count < FINDING_FRAMES_MAX)
		n->exchanges[n->exchange_count++] = x->n;
	return n;
}

/* ---- from exchanges ---- */

/* MD5 above a stronger algorithm of the same realm: the server's own preference (RFC 8760 2.3). */
static const struct challenge *order_reversed(const struct response *r)
{
	for (unsigned i = 0; i < r->challenge_count; i++)
		for (unsigned j = i + 1; j < r->challenge_count; j++) {
			const struct challenge *above = &r->challenges[i], *below = &r->challenges[j];
			const struct algorithm_info *info = algorithm_info(below->algorithm);

			if (above->digest && below->digest && above->algorithm == ALGORITHM_MD5 && info &&
				info->hash != HASH_MD5 && above->kind == below->kind &&
				slice_eq(above->realm, below->realm))
				return below;
		}
	return NULL;
}

static void look_at_order(struct tracker *t, const struct exchange *x, const struct response *r)
{
	const struct challenge *c = order_reversed(r);
	struct note *n = c ? note_exchange(t, FINDING_ALGORITHM_ORDER, &x->target, x, &r->seen) : NULL;

	if (n && !n->detail.p)
		n->detail = arena_copy(&t->scope->arena, c->algorithm_name);
}

/* The same server, method and user, challenged with 401 here and 407 there. */
static void look_at_mode(struct tracker *t, const struct exchange *x, const struct response *r)
{
	struct slice user = name_addr_user(x->attempts->request.msg.from);
	struct fact *f = facts_put(t->facts, FACT_MODE,
		slice_hash(user, slice_hash(x->method_name, address_hash(&x->target, 0))));
	struct note *n;

	if (r->status != 401 && r->status != 407)
		return;
	if (f->flags && f->flags != r->status) {
		f->value++;
		f->frame = r->seen.frame;
	}
	f->flags = r->status;
	*(r->status == 401 ? &f->count : &f->n) += 1;
	if (f->count < 2 || f->n < 2)
		return;
	n = note_exchange(t, FINDING_CHALLENGE_MODE_INCONSISTENT, &x->target, x, &r->seen);
	if (!n)
		return;
	n->mild = f->value == 1;
	n->method = arena_copy(&t->scope->arena, x->method_name);
	n->detail = f->value == 1
		? arena_printf(&t->scope->arena,
			  "%s until frame %u, %s from then on, as after a change of the setting",
			  r->status == 407 ? "401" : "407", f->frame, r->status == 407 ? "407" : "401")
		: arena_printf(&t->scope->arena, "401 in %u exchanges, 407 in %u", f->count, f->n);
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
		note_exchange(t, FINDING_BOTH_LEGS, &x->client, x, &first->request);
	if (!first->final || !first->final->challenge_count)
		return;
	if (x->keepalive)
		note_exchange(t, FINDING_OPTIONS_CHALLENGED, &x->target, x, &first->final->seen);
	look_at_order(t, x, first->final);
	/* 401 and then 407 in one exchange are two hurdles (form F3) */
	if (!attempt_has_credentials(first) && !(has_status(x, 401) && has_status(x, 407)))
		look_at_mode(t, x, first->final);
}

/* ---- from the capture ---- */

void scope_loss(struct tracker *t, const struct loss *l)
{
	bool fragment = slice_has_nocase(slice_of(l->what), SLICE("fragment"));
	struct note *n = note_for(t, fragment ? FINDING_FRAGMENTS_MISSING : FINDING_PACKET_LOSS, &nowhere);

	if (!n)
		return;
	note_seen(n, l->time, l->file, l->frame);
	n->detail = fragment ? SLICE_ABSENT
		: slice_has_nocase(slice_of(l->what), SLICE("TCP"))
		? SLICE("a gap in a TCP stream")
		: arena_printf(&t->scope->arena, "%llu dropped while capturing", (unsigned long long)l->count);
}

void scope_clock(struct tracker *t, const struct datagram *d, int64_t back)
{
	struct note *n = note_for(t, FINDING_CLOCK_JUMP, &nowhere);

	if (!n || n->count)
		return;
	note_seen(n, d->time, d->file, d->frame);
	n->detail = arena_printf(&t->scope->arena, "%.2f", (double)back / (double)SECOND);
}

void scope_duplicate(struct tracker *t, const struct datagram *d)
{
	struct note *n = note_for(t, FINDING_DUPLICATE_PACKETS, &nowhere);

	if (n)
		note_seen(n, d->time, d->file, d->frame);
}

void scope_orphan(struct tracker *t, const struct datagram *d)
{
	struct fact *leg = facts_get(t->facts, FACT_LEG, about_hosts(&d->src, &d->dst));
	struct note *n;
	char from[ADDRESS_TEXT], to[ADDRESS_TEXT];

	/* with both directions seen, the request was before the beginning of the capture */
	if (leg && leg->flags == 3)
		return;
	n = note_for(t, FINDING_ONE_WAY_CAPTURE, &nowhere);
	if (!n)
		return;
	note_seen(n, d->time, d->file, d->frame);
	if (!n->detail.p)
		n->detail = arena_printf(&t->scope->arena, "from %s to %s", address_format_ip(&d->src, from),
			address_format_ip(&d->dst, to));
}

void scope_encrypted(struct tracker *t, uint64_t connections, struct slice detail)
{
	struct note *n = connections ? note_for(t, FINDING_ENCRYPTED, &nowhere) : NULL;

	if (!n)
		return;
	n->count = connections;
	n->detail = arena_copy(&t->scope->arena, detail);
}

/* ---- at the end ---- */

static void give_out(struct tracker *t, struct note *n)
{
	const struct finding_kind *kind = finding_kind(n->id);
	struct scope_finding f = {.finding = n->finding};
	char address[ADDRESS_TEXT], count[24], frame[16];
	struct buf text = {0};
	struct finding_arg args[8];
	size_t i = 0;

	address_format(&n->address, address);
	args[i++] = (struct finding_arg){"address", address, slice_of(address).n};
	args[i++] = (struct finding_arg){"server", address, slice_of(address).n};
	args[i].name = "count";
	args[i].length = (size_t)snprintf(count, sizeof(count), "%llu", (unsigned long long)n->count);
	args[i++].value = count;
	args[i].name = "frame";
	args[i].length = (size_t)snprintf(frame, sizeof(frame), "%u", n->finding.frames[0]);
	args[i++].value = frame;
	args[i++] = (struct finding_arg){"detail", n->detail.p, n->detail.n};
	args[i++] = (struct finding_arg){"seconds", n->detail.p, n->detail.n};
	args[i++] = (struct finding_arg){"algorithm", n->detail.p, n->detail.n};
	args[i++] = (struct finding_arg){"method", n->method.p, n->method.n};
	finding_say(n->id, args, i, &text);

	f.finding.id = n->id;
	f.finding.severity = n->mild && kind->severity > SEVERITY_INFO ? SEVERITY_INFO : kind->severity;
	f.finding.fault = kind->fault;
	f.finding.confidence = CONFIDENCE_PROVEN;
	f.finding.message = buf_slice(&text);
	f.finding.param = PARAM_UNKNOWN;
	f.scope = n->address.family ? SCOPE_SERVER : SCOPE_CAPTURE;
	f.server = n->address.family ? &n->address : NULL;
	for (f.exchange_count = 0; f.exchange_count < n->exchange_count; f.exchange_count++)
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
	for (unsigned i = 0; i < t->scope->count; i++)
		if (t->scope->notes[i].count)
			give_out(t, &t->scope->notes[i]);
}

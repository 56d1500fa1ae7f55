#include "auth/engine.h"

#include <stdlib.h>

#include "base/err.h"

enum {
	LIFETIME = 61035, /* 64 s */
	BACK = 1 << 22,   /* 73 min: so far may the clock of a capture go back */
	VIAS_MAX = 127,   /* that are counted */
	TEXT_MAX = 47     /* bytes of a value that are told */
};

/* What must arrive as it was sent (RFC 2617 3.3, RFC 7616 3.6). */
enum { COMPARED = 4 };
static const enum param_id compared[COMPARED] = {PARAM_REALM, PARAM_OPAQUE, PARAM_URI, PARAM_QOP};

/*
 * Of a request, and of its first challenge; or of credentials. Values are kept as hashes: while the exchange is open,
 * they are looked up there. All of it is one line of the caches.
 */
struct print {
	struct table_node node;
	/* of an exchange that began with the request; n 0: none did */
	uint32_t leg_time, leg_n;
	uint32_t leg_client;    /* hash of its address */
	uint8_t leg_vias;
	/* of the exchange that shows what follows; n 0: none yet */
	uint8_t vias : 7;
	uint8_t ambiguous : 1;  /* another one of this leg has the same key */
	uint16_t client;
	uint32_t time, n;
	uint32_t own;           /* as in the part */
	uint16_t hashes[COMPARED];
	struct address target;
};
_Static_assert(sizeof(struct print) == 64, "a print is one line");

/* A challenge, or credentials. */
struct part {
	const struct params *params;
	struct slice values[COMPARED];
	struct slice nonce;
	uint32_t own;           /* of credentials: their nonce, hashed; of a challenge: its key, 0: it has none */
};

struct legs {
	struct table prints;
};

struct legs *legs_new(struct storage *storage, size_t limit)
{
	struct legs *l = xcalloc(1, sizeof(*l));

	table_init(&l->prints, storage, sizeof(struct print), limit);
	return l;
}

void legs_free(struct legs *l)
{
	if (!l)
		return;
	table_free(&l->prints);
	free(l);
}

size_t legs_bytes(const struct legs *l)
{
	return table_bytes(&l->prints);
}

uint64_t legs_evicted(const struct legs *l)
{
	return l->prints.evicted;
}

static uint16_t hash_of(struct slice value)
{
	return (uint16_t)slice_hash(value, 0);
}

static struct part part_of_credential(const struct credential *k)
{
	return (struct part){&k->params, {k->realm, k->opaque, k->uri, k->qop}, k->nonce, (uint32_t)k->nonce_hash};
}

static struct part part_of_challenge(const struct challenge *c, uint64_t key)
{
	return (struct part){&c->params, {c->realm, c->opaque, params_value(&c->params, PARAM_URI), c->qop},
		c->nonce, (uint32_t)key};
}

static uint8_t vias_of(uint32_t count)
{
	return count < VIAS_MAX ? (uint8_t)count : VIAS_MAX;
}

static uint16_t client_of(const struct attempt *a)
{
	return (uint16_t)address_ip_hash(&a->request.src, 0);
}

/* ---- how long ---- */

/* In milliseconds, about: they come again after seven weeks. */
static uint32_t short_time(int64_t time)
{
	return (uint32_t)(time >> 20);
}

/* What seems to come later, but for `BACK`, is seven weeks old. */
static bool is_over(uint32_t time, int64_t now)
{
	return short_time(now) - time + BACK > LIFETIME + BACK;
}

static void expire(struct legs *l, int64_t now)
{
	struct print *print;

	while ((print = table_unused_near(&l->prints)) && (!print->n || is_over(print->time, now)) &&
		(!print->leg_n || is_over(print->leg_time, now)))
		table_remove(&l->prints, print);
}

static struct print *find(struct legs *l, uint64_t key, int64_t now)
{
	expire(l, now);
	return table_peek(&l->prints, key);
}

static void fill(struct print *print, const struct exchange *x, const struct attempt *a, const struct part *p)
{
	print->time = short_time(a->request.time);
	print->n = x->n;
	print->vias = vias_of(a->request.msg.via_count) & VIAS_MAX;
	print->ambiguous = false;
	print->client = client_of(a);
	print->target = a->request.dst;
	print->own = p->own;
	for (int i = 0; i < COMPARED; i++)
		print->hashes[i] = hash_of(p->values[i]);
}

/* ---- exchanges ---- */

static uint64_t about_request(uint64_t same)
{
	return hash_mix(same, 64);
}

void legs_foresee(const struct legs *l, uint64_t same)
{
	table_foresee(&l->prints, about_request(same));
}

bool legs_further(struct legs *l, uint64_t same, const struct first_leg *leg, struct first_leg *first)
{
	struct print *print = find(l, about_request(same), leg->time);
	uint8_t vias = vias_of(leg->via_count);

	if (!print)
		print = table_add(&l->prints, about_request(same));
	if (print->leg_n && !is_over(print->leg_time, leg->time) &&
		(print->leg_vias != vias || print->leg_client != leg->client)) {
		first->n = print->leg_n;
		first->via_count = print->leg_vias;
		return true;
	}
	print->leg_time = short_time(leg->time);
	print->leg_n = leg->n;
	print->leg_client = leg->client;
	print->leg_vias = vias;
	return false;
}

/* ---- what is compared ---- */

static const struct params *in_request(const struct attempt *a, const struct params *p)
{
	for (unsigned i = 0; i < a->credential_count; i++)
		if (slice_eq(a->credentials[i].response, params_value(p, PARAM_RESPONSE)))
			return &a->credentials[i].params;
	return NULL;
}

static const struct params *in_response(const struct response *r, const struct params *p)
{
	for (unsigned i = 0; r && i < r->challenge_count; i++)
		if (slice_eq(r->challenges[i].nonce, params_value(p, PARAM_NONCE)) &&
			slice_eq(r->challenges[i].algorithm_name, params_value(p, PARAM_ALGORITHM)))
			return &r->challenges[i].params;
	return NULL;
}

/* What the first leg had in place of `p`; NULL: its exchange is closed. */
static const struct params *of_first_leg(
	const struct live *l, const struct attempt *like, const struct params *p, bool response)
{
	const struct params *found = NULL;

	for (const struct attempt *a = l ? l->x.attempts : NULL; a && !found; a = a->next)
		if (a->request.msg.cseq == like->request.msg.cseq)
			found = response ? in_response(a->final, p) : in_request(a, p);
	return found;
}

static void altered(struct exchange *x, const struct print *print, const struct attempt *a,
	const struct response *r, const char *param, struct slice was, struct slice is)
{
	struct alteration *al;

	if (x->altered)
		return;
	x->altered = al = arena_take(&x->arena, sizeof(*al));
	*al = (struct alteration){.param = param,
		.was = arena_copy(&x->arena, slice_head(was, TEXT_MAX)),
		.is = is,
		.before = print->target,
		.attempt = a,
		.response = r};
}

static void compare(const struct tracker *t, struct exchange *x, const struct print *print,
	const struct attempt *a, const struct response *r, const struct part *p)
{
	const struct params *first = NULL;

	for (int i = 0; i < COMPARED; i++) {
		if (print->hashes[i] == hash_of(p->values[i]))
			continue;
		first = of_first_leg(chain_numbered(t, print->n), a, p->params, r != NULL);
		altered(x, print, a, r, param_name(compared[i]),
			first ? params_value(first, compared[i]) : SLICE_ABSENT, p->values[i]);
	}
	if (print->own != p->own)
		altered(x, print, a, r, "nonce", SLICE_ABSENT, p->nonce);
}

/* The same leg again (a fork, a retry) says nothing; another hop is compared. */
static void look_at(const struct tracker *t, struct print *print, struct exchange *x, const struct attempt *a,
	const struct response *r, const struct part *p)
{
	if (print->n == x->n)
		print->ambiguous = true;
	else if (!print->ambiguous &&
		(print->vias != vias_of(a->request.msg.via_count) || print->client != client_of(a)))
		compare(t, x, print, a, r, p);
}

static void look(const struct tracker *t, uint64_t key, struct exchange *x, const struct attempt *a,
	const struct response *r, const struct part *p)
{
	struct print *print = find(t->legs, key, a->request.time);

	if (print && !is_over(print->time, a->request.time))
		look_at(t, print, x, a, r, p);
	else
		fill(print ? print : table_add(&t->legs->prints, key), x, a, p);
}

/* Two servers may issue the same nonce in one second; the response is its own. */
static uint64_t about_credential_of(uint64_t same, const struct credential *k)
{
	return hash_mix(k->response_hash, same + (uint64_t)k->kind + 1);
}

void legs_foresee_credential(const struct legs *l, uint64_t same, const struct credential *k)
{
	table_foresee(&l->prints, about_credential_of(same, k));
}

void legs_request(struct tracker *t, struct exchange *x, const struct attempt *a)
{
	for (unsigned i = 0; i < a->credential_count; i++) {
		const struct credential *k = &a->credentials[i];
		struct part part;

		if (!k->digest || k->placeholder || !k->response.n)
			continue;
		part = part_of_credential(k);
		look(t, about_credential_of(a->same, k), x, a, NULL, &part);
	}
}

/* Several algorithms may share one nonce. */
static uint64_t about_challenge(const struct attempt *a, const struct challenge *c)
{
	return hash_mix(c->nonce_hash, slice_hash(c->algorithm_name, a->same + (uint64_t)c->kind + 32));
}

/* The first challenge is kept with the request. */
static struct print *print_of_request(struct legs *l, const struct attempt *a, const struct response *r)
{
	struct print *print = find(l, about_request(a->same), a->request.time);

	if (!print && r->challenge_count)
		print = table_add(&l->prints, about_request(a->same));
	else if (print && is_over(print->time, a->request.time))
		print->n = 0;
	return print;
}

void legs_response(
	struct tracker *t, struct exchange *x, const struct attempt *a, const struct response *r)
{
	bool refused = r->status == 401 || r->status == 407;
	struct print *first = refused ? print_of_request(t->legs, a, r) : NULL;

	/* a response that has its challenge on one leg and lost it on the next */
	if (first && !r->challenge_count && first->n && first->n != x->n)
		x->challenge_stripped = true;
	for (unsigned i = 0; i < r->challenge_count; i++) {
		const struct challenge *c = &r->challenges[i];
		uint64_t key = c->digest && c->nonce.n ? about_challenge(a, c) : 0;
		struct part part = part_of_challenge(c, key);

		if (first && !first->n)
			fill(first, x, a, &part);
		else if (key && first && first->own == part.own)
			look_at(t, first, x, a, r, &part);
		else if (key)
			look(t, key, x, a, r, &part);
	}
}

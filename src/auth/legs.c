#include "auth/engine.h"

#include <stdlib.h>

#include "base/err.h"

#define LIFETIME INT64_C(64000000000) /* ns */

enum { TEXT_MAX = 47 /* bytes of a value that are told */ };

/* What must arrive as it was sent (RFC 2617 3.3, RFC 7616 3.6). */
enum { COMPARED = 4 };
static const enum param_id compared[COMPARED] = {PARAM_REALM, PARAM_OPAQUE, PARAM_URI, PARAM_QOP};

/* Values are kept as hashes: while the exchange is open, they are looked up there. */
struct print {
	struct table_node node;
	int64_t time;
	uint32_t n;
	uint16_t via_count;
	bool ambiguous;   /* another one of this leg has the same key */
	struct address target;
	uint32_t client;  /* hash of its address */
	uint32_t which;   /* of the first challenge to a request: its own key */
	uint32_t hashes[COMPARED];
	uint32_t nonce;
};

/* A challenge, or credentials. */
struct part {
	const struct params *params;
	struct slice values[COMPARED];
	struct slice nonce;
	uint32_t nonce_hash;
};

struct legs {
	struct table prints;
};

struct legs *legs_new(size_t limit)
{
	struct legs *l = xcalloc(1, sizeof(*l));

	table_init(&l->prints, sizeof(struct print), limit);
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

static uint32_t hash_of(struct slice value)
{
	return (uint32_t)slice_hash(value, 0);
}

static struct part part_of_credential(const struct credential *k)
{
	return (struct part){&k->params, {k->realm, k->opaque, k->uri, k->qop}, k->nonce, (uint32_t)k->nonce_hash};
}

static struct part part_of_challenge(const struct challenge *c)
{
	return (struct part){&c->params, {c->realm, c->opaque, params_value(&c->params, PARAM_URI), c->qop},
		c->nonce, (uint32_t)c->nonce_hash};
}

static struct print *remember(struct legs *l, uint64_t key, const struct exchange *x,
	const struct attempt *a, const struct part *p)
{
	struct print *print = table_add(&l->prints, key);

	print->time = a->request.time;
	print->n = x->n;
	print->via_count = (uint16_t)a->request.msg.via_count;
	print->client = (uint32_t)address_ip_hash(&a->request.src, 0);
	print->target = a->request.dst;
	print->nonce = p->nonce_hash;
	for (int i = 0; i < COMPARED; i++)
		print->hashes[i] = hash_of(p->values[i]);
	return print;
}

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
	if (x->altered.param)
		return;
	x->altered.param = param;
	x->altered.was = arena_copy(&x->arena, slice_head(was, TEXT_MAX));
	x->altered.is = is;
	x->altered.before = print->target;
	x->altered.attempt = a;
	x->altered.response = r;
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
	if (print->nonce != p->nonce_hash)
		altered(x, print, a, r, "nonce", SLICE_ABSENT, p->nonce);
}

/* The same leg again (a fork, a retry) says nothing; another hop is compared. */
static void look_at(const struct tracker *t, struct print *print, struct exchange *x, const struct attempt *a,
	const struct response *r, const struct part *p)
{
	if (print->n == x->n)
		print->ambiguous = true;
	else if (!print->ambiguous &&
		(print->via_count != (uint16_t)a->request.msg.via_count ||
			print->client != (uint32_t)address_ip_hash(&a->request.src, 0)))
		compare(t, x, print, a, r, p);
}

static void look(const struct tracker *t, uint64_t key, struct exchange *x, const struct attempt *a,
	const struct response *r, const struct part *p)
{
	struct print *print = table_peek(&t->legs->prints, key);

	if (print)
		look_at(t, print, x, a, r, p);
	else
		remember(t->legs, key, x, a, p);
}

static void expire(struct legs *l, int64_t now)
{
	struct print *print;

	while ((print = table_unused(&l->prints)) && print->time < now - LIFETIME)
		table_remove(&l->prints, print);
}

void legs_request(struct tracker *t, struct exchange *x, const struct attempt *a)
{
	for (unsigned i = 0; i < a->credential_count; i++) {
		const struct credential *k = &a->credentials[i];
		struct part part;

		/* two servers may issue the same nonce in one second; the response is its own */
		if (!k->digest || k->placeholder || !k->response.n)
			continue;
		expire(t->legs, a->request.time);
		part = part_of_credential(k);
		look(t, slice_hash(k->response, a->same + (uint64_t)k->kind + 1), x, a, NULL, &part);
	}
}

/* The challenges to the request; the first one is kept there. */
static uint64_t about_challenges(const struct attempt *a)
{
	return hash_mix(a->same, 64);
}

void legs_foresee(const struct legs *l, const struct attempt *a)
{
	table_foresee(&l->prints, about_challenges(a));
}

/* Several algorithms may share one nonce. */
static uint64_t about_challenge(const struct attempt *a, const struct challenge *c)
{
	return hash_mix(c->nonce_hash, slice_hash(c->algorithm_name, a->same + (uint64_t)c->kind + 32));
}

void legs_response(
	struct tracker *t, struct exchange *x, const struct attempt *a, const struct response *r)
{
	struct print *first = NULL;

	if (r->challenge_count)
		expire(t->legs, a->request.time);
	if (r->status == 401 || r->status == 407)
		first = table_peek(&t->legs->prints, about_challenges(a));
	/* a response that has its challenge on one leg and lost it on the next */
	if (first && !r->challenge_count && first->n != x->n)
		x->challenge_stripped = true;
	for (unsigned i = 0; i < r->challenge_count; i++) {
		const struct challenge *c = &r->challenges[i];
		struct part part = part_of_challenge(c);
		uint64_t key = c->digest && c->nonce.n ? about_challenge(a, c) : 0;

		if (!first && i == 0 && (r->status == 401 || r->status == 407)) {
			first = remember(t->legs, about_challenges(a), x, a, &part);
			first->which = (uint32_t)key;
		} else if (key && first && first->which == (uint32_t)key) {
			look_at(t, first, x, a, r, &part);
		} else if (key) {
			look(t, key, x, a, r, &part);
		}
	}
}

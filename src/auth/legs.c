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
	bool ambiguous; /* another one of this leg has the same key */
	struct address target;
	uint32_t client; /* hash of its address */
	uint32_t hashes[COMPARED];
	uint32_t nonce;
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

static void remember(struct legs *l, uint64_t key, const struct exchange *x,
	const struct attempt *a, const struct params *p, struct slice nonce)
{
	struct print *print = table_add(&l->prints, key);

	print->time = a->request.time;
	print->n = x->n;
	print->via_count = (uint16_t)a->request.msg.via_count;
	print->client = (uint32_t)address_ip_hash(&a->request.src, 0);
	print->target = a->request.dst;
	print->nonce = hash_of(nonce);
	for (int i = 0; i < COMPARED; i++)
		print->hashes[i] = hash_of(params_value(p, compared[i]));
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
	const struct attempt *a, const struct response *r, const struct params *p,
	struct slice nonce)
{
	const struct params *first = NULL;

	for (int i = 0; i < COMPARED; i++) {
		struct slice value = params_value(p, compared[i]);

		if (print->hashes[i] == hash_of(value))
			continue;
		first = of_first_leg(chain_numbered(t, print->n), a, p, r != NULL);
		altered(x, print, a, r, param_name(compared[i]),
			first ? params_value(first, compared[i]) : SLICE_ABSENT, value);
	}
	if (print->nonce != hash_of(nonce))
		altered(x, print, a, r, "nonce", SLICE_ABSENT, nonce);
}

/* The same leg again (a fork, a retry) says nothing; another hop is compared. */
static void look(struct tracker *t, uint64_t key, struct exchange *x, const struct attempt *a,
	const struct response *r, const struct params *p, struct slice nonce)
{
	struct legs *l = t->legs;
	struct print *print;

	while ((print = table_unused(&l->prints)) && print->time < a->request.time - LIFETIME)
		table_remove(&l->prints, print);
	print = table_peek(&l->prints, key);
	if (!print)
		remember(l, key, x, a, p, nonce);
	else if (print->n == x->n)
		print->ambiguous = true;
	else if (!print->ambiguous &&
		(print->via_count != (uint16_t)a->request.msg.via_count ||
			print->client != (uint32_t)address_ip_hash(&a->request.src, 0)))
		compare(t, x, print, a, r, p, nonce);
}

void legs_request(struct tracker *t, struct exchange *x, const struct attempt *a)
{
	for (unsigned i = 0; i < a->credential_count; i++) {
		const struct credential *k = &a->credentials[i];
		uint64_t key = a->same + (uint64_t)k->kind + 1;

		if (!k->digest || k->placeholder)
			continue;
		/* two servers may issue the same nonce in one second; the response is its own */
		if (k->response.n)
			look(t, slice_hash(k->response, key), x, a, NULL, &k->params, k->nonce);
	}
}

/* Any challenge to the request. */
static uint64_t about_challenge(const struct attempt *a)
{
	return hash_mix(a->same, 64);
}

void legs_foresee(const struct legs *l, const struct attempt *a)
{
	table_foresee(&l->prints, about_challenge(a));
}

/* A response that has its challenge on one leg and lost it on the next. */
static void look_for_stripping(
	struct legs *l, struct exchange *x, const struct attempt *a, const struct response *r)
{
	uint64_t key = about_challenge(a);
	const struct print *print = table_peek(&l->prints, key);

	if (r->challenge_count && !print)
		remember(l, key, x, a, &r->challenges[0].params, r->challenges[0].nonce);
	else if (!r->challenge_count && print && print->n != x->n)
		x->challenge_stripped = true;
}

void legs_response(
	struct tracker *t, struct exchange *x, const struct attempt *a, const struct response *r)
{
	if (r->status == 401 || r->status == 407)
		look_for_stripping(t->legs, x, a, r);
	for (unsigned i = 0; i < r->challenge_count; i++) {
		const struct challenge *c = &r->challenges[i];
		uint64_t key = a->same + (uint64_t)c->kind + 32;

		/* several algorithms may share one nonce */
		if (c->digest && c->nonce.n)
			look(t, hash_mix(c->nonce_hash, slice_hash(c->algorithm_name, key)), x, a, r,
				&c->params, c->nonce);
	}
}

#include "auth/legs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/lru.h"

#define LIFETIME INT64_C(64000000000) /* ns */

enum { PRINTS_MAX = 65536, TEXT_MAX = 48 };

/* What must arrive as it was sent (RFC 2617 3.3, RFC 7616 3.6). */
enum { COMPARED = 4 };
static const enum param_id compared[COMPARED] = {PARAM_REALM, PARAM_OPAQUE, PARAM_URI, PARAM_QOP};

struct print {
	struct lru_node node;
	int64_t time;
	uint32_t n;
	unsigned via_count;
	bool ambiguous; /* another one of this leg has the same key */
	struct address client, target;
	uint64_t hashes[COMPARED];
	uint64_t nonce;
	char texts[COMPARED][TEXT_MAX];
};

struct legs {
	struct lru prints;
};

static void drop(struct lru_node *node)
{
	free(node);
}

struct legs *legs_new(void)
{
	struct legs *l = xcalloc(1, sizeof(*l));

	lru_init(&l->prints, PRINTS_MAX, drop);
	return l;
}

void legs_free(struct legs *l)
{
	if (!l)
		return;
	lru_free(&l->prints);
	free(l);
}

static uint64_t request_key(const struct attempt *a)
{
	const struct message *m = &a->request.msg;

	return slice_hash(m->call_id,
		slice_hash(m->from_tag, slice_hash(m->method_name, (uint64_t)m->cseq + 1)));
}

static void remember(struct legs *l, uint64_t key, const struct exchange *x,
	const struct attempt *a, const struct params *p, struct slice nonce)
{
	struct print *print = xcalloc(1, sizeof(*print));

	print->time = a->request.time;
	print->n = x->n;
	print->via_count = a->request.msg.via_count;
	print->client = a->request.src;
	print->target = a->request.dst;
	print->nonce = slice_hash(nonce, 0);
	for (int i = 0; i < COMPARED; i++) {
		struct slice value = params_value(p, compared[i]);

		print->hashes[i] = slice_hash(value, 0);
		snprintf(print->texts[i], TEXT_MAX, "%.*s", SLICE_ARG(value));
	}
	lru_add(&l->prints, key, &print->node);
}

static void altered(struct exchange *x, const struct print *print, const struct attempt *a,
	const struct response *r, const char *param, struct slice was, struct slice is)
{
	if (x->altered.param)
		return;
	x->altered.param = param;
	x->altered.was = arena_copy(&x->arena, was);
	x->altered.is = is;
	x->altered.before = print->target;
	x->altered.attempt = a;
	x->altered.response = r;
}

static void compare(struct exchange *x, const struct print *print, const struct attempt *a,
	const struct response *r, const struct params *p, struct slice nonce)
{
	for (int i = 0; i < COMPARED; i++) {
		struct slice value = params_value(p, compared[i]);

		if (print->hashes[i] != slice_hash(value, 0))
			altered(x, print, a, r, param_name(compared[i]), slice_of(print->texts[i]),
				value);
	}
	if (print->nonce != slice_hash(nonce, 0))
		altered(x, print, a, r, "nonce", SLICE_ABSENT, nonce);
}

/* The same leg again (a fork, a retry) says nothing; another hop is compared. */
static void look(struct legs *l, uint64_t key, struct exchange *x, const struct attempt *a,
	const struct response *r, const struct params *p, struct slice nonce)
{
	struct print *print;

	while (l->prints.oldest &&
		((struct print *)l->prints.oldest)->time < a->request.time - LIFETIME)
		lru_remove(&l->prints, l->prints.oldest);
	print = map_get(&l->prints.map, key);
	if (!print)
		remember(l, key, x, a, p, nonce);
	else if (print->n == x->n)
		print->ambiguous = true;
	else if (!print->ambiguous &&
		(print->via_count != a->request.msg.via_count ||
			!address_same_ip(&print->client, &a->request.src)))
		compare(x, print, a, r, p, nonce);
}

void legs_request(struct legs *l, struct exchange *x, const struct attempt *a)
{
	for (unsigned i = 0; i < a->credential_count; i++) {
		const struct credential *k = &a->credentials[i];
		uint64_t key = request_key(a) + (uint64_t)k->kind + 1;

		if (!k->digest || k->placeholder)
			continue;
		/* two servers may issue the same nonce in one second; the response is its own */
		if (k->response.n)
			look(l, slice_hash(k->response, key), x, a, NULL, &k->params, k->nonce);
	}
}

/* A response that has its challenge on one leg and lost it on the next. */
static void look_for_stripping(
	struct legs *l, struct exchange *x, const struct attempt *a, const struct response *r)
{
	uint64_t key = request_key(a) + 64;
	const struct print *print = map_get(&l->prints.map, key);

	if (r->challenge_count && !print)
		remember(l, key, x, a, &r->challenges[0].params, r->challenges[0].nonce);
	else if (!r->challenge_count && print && print->n != x->n)
		x->challenge_stripped = true;
}

void legs_response(
	struct legs *l, struct exchange *x, const struct attempt *a, const struct response *r)
{
	if (r->status == 401 || r->status == 407)
		look_for_stripping(l, x, a, r);
	for (unsigned i = 0; i < r->challenge_count; i++) {
		const struct challenge *c = &r->challenges[i];
		uint64_t key = request_key(a) + (uint64_t)c->kind + 32;

		/* several algorithms may share one nonce */
		if (c->digest && c->nonce.n)
			look(l, slice_hash(c->nonce, slice_hash(c->algorithm_name, key)), x, a, r,
				&c->params, c->nonce);
	}
}

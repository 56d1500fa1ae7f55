/* The members "servers" and "accounts" of the summary. */
#include "report/json.h"

#include <stdlib.h>

#include "base/err.h"

enum { ACCOUNTS_SHOWN = 100 };

static const char *algorithm_name(unsigned i)
{
	return i == ALGORITHM_UNKNOWN ? "unknown" : algorithm_info((enum algorithm)i)->name;
}

static const char *qop_name(unsigned i)
{
	return advice_qop_name((enum advice_qop)i);
}

/* Name -> exchanges. */
static void counts(struct json *j, const char *key, const uint64_t *list, unsigned n,
	const char *(*name)(unsigned i))
{
	json_object(j, key);
	for (unsigned i = 0; i < n; i++)
		if (list[i])
			json_uint(j, name(i), list[i]);
	json_end(j);
}

static void offers(struct json *j, const struct advice_server *s)
{
	json_object(j, "algorithms");
	counts(j, "offered", s->offered, ALGORITHM_UNKNOWN + 1, algorithm_name);
	counts(j, "used", s->used, ALGORITHM_UNKNOWN + 1, algorithm_name);
	json_end(j);
	json_object(j, "qop");
	counts(j, "offered", s->qop_offered, ADVICE_QOP_COUNT, qop_name);
	counts(j, "used", s->qop_used, ADVICE_QOP_COUNT, qop_name);
	json_end(j);
}

static void nonces(struct json *j, const struct advice_nonces *n)
{
	json_object(j, "nonces");
	if (n->at_least)
		json_ms(j, "at_least_ms", n->at_least);
	if (n->at_most)
		json_ms(j, "at_most_ms", n->at_most);
	json_uint(j, "old_with_stale", n->flagged);
	json_uint(j, "old_without_stale", n->unflagged);
	json_uint(j, "reuse_accepted", n->reuse_accepted);
	json_uint(j, "reuse_refused", n->reuse_refused);
	json_end(j);
}

static void steps(struct json *j, const char *key, const uint32_t *list, unsigned n)
{
	json_array(j, key);
	for (unsigned i = 0; i < n; i++)
		json_uint(j, NULL, list[i]);
	json_end(j);
}

static void over_time(struct json *j, const struct rate *rate)
{
	json_object(j, "over_time");
	json_time(j, "first", rate_time(rate, 0));
	json_ms(j, "step_ms", rate->step);
	steps(j, "exchanges", rate->total, rate->used);
	steps(j, "failed", rate->failed, rate->used);
	json_end(j);
}

void json_servers(struct json *j, const struct advice *a)
{
	json_array(j, "servers");
	for (size_t i = 0; a && i < a->count; i++) {
		const struct advice_server *s = &a->servers[i];

		json_object(j, NULL);
		json_address(j, "address", &s->address);
		json_string(j, "server", s->server);
		json_uint(j, "exchanges", s->exchanges);
		json_uint(j, "failed", s->failed);
		offers(j, s);
		nonces(j, &s->nonces);
		over_time(j, &s->rate);
		json_end(j);
	}
	json_end(j);
}

static void time_of(struct json *j, const char *key, int64_t time)
{
	if (time)
		json_time(j, key, time);
}

static void account(struct json *j, const struct account *a)
{
	const struct finding_kind *cause = finding_kind(a->last_cause);

	json_object(j, NULL);
	json_slice(j, "user", a->user);
	json_slice(j, "realm", a->realm);
	json_address(j, "server", &a->server);
	json_array(j, "addresses");
	for (uint32_t i = 0; i < a->address_count && i < ACCOUNT_ADDRESSES_MAX; i++)
		json_ip(j, NULL, &a->addresses[i]);
	json_end(j);
	json_uint(j, "addresses_total", a->address_count);
	json_slice(j, "user_agent", a->user_agent);
	json_uint(j, "accepted", a->accepted);
	json_uint(j, "refused", a->refused);
	json_uint(j, "unanswered", a->unanswered);
	if (cause)
		json_string(j, "last_cause", cause->id);
	time_of(j, "last_accepted", a->last_accepted);
	time_of(j, "last_refused", a->last_refused);
	time_of(j, "offline_since", a->offline_since);
	json_uint(j, "last_exchange", a->last_exchange);
	json_end(j);
}

void json_accounts(struct json *j, const struct accounts *a)
{
	const struct account *worst[ACCOUNTS_SHOWN];
	size_t n = a && accounts_count(a) ? accounts_worst(a, worst, ACCOUNTS_SHOWN) : 0;

	json_array(j, "accounts");
	for (size_t i = 0; i < n; i++)
		account(j, worst[i]);
	json_end(j);
	json_uint(j, "accounts_total", a ? accounts_count(a) : 0);
}

#include "cmd_meter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/lru.h"
#include "digest/params.h"
#include "sip/message.h"

#define SECOND INT64_C(1000000000)

enum {
	REQUESTS_MAX = 65536,
	COUNTERS_MAX = 4096,
	SHOWN = 10,
	NAME_SIZE = 160,
};

/* A request, until it is answered. */
struct request {
	struct lru_node node;
	bool credentials, answered;
	uint64_t account;    /* hash of user and realm */
	char name[NAME_SIZE];
};

/* A server, or an account of a server, in this interval. */
struct counter {
	struct lru_node node;
	bool is_account;
	uint64_t challenges, refusals;
	char name[NAME_SIZE + ADDRESS_TEXT];
};

struct meter {
	int64_t interval, start, now;
	unsigned alert;
	bool print, alerted;
	struct lru requests, counters;
	struct auth_field auth[MESSAGE_AUTH_MAX];
	struct arena arena;
};

static void drop(struct lru_node *node)
{
	free(node);
}

struct meter *meter_new(unsigned seconds, unsigned alert, bool print)
{
	struct meter *w = xcalloc(1, sizeof(*w));

	w->interval = seconds * SECOND;
	w->alert = alert;
	w->print = print;
	lru_init(&w->requests, REQUESTS_MAX, drop);
	lru_init(&w->counters, COUNTERS_MAX, drop);
	return w;
}

void meter_free(struct meter *w)
{
	if (!w)
		return;
	lru_free(&w->requests);
	lru_free(&w->counters);
	arena_free(&w->arena);
	free(w);
}

bool meter_alerted(const struct meter *w)
{
	return w->alerted;
}

/* ---- counting ---- */

static uint64_t key_of(const struct message *m)
{
	return slice_hash(m->call_id, slice_hash(m->branch, m->cseq));
}

/* Who it is from its first credentials. */
static void set_account(struct meter *w, struct request *r, const struct message *m)
{
	for (unsigned i = 0; i < m->auth_count && !r->credentials; i++) {
		struct params p;
		struct buf name = {0};
		struct slice user, realm;

		if (m->auth[i].kind != AUTH_AUTHORIZATION && m->auth[i].kind != AUTH_PROXY_AUTHORIZATION)
			continue;
		arena_free(&w->arena);
		if (!params_scan(m->auth[i].value, &w->arena, &p, 1))
			continue;
		user = params_value(&p, PARAM_USERNAME);
		realm = params_value(&p, PARAM_REALM);
		/* placeholders of IMS phones are none */
		if (!params_value(&p, PARAM_RESPONSE).n)
			continue;
		r->credentials = true;
		r->account = slice_hash(user, slice_hash(realm, 1));
		buf_add_printable(&name, slice_head(user, 64));
		buf_adds(&name, " (realm ");
		buf_add_printable(&name, slice_head(realm, 64));
		buf_addc(&name, ')');
		snprintf(r->name, sizeof(r->name), "%s", buf_string(&name));
		buf_free(&name);
	}
}

static void note_request(struct meter *w, const struct message *m)
{
	uint64_t key = key_of(m);
	struct request *r;

	if (m->method == METHOD_ACK || m->method == METHOD_CANCEL || lru_get(&w->requests, key))
		return;
	r = xcalloc(1, sizeof(*r));
	set_account(w, r, m);
	lru_add(&w->requests, key, &r->node);
}

static struct counter *counter_for(struct meter *w, uint64_t key, bool is_account, const struct address *server,
	const char *account)
{
	struct counter *c = (struct counter *)lru_get(&w->counters, key);
	char address[ADDRESS_TEXT];

	if (c)
		return c;
	c = xcalloc(1, sizeof(*c));
	c->is_account = is_account;
	address_format(server, address);
	if (is_account)
		snprintf(c->name, sizeof(c->name), "account %s at %s", account, address);
	else
		snprintf(c->name, sizeof(c->name), "server %s", address);
	lru_add(&w->counters, key, &c->node);
	return c;
}

static void count(struct meter *w, const struct datagram *d, const struct request *r)
{
	uint64_t server = address_hash(&d->src, 7);
	struct counter *c = counter_for(w, server, false, &d->src, NULL);

	*(r->credentials ? &c->refusals : &c->challenges) += 1;
	if (!r->credentials)
		return;
	c = counter_for(w, hash_mix(server, r->account), true, &d->src, r->name);
	c->refusals++;
}

static void note_response(struct meter *w, const struct message *m, const struct datagram *d)
{
	struct request *r = (struct request *)lru_get(&w->requests, key_of(m));

	/* copies count once */
	if (!r || r->answered || m->status < 200)
		return;
	r->answered = true;
	if (m->status == 401 || m->status == 407 || (m->status == 403 && r->credentials))
		count(w, d, r);
}

void meter_message(struct meter *w, const struct datagram *d)
{
	struct message m;

	if (!message_scan(d->bytes, &m, w->auth))
		return;
	if (m.request)
		note_request(w, &m);
	else
		note_response(w, &m, d);
}

/* ---- the end of an interval ---- */

static int by_refusals(const void *a, const void *b)
{
	const struct counter *x = *(const struct counter *const *)a, *y = *(const struct counter *const *)b;

	if (x->is_account != y->is_account)
		return x->is_account - y->is_account;
	if (x->refusals != y->refusals)
		return x->refusals < y->refusals ? 1 : -1;
	return x->challenges < y->challenges ? 1 : x->challenges > y->challenges ? -1 : strcmp(x->name, y->name);
}

static double per_minute(uint64_t n, int64_t interval)
{
	return (double)n * 60 * (double)SECOND / (double)interval;
}

static void show(struct meter *w, const struct counter *c, const char *time, int64_t interval)
{
	double rate = per_minute(c->refusals, interval);
	bool alert = w->alert && c->refusals && rate >= w->alert;

	w->alerted |= alert;
	if (alert || w->print)
		err_line("%s%s %s: %llu challenges, %llu refusals (%.1f a minute)", alert ? "ALERT " : "", time,
			c->name, (unsigned long long)c->challenges, (unsigned long long)c->refusals, rate);
}

static void end_interval(struct meter *w, int64_t end)
{
	size_t n = w->counters.map.count, i = 0, shown[2] = {0, 0};
	struct counter **all = xcalloc(n + 1, sizeof(*all));
	int64_t interval = end - w->start > 0 ? end - w->start : 1;
	time_t seconds = (time_t)(end / SECOND);
	char time[32] = "";
	struct tm utc;

	if (gmtime_r(&seconds, &utc))
		strftime(time, sizeof(time), "%Y-%m-%dT%H:%M:%SZ", &utc);
	for (struct lru_node *node = w->counters.newest; node; node = node->older)
		all[i++] = (struct counter *)node;
	qsort(all, n, sizeof(*all), by_refusals);
	for (i = 0; i < n; i++)
		if (shown[all[i]->is_account]++ < SHOWN)
			show(w, all[i], time, interval);
	if (w->print && !n)
		err_line("%s nothing was challenged or refused", time);
	free(all);
	lru_free(&w->counters);
	lru_init(&w->counters, COUNTERS_MAX, drop);
}

void meter_time(struct meter *w, int64_t now)
{
	if (!w->start)
		w->start = now;
	if (now > w->now)
		w->now = now;
	if (w->now < w->start + w->interval)
		return;
	end_interval(w, w->start + w->interval);
	w->start += w->interval;
	/* nothing is said of intervals in which no packet came */
	if (w->now >= w->start + w->interval)
		w->start += (w->now - w->start) / w->interval * w->interval;
}

void meter_finish(struct meter *w)
{
	/* a rate needs time: what is left of an interval counts as a whole one */
	if (w->start)
		end_interval(w, w->start + w->interval);
}

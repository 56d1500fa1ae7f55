#include "auth/advice.h"

#include <stdlib.h>
#include <string.h>

#include "auth/advice_learn.h"
#include "auth/advice_mode.h"
#include "auth/profile.h"
#include "base/err.h"
#include "base/map.h"

enum { NAME_BYTES = 255 };

/* What the outside sees of it comes first. */
struct book {
	struct advice advice;
	struct map by_address; /* index + 1 */
	size_t size;
	size_t endpoints;      /* of all servers */
};

struct advice *advice_new(void)
{
	struct book *book = xcalloc(1, sizeof(*book));

	return &book->advice;
}

static struct book *book_of(struct advice *a)
{
	return (struct book *)a;
}

static void server_free(struct advice_server *s)
{
	for (size_t i = 0; i < s->endpoint_count; i++)
		free(s->endpoints[i].user_agent);
	free(s->endpoints);
	free(s->server);
	free(s->reason);
}

void advice_free(struct advice *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->count; i++)
		server_free(&a->servers[i]);
	free(a->servers);
	map_free(&book_of(a)->by_address);
	free(book_of(a));
}

/* What is kept of a name: a string, "" if there is none. */
static struct slice name_of(struct slice s)
{
	s = slice_head(s, NAME_BYTES);
	return s.n ? slice_head(s, slice_find(s, '\0')) : SLICE("");
}

static char *copy_name(struct slice name)
{
	struct slice s = name_of(name);
	char *text = xmalloc(s.n + 1);

	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return text;
}

/* The key of this address in the map, and the server if it is there. */
static uint64_t find_key(
	const struct book *b, const struct address *address, struct advice_server **found)
{
	uint64_t key = address_hash(address, 0);
	uintptr_t place;

	*found = NULL;
	while ((place = (uintptr_t)map_get(&b->by_address, key)) != 0) {
		struct advice_server *s = &b->advice.servers[place - 1];

		if (address_eq(&s->address, address)) {
			*found = s;
			break;
		}
		key = hash_mix(key, 1);
	}
	return key;
}

static struct advice_server *server_at(struct book *b, const struct address *address)
{
	struct advice *a = &b->advice;
	struct advice_server *s;
	uint64_t key = find_key(b, address, &s);

	if (s)
		return s;
	if (a->count == ADVICE_SERVERS_MAX) {
		a->dropped++;
		return NULL;
	}
	if (a->count == b->size) {
		b->size = b->size ? b->size * 2 : 8;
		a->servers = xrealloc(a->servers, b->size * sizeof(*a->servers));
	}
	s = &a->servers[a->count++];
	*s = (struct advice_server){.address = *address, .server = copy_name(SLICE_ABSENT)};
	map_put(&b->by_address, key, (void *)(uintptr_t)a->count);
	return s;
}

static bool is_called(const struct advice_endpoint *e, struct slice name)
{
	return strncmp(e->user_agent, name.p, name.n) == 0 && !e->user_agent[name.n];
}

static struct advice_endpoint *endpoint_of(
	struct book *b, struct advice_server *s, struct slice user_agent)
{
	struct slice name = name_of(user_agent);
	struct advice_endpoint *e;

	for (size_t i = 0; i < s->endpoint_count; i++)
		if (is_called(&s->endpoints[i], name))
			return &s->endpoints[i];
	if (s->endpoint_count == ADVICE_ENDPOINTS_MAX || b->endpoints == ADVICE_ENDPOINTS_TOTAL) {
		s->endpoints_dropped++;
		return NULL;
	}
	b->endpoints++;
	if ((s->endpoint_count & (s->endpoint_count - 1)) == 0)
		s->endpoints = xrealloc(s->endpoints,
			(s->endpoint_count ? s->endpoint_count * 2 : 1) * sizeof(*s->endpoints));
	e = &s->endpoints[s->endpoint_count++];
	*e = (struct advice_endpoint){.user_agent = copy_name(name),
		.profile = profile_for_agent(name.p, name.n)};
	return e;
}

static void count_code(struct advice_codes *codes, unsigned code)
{
	unsigned i = 0;

	while (i < codes->n && codes->code[i] != code)
		i++;
	if (i == ADVICE_CODES_MAX)
		return;
	codes->n += i == codes->n;
	codes->code[i] = (uint16_t)code;
	codes->count[i]++;
}

static const struct response *first_challenge(const struct exchange *x)
{
	for (const struct attempt *a = x->attempts; a; a = a->next)
		if (learn_is_challenge(a->final))
			return a->final;
	return NULL;
}

static bool has_sequence(const struct exchange *x)
{
	bool user = false, proxy = false;

	for (unsigned i = 0; i < x->finding_count; i++)
		if (x->findings[i]->id == FINDING_DOUBLE_CHALLENGE_SEQUENCE)
			for (const struct attempt *a = x->attempts; a; a = a->next) {
				user = user || (a->final && a->final->status == 401);
				proxy = proxy || (a->final && a->final->status == 407);
			}
	return user && proxy;
}

void advice_note(struct advice *a, const struct exchange *x)
{
	const struct response *first = first_challenge(x);
	bool failed = outcome_failed(x->outcome) && x->cause;
	bool kinds[AUTH_KIND_COUNT];
	struct advice_server *s;
	struct advice_endpoint *e;

	if (!first || !(s = server_at(book_of(a), &x->target)))
		return;
	if (!*s->server && exchange_server(x).n) {
		free(s->server);
		s->server = copy_name(exchange_server(x));
	}
	learn_kinds(first, kinds);
	count_code(&s->by_method[x->method],
		first->status +
			(kinds[AUTH_KIND_USER] && kinds[AUTH_KIND_PROXY] ? ADVICE_BOTH : 0));
	s->in_sequence = s->in_sequence || has_sequence(x);
	s->exchanges++;
	s->failed += failed;
	learn_server(s, x, failed);
	e = endpoint_of(book_of(a), s, exchange_user_agent(x));
	if (!e)
		return;
	e->exchanges++;
	e->failed += failed;
	learn_endpoint(e, x);
}

static int by_weight(const void *a, const void *b)
{
	const struct advice_server *x = a, *y = b;
	int order;

	if (x->failed != y->failed)
		return x->failed < y->failed ? 1 : -1;
	if (x->exchanges != y->exchanges)
		return x->exchanges < y->exchanges ? 1 : -1;
	if (x->address.family != y->address.family)
		return x->address.family < y->address.family ? -1 : 1;
	order = memcmp(x->address.ip, y->address.ip, sizeof(x->address.ip));
	return order ? order : (int)x->address.port - (int)y->address.port;
}

static int endpoint_by_weight(const void *a, const void *b)
{
	const struct advice_endpoint *x = a, *y = b;

	if (x->exchanges != y->exchanges)
		return x->exchanges < y->exchanges ? 1 : -1;
	return strcmp(x->user_agent, y->user_agent);
}

static void index_again(struct book *b)
{
	map_free(&b->by_address);
	for (size_t i = 0; i < b->advice.count; i++) {
		struct advice_server *none;
		uint64_t key = find_key(b, &b->advice.servers[i].address, &none);

		map_put(&b->by_address, key, (void *)(uintptr_t)(i + 1));
	}
}

void advice_conclude(struct advice *a)
{
	for (size_t i = 0; i < a->count; i++) {
		struct advice_server *s = &a->servers[i];

		if (s->endpoint_count)
			qsort(s->endpoints, s->endpoint_count, sizeof(*s->endpoints),
				endpoint_by_weight);
		learn_conclude(s);
		advice_mode(s);
	}
	if (a->count)
		qsort(a->servers, a->count, sizeof(*a->servers), by_weight);
	index_again(book_of(a));
}

const struct advice_server *advice_server(const struct advice *a, const struct address *address)
{
	struct advice_server *s;

	/* what the outside sees comes first in the book */
	find_key((const struct book *)a, address, &s);
	return s;
}

#include "report/shown.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum {
	TAKEN_MAX = 8 << 20, /* bytes: 64 million exchanges; later ones count as taken */
	SEEN_MAX = 250000,
	NAME_MAX = 128       /* bytes of a user that the account table keeps */
};

bool report_selecting(const struct report *r)
{
	return r->options.selection && selection_active(r->options.selection);
}

void shown_free(struct report_shown *s)
{
	free(s->taken);
	map_free(&s->seen);
}

static void take(struct report_shown *s, uint32_t n)
{
	size_t at = n / 8;

	if (at >= TAKEN_MAX)
		return;
	if (at >= s->size) {
		size_t size = at * 2 + 64;

		s->taken = xrealloc(s->taken, size);
		memset(s->taken + s->size, 0, size - s->size);
		s->size = size;
	}
	s->taken[at] |= (uint8_t)(1u << n % 8);
}

static bool taken(const struct report_shown *s, uint32_t n)
{
	size_t at = n / 8;

	return at >= TAKEN_MAX || (at < s->size && s->taken[at] >> n % 8 & 1);
}

static uint64_t server_key(const struct address *server)
{
	return hash_mix(address_hash(server, 0), 1);
}

static uint64_t account_key(const struct address *server, struct slice user)
{
	return slice_hash(slice_head(user, NAME_MAX), address_ip_hash(server, 2));
}

static void see(struct report_shown *s, uint64_t key)
{
	if (s->seen.count < SEEN_MAX)
		map_put(&s->seen, key, s);
}

bool report_shows_server(const struct report *r, const struct address *server)
{
	return !report_selecting(r) || map_get(&r->shown.seen, server_key(server));
}

bool report_shows_account(const struct report *r, const struct account *a)
{
	return !report_selecting(r) ||
		map_get(&r->shown.seen, account_key(&a->server, a->user));
}

bool shown_exchange(struct report *r, const struct exchange *x)
{
	struct report_shown *s = &r->shown;

	if (report_selecting(r)) {
		if (!selection_takes(r->options.selection, x))
			return false;
		take(s, x->n);
		if (!selection_shows(r->options.selection, x))
			return false;
		see(s, server_key(&x->target));
		see(s, account_key(&x->target, exchange_user(x)));
	}
	s->exchanges += !x->leg_of;
	s->failed += !x->leg_of && report_failed(x);
	return true;
}

bool shown_finding(struct report *r, const struct scope_finding *f)
{
	bool named = false;

	if (report_selecting(r)) {
		for (unsigned i = 0; i < f->exchange_count; i++)
			named = named || taken(&r->shown, f->exchanges[i]);
		if (!selection_shows_finding(r->options.selection, f, named))
			return false;
	}
	r->shown.findings++;
	return true;
}

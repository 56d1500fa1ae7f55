#include "auth/accounts.h"

#include <stdlib.h>
#include <string.h>

#include "auth/facts.h"
#include "base/err.h"

#define SECOND INT64_C(1000000000)

enum { NAME_MAX = 128 /* bytes that are kept of a name */ };

/* What is known of an account whose names were forgotten; numbers as far as they fit. */
struct tally {
	struct table_node node;
	uint16_t accepted, refused, unanswered;
	uint16_t failing;       /* its last exchange was refused */
	uint32_t accepted_frame;
	uint32_t last_accepted; /* seconds since 1970 */
};
_Static_assert(sizeof(struct tally) <= 24, "at most 24 bytes for an account");

struct accounts {
	struct table whole, tallies;
};

static void free_texts(struct account *a)
{
	if (a->addresses != (struct address *)(void *)a->usual)
		free(a->addresses);
}

static void drop(void *arg, void *record)
{
	(void)arg;
	free_texts(record);
}

struct accounts *accounts_new(struct storage *storage, size_t limit, size_t whole)
{
	struct accounts *a = xcalloc(1, sizeof(*a));

	table_init(&a->whole, storage, sizeof(struct account), whole);
	a->whole.drop = drop;
	table_init(&a->tallies, storage, sizeof(struct tally), limit);
	return a;
}

void accounts_free(struct accounts *a)
{
	if (!a)
		return;
	table_free(&a->whole);
	table_free(&a->tallies);
	free(a);
}

size_t accounts_count(const struct accounts *a)
{
	return a->tallies.count;
}

uint64_t accounts_evicted(const struct accounts *a)
{
	return a->whole.evicted;
}

size_t accounts_bytes(const struct accounts *a)
{
	return table_bytes(&a->whole) + table_bytes(&a->tallies);
}

static uint32_t kept_addresses(const struct account *a)
{
	return a->address_count < ACCOUNT_ADDRESSES_MAX ? a->address_count : ACCOUNT_ADDRESSES_MAX;
}

static struct slice put(char **place, struct slice s)
{
	char *p = *place;

	if (!s.p)
		return s;
	memcpy(p, s.p, s.n);
	*place += s.n;
	return (struct slice){p, s.n};
}

/* All of them lie in one piece, as a rule in the account: room for so many addresses, and the names. */
static void keep(struct account *a, uint32_t room, struct slice user, struct slice realm, struct slice user_agent)
{
	struct address *addresses;
	size_t size;
	char *names;

	user = slice_head(user, NAME_MAX);
	realm = slice_head(realm, NAME_MAX);
	user_agent = slice_head(user_agent, NAME_MAX);
	size = room * sizeof(*addresses) + user.n + realm.n + user_agent.n;
	addresses = size > sizeof(a->usual) || a->addresses ? xmalloc(size) : (struct address *)(void *)a->usual;
	if (a->address_count)
		memcpy(addresses, a->addresses, kept_addresses(a) * sizeof(*addresses));
	names = (char *)(addresses + room);
	a->user = put(&names, user);
	a->realm = put(&names, realm);
	a->user_agent = put(&names, user_agent);
	free_texts(a);
	a->addresses = addresses;
}

/* There is room for 1, 2, 4, 8. */
static uint32_t address_room(const struct account *a)
{
	uint32_t room = 1;

	while (room < kept_addresses(a))
		room *= 2;
	return room;
}

static void note_user_agent(struct account *a, struct slice user_agent)
{
	if (user_agent.p && !slice_eq(a->user_agent, slice_head(user_agent, NAME_MAX)))
		keep(a, address_room(a), a->user, a->realm, user_agent);
}

const struct account *accounts_get(const struct accounts *a, const struct address *server,
	struct slice user, struct slice realm)
{
	/* a look that is no use */
	return table_peek(&a->whole, about_account(server, user, realm));
}

void accounts_foresee(const struct accounts *a, uint64_t about)
{
	table_foresee(&a->tallies, about);
	table_foresee(&a->whole, about);
}

uint32_t accounts_accepted(const struct accounts *a, uint64_t about)
{
	const struct tally *t = table_peek(&a->tallies, about);

	return t && t->accepted ? t->accepted_frame : 0;
}

static struct account *account_for(struct accounts *t, const struct exchange *x,
	const struct tally *tally, struct slice user, struct slice realm)
{
	struct account *a = table_get(&t->whole, tally->node.key);

	if (a) {
		note_user_agent(a, exchange_user_agent(x));
		return a;
	}
	a = table_add(&t->whole, tally->node.key);
	keep(a, 1, user, realm, exchange_user_agent(x));
	a->server = x->target;
	a->last_cause = FINDING_COUNT;
	/* it may have been forgotten */
	a->accepted = tally->accepted;
	a->refused = tally->refused;
	a->unanswered = tally->unanswered;
	a->last_accepted = tally->last_accepted * SECOND;
	a->last_accepted_frame = tally->accepted_frame;
	if (tally->failing)
		a->last_refused = a->last_accepted + SECOND;
	return a;
}

static uint16_t at_most(uint32_t n)
{
	return n < UINT16_MAX ? (uint16_t)n : UINT16_MAX;
}

static void note_tally(struct tally *t, const struct account *a)
{
	t->accepted = at_most(a->accepted);
	t->refused = at_most(a->refused);
	t->unanswered = at_most(a->unanswered);
	t->failing = a->last_refused > a->last_accepted;
	t->accepted_frame = a->last_accepted_frame;
	t->last_accepted = (uint32_t)(a->last_accepted / SECOND);
}

static const struct credential *named_in(const struct attempt *a)
{
	for (unsigned i = a->credential_count; i; i--)
		if (a->credentials[i - 1].username.n)
			return &a->credentials[i - 1];
	return NULL;
}

/* The last credentials with a name, or NULL. Mostly the last request has them. */
static const struct credential *last_named(const struct exchange *x)
{
	const struct credential *last = named_in(x->last_attempt), *named;

	for (const struct attempt *a = last ? NULL : x->attempts; a; a = a->next)
		if ((named = named_in(a)))
			last = named;
	return last;
}

static struct slice first_realm(const struct exchange *x)
{
	for (const struct attempt *a = x->attempts; a; a = a->next)
		if (a->final && a->final->challenge_count && a->final->challenges[0].realm.p)
			return a->final->challenges[0].realm;
	return SLICE_ABSENT;
}

/*
 * Which account was it about: its last credentials, else the From user and the challenge's realm. Returns its
 * key.
 */
static uint64_t names_of(const struct exchange *x, struct slice *user, struct slice *realm)
{
	const struct credential *named = last_named(x);

	*user = named ? named->username : x->from_user;
	*realm = named ? named->realm : first_realm(x);
	return named ? about_credential(&x->target, named) : about_account(&x->target, *user, *realm);
}

static void note_address(struct account *a, const struct address *address)
{
	uint32_t kept = kept_addresses(a);

	for (uint32_t i = 0; i < kept; i++)
		if (address_same_ip(&a->addresses[i], address))
			return;
	if (kept < ACCOUNT_ADDRESSES_MAX) {
		if (kept == address_room(a))
			keep(a, kept * 2, a->user, a->realm, a->user_agent);
		a->addresses[kept] = *address;
	}
	a->address_count++;
}

static void note_outcome(struct account *a, const struct exchange *x)
{
	switch (x->outcome) {
	case OUTCOME_ACCEPTED:
		a->accepted++;
		a->last_accepted = x->last_time;
		a->last_accepted_frame = x->last_attempt->final ? x->last_attempt->final->seen.frame
								: x->last_attempt->request.frame;
		return;
	case OUTCOME_REJECTED:
		a->refused++;
		a->last_refused = x->last_time;
		break;
	case OUTCOME_UNANSWERED:
	case OUTCOME_NO_REPLY:
		a->unanswered++;
		break;
	default:
		return;
	}
	if (x->cause)
		a->last_cause = x->cause->id;
}

static void note_registration(struct account *a, const struct exchange *x)
{
	const struct attempt *last = x->last_attempt;
	unsigned status = last->final ? last->final->status : 0;
	bool answered = status / 100 == 2;

	a->registers = true;
	a->refresh_status = 0;
	if (answered) {
		a->granted = last->final->granted;
		a->registered = a->granted > 0 ? last->final->seen.time : 0;
		a->lapsed = false;
		a->offline_since = 0;
	} else if (a->registered && (outcome_failed(x->outcome) || x->outcome == OUTCOME_ACCEPTED)) {
		/* the binding lives on until it runs out; a refused refresh will not renew it */
		if (x->outcome == OUTCOME_ACCEPTED)
			a->refresh_status = (uint16_t)status;
		a->lapsed = true;
		a->offline_since = a->registered + a->granted * SECOND;
	}
}

void accounts_note(struct accounts *t, const struct exchange *x)
{
	struct slice user, realm;
	struct tally *tally;
	struct account *a;
	uint64_t key;

	/* neither asked nor answered: nothing of an account */
	if (x->leg_of || (!x->rounds && !x->last_attempt->credential_count) || x->keepalive)
		return;
	key = names_of(x, &user, &realm);
	if (!user.n)
		return;
	tally = table_put(&t->tallies, key);
	a = account_for(t, x, tally, user, realm);
	a->last_time = x->last_time;
	a->last_exchange = x->n;
	note_address(a, &x->client);
	note_outcome(a, x);
	note_tally(tally, a);
	if (x->method == METHOD_REGISTER)
		note_registration(a, x);
}

void accounts_conclude(struct accounts *t, int64_t now)
{
	struct account *a;

	for (uint32_t n = 0; (a = table_each(&t->whole, &n));) {
		int64_t end = a->registered + a->granted * SECOND;

		if (a->registered && end < now) {
			a->lapsed = true;
			a->offline_since = end;
		} else if (a->offline_since > now) {
			a->offline_since = 0;
		}
	}
}

static bool failing_now(const struct account *a)
{
	return a->last_refused > a->last_accepted || (!a->accepted && a->unanswered);
}

static int worse_first(const void *x, const void *y)
{
	const struct account *a = *(const struct account *const *)x;
	const struct account *b = *(const struct account *const *)y;
	uint64_t failed_a = (uint64_t)a->refused + a->unanswered, failed_b = (uint64_t)b->refused + b->unanswered;

	if (failing_now(a) != failing_now(b))
		return failing_now(a) ? -1 : 1;
	if (failed_a != failed_b)
		return failed_a < failed_b ? 1 : -1;
	if (a->last_time != b->last_time)
		return a->last_time < b->last_time ? 1 : -1;
	return a->last_exchange < b->last_exchange ? 1 : -1;
}

size_t accounts_worst(const struct accounts *t, const struct account **out, size_t max)
{
	const struct account **all = xcalloc(t->whole.count, sizeof(struct account *));
	const struct account *a;
	size_t n = 0;

	for (uint32_t number = 0; (a = table_each(&t->whole, &number));)
		if (a->refused || a->unanswered || a->lapsed)
			all[n++] = a;
	qsort(all, n, sizeof(struct account *), worse_first);
	if (n > max)
		n = max;
	memcpy(out, all, n * sizeof(struct account *));
	free(all);
	return n;
}

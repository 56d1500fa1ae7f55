#include "report/select.h"

#include <string.h>

#include "sip/uri.h"

#define HOUR (INT64_C(3600) * 1000000000)

bool selection_active(const struct selection *s)
{
	return s->account_count || s->network_count || s->call_id_count || s->finding_count ||
		s->methods || s->outcomes || s->failed || s->since.kind != SELECT_NO_TIME ||
		s->until.kind != SELECT_NO_TIME;
}

static int64_t resolve(const struct select_time *t, int64_t first)
{
	int64_t time = first / (24 * HOUR) * (24 * HOUR) + t->value;

	switch (t->kind) {
	case SELECT_ABSOLUTE:
		return t->value;
	case SELECT_OFFSET:
		return first + t->value;
	case SELECT_CLOCK:
		/* of the day of the first packet, or after midnight if that is much nearer */
		return time < first - 12 * HOUR ? time + 24 * HOUR : time;
	default:
		return 0;
	}
}

void selection_begin(struct selection *s, int64_t first_packet)
{
	s->from = resolve(&s->since, first_packet);
	s->to = resolve(&s->until, first_packet);
	if (s->to)
		s->to += s->until.width ? s->until.width - 1 : 0;
}

/* ---- accounts ---- */

static bool is_realm_of(const struct exchange *x, struct slice realm)
{
	for (const struct attempt *a = x->attempts; a; a = a->next) {
		for (unsigned i = 0; i < a->credential_count; i++)
			if (slice_eq(a->credentials[i].realm, realm))
				return true;
		for (unsigned i = 0; a->final && i < a->final->challenge_count; i++)
			if (slice_eq(a->final->challenges[i].realm, realm))
				return true;
	}
	return false;
}

static bool is_user_of(const struct exchange *x, struct slice user)
{
	for (const struct attempt *a = x->attempts; a; a = a->next)
		for (unsigned i = 0; i < a->credential_count; i++)
			if (slice_eq(a->credentials[i].username, user))
				return true;
	return x->attempts && slice_eq(name_addr_user(x->attempts->request.msg.from), user);
}

/* The last "@" parts user and realm; a digest user may have one of its own. */
static bool split_account(const char *text, struct slice *user, struct slice *realm)
{
	const char *at = strrchr(text, '@');

	if (!at)
		return false;
	*user = slice_between(text, at);
	*realm = slice_of(at + 1);
	return true;
}

static bool account_fits(const struct selection *s, const struct exchange *x)
{
	struct slice user, realm;

	for (unsigned i = 0; i < s->account_count; i++) {
		if (is_user_of(x, slice_of(s->accounts[i])))
			return true;
		if (split_account(s->accounts[i], &user, &realm) && is_user_of(x, user) &&
			is_realm_of(x, realm))
			return true;
	}
	return !s->account_count;
}

static bool account_of_finding(const struct selection *s, const struct scope_finding *f)
{
	struct slice user, realm;

	for (unsigned i = 0; i < s->account_count; i++) {
		if (slice_eq(f->user, slice_of(s->accounts[i])))
			return true;
		if (split_account(s->accounts[i], &user, &realm) && slice_eq(f->user, user) &&
			slice_eq(f->realm, realm))
			return true;
	}
	return false;
}

/* ---- addresses ---- */

static bool within(const struct select_network *n, const struct address *a)
{
	unsigned whole = n->prefix / 8, rest = n->prefix % 8;

	if (a->family != n->address.family || memcmp(a->ip, n->address.ip, whole) != 0)
		return false;
	return !rest || (a->ip[whole] ^ n->address.ip[whole]) >> (8 - rest) == 0;
}

static bool network_has(const struct selection *s, const struct address *a)
{
	for (unsigned i = 0; i < s->network_count; i++)
		if (within(&s->networks[i], a))
			return true;
	return false;
}

static bool network_of_finding(const struct selection *s, const struct scope_finding *f)
{
	for (size_t i = 0; i < f->address_count; i++)
		if (network_has(s, &f->addresses[i]))
			return true;
	return f->server && network_has(s, f->server);
}

/* ---- the rest ---- */

static bool call_id_fits(const struct selection *s, const struct exchange *x)
{
	for (unsigned i = 0; i < s->call_id_count; i++)
		for (const struct attempt *a = x->attempts; a; a = a->next)
			if (slice_has_nocase(a->request.msg.call_id, slice_of(s->call_ids[i])))
				return true;
	return !s->call_id_count;
}

static bool in_window(const struct selection *s, int64_t first, int64_t last)
{
	return (!s->from || last >= s->from) && (!s->to || first <= s->to);
}

static bool has_deviation(const struct finding *f, struct slice id)
{
	for (size_t i = 0; i < f->deviation_count; i++) {
		if (slice_eq(f->deviations[i].id, id))
			return true;
		for (size_t k = 0; k < f->deviations[i].also_count; k++)
			if (slice_eq(slice_of(f->deviations[i].also[k]), id))
				return true;
	}
	return false;
}

static bool finding_fits(const struct selection *s, const struct finding *f)
{
	for (unsigned i = 0; i < s->finding_count; i++)
		if (f->id == s->findings[i].id &&
			(!s->findings[i].deviation.p ||
				has_deviation(f, s->findings[i].deviation)))
			return true;
	return !s->finding_count;
}

bool selection_takes(const struct selection *s, const struct exchange *x)
{
	if (s->methods && !(s->methods & 1u << x->method))
		return false;
	if (s->outcomes && !(s->outcomes & 1u << x->outcome))
		return false;
	if (s->failed && !(outcome_failed(x->outcome) && x->cause))
		return false;
	if (s->network_count && !network_has(s, &x->client) && !network_has(s, &x->target))
		return false;
	return in_window(s, x->first_time, x->last_time) && account_fits(s, x) &&
		call_id_fits(s, x);
}

bool selection_shows(const struct selection *s, const struct exchange *x)
{
	if (!selection_takes(s, x))
		return false;
	for (unsigned i = 0; i < x->finding_count; i++)
		if (finding_fits(s, x->findings[i]))
			return true;
	return !s->finding_count;
}

bool selection_shows_finding(
	const struct selection *s, const struct scope_finding *f, bool named)
{
	if (!finding_fits(s, &f->finding))
		return false;
	if ((s->methods || s->outcomes || s->failed || s->call_id_count) && !named)
		return false;
	if (s->account_count && !named && !account_of_finding(s, f))
		return false;
	if (s->network_count && !named && !network_of_finding(s, f))
		return false;
	if (!s->from && !s->to)
		return true;
	return f->first ? in_window(s, f->first, f->last) : named;
}

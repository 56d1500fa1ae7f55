/* What a response says of the credentials and slots (CATALOGUE section 1 "Slot"). */
#include "auth/live.h"

bool status_accepts(unsigned status)
{
	static const uint16_t after_authentication[] = {
		404,
		405,
		410,
		415,
		423,
		480,
		484,
		485,
		486,
		487,
		488,
		489,
		491,
		501,
	};

	if ((status > 100 && status < 400) || status >= 600)
		return true;
	for (size_t i = 0; i < sizeof(after_authentication) / sizeof(*after_authentication); i++)
		if (after_authentication[i] == status)
			return true;
	return false;
}

static const struct challenge *challenge_of_slot(const struct response *r, const struct slot *s)
{
	for (unsigned i = 0; i < r->challenge_count; i++)
		if (r->challenges[i].kind == s->kind && slice_eq(r->challenges[i].realm, s->realm))
			return &r->challenges[i];
	return NULL;
}

/* The first request of an exchange came with credentials: its refusal is the normal first challenge. */
static bool is_preemptive(
	const struct exchange *x, const struct attempt *a, const struct credential *k)
{
	return a == x->attempts && !k->challenge;
}

static enum judgement judge_refusal(const struct exchange *x, const struct attempt *a,
	const struct credential *k, const struct response *r)
{
	const struct challenge *again = challenge_of_slot(r, &x->slots[k->slot]);

	if (!again)
		return JUDGEMENT_PASSED;
	if (is_preemptive(x, a, k))
		return slice_eq(again->nonce, k->nonce) && !again->stale ? JUDGEMENT_REJECTED
									 : JUDGEMENT_PREEMPTIVE;
	if (again->stale || r->stale_phrase)
		return JUDGEMENT_STALE;
	/* one that was never issued, or came back altered, is not old */
	if (!k->newest && k->history.known)
		return JUDGEMENT_OLD_NONCE;
	if (params_get(&k->params, PARAM_AUTS))
		return JUDGEMENT_RESYNC;
	return JUDGEMENT_REJECTED;
}

static void count_judgement(struct slot *s, const struct credential *k)
{
	bool in_row = k->judgement == JUDGEMENT_STALE && k->newest;

	s->stale_row = in_row ? s->stale_row + 1 : 0;
	switch (k->judgement) {
	case JUDGEMENT_REJECTED:
		s->rejected++;
		s->state = SLOT_REJECTED;
		break;
	case JUDGEMENT_STALE:
		s->stale++;
		s->state = SLOT_STALE;
		break;
	case JUDGEMENT_OLD_NONCE:
		s->old_nonce++;
		s->state = SLOT_CHALLENGED;
		break;
	case JUDGEMENT_PASSED:
		s->state = SLOT_PASSED;
		break;
	default:
		s->state = SLOT_CHALLENGED;
	}
}

static bool answered_by(const struct attempt *a, unsigned slot)
{
	for (unsigned i = 0; i < a->credential_count; i++)
		if (a->credentials[i].slot == (int)slot && !a->credentials[i].placeholder)
			return true;
	return false;
}

/* A hurdle that was passed is asked again because its credential is gone. */
static void count_dropped(struct exchange *x, const struct attempt *a, const struct response *r)
{
	for (unsigned i = 0; i < x->slot_count; i++)
		if (x->slots[i].state == SLOT_PASSED && !answered_by(a, i) &&
			challenge_of_slot(r, &x->slots[i]))
			x->slots[i].dropped++;
}

static void open_slots(struct exchange *x, struct response *r)
{
	for (unsigned i = r->challenge_count; i-- > 0;) {
		struct challenge *c = &r->challenges[i];
		struct slot *s;

		c->slot = (int8_t)slot_for(x, c->kind, c->realm);
		if (c->slot < 0)
			continue;
		s = &x->slots[c->slot];
		if (s->newest_in != r)
			s->before = s->newest;
		/* the topmost challenge of a realm is the preferred one (RFC 8760 2.3): it stays */
		s->newest = c;
		s->newest_in = r;
		if (s->state == SLOT_PASSED || s->state == SLOT_ACCEPTED)
			s->state = SLOT_CHALLENGED;
	}
}

static void judge_challenge(struct exchange *x, struct attempt *a, struct response *r)
{
	x->rounds++;
	if (!attempt_has_credentials(a))
		x->unanswered_rounds++;
	count_dropped(x, a, r);
	for (unsigned i = 0; i < a->credential_count; i++) {
		struct credential *k = &a->credentials[i];
		struct slot *s;

		if (k->slot < 0)
			continue;
		s = &x->slots[k->slot];
		k->judgement = judge_refusal(x, a, k, r);
		count_judgement(s, k);
	}
	open_slots(x, r);
}

static void judge_all(
	struct exchange *x, struct attempt *a, enum judgement judgement, enum slot_state state)
{
	for (unsigned i = 0; i < a->credential_count; i++) {
		struct credential *k = &a->credentials[i];

		if (k->slot < 0)
			continue;
		k->judgement = judgement;
		x->slots[k->slot].state = state;
		if (judgement == JUDGEMENT_REJECTED)
			x->slots[k->slot].rejected++;
	}
}

void judge_progress(struct exchange *x, struct attempt *a)
{
	judge_all(x, a, JUDGEMENT_ACCEPTED, SLOT_ACCEPTED);
}

void judge_response(struct exchange *x, struct attempt *a, struct response *r, bool told_before)
{
	if (status_is_challenge(r->status))
		judge_challenge(x, a, r);
	else if (a->progress)
		return;
	else if (r->status == 403)
		judge_all(x, a, JUDGEMENT_REJECTED, SLOT_REJECTED);
	else if (status_accepts(r->status) && !told_before)
		judge_all(x, a, JUDGEMENT_ACCEPTED, SLOT_ACCEPTED);
}

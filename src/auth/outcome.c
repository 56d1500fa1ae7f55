/* How an exchange ended (CATALOGUE section 1, "Slot" and "Silence window"). */
#include "auth/rules.h"

static bool any_rejection(const struct attempt *a)
{
	for (unsigned i = 0; i < a->credential_count; i++)
		if (a->credentials[i].judgement == JUDGEMENT_REJECTED)
			return true;
	return false;
}

static bool any_accepted(const struct attempt *a)
{
	for (unsigned i = 0; i < a->credential_count; i++)
		if (a->credentials[i].judgement == JUDGEMENT_ACCEPTED)
			return true;
	return false;
}

static unsigned refused_rounds(const struct exchange *x)
{
	unsigned most = 0;

	for (unsigned i = 0; i < x->slot_count; i++) {
		const struct slot *s = &x->slots[i];
		unsigned rounds = s->rejected + s->stale + s->old_nonce + s->dropped;

		if (rounds > most)
			most = rounds;
	}
	return most;
}

/* Did the capture go on long enough after the last challenge to call it unanswered? */
static bool silence_is_over(const struct diagnosis *d, const struct response *challenge)
{
	const struct exchange *x = d->x;

	if (d->live->cut || x->unanswered_rounds >= 2 || d->t->options.client != CLIENT_SEEN)
		return true;
	if (x->guards.one_way || !x->guards.both_directions)
		return false;
	return x->capture_end >= challenge->seen.time + SILENCE_WINDOW;
}

static enum outcome outcome_of_challenge(struct diagnosis *d, const struct attempt *last)
{
	const struct exchange *x = d->x;

	if (last->request.truncated || d->live->cancelled)
		return OUTCOME_UNKNOWN;
	if (any_rejection(last) || refused_rounds(x) >= 2)
		return OUTCOME_REJECTED;
	return silence_is_over(d, last->final) ? OUTCOME_UNANSWERED : OUTCOME_UNKNOWN;
}

/* Did the server answer any request of this client in the capture? */
static bool server_answers(const struct diagnosis *d)
{
	const struct leg *leg = watch_known_leg(d->t, d->x->hosts, &d->x->client, &d->x->target);

	return !leg || leg->flags & LEG_UNSURE || leg->round_trip;
}

static bool no_answer_ever(const struct diagnosis *d, const struct attempt *last)
{
	if (last->provisional)
		return false;
	if (last->unreachable || d->t->options.client != CLIENT_SEEN)
		return true;
	if (!transport_is_reliable(last->request.transport))
		return last->retransmissions >= 3;
	/* one hole in a conversation that works is rather a hole of the capture */
	return d->x->guards.both_directions && !server_answers(d) &&
		d->x->capture_end >= last->last_sent + SILENCE_WINDOW;
}

static enum outcome outcome_of(struct diagnosis *d, const struct attempt *last)
{
	const struct response *r = last->final;
	bool with_credentials = attempt_has_credentials(last);

	if (last->progress && with_credentials)
		return last->request.truncated ? OUTCOME_UNKNOWN : OUTCOME_ACCEPTED;
	if (!r) {
		if (last->progress && !d->x->rounds)
			return OUTCOME_UNCHALLENGED;
		return no_answer_ever(d, last) ? OUTCOME_NO_REPLY : OUTCOME_UNKNOWN;
	}
	if (status_is_challenge(r->status))
		return outcome_of_challenge(d, last);
	if (last->request.truncated)
		return OUTCOME_UNKNOWN;
	if (!with_credentials)
		return d->x->rounds ? OUTCOME_UNKNOWN : OUTCOME_UNCHALLENGED;
	if (r->status == 403)
		return OUTCOME_REJECTED;
	return any_accepted(last) ? OUTCOME_ACCEPTED : OUTCOME_UNKNOWN;
}

void decide_outcome(struct diagnosis *d)
{
	struct exchange *x = d->x;
	const struct attempt *last = x->last_attempt;
	const struct response *r = last->final;
	int64_t end;

	x->outcome = outcome_of(d, last);
	if (r)
		x->status = r->status;
	else if (last->progress)
		x->status = last->progress;
	if (last->progress && (!r || x->outcome == OUTCOME_ACCEPTED))
		end = last->progress_time;
	else if (r && !last->progress)
		end = r->seen.time;
	else
		end = last->last_sent;
	x->duration = end - x->first_time;
}

/* 400: rejected if a finding about the credentials explains it (CATALOGUE section 1). */
void settle_400(struct diagnosis *d)
{
	static const enum finding_id explaining[] = {
		FINDING_URI_MISMATCH,
		FINDING_QUOTED_QOP,
		FINDING_QUOTED_NC,
		FINDING_QUOTED_ALGORITHM,
		FINDING_UNQUOTED_PARAM,
		FINDING_HEADER_MALFORMED,
		FINDING_PARAM_DUPLICATED,
		FINDING_REQUIRED_PARAM_MISSING,
		FINDING_RESPONSE_MALFORMED,
		FINDING_NONCE_COUNT_MALFORMED,
		FINDING_CNONCE_MISSING,
		FINDING_NC_MISSING,
	};
	const struct attempt *last = d->x->last_attempt;

	if (!last->final || last->final->status != 400 || !attempt_has_credentials(last))
		return;
	for (size_t i = 0; i < sizeof(explaining) / sizeof(*explaining); i++) {
		struct finding *f = find_finding(d->x, explaining[i]);

		if (!f || f->in_response)
			continue;
		d->x->outcome = OUTCOME_REJECTED;
		/* "improper directives" is what 400 says (RFC 2617 3.2.2): here the breach explains it */
		f->as_cause = f->confidence;
	}
}

/* What went well, and habits worth knowing (CATALOGUE sections 2 and 7). */
#include "auth/rules.h"

/* The challenge that the accepted credentials answered; NULL if it came before this exchange. */
static const struct credential *accepted_credential(const struct attempt *a)
{
	for (unsigned i = 0; i < a->credential_count; i++)
		if (a->credentials[i].judgement == JUDGEMENT_ACCEPTED)
			return &a->credentials[i];
	return NULL;
}

static const char *qop_words(const struct credential *k)
{
	switch (qop_parse(k->qop)) {
	case QOP_NONE:
		return "without qop";
	case QOP_AUTH:
		return "qop auth";
	case QOP_AUTH_INT:
		return "qop auth-int";
	default:
		return "unknown qop";
	}
}

static bool concerns(enum finding_id id, const struct exchange *x)
{
	if (id == FINDING_FLOW_REGISTER_OK)
		return x->method == METHOD_REGISTER && x->rounds;
	if (id == FINDING_FLOW_INVITE_OK)
		return x->method == METHOD_INVITE && x->rounds && !x->in_dialog;
	return true;
}

static void how_it_went(struct diagnosis *d, struct finding *f)
{
	const struct exchange *x = d->x;
	const struct credential *k = accepted_credential(x->last_attempt);

	finding_values(d, f,
		SAY(say("method", x->method_name),
			k->challenged_by ? say_number(d, "status", k->challenged_by->status)
					 : say_text("status", "no new challenge"),
			say("realm", k->realm),
			say("algorithm", k->algorithm_name.p ? k->algorithm_name : SLICE("MD5")),
			say_text("detail", qop_words(k)),
			say_number(d, "ms", (uint64_t)(x->duration / 1000000))));
}

static void went_well(struct diagnosis *d, enum finding_id id)
{
	const struct attempt *a = d->x->last_attempt;

	if (d->x->outcome == OUTCOME_ACCEPTED && concerns(id, d->x) && accepted_credential(a))
		raise_later(d, id, CONFIDENCE_PROVEN,
			a->final ? at_response(a, a->final, PARAM_UNKNOWN) : at_request(a, PARAM_UNKNOWN),
			how_it_went);
}

/* Once for each server: the table of facts remembers. */
static void accepted_by_address(struct diagnosis *d, enum finding_id id)
{
	const struct exchange *x = d->x;
	const struct attempt *a = x->last_attempt;
	bool vos;
	struct fact *said;

	if (x->method != METHOD_REGISTER || x->outcome != OUTCOME_UNCHALLENGED || !a->final ||
		a->final->status / 100 != 2 || attempt_has_credentials(a))
		return;
	/* a stream may have been authenticated before */
	if (transport_is_reliable(x->transport) &&
		facts_get(d->t->facts, FACT_CONNECTION, about_endpoints(&x->client, &x->target)))
		return;
	said = facts_put(d->t->facts, FACT_REPORTED, address_hash(&x->target, (uint64_t)id));
	if (said->count++)
		return;
	vos = slice_has_nocase(exchange_server(x), SLICE("VOS"));
	raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, a->final, PARAM_UNKNOWN),
		SAY(say_address(d, "address", &x->target), say("method", x->method_name),
			say_text("detail",
				vos ? "; SS_AUTHCHALLENGEMODE has no effect on this gateway"
				    : "")));
}

static void resync(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	if (k->judgement == JUDGEMENT_RESYNC)
		raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, a->final, PARAM_AUTS),
			SAY(say_number(d, "status", a->final->status)));
}

static const struct rule rules[] = {
	{FINDING_AUTH_OK, .exchange = went_well},
	{FINDING_FLOW_REGISTER_OK, .exchange = went_well},
	{FINDING_FLOW_INVITE_OK, .exchange = went_well},
	{FINDING_UNCHALLENGED_ACCEPT, .exchange = accepted_by_address, .odd = ODD_END},
	{FINDING_AKA_RESYNC, .credential = resync, .odd = ODD_REFUSED},
};

const struct rule_table rules_summary = RULE_TABLE(rules);

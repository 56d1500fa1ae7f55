/* How the client sends the request again (CATALOGUE section 3; RFC 3261 8.1.3.5, 22). */
#include "auth/rules.h"

/* Is there a credential for any of the challenges, be it in the wrong header field? */
static bool answers(const struct attempt *a, const struct response *r)
{
	for (unsigned i = 0; i < a->credential_count; i++)
		for (unsigned j = 0; j < r->challenge_count; j++)
			if (!a->credentials[i].placeholder && a->credentials[i].slot >= 0 &&
				a->credentials[i].slot == r->challenges[j].slot)
				return true;
	return false;
}

static void without_credentials(struct diagnosis *d, enum finding_id id,
	const struct attempt *before, const struct attempt *a)
{
	const struct challenge *c = main_challenge(before->final);

	if (answers(a, before->final) || a->request.truncated || d->x->keepalive ||
		!response_answerable(before->final))
		return;
	/* sent before the challenge can have arrived */
	if (a->request.time - before->final->seen.time < REORDER_MARGIN && before->after_response)
		return;
	raise_finding(d, id, d->absence, at_request(a, PARAM_UNKNOWN),
		SAY(say("realm", c->realm), say_text("detail", "")));
}

static void cseq(struct diagnosis *d, enum finding_id id, const struct attempt *before,
	const struct attempt *a)
{
	const struct message *old = &before->request.msg, *new = &a->request.msg;

	if (!attempt_has_credentials(a) || !new->cseq_valid || !old->cseq_valid ||
		new->cseq > old->cseq || slice_eq(new->branch, old->branch) ||
		!slice_eq(new->call_id, old->call_id))
		return;
	raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_UNKNOWN),
		SAY(say_number(d, "value", new->cseq), say_number(d, "wanted", old->cseq + 1)));
}

static void call_id(struct diagnosis *d, enum finding_id id, const struct attempt *before,
	const struct attempt *a)
{
	if (!slice_eq(before->request.msg.call_id, a->request.msg.call_id))
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_UNKNOWN), SAY_NOTHING);
}

static void from_tag(struct diagnosis *d, enum finding_id id, const struct attempt *before,
	const struct attempt *a)
{
	if (!slice_eq(before->request.msg.from_tag, a->request.msg.from_tag))
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_UNKNOWN), SAY_NOTHING);
}

static void branch(struct diagnosis *d, enum finding_id id, const struct attempt *before,
	const struct attempt *a)
{
	struct slice old = before->request.msg.branch, new = a->request.msg.branch;

	if (new.n && slice_eq(old, new))
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_UNKNOWN),
			SAY(say("value", new)));
}

static void to_tag(struct diagnosis *d, enum finding_id id, const struct attempt *before,
	const struct attempt *a)
{
	struct slice tag = a->request.msg.to_tag;

	if (!d->x->in_dialog && tag.n && slice_eq(tag, before->final->seen.msg.to_tag))
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_UNKNOWN),
			SAY(say("value", tag)));
}

static void request_uri(struct diagnosis *d, enum finding_id id, const struct attempt *before,
	const struct attempt *a)
{
	struct slice old = before->request.msg.request_uri, new = a->request.msg.request_uri;

	if (!slice_eq(old, new))
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_UNKNOWN),
			SAY(say("uri", new), say("other_uri", old)));
}

static void other_server(struct diagnosis *d, enum finding_id id, const struct attempt *before,
	const struct attempt *a)
{
	if (attempt_has_credentials(a) && !address_eq(&before->request.dst, &a->request.dst))
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_UNKNOWN),
			SAY(say_address(d, "address", &before->request.dst),
				say_address(d, "other_address", &a->request.dst)));
}

static bool has_body(const struct attempt *a)
{
	return a->request.msg.body.n > 0;
}

static void lost_body(struct diagnosis *d, enum finding_id id, const struct attempt *before,
	const struct attempt *a)
{
	unsigned cut = MESSAGE_NO_END | MESSAGE_BODY_SHORT;

	if (!attempt_has_credentials(a) || has_body(before) == has_body(a) || before->request.cut ||
		a->request.cut || (before->request.msg.defects | a->request.msg.defects) & cut)
		return;
	raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_UNKNOWN),
		SAY(say_text("detail",
			has_body(before)
				? "the challenged one had a body, the one with credentials has none"
				: "the challenged one had no body, the one with credentials has "
				  "one")));
}

static void source_port(struct diagnosis *d, enum finding_id id, const struct attempt *before,
	const struct attempt *a)
{
	/* a new connection has a new port by nature */
	if (!transport_is_reliable(a->request.transport) &&
		!address_eq(&before->request.src, &a->request.src))
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_UNKNOWN),
			SAY(say_address(d, "other_address", &before->request.src),
				say_address(d, "address", &a->request.src)));
}

static void not_acked(struct diagnosis *d, enum finding_id id)
{
	for (const struct attempt *a = d->x->attempts; a; a = a->next) {
		const struct response *r = challenge_response(a);

		if (!r || d->x->method != METHOD_INVITE || r->copies < 3 || a->acks ||
			transport_is_reliable(a->request.transport) ||
			!d->x->guards.both_directions)
			continue;
		raise_finding(d, id, d->absence, at_response(a, r, PARAM_UNKNOWN),
			SAY(say_number(d, "status", r->status), say_number(d, "count", r->copies)));
	}
}

static void no_trouble(struct diagnosis *d, struct finding *f)
{
	finding_values(d, f, SAY(say_text("detail", "")));
}

static void ack_credentials(struct diagnosis *d, enum finding_id id)
{
	const struct attempt *a = d->x->last_attempt;
	struct finding *f;
	bool trouble;

	if (d->x->method != METHOD_INVITE || d->x->outcome != OUTCOME_ACCEPTED ||
		!d->live->ack2xx || d->live->ack2xx_credentials || !attempt_has_credentials(a))
		return;
	trouble = a->final && a->final->copies > 1;
	if (!trouble && a->final && a->final->status / 100 == 2)
		raise_later(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_UNKNOWN), no_trouble);
	else
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_UNKNOWN),
			SAY(say_text("detail", trouble ? ", and the server repeats its 2xx" : "")));
	f = find_finding(d->x, id);
	if (!f)
		return;
	f->frames[0] = d->live->ack2xx_frame;
	/* the server waits for an ACK that it can take */
	if (trouble)
		f->at_least = SEVERITY_WARNING;
}

static void large(struct diagnosis *d, enum finding_id id)
{
	for (const struct attempt *a = d->x->attempts; a; a = a->next) {
		uint64_t bytes = a->request.msg.bytes.n + a->request.cut;

		if (bytes > LARGE_REQUEST && a->request.transport == TRANSPORT_UDP &&
			attempt_has_credentials(a))
			raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_UNKNOWN),
				SAY(say_number(d, "bytes", bytes),
					say_number(d, "limit", LARGE_REQUEST)));
	}
}

static const struct rule rules[] = {
	{FINDING_CREDENTIALS_MISSING_ON_RETRY, .retry = without_credentials, .odd = ODD_ANSWER},
	{FINDING_CSEQ_NOT_INCREMENTED, .retry = cseq, .odd = ODD_RETRY},
	{FINDING_CALL_ID_CHANGED_ON_RETRY, .retry = call_id, .odd = ODD_RETRY},
	{FINDING_FROM_TAG_CHANGED_ON_RETRY, .retry = from_tag, .odd = ODD_RETRY},
	{FINDING_BRANCH_REUSED_ON_RETRY, .retry = branch, .odd = ODD_RETRY},
	{FINDING_TO_TAG_KEPT_ON_RETRY, .retry = to_tag, .odd = ODD_RETRY},
	{FINDING_REQUEST_URI_CHANGED_ON_RETRY, .retry = request_uri, .odd = ODD_RETRY},
	{FINDING_RETRY_TO_OTHER_SERVER, .retry = other_server, .odd = ODD_RETRY},
	{FINDING_RETRY_LOST_BODY, .retry = lost_body, .odd = ODD_RETRY},
	{FINDING_NAT_PORT_CHANGED, .retry = source_port, .odd = ODD_RETRY},
	{FINDING_INVITE_NOT_ACKED, .exchange = not_acked, .odd = ODD_FORM},
	{FINDING_ACK_CREDENTIALS_MISSING, .exchange = ack_credentials},
	{FINDING_LARGE_REQUEST, .exchange = large, .odd = ODD_FORM},
};

const struct rule_table rules_retry = RULE_TABLE(rules);

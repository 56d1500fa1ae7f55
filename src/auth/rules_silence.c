/* What is missing: answers, replies, parts of the capture (CATALOGUE sections 2 and 7). */
#include "auth/rules.h"

static const struct response *unanswered_challenge(const struct diagnosis *d)
{
	return client_went_silent(d) ? challenge_response(d->x->last_attempt) : NULL;
}

/* The client repeats the request although the challenge was sent: it never got it. */
static void not_received(struct diagnosis *d, enum finding_id id)
{
	for (const struct attempt *a = d->x->attempts; a; a = a->next) {
		const struct response *r = challenge_response(a);

		if (r && a->after_response && !transport_is_reliable(a->request.transport))
			raise_finding(d, id, d->absence, at_response(a, r, PARAM_UNKNOWN),
				SAY(say_number(d, "status", r->status),
					say_number(d, "count", a->after_response)));
	}
}

/* What the same client made of a 401; NULL: nothing is known. */
static const struct habits *client_habits(const struct diagnosis *d)
{
	return watch_known_habits(d->t, &d->x->client, exchange_user_agent(d->x));
}

/* Who ignores 401 and 407 alike has no credentials. */
static bool ignores_both(const struct diagnosis *d)
{
	const struct habits *client = client_habits(d);

	return client && client->ignored_401 && !client->answered_401;
}

/* Exactly one of these stands for the silence of a client. */
static enum finding_id kind_of_silence(const struct diagnosis *d, const struct response *r)
{
	const struct exchange *x = d->x;
	bool proxy_only = true;

	for (unsigned i = 0; i < r->challenge_count; i++)
		if (r->challenges[i].kind == AUTH_KIND_USER)
			proxy_only = false;
	if (x->in_dialog)
		return FINDING_IN_DIALOG_CHALLENGE_IGNORED;
	if (x->method == METHOD_REGISTER && proxy_only && !ignores_both(d))
		return FINDING_REGISTER_407_IGNORED;
	return FINDING_CHALLENGE_IGNORED;
}

static void silent(struct diagnosis *d, enum finding_id id)
{
	const struct exchange *x = d->x;
	const struct attempt *a = x->last_attempt;
	const struct response *r = unanswered_challenge(d);
	enum confidence confidence = d->absence;
	struct slice detail = SLICE("never sent credentials");
	const struct habits *client;
	struct finding *f;

	if (!r || x->keepalive || !response_answerable(r) || kind_of_silence(d, r) != id ||
		was_raised(x, FINDING_CHALLENGE_NOT_RECEIVED) || was_raised(x, FINDING_STALE_LOOP))
		return;
	client = client_habits(d);
	/* an INVITE's challenge has surely arrived when it was acknowledged */
	if (x->method == METHOD_INVITE && !a->acks && !transport_is_reliable(x->transport))
		confidence = CONFIDENCE_POSSIBLE;
	if (id == FINDING_REGISTER_407_IGNORED)
		detail = SLICE(
			"phones that know only 401 behave like this, and so does a phone without a "
			"password");
	else if (attempt_has_credentials(a))
		detail = SLICE("did not answer this further challenge");
	if (id == FINDING_REGISTER_407_IGNORED && client && client->answered_401) {
		detail = arena_printf(&d->x->arena, "it answered a 401 at frame %u", client->answered_401);
		confidence = CONFIDENCE_PROVEN;
	}
	f = raise_finding(d, id, confidence, at_response(a, r, PARAM_UNKNOWN),
		SAY(say_number(d, "status", r->status), say_header(main_challenge(r)->kind, true),
			say("realm", main_challenge(r)->realm), say("method", x->method_name),
			say("detail", detail)));
	if (f && id == FINDING_IN_DIALOG_CHALLENGE_IGNORED && x->method == METHOD_BYE)
		f->at_most = SEVERITY_WARNING;
}

/* These keep their credentials by realm: another realm is no match for them. */
static bool keeps_by_realm(struct slice user_agent)
{
	return slice_has_nocase(user_agent, SLICE("pjsip")) ||
		slice_has_nocase(user_agent, SLICE("pjsua")) ||
		slice_has_nocase(user_agent, SLICE("asterisk"));
}

static void other_realm(struct diagnosis *d, enum finding_id id)
{
	const struct response *r = unanswered_challenge(d);
	struct slice configured = d->t->options.configured_realm;
	const struct challenge *c = r ? main_challenge(r) : NULL;
	bool known = configured.n && !slice_eq(configured, SLICE("*"));

	if (!c || !c->digest || d->x->keepalive || was_raised(d->x, FINDING_CHALLENGE_NOT_RECEIVED))
		return;
	if (known && !slice_eq(configured, c->realm))
		raise_finding(d, id, CONFIDENCE_PROVEN,
			at_response(d->x->last_attempt, r, PARAM_REALM),
			SAY(say("realm", c->realm),
				say("detail",
					arena_printf(&d->x->arena, ", only for \"%.*s\"",
						SLICE_ARG(configured)))));
	else if (!known && keeps_by_realm(exchange_user_agent(d->x)))
		raise_finding(d, id, d->absence, at_response(d->x->last_attempt, r, PARAM_REALM),
			SAY(say("realm", c->realm),
				say_text("detail",
					"; clients of this kind need an entry for exactly this "
					"realm")));
}

static void refused_at_once(struct diagnosis *d, enum finding_id id)
{
	const struct exchange *x = d->x;
	const struct attempt *a = x->last_attempt;
	unsigned status = a->final ? a->final->status : 0;
	bool registration = x->method == METHOD_REGISTER;
	struct finding *f;

	if (x->outcome != OUTCOME_UNCHALLENGED || x->in_dialog || x->rounds || a->progress)
		return;
	if (status != 403 && !(registration && (status == 404 || status >= 600)))
		return;
	f = raise_finding(d, id, CONFIDENCE_POSSIBLE, at_response(a, a->final, PARAM_UNKNOWN),
		SAY(say("method", x->method_name), say_number(d, "status", status),
			say("reason", a->final->seen.msg.reason)));
	if (f && !registration && x->method != METHOD_INVITE)
		f->at_most = SEVERITY_INFO;
}

static void no_reply(struct diagnosis *d, enum finding_id id)
{
	const struct exchange *x = d->x;
	const struct attempt *a = x->last_attempt;
	const char *detail = "";

	if (x->outcome != OUTCOME_NO_REPLY || a->unreachable)
		return;
	if (x->rounds && attempt_has_credentials(a))
		detail = ", although the request without credentials was answered";
	else if (!attempt_has_credentials(a))
		detail = ", all without credentials: the server may drop unknown sources silently";
	raise_finding(d, id, d->absence, at_request(a, PARAM_UNKNOWN),
		SAY(say_address(d, "address", &a->request.dst), say("method", x->method_name),
			say_seconds(d, "seconds", x->last_time - a->request.time),
			say_number(d, "count", a->retransmissions + 1),
			say_text("detail", detail)));
}

static void answered_before(struct diagnosis *d, enum finding_id id)
{
	const struct exchange *x = d->x;
	const struct attempt *a = x->last_attempt;
	uint64_t bytes = a->request.msg.bytes.n + a->request.cut;

	if (x->outcome != OUTCOME_NO_REPLY || a->unreachable || !x->rounds ||
		!attempt_has_credentials(a) || attempt_has_credentials(x->attempts))
		return;
	raise_finding(d, id, d->absence, at_request(a, PARAM_UNKNOWN),
		SAY(say_number(d, "value", x->attempts->request.msg.bytes.n),
			say_number(d, "bytes", bytes),
			say_text("detail",
				bytes > 1300 ? ": IP fragments of a datagram of this size are "
					       "easily lost"
					     : "")));
}

static void unreachable(struct diagnosis *d, enum finding_id id)
{
	const struct attempt *a = d->x->last_attempt;
	struct finding *f;
	char by[ADDRESS_TEXT];

	if (!a->unreachable || a->final)
		return;
	f = raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_UNKNOWN),
		SAY(say_address(d, "address", &a->request.dst),
			say("detail",
				arena_printf(&d->x->arena, "ICMP %s from %s", a->unreachable->what,
					address_format_ip(&a->unreachable->by, by)))));
	if (f)
		finding_frame(f, a->unreachable->frame);
}

/* ---- what the capture lacks ---- */

static void ended(struct diagnosis *d, enum finding_id id)
{
	const struct exchange *x = d->x;
	const struct attempt *a = x->last_attempt;
	const struct response *r = challenge_response(a);
	int64_t since = r ? r->seen.time : a->last_sent;

	if (x->outcome != OUTCOME_UNKNOWN || (a->final && !r) || x->guards.one_way ||
		d->live->cancelled || !x->input_ended || a->request.truncated ||
		d->t->options.client != CLIENT_SEEN)
		return;
	raise_finding(d, id, CONFIDENCE_PROVEN,
		r ? at_response(a, r, PARAM_UNKNOWN) : at_request(a, PARAM_UNKNOWN),
		SAY(say_seconds(d, "seconds", x->capture_end - since),
			say_text("detail",
				r ? "the challenge, before the client had to answer"
				  : "the request, before an answer was due")));
}

static void started(struct diagnosis *d, enum finding_id id)
{
	if (d->x->guards.starts_middle)
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(d->x->attempts, PARAM_UNKNOWN),
			SAY_NOTHING);
}

static void one_way(struct diagnosis *d, enum finding_id id)
{
	struct exchange *x = d->x;
	char from[ADDRESS_TEXT], to[ADDRESS_TEXT];

	if (x->guards.one_way)
		raise_finding(d, id, CONFIDENCE_LIKELY, at_request(x->attempts, PARAM_UNKNOWN),
			SAY(say("detail",
				arena_printf(&x->arena, "from %s to %s",
					address_format_ip(&x->client, from),
					address_format_ip(&x->target, to)))));
}

static void cut(
	struct diagnosis *d, enum finding_id id, const struct attempt *a, const struct response *r)
{
	const struct observed *seen = r ? &r->seen : &a->request;
	const struct message *m = &seen->msg;
	uint64_t missing = seen->cut;

	if (m->defects & MESSAGE_BODY_SHORT && (uint64_t)m->content_length > m->body.n)
		missing = (uint64_t)m->content_length - m->body.n;
	if (missing || m->defects & MESSAGE_NO_END)
		raise_finding(d, id, CONFIDENCE_PROVEN,
			r ? at_response(a, r, PARAM_UNKNOWN) : at_request(a, PARAM_UNKNOWN),
			SAY(say_number(d, "bytes", m->bytes.n),
				say_number(d, "limit", m->bytes.n + missing)));
}

static void truncated(struct diagnosis *d, enum finding_id id)
{
	for (const struct attempt *a = d->x->attempts; a; a = a->next) {
		cut(d, id, a, NULL);
		if (a->final)
			cut(d, id, a, a->final);
	}
}

static const struct rule rules[] = {
	{FINDING_CHALLENGE_NOT_RECEIVED, .exchange = not_received, .odd = ODD_FORM},
	{FINDING_REGISTER_407_IGNORED, .exchange = silent, .odd = ODD_END},
	{FINDING_IN_DIALOG_CHALLENGE_IGNORED, .exchange = silent, .odd = ODD_END},
	{FINDING_CHALLENGE_IGNORED, .exchange = silent, .odd = ODD_END},
	{FINDING_NO_CREDENTIALS_FOR_REALM, .exchange = other_realm, .odd = ODD_END},
	{FINDING_REFUSED_WITHOUT_CHALLENGE, .exchange = refused_at_once, .odd = ODD_END},
	{FINDING_NO_REPLY_TO_REQUEST, .exchange = no_reply, .odd = ODD_END},
	{FINDING_ANSWERED_BUT_NO_REPLY, .exchange = answered_before, .odd = ODD_END},
	{FINDING_PORT_UNREACHABLE, .exchange = unreachable, .odd = ODD_FORM},
	{FINDING_CAPTURE_ENDED, .exchange = ended, .odd = ODD_END},
	{FINDING_CAPTURE_STARTS_MID_EXCHANGE, .exchange = started, .odd = ODD_FORM},
	{FINDING_ONE_WAY_CAPTURE, .exchange = one_way, .odd = ODD_FORM},
	{FINDING_MESSAGE_TRUNCATED, .exchange = truncated, .odd = ODD_FORM},
};

const struct rule_table rules_silence = RULE_TABLE(rules);

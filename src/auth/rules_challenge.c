/* Challenge mode and header pairing (CATALOGUE section 2). */
#include "auth/rules.h"

#include "auth/profile.h"

static bool has_kind(const struct response *r, enum auth_kind kind)
{
	for (unsigned i = 0; i < r->challenge_count; i++)
		if (r->challenges[i].kind == kind)
			return true;
	return false;
}

static bool has_both_kinds(const struct response *r)
{
	return has_kind(r, AUTH_KIND_USER) && has_kind(r, AUTH_KIND_PROXY);
}

/* The kind that the status code demands (RFC 3261 table 3); false for other codes. */
static bool kind_of_status(unsigned status, enum auth_kind *kind)
{
	*kind = status == 401 ? AUTH_KIND_USER : AUTH_KIND_PROXY;
	return status == 401 || status == 407;
}

/* ---- rules about one response ---- */

/* Calls for every challenge response of the exchange. */
#define FOR_EACH_CHALLENGE(d, a, r)                                                                \
	for (const struct attempt *a = (d)->x->attempts; a; a = a->next)                           \
		for (const struct response *r = challenge_response(a); r; r = NULL)

static void header_mismatch(struct diagnosis *d, enum finding_id id)
{
	FOR_EACH_CHALLENGE (d, a, r) {
		enum auth_kind wanted;

		if (!kind_of_status(r->status, &wanted) || r->seen.truncated ||
			!r->challenge_count || has_kind(r, wanted))
			continue;
		raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, r, PARAM_UNKNOWN),
			SAY(say_number(d, "status", r->status),
				say_header(r->challenges[0].kind, true),
				say_text("wanted", challenge_field_name(wanted))));
	}
}

static void no_challenge(struct diagnosis *d, enum finding_id id)
{
	FOR_EACH_CHALLENGE (d, a, r) {
		struct finding *f;

		if (r->challenge_count || r->seen.truncated || r->status == 494)
			continue;
		f = raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, r, PARAM_UNKNOWN),
			SAY(say_number(d, "status", r->status)));
		if (f && d->x->challenge_stripped)
			f->fault = FAULT_MIDDLEBOX;
	}
}

static void security_agreement(struct diagnosis *d, enum finding_id id)
{
	FOR_EACH_CHALLENGE (d, a, r) {
		if (r->status == 494)
			raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, r, PARAM_UNKNOWN),
				SAY(say_text("detail",
					r->challenge_count ? " and a digest challenge" : "")));
	}
}

static void both_kinds(struct diagnosis *d, enum finding_id id)
{
	FOR_EACH_CHALLENGE (d, a, r) {
		if (has_both_kinds(r))
			raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, r, PARAM_UNKNOWN),
				SAY(say_number(d, "status", r->status)));
	}
}

/* Another code followed later: two hurdles, not one server's habit. */
static bool later_status(const struct attempt *a, unsigned status)
{
	for (a = a->next; a; a = a->next)
		if (a->final && a->final->status == status)
			return true;
	return false;
}

static void method_with_code(struct diagnosis *d, enum finding_id id)
{
	static const struct {
		enum finding_id id;
		enum method method;
		unsigned status, not_followed_by;
		enum auth_kind kind;
		const char *detail;
	} habits[] = {
		{FINDING_REGISTER_CHALLENGED_407, METHOD_REGISTER, 407, 401, AUTH_KIND_PROXY, ""},
		{FINDING_INVITE_CHALLENGED_401, METHOD_INVITE, 401, 407, AUTH_KIND_USER, ""},
		{FINDING_SUBSCRIBE_CHALLENGED_407, METHOD_SUBSCRIBE, 407, 401, AUTH_KIND_PROXY,
			"a notifier answers 401"},
		{FINDING_SUBSCRIBE_CHALLENGED_407, METHOD_PUBLISH, 407, 401, AUTH_KIND_PROXY,
			"by analogy with SUBSCRIBE the state agent answers 401"},
	};

	FOR_EACH_CHALLENGE (d, a, r) {
		for (size_t i = 0; i < sizeof(habits) / sizeof(*habits); i++)
			if (habits[i].id == id && habits[i].method == d->x->method &&
				(id != FINDING_SUBSCRIBE_CHALLENGED_407 ||
					a->request.msg.via_count == 1) &&
				habits[i].status == r->status && has_kind(r, habits[i].kind) &&
				!later_status(a, habits[i].not_followed_by))
				raise_finding(d, id,
					id == FINDING_SUBSCRIBE_CHALLENGED_407 ? CONFIDENCE_POSSIBLE
									       : CONFIDENCE_PROVEN,
					at_response(a, r, PARAM_UNKNOWN),
					SAY(say_text("method", method_name(d->x->method)),
						say_text("detail", habits[i].detail)));
	}
}

/* ---- what the user believes ---- */

static enum expected expected_of(
	const struct tracker_options *o, enum method method, bool *by_profile)
{
	unsigned code = 0;

	*by_profile = false;
	if (o->expect[method] != EXPECTED_NONE)
		return o->expect[method];
	if (o->profile && (method == METHOD_REGISTER || method == METHOD_INVITE)) {
		*by_profile = true;
		code = method == METHOD_REGISTER ? o->profile->register_code
						 : o->profile->invite_code;
	} else if (o->vos_mode == 1 || o->vos_mode == 2) {
		code = o->vos_mode == 1 ? 401 : 407;
	}
	return code == 401 ? EXPECTED_401 : code == 407 ? EXPECTED_407 : EXPECTED_NONE;
}

static bool is_expected(const struct response *r, enum expected e)
{
	switch (e) {
	case EXPECTED_401:
		return has_kind(r, AUTH_KIND_USER);
	case EXPECTED_407:
		return has_kind(r, AUTH_KIND_PROXY);
	case EXPECTED_BOTH:
		return has_both_kinds(r);
	default:
		return true;
	}
}

static struct finding_arg say_mode(struct diagnosis *d, const struct response *r, bool by_profile)
{
	const struct profile *p = d->t->options.profile;

	if (by_profile)
		return say("detail",
			arena_printf(&d->x->arena, "profile %s (%s) wants another code", p->name,
				p->title));
	if (has_both_kinds(r))
		return say_text("detail",
			"one response with both kinds, as VOS3000 may send with "
			"SS_AUTHCHALLENGEMODE 3");
	return say_text("detail",
		r->status == 401 ? "VOS3000 with SS_AUTHCHALLENGEMODE 1 answers like this"
				 : "VOS3000 with SS_AUTHCHALLENGEMODE 2 answers like this");
}

/* A proxy before the server under test answers with another code and calls itself something else. */
static bool of_proxy_before(const struct attempt *a)
{
	for (const struct attempt *b = a->next; b; b = b->next) {
		const struct response *r = challenge_response(b);

		if (r && r->status != a->final->status && r->seen.msg.server.p &&
			a->final->seen.msg.server.p &&
			!slice_eq(r->seen.msg.server, a->final->seen.msg.server))
			return true;
	}
	return false;
}

static void not_expected(struct diagnosis *d, enum finding_id id)
{
	static const char *const words[] = {[EXPECTED_401] = "401",
		[EXPECTED_407] = "407",
		[EXPECTED_BOTH] = "both 401 and 407 in one"};
	const struct attempt *a = d->x->attempts;
	const struct response *r = challenge_response(a);
	bool by_profile;
	enum expected e = expected_of(&d->t->options, d->x->method, &by_profile);

	if (!r || !r->challenge_count || is_expected(r, e) || of_proxy_before(a))
		return;
	raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, r, PARAM_UNKNOWN),
		SAY(say_text("wanted", words[e]), say_text("method", method_name(d->x->method)),
			say_number(d, "status", r->status), say_mode(d, r, by_profile)));
}

/* ---- sequences ---- */

static void two_finals(struct diagnosis *d, enum finding_id id)
{
	for (const struct attempt *a = d->x->attempts; a; a = a->next)
		for (const struct response *r = a->others; r; r = r->next)
			if (r->status + a->final->status == 401 + 407 &&
				r->status != a->final->status &&
				!slice_eq(r->seen.msg.to_tag, a->final->seen.msg.to_tag) &&
				address_eq(&r->seen.src, &a->final->seen.src))
				raise_finding(d, id, CONFIDENCE_PROVEN,
					at_response(a, r, PARAM_UNKNOWN),
					SAY(say_text("method", method_name(d->x->method)),
						say_number(d, "status", a->final->status),
						say_number(d, "value", r->status)));
}

/* Was this slot challenged before this response? */
static bool challenged_before(const struct exchange *x, const struct attempt *until, int slot)
{
	for (const struct attempt *a = x->attempts; a != until; a = a->next)
		for (unsigned i = 0; a->final && i < a->final->challenge_count; i++)
			if (a->final->challenges[i].slot == slot)
				return true;
	return false;
}

static const struct challenge *new_hurdle(const struct exchange *x, const struct attempt *a)
{
	for (unsigned i = 0; i < a->final->challenge_count; i++)
		if (a->final->challenges[i].slot >= 0 &&
			!challenged_before(x, a, a->final->challenges[i].slot))
			return &a->final->challenges[i];
	return NULL;
}

static void second_hurdle(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	const struct challenge *c =
		k->judgement == JUDGEMENT_PASSED && k->challenge ? new_hurdle(d->x, a) : NULL;

	if (c)
		raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, a->final, PARAM_REALM),
			SAY(say("value", k->realm), say_number(d, "status", a->final->status),
				say_header(c->kind, true), say("realm", c->realm)));
}

static void first_dropped(struct diagnosis *d, enum finding_id id)
{
	for (unsigned i = 0; i < d->x->slot_count; i++) {
		const struct slot *s = &d->x->slots[i];

		for (unsigned j = 0; s->dropped && j < d->x->slot_count; j++)
			if (j != i && d->x->slots[j].answers) {
				raise_finding(d, id, CONFIDENCE_PROVEN,
					at_request(d->x->last_attempt, PARAM_UNKNOWN),
					SAY(say("value", s->realm),
						say_header(d->x->slots[j].kind, true),
						say("realm", d->x->slots[j].realm)));
				break;
			}
	}
}

/* Both kinds were asked in one response, one was answered, and the other is asked again. */
static void partial_answer(struct diagnosis *d, enum finding_id id, const struct attempt *before,
	const struct attempt *a)
{
	bool answered[AUTH_KIND_COUNT] = {false};
	const struct response *again = challenge_response(a);
	enum auth_kind other;

	if (!has_both_kinds(before->final) || !again)
		return;
	for (unsigned i = 0; i < a->credential_count; i++)
		if (a->credentials[i].challenged_by == before->final)
			answered[a->credentials[i].kind] = true;
	if (answered[AUTH_KIND_USER] == answered[AUTH_KIND_PROXY])
		return;
	other = answered[AUTH_KIND_USER] ? AUTH_KIND_PROXY : AUTH_KIND_USER;
	if (has_kind(again, other) &&
		!has_kind(again, other == AUTH_KIND_USER ? AUTH_KIND_PROXY : AUTH_KIND_USER))
		raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_UNKNOWN),
			SAY(say_text("value",
				    challenge_field_name(other == AUTH_KIND_USER ? AUTH_KIND_PROXY
										 : AUTH_KIND_USER)),
				say_header(other, true)));
}

static bool right_one_too(const struct attempt *a, const struct credential *wrong)
{
	for (unsigned i = 0; i < a->credential_count; i++)
		if (a->credentials[i].kind == wrong->challenge->kind &&
			slice_eq(a->credentials[i].realm, wrong->challenge->realm))
			return true;
	return false;
}

static void wrong_pair(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	if (k->match != MATCH_OTHER_KIND || has_kind(k->challenged_by, k->kind) ||
		right_one_too(a, k) || k->challenged_by->seen.truncated)
		return;
	raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_UNKNOWN),
		SAY(say_header(k->challenge->kind, true),
			say_text("value", credential_field_name(k->kind)),
			say_text("wanted", credential_field_name(k->challenge->kind))));
}

/* ---- ACK and CANCEL ---- */

static void never_challenged(struct diagnosis *d, enum finding_id id)
{
	uint32_t frame =
		id == FINDING_ACK_CHALLENGED ? d->live->ack_challenged : d->live->cancel_challenged;
	struct finding *f;

	if (!frame)
		return;
	f = raise_finding(d, id, CONFIDENCE_PROVEN, at_request(d->x->last_attempt, PARAM_UNKNOWN),
		SAY(say_text("status", "a challenge")));
	if (f) {
		f->frames[0] = frame;
		f->fault = FAULT_SERVER;
	}
}

/* ---- digests that go to strangers ---- */

static bool answered_target(
	const struct exchange *x, const struct credential **which, const struct attempt **where)
{
	for (const struct attempt *a = x->attempts; a; a = a->next)
		for (unsigned i = 0; i < a->credential_count; i++)
			if (a->credentials[i].challenge &&
				address_same_ip(
					&a->credentials[i].challenged_by->seen.src, &x->target)) {
				*which = &a->credentials[i];
				*where = a;
				return true;
			}
	return false;
}

/* The other end of a call challenges the BYE and gets a digest to try passwords against. */
static void leak(struct diagnosis *d, enum finding_id id)
{
	const struct exchange *x = d->x;
	uint32_t target = (uint32_t)address_ip_hash(&x->target, 0);
	uint32_t home = watch_home(d->t->watch, &x->client);
	const struct fact *dialog;
	const struct leg *leg;
	const struct credential *k;
	const struct attempt *a;

	if (!x->in_dialog)
		return;
	dialog = facts_get(d->t->requests, FACT_DIALOG, slice_hash(x->attempts->request.msg.call_id, 0));
	leg = watch_known_leg(d->t, x->hosts, &x->client, &x->target);
	if (!dialog || (uint64_t)dialog->value != x->hosts || !answered_target(x, &k, &a) || !leg ||
		leg->flags & LEG_CHALLENGED)
		return;
	/* its own registrar or proxy may ask */
	if (x->attempts->request.msg.route_count || home == target)
		return;
	/* nothing is known of where it is at home: only a caller that challenges its callee is odd */
	if (!home && dialog->n != target)
		return;
	raise_finding(d, id, home ? CONFIDENCE_LIKELY : CONFIDENCE_POSSIBLE,
		at_request(a, PARAM_RESPONSE),
		SAY(say_address(d, "address", &x->target), say("method", x->method_name),
			say("user", k->username)));
}

static const struct rule rules[] = {
	{FINDING_STATUS_HEADER_MISMATCH, .exchange = header_mismatch, .odd = ODD_FORM},
	{FINDING_CHALLENGE_MISSING, .exchange = no_challenge, .odd = ODD_FORM},
	{FINDING_SEC_AGREE_494, .exchange = security_agreement, .odd = ODD_FORM},
	{FINDING_BOTH_CHALLENGES_ONE_RESPONSE, .exchange = both_kinds, .odd = ODD_FORM},
	{FINDING_REGISTER_CHALLENGED_407, .exchange = method_with_code, .odd = ODD_CODE},
	{FINDING_INVITE_CHALLENGED_401, .exchange = method_with_code, .odd = ODD_CODE},
	{FINDING_SUBSCRIBE_CHALLENGED_407, .exchange = method_with_code, .odd = ODD_CODE},
	{FINDING_EXPECTED_MODE_MISMATCH, .exchange = not_expected, .odd = ODD_EXPECTED},
	{FINDING_TWO_FINAL_RESPONSES, .exchange = two_finals, .odd = ODD_FORM},
	{FINDING_DOUBLE_CHALLENGE_SEQUENCE, .credential = second_hurdle, .odd = ODD_REFUSED},
	{FINDING_SECOND_KIND_DROPPED, .exchange = first_dropped, .odd = ODD_FORM},
	{FINDING_BOTH_CHALLENGES_PARTIAL_ANSWER, .retry = partial_answer, .odd = ODD_FORM},
	{FINDING_WRONG_HEADER_PAIR, .credential = wrong_pair, .odd = ODD_ANSWER},
	{FINDING_DIGEST_LEAK, .exchange = leak, .odd = ODD_CODE},
	{FINDING_ACK_CHALLENGED, .exchange = never_challenged, .odd = ODD_FORM},
	{FINDING_CANCEL_CHALLENGED, .exchange = never_challenged, .odd = ODD_FORM},
};

const struct rule_table rules_challenge = RULE_TABLE(rules);

/* A response that does not match, and what explains it (CATALOGUE sections 6 and 8). */
#include "auth/inquiry.h"

static bool same_deviations(const struct finding *f, const struct explanation *e)
{
	if (f->deviation_count != e->count)
		return false;
	for (size_t i = 0; i < e->count; i++)
		if (!slice_eq(f->deviations[i].id, e->deviations[i].id))
			return false;
	return true;
}

/* The same combination in an earlier request of this exchange. */
static struct finding *find_same(
	const struct exchange *x, enum finding_id id, const struct explanation *e)
{
	for (unsigned i = 0; i < x->finding_count; i++)
		if (x->findings[i]->id == id && same_deviations(x->findings[i], e))
			return x->findings[i];
	return NULL;
}

static void raise_deviation(
	struct diagnosis *d, const struct attempt *a, const struct explanation *e, bool accepted)
{
	struct finding *f = find_same(d->x, FINDING_DIGEST_DEVIATION, e);
	struct slice detail = e->words;

	if (f) {
		finding_frame(f, a->request.frame);
		return;
	}
	if (accepted)
		detail = arena_printf(
			&d->x->arena, "%.*s; the server really uses it", SLICE_ARG(e->words));
	f = raise_another(d, FINDING_DIGEST_DEVIATION, CONFIDENCE_PROVEN,
		at_request(a, PARAM_RESPONSE), SAY(say("detail", detail)));
	if (!f)
		return;
	f->fault = e->fault;
	f->deviations = e->deviations;
	f->deviation_count = e->count;
	f->steps = e->steps;
}

/* RFC 2617 3.2.2.3: who rewrites bodies breaks qop=auth-int. */
static void raise_body(struct diagnosis *d, const struct attempt *a, const struct explanation *e)
{
	static const struct {
		struct slice id;
		const char *words;
	} forms[] = {
		{{"qop-auth-int-lf", 15}, "it fits with LF line ends"},
		{{"qop-auth-int-no-final-crlf", 26}, "it fits without the last CRLF"},
		{{"qop-auth-int-empty", 18}, "it fits an empty body"},
		{{"qop-auth-int-other-leg", 22}, "it fits the body of another leg or request"},
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (slice_eq(e->deviations[0].id, forms[i].id))
			raise_finding(d, FINDING_AUTH_INT_BODY_ALTERED, CONFIDENCE_PROVEN,
				at_request(a, PARAM_RESPONSE),
				SAY(say_text("detail", forms[i].words)));
}

static void raise_mismatch(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k, struct slice nothing)
{
	bool accepted = k->judgement == JUDGEMENT_ACCEPTED;

	raise_finding(d, id, CONFIDENCE_PROVEN, at_request(a, PARAM_RESPONSE),
		SAY(say("user", k->username),
			say("detail",
				arena_printf(&d->x->arena, ": %s%.*s",
					accepted ? "the secret you gave is not the one in use; "
						 : "",
					SLICE_ARG(nothing)))));
}

void rule_mismatch(struct diagnosis *d, enum finding_id id, const struct attempt *a,
	const struct credential *k)
{
	struct riddle_place place = {d->x, a, k, NULL};
	struct inquiry inquiry;

	if (k->verification != VERIFICATION_MISMATCH)
		return;
	inquire(d, &place, &inquiry);
	for (unsigned i = 0; i < inquiry.count; i++) {
		raise_deviation(d, a, &inquiry.list[i], k->judgement == JUDGEMENT_ACCEPTED);
		if (inquiry.list[i].body)
			raise_body(d, a, &inquiry.list[i]);
	}
	if (!inquiry.count)
		raise_mismatch(d, id, a, k, inquiry.nothing);
}

/* The server can be the one that is wrong. */
void rule_rspauth(struct diagnosis *d, enum finding_id id)
{
	for (const struct attempt *a = d->x->attempts; a; a = a->next) {
		struct riddle_place place = {d->x, a, verified_credential(a), a->final};
		struct inquiry inquiry;
		struct finding *f;

		if (!a->final || a->final->rspauth != VERIFICATION_MISMATCH || !place.k)
			continue;
		inquire(d, &place, &inquiry);
		f = raise_finding(d, id, CONFIDENCE_PROVEN, at_response(a, a->final, PARAM_RSPAUTH),
			SAY(say("detail",
				inquiry.count ? arena_printf(&d->x->arena, "; it is right if %.*s",
							SLICE_ARG(inquiry.list[0].words))
					      : SLICE(""))));
		if (f && inquiry.count && !f->deviation_count) {
			f->deviations = inquiry.list[0].deviations;
			f->deviation_count = inquiry.list[0].count;
			f->steps = inquiry.list[0].steps;
		}
	}
}

/* The diagnosis in words, for those exchanges that are shown. */
#include "auth/rules.h"

static const char *outcome_sentence(const struct exchange *x)
{
	switch (x->outcome) {
	case OUTCOME_ACCEPTED:
		return "The credentials were accepted.";
	case OUTCOME_UNCHALLENGED:
		return "The server asked for no credentials.";
	case OUTCOME_REJECTED:
		return "The credentials were refused.";
	case OUTCOME_UNANSWERED:
		return "The challenge was never answered.";
	case OUTCOME_NO_REPLY:
		return "The request was never answered.";
	default:
		break;
	}
	if (was_raised(x, FINDING_CAPTURE_ENDED))
		return "The capture ends before the outcome is known.";
	if (x->guards.one_way)
		return "Only one direction is in the capture: the outcome cannot be told.";
	if (x->last_attempt->request.truncated)
		return "The request is cut in the capture: the outcome cannot be told.";
	if (x->last_attempt->final)
		return "The final response does not tell whether the credentials were accepted.";
	return "The outcome cannot be told from this capture.";
}

static void say_finding(struct exchange *x, struct finding *f)
{
	struct diagnosis d = {.x = x};
	struct buf text = {0};

	if (f->message.p)
		return;
	if (f->later)
		f->later(&d, f);
	finding_say(f->id, f->args, f->arg_count, &text);
	f->message = arena_copy(&x->arena, buf_slice(&text));
	buf_free(&text);
}

void exchange_say(const struct exchange *said)
{
	struct exchange *x = (struct exchange *)said;

	if (x->said)
		return;
	x->said = true;
	for (unsigned i = 0; i < x->finding_count; i++)
		say_finding(x, x->findings[i]);
	if (!x->verdict.p)
		x->verdict = x->cause ? x->cause->message : slice_of(outcome_sentence(x));
	if (!x->alg.p)
		find_alg(x);
}

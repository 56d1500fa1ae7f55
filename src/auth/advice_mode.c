#include "auth/advice_mode.h"

#include <stdlib.h>

#include "auth/profile.h"
#include "base/buf.h"

enum { NAME_SHOWN = 60 };

/* What was sent, summed up over the methods. */
struct pattern {
	bool code[2][2];    /* [REGISTER or another method][401 or 407] */
	bool both;          /* in one response */
	bool mixed;         /* the same method got 401 and 407 */
};

static struct pattern pattern_of(const struct advice_server *s)
{
	struct pattern p = {0};

	for (int m = 0; m < METHOD_COUNT; m++) {
		const struct advice_codes *codes = &s->by_method[m];
		bool seen[2] = {false, false};

		for (unsigned i = 0; i < codes->n; i++) {
			p.both = p.both || codes->code[i] > ADVICE_BOTH;
			seen[0] = seen[0] || codes->code[i] == 401;
			seen[1] = seen[1] || codes->code[i] == 407;
		}
		p.mixed = p.mixed || (seen[0] && seen[1]);
		p.code[m != METHOD_REGISTER][0] |= seen[0];
		p.code[m != METHOD_REGISTER][1] |= seen[1];
	}
	return p;
}

/*
 * What the challenges look like. A code that any registrar or any proxy would send tells nothing of
 * a mode unless the server calls itself VOS3000. 401 to REGISTER and 407 to the rest (form F4) may
 * be mode 3, whose wire form is not documented, and is what Kamailio does: it stays open.
 */
static unsigned observe(const struct advice_server *s, bool vos, const char **words)
{
	struct pattern p = pattern_of(s);
	bool any_401 = p.code[0][0] || p.code[1][0], any_407 = p.code[0][1] || p.code[1][1];

	*words = "no challenge tells 401 from 407";
	if (p.both) {
		*words = "one response carries both WWW-Authenticate and "
			"Proxy-Authenticate, as mode 3 may do";
		return 3;
	}
	if (s->in_sequence) {
		*words = "401 and 407 come one after the other in one exchange, as mode 3 "
			"may do and two challengers in a row do";
		return vos ? 3 : 0;
	}
	if (p.mixed) {
		*words = "the same method gets 401 and 407";
		return 0;
	}
	if (any_401 && any_407) {
		*words = p.code[0][0] && !p.code[1][0] ?
			"REGISTER gets 401 and the rest 407, as mode 3 may do and Kamailio does" :
			"some methods get 401 and others 407";
		return 0;
	}
	if (any_401 && !p.code[1][0]) {
		*words = "only REGISTER is challenged, with 401, as any registrar does";
		return vos ? 1 : 0;
	}
	if (any_401) {
		*words = "every challenge is a 401";
		return 1;
	}
	if (any_407 && !p.code[0][1]) {
		*words = "no REGISTER is challenged, and 407 to the rest is what any proxy sends";
		return vos ? 2 : 0;
	}
	if (any_407) {
		*words = "every challenge is a 407, to REGISTER, too";
		return 2;
	}
	return 0;
}

/* What the endpoints need, from what they did; [0]: 401, [1]: 407. */
struct need {
	const struct advice_endpoint *first[2]; /* the one with the best evidence */
	size_t count[2];
};

/* Requests of one class were challenged with this kind, and never answered. */
static bool refuses(const struct advice_endpoint *e, enum auth_kind kind)
{
	for (unsigned class = 0; class < ADVICE_CLASSES; class++)
		if (e->silent[class][kind].count && !e->answered[class][kind].count)
			return true;
	return false;
}

/*
 * An endpoint that ignores 407 wants 401: to REGISTER, or if it answered a 401. One that ignores a
 * 401, or a 407 to anything but REGISTER, and never answers rather has no password: everybody knows
 * these. One that ignores both has none.
 */
static void add_need(struct need *n, const struct advice_endpoint *e)
{
	bool refused[AUTH_KIND_COUNT] = {
		refuses(e, AUTH_KIND_USER), refuses(e, AUTH_KIND_PROXY)};
	int wants;

	if (refused[0] == refused[1])
		return;
	wants = refused[1] ? 0 : 1;
	if (!e->answers[wants] &&
		(wants == 1 || !e->silent[ADVICE_REGISTER][AUTH_KIND_PROXY].count))
		return;
	n->count[wants]++;
	if (!n->first[wants] || (e->answers[wants] && !n->first[wants]->answers[wants]))
		n->first[wants] = e;
}

static void add_name(struct buf *out, const struct advice_endpoint *e)
{
	if (*e->user_agent)
		buf_add_printable(out, slice_head(slice_of(e->user_agent), NAME_SHOWN));
	else
		buf_adds(out, "a client without User-Agent");
}

static void say_need(struct buf *out, const struct need *n, int wants)
{
	const struct advice_endpoint *e = n->first[wants];
	const char *const codes[] = {"401", "407"};

	add_name(out, e);
	if (e->answers[wants])
		buf_printf(out, " answers %s and ignores %s", codes[wants], codes[!wants]);
	else
		buf_printf(out, " ignores %s (or has no password)", codes[!wants]);
	if (n->count[wants] > 1)
		buf_printf(out, ", like %zu more", n->count[wants] - 1);
}

/*
 * An endpoint that neither answered nor ignored anything, and whose profile does not fit the mode.
 */
static const struct advice_endpoint *misfit(const struct advice_server *s)
{
	for (size_t i = 0; s->observed_mode && i < s->endpoint_count; i++) {
		const struct advice_endpoint *e = &s->endpoints[i];

		if (e->profile && !e->answers[0] && !e->answers[1] && !e->ignores[0] &&
			!e->ignores[1] && !(e->profile->modes & PROFILE_MODE(s->observed_mode)))
			return e;
	}
	return NULL;
}

static void recommend(struct advice_server *s, struct buf *reason)
{
	struct need need = {0};
	const struct advice_endpoint *odd = misfit(s);

	for (size_t i = 0; i < s->endpoint_count; i++)
		add_need(&need, &s->endpoints[i]);
	s->recommended_mode = s->observed_mode;
	if (need.count[0] && need.count[1]) {
		/* 3 only where its wire form was seen */
		s->recommended_mode = s->observed_mode == 3 ? 3 : 0;
		buf_adds(reason, "; ");
		say_need(reason, &need, 0);
		buf_adds(reason, ", but ");
		say_need(reason, &need, 1);
		buf_adds(reason, ": one mode does not serve both");
	} else if (need.count[0] || need.count[1]) {
		int wants = need.count[0] ? 0 : 1;

		s->recommended_mode = wants == 0 ? 1 : 2;
		buf_adds(reason, "; ");
		say_need(reason, &need, wants);
		if (!need.first[wants]->answers[wants])
			s->confidence = CONFIDENCE_POSSIBLE;
	} else if (odd) {
		s->recommended_mode = odd->profile->modes & PROFILE_MODE(1) ? 1 : 2;
		s->confidence = CONFIDENCE_POSSIBLE;
		buf_adds(reason, "; ");
		add_name(reason, odd);
		buf_printf(reason, " is said to need mode %u", s->recommended_mode);
	}
}

static void capitalize(struct buf *b)
{
	if (b->n && b->p[0] >= 'a' && b->p[0] <= 'z')
		b->p[0] -= 'a' - 'A';
}

void advice_mode(struct advice_server *s)
{
	bool vos = slice_has_nocase(slice_of(s->server), SLICE("VOS"));
	struct buf reason = {0};
	const char *words;

	s->observed_mode = observe(s, vos, &words);
	s->confidence = vos && s->observed_mode ? CONFIDENCE_LIKELY : CONFIDENCE_POSSIBLE;
	buf_adds(&reason, words);
	recommend(s, &reason);
	buf_addc(&reason, '.');
	capitalize(&reason);
	buf_string(&reason);
	free(s->reason);
	s->reason = reason.p;
}

/* Why does the response not match? The search of the analysis, with what was pasted. */
#include "cmd_digest.h"

#include <stdlib.h>

#include "base/err.h"

static bool go_on(void *arg)
{
	return search_step(arg, SEARCH_GOES_ON);
}

static void add_params(struct clues *c, const struct params *p, bool own)
{
	clues_add(c, CLUE_REALM, params_value(p, PARAM_REALM));
	if (!own)
		clues_add(c, CLUE_NONCE, params_value(p, PARAM_NONCE));
	clues_add(c, CLUE_OPAQUE, params_value(p, PARAM_OPAQUE));
	clues_add(c, CLUE_DOMAIN, params_value(p, PARAM_DOMAIN));
	clues_add(c, CLUE_CNONCE, params_value(p, PARAM_CNONCE));
	clues_add(c, CLUE_USER, params_value(p, PARAM_USERNAME));
	clues_add(c, CLUE_URI, params_value(p, PARAM_URI));
}

/* Its own challenge first, then the others, the last ones before. */
static void collect(const struct check *c, struct clues *out)
{
	const struct pasted *p = c->pasted;

	if (c->challenge) {
		clues_add(out, CLUE_QOP_LIST, params_value(&c->challenge->params, PARAM_QOP));
		add_params(out, &c->challenge->params, true);
	}
	if (c->credentials && c->credentials->request_uri.p)
		clues_add(out, CLUE_REQUEST_URI, c->credentials->request_uri);
	if (c->credentials && c->rspauth)
		clues_add(out, CLUE_METHOD, c->credentials->method);
	if (!p)
		return;
	for (unsigned i = p->clues.count; i-- > 0;)
		clues_add(out, p->clues.list[i].kind, p->clues.list[i].value);
	for (unsigned i = p->credential_count; i-- > 0;)
		add_params(out, &p->credentials[i].params, false);
	for (unsigned i = p->challenge_count; i-- > 0;)
		add_params(out, &p->challenges[i].params, false);
	if (p->has_info)
		clues_add(out, CLUE_NEXTNONCE, params_value(&p->info, PARAM_NEXTNONCE));
}

static void add_given(const struct check *c, struct clues *out)
{
	for (size_t i = 0; i < secrets_count(c->secrets); i++) {
		const struct secret *s = secrets_at(c->secrets, i);

		if (s->username.p && slice_eq(s->username, c->in.username) &&
			!slice_eq(s->realm, SLICE("*")))
			clues_add(out, CLUE_REALM_GIVEN, s->realm);
	}
	if (c->secret && c->secret->username.p)
		clues_add(out, CLUE_USER, c->secret->username);
}

static void keep_fit(struct check *c, const struct hypotheses *h, const struct forensic_hit *hit)
{
	struct fit *fit = &c->fits[c->fit_count++];
	struct buf steps = {0};

	fit->words = deviation_words(h, hit, &c->arena);
	fit->count = deviation_list(h, hit, c->show_secrets, fit->deviations, &c->arena);
	forensics_explain(h, hit, c->show_secrets, &steps);
	fit->steps = arena_copy(&c->arena, buf_slice(&steps));
	secret_wipe(steps.p, steps.n);
	buf_free(&steps);
}

static void search(struct check *c, const struct riddle *r, struct hypotheses *h)
{
	struct forensic_limits limits = {.depth = FORENSICS_DEPTH,
		.deep = c->search->deep,
		.go_on = go_on,
		.arg = c->search};
	struct forensic_result result;

	hypotheses_make(h, r, DIMENSIONS_ALL, &c->arena);
	forensics_search(h, &limits, &result);
	for (unsigned i = 0; i < result.hit_count && i < FITS_MAX; i++)
		keep_fit(c, h, &result.hits[i]);
	if (!result.hit_count)
		c->no_fit = deviation_none(h, &result, c->search->deep, &c->arena);
}

void check_search(struct check *c)
{
	struct riddle *r = xcalloc(1, sizeof(*r));
	struct hypotheses *h = xcalloc(1, sizeof(*h));

	*r = (struct riddle){
		.in = c->in, .response = c->expected, .secret = c->secret, .secrets = c->secrets};
	collect(c, &r->clues);
	add_given(c, &r->clues);
	if (forensics_can_search(r) && search_step(c->search, SEARCH_BEGINS_LATE)) {
		search(c, r, h);
		search_step(c->search, SEARCH_ENDS);
	}
	search_end(c->search);
	secret_wipe(h, sizeof(*h));
	free(h);
	free(r);
}

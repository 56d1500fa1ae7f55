/* Under the arrows of a ladder: what matters of the authentication, findings, and silence. */
#include "view/ladder.h"

#include <inttypes.h>

enum { NONCE_COLUMNS = 12 };

/* Words between two lines of hosts, on as many lines as they need. */
struct words {
	struct ladder *l;
	size_t begin, end;
	struct link link;
	bool fresh;
};

static struct words words_under(struct ladder *l, size_t i, struct link link)
{
	const struct detail_message *m = &l->d->messages[i];
	size_t from = ladder_host(l, &m->src)->column, to = ladder_host(l, &m->dst)->column;
	struct words w = {l, (from < to ? from : to) + 3, from < to ? to : from, link, true};

	if (w.end < w.begin + LADDER_SPACING_MIN)
		w.end = ladder_end_column(l);
	return w;
}

static void word_break(struct words *w)
{
	if (!w->fresh)
		ladder_end_line(w->l, w->link);
	ladder_to_column(w->l, w->begin + (w->fresh ? 0 : 2));
	w->fresh = false;
}

static void add_word(struct words *w, enum style style, struct slice name, enum style value_style,
	struct slice value, size_t max)
{
	size_t columns = page_columns(name) + (value.n < max ? value.n : max) + 1;
	struct page *p = w->l->page;

	if (w->fresh || page_column(p) + columns + 1 > w->end)
		word_break(w);
	else
		page_slice(p, STYLE_PLAIN, SLICE(" "));
	page_slice(p, style, name);
	if (!value.p)
		return;
	if (name.n)
		page_slice(p, style, SLICE("="));
	page_short(p, value_style, value, max);
}

static void add_param(struct words *w, const struct params *params, enum param_id id)
{
	const struct param *param = params_get(params, id);
	bool nonce = id == PARAM_NONCE;

	if (param)
		add_word(w, STYLE_DIM, slice_of(param_name(id)),
			nonce ? page_nonce_style(param_value(param)) : STYLE_VALUE,
			nonce ? param_value(param) : param_raw(param),
			nonce ? NONCE_COLUMNS : LADDER_VALUE_COLUMNS);
}

static void add_params(struct words *w, const char *field, const struct params *params, const enum param_id *ids,
	size_t count)
{
	add_word(w, STYLE_FIELD, slice_of(field), STYLE_PLAIN, SLICE_ABSENT, 0);
	if (!params_is_digest(params))
		add_word(w, STYLE_VALUE, params->scheme, STYLE_PLAIN, SLICE_ABSENT, 0);
	for (size_t i = 0; i < count; i++)
		add_param(w, params, ids[i]);
}

void ladder_challenges(struct ladder *l, size_t i, const struct response *r)
{
	static const enum param_id ids[] = {PARAM_REALM, PARAM_NONCE, PARAM_ALGORITHM, PARAM_QOP, PARAM_STALE};

	for (unsigned k = 0; k < r->challenge_count; k++) {
		const struct challenge *c = &r->challenges[k];
		struct words w = words_under(l, i, (struct link){LINK_MESSAGE, (uint32_t)i, 0});

		add_params(&w, challenge_field_name(c->kind), &c->params, ids, sizeof(ids) / sizeof(*ids));
		ladder_end_line(l, w.link);
	}
}

/* The number of the first credentials of this attempt, as links count them. */
static uint32_t first_credential(const struct exchange *x, const struct attempt *a)
{
	uint32_t n = 0;

	for (const struct attempt *b = x->attempts; b && b != a; b = b->next)
		n += b->credential_count;
	return n;
}

static void add_verification(struct words *w, enum verification v)
{
	if (v == VERIFICATION_MATCH)
		add_word(w, STYLE_GOOD, SLICE("digest right"), STYLE_PLAIN, SLICE_ABSENT, 0);
	else if (v == VERIFICATION_MISMATCH)
		add_word(w, STYLE_ERROR, SLICE("digest wrong"), STYLE_PLAIN, SLICE_ABSENT, 0);
}

void ladder_credentials(struct ladder *l, size_t i, const struct attempt *a)
{
	static const enum param_id ids[] = {
		PARAM_USERNAME, PARAM_REALM, PARAM_NONCE, PARAM_NC, PARAM_ALGORITHM, PARAM_QOP};
	uint32_t of = l->d->messages[i].exchange;
	uint32_t n = first_credential(l->d->exchanges[of].x, a);

	for (unsigned k = 0; k < a->credential_count; k++) {
		const struct credential *c = &a->credentials[k];
		struct words w = words_under(l, i, (struct link){LINK_DIGEST, n + k, of});

		add_params(&w, credential_field_name(c->kind), &c->params, ids, sizeof(ids) / sizeof(*ids));
		add_verification(&w, c->verification);
		ladder_end_line(l, w.link);
	}
}

void ladder_findings(struct ladder *l, size_t i)
{
	uint32_t of = l->d->messages[i].exchange;
	const struct exchange *x = l->d->exchanges[of].x;

	for (uint32_t k = 0; k < x->finding_count; k++) {
		const struct finding *f = x->findings[k];
		struct words w = words_under(l, i, (struct link){LINK_FINDING, k, of});

		if (f->severity < SEVERITY_WARNING || !place_has_finding(&l->places[i], f))
			continue;
		add_word(&w, severity_style(f->severity), SLICE("!"), STYLE_PLAIN, SLICE_ABSENT, 0);
		add_word(&w, severity_style(f->severity), slice_of(finding_kind(f->id)->id), STYLE_PLAIN,
			SLICE_ABSENT, 0);
		ladder_end_line(l, w.link);
	}
}

void ladder_silence(struct ladder *l, size_t i, const struct attempt *a)
{
	struct words w = words_under(l, i, (struct link){LINK_MESSAGE, (uint32_t)i, 0});
	struct buf text = {0};
	char by[ADDRESS_TEXT];

	if (a->unreachable)
		buf_printf(&text, "ICMP %s from %s, frame %" PRIu32, a->unreachable->what,
			address_format_ip(&a->unreachable->by, by), a->unreachable->frame);
	else if (!a->final)
		buf_adds(&text, a->provisional ? "no final response" : "no response");
	if (text.n) {
		add_word(&w, a->unreachable ? STYLE_ERROR : STYLE_DIM, buf_slice(&text), STYLE_PLAIN, SLICE_ABSENT, 0);
		ladder_end_line(l, w.link);
	}
	buf_free(&text);
}

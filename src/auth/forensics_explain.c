/* The computation of a hit, line by line, for a person; what deviates is marked. */
#include "auth/forensics.h"

#include <string.h>

/* H(A1) is not HA1 yet. */
enum { FORM_CHANGED = FORM_SESS | FORM_RAW | FORM_HA1_UPPER | FORM_HA1_DOUBLE };

struct writer {
	const struct hypotheses *h;
	const struct forensic_hit *hit;
	struct pick pick;
	struct chain chain;
	const char *hash, *ha1_hash;
	bool show;
	struct buf *out;
};

static void add_secret(struct writer *w, struct slice value)
{
	if (value.n && !w->show)
		buf_adds(w->out, "<hidden>");
	else
		buf_add_printable(w->out, value);
}

static void add_quoted(struct writer *w, struct slice value)
{
	bool quoted = chain_quoted(&w->pick);

	if (quoted)
		buf_addc(w->out, '"');
	buf_add_printable(w->out, value);
	if (quoted)
		buf_addc(w->out, '"');
}

/* "<-- realm-asterisk": what of these dimensions deviates. */
static void end_line(struct writer *w, unsigned mask)
{
	for (unsigned i = 0; i < w->hit->count; i++) {
		enum dimension d = w->hit->parts[i].dimension;

		if (mask & 1u << d)
			buf_printf(
				w->out, "  <-- %s", w->h->list[d][w->hit->parts[i].index].names[0]);
	}
	buf_addc(w->out, '\n');
}

/* user:realm:password, as this client joins them. */
static void add_a1(struct writer *w)
{
	unsigned order = w->pick.of[DIMENSION_ORDER]->forms;

	if (order & FORM_REALM_FIRST) {
		buf_add_printable(w->out, w->pick.of[DIMENSION_REALM]->value);
		buf_addc(w->out, ':');
	}
	add_quoted(w, w->pick.of[DIMENSION_USER]->value);
	buf_addc(w->out, ':');
	if (!(order & (FORM_REALM_FIRST | FORM_NO_REALM))) {
		add_quoted(w, w->pick.of[DIMENSION_REALM]->value);
		buf_addc(w->out, ':');
	}
	add_secret(w, w->pick.of[DIMENSION_PW]->value);
}

static void explain_a1(struct writer *w, const char *label)
{
	bool given = w->pick.of[DIMENSION_PW]->forms & FORM_IS_HA1;
	unsigned mask = given ? 1u << DIMENSION_PW : 0;

	if (!given) {
		buf_adds(w->out, "A1       = ");
		add_a1(w);
		end_line(w,
			1u << DIMENSION_USER | 1u << DIMENSION_REALM | 1u << DIMENSION_PW |
				1u << DIMENSION_ORDER);
	}
	buf_printf(w->out, "%-8s = ", label);
	if (given)
		buf_adds(w->out, "as given = ");
	else
		buf_printf(w->out, "%s(A1) = ", w->ha1_hash);
	add_secret(w, (struct slice){w->chain.base.text, w->chain.base.n});
	if (!(w->pick.of[DIMENSION_ALG]->forms & (FORM_CHANGED | FORM_DOUBLE)))
		mask |= 1u << DIMENSION_ALG;
	end_line(w, mask);
}

/* What becomes of H(A1), unless it is HA1 already. */
static void explain_ha1(struct writer *w)
{
	const struct candidate *alg = w->pick.of[DIMENSION_ALG];
	bool first = alg->forms & FORM_SESS_FIRST;

	if (alg->forms & FORM_SESS) {
		buf_adds(w->out, "A1'      = H(A1):");
		add_quoted(w, first ? alg->other : w->pick.of[DIMENSION_NONCE]->value);
		buf_addc(w->out, ':');
		add_quoted(w, first ? alg->cnonce : chain_cnonce(&w->pick));
		buf_printf(w->out, "\nHA1      = %s(A1') = ", w->hash);
	} else {
		buf_adds(w->out, "HA1      = ");
	}
	if (alg->forms & FORM_RAW)
		buf_adds(w->out, "the raw bytes of it");
	else
		add_secret(w, (struct slice){w->chain.ha1.text, w->chain.ha1.n});
	end_line(w, 1u << DIMENSION_ALG);
}

static void explain_a2(struct writer *w)
{
	const struct candidate *qop = w->pick.of[DIMENSION_QOP];

	if (qop->forms & FORM_INTEGRITY) {
		buf_printf(w->out, "H(body)  = %s(%zu bytes of body) = %s", w->hash, qop->other.n,
			w->chain.body);
		end_line(w, 1u << DIMENSION_QOP);
	}
	buf_adds(w->out, "A2       = ");
	if (!(w->pick.of[DIMENSION_METHOD]->forms & FORM_NO_METHOD)) {
		buf_add_printable(w->out, w->pick.of[DIMENSION_METHOD]->value);
		buf_addc(w->out, ':');
	}
	add_quoted(w, w->pick.of[DIMENSION_URI]->value);
	if (*w->chain.body)
		buf_printf(w->out, ":%s", w->chain.body);
	end_line(w, 1u << DIMENSION_METHOD | 1u << DIMENSION_URI);
	buf_printf(w->out, "HA2      = %s(A2) = ", w->hash);
	if (w->pick.of[DIMENSION_ALG]->forms & FORM_RAW)
		buf_adds(w->out, "its raw bytes");
	else
		buf_add(w->out, w->chain.ha2.text, w->chain.ha2.n);
	buf_addc(w->out, '\n');
}

static void explain_string(struct writer *w)
{
	const struct candidate *qop = w->pick.of[DIMENSION_QOP];

	buf_adds(w->out, "string   = HA1:");
	add_quoted(w, w->pick.of[DIMENSION_NONCE]->value);
	buf_addc(w->out, ':');
	if (!(qop->forms & FORM_LEGACY)) {
		buf_add_printable(w->out, chain_nc(&w->pick));
		buf_addc(w->out, ':');
		add_quoted(w, chain_cnonce(&w->pick));
		buf_addc(w->out, ':');
		buf_add_printable(w->out, qop->value);
		buf_addc(w->out, ':');
	}
	buf_adds(w->out, "HA2");
	end_line(w,
		1u << DIMENSION_NONCE | 1u << DIMENSION_NC | 1u << DIMENSION_CNONCE |
			1u << DIMENSION_QOP);
}

static void explain_response(struct writer *w)
{
	const struct candidate *alg = w->pick.of[DIMENSION_ALG];
	uint8_t out[HASH_MAX];

	chain_response(&w->pick, &w->chain, &w->chain.ha2, out);
	buf_printf(w->out,
		alg->forms & FORM_DOUBLE ? "response = %s(%s(string)) = "
					 : "response = %s(string) = ",
		w->hash, w->hash);
	for (size_t i = 0; i < alg->hash_bytes; i++)
		buf_printf(w->out, "%02x", out[i]);
	end_line(w, alg->forms & FORM_DOUBLE ? 1u << DIMENSION_ALG : 0);
	buf_adds(w->out, "sent     = ");
	buf_add_printable(w->out, w->h->riddle->response);
	buf_adds(w->out, w->hit->cut ? "  <-- alg-response-cut\n" : "\n");
}

void forensics_explain(const struct hypotheses *h, const struct forensic_hit *hit,
	bool show_secrets, struct buf *out)
{
	static const char *const names[HASH_COUNT] = {
		"MD5", "SHA-256", "SHA-512-256", "SHA-512", "SHA-1"};
	struct writer w = {.h = h, .hit = hit, .show = show_secrets, .out = out};
	bool changed;

	for (int d = 0; d < DIMENSION_COUNT; d++)
		w.pick.of[d] = &h->list[d][0];
	for (unsigned i = 0; i < hit->count; i++)
		w.pick.of[hit->parts[i].dimension] =
			&h->list[hit->parts[i].dimension][hit->parts[i].index];
	w.hash = names[w.pick.of[DIMENSION_ALG]->hash];
	w.ha1_hash = names[w.pick.of[DIMENSION_ALG]->ha1_hash];
	chain_a1(&w.pick, &w.chain);
	chain_session(&w.pick, &w.chain);
	chain_a2(&w.pick, &w.chain);
	chain_head(&w.pick, &w.chain);
	changed = w.pick.of[DIMENSION_ALG]->forms & FORM_CHANGED;
	explain_a1(&w, changed ? "H(A1)" : "HA1");
	if (changed)
		explain_ha1(&w);
	explain_a2(&w);
	explain_string(&w);
	explain_response(&w);
	secret_wipe(w.chain.text.p, w.chain.text.n);
	buf_free(&w.chain.text);
	secret_wipe(&w.chain, sizeof(w.chain));
}

/* One response, step by step: what it must have been made from, what it was made from, what that proves. */
#include "view/pages.h"

#include "base/format.h"

enum { LABEL_COLUMNS = 11 };

/* "A1       = user:realm:<hidden>  <-- realm-asterisk": the label, the value, and what deviates. */
static void step(struct page *p, struct slice line)
{
	static const struct slice arrow = SLICE("  <-- ");
	size_t equals = slice_find(line, '='), at = 0;
	struct slice value, tail = SLICE_ABSENT;

	if (equals + 2 > line.n || equals >= LABEL_COLUMNS) {
		page_wrap(p, STYLE_PLAIN, line, LABEL_COLUMNS, NO_LINK);
		return;
	}
	page_slice(p, STYLE_FIELD, slice_head(line, equals));
	page_slice(p, STYLE_DIM, SLICE("= "));
	value = slice_from(line, equals + 2);
	for (; at + arrow.n <= value.n; at++)
		if (slice_eq(slice_head(slice_from(value, at), arrow.n), arrow)) {
			tail = slice_from(value, at);
			break;
		}
	if (tail.p) {
		page_slice(p, STYLE_MARK, slice_head(value, at));
		page_slice(p, STYLE_PLAIN, SLICE("  "));
		page_wrap(p, STYLE_ERROR, tail, LABEL_COLUMNS, NO_LINK);
	} else {
		page_wrap(p, STYLE_PLAIN, value, LABEL_COLUMNS, NO_LINK);
	}
}

static void steps(struct page *p, struct slice lines)
{
	while (lines.n) {
		size_t end = slice_find(lines, '\n');

		step(p, slice_head(lines, end));
		lines = slice_from(lines, end + 1);
	}
}

static void add_result(struct page *p, const struct credential *k)
{
	static const struct {
		enum style style;
		const char *text;
	} results[] = {
		[VERIFICATION_NO_SECRET] = {STYLE_WARNING,
			"No password is known for this user and realm: H(A1) cannot be computed, nor the response."},
		[VERIFICATION_MATCH] = {STYLE_GOOD, "It is the response of this password: the digest is right."},
		[VERIFICATION_MISMATCH] = {STYLE_ERROR, "It is not the response of this password."},
		[VERIFICATION_UNSUPPORTED] = {STYLE_WARNING, "The algorithm cannot be computed here."},
		[VERIFICATION_INCOMPLETE] = {STYLE_WARNING,
			"Something that was hashed is missing: the body (auth-int), or a parameter."},
	};

	page_slice(p, STYLE_FIELD, SLICE("sent     "));
	page_slice(p, STYLE_DIM, SLICE("= "));
	page_slice(p, results[k->verification].style, k->response.n ? k->response : SLICE("(no response)"));
	page_end_line(p, NO_LINK);
	page_end_line(p, NO_LINK);
	page_wrap(p, results[k->verification].style, slice_of(results[k->verification].text), 0, NO_LINK);
}

/* What makes it wrong, if a search found it; of the findings about this request. */
static void add_deviations(struct page *p, const struct detail *d, uint32_t of, const struct attempt *a)
{
	const struct exchange *x = d->exchanges[of].x;

	for (uint32_t i = 0; i < x->finding_count; i++) {
		const struct finding *f = x->findings[i];

		if (!f->steps.n || (f->attempt && f->attempt != a))
			continue;
		page_heading(p, "As the client made it");
		page_wrap(p, severity_style(f->severity), f->message, 0, (struct link){LINK_FINDING, i, of});
		page_end_line(p, NO_LINK);
		steps(p, f->steps);
	}
}

static void value_row(struct page *p, const char *name, struct slice value, enum style style)
{
	page_text(p, STYLE_FIELD, "%-*s", LABEL_COLUMNS, name);
	if (value.p)
		page_slice(p, style, value);
	else
		page_text(p, STYLE_DIM, "(not there)");
	page_end_line(p, NO_LINK);
}

/* What goes in, and whether it is what the challenge says. */
static void add_values(struct page *p, const struct credential *k)
{
	const struct challenge *c = k->challenge;

	page_heading(p, "What was sent");
	value_row(p, "username", k->username, STYLE_VALUE);
	value_row(p, "realm", k->realm, STYLE_VALUE);
	if (c && !slice_eq(c->realm, k->realm))
		value_row(p, "challenged", c->realm, STYLE_DIFFERS);
	value_row(p, "nonce", k->nonce, page_nonce_style(k->nonce));
	if (c && !slice_eq(c->nonce, k->nonce))
		value_row(p, "challenged", c->nonce, page_nonce_style(c->nonce));
	value_row(p, "uri", k->uri, STYLE_VALUE);
	value_row(p, "algorithm", k->algorithm_name.p ? k->algorithm_name : SLICE("MD5, since none is named"),
		STYLE_VALUE);
	if (c && c->algorithm != k->algorithm)
		value_row(p, "challenged", c->algorithm_name, STYLE_DIFFERS);
	value_row(p, "qop", k->qop, STYLE_VALUE);
	value_row(p, "nc", k->nc, STYLE_VALUE);
	value_row(p, "cnonce", k->cnonce, STYLE_VALUE);
}

static void add_title(struct page *p, const struct detail *d, const struct attempt *a, const struct credential *k)
{
	size_t message = detail_find(d, &a->request);
	struct link link = {LINK_MESSAGE, (uint32_t)message, 0};

	page_text(p, STYLE_HEAD, "The digest in %s of ", credential_field_name(k->kind));
	page_frame(p, STYLE_HEAD, a->request.frame, a->request.file);
	page_text(p, STYLE_HEAD, ", ");
	page_slice(p, STYLE_HEAD, a->request.msg.method_name);
	page_end_line(p, message < d->count ? link : NO_LINK);
}

void digest_page(struct page *p, const struct detail *d, uint32_t of, uint32_t number)
{
	const struct attempt *a;
	const struct credential *k = detail_credential(d->exchanges[of].x, number, &a);
	struct buf lines = {0};

	if (!k)
		return;
	add_title(p, d, a, k);
	add_values(p, k);
	if (credential_explain(k, &a->request, d->show_secrets, &lines)) {
		page_heading(p, "Step by step, as it must be");
		steps(p, buf_slice(&lines));
		add_result(p, k);
	} else {
		page_end_line(p, NO_LINK);
		page_wrap(p, STYLE_WARNING, SLICE("There is nothing to compute: no digest, or an algorithm that is "
			"not known."), 0, NO_LINK);
	}
	add_deviations(p, d, of, a);
	buf_free(&lines);
}

#include "view/detail.h"

#include <stdlib.h>

#include "base/err.h"

/* What is kept of a message begins with its start line, and may be shorter. */
static bool is_message(struct slice sent, struct slice kept)
{
	while (sent.n && (*sent.p == '\r' || *sent.p == '\n'))
		sent = slice_from(sent, 1);
	return kept.n && slice_eq(slice_head(sent, kept.n), kept);
}

size_t detail_find(const struct detail *d, const struct observed *o)
{
	for (size_t i = 0; i < d->count; i++) {
		const struct detail_message *m = &d->messages[i];

		/* several messages may have come in one packet */
		if (m->file == o->file && m->frame == o->frame && m->time == o->time &&
			is_message(m->bytes, o->msg.bytes))
			return i;
	}
	return d->count;
}

const struct credential *detail_credential(
	const struct exchange *x, uint32_t number, const struct attempt **attempt)
{
	for (const struct attempt *a = x->attempts; a; a = a->next) {
		*attempt = a;
		if (number < a->credential_count)
			return &a->credentials[number];
		number -= a->credential_count;
	}
	return NULL;
}

static void put_place(const struct detail *d, struct place *out, const struct observed *o,
	const struct attempt *a, const struct response *r)
{
	size_t i = detail_find(d, o);

	if (i == d->count)
		return;
	out[i].attempt = a;
	out[i].response = r;
}

static uint64_t fingerprint(const struct detail_message *m)
{
	uint64_t hash = address_hash(&m->src, address_hash(&m->dst, m->exchange));

	return slice_hash(m->bytes, hash);
}

/* Copies of a message have all its bytes and take the same way. */
static void find_copies(const struct detail *d, struct place *out)
{
	uint64_t *hashes = xcalloc(d->count + 1, sizeof(*hashes));

	for (uint32_t i = 0; i < d->count; i++) {
		hashes[i] = fingerprint(&d->messages[i]);
		out[i].first = i;
		for (uint32_t k = 0; k < i; k++)
			if (hashes[k] == hashes[i] && slice_eq(d->messages[k].bytes, d->messages[i].bytes)) {
				out[i] = out[k];
				break;
			}
	}
	free(hashes);
}

void detail_places(const struct detail *d, struct place *out)
{
	for (size_t i = 0; i < d->count; i++)
		out[i] = (struct place){0};
	for (size_t i = 0; i < d->exchange_count; i++)
		for (const struct attempt *a = d->exchanges[i].x->attempts; a; a = a->next) {
			put_place(d, out, &a->request, a, NULL);
			if (a->final)
				put_place(d, out, &a->final->seen, a, a->final);
			for (const struct response *r = a->others; r; r = r->next)
				put_place(d, out, &r->seen, a, r);
		}
	find_copies(d, out);
}

bool place_has_finding(const struct place *p, const struct finding *f)
{
	if (!p->attempt || f->attempt != p->attempt)
		return false;
	return f->in_response ? p->response && p->response == p->attempt->final : !p->response;
}

unsigned place_suspect(const struct place *p)
{
	const struct attempt *a = p->attempt;
	unsigned mismatch = 0;
	bool any = false;

	if (!a || p->response)
		return 0;
	for (unsigned i = 0; i < a->credential_count; i++) {
		if (a->credentials[i].judgement >= JUDGEMENT_REJECTED)
			return i;
		if (!any && a->credentials[i].verification == VERIFICATION_MISMATCH) {
			mismatch = i;
			any = true;
		}
	}
	return mismatch;
}

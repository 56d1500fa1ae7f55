#include "view/detail.h"

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

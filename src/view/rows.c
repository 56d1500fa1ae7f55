#include "view/rows.h"

#include <stdlib.h>

#include "base/err.h"
#include "sip/uri.h"

_Static_assert(FINDING_COUNT < 255, "row.cause is a byte");

void rows_free(struct rows *r)
{
	free(r->list);
	free(r->messages);
	texts_free(&r->texts);
	*r = (struct rows){.changes = r->changes + 1};
}

struct row *rows_get(const struct rows *r, uint32_t n)
{
	return n && n <= r->count && r->list[n - 1].n ? &r->list[n - 1] : NULL;
}

/* ---- filling ---- */

/* Rows come nearly in order; places between stay empty until theirs come. */
static struct row *row_for(struct rows *r, uint32_t n)
{
	if (n > ROWS_MAX) {
		r->left_out++;
		return NULL;
	}
	if (n > r->room) {
		r->room = r->room ? r->room * 2 : 1024;
		if (r->room < n)
			r->room = n;
		r->list = xrealloc(r->list, r->room * sizeof(*r->list));
	}
	while (r->count < n)
		r->list[r->count++] = (struct row){0};
	return &r->list[n - 1];
}

/* user@host of a From or To, as far as it is there. */
static uint32_t put_uri(struct texts *t, struct slice field)
{
	struct slice user = name_addr_user(field), host = name_addr_host(field);
	struct slice whole = host;

	if (user.n && host.n && user.p < host.p)
		whole = slice_between(user.p, host.p + host.n);
	return texts_put(t, whole);
}

static void begin(struct rows *r, struct row *row, const struct exchange *x)
{
	const struct message *m = &x->attempts->request.msg;

	row->n = x->n;
	row->record = ROW_NOWHERE;
	row->first = x->first_time;
	row->method = (uint8_t)x->method;
	row->transport = (uint8_t)x->transport;
	row->client = texts_put_address(&r->texts, &x->client);
	row->target = texts_put_address(&r->texts, &x->target);
	row->from = put_uri(&r->texts, m->from);
	row->to = put_uri(&r->texts, m->to);
	row->call_id = texts_put(&r->texts, m->call_id);
	row->agent = texts_put(&r->texts, m->user_agent);
}

static void update(struct rows *r, struct row *row, const struct exchange *x)
{
	const struct response *final = x->last_attempt->final;

	if (!row->n)
		begin(r, row, x);
	row->last = x->last_time;
	row->rounds = (uint16_t)(x->rounds > UINT16_MAX ? UINT16_MAX : x->rounds);
	row->status = final ? (uint16_t)final->status : 0;
	if (!row->user || x->last_attempt->credential_count)
		row->user = texts_put(&r->texts, exchange_user(x));
	r->changes++;
}

static uint32_t add_message(struct rows *r, uint32_t place, uint32_t before)
{
	if (r->message_count == r->message_room) {
		r->message_room = r->message_room ? r->message_room * 2 : 4096;
		r->messages = xrealloc(r->messages, r->message_room * sizeof(*r->messages));
		r->message_count += !r->message_count;
	}
	r->messages[r->message_count] = (struct row_message){place, before};
	return (uint32_t)r->message_count++;
}

void rows_message(struct rows *r, const struct exchange *x, uint32_t place)
{
	struct row *row = row_for(r, x->n);

	if (!row)
		return;
	update(r, row, x);
	if (place == ROW_NOWHERE)
		return;
	row->newest = add_message(r, place, row->newest);
	row->message_count++;
}

static void note_verification(struct row *row, const struct exchange *x)
{
	for (const struct attempt *a = x->attempts; a; a = a->next)
		for (unsigned i = 0; i < a->credential_count; i++) {
			if (a->credentials[i].verification == VERIFICATION_MATCH)
				row->flags |= ROW_MATCH;
			if (a->credentials[i].verification == VERIFICATION_MISMATCH)
				row->flags |= ROW_MISMATCH;
		}
}

void rows_close(struct rows *r, const struct exchange *x, uint32_t record)
{
	struct row *row = row_for(r, x->n);

	if (!row)
		return;
	update(r, row, x);
	row->flags |= ROW_CLOSED;
	row->record = record;
	row->leg_of = x->leg_of;
	row->outcome = (uint8_t)x->outcome;
	row->status = (uint16_t)x->status;
	row->severity = (uint8_t)exchange_severity(x);
	row->cause = x->cause ? (uint8_t)(x->cause->id + 1) : 0;
	row->agent = texts_put(&r->texts, exchange_user_agent(x));
	row->server = texts_put(&r->texts, exchange_server(x));
	for (unsigned i = 0; i < x->finding_count; i++)
		row->findings[x->findings[i]->id / 64] |= UINT64_C(1) << x->findings[i]->id % 64;
	note_verification(row, x);
}

void rows_leave_out(struct rows *r, const struct exchange *x)
{
	if (x->n <= r->count)
		r->list[x->n - 1].n = 0;
	r->changes++;
}

/* ---- reading ---- */

size_t rows_places(const struct rows *r, const struct row *row, uint32_t *places, size_t max)
{
	size_t count = row->message_count, i = count;

	for (uint32_t at = row->newest; at && i; at = r->messages[at].before) {
		i--;
		/* of too many the oldest, where the authentication begins */
		if (i < max)
			places[i] = r->messages[at].place;
	}
	return count < max ? count : max;
}

bool row_failed(const struct row *row)
{
	return row->flags & ROW_CLOSED && row->cause && outcome_failed((enum outcome)row->outcome);
}

bool row_has_finding(const struct row *row, enum finding_id id)
{
	return row->findings[id / 64] >> id % 64 & 1;
}

const char *row_outcome(const struct row *row)
{
	if (row->flags & ROW_CLOSED)
		return outcome_name((enum outcome)row->outcome);
	if (!row->status)
		return "waiting";
	return row->status == 401 || row->status == 407 || row->status == 494 ? "challenged" : "answered";
}

uint32_t row_root(const struct row *row)
{
	return row->leg_of ? row->leg_of : row->n;
}

#include "view/rebuild.h"

#include <stdlib.h>

#include "base/err.h"
#include "view/record.h"

/* A message on its way in: where it is kept, whose it is. */
struct part {
	uint32_t place;
	uint32_t leg;
};

struct work {
	struct rebuilt *out;
	const struct view_host *host;
	const struct row *legs[REBUILD_LEGS_MAX];
	unsigned leg_count;
	struct part *parts;
	size_t count;
	uint32_t leg_of[REBUILD_MESSAGES_MAX]; /* by number of the new exchange: leg + 1 */
	uint32_t leg;              /* of the message that is being fed */
};

/* Is the other one shown together with it: a further leg, or selected as it is? */
static bool belongs(const struct row *row, const struct row *other, bool extended)
{
	if (extended && row_root(other) == row_root(row))
		return true;
	return row->flags & other->flags & ROW_SELECTED;
}

static void choose_legs(struct work *w, const struct rows *rows, uint32_t n, bool extended)
{
	const struct row *row = rows_get(rows, n);

	w->legs[w->leg_count++] = row;
	for (size_t i = 0; i < rows->count; i++) {
		const struct row *other = &rows->list[i];

		if (!other->n || other == row || !belongs(row, other, extended))
			continue;
		if (w->leg_count < REBUILD_LEGS_MAX)
			w->legs[w->leg_count++] = other;
		else
			w->out->detail.left_out++;
	}
}

static int by_place(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	return (x->place > y->place) - (x->place < y->place);
}

static void collect_parts(struct work *w, const struct rows *rows)
{
	uint32_t *places = xmalloc(REBUILD_MESSAGES_MAX * sizeof(*places));

	w->parts = xmalloc(REBUILD_MESSAGES_MAX * sizeof(*w->parts));
	for (unsigned leg = 0; leg < w->leg_count; leg++) {
		size_t n = rows_places(rows, w->legs[leg], places, REBUILD_MESSAGES_MAX - w->count);

		for (size_t i = 0; i < n; i++)
			w->parts[w->count++] = (struct part){places[i], leg};
	}
	free(places);
	if (w->count)
		qsort(w->parts, w->count, sizeof(*w->parts), by_place);
}

/* ---- the engine's answers ---- */

static void on_message(void *arg, const struct exchange *x, const struct datagram *d)
{
	struct work *w = arg;

	(void)d;
	if (x->n < REBUILD_MESSAGES_MAX && !w->leg_of[x->n])
		w->leg_of[x->n] = w->leg + 1;
}

static bool on_keeps(void *arg, const struct exchange *x)
{
	struct work *w = arg;
	uint32_t leg = x->n < REBUILD_MESSAGES_MAX ? w->leg_of[x->n] : 0;

	if (!leg || w->out->exchanges[leg - 1].x)
		return false;
	w->out->exchanges[leg - 1].x = x;
	return true;
}

/* The search was made once; what it found is in the record. */
static bool no_search(void *arg, enum search_step step)
{
	(void)arg, (void)step;
	return false;
}

/* ---- feeding ---- */

static void keep_message(struct rebuilt *r, const struct datagram *d, uint32_t leg)
{
	r->messages[r->detail.count++] = (struct detail_message){
		.time = d->time,
		.frame = d->frame,
		.file = d->file,
		.src = d->src,
		.dst = d->dst,
		.transport = d->transport,
		.exchange = leg,
		.bytes = arena_copy(&r->arena, d->bytes),
		.cut = d->cut > 0,
	};
}

static void feed(struct work *w)
{
	struct rebuilt *r = w->out;
	struct view_event e;

	r->messages = xcalloc(w->count ? w->count : 1, sizeof(*r->messages));
	for (size_t i = 0; i < w->count; i++) {
		w->leg = w->parts[i].leg;
		if (!w->host->read(w->host->arg, w->parts[i].place, &e))
			continue;
		if (e.icmp) {
			tracker_icmp(r->tracker, &e.error);
			continue;
		}
		keep_message(r, &e.datagram, w->leg);
		tracker_feed(r->tracker, &e.datagram);
	}
	tracker_finish(r->tracker);
}

/* ---- the result ---- */

/* What the run over everything said counts; without a record what the messages say by themselves. */
static bool conclude(struct work *w)
{
	struct rebuilt *r = w->out;
	uint32_t new_leg[REBUILD_LEGS_MAX] = {0};
	unsigned count = 0;

	/* without the first one there is nothing to show */
	if (!r->exchanges[0].x)
		return false;
	for (unsigned leg = 0; leg < w->leg_count; leg++) {
		struct slice record;

		if (!r->exchanges[leg].x)
			continue;
		r->copies[count] = *r->exchanges[leg].x;
		if (w->legs[leg]->record != ROW_NOWHERE && w->host->record(w->host->arg, w->legs[leg]->record, &record))
			record_apply(record, &r->copies[count], &r->arena);
		r->exchanges[count] = (struct detail_exchange){w->legs[leg]->n, &r->copies[count]};
		new_leg[leg] = count++;
	}
	for (size_t i = 0; i < r->detail.count; i++)
		r->messages[i].exchange = new_leg[r->messages[i].exchange];
	r->detail.exchanges = r->exchanges;
	r->detail.exchange_count = count;
	r->detail.messages = r->messages;
	return true;
}

struct rebuilt *rebuild(const struct view_host *host, const struct rows *rows, uint32_t n, bool extended,
	bool show_secrets)
{
	struct rebuilt *r = xcalloc(1, sizeof(*r));
	struct work *w = xcalloc(1, sizeof(*w));
	struct tracker_options options = *host->options(host->arg);
	struct tracker_reader reader = {.arg = w, .keeps = on_keeps, .message = on_message};
	bool good;

	*w = (struct work){.out = r, .host = host};
	*r = (struct rebuilt){.n = n, .extended = extended, .users = 1, .detail.show_secrets = show_secrets};
	options.search = no_search;
	r->tracker = tracker_new(&options, &reader);
	choose_legs(w, rows, n, extended);
	collect_parts(w, rows);
	feed(w);
	good = conclude(w);
	free(w->parts);
	free(w);
	if (good)
		return r;
	rebuilt_drop(r);
	return NULL;
}

struct rebuilt *rebuilt_use(struct rebuilt *r)
{
	r->users++;
	return r;
}

void rebuilt_drop(struct rebuilt *r)
{
	if (!r || --r->users)
		return;
	tracker_free(r->tracker);
	/* values in steps may be made from a password */
	arena_wipe(&r->arena);
	free(r->messages);
	free(r);
}

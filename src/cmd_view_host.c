/* What the viewer asks for: messages, records, and everything once more with another password. */
#include "cmd_view.h"

#include <stdio.h>

/* ---- everything once more ---- */

static void feed_event(struct tracker *t, const struct spool_event *e)
{
	switch (e->kind) {
	case SPOOL_DATAGRAM:
		tracker_feed(t, &e->datagram);
		break;
	case SPOOL_ICMP:
		tracker_icmp(t, &e->icmp);
		break;
	case SPOOL_LOSS:
		tracker_loss(t, &e->loss);
		break;
	case SPOOL_TIME:
		tracker_advance(t, e->time);
		break;
	case SPOOL_NOTE:
		break;
	}
}

void viewer_finish(struct viewer *v, struct tracker *t)
{
	tracker_upgrades_refused(t, v->upgrades_refused);
	tracker_encrypted(t, v->tls_connections, encrypted_detail(&v->encrypted));
	tracker_finish(t);
}

struct tracker *viewer_replay(struct viewer *v, const struct replay *r)
{
	struct tracker *t = tracker_new(&r->options, &r->reader);
	uint64_t end = spool_size(v->spool);
	struct spool_event e;
	uint32_t next = 0, place;

	while ((uint64_t)(place = next) * SPOOL_UNIT < end && spool_next(v->spool, &next, &e)) {
		if (r->event)
			r->event(r->arg, &e, place);
		feed_event(t, &e);
		if (r->progress)
			r->progress(r->arg, (uint64_t)next * SPOOL_UNIT, end);
	}
	return t;
}

static void note_place(void *arg, const struct spool_event *e, uint32_t place)
{
	struct viewer *v = arg;

	(void)e;
	v->place = place;
}

static void on_progress(void *arg, uint64_t done, uint64_t total)
{
	struct viewer *v = arg;

	view_busy(v->view, "diagnosing again", done, total);
}

/* ---- what the viewer asks for ---- */

static bool host_read(void *arg, uint32_t place, struct view_event *out)
{
	struct viewer *v = arg;
	struct spool_event e;

	if (place == SPOOL_NOWHERE || !spool_read(v->spool, place, &e))
		return false;
	out->icmp = e.kind == SPOOL_ICMP;
	if (out->icmp)
		out->error = e.icmp;
	else
		out->datagram = e.datagram;
	return e.kind == SPOOL_ICMP || e.kind == SPOOL_DATAGRAM;
}

static bool host_record(void *arg, uint32_t place, struct slice *out)
{
	struct viewer *v = arg;
	struct spool_event e;

	if (place == SPOOL_NOWHERE || !spool_read(v->spool, place, &e) || e.kind != SPOOL_NOTE)
		return false;
	*out = e.note;
	return true;
}

static bool host_secret(void *arg, struct slice user, struct slice realm, struct slice password, char why[VIEW_WHY])
{
	struct viewer *v = arg;
	struct replay r = {.reader = viewer_reader(v), .event = note_place, .progress = on_progress, .arg = v};

	/* what was not kept cannot be diagnosed again */
	if (spool_dropped(v->spool)) {
		snprintf(why, VIEW_WHY, "not all messages were kept (--spool-limit): begin anew, with --credentials");
		return false;
	}
	secrets_add(v->secrets, user, realm, password);
	v->options.search.spent = 0;
	r.options = v->options.tracker;
	view_restart(v->view);
	/* two engines at a time would take twice the memory */
	tracker_free(v->tracker);
	v->tracker = NULL;
	v->tracker = viewer_replay(v, &r);
	if (v->ended)
		viewer_finish(v, v->tracker);
	view_restored(v->view);
	return true;
}

static const struct tracker_options *host_options(void *arg)
{
	struct viewer *v = arg;

	return &v->options.tracker;
}

static const struct tracker *host_tracker(void *arg)
{
	struct viewer *v = arg;

	return v->tracker;
}

struct view_host viewer_host(struct viewer *v)
{
	return (struct view_host){v, host_read, host_record, host_secret, host_options, host_tracker, viewer_saves,
		viewer_save_count};
}

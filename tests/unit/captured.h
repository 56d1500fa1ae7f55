/*
 * A capture through the real decoder and engine, for tests of what reads exchanges: they are kept, and their
 * messages with them. Paths are those of the top of the tree, where tests run.
 */
#ifndef TESTS_CAPTURED_H
#define TESTS_CAPTURED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "auth/tracker.h"
#include "capture/dissect.h"
#include "capture/source.h"
#include "digest/algorithm.h"
#include "view/detail.h"

enum { CAPTURED_MAX = 64, CAPTURED_MESSAGES = 512 };

struct captured {
	struct arena arena;
	struct secrets *secrets;
	struct tracker *tracker;
	const struct exchange *exchanges[CAPTURED_MAX]; /* by number, from 1 */
	struct detail_message messages[CAPTURED_MESSAGES];
	size_t count;
	/* of captured_detail() */
	struct detail_exchange shown[CAPTURED_MAX];
	struct detail_message theirs[CAPTURED_MESSAGES];
	struct detail detail;
};

static inline bool captured_keeps(void *arg, const struct exchange *x)
{
	struct captured *c = arg;

	assert_true(x->n < CAPTURED_MAX);
	c->exchanges[x->n] = x;
	return true;
}

static inline void captured_datagram(void *arg, const struct datagram *d)
{
	struct captured *c = arg;

	assert_true(c->count < CAPTURED_MESSAGES);
	c->messages[c->count++] = (struct detail_message){.time = d->time,
		.frame = d->frame,
		.file = d->file,
		.src = d->src,
		.dst = d->dst,
		.transport = d->transport,
		.bytes = arena_copy(&c->arena, d->bytes),
		.cut = d->cut != 0};
	tracker_feed(c->tracker, d);
}

static inline void captured_icmp(void *arg, const struct icmp_error *e)
{
	struct captured *c = arg;

	tracker_icmp(c->tracker, e);
}

/* `secrets`: lines of a credentials file, or NULL. */
static inline struct captured *captured_open(const char *path, const char *secrets)
{
	struct captured *c = calloc(1, sizeof(*c));
	struct tracker_options options = {0};
	struct tracker_reader reader = {.keeps = captured_keeps, .arg = c};
	struct dissect_sink sink = {.datagram = captured_datagram, .icmp = captured_icmp, .arg = c};
	struct source_options from = {.paths = &path, .count = 1};
	struct dissector *dissector = dissector_new(&sink);
	struct source_error error;
	const struct packet *packet;
	struct source *source;
	size_t failed;

	assert_true(hash_available(HASH_MD5));
	c->secrets = secrets_new();
	if (secrets)
		secrets_parse(c->secrets, slice_of(secrets), NULL, NULL);
	options.secrets = c->secrets;
	c->tracker = tracker_new(&options, &reader);
	source = source_open(&from, &failed, &error);
	assert_non_null(source);
	while ((packet = source_next(source))) {
		dissector_feed(dissector, packet);
		tracker_advance(c->tracker, packet->time);
	}
	dissector_finish(dissector);
	tracker_finish(c->tracker);
	source_close(source);
	dissector_free(dissector);
	return c;
}

static inline void captured_close(struct captured *c)
{
	tracker_free(c->tracker);
	secrets_free(c->secrets);
	arena_free(&c->arena);
	free(c);
}

static inline const struct exchange *captured_exchange(const struct captured *c, uint32_t n)
{
	assert_true(n && n < CAPTURED_MAX);
	assert_non_null(c->exchanges[n]);
	return c->exchanges[n];
}

/* The message is of the exchange: enough to go by for captures that are well made. */
static inline bool captured_belongs(const struct exchange *x, const struct detail_message *m)
{
	struct auth_field auth[MESSAGE_AUTH_MAX];
	struct message scanned;
	const struct message *first = &x->attempts->request.msg;

	return message_scan(m->bytes, &scanned, auth) && slice_eq(scanned.call_id, first->call_id) &&
		(address_same_ip(&m->src, &x->client) ? address_same_ip(&m->dst, &x->target)
						      : address_same_ip(&m->src, &x->target) &&
					address_same_ip(&m->dst, &x->client));
}

/* What pages are made from: these exchanges, 0 ends them. */
static inline const struct detail *captured_detail(struct captured *c, const uint32_t *numbers)
{
	struct detail *d = &c->detail;

	*d = (struct detail){.exchanges = c->shown, .messages = c->theirs};
	for (; *numbers; numbers++)
		c->shown[d->exchange_count++] =
			(struct detail_exchange){*numbers, captured_exchange(c, *numbers)};
	for (size_t i = 0; i < c->count; i++)
		for (uint32_t k = 0; k < d->exchange_count; k++)
			if (captured_belongs(c->shown[k].x, &c->messages[i])) {
				c->theirs[d->count] = c->messages[i];
				c->theirs[d->count++].exchange = k;
				break;
			}
	return d;
}

#endif

/* Messages that go through the engine in groups come to the same end as one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/arrivals.h"
#include "auth/engine.h"

enum { SCANNER = 249, SERVER, STEPS = 12000, TEXT = 1 << 22 };

/* Few calls, slowly, that end in time; or so many that they are closed early for want of memory. */
static const struct traffic {
	unsigned calls, milliseconds, silence, memory; /* silence in seconds */
} traffics[] = {{40, 200, 40, 64}, {3000, 8, 0, 32}};

/* What a reader heard: every exchange, with what depends on order and time. */
struct heard {
	char *text;
	size_t n;
	unsigned messages;
};

static void hear(void *arg, const struct exchange *x)
{
	struct heard *h = arg;

	h->n += (size_t)snprintf(h->text + h->n, TEXT - h->n, "%u %d %u %lld %lld %lld %u %d:", x->n, x->outcome,
		x->status, (long long)x->first_time, (long long)x->last_time, (long long)x->capture_end,
		x->attempt_count, x->guards.loss_event);
	for (unsigned i = 0; i < x->finding_count; i++)
		h->n += (size_t)snprintf(h->text + h->n, TEXT - h->n, " %d/%d", x->findings[i]->id,
			x->findings[i]->confidence);
	h->n += (size_t)snprintf(h->text + h->n, TEXT - h->n, "\n");
	assert_true(h->n < TEXT - 4096);
}

static void hear_finding(void *arg, const struct scope_finding *f)
{
	struct heard *h = arg;

	h->n += (size_t)snprintf(h->text + h->n, TEXT - h->n, "scope %d %llu %u\n", f->finding.id,
		(unsigned long long)f->count, f->exchange_count);
}

/* Who listens to messages gets each at once. */
static void hear_message(void *arg, const struct exchange *x, const struct datagram *d)
{
	(void)x;
	(void)d;
	((struct heard *)arg)->messages++;
}

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16;
}

static struct address host(unsigned number)
{
	return (struct address){
		.family = 4, .port = 5060, .ip = {10, 0, (uint8_t)(number >> 8), (uint8_t)number}};
}

/* A call goes on by one message at each visit: request, challenge, answer, verdict; some are wrong. */
static size_t write_message(char *out, size_t size, unsigned call, unsigned visit, bool *up)
{
	unsigned round = visit % 4, try = visit / 2;
	static const char *const verdicts[] = {"200 OK", "403 Forbidden", "401 Unauthorized", "183 Progress"};
	char first[80], auth[320] = "";

	*up = round % 2 == 0;
	if (*up)
		snprintf(first, sizeof(first), "%s sip:pbx.example SIP/2.0", call % 3 ? "REGISTER" : "INVITE");
	else
		snprintf(first, sizeof(first), "SIP/2.0 %s",
			round == 1 ? "401 Unauthorized" : verdicts[call % 4]);
	if (round == 1 || (round == 3 && call % 4 == 2))
		snprintf(auth, sizeof(auth),
			"WWW-Authenticate: Digest realm=\"pbx\", nonce=\"n%u.%u\", qop=\"auth\"\r\n", call, try);
	else if (round == 2 && call % 7)
		snprintf(auth, sizeof(auth),
			"Authorization: Digest username=\"u%u\", realm=\"pbx\", nonce=\"n%u.%u\", "
			"uri=\"sip:pbx.example\", response=\"%032x\", qop=auth, nc=00000001, cnonce=\"c%u\"\r\n",
			call, call, try - 1, call * 77 + visit, visit);
	return (size_t)snprintf(out, size,
		"%s\r\nVia: SIP/2.0/UDP 10.0.0.%u;branch=z9hG4bK%u.%u\r\nFrom: <sip:u%u@pbx.example>;tag=%u\r\n"
		"To: <sip:u%u@pbx.example>%s\r\nCall-ID: %u.%u\r\nCSeq: %u %s\r\n%sSubject: %0700u\r\nContent-Length: 0\r\n\r\n",
		first, call, call, try, call, call, call, *up ? "" : ";tag=s", call, visit / 8, try + 1,
		call % 3 ? "REGISTER" : "INVITE", auth, visit);
}

struct sender {
	struct tracker *t;
	const struct traffic *traffic;
	unsigned seed, *visits;
	int64_t now;
	uint32_t frame;
};

static void send_text(struct sender *s, char *text, size_t n, unsigned client, bool up)
{
	struct datagram d = {.bytes = {text, n}, .src = host(up ? client : SERVER),
		.dst = host(up ? SERVER : client), .time = s->now, .frame = s->frame, .file = 1};
	unsigned what = next_random(&s->seed) % 100;

	if (what == 0)
		d.time -= 2 * SECOND;
	tracker_feed(s->t, &d);
	if (what == 1)
		tracker_feed(s->t, &d); /* the same packet, seen twice */
}

/* One address asks for many users, and never answers: what becomes of it is held back until that is clear. */
static void scan(struct sender *s)
{
	char text[1024], to[16];

	snprintf(to, sizeof(to), "x%u", s->frame);
	for (int up = 1; up >= 0; up--) {
		int n = snprintf(text, sizeof(text),
			"%s\r\nVia: SIP/2.0/UDP 10.0.0.249;branch=z9hG4bKx%s\r\nFrom: <sip:%s@pbx.example>;tag=%s\r\n"
			"To: <sip:%s@pbx.example>\r\nCall-ID: %s\r\nCSeq: 1 REGISTER\r\n%sContent-Length: 0\r\n\r\n",
			up ? "REGISTER sip:pbx.example SIP/2.0" : "SIP/2.0 401 Unauthorized", to, to, to, to, to,
			up ? "" : "WWW-Authenticate: Digest realm=\"pbx\", nonce=\"x\"\r\n");

		send_text(s, text, (size_t)n, SCANNER, up);
	}
}

static void step(struct sender *s)
{
	unsigned what = next_random(&s->seed) % 100, call = 1 + next_random(&s->seed) % s->traffic->calls;
	char text[2048];
	size_t n;
	bool up;

	s->frame++;
	s->now += next_random(&s->seed) % s->traffic->milliseconds * INT64_C(1000000);
	n = write_message(text, sizeof(text), call, s->visits[call], &up);
	if (what < 20) {
		/* packets that are no messages go on with the time */
		tracker_advance(s->t, s->now);
	} else if (what < 22) {
		tracker_icmp(s->t, &(struct icmp_error){.reporter = host(SERVER), .src = host(call),
			.dst = host(SERVER), .what = "port unreachable", .payload = {text, n}, .time = s->now,
			.frame = s->frame, .file = 1});
	} else if (what < 30) {
		scan(s);
	} else {
		/* silence, and what ends it; some comes again */
		s->now += what == 99 ? s->traffic->silence * SECOND : 0;
		s->visits[call] += what > 35;
		send_text(s, text, n, call, up);
		if (what == 99 && next_random(&s->seed) % 4 == 0)
			tracker_loss(s->t, &(struct loss){.what = "gap", .count = 1, .time = s->now});
	}
}

static void run(const struct traffic *traffic, struct heard *h, bool at_once, unsigned seed,
	struct tracker_stats *stats)
{
	struct tracker_reader reader = {.exchange = hear, .finding = hear_finding, .arg = h, .says = true,
		.message = at_once ? hear_message : NULL};
	struct sender s = {.traffic = traffic, .seed = seed, .now = 1000 * SECOND,
		.t = tracker_new(&(struct tracker_options){.memory = traffic->memory}, &reader)};

	s.visits = calloc(traffic->calls + 1, sizeof(*s.visits));
	h->text = malloc(TEXT);
	assert_non_null(h->text);
	assert_non_null(s.visits);
	while (s.frame < STEPS)
		step(&s);
	/* packets that are no messages come last */
	tracker_advance(s.t, s.now + SECOND / 10);
	tracker_finish(s.t);
	*stats = *tracker_stats(s.t);
	tracker_free(s.t);
	free(s.visits);
}

static void test_same_end(void **state)
{
	(void)state;
	for (unsigned seed = 0; seed < 6; seed++) {
		const struct traffic *traffic = &traffics[seed % 2];
		struct heard single = {0}, groups = {0};
		struct tracker_stats a, b;

		run(traffic, &single, true, seed, &a);
		run(traffic, &groups, false, seed, &b);
		assert_true(single.messages > STEPS / 2);
		assert_int_equal(groups.messages, 0);
		assert_true(a.exchanges > 1000 && a.duplicates && a.icmp && !a.evicted_exchanges == !(seed % 2));
		assert_int_equal(single.n, groups.n);
		assert_memory_equal(single.text, groups.text, single.n);
		assert_memory_equal(&a, &b, sizeof(a));
		free(single.text);
		free(groups.text);
	}
}

/* Longer than any block: it is not lost, and those that wait are before it. */
static void test_long_message(void **state)
{
	struct heard h = {0};
	struct tracker_reader reader = {.exchange = hear, .arg = &h, .says = true};
	struct tracker *t = tracker_new(&(struct tracker_options){0}, &reader);
	size_t n = (1 << 17) + 1;
	char *text = malloc(n);
	bool up;
	struct datagram d = {.src = host(1), .dst = host(SERVER), .time = SECOND, .frame = 1, .file = 1};

	(void)state;
	assert_non_null(text);
	h.text = malloc(TEXT);
	memset(text, ' ', n);
	d.bytes = (struct slice){text, write_message(text, 2048, 1, 0, &up)};
	tracker_feed(t, &d);
	d.src = host(2);
	d.bytes.n = write_message(text, 2048, 2, 0, &up);
	text[d.bytes.n] = ' ';
	d.bytes.n = n;
	tracker_feed(t, &d);
	tracker_finish(t);
	assert_int_equal(tracker_stats(t)->messages, 2);
	assert_int_equal(tracker_stats(t)->exchanges, 2);
	tracker_free(t);
	free(h.text);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_end),
		cmocka_unit_test(test_long_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

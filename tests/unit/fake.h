/*
 * Exchanges made by hand from the text of their messages, for tests of what reads them. What the
 * engine would conclude (outcome, findings, judgements) is set by the test.
 */
#ifndef TESTS_FAKE_H
#define TESTS_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "auth/advice.h"

#define T0 (INT64_C(1795342921) * 1000000000 + 310000000) /* 2026-11-22T10:22:01.31Z */
#define MS INT64_C(1000000)

static inline struct address address(const char *ip, uint16_t port)
{
	struct address a;

	assert_true(address_parse_ip(slice_of(ip), &a));
	a.port = port;
	return a;
}

static inline struct observed observe(
	struct exchange *x, const char *text, uint32_t frame, int64_t time)
{
	struct observed o = {.frame = frame, .file = 1, .time = time, .transport = TRANSPORT_UDP};
	struct slice bytes = arena_copy(&x->arena, slice_of(text));
	struct auth_field *auth = arena_alloc(&x->arena, MESSAGE_AUTH_MAX * sizeof(*auth));

	assert_true(message_scan(bytes, &o.msg, auth));
	o.src = o.msg.request ? x->client : x->target;
	o.dst = o.msg.request ? x->target : x->client;
	return o;
}

static inline struct exchange *exchange_new(uint32_t n, enum method method)
{
	struct exchange *x = calloc(1, sizeof(*x));

	x->n = n;
	x->method = method;
	x->client = address("10.1.0.7", 5060);
	x->target = address("10.0.0.1", 5060);
	x->first_time = T0;
	x->verdict = SLICE("It was accepted.");
	x->outcome = OUTCOME_ACCEPTED;
	x->status = 200;
	return x;
}

static inline void exchange_free(struct exchange *x)
{
	arena_free(&x->arena);
	free(x);
}

static inline struct attempt *add_attempt(
	struct exchange *x, const char *text, uint32_t frame, int64_t time)
{
	struct attempt *a = arena_alloc(&x->arena, sizeof(*a));
	const struct message *m;

	a->request = observe(x, text, frame, time);
	m = &a->request.msg;
	a->credentials = arena_alloc(&x->arena, (m->auth_count + 1) * sizeof(*a->credentials));
	for (unsigned i = 0; i < m->auth_count; i++) {
		struct credential *c = &a->credentials[a->credential_count++];

		c->kind = m->auth[i].kind == AUTH_AUTHORIZATION ? AUTH_KIND_USER : AUTH_KIND_PROXY;
		params_scan(m->auth[i].value, &x->arena, &c->params, 1);
		c->username = params_value(&c->params, PARAM_USERNAME);
		c->realm = params_value(&c->params, PARAM_REALM);
		c->nonce = params_value(&c->params, PARAM_NONCE);
		c->uri = params_value(&c->params, PARAM_URI);
		c->response = params_value(&c->params, PARAM_RESPONSE);
		c->algorithm_name = params_value(&c->params, PARAM_ALGORITHM);
		c->opaque = params_value(&c->params, PARAM_OPAQUE);
		c->algorithm = algorithm_find(c->algorithm_name);
		c->qop = params_value(&c->params, PARAM_QOP);
		c->qops = (uint8_t)advice_qops(c->qop);
		c->digest = params_is_digest(&c->params);
	}
	if (x->last_attempt)
		x->last_attempt->next = a;
	else
		x->attempts = a;
	x->last_attempt = a;
	x->attempt_count++;
	x->last_time = time;
	return a;
}

static inline void respond(struct exchange *x, const char *text, uint32_t frame, int64_t time)
{
	struct response *r = arena_alloc(&x->arena, sizeof(*r));
	const struct message *m = &r->seen.msg;

	r->seen = observe(x, text, frame, time);
	r->status = m->status;
	r->copies = 1;
	r->challenges = arena_alloc(&x->arena, (m->auth_count + 1) * sizeof(*r->challenges));
	for (unsigned i = 0; i < m->auth_count; i++) {
		struct challenge *c = &r->challenges[r->challenge_count++];

		c->kind =
			m->auth[i].kind == AUTH_WWW_AUTHENTICATE ? AUTH_KIND_USER : AUTH_KIND_PROXY;
		params_scan(m->auth[i].value, &x->arena, &c->params, 1);
		c->realm = params_value(&c->params, PARAM_REALM);
		c->nonce = params_value(&c->params, PARAM_NONCE);
		c->qop = params_value(&c->params, PARAM_QOP);
		c->qops = (uint8_t)advice_qops(c->qop);
		c->opaque = params_value(&c->params, PARAM_OPAQUE);
		c->algorithm_name = params_value(&c->params, PARAM_ALGORITHM);
		c->algorithm = algorithm_find(c->algorithm_name);
		c->digest = params_is_digest(&c->params);
	}
	x->last_attempt->final = r;
	x->last_time = time;
}

static inline struct finding *add_finding(
	struct exchange *x, enum finding_id id, enum severity severity, const char *message)
{
	struct finding *f = arena_alloc(&x->arena, sizeof(*f));

	f->id = id;
	f->severity = severity;
	f->fault = FAULT_CLIENT;
	f->confidence = CONFIDENCE_PROVEN;
	f->message = arena_copy(&x->arena, slice_of(message));
	f->file = 1;
	f->frames[0] = x->last_attempt->request.frame;
	f->frame_count = 1;
	f->frame_total = 1;
	f->param = PARAM_UNKNOWN;
	if (!x->findings)
		x->findings = arena_alloc(
			&x->arena, EXCHANGE_FINDINGS_MAX * sizeof(*x->findings));
	x->findings[x->finding_count++] = f;
	return f;
}

#define REQUEST(cseq, more)                                                                        \
	"REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.0.7:5060;branch=z9hG4bK" cseq   \
	"\r\n"                                                                                     \
	"From: <sip:1001@example.com>;tag=1\r\nTo: <sip:1001@example.com>\r\n"                     \
	"Call-ID: a84b@10.1.0.7\r\nCSeq: " cseq                                                    \
	" REGISTER\r\nUser-Agent: Grandstream GXP1625\r\n" more "Content-Length: 0\r\n\r\n"
#define RESPONSE(cseq, status, more) \
	"SIP/2.0 " status "\r\nVia: SIP/2.0/UDP 10.1.0.7:5060;branch=z9hG4bK" cseq "\r\n" \
	"From: <sip:1001@example.com>;tag=1\r\nTo: <sip:1001@example.com>;tag=2\r\n" \
	"Call-ID: a84b@10.1.0.7\r\nCSeq: " cseq " REGISTER\r\nServer: VOS3000 V2.1.9.07\r\n" more \
	"Content-Length: 0\r\n\r\n"

#endif

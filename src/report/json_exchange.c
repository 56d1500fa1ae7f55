#include "report/json.h"

#include <string.h>

#include "sip/uri.h"

static void place(struct json *j, const struct observed *o)
{
	json_uint(j, "file", o->file);
	json_uint(j, "frame", o->frame);
	json_time(j, "time", o->time);
}

static void challenge(struct json *j, const struct challenge *c)
{
	json_object(j, NULL);
	json_string(j, "header", challenge_field_name(c->kind));
	json_slice(j, "scheme", c->params.scheme);
	json_slice(j, "realm", c->realm);
	json_slice(j, "nonce", c->nonce);
	json_slice(j, "opaque", c->opaque);
	json_slice(j, "algorithm", c->algorithm_name);
	json_slice(j, "qop", c->qop);
	json_slice(j, "stale", params_value(&c->params, PARAM_STALE));
	json_slice(j, "domain", params_value(&c->params, PARAM_DOMAIN));
	json_slice(j, "userhash", params_value(&c->params, PARAM_USERHASH));
	json_slice(j, "charset", params_value(&c->params, PARAM_CHARSET));
	json_end(j);
}

static void credential(struct json *j, const struct credential *c)
{
	json_object(j, NULL);
	json_string(j, "header", credential_field_name(c->kind));
	json_slice(j, "scheme", c->params.scheme);
	json_slice(j, "username", c->username);
	json_slice(j, "username*", params_value(&c->params, PARAM_USERNAME_STAR));
	json_slice(j, "realm", c->realm);
	json_slice(j, "nonce", c->nonce);
	json_slice(j, "uri", c->uri);
	json_slice(j, "response", c->response);
	json_slice(j, "algorithm", c->algorithm_name);
	json_slice(j, "qop", c->qop);
	json_slice(j, "nc", c->nc);
	json_slice(j, "cnonce", c->cnonce);
	json_slice(j, "opaque", c->opaque);
	json_slice(j, "userhash", params_value(&c->params, PARAM_USERHASH));
	json_slice(j, "auts", params_value(&c->params, PARAM_AUTS));
	json_string(j, "verification", verification_name(c->verification));
	json_end(j);
}

static void response(struct json *j, const char *key, const struct response *r)
{
	json_object(j, key);
	place(j, &r->seen);
	json_uint(j, "status", r->status);
	json_slice(j, "reason", r->seen.msg.reason);
	json_array(j, "challenges");
	for (unsigned i = 0; i < r->challenge_count; i++)
		challenge(j, &r->challenges[i]);
	json_end(j);
	json_end(j);
}

static void attempt(struct json *j, const struct attempt *a)
{
	json_object(j, NULL);
	place(j, &a->request);
	if (a->request.msg.cseq_valid)
		json_uint(j, "cseq", a->request.msg.cseq);
	json_uint(j, "retransmissions", a->retransmissions);
	json_array(j, "credentials");
	for (unsigned i = 0; i < a->credential_count; i++)
		credential(j, &a->credentials[i]);
	json_end(j);
	if (a->final)
		response(j, "response", a->final);
	json_array(j, "other_responses");
	for (const struct response *r = a->others; r; r = r->next)
		response(j, NULL, r);
	json_end(j);
	json_end(j);
}

/* Is the string that was hashed made from the secret? Then only --show-secrets shows it. */
static bool derives_from_secret(const struct deviation *d)
{
	static const struct slice kinds[] = {{"pw-", 3}, {"aka-", 4}, {"order-", 6}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (slice_starts_nocase(d->id, kinds[i]))
			return true;
	/* names of algorithms are told, hashes of the secret are not */
	return slice_starts_nocase(d->id, SLICE("alg-")) && d->value.n >= 32;
}

static void deviations(struct json *j, const struct report *r, const struct finding *f)
{
	if (!f->deviation_count)
		return;
	json_array(j, "deviations");
	for (size_t i = 0; i < f->deviation_count; i++) {
		const struct deviation *d = &f->deviations[i];

		json_object(j, NULL);
		json_slice(j, "id", d->id);
		if (r->options.show_secrets || !derives_from_secret(d))
			json_slice(j, "value", d->value);
		json_array(j, "also");
		for (size_t k = 0; k < d->also_count; k++)
			json_string(j, NULL, d->also[k]);
		json_end(j);
		json_end(j);
	}
	json_end(j);
}

/* The members that findings of every scope have. */
static void finding_members(struct json *j, const struct report *r, const struct finding *f,
	const struct software_advice *advice)
{
	const struct finding_kind *kind = finding_kind(f->id);

	json_string(j, "id", kind->id);
	json_string(j, "severity", severity_name(f->severity));
	json_string(j, "fault", fault_name(f->fault));
	json_string(j, "confidence", confidence_name(f->confidence));
	json_slice(j, "message", f->message);
	json_string(j, "fix", kind->fix);
	json_string(j, "vos3000", kind->vos3000);
	if (advice->fix) {
		json_object(j, "software");
		json_string(j, "name", software_name(advice->software));
		json_string(j, "fix", advice->fix);
		json_end(j);
	}
	json_string(j, "source", kind->source);
	if (f->file)
		json_uint(j, "file", f->file);
	json_array(j, "frames");
	for (unsigned i = 0; i < f->frame_count; i++)
		json_uint(j, NULL, f->frames[i]);
	json_end(j);
	json_uint(j, "frames_total", f->frame_total);
	deviations(j, r, f);
}

/* Who talks to whom, from the first request. */
static void parties(struct json *j, const struct exchange *x)
{
	const struct observed *first = x->attempts ? &x->attempts->request : NULL;

	if (first)
		json_uint(j, "file", first->file);
	if (x->leg_of) {
		json_uint(j, "leg_of", x->leg_of);
		json_uint(j, "hop", x->hop);
	}
	if (x->method_name.p)
		json_slice(j, "method", x->method_name);
	else
		json_string(j, "method", method_name(x->method));
	if (first) {
		json_slice(j, "call_id", first->msg.call_id);
		if (first->msg.from.p)
			json_slice(j, "from", name_addr_uri(first->msg.from));
		if (first->msg.to.p)
			json_slice(j, "to", name_addr_uri(first->msg.to));
		json_slice(j, "request_uri", first->msg.request_uri);
	}
	json_slice(j, "user_agent", exchange_user_agent(x));
	json_slice(j, "server", exchange_server(x));
	json_address(j, "client", &x->client);
	json_address(j, "target", &x->target);
	json_string(j, "transport", transport_name(x->transport));
}

void json_exchange(struct json *j, const struct report *r, const struct exchange *x)
{
	json_object(j, NULL);
	json_string(j, "type", "exchange");
	json_uint(j, "n", x->n);
	json_bool(j, "final", true);
	parties(j, x);
	json_time(j, "time", x->first_time);
	json_ms(j, "duration_ms", x->duration);
	json_string(j, "outcome", outcome_name(x->outcome));
	if (x->status)
		json_uint(j, "status", x->status);
	json_uint(j, "rounds", x->rounds);
	if (x->cause)
		json_string(j, "cause", finding_kind(x->cause->id)->id);
	json_slice(j, "verdict", x->verdict);
	json_slice(j, "alg", x->alg);
	json_array(j, "attempts");
	for (const struct attempt *a = x->attempts; a; a = a->next)
		attempt(j, a);
	json_end(j);
	json_array(j, "findings");
	for (unsigned i = 0; i < x->finding_count; i++) {
		struct software_advice advice = report_advice(x, x->findings[i]);

		json_object(j, NULL);
		finding_members(j, r, x->findings[i], &advice);
		json_end(j);
	}
	json_end(j);
	json_end(j);
}

static void account(struct json *j, const struct scope_finding *f)
{
	if (!f->user.p && !f->realm.p)
		return;
	json_object(j, "account");
	json_slice(j, "user", f->user);
	json_slice(j, "realm", f->realm);
	if (f->server)
		json_address(j, "server", f->server);
	json_end(j);
}

void json_scope_finding(struct json *j, const struct report *r, const struct scope_finding *f)
{
	static const char *const scopes[] = {"account", "server", "capture"};
	struct software_advice advice = report_scope_advice(r, f);

	json_object(j, NULL);
	json_string(j, "type", "finding");
	json_string(j, "scope", scopes[f->scope]);
	finding_members(j, r, &f->finding, &advice);
	if (f->exchange_count) {
		json_array(j, "exchanges");
		for (unsigned i = 0; i < f->exchange_count; i++)
			json_uint(j, NULL, f->exchanges[i]);
		json_end(j);
	}
	account(j, f);
	if (f->server && !f->user.p && !f->realm.p)
		json_address(j, "server", f->server);
	if (f->address_count) {
		json_array(j, "addresses");
		for (size_t i = 0; i < f->address_count; i++)
			json_ip(j, NULL, &f->addresses[i]);
		json_end(j);
	}
	if (f->count)
		json_uint(j, "count", f->count);
	if (f->first) {
		json_time(j, "first", f->first);
		json_time(j, "last", f->last);
	}
	json_end(j);
}

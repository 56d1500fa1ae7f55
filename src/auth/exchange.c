#include "auth/exchange.h"

#include "sip/uri.h"

static const char *const outcome_names[OUTCOME_COUNT] = {
	[OUTCOME_UNKNOWN] = "unknown",
	[OUTCOME_ACCEPTED] = "accepted",
	[OUTCOME_UNCHALLENGED] = "unchallenged",
	[OUTCOME_REJECTED] = "rejected",
	[OUTCOME_UNANSWERED] = "unanswered",
	[OUTCOME_NO_REPLY] = "no-reply",
};

const char *outcome_name(enum outcome o)
{
	return outcome_names[o];
}

const char *verification_name(enum verification v)
{
	static const char *const names[] = {
		[VERIFICATION_NO_SECRET] = "no-secret",
		[VERIFICATION_MATCH] = "match",
		[VERIFICATION_MISMATCH] = "mismatch",
		[VERIFICATION_UNSUPPORTED] = "unsupported",
		[VERIFICATION_INCOMPLETE] = "incomplete",
	};

	return names[v];
}

const char *challenge_field_name(enum auth_kind k)
{
	return k == AUTH_KIND_USER ? "WWW-Authenticate" : "Proxy-Authenticate";
}

const char *credential_field_name(enum auth_kind k)
{
	return k == AUTH_KIND_USER ? "Authorization" : "Proxy-Authorization";
}

struct slice exchange_user_agent(const struct exchange *x)
{
	for (const struct attempt *a = x->attempts; a; a = a->next)
		if (a->request.msg.user_agent.p)
			return a->request.msg.user_agent;
	return SLICE_ABSENT;
}

static struct slice response_server(const struct response *r)
{
	return r->seen.msg.server.p ? r->seen.msg.server : r->seen.msg.user_agent;
}

struct slice exchange_server(const struct exchange *x)
{
	for (const struct attempt *a = x->attempts; a; a = a->next)
		if (a->final && response_server(a->final).p)
			return response_server(a->final);
	return SLICE_ABSENT;
}

struct slice exchange_user(const struct exchange *x)
{
	struct slice user = SLICE_ABSENT;

	for (const struct attempt *a = x->attempts; a; a = a->next)
		for (unsigned i = 0; i < a->credential_count; i++)
			if (a->credentials[i].username.p)
				user = a->credentials[i].username;
	if (!user.p && x->attempts)
		user = name_addr_user(x->attempts->request.msg.from);
	return user;
}

enum severity exchange_severity(const struct exchange *x)
{
	enum severity worst = x->counted[SEVERITY_INFO] ? SEVERITY_INFO : SEVERITY_OK;

	for (unsigned i = 0; i < x->finding_count; i++)
		if (x->findings[i]->severity > worst)
			worst = x->findings[i]->severity;
	return worst;
}

#include "report/json.h"

#include "auth/advice_table.h"
#include "auth/profile.h"

/* Name -> count; the names that contract readers look for stand there with 0, too. */
static void counts(struct json *j, const char *key, const struct report_count *list, size_t n)
{
	json_object(j, key);
	for (size_t i = 0; i < n; i++)
		json_uint(j, list[i].name, list[i].count);
	json_end(j);
}

static void outcomes(struct json *j, const struct tracker_stats *s)
{
	json_object(j, "outcomes");
	for (unsigned i = 0; i < OUTCOME_COUNT; i++)
		if (s->outcomes[i])
			json_uint(j, outcome_name(i), s->outcomes[i]);
	json_end(j);
}

static void findings(struct json *j, const struct tracker_stats *s)
{
	json_object(j, "findings");
	for (int i = SEVERITY_ERROR; i >= SEVERITY_OK; i--)
		json_uint(j, severity_name((enum severity)i), s->findings[i]);
	json_end(j);
}

static void dropped(struct json *j, const struct report *r, const struct report_end *e)
{
	const struct tracker_stats *s = e->stats;

	json_object(j, "dropped");
	json_uint(j, "nonces", s->evicted_nonces);
	json_uint(j, "accounts", s->evicted_accounts);
	json_uint(j, "frames", s->evicted_frames);
	if (s->evicted_facts)
		json_uint(j, "facts", s->evicted_facts);
	if (s->evicted_requests)
		json_uint(j, "requests", s->evicted_requests);
	if (s->evicted_watched)
		json_uint(j, "watched", s->evicted_watched);
	if (s->evicted_exchanges)
		json_uint(j, "exchanges", s->evicted_exchanges);
	if (e->advice && e->advice->dropped)
		json_uint(j, "servers", e->advice->dropped);
	if (r->groups->dropped)
		json_uint(j, "groups", r->groups->dropped);
	for (size_t i = 0; i < e->dropped_count; i++)
		if (e->dropped[i].count)
			json_uint(j, e->dropped[i].name, e->dropped[i].count);
	json_end(j);
}

/* With a selection: the counts of the summary are of all nevertheless. */
static void shown(struct json *j, const struct report *r)
{
	if (!report_selecting(r))
		return;
	json_object(j, "shown");
	json_uint(j, "exchanges", r->shown.exchanges);
	json_uint(j, "findings", r->shown.findings);
	json_end(j);
}

static void groups(struct json *j, struct groups *g)
{
	groups_sort(g);
	json_array(j, "groups");
	for (size_t i = 0; i < g->count; i++) {
		const struct group *group = g->list[i];

		json_object(j, NULL);
		json_string(j, "cause", finding_kind(group->cause)->id);
		json_slice(j, "server", group->server);
		json_slice(j, "client", group->client);
		json_uint(j, "count", group->count);
		json_array(j, "exchanges");
		for (size_t k = 0; k < group->count && k < GROUP_EXCHANGES_MAX; k++)
			json_uint(j, NULL, group->exchanges[k]);
		json_end(j);
		json_end(j);
	}
	json_end(j);
}

/* A response with both header fields counts as its status. */
static bool told_before(const struct advice_codes *codes, unsigned at)
{
	for (unsigned i = 0; i < at; i++)
		if (codes->code[i] % ADVICE_BOTH == codes->code[at] % ADVICE_BOTH)
			return true;
	return false;
}

static void by_method(struct json *j, const struct advice_server *s)
{
	json_object(j, "by_method");
	for (int m = 0; m < METHOD_COUNT; m++) {
		const struct advice_codes *codes = &s->by_method[m];

		if (!codes->n)
			continue;
		json_array(j, method_name((enum method)m));
		for (unsigned i = 0; i < codes->n; i++)
			if (!told_before(codes, i))
				json_uint(j, NULL, codes->code[i] % ADVICE_BOTH);
		json_end(j);
	}
	json_end(j);
}

/* Methods that were challenged with both header fields in one response. */
static void both_in_one(struct json *j, const struct advice_server *s)
{
	bool any = false;

	for (int m = 0; m < METHOD_COUNT; m++) {
		const struct advice_codes *codes = &s->by_method[m];

		for (unsigned i = 0; i < codes->n; i++) {
			if (codes->code[i] < ADVICE_BOTH)
				continue;
			if (!any)
				json_array(j, "both_kinds");
			any = true;
			json_string(j, NULL, method_name((enum method)m));
			break;
		}
	}
	if (any)
		json_end(j);
}

static void codes(struct json *j, const char *key, const bool seen[2])
{
	json_array(j, key);
	if (seen[0])
		json_uint(j, NULL, 401);
	if (seen[1])
		json_uint(j, NULL, 407);
	json_end(j);
}

static void modes(struct json *j, const struct report *r, const struct advice_endpoint *e)
{
	json_array(j, "modes");
	for (unsigned m = 1; m <= ADVICE_MODES; m++) {
		struct buf why = {0};
		struct advice_verdict v = advice_verdict(e, m, r->options.profile, &why);

		json_object(j, NULL);
		json_uint(j, "mode", m);
		json_string(j, "result", advice_result_name(v.result));
		json_string(j, "basis", advice_basis_name(v.basis));
		json_slice(j, "evidence", buf_slice(&why));
		json_end(j);
		buf_free(&why);
	}
	json_end(j);
}

static void endpoints(struct json *j, const struct report *r, const struct advice_server *s)
{
	json_array(j, "endpoints");
	for (size_t i = 0; i < s->endpoint_count; i++) {
		const struct advice_endpoint *e = &s->endpoints[i];

		json_object(j, NULL);
		json_string(j, "user_agent", e->user_agent);
		if (e->profile)
			json_string(j, "profile", e->profile->name);
		codes(j, "answers", e->answers);
		codes(j, "ignores", e->ignores);
		json_uint(j, "exchanges", e->exchanges);
		json_uint(j, "failed", e->failed);
		modes(j, r, e);
		json_end(j);
	}
	json_end(j);
}

static void mode(struct json *j, const char *key, unsigned value)
{
	if (value)
		json_uint(j, key, value);
	else
		json_null(j, key);
}

static void challenge_mode(struct json *j, const struct report *r, const struct advice *a)
{
	json_array(j, "challenge_mode");
	for (size_t i = 0; a && i < a->count; i++) {
		const struct advice_server *s = &a->servers[i];

		json_object(j, NULL);
		json_address(j, "address", &s->address);
		json_string(j, "server", s->server);
		by_method(j, s);
		both_in_one(j, s);
		mode(j, "observed_mode", s->observed_mode);
		mode(j, "recommended_mode", s->recommended_mode);
		json_string(j, "confidence", confidence_name(s->confidence));
		json_string(j, "reason", s->reason ? s->reason : "");
		if (r->options.vos_mode)
			json_uint(j, "believed_mode", r->options.vos_mode);
		endpoints(j, r, s);
		json_end(j);
	}
	json_end(j);
}

void json_summary(struct json *j, const struct report *r, const struct report_end *e)
{
	json_object(j, NULL);
	json_string(j, "type", "summary");
	json_uint(j, "files", r->options.file_count);
	json_uint(j, "packets", e->packets);
	json_uint(j, "datagrams", e->stats->datagrams);
	json_uint(j, "messages", e->stats->messages);
	json_uint(j, "exchanges", e->stats->exchanges);
	shown(j, r);
	outcomes(j, e->stats);
	findings(j, e->stats);
	counts(j, "undecoded", e->undecoded, e->undecoded_count);
	json_bool(j, "truncated", e->truncated);
	dropped(j, r, e);
	groups(j, r->groups);
	challenge_mode(j, r, e->advice);
	json_servers(j, e->advice);
	json_accounts(j, e->accounts);
	json_end(j);
}

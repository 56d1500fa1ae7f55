/* The same deviation in several responses of one client is one statement about the client. */
#include "auth/sender.h"

static void add_number(struct buf *b, uint64_t n)
{
	buf_printf(b, "%llu", (unsigned long long)n);
}

/* "All 14 wrong responses of user "1001" from 10.1.0.7 are right if ...": wire bytes are made printable. */
static void sentence(const struct sender *s, const struct known_set *set, struct buf *out)
{
	char address[ADDRESS_TEXT];
	bool one = set->responses == 1;

	if (s->rspauth) {
		buf_adds(out, "The server's proof for user \"");
	} else if (one) {
		buf_adds(out, "A wrong response of user \"");
	} else {
		buf_adds(out, set->responses == s->wrong ? "All " : "");
		add_number(out, set->responses);
		if (set->responses != s->wrong) {
			buf_adds(out, " of ");
			add_number(out, s->wrong);
		}
		buf_adds(out, " wrong responses of user \"");
	}
	buf_add_printable(out, s->user);
	buf_printf(out, "\" from %s %s right if ", address_format_ip(&s->client, address),
		one || s->rspauth ? "is" : "are");
	buf_add_printable(out, set->words);
	if (set->accepted && !s->rspauth)
		buf_adds(out, "; the server really uses it");
	buf_addc(out, '.');
}

static void give_out(struct tracker *t, const struct sender *s, const struct known_set *set)
{
	struct buf text = {0};
	enum finding_id id = s->rspauth ? FINDING_RSPAUTH_WRONG : FINDING_DIGEST_DEVIATION;
	const struct finding_kind *kind = finding_kind(id);
	struct scope_finding f = {
		.finding = set->finding,
		.scope = SCOPE_ACCOUNT,
		.exchange_count = set->exchange_count,
		.user = s->user,
		.realm = s->realm,
		.server = &s->server,
		.addresses = &s->client,
		.address_count = 1,
		.count = set->responses,
		.first = set->finding.time,
		.last = set->last,
	};

	sentence(s, set, &text);
	for (unsigned i = 0; i < set->exchange_count; i++)
		f.exchanges[i] = set->exchanges[i];
	f.finding.id = id;
	f.finding.severity = set->all_failed ? kind->severity_if_failed : kind->severity;
	f.finding.fault = s->rspauth ? kind->fault : set->fault;
	f.finding.confidence = CONFIDENCE_PROVEN;
	f.finding.message = buf_slice(&text);
	f.finding.param = PARAM_UNKNOWN;
	f.finding.deviations = set->deviations;
	f.finding.deviation_count = set->count;
	t->stats.findings[f.finding.severity]++;
	if (t->reader.finding)
		t->reader.finding(t->reader.arg, &f);
	buf_free(&text);
}

void sender_report(struct tracker *t, const struct sender *s)
{
	for (unsigned i = 0; i < s->set_count; i++)
		if (s->sets[i]->responses > 1 || s->sets[i]->late)
			give_out(t, s, s->sets[i]);
}

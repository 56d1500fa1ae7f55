/* What messages tell about peers beyond their exchange: kept in the tables beside it. */
#include "auth/engine.h"

#include "sip/uri.h"

static uint64_t about_cnonce(const struct address *client, const struct credential *k)
{
	return hash_mix(k->cnonce_hash, about_client(client, k->username));
}

/* The beginning of a dialog. */
static bool is_first_invite(const struct message *m)
{
	return m->method == METHOD_INVITE && !m->to_tag.n;
}

void foresee_request(const struct tracker *t, const struct datagram *d, const struct keys *keys,
	const struct attempt *a)
{
	if (is_first_invite(&a->request.msg))
		facts_foresee(t->requests, FACT_DIALOG, keys->call_id);
	for (unsigned i = 0; i < a->credential_count; i++) {
		const struct credential *k = &a->credentials[i];

		nonces_foresee(t->nonces, k->nonce_hash);
		if (k->cnonce.n)
			table_foresee(&t->cnonces, about_cnonce(&d->src, k));
		legs_foresee_credential(t->legs, keys->same, k);
		watch_foresee_account(t->watch, &d->dst, k);
		secrets_foresee(t->options.secrets, k->username);
	}
}

void foresee_final(const struct tracker *t, const struct attempt *a, unsigned status)
{
	if (status_is_challenge(status)) {
		legs_foresee(t->legs, a->same);
		if (a->credential_count)
			watch_foresee_refused(t, a->exchange);
	}
	for (unsigned i = 0; status / 100 == 2 && i < a->credential_count; i++)
		nonces_foresee(t->nonces, a->credentials[i].nonce_hash);
}

void foresee_challenges(const struct tracker *t, const struct response *r)
{
	for (unsigned i = 0; i < r->challenge_count; i++)
		nonces_foresee(t->nonces, r->challenges[i].nonce_hash);
}

static void note_answers(struct tracker *t, const struct exchange *x, const struct attempt *a)
{
	for (unsigned i = 0; i < a->credential_count; i++) {
		const struct credential *k = &a->credentials[i];
		const struct algorithm_info *info = algorithm_info(k->algorithm);
		bool answers, strong = info && info->hash != HASH_MD5;
		struct habits *habits;

		if (k->placeholder || !k->challenge)
			continue;
		answers = k->challenged_by->status == 401 && k->kind == AUTH_KIND_USER;
		if (!answers && !strong)
			continue;
		habits = watch_habits(t, &x->client, a->request.msg.user_agent);
		if (answers)
			habits->answered_401 = a->request.frame;
		if (strong)
			habits->answered_sha = a->request.frame;
	}
}

static void note_dialog(struct tracker *t, const struct attempt *a)
{
	struct fact *f = facts_put(t->requests, FACT_DIALOG, t->keys.call_id);

	f->value = (int64_t)t->keys.hosts;
	f->n = (uint32_t)address_ip_hash(&a->request.src, 0);
	f->time = a->request.time;
}

/* Which nonce after a nextnonce, which cnonce with how many nonces; who calls whom. */
static void note_habits(struct tracker *t, const struct exchange *x, struct attempt *a)
{
	if (is_first_invite(&a->request.msg))
		note_dialog(t, a);
	for (unsigned i = 0; i < a->credential_count; i++) {
		struct credential *k = &a->credentials[i];
		uint32_t nonce = (uint32_t)k->nonce_hash;
		struct fact *f = t->nextnonces ? facts_get(t->facts, FACT_NEXTNONCE, x->requester) : NULL;
		struct cnonce *c;

		if (f && f->n == nonce && (uint32_t)f->value != nonce)
			k->next_ignored = true;
		if (f)
			f->n = 0;
		if (!k->cnonce.n)
			continue;
		c = table_put(&t->cnonces, about_cnonce(&x->client, k));
		if (c->nonce != nonce)
			c->count++;
		c->nonce = nonce;
		k->cnonce_nonces = c->count;
	}
}

void note_issued(struct tracker *t, const struct exchange *x, const struct response *r)
{
	struct slice next = response_info(r, PARAM_NEXTNONCE);

	for (unsigned i = 0; i < r->challenge_count; i++) {
		const struct challenge *c = &r->challenges[i];
		struct nonce_repeat repeat;

		if (!c->nonce.n)
			continue;
		repeat = nonces_issue(t->nonces, c->kind, c->realm, c->nonce_hash, &r->seen, x->n);
		if (repeat.repeated)
			scope_nonce(t, x, r, c, repeat);
	}
	if (next.n && x->last_attempt->credential_count) {
		const struct credential *k = &x->last_attempt->credentials[0];
		struct fact *f = facts_put(t->facts, FACT_NEXTNONCE, x->requester);
		uint64_t nonce = slice_hash(next, 0);

		t->nextnonces = true;
		nonces_issue(t->nonces, k->kind, k->realm, nonce, &r->seen, x->n);
		f->value = (int64_t)nonce;
		f->n = (uint32_t)k->nonce_hash;
	}
	if (r->challenge_count)
		watch_challenged(t, x, r->seen.time);
}

/* Did another exchange of this account get a newer nonce after the one that is answered here? */
void note_crossing(struct tracker *t, const struct exchange *x, struct attempt *a)
{
	for (unsigned i = 0; i < a->credential_count; i++) {
		struct credential *k = &a->credentials[i];

		k->crossed = k->challenged_by && watch_crossed(t, x, k->challenged_by->seen.time);
	}
}

static void note_accepted(struct tracker *t, const struct attempt *a)
{
	for (unsigned i = 0; i < a->credential_count; i++)
		if (a->credentials[i].judgement == JUDGEMENT_ACCEPTED) {
			nonces_accept(t->nonces, &a->credentials[i], &a->request);
			if (transport_is_reliable(a->request.transport))
				facts_put(t->facts, FACT_CONNECTION,
					about_endpoints(&a->request.src, &a->request.dst));
		}
}

void note_leg(struct tracker *t, const struct exchange *x, const struct attempt *a)
{
	bool beginning =
		x->method == METHOD_REGISTER || (x->method == METHOD_INVITE && !x->in_dialog);
	int64_t waited = a->final->seen.time - a->last_sent;
	struct leg *leg = t->leg;

	if (!leg->round_trip || waited < leg->round_trip)
		leg->round_trip = waited;
	if (!beginning || !status_is_challenge(a->final->status))
		return;
	if (x->hosts != t->keys.hosts)
		leg = watch_leg(t, x->hosts, &x->client, &x->target);
	leg->flags |= LEG_CHALLENGED;
}

/* Seconds that a 200 to REGISTER grants: the Contact's parameter, else the field (RFC 3261 10.3). */
static int64_t granted_by(const struct message *answer, const struct message *request)
{
	struct slice param = header_param(answer->contact, SLICE("expires"));
	uint64_t seconds;

	if (slice_to_u64(param, UINT32_MAX, &seconds))
		return (int64_t)seconds;
	if (answer->expires >= 0)
		return answer->expires;
	return answer->contact.p ? request->expires : 0;
}

void note_server(struct tracker *t, struct exchange *x, const struct attempt *a)
{
	if (x->method == METHOD_REGISTER && a->final->status / 100 == 2) {
		a->final->granted = granted_by(&a->final->seen.msg, &a->request.msg);
		watch_registered(t, x);
	}
	legs_response(t, x, a, a->final);
}

void note_request(struct tracker *t, struct exchange *x, struct attempt *a)
{
	note_answers(t, x, a);
	note_habits(t, x, a);
	legs_request(t, x, a);
	if (a == x->attempts)
		watch_asked(t, x, a);
}

bool note_status(struct tracker *t, const struct exchange *x, const struct attempt *a)
{
	unsigned status = a->final->status;
	const struct fact *f;
	uint64_t about;

	if (status < 300 || status_is_challenge(status))
		return false;
	about = slice_hash(a->request.msg.request_uri,
		slice_hash(x->method_name, address_ip_hash(&x->target, 0)));
	if (!attempt_has_credentials(a)) {
		struct fact *plain = facts_put(t->requests, FACT_PLAIN_STATUS, about);

		plain->flags = status;
		plain->time = a->final->seen.time;
		return false;
	}
	f = facts_get(t->requests, FACT_PLAIN_STATUS, about);
	return f && f->flags == status;
}

void note_judged(struct tracker *t, const struct exchange *x, const struct attempt *a)
{
	note_accepted(t, a);
	watch_judged(t, x, a);
}

#include "auth/keys.h"

static enum method method_of(const struct message *m)
{
	return m->method == METHOD_ACK || m->method == METHOD_CANCEL ? METHOD_INVITE : m->method;
}

/* Adds the method, and what fits into the lower 40 bits. */
static uint64_t add_method(uint64_t key, uint64_t more, const struct message *m)
{
	key = hash_mix(key, more | (uint64_t)method_of(m) << 40);
	if (m->method != METHOD_OTHER)
		return key;
	return slice_hash(m->request ? m->method_name : m->cseq_method, key);
}

static bool has_cookie(struct slice branch)
{
	return branch.n > 7 && slice_starts_nocase(branch, SLICE("z9hG4bK"));
}

static uint64_t chain_of_call(uint64_t call, const struct message *m, const struct datagram *d)
{
	const struct address *client = m->request ? &d->src : &d->dst;

	return address_ip_hash(client, add_method(call, m->via_count, m));
}

uint64_t keys_chain(const struct message *m, const struct datagram *d)
{
	return chain_of_call(slice_hash(m->from_tag, slice_hash(m->call_id, 0)), m, d);
}

struct keys keys_of(uint64_t hosts, const struct message *m, const struct datagram *d)
{
	struct keys k = {.hosts = hosts};
	/* without the magic cookie a branch is not unique (RFC 3261 17.2.3) */
	bool unique = has_cookie(m->branch);
	uint64_t call;

	k.transaction = add_method(hosts, (uint64_t)d->transport << 32 | m->cseq, m);
	k.transaction = slice_hash(m->branch, k.transaction);
	if (!m->request && unique)
		return k;
	k.call_id = slice_hash(m->call_id, 0);
	call = slice_hash(m->from_tag, k.call_id);
	if (!unique)
		k.transaction = hash_mix(k.transaction, call);
	if (m->request) {
		k.same = add_method(call, m->cseq, m);
		k.chain = chain_of_call(call, m, d);
	}
	return k;
}

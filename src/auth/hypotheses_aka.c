/* What clients make of RES in place of the password of AKA (RFC 3310, RFC 4169). */
#include "auth/hypotheses_make.h"

#include <string.h>

/* RES, and IK and CK if they are known. False: no AKA here. */
static bool aka_values(const struct builder *b, struct aka_secret *out)
{
	const struct secret *s = b->riddle->secret;

	if (!b->aka || !s)
		return false;
	if (s->kind == SECRET_AKA_KEY)
		return aka_from_nonce(&s->value->key, b->in->nonce, out);
	if (s->kind != SECRET_AKA_RES)
		return false;
	*out = s->value->res;
	return true;
}

static struct slice bytes(struct builder *b, const void *p, size_t n)
{
	return arena_copy(b->arena, (struct slice){p, n});
}

static void add_hex(
	struct builder *b, const struct row *row, const struct aka_secret *s, const char *digits)
{
	char *out = arena_alloc(b->arena, 2 * sizeof(s->res));

	for (size_t i = 0; i < s->res_length; i++) {
		out[2 * i] = digits[s->res[i] >> 4];
		out[2 * i + 1] = digits[s->res[i] & 15];
	}
	add_value(b, row, (struct slice){out, 2 * s->res_length});
}

void make_aka_hex(struct builder *b, const struct row *row)
{
	struct aka_secret s;

	if (!aka_values(b, &s))
		return;
	add_hex(b, row, &s, "0123456789abcdef");
	add_hex(b, row, &s, "0123456789ABCDEF");
	secret_wipe(&s, sizeof(s));
}

void make_aka_base64(struct builder *b, const struct row *row)
{
	struct aka_secret s;
	uint8_t text[32];

	if (!aka_values(b, &s))
		return;
	add_value(b, row, bytes(b, text, aka_base64(s.res, s.res_length, text)));
	secret_wipe(&s, sizeof(s));
	secret_wipe(text, sizeof(text));
}

/* sprout#1599, SIPp#595: strlen() of RES. */
void make_aka_cut(struct builder *b, const struct row *row)
{
	struct aka_secret s;
	const uint8_t *nul;

	if (!aka_values(b, &s))
		return;
	nul = memchr(s.res, 0, s.res_length);
	if (nul)
		add_value(b, row, bytes(b, s.res, (size_t)(nul - s.res)));
	secret_wipe(&s, sizeof(s));
}

void make_aka_v1(struct builder *b, const struct row *row)
{
	struct aka_secret s;

	if (!aka_values(b, &s))
		return;
	add_value(b, row, bytes(b, s.res, s.res_length));
	secret_wipe(&s, sizeof(s));
}

void make_aka_v2(struct builder *b, const struct row *row)
{
	enum algorithm v2 =
		b->info->hash == HASH_SHA256 ? ALGORITHM_AKAV2_SHA256 : ALGORITHM_AKAV2_MD5;
	struct aka_secret s;
	uint8_t text[64];
	size_t n;

	if (!aka_values(b, &s))
		return;
	n = aka_password(v2, &s, text);
	if (n)
		add_value(b, row, bytes(b, text, n));
	secret_wipe(&s, sizeof(s));
	secret_wipe(text, sizeof(text));
}

void make_aka_empty(struct builder *b, const struct row *row)
{
	if (b->aka)
		add_value(b, row, SLICE(""));
}

/* base64(HMAC(...)) over the parts in another order than RFC 4169 has it. */
void make_aka_order(struct builder *b, const struct row *row)
{
	static const uint8_t orders[][3] = {{0, 2, 1}, {1, 2, 0}, {2, 1, 0}, {1, 0, 2}, {2, 0, 1}};
	struct aka_secret s;
	uint8_t key[64], mac[HASH_MAX], text[64];

	if (!aka_values(b, &s))
		return;
	for (size_t i = 0; s.has_keys && i < sizeof(orders) / sizeof(*orders); i++) {
		const struct slice parts[] = {
			{(char *)s.res, s.res_length}, {(char *)s.ik, 16}, {(char *)s.ck, 16}};
		size_t n = 0;

		for (int k = 0; k < 3; k++) {
			memcpy(key + n, parts[orders[i][k]].p, parts[orders[i][k]].n);
			n += parts[orders[i][k]].n;
		}
		if (hmac_raw(b->info->hash, (struct slice){(char *)key, n},
			    SLICE("http-digest-akav2-password"), mac))
			add_value(b, row,
				bytes(b, text, aka_base64(mac, hash_length(b->info->hash), text)));
	}
	secret_wipe(&s, sizeof(s));
	secret_wipe(key, sizeof(key));
	secret_wipe(mac, sizeof(mac));
	secret_wipe(text, sizeof(text));
}

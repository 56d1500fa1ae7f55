/* AKA: RFC 3310 (v1), RFC 4169 (v2), MILENAGE of 3GPP TS 35.206. */
#include "digest/response.h"

#include <string.h>

enum { AKA_NONCE_MAX = 64 }; /* bytes that are kept; RAND and AUTN are the first 32 */

static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* How many bytes it decodes to, of which the first `size` are written; 0 if it is not base64. */
static size_t base64_decode(struct slice text, uint8_t *out, size_t size)
{
	uint32_t bits = 0;
	unsigned have = 0;
	size_t n = 0, i;

	for (i = 0; i < text.n && text.p[i] != '='; i++) {
		int value = base64_value(text.p[i]);

		if (value < 0)
			return 0;
		bits = (bits << 6 | (uint32_t)value) & 0xffffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			if (n < size)
				out[n] = (uint8_t)(bits >> have);
			n++;
		}
	}
	/* surplus padding is forgiven: RFC 3310 section 4 prints it */
	for (; i < text.n; i++)
		if (text.p[i] != '=')
			return 0;
	return n;
}

size_t aka_base64(const uint8_t *in, size_t n, uint8_t *out)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t length = 0;

	for (size_t i = 0; i < n; i += 3) {
		size_t left = n - i;
		uint32_t bits = (uint32_t)in[i] << 16 | (left > 1 ? (uint32_t)in[i + 1] << 8 : 0) |
				(left > 2 ? in[i + 2] : 0);

		out[length++] = (uint8_t)digits[bits >> 18];
		out[length++] = (uint8_t)digits[bits >> 12 & 63];
		out[length++] = left > 1 ? (uint8_t)digits[bits >> 6 & 63] : '=';
		out[length++] = left > 2 ? (uint8_t)digits[bits & 63] : '=';
	}
	return length;
}

size_t aka_nonce_length(struct slice nonce)
{
	return base64_decode(nonce, NULL, 0);
}

/* RFC 4169 2.1: base64(HMAC(RES | IK | CK, "http-digest-akav2-password")) */
static size_t password_v2(enum hash hash, const struct aka_secret *s, uint8_t out[64])
{
	uint8_t key[48], mac[HASH_MAX];
	size_t n = 0;

	if (!s->has_keys)
		return 0;
	memcpy(key, s->res, s->res_length);
	memcpy(key + s->res_length, s->ik, 16);
	memcpy(key + s->res_length + 16, s->ck, 16);
	if (hmac_raw(hash, (struct slice){(const char *)key, s->res_length + 32},
		    SLICE("http-digest-akav2-password"), mac))
		n = aka_base64(mac, hash_length(hash), out);
	secret_wipe(key, sizeof(key));
	secret_wipe(mac, sizeof(mac));
	return n;
}

size_t aka_password(enum algorithm a, const struct aka_secret *s, uint8_t out[64])
{
	const struct algorithm_info *info = algorithm_info(a);

	if (!info || !info->aka || !s->res_length || s->res_length > sizeof(s->res))
		return 0;
	if (info->aka == 2)
		return password_v2(info->hash, s, out);
	memcpy(out, s->res, s->res_length);
	return s->res_length;
}

static void xor16(uint8_t *out, const uint8_t *a, const uint8_t *b)
{
	for (int i = 0; i < 16; i++)
		out[i] = a[i] ^ b[i];
}

bool aka_opc(const uint8_t k[16], const uint8_t op[16], uint8_t opc[16])
{
	uint8_t block[16];
	bool done = aes128_encrypt(k, op, block);

	if (done)
		xor16(opc, block, op);
	secret_wipe(block, sizeof(block));
	return done;
}

/* OUTn of TS 35.206 4.1: E(rotated(in ^ OPc) ^ c ^ base) ^ OPc; of c only the last byte differs. */
static bool milenage_out(const struct aka_key *key, const uint8_t in[16], const uint8_t base[16],
	unsigned rotate, uint8_t c, uint8_t out[16])
{
	uint8_t mixed[16], block[16];
	bool done;

	xor16(mixed, in, key->opc);
	for (unsigned i = 0; i < 16; i++)
		block[i] = mixed[(i + rotate) % 16] ^ base[i];
	block[15] ^= c;
	done = aes128_encrypt(key->k, block, mixed);
	xor16(out, mixed, key->opc);
	secret_wipe(mixed, sizeof(mixed));
	secret_wipe(block, sizeof(block));
	return done;
}

/* f1 over SQN and AMF against the MAC of AUTN: does the network have the same key? */
static bool autn_valid(const struct aka_key *key, const uint8_t temp[16], const uint8_t autn[16],
	const uint8_t ak[6])
{
	uint8_t in[16], out[16];
	const uint8_t *amf = key->has_amf ? key->amf : autn + 6;

	for (int i = 0; i < 6; i++)
		in[i] = in[i + 8] = autn[i] ^ ak[i];
	for (int i = 0; i < 2; i++)
		in[i + 6] = in[i + 14] = amf[i];
	/* f1 rotates IN1 alone and adds TEMP afterwards */
	if (!milenage_out(key, in, temp, 8, 0, out))
		return false;
	return secret_eq(
		(struct slice){(const char *)out, 8}, (struct slice){(const char *)autn + 8, 8});
}

bool aka_from_nonce(const struct aka_key *key, struct slice nonce, struct aka_secret *out)
{
	static const uint8_t zero[16];
	uint8_t raw[AKA_NONCE_MAX], temp[16], block[16];
	bool done;

	*out = (struct aka_secret){0};
	if (base64_decode(nonce, raw, sizeof(raw)) < 32)
		return false;
	xor16(block, raw, key->opc);
	done = aes128_encrypt(key->k, block, temp) &&
	       milenage_out(key, temp, zero, 4, 2, out->ck) &&
	       milenage_out(key, temp, zero, 8, 4, out->ik) &&
	       milenage_out(key, temp, zero, 0, 1, block); /* f5 and f2 */
	if (done) {
		memcpy(out->res, block + 8, 8);
		out->res_length = 8;
		out->has_keys = true;
		out->autn_valid = autn_valid(key, temp, raw + 16, block);
	}
	secret_wipe(block, sizeof(block));
	secret_wipe(temp, sizeof(temp));
	return done;
}

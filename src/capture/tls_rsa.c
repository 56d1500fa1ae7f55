/* The server's private key, for connections whose key exchange it opens (RFC 5246 7.4.7.1). */
#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "capture/tls_crypto.h"

struct tls_rsa {
	EVP_PKEY *key;
};

/* Keys with a pass phrase: asking at the terminal would stop everything. */
static int no_phrase(char *out, size_t room, size_t *n, const OSSL_PARAM params[], void *arg)
{
	(void)out, (void)room, (void)params, (void)arg;
	*n = 0;
	return 0;
}

struct tls_rsa *tls_rsa_read(const char *path, const char **why)
{
	FILE *in = fopen(path, "rb");
	EVP_PKEY *key = NULL;
	OSSL_DECODER_CTX *decoder;
	struct tls_rsa *r;

	if (!in) {
		*why = "cannot be opened";
		return NULL;
	}
	decoder = OSSL_DECODER_CTX_new_for_pkey(&key, NULL, NULL, NULL, EVP_PKEY_KEYPAIR, NULL, NULL);
	if (decoder) {
		OSSL_DECODER_CTX_set_passphrase_cb(decoder, no_phrase, NULL);
		OSSL_DECODER_from_fp(decoder, in);
	}
	OSSL_DECODER_CTX_free(decoder);
	fclose(in);
	ERR_clear_error();
	if (!key || !EVP_PKEY_is_a(key, "RSA")) {
		*why = key ? "not an RSA key; only key exchange with RSA can be read with a private key" :
			"no private key without a pass phrase, in PEM or DER";
		EVP_PKEY_free(key);
		return NULL;
	}
	r = xcalloc(1, sizeof(*r));
	r->key = key;
	return r;
}

void tls_rsa_free(struct tls_rsa *r)
{
	if (!r)
		return;
	EVP_PKEY_free(r->key);
	free(r);
}

bool tls_rsa_premaster(const struct tls_rsa *r, struct slice encrypted, uint8_t premaster[TLS_MASTER])
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(r->key, NULL);
	size_t size = (size_t)EVP_PKEY_get_size(r->key), n = size;
	uint8_t *out = xmalloc(size);
	bool good = context && EVP_PKEY_decrypt_init(context) > 0 &&
		EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0 &&
		EVP_PKEY_decrypt(context, out, &n, (const uint8_t *)encrypted.p, encrypted.n) > 0 &&
		n == TLS_MASTER;

	for (size_t i = 0; good && i < TLS_MASTER; i++)
		premaster[i] = out[i];
	EVP_PKEY_CTX_free(context);
	ERR_clear_error();
	free(out);
	return good;
}

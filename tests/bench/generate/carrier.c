#include "carrier.h"

#include <openssl/ssl.h>
#include <stdlib.h>

enum { SPLIT_EVERY = 8 /* so many messages, one comes in two segments */ };

static void flags_only(struct carrier *c, struct wire *w, int side, unsigned flags)
{
	wire_tcp(w, &c->end[side], &c->end[!side], c->seq[side], flags == WIRE_SYN ? 0 : c->seq[!side], flags, "", 0);
	c->seq[side] += (flags & (WIRE_SYN | WIRE_FIN)) != 0;
}

static void segments(struct carrier *c, struct wire *w, int side, const char *bytes, size_t n, size_t limit)
{
	for (size_t at = 0, part; at < n; at += part) {
		part = n - at < limit ? n - at : limit;
		wire_tcp(w, &c->end[side], &c->end[!side], c->seq[side], c->seq[!side], WIRE_PSH | WIRE_ACK, bytes + at,
			part);
		c->seq[side] += (uint32_t)part;
	}
	/* a server's segments are acknowledged at once, a client's by the answer */
	if (side)
		flags_only(c, w, 0, WIRE_ACK);
}

/* ---- TLS: both ends are here, in memory ---- */

static void on_secret(const SSL *ssl, const char *line)
{
	fprintf(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)), "%s\n", line);
}

static void check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "generate: OpenSSL: %s\n", what);
	exit(2);
}

static SSL_CTX *new_context(FILE *keylog)
{
	SSL_CTX *context = SSL_CTX_new(TLS_method());
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = X509_new();

	check(context && key && certificate, "no context");
	X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
	X509_set_pubkey(certificate, key);
	check(X509_sign(certificate, key, EVP_sha256()) && SSL_CTX_use_certificate(context, certificate) &&
		SSL_CTX_use_PrivateKey(context, key), "no certificate");
	SSL_CTX_set_num_tickets(context, 1);
	SSL_CTX_set_app_data(context, keylog);
	SSL_CTX_set_keylog_callback(context, on_secret);
	EVP_PKEY_free(key);
	X509_free(certificate);
	return context;
}

/* What a side has written goes over the wire into the other. */
static bool flush(struct carrier *c, struct wire *w, int side)
{
	char bytes[16384];
	int n = BIO_read(SSL_get_wbio(c->ssl[side]), bytes, sizeof(bytes));

	if (n <= 0)
		return false;
	segments(c, w, side, bytes, (size_t)n, WIRE_SEGMENT);
	BIO_write(SSL_get_rbio(c->ssl[!side]), bytes, n);
	return true;
}

static void start_tls(struct carrier *c, struct wire *w, FILE *keylog)
{
	SSL_CTX *context = new_context(keylog);

	for (int i = 0; i < 2; i++) {
		c->ssl[i] = SSL_new(context);
		SSL_set_bio(c->ssl[i], BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	}
	SSL_CTX_free(context);
	SSL_set_connect_state(c->ssl[0]);
	SSL_set_accept_state(c->ssl[1]);
	for (bool more = true; more;) {
		more = false;
		for (int i = 0; i < 2; i++) {
			SSL_do_handshake(c->ssl[i]);
			more |= flush(c, w, i);
		}
	}
	check(SSL_is_init_finished(c->ssl[0]) && SSL_is_init_finished(c->ssl[1]), "no handshake");
}

static void send_tls(struct carrier *c, struct wire *w, int side, const char *bytes, size_t n)
{
	char received[16384];

	check(SSL_write(c->ssl[side], bytes, (int)n) > 0, "cannot write");
	flush(c, w, side);
	check(SSL_read(c->ssl[!side], received, sizeof(received)) == (int)n, "cannot read");
}

void carrier_open(struct carrier *c, struct wire *w, FILE *keylog)
{
	if (c->kind == CARRIER_UDP)
		return;
	for (int i = 0; i < 2; i++)
		c->seq[i] = (uint32_t)(w->packets * 2654435761u + (unsigned)i * 12345u);
	flags_only(c, w, 0, WIRE_SYN);
	flags_only(c, w, 1, WIRE_SYN | WIRE_ACK);
	flags_only(c, w, 0, WIRE_ACK);
	if (c->kind == CARRIER_TLS)
		start_tls(c, w, keylog);
}

void carrier_send(struct carrier *c, struct wire *w, int side, const char *bytes, size_t n)
{
	c->sent++;
	if (c->kind == CARRIER_UDP)
		wire_udp(w, &c->end[side], &c->end[!side], bytes, n);
	else if (c->kind == CARRIER_TLS)
		send_tls(c, w, side, bytes, n);
	else
		segments(c, w, side, bytes, n, c->sent % SPLIT_EVERY ? WIRE_SEGMENT : n / 2 + 1);
}

void carrier_close(struct carrier *c, struct wire *w)
{
	if (c->kind == CARRIER_UDP)
		return;
	for (int i = 0; i < 2; i++) {
		SSL_free(c->ssl[i]);
		c->ssl[i] = NULL;
		flags_only(c, w, i, WIRE_FIN | WIRE_ACK);
	}
	flags_only(c, w, 0, WIRE_ACK);
}

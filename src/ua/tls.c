#include "ua/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "sip/uri.h"
#include "ua/conn_private.h"
#include "ua/wait.h"

enum { NAME_MAX_TLS = 256 };

struct tls {
	SSL_CTX *context;
	SSL *ssl;
	int keylog; /* -1: none */
	bool broken;
	const char *reason;
};

static void fail_ssl(struct conn_failure *why, const char *doing)
{
	unsigned long code = ERR_get_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	conn_fail(why, CONN_TLS, "%s: %s", doing,
		reason  ? reason
		: errno ? strerror(errno)
			: "the peer ended it");
	ERR_clear_error();
}

/* ---- what the user wants ---- */

static void keylog_line(const SSL *ssl, const char *line)
{
	struct tls *t = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	char text[512];
	int n = snprintf(text, sizeof(text), "%s\n", line);

	if (n > 0 && (size_t)n < sizeof(text) && write(t->keylog, text, (size_t)n) != n)
		err_line("the TLS keys could not be written: %s", strerror(errno));
}

static bool set_keylog(struct tls *t, const char *path, struct conn_failure *why)
{
	if (!path)
		return true;
	t->keylog = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (t->keylog < 0) {
		conn_fail(why, CONN_LOCAL, "%.160s: %s", path, strerror(errno));
		return false;
	}
	SSL_CTX_set_app_data(t->context, t);
	SSL_CTX_set_keylog_callback(t->context, keylog_line);
	return true;
}

static bool set_certificate(struct tls *t, const struct tls_options *o, struct conn_failure *why)
{
	const char *key = o->key ? o->key : o->certificate;

	if (!o->certificate)
		return true;
	if (SSL_CTX_use_certificate_chain_file(t->context, o->certificate) == 1 &&
		SSL_CTX_use_PrivateKey_file(t->context, key, SSL_FILETYPE_PEM) == 1 &&
		SSL_CTX_check_private_key(t->context) == 1)
		return true;
	fail_ssl(why, "our certificate and key cannot be used");
	why->trouble = CONN_LOCAL;
	return false;
}

static bool set_trust(struct tls *t, const struct tls_options *o, struct conn_failure *why)
{
	/* verified after the handshake, so that the reason can be told */
	SSL_CTX_set_verify(t->context, SSL_VERIFY_NONE, NULL);
	if (o->insecure)
		return true;
	if (o->ca ? SSL_CTX_load_verify_locations(t->context, o->ca, NULL) == 1
		  : SSL_CTX_set_default_verify_paths(t->context) == 1)
		return true;
	fail_ssl(
		why, o->ca ? "the trusted certificates cannot be read" : "no trusted certificates");
	why->trouble = CONN_LOCAL;
	return false;
}

/* ---- the certificate ---- */

/* A SIP domain in the subjectAltName as URI (RFC 5922 7.1); one with a user part names a user, not
 * the domain. */
static bool has_sip_uri(X509 *certificate, struct slice domain)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	bool found = false;

	for (int i = 0; names && i < sk_GENERAL_NAME_num(names) && !found; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		struct uri u;
		struct slice text;

		if (name->type != GEN_URI)
			continue;
		text.p = (const char *)ASN1_STRING_get0_data(name->d.uniformResourceIdentifier);
		text.n = (size_t)ASN1_STRING_length(name->d.uniformResourceIdentifier);
		found = uri_scan(text, &u) && slice_eq_nocase(u.scheme, SLICE("sip")) &&
			!u.user.p && slice_eq_nocase(u.host, domain);
	}
	GENERAL_NAMES_free(names);
	return found;
}

static bool fits_domain(X509 *certificate, struct slice domain)
{
	struct address a;

	if (address_parse_ip(domain, &a))
		return X509_check_ip(certificate, a.ip, a.family == 6 ? 16 : 4, 0) == 1;
	return has_sip_uri(certificate, domain) ||
	       X509_check_host(certificate, domain.p, domain.n, 0, NULL) == 1;
}

static bool verify(
	struct tls *t, const struct tls_options *o, struct slice domain, struct conn_failure *why)
{
	X509 *certificate;
	long result = SSL_get_verify_result(t->ssl);
	bool fits;

	if (o->insecure)
		return true;
	if (result != X509_V_OK) {
		conn_fail(why, CONN_TLS, "the certificate is not trusted: %s",
			X509_verify_cert_error_string(result));
		return false;
	}
	certificate = SSL_get1_peer_certificate(t->ssl);
	fits = certificate && fits_domain(certificate, domain);
	X509_free(certificate);
	if (!fits)
		conn_fail(why, CONN_TLS, "the certificate is not for %.*s", SLICE_ARG(domain));
	return fits;
}

/* ---- handshake ---- */

static bool name_peer(struct tls *t, struct slice domain)
{
	char name[NAME_MAX_TLS];
	struct address a;

	/* no SNI for addresses (RFC 6066 3) */
	if (address_parse_ip(domain, &a) || domain.n >= sizeof(name))
		return true;
	memcpy(name, domain.p, domain.n);
	name[domain.n] = '\0';
	return SSL_set_tlsext_host_name(t->ssl, name) == 1;
}

/* What to wait for after SSL_...() gave this result; 0: it is over. */
static short wait_for(struct tls *t, int result)
{
	switch (SSL_get_error(t->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		return POLLIN;
	case SSL_ERROR_WANT_WRITE:
		return POLLOUT;
	default:
		return 0;
	}
}

static bool shake(struct tls *t, int fd, int64_t until, struct conn_failure *why)
{
	for (;;) {
		struct conn c = {.fd = fd};
		int result;
		short wait;

		ERR_clear_error();
		errno = 0;
		result = SSL_connect(t->ssl);
		if (result == 1)
			return true;
		wait = wait_for(t, result);
		if (!wait) {
			fail_ssl(why, "TLS handshake");
			return false;
		}
		if (!conn_wait(&c, wait, until, why)) {
			if (why->trouble == CONN_TIMEOUT)
				conn_fail(why, CONN_TLS, "TLS handshake: no answer in time");
			return false;
		}
	}
}

struct tls *tls_open(int fd, const struct tls_options *o, struct slice domain, int64_t until,
	struct conn_failure *why)
{
	struct tls *t = xcalloc(1, sizeof(*t));

	t->keylog = -1;
	t->context = SSL_CTX_new(TLS_client_method());
	if (!t->context) {
		fail_ssl(why, "TLS");
	} else if (set_trust(t, o, why) && set_certificate(t, o, why) &&
		   set_keylog(t, o->keylog, why)) {
		t->ssl = SSL_new(t->context);
		if (t->ssl && SSL_set_fd(t->ssl, fd) == 1 && name_peer(t, domain)) {
			if (shake(t, fd, until, why) && verify(t, o, domain, why))
				return t;
		} else {
			fail_ssl(why, "TLS");
		}
	}
	t->broken = true;
	tls_close(t);
	return NULL;
}

ssize_t tls_read(struct tls *t, void *to, size_t size, short *wait)
{
	int n;

	ERR_clear_error();
	errno = 0;
	n = SSL_read(t->ssl, to, size > INT32_MAX ? INT32_MAX : (int)size);
	if (n > 0)
		return n;
	*wait = wait_for(t, n);
	if (*wait)
		return -1;
	t->broken = SSL_get_error(t->ssl, n) != SSL_ERROR_ZERO_RETURN;
	/* many close the TCP connection and not TLS before: that is an end, no fault */
	if (t->broken && ERR_GET_REASON(ERR_peek_error()) != SSL_R_UNEXPECTED_EOF_WHILE_READING)
		t->reason = ERR_reason_error_string(ERR_peek_error());
	return t->broken && errno ? -1 : 0;
}

ssize_t tls_write(struct tls *t, struct slice bytes, short *wait)
{
	int n;

	ERR_clear_error();
	errno = 0;
	n = SSL_write(t->ssl, bytes.p, bytes.n > INT32_MAX ? INT32_MAX : (int)bytes.n);
	if (n > 0)
		return n;
	*wait = wait_for(t, n);
	t->broken = !*wait;
	if (t->broken && !errno)
		errno = ECONNRESET;
	return -1;
}

const char *tls_reason(const struct tls *t)
{
	return t->reason;
}

void tls_close(struct tls *t)
{
	if (!t)
		return;
	if (t->ssl && !t->broken)
		SSL_shutdown(t->ssl);
	SSL_free(t->ssl);
	SSL_CTX_free(t->context);
	if (t->keylog >= 0)
		close(t->keylog);
	free(t);
}

/*
 * TLS as OpenSSL speaks it: handshakes in memory with every cipher suite, resumption, key updates, early data,
 * wrong and missing keys. What both ends say is carried in TCP segments to the dissector.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/buf.h"
#include "capture/dissect.h"
#include "capture/tls_keys.h"

#define REQUEST "REGISTER sip:a SIP/2.0\r\nTo: <sip:b>;n=%d\r\nContent-Length: 0\r\n\r\n"
#define RESPONSE "SIP/2.0 200 OK\r\nTo: <sip:b>;n=%d\r\nContent-Length: 0\r\n\r\n"

enum { ROUNDS = 3, MSS = 900 };

/* What a connection does beside its messages. */
enum {
	TICKET = 1,        /* taken up again with a ticket */
	SESSION_ID = 2,    /* taken up again with a session ID */
	KEY_UPDATE = 4,
	PRIVATE_KEY = 8,   /* no key log, but the server's key */
	NO_EMS = 16,
	NO_ETM = 32,
	RENEGOTIATE = 64,
	ONE_LOG = 128,     /* the log has the first connection only */
	SMALL = 256,       /* segments of 7 bytes */
	BIG = 512,         /* a message over several records */
	LOSE = 1024,       /* a segment in the middle is missing */
	ECDSA_KEY = 2048,        /* a certificate with an EC key */
};

static EVP_PKEY *rsa, *ec;
static X509 *rsa_certificate, *ec_certificate;
static char key_path[] = "/tmp/sipauth-tls-XXXXXX";

/* ---- the two ends ---- */

static X509 *certificate_for(EVP_PKEY *key)
{
	X509 *x = X509_new();

	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -1000);
	X509_gmtime_adj(X509_getm_notAfter(x), 100000);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const uint8_t *)"a", -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	return x;
}

static int setup(void **state)
{
	int fd = mkstemp(key_path);
	FILE *out = fdopen(fd, "w");

	(void)state;
	rsa = EVP_RSA_gen(2048);
	ec = EVP_EC_gen("P-256");
	rsa_certificate = certificate_for(rsa);
	ec_certificate = certificate_for(ec);
	PEM_write_PrivateKey(out, rsa, NULL, NULL, 0, NULL, NULL);
	return fclose(out);
}

static int teardown(void **state)
{
	(void)state;
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(ec);
	X509_free(rsa_certificate);
	X509_free(ec_certificate);
	return unlink(key_path);
}

static struct buf keylog;

static void log_line(const SSL *ssl, const char *line)
{
	(void)ssl;
	buf_printf(&keylog, "%s\n", line);
}

struct pair {
	SSL_CTX *context[2];
	SSL *ssl[2];
	SSL_SESSION *session;
	struct buf packets;     /* what went between them: a uint32_t length and a packet, and so on */
	uint32_t seq[2];
	uint16_t port;
	size_t mss;
	bool lose;
};

static SSL_CTX *context_new(const SSL_METHOD *method, int version, const char *cipher, unsigned flags)
{
	SSL_CTX *c = SSL_CTX_new(method);

	SSL_CTX_set_security_level(c, 0);
	SSL_CTX_set_min_proto_version(c, version);
	SSL_CTX_set_max_proto_version(c, version);
	if (version == TLS1_3_VERSION)
		assert_int_equal(SSL_CTX_set_ciphersuites(c, cipher), 1);
	else
		assert_int_equal(SSL_CTX_set_cipher_list(c, cipher), 1);
	SSL_CTX_use_certificate(c, flags & ECDSA_KEY ? ec_certificate : rsa_certificate);
	SSL_CTX_use_PrivateKey(c, flags & ECDSA_KEY ? ec : rsa);
	SSL_CTX_set_dh_auto(c, 1);
	SSL_CTX_set_keylog_callback(c, log_line);
	SSL_CTX_set_session_id_context(c, (const uint8_t *)"x", 1);
	SSL_CTX_set_options(c, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
	if (flags & SESSION_ID)
		SSL_CTX_set_options(c, SSL_OP_NO_TICKET);
	if (flags & NO_EMS)
		SSL_CTX_set_options(c, SSL_OP_NO_EXTENDED_MASTER_SECRET);
	if (flags & NO_ETM)
		SSL_CTX_set_options(c, SSL_OP_NO_ENCRYPT_THEN_MAC);
	return c;
}

static void feed(struct pair *p, int from, unsigned flags, const void *bytes, size_t n)
{
	uint8_t packet[40 + 2000] = {0x45, 0, (uint8_t)((40 + n) >> 8), (uint8_t)(40 + n), [8] = 64, [9] = 6,
		[12] = 10, [15] = (uint8_t)(1 + from), [16] = 10, [19] = (uint8_t)(2 - from)};
	uint8_t *tcp = packet + 20;

	tcp[0] = (uint8_t)((from ? 5061 : p->port) >> 8);
	tcp[1] = (uint8_t)(from ? 5061 : p->port);
	tcp[2] = (uint8_t)((from ? p->port : 5061) >> 8);
	tcp[3] = (uint8_t)(from ? p->port : 5061);
	for (int i = 0; i < 4; i++)
		tcp[4 + i] = (uint8_t)(p->seq[from] >> (24 - 8 * i));
	tcp[12] = 0x50;
	tcp[13] = (uint8_t)flags;
	if (n)
		memcpy(packet + 40, bytes, n);
	p->seq[from] += (uint32_t)n + ((flags & 3) != 0);
	n += 40;
	buf_add(&p->packets, &(uint32_t){(uint32_t)n}, 4);
	buf_add(&p->packets, packet, n);
}

/* What one end has to say goes to the other one, and past the dissector. */
static bool carry(struct pair *p, int from)
{
	char bytes[2000];
	int n;
	bool any = false;

	while ((n = BIO_read(SSL_get_wbio(p->ssl[from]), bytes, (int)p->mss)) > 0) {
		assert_int_equal(BIO_write(SSL_get_rbio(p->ssl[!from]), bytes, n), n);
		if (p->lose) {
			p->lose = false;
			p->seq[from] += (uint32_t)n;
		} else {
			feed(p, from, 16, bytes, (size_t)n);
		}
		any = true;
	}
	return any;
}

static void shake_hands(struct pair *p)
{
	char none[1];

	for (int i = 0; i < 20; i++) {
		SSL_do_handshake(p->ssl[0]);
		carry(p, 0);
		SSL_do_handshake(p->ssl[1]);
		carry(p, 1);
		if (SSL_is_init_finished(p->ssl[0]) && SSL_is_init_finished(p->ssl[1]))
			break;
	}
	/* tickets of TLS 1.3 come after it */
	SSL_read(p->ssl[0], none, 1);
	carry(p, 0);
}

static void say(struct pair *p, int from, const char *text)
{
	static char got[40000];

	assert_int_equal(SSL_write(p->ssl[from], text, (int)strlen(text)), (int)strlen(text));
	carry(p, from);
	while (SSL_read(p->ssl[!from], got, sizeof(got)) > 0)
		;
}

static void talk(struct pair *p, unsigned flags)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct buf text = {0};

		if (flags & KEY_UPDATE && i)
			SSL_key_update(p->ssl[i & 1], SSL_KEY_UPDATE_REQUESTED);
		if (flags & RENEGOTIATE && i == 1) {
			assert_int_equal(SSL_renegotiate(p->ssl[0]), 1);
			for (int k = 0; k < 8; k++) {
				char none[1];

				SSL_do_handshake(p->ssl[0]);
				SSL_read(p->ssl[k & 1], none, 1);
				carry(p, 0);
				carry(p, 1);
			}
		}
		p->lose = flags & LOSE && i == 1;
		buf_printf(&text, REQUEST, i);
		if (flags & BIG) {
			buf_clear(&text);
			buf_adds(&text, "REGISTER sip:a SIP/2.0\r\nContent-Length: 30000\r\n\r\n");
			for (int k = 0; k < 30000; k++)
				buf_addc(&text, 'x');
		}
		say(p, 0, buf_string(&text));
		buf_clear(&text);
		buf_printf(&text, RESPONSE, i);
		say(p, 1, buf_string(&text));
		buf_free(&text);
	}
}

static void connect_once(struct pair *p, unsigned flags)
{
	for (int i = 0; i < 2; i++) {
		p->ssl[i] = SSL_new(p->context[i]);
		SSL_set_bio(p->ssl[i], BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	}
	SSL_set_connect_state(p->ssl[0]);
	SSL_set_accept_state(p->ssl[1]);
	SSL_set_tlsext_host_name(p->ssl[0], "sip.example.com");
	if (p->session)
		SSL_set_session(p->ssl[0], p->session);
	p->port++;
	p->seq[0] = 1000;
	p->seq[1] = 0xfffffff0;
	feed(p, 0, 2, NULL, 0);
	feed(p, 1, 18, NULL, 0);
	shake_hands(p);
	assert_true(SSL_is_init_finished(p->ssl[0]));
	if (p->session)
		assert_true(SSL_session_reused(p->ssl[0]));
	talk(p, flags);
	SSL_SESSION_free(p->session);
	p->session = SSL_get1_session(p->ssl[0]);
	for (int i = 0; i < 2; i++) {
		SSL_shutdown(p->ssl[i]);
		carry(p, i);
	}
	feed(p, 0, 17, NULL, 0);
	feed(p, 1, 17, NULL, 0);
	for (int i = 0; i < 2; i++)
		SSL_free(p->ssl[i]);
}

/* ---- the dissector ---- */

struct seen {
	unsigned requests, responses, cut, notices, wrong_keys;
	char name[64], alert[64];
	unsigned suite;
};

static void on_datagram(void *arg, const struct datagram *d)
{
	struct seen *s = arg;

	assert_int_equal(d->transport, TRANSPORT_TLS);
	*(d->bytes.p[0] == 'R' ? &s->requests : &s->responses) += 1;
	s->cut += d->cut != 0;
}

static void on_encrypted(void *arg, const struct tls_notice *n)
{
	struct seen *s = arg;

	s->notices++;
	s->wrong_keys += n->wrong_keys;
	s->suite = n->unknown_suite;
	snprintf(s->name, sizeof(s->name), "%s", n->server_name);
	snprintf(s->alert, sizeof(s->alert), "%s", n->alert ? n->alert : "");
}

static void play(const struct pair *p, struct tls_keys *keys, struct seen *seen, void (*half_way)(void))
{
	struct dissect_sink sink = {.datagram = on_datagram, .encrypted = on_encrypted, .arg = seen};
	struct dissector *d = dissector_new(&sink);
	uint32_t frame = 0, n;

	*seen = (struct seen){0};
	dissector_use_keys(d, keys);
	for (size_t at = 0; at < p->packets.n; at += 4 + n) {
		uint8_t *exact;

		memcpy(&n, p->packets.p + at, 4);
		exact = memcpy(malloc(n), p->packets.p + at + 4, n);
		frame++;
		if (half_way && at > p->packets.n / 2) {
			half_way();
			half_way = NULL;
		}
		dissector_feed(d, &(struct packet){.data = exact, .captured = n, .length = n, .linktype = 101,
			.frame = frame, .file = 1, .time = frame * INT64_C(1000000)});
		free(exact);
	}
	dissector_finish(d);
	assert_int_equal(dissector_stats(d)->tls_connections, seen->notices);
	dissector_free(d);
}

/* Makes the connections: their packets and, in `keylog`, their secrets. */
static void make(struct pair *p, int version, const char *cipher, unsigned flags, unsigned connections)
{
	*p = (struct pair){.port = 40000, .mss = flags & SMALL ? 7 : MSS};
	buf_clear(&keylog);
	p->context[0] = context_new(TLS_client_method(), version, cipher, flags);
	p->context[1] = context_new(TLS_server_method(), version, cipher, flags);
	for (unsigned i = 0; i < connections; i++) {
		size_t before = keylog.n;

		connect_once(p, flags);
		if (i && flags & ONE_LOG)
			keylog.n = before;
	}
	SSL_SESSION_free(p->session);
	for (int i = 0; i < 2; i++)
		SSL_CTX_free(p->context[i]);
}

static struct tls_keys *keys_for(unsigned flags)
{
	struct tls_keys *keys = tls_keys_new();
	const char *why;

	if (flags & PRIVATE_KEY)
		assert_true(tls_keys_rsa(keys, key_path, &why));
	else
		assert_int_equal(tls_keys_add(keys, buf_slice(&keylog)), 0);
	return keys;
}

static const struct way {
	int version;
	const char *cipher;
	unsigned flags, connections;
} ways[] = {
	{TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256", 0, 1},
	{TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384", SMALL, 1},
	{TLS1_3_VERSION, "TLS_CHACHA20_POLY1305_SHA256", BIG, 1},
	{TLS1_3_VERSION, "TLS_AES_128_CCM_SHA256", ECDSA_KEY, 1},
	{TLS1_3_VERSION, "TLS_AES_128_CCM_8_SHA256", 0, 1},
	{TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256", KEY_UPDATE, 1},
	{TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384", KEY_UPDATE | SMALL, 1},
	{TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384", TICKET, 3},
	{TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256", 0, 1},
	{TLS1_2_VERSION, "ECDHE-RSA-AES256-GCM-SHA384", SMALL, 1},
	{TLS1_2_VERSION, "ECDHE-RSA-CHACHA20-POLY1305", BIG, 1},
	{TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256", ECDSA_KEY, 1},
	{TLS1_2_VERSION, "ECDHE-ECDSA-AES128-CCM", ECDSA_KEY, 1},
	{TLS1_2_VERSION, "ECDHE-ECDSA-AES256-CCM", ECDSA_KEY, 1},
	{TLS1_2_VERSION, "ECDHE-ECDSA-AES128-CCM8", ECDSA_KEY, 1},
	{TLS1_2_VERSION, "ECDHE-ECDSA-AES256-CCM8", ECDSA_KEY, 1},
	{TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305", ECDSA_KEY, 1},
	{TLS1_2_VERSION, "ECDHE-ECDSA-AES256-SHA384", ECDSA_KEY, 1},
	{TLS1_2_VERSION, "ECDHE-RSA-AES128-SHA", 0, 1},
	{TLS1_2_VERSION, "ECDHE-RSA-AES256-SHA", NO_ETM, 1},
	{TLS1_2_VERSION, "ECDHE-RSA-AES128-SHA256", SMALL, 1},
	{TLS1_2_VERSION, "ECDHE-RSA-AES256-SHA384", NO_ETM | BIG, 1},
	{TLS1_2_VERSION, "DHE-RSA-AES128-GCM-SHA256", 0, 1},
	{TLS1_2_VERSION, "DHE-RSA-AES256-SHA256", 0, 1},
	{TLS1_2_VERSION, "DHE-RSA-AES256-CCM", 0, 1},
	{TLS1_2_VERSION, "DHE-RSA-CHACHA20-POLY1305", 0, 1},
	{TLS1_2_VERSION, "AES128-GCM-SHA256", 0, 1},
	{TLS1_2_VERSION, "AES128-GCM-SHA256", PRIVATE_KEY, 1},
	{TLS1_2_VERSION, "AES256-GCM-SHA384", PRIVATE_KEY | NO_EMS, 1},
	{TLS1_2_VERSION, "AES256-GCM-SHA384", PRIVATE_KEY | TICKET, 3},
	{TLS1_2_VERSION, "AES128-SHA", PRIVATE_KEY | SESSION_ID, 3},
	{TLS1_2_VERSION, "AES128-CCM8", PRIVATE_KEY, 1},
	{TLS1_2_VERSION, "AES256-SHA256", PRIVATE_KEY | NO_EMS | NO_ETM, 1},
	{TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256", TICKET, 3},
	{TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256", SESSION_ID, 3},
	{TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256", TICKET | ONE_LOG, 3},
	{TLS1_2_VERSION, "ECDHE-RSA-AES128-SHA", SESSION_ID | ONE_LOG, 3},
	{TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256", RENEGOTIATE, 1},
	{TLS1_1_VERSION, "ECDHE-RSA-AES128-SHA", 0, 1},
	{TLS1_1_VERSION, "AES256-SHA", PRIVATE_KEY, 1},
	{TLS1_VERSION, "ECDHE-RSA-AES128-SHA", BIG, 1},
	{TLS1_VERSION, "AES256-SHA", PRIVATE_KEY | NO_EMS | NO_ETM, 1},
};

static void test_ciphers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		const struct way *w = &ways[i];
		struct pair p;
		struct seen seen;
		struct tls_keys *keys;

		make(&p, w->version, w->cipher, w->flags, w->connections);
		keys = keys_for(w->flags);
		play(&p, keys, &seen, NULL);
		if (seen.requests != ROUNDS * w->connections || seen.responses != seen.requests || seen.cut ||
			seen.notices)
			fail_msg("%s %#x %u: %u requests, %u responses, %u cut, %u not read", w->cipher, w->version,
				w->flags, seen.requests, seen.responses, seen.cut, seen.notices);
		tls_keys_free(keys);
		buf_free(&p.packets);
	}
}

/* A segment is missing: the message in it is lost, the next ones are not. */
static void test_gap(void **state)
{
	static const char *const ciphers[] = {"ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA",
		"ECDHE-RSA-CHACHA20-POLY1305", "TLS_AES_128_GCM_SHA256"};

	(void)state;
	for (size_t i = 0; i < sizeof(ciphers) / sizeof(*ciphers); i++) {
		struct pair p;
		struct seen seen;
		struct tls_keys *keys;

		make(&p, i < 3 ? TLS1_2_VERSION : TLS1_3_VERSION, ciphers[i], LOSE, 1);
		keys = keys_for(0);
		play(&p, keys, &seen, NULL);
		assert_int_equal(seen.requests, ROUNDS - 1);
		assert_int_equal(seen.responses, ROUNDS);
		tls_keys_free(keys);
		buf_free(&p.packets);
	}
}

static void test_no_keys(void **state)
{
	static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct pair p;
		struct seen seen;
		struct tls_keys *keys = tls_keys_new();

		make(&p, versions[i], i ? "TLS_AES_128_GCM_SHA256" : "AES128-SHA", TICKET, 2);
		play(&p, NULL, &seen, NULL);
		assert_int_equal(seen.requests + seen.responses, 0);
		assert_int_equal(seen.notices, 2);
		assert_string_equal(seen.name, "sip.example.com");
		assert_string_equal(seen.alert, "");
		play(&p, keys, &seen, NULL);
		assert_int_equal(seen.notices, 2);
		assert_int_equal(seen.wrong_keys, 0);
		tls_keys_free(keys);
		buf_free(&p.packets);
	}
}

/* Keys of the right connection, but changed: said, and nothing comes out. */
static void test_wrong_keys(void **state)
{
	static const char *const ciphers[] = {"AES128-SHA", "AES128-GCM-SHA256", "TLS_AES_128_GCM_SHA256"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct pair p;
		struct seen seen;
		struct tls_keys *keys;

		make(&p, i < 2 ? TLS1_2_VERSION : TLS1_3_VERSION, ciphers[i], 0, 1);
		for (size_t k = 0; k + 1 < keylog.n; k++)
			if (keylog.p[k + 1] == '\n')
				keylog.p[k] = keylog.p[k] == '0' ? '1' : '0';
		keys = keys_for(0);
		play(&p, keys, &seen, NULL);
		assert_int_equal(seen.requests + seen.responses, 0);
		assert_int_equal(seen.wrong_keys, 1);
		tls_keys_free(keys);
		buf_free(&p.packets);
	}
}

static const char *log_path;

static void write_log(void)
{
	FILE *out = fopen(log_path, "a");

	fwrite(keylog.p, 1, keylog.n, out);
	fclose(out);
}

/* Live, the key log may be behind the packets: what cannot be read yet waits. */
static void test_late_keys(void **state)
{
	static char path[] = "/tmp/sipauth-log-XXXXXX";
	struct tls_keys *keys = tls_keys_new();
	struct pair p;
	struct seen seen;

	(void)state;
	close(mkstemp(path));
	log_path = path;
	assert_true(tls_keys_open(keys, path));
	tls_keys_set_live(keys);
	make(&p, TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256", 0, 1);
	play(&p, keys, &seen, write_log);
	assert_int_equal(seen.requests, ROUNDS);
	assert_int_equal(seen.responses, ROUNDS);
	tls_keys_free(keys);
	buf_free(&p.packets);
	unlink(path);
}

/* The client does not trust the server's certificate: in TLS 1.2 the alert can be seen. */
static void test_alert(void **state)
{
	struct pair p = {.port = 40000, .mss = MSS};
	struct seen seen;

	(void)state;
	p.context[0] = context_new(TLS_client_method(), TLS1_2_VERSION, "ALL", 0);
	p.context[1] = context_new(TLS_server_method(), TLS1_2_VERSION, "ALL", 0);
	SSL_CTX_set_verify(p.context[0], SSL_VERIFY_PEER, NULL);
	for (int i = 0; i < 2; i++) {
		p.ssl[i] = SSL_new(p.context[i]);
		SSL_set_bio(p.ssl[i], BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	}
	SSL_set_connect_state(p.ssl[0]);
	SSL_set_accept_state(p.ssl[1]);
	SSL_set_tlsext_host_name(p.ssl[0], "proxy.example.com");
	for (int i = 0; i < 4; i++) {
		SSL_do_handshake(p.ssl[i & 1]);
		carry(&p, i & 1);
	}
	play(&p, NULL, &seen, NULL);
	assert_int_equal(seen.notices, 1);
	assert_string_equal(seen.name, "proxy.example.com");
	assert_true(strcmp(seen.alert, "unknown_ca") == 0 || strcmp(seen.alert, "bad_certificate") == 0);
	for (int i = 0; i < 2; i++) {
		SSL_free(p.ssl[i]);
		SSL_CTX_free(p.context[i]);
	}
	ERR_clear_error();
	buf_free(&p.packets);
}

static void test_key_log(void **state)
{
	static const struct {
		const char *text;
		unsigned bad, count;
	} logs[] = {
		{"", 0, 0},
		{"# a comment\n\n", 0, 0},
		{"CLIENT_RANDOM 00 01\n", 0, 1},
		{"CLIENT_RANDOM 00 01\r\nRSA 0011 22\r\nRSA Session-ID:aa Master-Key:bb", 0, 3},
		{"EXPORTER_SECRET 00 01\nSERVER_TRAFFIC_SECRET_0 ff ee\n", 0, 1},
		{"CLIENT_RANDOM 00\n", 1, 0},
		{"CLIENT_RANDOM 0 0\nCLIENT_RANDOM zz 00\nnonsense\n", 3, 0},
		{"CLIENT_RANDOM 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021 00\n", 1, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(logs) / sizeof(*logs); i++) {
		struct tls_keys *keys = tls_keys_new();

		assert_int_equal(tls_keys_add(keys, slice_of(logs[i].text)), logs[i].bad);
		assert_int_equal(tls_keys_count(keys), logs[i].count);
		tls_keys_free(keys);
	}
}

/* One byte changed, at any place: no crash, no hang, and bounded. */
static void test_noise(void **state)
{
	static const char *const ciphers[] = {"ECDHE-RSA-AES128-SHA", "TLS_AES_128_GCM_SHA256"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct pair p;
		struct seen seen;
		struct tls_keys *keys;

		make(&p, i ? TLS1_3_VERSION : TLS1_2_VERSION, ciphers[i], 0, 1);
		keys = keys_for(0);
		for (size_t at = 44; at < p.packets.n; at += 7) {
			uint32_t n;
			size_t k = 0;

			/* not the lengths between the packets */
			for (; k + 4 <= at; k += 4 + n)
				memcpy(&n, p.packets.p + k, 4);
			if (k > at && k - at <= n) {
				p.packets.p[at] ^= 0x41;
				play(&p, keys, &seen, NULL);
				p.packets.p[at] ^= 0x41;
			}
		}
		tls_keys_free(keys);
		buf_free(&p.packets);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ciphers),
		cmocka_unit_test(test_gap),
		cmocka_unit_test(test_no_keys),
		cmocka_unit_test(test_wrong_keys),
		cmocka_unit_test(test_late_keys),
		cmocka_unit_test(test_alert),
		cmocka_unit_test(test_key_log),
		cmocka_unit_test(test_noise),
	};
	int failed = cmocka_run_group_tests(tests, setup, teardown);

	buf_free(&keylog);
	return failed;
}

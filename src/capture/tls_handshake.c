#include "capture/tls_handshake.h"

#include <string.h>

#include "capture/bytes.h"

enum {
	CLIENT_HELLO = 1, SERVER_HELLO = 2, NEW_SESSION_TICKET = 4, END_OF_EARLY_DATA = 5,
	CLIENT_KEY_EXCHANGE = 16, FINISHED = 20, KEY_UPDATE = 24,
};

enum {
	EXTENSION_NAME = 0, EXTENSION_ETM = 22, EXTENSION_EMS = 23, EXTENSION_TICKET = 35,
	EXTENSION_VERSIONS = 43,
};

/* RFC 8446 4.1.3: the random of a HelloRetryRequest */
static const uint8_t retry[32] = {
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
	0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

/* Takes n bytes off the front; absent if there are not so many. */
static struct slice cut(struct slice *s, size_t n)
{
	struct slice head = slice_head(*s, n);

	if (!s->p || head.n < n) {
		*s = SLICE_ABSENT;
		return SLICE_ABSENT;
	}
	*s = slice_from(*s, n);
	return head;
}

static unsigned number(struct slice *s, size_t bytes)
{
	struct slice head = cut(s, bytes);
	unsigned value = 0;

	for (size_t i = 0; i < head.n; i++)
		value = value << 8 | (uint8_t)head.p[i];
	return value;
}

/* A value with its length in so many bytes before it. */
static struct slice vector(struct slice *s, size_t bytes)
{
	return cut(s, number(s, bytes));
}

/* RFC 6066 3; only what can be shown */
static void take_name(struct tls *t, struct slice value)
{
	struct slice list = vector(&value, 2), name;

	if (number(&list, 1))
		return;
	name = slice_head(vector(&list, 2), TLS_NAME_MAX);
	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] <= ' ' || (unsigned char)name.p[i] >= 0x7f)
			return;
	if (name.n)
		memcpy(t->name, name.p, name.n);
	t->name[name.n] = '\0';
}

static void client_extension(struct tls *t, unsigned type, struct slice value)
{
	switch (type) {
	case EXTENSION_NAME:
		take_name(t, value);
		break;
	case EXTENSION_ETM:
		t->client_etm = true;
		break;
	case EXTENSION_EMS:
		t->client_ems = true;
		break;
	case EXTENSION_TICKET:
		buf_clear(&t->ticket);
		buf_add_slice(&t->ticket, slice_head(value, 4096));
		break;
	default:
		break;
	}
}

static void server_extension(struct tls *t, unsigned type, struct slice value)
{
	if (type == EXTENSION_VERSIONS)
		t->version = (uint16_t)number(&value, 2);
	else if (type == EXTENSION_ETM)
		t->etm = true;
	else if (type == EXTENSION_EMS)
		t->ems = true;
}

static void each_extension(struct tls *t, struct slice body,
	void (*take)(struct tls *t, unsigned type, struct slice value))
{
	struct slice list = vector(&body, 2);

	while (list.p && list.n >= 4) {
		unsigned type = number(&list, 2);
		struct slice value = vector(&list, 2);

		if (value.p)
			take(t, type, value);
	}
}

static size_t copy(uint8_t *out, struct slice s, size_t room)
{
	s = slice_head(s, room);
	if (s.n)
		memcpy(out, s.p, s.n);
	return s.n;
}

/* A handshake begins; perhaps not the first one of the connection. */
static void client_hello(struct tls *t, int side, struct slice body)
{
	struct slice random;

	t->client = side;
	t->server_hello = t->has_master = t->etm = t->ems = t->client_etm = t->client_ems = false;
	t->suite = NULL;
	t->new_ticket.n = t->ticket.n = 0;
	number(&body, 2);
	random = cut(&body, 32);
	if (!random.p)
		return;
	memcpy(t->client_random, random.p, 32);
	t->client_session_n = copy(t->client_session, vector(&body, 1), 32);
	vector(&body, 2);
	vector(&body, 1);
	each_extension(t, body, client_extension);
}

static void server_hello(struct tls *t, int side, struct slice body)
{
	unsigned version = number(&body, 2);
	struct slice random = cut(&body, 32);

	/* the second ClientHello has the same random */
	if (!random.p || !memcmp(random.p, retry, 32))
		return;
	t->client = !side;
	t->version = (uint16_t)version;
	memcpy(t->server_random, random.p, 32);
	t->session_n = copy(t->session, vector(&body, 1), 32);
	t->suite_id = (uint16_t)number(&body, 2);
	number(&body, 1);
	each_extension(t, body, server_extension);
	t->suite = tls_suite_find(t->suite_id);
	if (t->suite && tls_suite_is_13(t->suite) != (t->version >= TLS_1_3))
		t->suite = NULL;
	t->server_hello = true;
	for (int i = 0; i < 2; i++)
		if (t->version >= TLS_1_3 && t->side[i].stage == TLS_EARLY && i != t->client)
			t->side[i].stage = TLS_HANDSHAKE;
}

static struct slice random_of(const struct tls *t)
{
	return (struct slice){(const char *)t->client_random, 32};
}

static bool from_premaster(struct tls *t, struct slice premaster)
{
	struct slice transcript = t->ems && t->client_ems ? buf_slice(&t->transcript) : SLICE_ABSENT;

	return t->suite && tls_master(t->suite, t->version, premaster, t->client_random, t->server_random,
		transcript, t->master);
}

/* The premaster secret, from the private key or a log that knows it by its encrypted form. */
static void client_key_exchange(struct tls *t, struct tls_keys *keys, struct slice body)
{
	uint8_t premaster[TLS_KEY_MAX];
	struct slice encrypted;
	size_t n;

	if (!keys || !t->suite)
		return;
	n = tls_keys_find(keys, TLS_LABEL_PREMASTER, random_of(t), premaster);
	if (!n && tls_suite_is_rsa(t->suite)) {
		encrypted = vector(&body, 2);
		if (!encrypted.p)
			return;
		n = tls_keys_find(keys, TLS_LABEL_ENCRYPTED, slice_head(encrypted, 8), premaster);
		if (!n && tls_keys_private(keys) &&
			tls_rsa_premaster(tls_keys_private(keys), encrypted, premaster))
			n = TLS_MASTER;
	}
	if (n)
		t->has_master = from_premaster(t, (struct slice){(char *)premaster, n});
}

static void remember(struct tls *t, struct tls_keys *keys)
{
	struct slice master = {(const char *)t->master, TLS_MASTER};

	tls_keys_put(keys, TLS_LABEL_SESSION, (struct slice){(const char *)t->session, t->session_n}, master);
	tls_keys_put(keys, TLS_LABEL_SESSION, buf_slice(&t->new_ticket), master);
}

bool tls_find_master(struct tls *t, struct tls_keys *keys)
{
	uint8_t secret[TLS_KEY_MAX];
	struct slice session = {(const char *)t->session, t->session_n};

	if (!keys)
		return false;
	if (!t->has_master && tls_keys_find(keys, TLS_LABEL_MASTER, random_of(t), secret) == TLS_MASTER)
		t->has_master = true;
	else if (!t->has_master && session.n &&
		tls_keys_find(keys, TLS_LABEL_SESSION, session, secret) == TLS_MASTER)
		t->has_master = true;
	else if (!t->has_master && t->ticket.n &&
		tls_keys_find(keys, TLS_LABEL_SESSION, buf_slice(&t->ticket), secret) == TLS_MASTER)
		t->has_master = true;
	else
		return t->has_master;
	memcpy(t->master, secret, TLS_MASTER);
	return true;
}

/* TLS 1.3, in a direction that is decrypted. */
static void change_keys(struct tls *t, int side, unsigned type)
{
	struct tls_side *s = &t->side[side];

	if (type == KEY_UPDATE) {
		if (s->stage == TLS_APPLICATION && tls_secret_update(t->suite, s->secret)) {
			tls_opener_free(s->opener);
			s->opener = tls_opener_new_13(t->suite, s->secret);
		}
		return;
	}
	s->stage = type == FINISHED ? TLS_APPLICATION : TLS_HANDSHAKE;
	tls_opener_free(s->opener);
	s->opener = NULL;
}

void tls_handshake(struct tls *t, int side, struct tls_keys *keys, struct slice message)
{
	unsigned type = (uint8_t)message.p[0];
	struct slice body = slice_from(message, 4);

	if (type == CLIENT_HELLO)
		buf_clear(&t->transcript);
	if (keys && type && type <= CLIENT_KEY_EXCHANGE && (type == CLIENT_HELLO || t->transcript.n) &&
		t->transcript.n + message.n <= TLS_HANDSHAKE_MAX)
		buf_add_slice(&t->transcript, message);
	switch (type) {
	case CLIENT_HELLO:
		client_hello(t, side, body);
		break;
	case SERVER_HELLO:
		server_hello(t, side, body);
		if (t->version >= TLS_1_3)
			buf_free(&t->transcript);
		break;
	case CLIENT_KEY_EXCHANGE:
		client_key_exchange(t, keys, body);
		buf_free(&t->transcript);
		break;
	case NEW_SESSION_TICKET:
		if (t->version < TLS_1_3 && t->server_hello) {
			number(&body, 4);
			buf_clear(&t->new_ticket);
			buf_add_slice(&t->new_ticket, slice_head(vector(&body, 2), 4096));
		}
		break;
	case FINISHED:
	case END_OF_EARLY_DATA:
	case KEY_UPDATE:
		if (t->version >= TLS_1_3 && t->suite)
			change_keys(t, side, type);
		break;
	default:
		break;
	}
	if (type == FINISHED && t->version < TLS_1_3 && t->has_master && keys)
		remember(t, keys);
}

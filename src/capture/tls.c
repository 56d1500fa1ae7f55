#include "capture/tls.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "capture/bytes.h"
#include "capture/tls_handshake.h"

enum {
	CHANGE_CIPHER_SPEC = 20, ALERT = 21, HANDSHAKE = 22, APPLICATION_DATA = 23, HEARTBEAT = 24,
	HEADER = 5,
	FATAL = 2,
	WAITING_MAX = 64 << 10, /* bytes that wait for keys */
	SEARCH = 64,            /* records that may be missing in a gap */
};

enum verdict {
	TAKEN,
	WAIT, /* for keys that may still come */
	STOP, /* cannot be read */
};

/* What a record is taken with. */
struct taking {
	struct output *o;
	const struct mark *mark;
	const struct tls_reader *reader;
	void *arg;
};

bool tls_begins(struct slice in)
{
	return in.n >= 6 && in.p[0] == HANDSHAKE && in.p[1] == 3 && (unsigned char)in.p[2] <= 4 &&
		(in.p[5] == 1 || in.p[5] == 2);
}

struct tls *tls_new(const struct address *a, const struct address *b)
{
	struct tls *t = xcalloc(1, sizeof(*t));

	t->end[0] = *a;
	t->end[1] = *b;
	t->client = t->alert = -1;
	return t;
}

void tls_free(struct tls *t)
{
	if (!t)
		return;
	for (int i = 0; i < 2; i++) {
		buf_free(&t->side[i].bytes);
		buf_free(&t->side[i].handshake);
		tls_opener_free(t->side[i].opener);
	}
	buf_free(&t->ticket);
	buf_free(&t->new_ticket);
	buf_free(&t->transcript);
	free(t);
}

static size_t size_of(const struct tls *t)
{
	size_t size = sizeof(*t) + t->ticket.size + t->new_ticket.size + t->transcript.size;

	for (int i = 0; i < 2; i++)
		size += t->side[i].bytes.size + t->side[i].handshake.size;
	return size;
}

static void count_memory(struct tls *t, struct output *o)
{
	size_t size = size_of(t);

	o->memory += size - t->counted;
	t->counted = size;
}

static void tell(struct tls *t, struct output *o)
{
	int client = t->client == 1 ? 1 : 0;
	struct tls_notice notice = {
		.client = t->end[client],
		.server = t->end[!client],
		.server_name = t->name,
		.alert = t->alert < 0 ? NULL : tls_alert_name(t->alert),
		.alert_by_client = t->alert >= 0 && t->alert_side == client,
		.wrong_keys = t->wrong_keys,
		.unknown_suite = t->server_hello && !t->suite ? t->suite_id : 0,
	};

	if (t->told || t->read)
		return;
	t->told = true;
	o->stats->tls_connections++;
	o->stats->tls_wrong_keys += t->wrong_keys;
	if (o->sink->encrypted)
		o->sink->encrypted(o->sink->arg, &notice);
}

void tls_end(struct tls *t, struct output *o)
{
	tell(t, o);
	o->memory -= t->counted;
	t->counted = 0;
}

void tls_skip(struct tls *t, int side)
{
	struct tls_side *s = &t->side[side];

	s->lost = true;
	s->missing = SEARCH;
	s->bytes.n = s->handshake.n = 0;
}

/* ---- records in clear, or after decryption ---- */

static void take_handshake(struct tls *t, int side, const struct taking *k, struct slice in)
{
	struct buf *b = &t->side[side].handshake;
	size_t at = 0;

	buf_add_slice(b, in);
	while (b->n - at >= 4) {
		const uint8_t *p = (const uint8_t *)b->p + at;
		size_t n = 4 + (size_t)(be32(p) & 0xffffff);

		if (n > TLS_HANDSHAKE_MAX) {
			at = b->n;
			break;
		}
		if (b->n - at < n)
			break;
		tls_handshake(t, side, k->o->keys, (struct slice){b->p + at, n});
		at += n;
	}
	b->n -= at;
	if (at)
		memmove(b->p, b->p + at, b->n);
}

static void take_alert(struct tls *t, int side, struct slice in)
{
	if (in.n < 2 || in.p[0] != FATAL || t->alert >= 0)
		return;
	t->alert = (unsigned char)in.p[1];
	t->alert_side = side;
}

static enum verdict take_clear(struct tls *t, int side, const struct taking *k, unsigned type,
	struct slice in)
{
	if (type == HANDSHAKE)
		take_handshake(t, side, k, in);
	else if (type == ALERT)
		take_alert(t, side, in);
	else if (type == APPLICATION_DATA && in.n && !k->reader->text(k->arg, side, k->o, in, k->mark))
		return STOP;
	return TAKEN;
}

/* ---- keys ---- */

static ssize_t open_record(struct tls_side *s, const uint8_t *header, struct slice in, uint8_t *out)
{
	uint64_t skipped = 0;
	ssize_t n;

	do
		n = tls_opener_open(s->opener, header, in, skipped, out);
	while (n < 0 && skipped++ < s->missing);
	return n;
}

/* The secret of a direction and stage: its label. */
static enum tls_label label_of(enum tls_stage stage, bool client)
{
	if (stage == TLS_EARLY)
		return TLS_LABEL_EARLY;
	if (stage == TLS_HANDSHAKE)
		return client ? TLS_LABEL_CLIENT_HANDSHAKE : TLS_LABEL_SERVER_HANDSHAKE;
	return client ? TLS_LABEL_CLIENT : TLS_LABEL_SERVER;
}

/*
 * TLS 1.3: the keys in use, or those of a later stage: a message that changes them may be missing.
 * *found: there are keys.
 */
static ssize_t open_13(struct tls *t, int side, struct tls_keys *keys, const uint8_t *header, struct slice in,
	uint8_t *out, bool *found)
{
	struct tls_side *s = &t->side[side];
	struct slice random = {(const char *)t->client_random, 32};
	struct tls_opener *old = s->opener;
	uint8_t secret[TLS_KEY_MAX];
	ssize_t n = old ? open_record(s, header, in, out) : -1;

	*found = old;
	for (unsigned stage = s->stage + (old ? 1 : 0); n < 0 && t->suite && keys && stage < TLS_STAGES; stage++) {
		if (tls_keys_find(keys, label_of((enum tls_stage)stage, side == t->client), random, secret) !=
			tls_suite_secret(t->suite))
			continue;
		*found = true;
		s->opener = tls_opener_new_13(t->suite, secret);
		n = s->opener ? open_record(s, header, in, out) : -1;
		if (n >= 0) {
			s->stage = (enum tls_stage)stage;
			memcpy(s->secret, secret, sizeof(s->secret));
			tls_opener_free(old);
			return n;
		}
		tls_opener_free(s->opener);
		s->opener = old;
	}
	return n;
}

static ssize_t open_12(struct tls *t, int side, struct tls_keys *keys, const uint8_t *header, struct slice in,
	uint8_t *out, bool *found)
{
	struct tls_side *s = &t->side[side];

	if (!s->opener && t->suite && !tls_suite_is_13(t->suite) && tls_find_master(t, keys))
		s->opener = tls_opener_new(t->suite, t->version, t->etm && t->client_etm, side != t->client,
			t->master, t->client_random, t->server_random);
	*found = s->opener;
	return s->opener ? open_record(s, header, in, out) : -1;
}

/* The type of what was inside; the padding goes (RFC 8446 5.2). */
static unsigned inner_type(const uint8_t *out, ssize_t *n)
{
	while (*n > 0 && !out[*n - 1])
		--*n;
	return *n > 0 ? out[--*n] : 0;
}

/* ---- encrypted records ---- */

/* It does not fit: wrong keys, or, if others did, something is missing. */
static enum verdict mismatch(struct tls *t, int side, const struct taking *k)
{
	if (!t->read) {
		t->wrong_keys = true;
		return STOP;
	}
	t->side[side].missing = SEARCH;
	k->reader->skip(k->arg, side, k->o);
	return TAKEN;
}

static enum verdict take_encrypted(struct tls *t, int side, const struct taking *k, const uint8_t *header,
	struct slice in)
{
	struct tls_side *s = &t->side[side];
	struct tls_keys *keys = k->o->keys;
	bool is_13 = t->version >= TLS_1_3, found = false;
	uint8_t out[TLS_RECORD_MAX];
	unsigned type = header[0];
	ssize_t n;

	do
		n = (is_13 ? open_13 : open_12)(t, side, keys, header, in, out, &found);
	while (n < 0 && !found && keys && tls_keys_refresh(keys));
	if (n < 0 && found)
		return mismatch(t, side, k);
	if (n < 0)
		return keys && tls_keys_may_come(keys) && s->bytes.n < WAITING_MAX ? WAIT : STOP;
	s->missing = 0;
	if (!t->read)
		k->o->stats->tls_read++;
	t->read = true;
	if (is_13)
		type = inner_type(out, &n);
	return take_clear(t, side, k, type, (struct slice){(char *)out, (size_t)n});
}

static enum verdict take_record(struct tls *t, int side, const struct taking *k, const uint8_t *header,
	struct slice in)
{
	struct tls_side *s = &t->side[side];
	unsigned type = header[0];

	if (type == CHANGE_CIPHER_SPEC) {
		/* in TLS 1.3 it has no meaning */
		if (t->server_hello && t->version < TLS_1_3) {
			tls_opener_free(s->opener);
			s->opener = NULL;
			s->encrypted = true;
		}
		return TAKEN;
	}
	if (t->server_hello && t->version >= TLS_1_3 ? type == APPLICATION_DATA : s->encrypted)
		return take_encrypted(t, side, k, header, in);
	if (type != APPLICATION_DATA)
		return take_clear(t, side, k, type, in);
	/* early data: its cipher is known with the ServerHello only */
	return side == t->client && s->bytes.n < WAITING_MAX ? WAIT : STOP;
}

static bool is_header(const uint8_t *p)
{
	return p[0] >= CHANGE_CIPHER_SPEC && p[0] <= HEARTBEAT && p[1] == 3 && p[2] <= 4 &&
		be16(p + 3) <= TLS_RECORD_MAX;
}

static bool take_records(struct tls *t, int side, const struct taking *k)
{
	struct tls_side *s = &t->side[side];
	enum verdict verdict = TAKEN;
	size_t at = 0;

	while (verdict == TAKEN && s->bytes.n - at >= HEADER) {
		const uint8_t *header = (const uint8_t *)s->bytes.p + at;
		size_t n = be16(header + 3);

		if (!is_header(header)) {
			k->reader->skip(k->arg, side, k->o);
			tls_skip(t, side);
			return t->read;
		}
		if (s->bytes.n - at < HEADER + n)
			break;
		verdict = take_record(t, side, k, header, (struct slice){(const char *)header + HEADER, n});
		if (verdict == TAKEN)
			at += HEADER + n;
	}
	s->bytes.n -= at;
	if (at)
		memmove(s->bytes.p, s->bytes.p + at, s->bytes.n);
	return verdict != STOP;
}

bool tls_take(struct tls *t, int side, struct output *o, struct slice in, const struct mark *mark,
	const struct tls_reader *reader, void *arg)
{
	struct tls_side *s = &t->side[side];
	struct taking k = {o, mark, reader, arg};
	bool good;

	if (s->lost) {
		/* after a gap a record may begin where a segment does */
		if (in.n < HEADER || !is_header((const uint8_t *)in.p))
			return true;
		s->lost = false;
	}
	buf_add_slice(&s->bytes, in);
	good = take_records(t, side, &k);
	/* what the other side has kept waiting may be read now */
	if (good && t->side[!side].bytes.n >= HEADER)
		good = take_records(t, !side, &k);
	if (!good)
		tell(t, o);
	count_memory(t, o);
	return good;
}

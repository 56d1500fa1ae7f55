#include "capture/tls_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/lru.h"
#include "capture/tls_crypto.h"

enum { ID_MAX = 32, LINE_MAX_BYTES = 4096 };

struct secret {
	struct lru_node node;
	uint8_t label;
	uint8_t id_n, n;
	uint8_t id[ID_MAX];
	uint8_t bytes[TLS_KEY_MAX];
};

struct tls_keys {
	struct lru table;
	FILE *file;
	struct buf line;     /* the beginning of the file's last line */
	bool skip;           /* that line is too long to be one */
	uint64_t bad;
	struct tls_rsa *rsa;
	bool live;
};

static const struct label {
	struct slice name;
	enum tls_label label;
} labels[] = {
	{{"CLIENT_RANDOM", 13}, TLS_LABEL_MASTER},
	{{"PMS_CLIENT_RANDOM", 17}, TLS_LABEL_PREMASTER},
	{{"CLIENT_EARLY_TRAFFIC_SECRET", 27}, TLS_LABEL_EARLY},
	{{"CLIENT_HANDSHAKE_TRAFFIC_SECRET", 31}, TLS_LABEL_CLIENT_HANDSHAKE},
	{{"SERVER_HANDSHAKE_TRAFFIC_SECRET", 31}, TLS_LABEL_SERVER_HANDSHAKE},
	{{"CLIENT_TRAFFIC_SECRET_0", 23}, TLS_LABEL_CLIENT},
	{{"SERVER_TRAFFIC_SECRET_0", 23}, TLS_LABEL_SERVER},
	{{"RSA", 3}, TLS_LABEL_ENCRYPTED},
};

static void drop(struct lru_node *node)
{
	free(node);
}

struct tls_keys *tls_keys_new(void)
{
	struct tls_keys *k = xcalloc(1, sizeof(*k));

	lru_init(&k->table, TLS_KEYS_MAX, drop);
	return k;
}

void tls_keys_free(struct tls_keys *k)
{
	if (!k)
		return;
	lru_free(&k->table);
	if (k->file)
		fclose(k->file);
	buf_free(&k->line);
	tls_rsa_free(k->rsa);
	free(k);
}

uint64_t tls_keys_bad_lines(const struct tls_keys *k)
{
	return k->bad;
}

uint64_t tls_keys_count(const struct tls_keys *k)
{
	return k->table.map.count;
}

/* Tickets are long: of them, as of all identifiers, the first bytes and a hash do. */
static struct slice short_id(struct slice id, char room[ID_MAX])
{
	uint64_t hash;

	if (id.n <= ID_MAX)
		return id;
	hash = slice_hash(id, 0);
	memcpy(room, id.p, ID_MAX - sizeof(hash));
	memcpy(room + ID_MAX - sizeof(hash), &hash, sizeof(hash));
	return (struct slice){room, ID_MAX};
}

static struct secret *find(struct tls_keys *k, enum tls_label label, struct slice id, uint64_t *key)
{
	struct secret *s;

	*key = slice_hash(id, (uint64_t)label + 1);
	s = (struct secret *)lru_get(&k->table, *key);
	return s && s->label == label && slice_eq((struct slice){(char *)s->id, s->id_n}, id) ? s : NULL;
}

size_t tls_keys_find(struct tls_keys *k, enum tls_label label, struct slice id, uint8_t secret[TLS_KEY_MAX])
{
	char room[ID_MAX];
	uint64_t key;
	const struct secret *s = find(k, label, short_id(id, room), &key);

	if (!s)
		return 0;
	memcpy(secret, s->bytes, s->n);
	return s->n;
}

void tls_keys_put(struct tls_keys *k, enum tls_label label, struct slice id, struct slice secret)
{
	char room[ID_MAX];
	uint64_t key;
	struct secret *s;

	id = short_id(id, room);
	if (!id.n || !secret.n || secret.n > TLS_KEY_MAX)
		return;
	s = find(k, label, id, &key);
	if (!s) {
		struct lru_node *other = lru_get(&k->table, key);

		/* two with one key: the newer one wins */
		if (other)
			lru_remove(&k->table, other);
		s = xcalloc(1, sizeof(*s));
		lru_add(&k->table, key, &s->node);
	}
	s->label = (uint8_t)label;
	s->id_n = (uint8_t)id.n;
	s->n = (uint8_t)secret.n;
	memcpy(s->id, id.p, id.n);
	memcpy(s->bytes, secret.p, secret.n);
}

/* ---- key logs ---- */

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* 0: no hexadecimal number of at most `room` bytes. */
static size_t from_hex(struct slice text, uint8_t *out, size_t room)
{
	if (text.n % 2 || text.n / 2 > room)
		return 0;
	for (size_t i = 0; i < text.n; i += 2) {
		int high = digit(text.p[i]), low = digit(text.p[i + 1]);

		if (high < 0 || low < 0)
			return 0;
		out[i / 2] = (uint8_t)(high << 4 | low);
	}
	return text.n / 2;
}

static struct slice word(struct slice *rest)
{
	size_t n;
	struct slice w;

	*rest = slice_trim(*rest);
	n = slice_find(*rest, ' ');
	w = slice_head(*rest, n);
	*rest = slice_from(*rest, n);
	return w;
}

static struct slice without(struct slice s, struct slice prefix)
{
	return slice_starts_nocase(s, prefix) ? slice_from(s, prefix.n) : s;
}

/* Secrets that are logged, too, but of no use here: those after key updates are derived. */
static bool is_known(struct slice name)
{
	static const struct slice names[] = {{"EXPORTER_", 9}, {"EARLY_EXPORTER_", 15}, {"ECH_", 4},
		{"CLIENT_TRAFFIC_SECRET_", 22}, {"SERVER_TRAFFIC_SECRET_", 22}};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (slice_starts_nocase(name, names[i]))
			return true;
	return false;
}

/* "RSA Session-ID:... Master-Key:..." is what OpenSSL's s_client wrote once. */
static bool add_line(struct tls_keys *k, struct slice line)
{
	struct slice name = word(&line), id = word(&line), secret = word(&line);
	uint8_t id_bytes[ID_MAX], bytes[TLS_KEY_MAX];
	size_t id_n, n;
	bool session = slice_starts_nocase(id, SLICE("Session-ID:"));

	id_n = from_hex(without(id, SLICE("Session-ID:")), id_bytes, sizeof(id_bytes));
	n = from_hex(without(secret, SLICE("Master-Key:")), bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++) {
		if (!slice_eq(name, labels[i].name))
			continue;
		if (!id_n || !n)
			return false;
		tls_keys_put(k, session ? TLS_LABEL_SESSION : labels[i].label,
			(struct slice){(char *)id_bytes, id_n}, (struct slice){(char *)bytes, n});
		return true;
	}
	return is_known(name);
}

uint64_t tls_keys_add(struct tls_keys *k, struct slice lines)
{
	uint64_t bad = 0;

	while (lines.n) {
		size_t end = slice_find(lines, '\n');
		struct slice line = slice_trim(slice_head(lines, end));

		if (line.n && line.p[0] != '#' && (line.n > LINE_MAX_BYTES || !add_line(k, line)))
			bad++;
		lines = slice_from(lines, end + 1);
	}
	k->bad += bad;
	return bad;
}

/* Whole lines only: the last one may still be being written. */
static void take(struct tls_keys *k, struct slice in)
{
	while (in.n) {
		size_t end = slice_find(in, '\n');

		if (k->line.n + end > LINE_MAX_BYTES && !k->skip) {
			k->bad++;
			k->skip = true;
		}
		if (!k->skip)
			buf_add_slice(&k->line, slice_head(in, end));
		if (end == in.n)
			return;
		if (!k->skip)
			tls_keys_add(k, buf_slice(&k->line));
		buf_clear(&k->line);
		k->skip = false;
		in = slice_from(in, end + 1);
	}
}

bool tls_keys_refresh(struct tls_keys *k)
{
	char block[16384];
	size_t n, all = 0;

	if (!k->file)
		return false;
	clearerr(k->file);
	while ((n = fread(block, 1, sizeof(block), k->file)) > 0) {
		take(k, (struct slice){block, n});
		all += n;
	}
	return all;
}

void tls_keys_set_live(struct tls_keys *k)
{
	k->live = true;
}

bool tls_keys_may_come(const struct tls_keys *k)
{
	return k->live && k->file;
}

bool tls_keys_open(struct tls_keys *k, const char *path)
{
	k->file = fopen(path, "re");
	if (!k->file)
		return false;
	tls_keys_refresh(k);
	/* whoever leaves out the last line break */
	if (k->line.n && !k->skip) {
		uint64_t bad = k->bad;

		tls_keys_add(k, buf_slice(&k->line));
		k->bad = bad;
	}
	return true;
}

bool tls_keys_rsa(struct tls_keys *k, const char *path, const char **why)
{
	k->rsa = tls_rsa_read(path, why);
	return k->rsa;
}

const struct tls_rsa *tls_keys_private(const struct tls_keys *k)
{
	return k->rsa;
}

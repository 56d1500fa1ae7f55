#include "auth/secrets.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/map.h"
#include "base/storage.h"

enum {
	TEXTS_USUAL = 64, /* bytes of an entry's texts */
	CHUNK = 64 << 10  /* bytes of entries in a row */
};

/* One secret and the bytes of its texts, so that wiping it is one call. */
struct entry {
	struct secret secret;
	struct entry *next; /* of the same user name, in the order of the file */
	struct entry *last; /* of that chain; kept in its first */
	size_t size;
	char bytes[]; /* the value, which needs no more than the alignment of a size, then the texts */
};

struct secrets {
	struct storage storage; /* of the entries: wiped before it is given back */
	char *at;               /* room for more of them, so many bytes */
	size_t left;
	struct entry **list;
	size_t count, room;
	size_t bytes; /* of the entries */
	struct map by_user; /* slice_hash of the user name to the first entry; other users may share
			       it */
};

struct secrets *secrets_new(void)
{
	return xcalloc(1, sizeof(struct secrets));
}

void secrets_free(struct secrets *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->count; i++)
		secret_wipe(s->list[i], s->list[i]->size);
	free(s->list);
	map_free(&s->by_user);
	storage_free(&s->storage);
	free(s);
}

size_t secrets_bytes(const struct secrets *s)
{
	/* with what allocation and the index take */
	return s ? s->bytes + s->count * 2 * sizeof(struct map_entry) : 0;
}

size_t secrets_count(const struct secrets *s)
{
	return s ? s->count : 0;
}

const struct secret *secrets_at(const struct secrets *s, size_t i)
{
	return s && i < s->count ? &s->list[i]->secret : NULL;
}

static uint64_t user_key(struct slice username)
{
	return slice_hash(username, 0x7365637265747321u);
}

void secrets_foresee(const struct secrets *s, struct slice username)
{
	if (s)
		map_foresee(&s->by_user, user_key(username));
}

void secrets_foresee_found(const struct secrets *s, struct slice username)
{
	const struct entry *e = s ? map_get(&s->by_user, user_key(username)) : NULL;

	if (e)
		foresee_all(e, sizeof(*e) + TEXTS_USUAL);
}

void secrets_expect(struct secrets *s, size_t count)
{
	if (!s->count)
		map_init(&s->by_user, &s->storage, count);
}

/* Zeroed. */
static struct entry *entry_new(struct secrets *s, size_t size)
{
	size_t need = (size + _Alignof(max_align_t) - 1) / _Alignof(max_align_t) * _Alignof(max_align_t);
	char *entry;

	if (need > s->left) {
		s->left = need > CHUNK ? need : CHUNK;
		s->at = storage_take(&s->storage, s->left);
	}
	entry = s->at;
	s->at += need;
	s->left -= need;
	return (struct entry *)(void *)entry;
}

static struct slice take(char **at, struct slice s)
{
	struct slice copy = {*at, s.n};

	if (!s.p)
		return s;
	memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

void secrets_put(struct secrets *s, const struct secret *secret)
{
	size_t value = secret->kind == SECRET_PASSWORD ? 0 : sizeof(*secret->value);
	size_t size = sizeof(struct entry) + value + secret->username.n + secret->realm.n +
		secret->password.n;
	struct entry *e = entry_new(s, size), *first;
	char *at = e->bytes + value;

	e->secret = *secret;
	e->secret.username = take(&at, secret->username);
	e->secret.realm = take(&at, secret->realm);
	e->secret.password = take(&at, secret->password);
	e->secret.value = value ? memcpy(e->bytes, secret->value, value) : NULL;
	e->size = size;
	s->bytes += size;
	if (s->count == s->room) {
		s->room = s->room ? s->room * 2 : 16;
		s->list = xrealloc(
			s->list, s->room * sizeof(*s->list)); /* pointers only: nothing to wipe */
	}
	s->list[s->count++] = e;
	first = map_get(&s->by_user, user_key(e->secret.username));
	if (first) {
		first->last->next = e;
		first->last = e;
	} else {
		e->last = e;
		map_put(&s->by_user, user_key(e->secret.username), e);
	}
}

const struct secret *secrets_of(
	const struct secrets *s, struct slice username, const struct secret *after)
{
	/* the secret comes first in its entry */
	const struct entry *e = after ? ((const struct entry *)after)->next
				      : s ? map_get(&s->by_user, user_key(username)) : NULL;

	while (e && !slice_eq(e->secret.username, username))
		e = e->next;
	return e ? &e->secret : NULL;
}

void secrets_add(
	struct secrets *s, struct slice username, struct slice realm, struct slice password)
{
	struct secret secret = {
		.username = username,
		.realm = realm.p ? realm : SLICE("*"),
		.kind = SECRET_PASSWORD,
		.password = password.p ? password : SLICE(""),
	};

	secrets_put(s, &secret);
}

static bool fits(const struct secret *secret, enum algorithm algorithm)
{
	const struct algorithm_info *info = algorithm_info(algorithm);

	switch (secret->kind) {
	case SECRET_PASSWORD:
		return !info || !info->aka;
	case SECRET_HA1:
		return info && !info->aka && info->hash == secret->value->ha1_hash;
	case SECRET_AKA_RES:
		return info && info->aka && (info->aka == 1 || secret->value->res.has_keys);
	case SECRET_AKA_KEY:
		return info && info->aka;
	}
	return false;
}

struct search {
	const struct secrets *secrets;
	struct slice realm;
	enum algorithm algorithm;
	const struct secret **out;
	size_t count, max;
};

static void find_user(struct search *f, struct slice username, bool any_realm)
{
	const struct entry *e = map_get(&f->secrets->by_user, user_key(username));

	for (; e && f->count < f->max; e = e->next) {
		const struct secret *s = &e->secret;

		if (slice_eq(s->realm, SLICE("*")) == any_realm &&
			(any_realm || slice_eq(s->realm, f->realm)) &&
			slice_eq(s->username, username) && fits(s, f->algorithm))
			f->out[f->count++] = s;
	}
}

size_t secrets_find(const struct secrets *s, struct slice username, struct slice realm,
	enum algorithm algorithm, const struct secret **out, size_t max)
{
	struct search f = {s, realm, algorithm, out, 0, max};
	size_t at = slice_find(username, '@');

	if (!s)
		return 0;
	if (username.p) {
		find_user(&f, username, false);
		find_user(&f, username, true);
	}
	if (at < username.n) {
		find_user(&f, slice_head(username, at), false);
		find_user(&f, slice_head(username, at), true);
	}
	find_user(&f, SLICE_ABSENT, false);
	find_user(&f, SLICE_ABSENT, true);
	return f.count;
}

static bool apply_aka(const struct aka_secret *res, struct digest_input *in, struct arena *arena)
{
	char *bytes = arena_alloc(arena, 64);
	size_t n = aka_password(in->algorithm, res, (uint8_t *)bytes);

	in->password = (struct slice){bytes, n};
	return n > 0;
}

bool secret_apply(const struct secret *secret, struct digest_input *in, struct arena *arena)
{
	struct aka_secret res;
	bool done;

	if (!fits(secret, in->algorithm) || !algorithm_info(in->algorithm))
		return false;
	in->ha1 = SLICE_ABSENT;
	switch (secret->kind) {
	case SECRET_PASSWORD:
		in->password = secret->password;
		return true;
	case SECRET_HA1:
		in->ha1 = slice_of(secret->value->ha1);
		return true;
	case SECRET_AKA_RES:
		return apply_aka(&secret->value->res, in, arena);
	case SECRET_AKA_KEY:
		done = aka_from_nonce(&secret->value->key, in->nonce, &res) && apply_aka(&res, in, arena);
		secret_wipe(&res, sizeof(res));
		return done;
	}
	return false;
}

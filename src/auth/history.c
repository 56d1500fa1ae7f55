#include "auth/history.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/table.h"

enum { ACCOUNTS_MAX = 2048, MEMOS_MAX = 64, TEXT_MAX = 512, BODY_MAX = 4096, TIDY_MIN = 1024 };

/* How many of a kind are kept: the oldest makes room. */
static const uint8_t kept[CLUE_COUNT] = {
	[CLUE_NONCE] = 24,
	[CLUE_NEXTNONCE] = 4,
	[CLUE_CNONCE] = 8,
	[CLUE_URI] = 12,
	[CLUE_REALM] = 6,
	[CLUE_METHOD] = 4,
	[CLUE_BODY] = 2,
	[CLUE_USER] = 4,
};

struct memo {
	enum clue_kind kind;
	uint32_t age; /* place in time */
	uint32_t at;  /* of its text in account.texts */
	uint32_t length;
};

struct account {
	struct table_node node;
	struct memo *memos; /* at most MEMOS_MAX */
	unsigned count, room;
	uint32_t clock;
	struct buf texts;   /* of the memos; between them what is no longer needed */
	size_t unused;      /* bytes of it */
};

struct history {
	struct table accounts;
};

static void drop(void *arg, void *record)
{
	struct account *a = record;

	(void)arg;
	free(a->memos);
	buf_free(&a->texts);
}

struct history *history_new(struct storage *storage)
{
	struct history *h = xcalloc(1, sizeof(*h));

	table_init(&h->accounts, storage, sizeof(struct account), ACCOUNTS_MAX);
	h->accounts.drop = drop;
	return h;
}

void history_free(struct history *h)
{
	if (!h)
		return;
	table_free(&h->accounts);
	free(h);
}

static uint64_t user_key(struct slice user)
{
	return slice_hash(slice_head(user, slice_find(user, '@')), 0x686973746f7279u);
}

/* A new account has the memory of the one that it replaces. */
static struct account *account_add(struct history *h, uint64_t key)
{
	struct account *a = h->accounts.count == ACCOUNTS_MAX ? table_unused(&h->accounts) : NULL, from = {0};

	if (a) {
		from = *a;
		a->memos = NULL;
		a->texts = (struct buf){0};
	}
	a = table_add(&h->accounts, key);
	a->memos = from.memos;
	a->room = from.room;
	a->texts = from.texts;
	buf_clear(&a->texts);
	return a;
}

static struct account *account_for(struct history *h, struct slice user)
{
	uint64_t key = user_key(user);
	struct account *a = table_get(&h->accounts, key);

	return a ? a : account_add(h, key);
}

static struct slice memo_text(const struct account *a, const struct memo *m)
{
	return (struct slice){a->texts.p + m->at, m->length};
}

/* Texts of memos that are gone make room, once they are more than the others. */
static void tidy(struct account *a)
{
	struct buf texts = {0};

	if (a->unused < TIDY_MIN || a->unused < a->texts.n / 2)
		return;
	for (unsigned i = 0; i < a->count; i++) {
		struct slice text = memo_text(a, &a->memos[i]);

		a->memos[i].at = (uint32_t)texts.n;
		buf_add_slice(&texts, text);
	}
	buf_free(&a->texts);
	a->texts = texts;
	a->unused = 0;
}

/* Place for a new memo: a free one, else that of the oldest of its kind. */
static struct memo *place_for(struct account *a, enum clue_kind kind)
{
	struct memo *oldest = NULL;
	unsigned same = 0;

	for (unsigned i = 0; i < a->count; i++) {
		struct memo *m = &a->memos[i];

		if (m->kind != kind)
			continue;
		same++;
		if (!oldest || m->age < oldest->age)
			oldest = m;
	}
	if (same < kept[kind] && a->count < MEMOS_MAX) {
		if (a->count == a->room) {
			a->room = a->room ? a->room * 2 : 8;
			a->memos = xrealloc(a->memos, a->room * sizeof(*a->memos));
		}
		return &a->memos[a->count++];
	}
	if (oldest)
		a->unused += oldest->length;
	return oldest;
}

static void note(struct account *a, enum clue_kind kind, struct slice value)
{
	struct memo *m;

	if (!value.n || value.n > (kind == CLUE_BODY ? BODY_MAX : TEXT_MAX))
		return;
	for (unsigned i = 0; i < a->count; i++)
		if (a->memos[i].kind == kind && slice_eq(memo_text(a, &a->memos[i]), value)) {
			a->memos[i].age = ++a->clock;
			return;
		}
	m = place_for(a, kind);
	if (!m)
		return;
	*m = (struct memo){.kind = kind, .age = ++a->clock, .at = (uint32_t)a->texts.n, .length = (uint32_t)value.n};
	buf_add_slice(&a->texts, value);
	tidy(a);
}

static void note_challenges(struct account *a, const struct response *r)
{
	for (unsigned i = 0; i < r->challenge_count; i++) {
		note(a, CLUE_NONCE, r->challenges[i].nonce);
		note(a, CLUE_REALM, r->challenges[i].realm);
	}
	note(a, CLUE_NEXTNONCE, response_info(r, PARAM_NEXTNONCE));
}

static void note_attempt(struct account *a, const struct attempt *of)
{
	for (unsigned i = 0; i < of->credential_count; i++) {
		const struct credential *k = &of->credentials[i];

		note(a, CLUE_NONCE, k->nonce);
		note(a, CLUE_CNONCE, k->cnonce);
		note(a, CLUE_URI, k->uri);
		note(a, CLUE_USER, k->username);
	}
	note(a, CLUE_METHOD, of->request.msg.method_name);
	note(a, CLUE_BODY, of->request.msg.body);
	if (of->final)
		note_challenges(a, of->final);
	for (const struct response *r = of->others; r; r = r->next)
		note_challenges(a, r);
}

static const struct credential *known_credential(const struct exchange *x)
{
	for (const struct attempt *a = x->attempts; a; a = a->next)
		for (unsigned i = 0; i < a->credential_count; i++)
			if (a->credentials[i].secret && a->credentials[i].username.p)
				return &a->credentials[i];
	return NULL;
}

void history_note(struct history *h, const struct exchange *x)
{
	const struct credential *k = known_credential(x);
	struct account *account;

	if (!k)
		return;
	account = account_for(h, k->username);
	for (const struct attempt *a = x->attempts; a; a = a->next)
		note_attempt(account, a);
}

void history_foresee(const struct history *h, struct slice user)
{
	table_foresee(&h->accounts, user_key(user));
}

static int newer_first(const void *a, const void *b)
{
	const struct memo *x = a, *y = b;

	return x->age < y->age ? 1 : x->age > y->age ? -1 : 0;
}

void history_clues(struct history *h, struct slice user, struct clues *out)
{
	struct account *a = table_get(&h->accounts, user_key(user));

	if (!a)
		return;
	if (a->count)
		qsort(a->memos, a->count, sizeof(a->memos[0]), newer_first);
	for (unsigned i = 0; i < a->count; i++)
		clues_add(out, a->memos[i].kind, memo_text(a, &a->memos[i]));
}

#include "auth/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/table.h"

enum {
	ACCOUNTS_MAX = 2048,
	MEMOS_MAX = 64,
	TEXT_MAX = 512,
	BODY_MAX = 4096,
	MEMOS_USUAL = 12, /* of an account ... */
	TEXTS_USUAL = 512 /* ... and bytes of their texts, which lie with it */
};

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
	uint32_t age; /* place in time */
	uint32_t at;  /* of its text in account.texts */
	uint16_t length;
	uint8_t kind; /* enum clue_kind */
};

struct account {
	struct table_node node;
	uint32_t clock;
	unsigned count, room;
	struct memo *memos; /* at most MEMOS_MAX */
	char *texts;        /* of the memos; between them what is no longer needed */
	uint32_t length, size;
	uint32_t unused;    /* bytes of the length */
	struct memo usual_memos[MEMOS_USUAL];
	char usual_texts[TEXTS_USUAL];
};

struct history {
	struct table accounts;
};

static void drop(void *arg, void *record)
{
	struct account *a = record;

	(void)arg;
	if (a->memos != a->usual_memos)
		free(a->memos);
	if (a->texts != a->usual_texts)
		free(a->texts);
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

static struct account *account_add(struct history *h, uint64_t key)
{
	struct account *a = table_add(&h->accounts, key);

	a->memos = a->usual_memos;
	a->room = MEMOS_USUAL;
	a->texts = a->usual_texts;
	a->size = TEXTS_USUAL;
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
	return (struct slice){a->texts + m->at, m->length};
}

static void more_memos(struct account *a)
{
	unsigned room = a->room * 2;
	struct memo *memos = xmalloc(room * sizeof(*memos));

	memcpy(memos, a->memos, a->count * sizeof(*memos));
	if (a->memos != a->usual_memos)
		free(a->memos);
	a->memos = memos;
	a->room = room;
}

/* Room for a text: what is no longer needed goes, and if that is not much, there is more. */
static void more_texts(struct account *a, size_t need)
{
	uint32_t size = a->size, n = 0;
	char *texts;

	while (size < (a->length - a->unused + need) * 2)
		size *= 2;
	texts = xmalloc(size);
	for (unsigned i = 0; i < a->count; i++) {
		struct slice text = memo_text(a, &a->memos[i]);

		a->memos[i].at = n;
		memcpy(texts + n, text.p, text.n);
		n += (uint32_t)text.n;
	}
	if (a->texts != a->usual_texts)
		free(a->texts);
	a->texts = texts;
	a->length = n;
	a->size = size;
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
		if (a->count == a->room)
			more_memos(a);
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
	*m = (struct memo){0};
	if (a->size - a->length < value.n)
		more_texts(a, value.n);
	*m = (struct memo){++a->clock, a->length, (uint16_t)value.n, (uint8_t)kind};
	memcpy(a->texts + a->length, value.p, value.n);
	a->length += (uint32_t)value.n;
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

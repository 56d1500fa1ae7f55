#include "auth/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/lru.h"

enum { ACCOUNTS_MAX = 2048, MEMOS_MAX = 64, TEXT_MAX = 512, BODY_MAX = 4096 };

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
	char *text;
	size_t length;
};

struct account {
	struct lru_node node;
	struct memo *memos; /* at most MEMOS_MAX */
	unsigned count, room;
	uint32_t clock;
};

struct history {
	struct lru accounts;
};

static void drop(struct lru_node *node)
{
	struct account *a = (struct account *)node;

	for (unsigned i = 0; i < a->count; i++)
		free(a->memos[i].text);
	free(a->memos);
	free(a);
}

struct history *history_new(void)
{
	struct history *h = xcalloc(1, sizeof(*h));

	lru_init(&h->accounts, ACCOUNTS_MAX, drop);
	return h;
}

void history_free(struct history *h)
{
	if (!h)
		return;
	lru_free(&h->accounts);
	free(h);
}

static uint64_t user_key(struct slice user)
{
	return slice_hash(slice_head(user, slice_find(user, '@')), 0x686973746f7279u);
}

static struct account *account_for(struct history *h, struct slice user)
{
	struct account *a = (struct account *)lru_get(&h->accounts, user_key(user));

	if (!a) {
		a = xcalloc(1, sizeof(*a));
		lru_add(&h->accounts, user_key(user), &a->node);
	}
	return a;
}

static struct slice memo_text(const struct memo *m)
{
	return (struct slice){m->text, m->length};
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
		free(oldest->text);
	return oldest;
}

static void note(struct account *a, enum clue_kind kind, struct slice value)
{
	struct memo *m;

	if (!value.n || value.n > (kind == CLUE_BODY ? BODY_MAX : TEXT_MAX))
		return;
	for (unsigned i = 0; i < a->count; i++)
		if (a->memos[i].kind == kind && slice_eq(memo_text(&a->memos[i]), value)) {
			a->memos[i].age = ++a->clock;
			return;
		}
	m = place_for(a, kind);
	if (!m)
		return;
	*m = (struct memo){
		.kind = kind, .age = ++a->clock, .text = xmalloc(value.n), .length = value.n};
	memcpy(m->text, value.p, value.n);
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

static int newer_first(const void *a, const void *b)
{
	const struct memo *x = a, *y = b;

	return x->age < y->age ? 1 : x->age > y->age ? -1 : 0;
}

void history_clues(struct history *h, struct slice user, struct clues *out)
{
	struct account *a = (struct account *)lru_get(&h->accounts, user_key(user));

	if (!a)
		return;
	if (a->count)
		qsort(a->memos, a->count, sizeof(a->memos[0]), newer_first);
	for (unsigned i = 0; i < a->count; i++)
		clues_add(out, a->memos[i].kind, memo_text(&a->memos[i]));
}

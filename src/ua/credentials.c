/* Credential lines (RFC 3261 22.4, RFC 7616 3.4, RFC 8760 2.6): what is hashed, and written alike.
 */
#include "ua/answer.h"

#include <stdio.h>

#include "ua/wait.h"

enum { NONCE_BYTES = 8 };

/* A value of the peer's, with whatever quoting slashes it came with. */
static void add_quoted(struct buf *out, const char *name, struct slice value)
{
	buf_printf(out, ", %s=\"", name);
	buf_add_slice(out, value);
	buf_addc(out, '"');
}

struct answer {
	struct digest_input in;
	struct slice user, realm, nonce, uri, qop;
	char nc[9];
	struct arena arena; /* holds secrets */
};

static struct slice swap_case(struct arena *arena, struct slice s)
{
	struct slice copy = arena_copy(arena, s);
	char *p = (char *)(uintptr_t)copy.p;

	for (size_t i = 0; i < copy.n; i++)
		if ((p[i] | 32) >= 'a' && (p[i] | 32) <= 'z')
			p[i] ^= 32;
	return copy;
}

static void prepare(struct answer *a, struct space *x, const struct answer_faults *f,
	struct slice method, struct slice uri, struct slice body)
{
	a->user = f->domain.p ? arena_printf(&a->arena, "%.*s@%.*s", SLICE_ARG(x->user),
					SLICE_ARG(f->domain))
			      : x->user;
	a->realm = f->realm_case ? swap_case(&a->arena, x->realm) : x->realm;
	a->uri = f->other_uri ? SLICE("sip:other.invalid") : uri;
	a->nonce = x->nonce;
	if (f->fabricated_nonce) {
		char token[ANSWER_CNONCE];

		wait_token(token, NONCE_BYTES);
		a->nonce = arena_copy(&a->arena, slice_of(token));
	}
	if (!f->same_nc || !x->nc)
		x->nc++;
	snprintf(a->nc, sizeof(a->nc), "%08x", x->nc);
	a->qop = x->qop == QOP_AUTH_INT ? SLICE("auth-int")
		 : x->qop == QOP_AUTH   ? SLICE("auth")
					: SLICE_ABSENT;
	a->in = (struct digest_input){
		.algorithm = x->algorithm,
		.username = a->user,
		.realm = a->realm,
		.method = method,
		.uri = a->uri,
		.nonce = a->nonce,
		.qop = a->qop,
		.body = body.p ? body : SLICE(""),
	};
	/* -sess hashes the cnonce also where there is no qop */
	a->in.cnonce = slice_of(x->cnonce);
	if (a->qop.p)
		a->in.nc = slice_of(a->nc);
}

static void write_credentials(struct buf *out, const struct space *x, const struct answer *a,
	const char *response, bool other_field)
{
	enum auth_kind kind = other_field ? !x->kind : x->kind;

	buf_printf(out, "%s: Digest username=\"", credential_field_name(kind));
	for (size_t i = 0; i < a->user.n; i++) {
		if (a->user.p[i] == '"' || a->user.p[i] == '\\')
			buf_addc(out, '\\');
		buf_addc(out, a->user.p[i]);
	}
	buf_addc(out, '"');
	add_quoted(out, "realm", a->realm);
	add_quoted(out, "nonce", a->nonce);
	add_quoted(out, "uri", a->uri);
	add_quoted(out, "response", slice_of(response));
	if (x->algorithm_name.p) {
		buf_adds(out, ", algorithm=");
		buf_add_slice(out, x->algorithm_name);
	}
	if (x->opaque.p)
		add_quoted(out, "opaque", x->opaque);
	if (a->qop.p || algorithm_info(x->algorithm)->sess)
		add_quoted(out, "cnonce", slice_of(x->cnonce));
	if (a->qop.p)
		buf_printf(out, ", qop=%.*s, nc=%s", SLICE_ARG(a->qop), a->nc);
	buf_adds(out, "\r\n");
}

static bool answer_one(struct space *x, const struct answer_policy *p, struct slice method,
	struct slice uri, struct slice body, struct buf *out, char note[ANSWER_NOTE])
{
	struct answer a = {0};
	struct digest_steps steps = {{0}};
	bool done;

	prepare(&a, x, &p->faults, method, uri, body);
	done = secret_apply(x->secret, &a.in, &a.arena);
	if (done && p->faults.wrong_secret) {
		a.in.ha1 = SLICE_ABSENT;
		a.in.password = SLICE("deliberately wrong");
	}
	done = done && digest_compute(&a.in, &steps) == DIGEST_OK;
	if (done)
		write_credentials(out, x, &a, steps.response, p->faults.other_field);
	else
		snprintf(note, ANSWER_NOTE,
			"no digest can be made with this secret for algorithm %s",
			algorithm_info(x->algorithm)->name);
	secret_wipe(&steps, sizeof(steps));
	arena_wipe(&a.arena);
	return done;
}

bool answer_credentials(struct spaces *s, const struct answer_policy *p, struct slice method,
	struct slice uri, struct slice body, struct buf *out, char note[ANSWER_NOTE])
{
	bool done = true;

	note[0] = '\0';
	for (unsigned i = 0; i < s->count && done; i++) {
		struct space *x = &s->list[i];

		if (!x->active)
			continue;
		done = answer_one(x, p, method, uri, body, out, note);
	}
	return done;
}

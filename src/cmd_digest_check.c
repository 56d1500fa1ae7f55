/* One computation: where each value comes from, which secret fits, is the response right? */
#include "cmd_digest.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { SECRETS_TRIED_MAX = 64 };

static struct slice sent_value(const struct check *c, enum param_id id)
{
	return c->credentials ? params_value(&c->credentials->params, id) : SLICE_ABSENT;
}

static struct slice asked_value(const struct check *c, enum param_id id)
{
	return c->challenge ? params_value(&c->challenge->params, id) : SLICE_ABSENT;
}

/* An option goes before the credentials. */
static struct slice pick(struct check *c, enum digest_text text, enum param_id id)
{
	struct slice given = c->given->text[text], sent = sent_value(c, id);
	struct buf format = {0};

	if (!given.p)
		return sent;
	if (sent.p && !slice_eq(given, sent)) {
		buf_printf(&format, "%s: %% is used, as the option says; the credentials have %%",
			param_name(id));
		note_add(&c->notes, buf_string(&format), given, sent);
		buf_free(&format);
	}
	return given;
}

static struct slice pick_or_asked(struct check *c, enum digest_text text, enum param_id id)
{
	struct slice value = pick(c, text, id);

	return value.p ? value : asked_value(c, id);
}

static void missing(struct check *c, const char *name, const char *option)
{
	buf_printf(&c->trouble, "%s%s (%s)", c->trouble.n ? ", " : "no ", name, option);
	c->result = CHECK_MISSING;
}

/* username* of RFC 7616 3.4: UTF-8''J%C3%A4s */
static struct slice extended_value(struct check *c, struct slice ext)
{
	struct slice text = slice_from(ext, slice_find(ext, '\'') + 1);
	char *out;
	size_t n = 0;

	text = slice_from(text, slice_find(text, '\'') + 1);
	out = arena_alloc(&c->arena, text.n + 1);
	for (size_t i = 0; i < text.n; i++) {
		char hex[3] = {0};

		if (text.p[i] == '%' && i + 2 < text.n) {
			memcpy(hex, text.p + i + 1, 2);
			i += 2;
			out[n++] = (char)strtoul(hex, NULL, 16);
		} else {
			out[n++] = text.p[i];
		}
	}
	return (struct slice){out, n};
}

static bool is_user_hash(const struct check *c, enum hash hash, struct slice username)
{
	const struct slice parts[] = {username, SLICE(":"), c->in.realm};
	char hex[HASH_HEX_MAX];

	return hash_hex(hash, parts, 3, hex) &&
		slice_eq_nocase(slice_of(hex), sent_value(c, PARAM_USERNAME));
}

/* userhash=true: the header has H(user:realm), A1 takes the clear name (RFC 7616 3.4.4). */
static struct slice clear_username(struct check *c, enum hash hash)
{
	struct slice given = c->given->text[TEXT_USERNAME];

	if (given.p && !is_user_hash(c, hash, given))
		note_add(&c->notes, "username: % is not the hash of % and the realm",
			sent_value(c, PARAM_USERNAME), given);
	if (given.p)
		return given;
	for (size_t i = 0; i < secrets_count(c->secrets); i++) {
		const struct secret *s = secrets_at(c->secrets, i);

		if (s->username.p && is_user_hash(c, hash, s->username))
			return s->username;
	}
	return SLICE_ABSENT;
}

static void find_username(struct check *c)
{
	const struct algorithm_info *info = algorithm_info(c->in.algorithm);
	struct slice extended = sent_value(c, PARAM_USERNAME_STAR);

	if (info && slice_eq_nocase(sent_value(c, PARAM_USERHASH), SLICE("true"))) {
		c->in.username = clear_username(c, info->hash);
		if (!c->in.username.p && !c->given->ha1.p)
			missing(c, "clear user name, the credentials have its hash", "--user");
		return;
	}
	c->in.username = pick(c, TEXT_USERNAME, PARAM_USERNAME);
	if (!c->in.username.p && extended.p)
		c->in.username = extended_value(c, extended);
}

/* The first of the offered qops that can be used: auth is what everybody understands. */
static struct slice offered_qop(struct slice list)
{
	if (qop_has(list, SLICE("auth")))
		return SLICE("auth");
	return qop_has(list, SLICE("auth-int")) ? SLICE("auth-int") : SLICE_ABSENT;
}

static void find_qop(struct check *c)
{
	struct slice qop = pick(c, TEXT_QOP, PARAM_QOP);

	if (!qop.p && !c->credentials)
		qop = offered_qop(asked_value(c, PARAM_QOP));
	if (c->rspauth && c->info && params_get(c->info, PARAM_QOP))
		qop = params_value(c->info, PARAM_QOP);
	c->in.qop = qop.n ? qop : SLICE_ABSENT;
}

/* A response that is only computed gets its own nc and cnonce. */
static void find_counts(struct check *c)
{
	const struct algorithm_info *info = algorithm_info(c->in.algorithm);
	bool need_cnonce = c->in.qop.p || (info && info->sess);
	uint32_t random[2] = {0};

	c->in.nc = pick(c, TEXT_NC, PARAM_NC);
	c->in.cnonce = pick(c, TEXT_CNONCE, PARAM_CNONCE);
	if (c->in.qop.p && !c->in.nc.p) {
		if (c->expected.p)
			missing(c, "nc", "--nc");
		c->in.nc = SLICE("00000001");
	}
	if (need_cnonce && !c->in.cnonce.p) {
		if (c->expected.p)
			missing(c, "cnonce", "--cnonce");
		if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
			missing(c, "cnonce", "--cnonce");
		c->in.cnonce = arena_printf(&c->arena, "%08x%08x", random[0], random[1]);
	}
}

/* ACK and CANCEL have the credentials of the INVITE (RFC 3261 13.2.2.4, 22.1). */
static bool is_copied(struct slice method)
{
	return slice_eq(method, SLICE("ACK")) || slice_eq(method, SLICE("CANCEL"));
}

static void find_method_and_body(struct check *c)
{
	const struct pasted_auth *k = c->credentials;

	c->in.method = c->given->text[TEXT_METHOD];
	if (!c->in.method.p && k)
		c->in.method = k->method;
	if (!c->given->text[TEXT_METHOD].p && k && is_copied(c->in.method)) {
		note_add(&c->notes, "method: the credentials of % are those of its INVITE",
			c->in.method, SLICE_ABSENT);
		c->in.method = SLICE("INVITE");
	}
	if (!c->in.method.p) {
		c->in.method = SLICE("REGISTER");
		if (k && !c->rspauth)
			note_add(&c->notes, "method: none was given or pasted; REGISTER is assumed",
				SLICE_ABSENT, SLICE_ABSENT);
	}
	c->in.body = c->given->body;
	if (!c->in.body.p)
		c->in.body = c->rspauth ? c->info_body : k ? k->body : SLICE_ABSENT;
	if (c->rspauth)
		c->in.method = SLICE(""); /* RFC 2617 3.2.3 */
	if (qop_parse(c->in.qop) == QOP_AUTH_INT && !c->in.body.p)
		missing(c, "body for auth-int", "--body FILE, /dev/null for an empty one");
}

static void find_expected(struct check *c)
{
	c->expected = c->given->text[TEXT_RESPONSE];
	if (!c->expected.p && c->rspauth)
		c->expected = c->info ? params_value(c->info, PARAM_RSPAUTH) : SLICE_ABSENT;
	else if (!c->expected.p)
		c->expected = sent_value(c, PARAM_RESPONSE);
	if (!c->expected.n) /* an empty response is a placeholder (RFC 8760 2.7) */
		c->expected = SLICE_ABSENT;
}

static void find_values(struct check *c)
{
	find_expected(c);
	c->algorithm = pick_or_asked(c, TEXT_ALGORITHM, PARAM_ALGORITHM);
	c->in.algorithm = algorithm_find(c->algorithm);
	c->in.realm = pick_or_asked(c, TEXT_REALM, PARAM_REALM);
	c->in.nonce = pick_or_asked(c, TEXT_NONCE, PARAM_NONCE);
	c->in.uri = pick(c, TEXT_URI, PARAM_URI);
	find_username(c);
	if (!c->in.username.p && !c->given->ha1.p && !c->trouble.n)
		missing(c, "user name", "--user");
	if (!c->in.realm.p && !c->given->ha1.p)
		missing(c, "realm", "--realm");
	if (!c->in.nonce.p)
		missing(c, "nonce", "--nonce");
	if (!c->in.uri.p)
		missing(c, "uri", "--uri");
	find_qop(c);
	find_counts(c);
	find_method_and_body(c);
	if (c->trouble.n)
		buf_adds(&c->trouble, "; options give it, or header fields on standard input");
}

static bool equal_hex(struct slice sent, const char *computed)
{
	struct slice right = slice_of(computed);

	/* upper-case hex is the same number */
	return right.n && slice_eq_nocase(sent, right);
}

static enum check_result judge(struct check *c)
{
	if (!c->expected.p)
		return CHECK_COMPUTED;
	return equal_hex(c->expected, c->steps.response) ? CHECK_MATCH : CHECK_MISMATCH;
}

/* RFC 2617 hashes a quoted string as it stands, RFC 7616 without its quoting slashes. */
static bool try_unescaped(struct check *c)
{
	static const enum param_id ids[] = {PARAM_USERNAME, PARAM_REALM, PARAM_NONCE};
	struct slice *const places[] = {&c->in.username, &c->in.realm, &c->in.nonce};
	struct digest_input before = c->in;
	bool changed = false;

	for (size_t i = 0; c->credentials && i < sizeof(ids) / sizeof(*ids); i++) {
		const struct param *p = params_get(&c->credentials->params, ids[i]);

		if (p && p->escaped && slice_eq(*places[i], param_value(p))) {
			*places[i] = param_unescape(param_value(p), &c->arena);
			changed = true;
		}
	}
	if (changed && digest_compute(&c->in, &c->steps) == DIGEST_OK && judge(c) == CHECK_MATCH) {
		note_add(&c->notes, "backslashes: hashed without them (RFC 7616, not RFC 2617)",
			SLICE_ABSENT, SLICE_ABSENT);
		return true;
	}
	c->in = before;
	digest_compute(&c->in, &c->steps);
	return false;
}

/* False: this secret cannot serve. */
static bool try_secret(struct check *c, const struct secret *secret)
{
	struct aka_secret aka;

	if (!secret_apply(secret, &c->in, &c->arena) ||
		digest_compute(&c->in, &c->steps) != DIGEST_OK)
		return false;
	c->result = judge(c);
	c->secret = secret;
	if (c->result == CHECK_MISMATCH && try_unescaped(c))
		c->result = CHECK_MATCH;
	if (secret->kind == SECRET_AKA_KEY && aka_from_nonce(&secret->value->key, c->in.nonce, &aka)) {
		if (!aka.autn_valid)
			note_add(&c->notes, "nonce: its AUTN was not made with this K and OPc",
				SLICE_ABSENT, SLICE_ABSENT);
		secret_wipe(&aka, sizeof(aka));
	}
	return true;
}

static void try_secrets(struct check *c)
{
	const struct secret *list[SECRETS_TRIED_MAX], *used = NULL;
	size_t n = secrets_find(
		c->secrets, c->in.username, c->in.realm, c->in.algorithm, list, SECRETS_TRIED_MAX);

	for (size_t i = 0; i < n && c->result != CHECK_MATCH; i++)
		if (try_secret(c, list[i]) && !used)
			used = list[i];
	/* of several that do not fit the best one is shown */
	if (c->result == CHECK_MISMATCH && used && n > 1)
		try_secret(c, used);
}

static bool try_ha1(struct check *c, const struct algorithm_info *info)
{
	if (c->given->ha1.n != hash_hex_length(info->hash)) {
		buf_printf(&c->trouble, "--ha1: an HA1 of %s has %zu hex digits", info->name,
			hash_hex_length(info->hash));
		c->result = CHECK_MISSING;
		return false;
	}
	c->in.ha1 = c->given->ha1;
	digest_compute(&c->in, &c->steps);
	c->result = judge(c);
	if (c->result == CHECK_MISMATCH && try_unescaped(c))
		c->result = CHECK_MATCH;
	return true;
}

static void say_no_secret(struct check *c, const struct algorithm_info *info)
{
	c->result = CHECK_NO_SECRET;
	digest_compute(&c->in, &c->steps); /* what needs no secret */
	if (info->aka && aka_nonce_length(c->in.nonce) < 32)
		buf_adds(&c->trouble,
			"the nonce is no AKA nonce: it must be base64 of 32 bytes or more");
	else if (info->aka)
		buf_printf(&c->trouble,
			"no secret for %s: give {aka-res}RES or {aka}K=..,OPC=.. in a file with "
			"--credentials",
			info->name);
	else
		buf_adds(&c->trouble, "no password for user \"");
	if (!info->aka) {
		buf_add_printable(&c->trouble, c->in.username);
		buf_adds(&c->trouble,
			"\": give --password-file FILE, --credentials FILE, --ha1 HEX or "
			"SIPAUTH_PASSWORD");
	}
}

static void compute(struct check *c)
{
	const struct algorithm_info *info = algorithm_info(c->in.algorithm);

	if (!info || !hash_available(info->hash)) {
		c->result = CHECK_UNSUPPORTED;
		buf_adds(&c->trouble, "the algorithm \"");
		buf_add_printable(&c->trouble, info ? slice_of(info->name) : c->algorithm);
		buf_adds(&c->trouble,
			info ? "\" is not available in this OpenSSL (FIPS)" : "\" is not known");
		return;
	}
	c->result = CHECK_NO_SECRET;
	if (info->aka && sent_value(c, PARAM_AUTS).p) {
		c->in.password = SLICE("");
		digest_compute(&c->in, &c->steps);
		c->result = judge(c);
		note_add(&c->notes, "auts: a resynchronisation is computed with an empty password",
			SLICE_ABSENT, SLICE_ABSENT);
	} else if (c->given->ha1.p) {
		if (!try_ha1(c, info))
			return;
	} else {
		try_secrets(c);
	}
	if (c->result == CHECK_NO_SECRET)
		say_no_secret(c, info);
}

void check_run(struct check *c)
{
	c->notes.arena = &c->arena;
	c->result = CHECK_NO_SECRET;
	if (c->credentials && !c->rspauth)
		note_credentials(&c->notes, c->credentials, c->challenge);
	find_values(c);
	if (c->result != CHECK_MISSING)
		compute(c);
	if (c->result == CHECK_MISMATCH)
		check_search(c);
}

void check_free(struct check *c)
{
	secret_wipe(&c->steps, sizeof(c->steps));
	arena_wipe(&c->arena);
	buf_free(&c->trouble);
}

/* What is odd about credentials, in words: a short list, the rules of the analysis are elsewhere.
 */
#include "cmd_digest.h"

#include "digest/response.h"

static void add_value(struct buf *b, struct slice value)
{
	if (!value.p) {
		buf_adds(b, "nothing");
		return;
	}
	buf_addc(b, '"');
	buf_add_printable(b, value);
	buf_addc(b, '"');
}

void note_add(struct notes *n, const char *format, struct slice first, struct slice second)
{
	struct buf b = {0};
	bool used = false;

	if (n->count == NOTES_MAX)
		return;
	for (; *format; format++) {
		if (*format != '%') {
			buf_addc(&b, *format);
			continue;
		}
		add_value(&b, used ? second : first);
		used = true;
	}
	n->list[n->count++] = arena_copy(n->arena, buf_slice(&b));
	buf_free(&b);
}

static void say(struct notes *n, const char *text)
{
	note_add(n, text, SLICE_ABSENT, SLICE_ABSENT);
}

static struct slice name_of(enum param_id id)
{
	return slice_of(param_name(id));
}

/* Quoting: RFC 3261 25.1, RFC 7616 3.4. */
static void note_quoting(struct notes *n, const struct params *p)
{
	static const enum param_id quoted[] = {PARAM_USERNAME, PARAM_REALM, PARAM_NONCE, PARAM_URI,
		PARAM_RESPONSE, PARAM_CNONCE, PARAM_OPAQUE};
	static const enum param_id plain[] = {PARAM_ALGORITHM, PARAM_QOP, PARAM_NC};
	const struct param *param;

	for (size_t i = 0; i < sizeof(quoted) / sizeof(*quoted); i++)
		if ((param = params_get(p, quoted[i])) && !param->quoted)
			note_add(n, "%: the value must stand in quotes", param_name_sent(param), SLICE_ABSENT);
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		if ((param = params_get(p, plain[i])) && param->quoted)
			note_add(n, "%: the value must not stand in quotes", param_name_sent(param),
				SLICE_ABSENT);
}

static void note_syntax(struct notes *n, const struct params *p, const char *what)
{
	struct slice near = slice_head(slice_from(p->text, p->defect_offset), 24);

	if (p->defects & PARAMS_MALFORMED)
		note_add(n, what, near, SLICE_ABSENT);
	for (uint32_t i = 0; i < p->count; i++)
		if (p->list[i].duplicate)
			note_add(n, "%: stands twice; the first one is used here", param_name_sent(&p->list[i]),
				SLICE_ABSENT);
}

static void note_required(struct notes *n, const struct params *p)
{
	static const enum param_id required[] = {
		PARAM_REALM, PARAM_NONCE, PARAM_URI, PARAM_RESPONSE};

	for (size_t i = 0; i < sizeof(required) / sizeof(*required); i++)
		if (!params_get(p, required[i]))
			note_add(n, "%: missing in the credentials", name_of(required[i]),
				SLICE_ABSENT);
	if (!params_get(p, PARAM_USERNAME) && !params_get(p, PARAM_USERNAME_STAR))
		note_add(n, "%: missing in the credentials", name_of(PARAM_USERNAME), SLICE_ABSENT);
}

/* RFC 2617 3.2.2: exactly 8 hex digits, and only with a qop. */
static void note_counts(struct notes *n, const struct params *p, struct slice algorithm)
{
	struct slice nc = params_value(p, PARAM_NC), response = params_value(p, PARAM_RESPONSE);
	const struct algorithm_info *info = algorithm_info(algorithm_find(algorithm));
	bool qop = params_value(p, PARAM_QOP).n > 0;

	if (nc.p && !digest_is_hex(nc, 8))
		note_add(n, "nc: % is not 8 hex digits", nc, SLICE_ABSENT);
	if (qop && !nc.p)
		say(n, "nc: missing although there is a qop");
	if (qop && !params_get(p, PARAM_CNONCE))
		say(n, "cnonce: missing although there is a qop");
	if (!qop && (nc.p || params_get(p, PARAM_CNONCE)))
		say(n, "qop: missing although there is nc or cnonce; they are not hashed");
	if (info && response.n && !digest_is_hex(response, hash_hex_length(info->hash)))
		note_add(n, "response: % does not have the form that the algorithm gives", response,
			SLICE_ABSENT);
}

static void note_copies(struct notes *n, const struct params *p, const struct params *challenge)
{
	static const enum param_id copied[] = {PARAM_REALM, PARAM_NONCE, PARAM_OPAQUE};

	for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++) {
		struct slice asked = params_value(challenge, copied[i]);
		struct slice sent = params_value(p, copied[i]);
		struct buf format = {0};

		if (slice_eq(asked, sent) || (!sent.p && copied[i] != PARAM_OPAQUE))
			continue; /* those that are required were noted */
		buf_printf(&format, "%s: the challenge has %%, the credentials have %%",
			param_name(copied[i]));
		note_add(n, buf_string(&format), asked, sent);
		buf_free(&format);
	}
}

static void note_algorithm(struct notes *n, const struct params *p, const struct params *challenge)
{
	struct slice asked = params_value(challenge, PARAM_ALGORITHM);
	struct slice sent = params_value(p, PARAM_ALGORITHM);
	bool md5 = !asked.p || slice_eq_nocase(asked, SLICE("MD5"));

	if (sent.p && !slice_eq_nocase(sent, asked.p ? asked : SLICE("MD5")))
		note_add(n, "algorithm: the challenge has %, the credentials have %", asked, sent);
	else if (!sent.p && !md5)
		note_add(n, "algorithm: the challenge has %, the credentials name none", asked,
			SLICE_ABSENT);
}

static void note_qop(struct notes *n, const struct params *p, const struct params *challenge)
{
	struct slice offered = params_value(challenge, PARAM_QOP);
	struct slice sent = params_value(p, PARAM_QOP);

	if (offered.n && !sent.n)
		note_add(n, "qop: % is offered, the credentials use none (RFC 2069 form)", offered,
			SLICE_ABSENT);
	else if (sent.n && !offered.n)
		note_add(n, "qop: the challenge offers none, the credentials use %", sent,
			SLICE_ABSENT);
	else if (sent.n && !qop_has(offered, sent))
		note_add(n, "qop: the challenge offers %, the credentials use %", offered, sent);
}

static void note_kinds(
	struct notes *n, const struct pasted_auth *k, const struct pasted_auth *challenge)
{
	if (!k->named || !challenge->named || k->proxy == challenge->proxy)
		return;
	say(n,
		k->proxy ? "header field: WWW-Authenticate wants Authorization for an answer"
			 : "header field: Proxy-Authenticate wants Proxy-Authorization for an "
			   "answer");
}

void note_credentials(
	struct notes *n, const struct pasted_auth *credentials, const struct pasted_auth *challenge)
{
	const struct params *p = &credentials->params;
	struct slice uri = params_value(p, PARAM_URI), algorithm = params_value(p, PARAM_ALGORITHM);

	if (!algorithm.p && challenge)
		algorithm = params_value(&challenge->params, PARAM_ALGORITHM);
	note_syntax(n, p, "the credentials are malformed at %");
	note_required(n, p);
	note_quoting(n, p);
	note_counts(n, p, algorithm);
	if (uri.p && credentials->request_uri.p && !slice_eq(uri, credentials->request_uri))
		note_add(n, "uri: the Request-URI is %, the credentials have %",
			credentials->request_uri, uri);
	if (!challenge)
		return;
	note_syntax(n, &challenge->params, "the challenge is malformed at %");
	note_kinds(n, credentials, challenge);
	note_copies(n, p, &challenge->params);
	note_algorithm(n, p, &challenge->params);
	note_qop(n, p, &challenge->params);
}

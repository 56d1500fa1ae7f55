/* The computation of a response, line by line, for a person. */
#include "digest/response.h"

#define HIDDEN "<hidden>"
#define UNKNOWN "<unknown>" /* cannot be computed, for want of the password or a value */

struct writer {
	const struct digest_input *in;
	const struct digest_steps *steps;
	const char *hash; /* "MD5", as the algorithm's registered name has it */
	bool show;
	struct buf *out;
};

/* A value that may be absent; present and empty is shown as nothing, as it is hashed. */
static void add(struct writer *w, struct slice value, const char *name)
{
	if (value.p)
		buf_add_printable(w->out, value);
	else
		buf_printf(w->out, "<no %s>", name);
}

static void add_hex(struct writer *w, const char *hex)
{
	buf_adds(w->out, *hex ? hex : UNKNOWN);
}

static void add_secret(struct writer *w, struct slice value)
{
	if (!value.p)
		buf_adds(w->out, UNKNOWN);
	else if (value.n && !w->show)
		buf_adds(w->out, HIDDEN);
	else
		buf_add_printable(w->out, value);
}

static void add_secret_hex(struct writer *w, const char *hex)
{
	add_secret(w, *hex ? slice_of(hex) : SLICE_ABSENT);
}

static void add_user_realm_password(struct writer *w)
{
	add(w, w->in->username, "username");
	buf_addc(w->out, ':');
	add(w, w->in->realm, "realm");
	buf_addc(w->out, ':');
	add_secret(w, w->in->password);
}

static void explain_ha1(struct writer *w, bool sess)
{
	const char *label = sess ? "H(user)" : "HA1";

	if (!w->in->ha1.p) {
		buf_printf(w->out, "%-8s = ", sess ? "user" : "A1");
		add_user_realm_password(w);
		buf_printf(w->out, "\n%-8s = %s(%s) = ", label, w->hash, sess ? "user" : "A1");
	} else {
		buf_printf(w->out, "%-8s = as given = ", label);
	}
	add_secret_hex(w, w->steps->ha1_base);
	if (sess) {
		buf_adds(w->out, "\nA1       = H(user):nonce:cnonce = ");
		add_secret_hex(w, w->steps->ha1_base);
		buf_addc(w->out, ':');
		add(w, w->in->nonce, "nonce");
		buf_addc(w->out, ':');
		add(w, w->in->cnonce, "cnonce");
		buf_printf(w->out, "\nHA1      = %s(A1) = ", w->hash);
		add_secret_hex(w, w->steps->ha1);
	}
	buf_addc(w->out, '\n');
}

static void explain_ha2(struct writer *w, bool integrity)
{
	if (integrity) {
		buf_printf(w->out, "H(body)  = %s(", w->hash);
		if (w->in->body.p)
			buf_printf(
				w->out, "%zu bytes of body) = %s\n", w->in->body.n, w->steps->body);
		else
			buf_adds(w->out, "body) = <no body>\n");
	}
	buf_printf(w->out, "A2       = method:uri%s = ", integrity ? ":H(body)" : "");
	add(w, w->in->method, "method");
	buf_addc(w->out, ':');
	add(w, w->in->uri, "uri");
	if (integrity) {
		buf_addc(w->out, ':');
		add_hex(w, w->steps->body);
	}
	buf_printf(w->out, "\nHA2      = %s(A2) = ", w->hash);
	add_hex(w, w->steps->ha2);
	buf_addc(w->out, '\n');
}

static void explain_response(struct writer *w)
{
	const struct digest_input *in = w->in;

	buf_printf(w->out, "string   = HA1:nonce:%sHA2 = ", in->qop.p ? "nc:cnonce:qop:" : "");
	add_secret_hex(w, w->steps->ha1);
	buf_addc(w->out, ':');
	add(w, in->nonce, "nonce");
	buf_addc(w->out, ':');
	if (in->qop.p) {
		add(w, in->nc, "nc");
		buf_addc(w->out, ':');
		add(w, in->cnonce, "cnonce");
		buf_addc(w->out, ':');
		add(w, in->qop, "qop");
		buf_addc(w->out, ':');
	}
	add_hex(w, w->steps->ha2);
	buf_printf(w->out, "\nresponse = %s(string) = ", w->hash);
	add_hex(w, w->steps->response);
	buf_addc(w->out, '\n');
}

void digest_explain(const struct digest_input *in, const struct digest_steps *steps,
	bool show_secrets, struct buf *out)
{
	static const char *const names[HASH_COUNT] = {
		[HASH_MD5] = "MD5",
		[HASH_SHA256] = "SHA-256",
		[HASH_SHA512_256] = "SHA-512-256",
		[HASH_SHA512] = "SHA-512",
		[HASH_SHA1] = "SHA-1",
	};
	const struct algorithm_info *info = algorithm_info(in->algorithm);
	struct writer w = {in, steps, info ? names[info->hash] : "H", show_secrets, out};

	explain_ha1(&w, info && info->sess);
	explain_ha2(&w, qop_parse(in->qop) == QOP_AUTH_INT);
	explain_response(&w);
}

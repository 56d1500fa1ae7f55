#include "cmd_digest.h"

#include "report/json_write.h"

static const char *const result_names[] = {
	[CHECK_MATCH] = "match",
	[CHECK_COMPUTED] = "computed",
	[CHECK_MISMATCH] = "mismatch",
	[CHECK_NO_SECRET] = "no-secret",
	[CHECK_UNSUPPORTED] = "unsupported",
	[CHECK_MISSING] = "incomplete",
};

const char *check_result_name(enum check_result r)
{
	return result_names[r];
}

static const char *algorithm_name(const struct check *c)
{
	const struct algorithm_info *info = algorithm_info(c->in.algorithm);

	return info ? info->name : "unknown";
}

/* The header field that the response stands in. */
static const char *header_name(const struct check *c)
{
	const struct pasted_auth *from = c->credentials ? c->credentials : c->challenge;

	if (c->rspauth)
		return "Authentication-Info";
	return from && from->proxy ? "Proxy-Authorization" : "Authorization";
}

static void print_title(const struct check *c, struct buf *out)
{
	const char *qop = c->in.qop.p ? ", qop " : ", no qop (RFC 2069 form)";

	buf_printf(out, "%s, %s%s", header_name(c), algorithm_name(c), qop);
	if (c->in.qop.p)
		buf_add_printable(out, c->in.qop);
	buf_adds(out, "\n\n");
}

static void add_param(struct buf *out, const char *name, struct slice value, bool quoted)
{
	if (!value.p)
		return;
	buf_printf(out, ", %s=%s", name, quoted ? "\"" : "");
	buf_add_printable(out, value);
	if (quoted)
		buf_addc(out, '"');
}

/* The header field to send: only for a response that nobody has sent yet. */
static void print_header(const struct check *c, struct buf *out)
{
	struct buf params = {0};

	if (c->rspauth || c->result != CHECK_COMPUTED || !c->in.username.p || !c->in.realm.p)
		return;
	add_param(&params, "username", c->in.username, true);
	add_param(&params, "realm", c->in.realm, true);
	add_param(&params, "nonce", c->in.nonce, true);
	add_param(&params, "uri", c->in.uri, true);
	add_param(&params, "response", slice_of(c->steps.response), true);
	add_param(&params, "algorithm", c->algorithm, false);
	add_param(&params, "qop", c->in.qop, false);
	if (c->in.qop.p)
		add_param(&params, "nc", c->in.nc, false);
	add_param(&params, "cnonce", c->in.cnonce, true);
	if (c->challenge)
		add_param(
			&params, "opaque", params_value(&c->challenge->params, PARAM_OPAQUE), true);
	buf_printf(out, "\n%s: Digest", header_name(c));
	buf_add_slice(out, slice_from(buf_slice(&params), 1));
	buf_addc(out, '\n');
	buf_free(&params);
}

static void print_fit(const struct check *c, const struct fit *fit, struct buf *out)
{
	buf_printf(out, "\nMISMATCH: the %s is right if ", c->rspauth ? "rspauth" : "response");
	buf_add_printable(out, fit->words);
	buf_adds(out, ".\n\n");
	buf_add_slice(out, fit->steps);
}

static void print_verdict(const struct check *c, struct buf *out)
{
	const char *what = c->rspauth ? "rspauth" : "response";

	if (c->result == CHECK_MATCH)
		buf_printf(out, "\nmatch: the %s is right for this secret.\n", what);
	if (c->result != CHECK_MISMATCH)
		return;
	for (unsigned i = 0; i < c->fit_count; i++)
		print_fit(c, &c->fits[i], out);
	if (c->fit_count)
		return;
	buf_printf(out, "\nMISMATCH: the %s was made with another password or other values", what);
	buf_adds(out, c->no_fit.n ? ":\n" : ".\n");
	buf_add_slice(out, c->no_fit);
	buf_adds(out, c->no_fit.n ? ".\n" : "");
}

void check_print_text(const struct check *c, bool show_secrets, struct buf *out)
{
	if (c->result == CHECK_MISSING || c->result == CHECK_UNSUPPORTED)
		return;
	print_title(c, out);
	digest_explain(&c->in, &c->steps, show_secrets, out);
	if (c->expected.p) {
		buf_adds(out, "sent     = ");
		buf_add_printable(out, c->expected);
		buf_addc(out, '\n');
	}
	if (c->notes.count)
		buf_addc(out, '\n');
	for (unsigned i = 0; i < c->notes.count; i++) {
		buf_adds(out, "note: ");
		buf_add_slice(out, c->notes.list[i]);
		buf_addc(out, '\n');
	}
	print_header(c, out);
	print_verdict(c, out);
}

static void json_hex(struct json *j, const char *key, const char *hex)
{
	if (*hex)
		json_string(j, key, hex);
}

static void json_steps(const struct check *c, bool show_secrets, struct json *j)
{
	if (show_secrets) {
		json_slice(j, "password", c->in.password);
		json_hex(j, "ha1_base", c->steps.ha1_base);
		json_hex(j, "ha1", c->steps.ha1);
	}
	json_hex(j, "body_hash", c->steps.body);
	json_hex(j, "ha2", c->steps.ha2);
	json_hex(j, c->rspauth ? "rspauth" : "response", c->steps.response);
	json_slice(j, "sent", c->expected);
}

static void json_fits(const struct check *c, struct json *j)
{
	json_array(j, "explanations");
	for (unsigned i = 0; i < c->fit_count; i++) {
		const struct fit *fit = &c->fits[i];

		json_object(j, NULL);
		json_slice(j, "words", fit->words);
		json_array(j, "deviations");
		for (size_t k = 0; k < fit->count; k++) {
			json_object(j, NULL);
			json_slice(j, "id", fit->deviations[k].id);
			json_slice(j, "value", fit->deviations[k].value);
			json_array(j, "also");
			for (size_t m = 0; m < fit->deviations[k].also_count; m++)
				json_string(j, NULL, fit->deviations[k].also[m]);
			json_end(j);
			json_end(j);
		}
		json_end(j);
		json_end(j);
	}
	json_end(j);
	if (c->no_fit.n)
		json_slice(j, "tried", c->no_fit);
}

void check_print_json(const struct check *c, bool show_secrets, struct json *j)
{
	json_object(j, NULL);
	json_string(j, "type", "digest");
	json_string(j, "header", header_name(c));
	json_string(j, "verification", check_result_name(c->result));
	json_string(j, "algorithm", algorithm_name(c));
	json_slice(j, "username", c->in.username);
	json_slice(j, "realm", c->in.realm);
	json_slice(j, "method", c->in.method);
	json_slice(j, "uri", c->in.uri);
	json_slice(j, "nonce", c->in.nonce);
	json_slice(j, "qop", c->in.qop);
	json_slice(j, "nc", c->in.nc);
	json_slice(j, "cnonce", c->in.cnonce);
	json_steps(c, show_secrets, j);
	if (c->result == CHECK_MISMATCH)
		json_fits(c, j);
	json_array(j, "notes");
	for (unsigned i = 0; i < c->notes.count; i++)
		json_slice(j, NULL, c->notes.list[i]);
	json_end(j);
	if (c->trouble.n)
		json_slice(j, "trouble", buf_slice(&c->trouble));
	json_end(j);
}

/*
 * The lines of a credentials file. Every parser returns NULL, or what is wrong with the line; the
 * words never hold a part of the secret.
 */
#include <stdlib.h>
#include <string.h>

#include "auth/secrets.h"
#include "base/err.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool unhex(struct slice text, uint8_t *out, size_t length)
{
	if (text.n != 2 * length)
		return false;
	for (size_t i = 0; i < length; i++) {
		int high = hex_digit(text.p[2 * i]), low = hex_digit(text.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static const char *parse_ha1(struct secret *s, struct slice text)
{
	size_t length = hash_hex_length(s->value->ha1_hash);

	s->kind = SECRET_HA1;
	text = slice_trim(text);
	if (text.n != length)
		return length == 32 ? "this HA1 must have 32 hex digits"
				    : "this HA1 must have 64 hex digits";
	for (size_t i = 0; i < length; i++) {
		if (hex_digit(text.p[i]) < 0)
			return "an HA1 consists of hex digits only";
		s->value->ha1[i] =
			(char)(text.p[i] >= 'A' && text.p[i] <= 'F' ? text.p[i] | 0x20 : text.p[i]);
	}
	s->value->ha1[length] = '\0';
	return NULL;
}

static const char *parse_ha1_md5(struct secret *s, struct slice text)
{
	s->value->ha1_hash = HASH_MD5;
	return parse_ha1(s, text);
}

static const char *parse_ha1_sha256(struct secret *s, struct slice text)
{
	s->value->ha1_hash = HASH_SHA256;
	return parse_ha1(s, text);
}

static const char *parse_ha1_sha512_256(struct secret *s, struct slice text)
{
	s->value->ha1_hash = HASH_SHA512_256;
	return parse_ha1(s, text);
}

/* RES[:IK:CK] */
static const char *parse_aka_res(struct secret *s, struct slice text)
{
	struct slice res, ik, ck;

	s->kind = SECRET_AKA_RES;
	text = slice_trim(text);
	res = slice_head(text, slice_find(text, ':'));
	/* TS 33.102 6.3.7: 32 to 128 bits */
	if (res.n % 2 || res.n < 8 || res.n > 32 || !unhex(res, s->value->res.res, res.n / 2))
		return "RES must be 8 to 32 hex digits";
	s->value->res.res_length = res.n / 2;
	if (res.n == text.n)
		return NULL;
	ik = slice_from(text, res.n + 1);
	ck = slice_from(ik, slice_find(ik, ':') + 1);
	ik = slice_head(ik, slice_find(ik, ':'));
	if (!unhex(ik, s->value->res.ik, 16) || !unhex(ck, s->value->res.ck, 16))
		return "after RES come IK and CK, 32 hex digits each: {aka-res}RES:IK:CK";
	s->value->res.has_keys = true;
	return NULL;
}

struct aka_parts {
	bool k, opc, op;
	uint8_t op_bytes[16];
};

static const char *parse_aka_part(struct aka_key *key, struct aka_parts *parts, struct slice part)
{
	size_t equal = slice_find(part, '=');
	struct slice name = slice_trim(slice_head(part, equal));
	struct slice value = slice_trim(slice_from(part, equal + 1));

	if (slice_eq_nocase(name, SLICE("K"))) {
		parts->k = unhex(value, key->k, 16);
		return parts->k ? NULL : "K must be 32 hex digits";
	}
	if (slice_eq_nocase(name, SLICE("OPC"))) {
		parts->opc = unhex(value, key->opc, 16);
		return parts->opc ? NULL : "OPC must be 32 hex digits";
	}
	if (slice_eq_nocase(name, SLICE("OP"))) {
		parts->op = unhex(value, parts->op_bytes, 16);
		return parts->op ? NULL : "OP must be 32 hex digits";
	}
	if (slice_eq_nocase(name, SLICE("AMF"))) {
		key->has_amf = unhex(value, key->amf, 2);
		return key->has_amf ? NULL : "AMF must be 4 hex digits";
	}
	return "{aka} is followed by K=HEX,OPC=HEX or K=HEX,OP=HEX, then perhaps ,AMF=HEX";
}

static const char *parse_aka_key(struct secret *s, struct slice text)
{
	struct aka_parts parts = {0};
	const char *wrong = NULL;

	s->kind = SECRET_AKA_KEY;
	while (text.n && !wrong) {
		size_t comma = slice_find(text, ',');

		wrong = parse_aka_part(&s->value->key, &parts, slice_head(text, comma));
		text = slice_from(text, comma + 1);
	}
	if (!wrong && (!parts.k || parts.opc == parts.op))
		wrong = "{aka} needs K, and either OPC or OP";
	if (!wrong && parts.op && !aka_opc(s->value->key.k, parts.op_bytes, s->value->key.opc))
		wrong = "OP cannot be used: AES is not available";
	secret_wipe(&parts, sizeof(parts));
	return wrong;
}

static const struct {
	struct slice prefix;
	const char *(*parse)(struct secret *s, struct slice text);
} forms[] = {
	{{"{ha1}", 5}, parse_ha1_md5},
	{{"{ha1-md5}", 9}, parse_ha1_md5},
	{{"{ha1-sha256}", 12}, parse_ha1_sha256},
	{{"{ha1-sha512-256}", 16}, parse_ha1_sha512_256},
	{{"{aka-res}", 9}, parse_aka_res},
	{{"{aka}", 5}, parse_aka_key},
};

static const char *parse_secret(struct secret *s, struct slice text)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (slice_starts_nocase(text, forms[i].prefix))
			return forms[i].parse(s, slice_from(text, forms[i].prefix.n));
	if (slice_starts_nocase(text, SLICE("{ha1")) || slice_starts_nocase(text, SLICE("{aka")))
		return "no such form of secret; known are {ha1} {ha1-sha256} {ha1-sha512-256} "
		       "{aka-res} {aka}";
	s->kind = SECRET_PASSWORD;
	s->password = text;
	return NULL;
}

/* Cuts a field off the line at the next ":"; \: and \\ are resolved. False: there is no ":". */
static bool cut_field(struct slice *line, char **out, struct slice *field)
{
	char *begin = *out;

	for (size_t i = 0; i < line->n; i++) {
		char c = line->p[i];

		if (c == ':') {
			*field = slice_between(begin, *out);
			*line = slice_from(*line, i + 1);
			return true;
		}
		/* other backslashes stand for themselves: DOMAIN\user */
		if (c == '\\' && i + 1 < line->n &&
			(line->p[i + 1] == ':' || line->p[i + 1] == '\\'))
			c = line->p[++i];
		*(*out)++ = c;
	}
	return false;
}

static const char *parse_line(struct secrets *s, struct slice line, unsigned number)
{
	struct secret_value value = {0};
	struct secret secret = {.line = number, .value = &value};
	char *names = xmalloc(line.n), *at = names;
	const char *wrong = NULL;

	if (!cut_field(&line, &at, &secret.username) || !cut_field(&line, &at, &secret.realm))
		wrong = "a line is username:realm:secret (realm * for any)";
	else if (!secret.username.n)
		wrong = "no user name";
	else
		wrong = parse_secret(&secret, line);
	if (!wrong)
		secrets_put(s, &secret);
	secret_wipe(names, (size_t)(at - names));
	free(names);
	secret_wipe(&secret, sizeof(secret));
	secret_wipe(&value, sizeof(value));
	return wrong;
}

static bool is_comment(struct slice line)
{
	struct slice text = slice_trim(line);

	return !text.n || text.p[0] == '#';
}

static size_t count_lines(struct slice text)
{
	size_t count = 0, end;

	for (; text.n; text = slice_from(text, end + 1)) {
		end = slice_find(text, '\n');
		count += !is_comment(slice_head(text, end));
	}
	return count;
}

size_t secrets_parse(struct secrets *s, struct slice text,
	void (*complain)(void *arg, unsigned line, const char *what), void *arg)
{
	size_t bad = 0;

	secrets_expect(s, count_lines(text));
	/* the mark that Windows editors put */
	if (slice_starts_nocase(text, SLICE("\xef\xbb\xbf")))
		text = slice_from(text, 3);
	for (unsigned number = 1; text.n; number++) {
		size_t end = slice_find(text, '\n');
		struct slice line = slice_head(text, end);
		const char *wrong = NULL;

		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		text = slice_from(text, end + 1);
		if (!is_comment(line))
			wrong = parse_line(s, line, number);
		if (!wrong)
			continue;
		bad++;
		if (complain)
			complain(arg, number, wrong);
	}
	return bad;
}

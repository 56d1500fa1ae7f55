#include "cmd_digest.h"

#include <ctype.h>
#include <string.h>

#include "sip/message.h"
#include "sip/uri.h"

enum field { FIELD_NONE, FIELD_CHALLENGE, FIELD_CREDENTIALS, FIELD_INFO, FIELD_BARE };

struct walk {
	struct pasted *out;
	struct buf value; /* of the open field */
	enum field field;
	bool proxy;
	size_t indent; /* of the line that began the field, or the message */

	bool in_message, in_body;
	struct message start; /* only its start line was scanned */
	struct slice body;    /* begins here; ends where the walk is */
	int64_t content_length;
	unsigned first_challenge, first_credential; /* of this message */
	bool info;                                  /* of this message */
};

static const struct {
	struct slice name;
	enum field field;
	bool proxy;
} names[] = {
	{{"WWW-Authenticate", 16}, FIELD_CHALLENGE, false},
	{{"Proxy-Authenticate", 18}, FIELD_CHALLENGE, true},
	{{"Authorization", 13}, FIELD_CREDENTIALS, false},
	{{"Proxy-Authorization", 19}, FIELD_CREDENTIALS, true},
	{{"Authentication-Info", 19}, FIELD_INFO, false},
	{{"Proxy-Authentication-Info", 25}, FIELD_INFO, true},
};

/* Other fields of a message that a client may have hashed, with their short names. */
static const struct {
	struct slice name, compact;
	enum clue_kind kind;
} addresses[] = {
	{{"From", 4}, {"f", 1}, CLUE_FROM},
	{{"To", 2}, {"t", 1}, CLUE_TO},
	{{"Contact", 7}, {"m", 1}, CLUE_CONTACT},
	{{"Route", 5}, {NULL, 0}, CLUE_ROUTE},
};

static void note_address(struct pasted *out, struct slice name, struct slice value)
{
	for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++)
		if (slice_eq_nocase(name, addresses[i].name) ||
			slice_eq_nocase(name, addresses[i].compact))
			clues_add(&out->clues, addresses[i].kind, name_addr_uri(value));
}

static bool is_credentials(const struct params *p)
{
	return params_get(p, PARAM_USERNAME) || params_get(p, PARAM_USERNAME_STAR) ||
		params_get(p, PARAM_RESPONSE) || params_get(p, PARAM_URI);
}

static void keep(struct walk *w, const struct params *p)
{
	struct pasted *out = w->out;
	bool credentials =
		w->field == FIELD_BARE ? is_credentials(p) : w->field == FIELD_CREDENTIALS;
	struct pasted_auth auth = {
		.params = *p, .named = w->field != FIELD_BARE, .proxy = w->proxy};

	if (p->scheme.p && !params_is_digest(p))
		out->other_schemes++;
	else if (credentials && out->credential_count < PASTED_MAX)
		out->credentials[out->credential_count++] = auth;
	else if (!credentials && out->challenge_count < PASTED_MAX)
		out->challenges[out->challenge_count++] = auth;
}

static void end_field(struct walk *w)
{
	struct params list[PARAMS_LIST_MAX];
	struct slice value = arena_copy(&w->out->arena, buf_slice(&w->value));
	size_t count;

	if (w->field == FIELD_INFO) {
		params_scan_info(value, &w->out->arena, &w->out->info);
		w->out->has_info = w->info = true;
	} else if (w->field != FIELD_NONE) {
		count = params_scan(value, &w->out->arena, list, PARAMS_LIST_MAX);
		for (size_t i = 0; i < count; i++)
			keep(w, &list[i]);
	}
	buf_clear(&w->value);
	w->field = FIELD_NONE;
}

static struct slice with_crlf(struct arena *arena, struct slice text)
{
	char *p = arena_alloc(arena, 2 * text.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\n' && (i == 0 || text.p[i - 1] != '\r'))
			p[n++] = '\r';
		p[n++] = text.p[i];
	}
	return (struct slice){p, n};
}

/* The body as it was on the wire, or absent. Pasting turns CRLF into LF: Content-Length tells. */
static struct slice message_body(struct walk *w)
{
	size_t length = (size_t)w->content_length;
	struct slice crlf;

	if (w->content_length == 0)
		return SLICE("");
	if (!w->in_body)
		return SLICE_ABSENT;
	if (w->content_length < 0 || w->body.n == length)
		return w->body;
	crlf = with_crlf(&w->out->arena, w->body);
	return crlf.n >= length ? slice_head(crlf, length) : SLICE_ABSENT;
}

static void end_message(struct walk *w, const char *end)
{
	struct pasted *out = w->out;
	struct slice body;

	end_field(w);
	if (w->in_message) {
		if (w->in_body)
			w->body = slice_between(w->body.p, end);
		body = message_body(w);
		clues_add(&out->clues, CLUE_REQUEST_URI, w->start.request_uri);
		for (unsigned i = w->first_credential; i < out->credential_count; i++) {
			out->credentials[i].method = w->start.method_name;
			out->credentials[i].request_uri = w->start.request_uri;
			out->credentials[i].body = body;
		}
		if (w->info)
			out->info_body = body;
	}
	w->in_message = w->in_body = w->info = false;
	w->content_length = -1;
	w->first_credential = out->credential_count;
}

/* "Name:" at the beginning; the name, or absent. */
static struct slice field_name(struct slice text)
{
	size_t n = 0;

	while (n < text.n && (isalnum((unsigned char)text.p[n]) || text.p[n] == '-'))
		n++;
	if (!n || n == text.n || slice_find(slice_trim(slice_from(text, n)), ':') != 0)
		return SLICE_ABSENT;
	return slice_head(text, n);
}

/* Does a bare value begin here: "Digest realm=", or "username="? */
static bool is_bare(struct slice text)
{
	struct slice name = slice_trim(slice_head(text, slice_find(text, '=')));

	if (slice_starts_nocase(text, SLICE("Digest")) && text.n > 6 &&
		(text.p[6] == ' ' || text.p[6] == '\t'))
		return true;
	for (int id = 0; id < PARAM_COUNT && name.n < text.n; id++)
		if (slice_eq_nocase(name, slice_of(param_name((enum param_id)id))))
			return true;
	return false;
}

static bool in_quotes(const struct buf *value)
{
	bool open = false;

	for (size_t i = 0; i < value->n; i++) {
		if (value->p[i] == '\\')
			i++;
		else if (value->p[i] == '"')
			open = !open;
	}
	return open;
}

/* A line that begins a header field; false if it does not. */
static bool begin_field(struct walk *w, struct slice text, bool indented)
{
	struct slice name = field_name(text);
	struct slice value = slice_trim(slice_from(text, slice_find(text, ':') + 1));
	uint64_t length;

	for (size_t i = 0; name.p && i < sizeof(names) / sizeof(*names); i++)
		if (slice_eq_nocase(name, names[i].name)) {
			end_field(w);
			w->field = names[i].field;
			w->proxy = names[i].proxy;
			buf_add_slice(&w->value, value);
			return true;
		}
	/* a wrapped value may go on with something like a name: uri="sip:... */
	if (!name.p || indented || in_quotes(&w->value))
		return false;
	end_field(w);
	note_address(w->out, name, value);
	if ((slice_eq_nocase(name, SLICE("Content-Length")) || slice_eq_nocase(name, SLICE("l"))) &&
		slice_to_u64(value, INT32_MAX, &length))
		w->content_length = (int64_t)length;
	return true;
}

static void continue_field(struct walk *w, struct slice text, bool indented)
{
	bool complete = !w->value.n || w->value.p[w->value.n - 1] != ',';

	if (is_bare(text) &&
		(w->field == FIELD_NONE || (complete && !indented && !in_quotes(&w->value)))) {
		end_field(w);
		w->field = FIELD_BARE;
		w->proxy = false;
	} else if (w->field == FIELD_NONE) {
		return;
	} else if (indented) {
		buf_adds(&w->value,
			"\r\n "); /* a fold; else the terminal wrapped the line anywhere */
	}
	buf_add_slice(&w->value, text);
}

static bool is_start_line(struct slice text, struct message *m)
{
	struct auth_field none[MESSAGE_AUTH_MAX]; /* one line holds no header fields */

	return slice_has_nocase(text, SLICE("SIP/2.0")) && text.p[text.n - 1] != ',' &&
		message_scan(text, m, none);
}

static void on_line(struct walk *w, struct slice line, const char *next)
{
	struct slice text = slice_trim(line);
	size_t indent = text.n ? (size_t)(text.p - line.p) : 0;
	bool indented = indent > w->indent; /* a fold, or the whole text is indented */
	struct message start;

	if (text.n >= 4 &&
		memcmp(text.p + text.n - 4, "\\r\\n", 4) == 0) /* as Wireshark shows it */
		text = slice_trim(slice_head(text, text.n - 4));
	if (text.n && is_start_line(text, &start)) {
		end_message(w, line.p);
		w->in_message = true;
		w->start = start;
		w->indent = indent;
	} else if (w->in_body) {
		return;
	} else if (!text.n) {
		end_field(w);
		w->in_body = w->in_message;
		w->body = slice_between(next, next);
	} else if (begin_field(w, text, indented)) {
		w->indent = indent;
	} else {
		continue_field(w, text, indented);
	}
}

void pasted_read(struct slice text, struct pasted *out)
{
	struct walk w = {.out = out, .content_length = -1};
	struct slice rest = text;

	*out = (struct pasted){0};
	while (rest.n) {
		size_t end = slice_find(rest, '\n');
		struct slice line = slice_head(rest, end);

		rest = slice_from(rest, end + 1);
		on_line(&w, line, rest.p);
	}
	end_message(&w, rest.p);
	buf_free(&w.value);
}

void pasted_free(struct pasted *p)
{
	arena_free(&p->arena);
}

static bool same(const struct pasted_auth *a, const struct pasted_auth *b, enum param_id id)
{
	return slice_eq(params_value(&a->params, id), params_value(&b->params, id));
}

const struct pasted_auth *pasted_challenge_of(
	const struct pasted *p, const struct pasted_auth *credentials)
{
	const struct pasted_auth *best = NULL;
	int best_score = -1;

	for (unsigned i = 0; i < p->challenge_count; i++) {
		const struct pasted_auth *c = &p->challenges[i];
		struct slice algorithm = params_value(&credentials->params, PARAM_ALGORITHM);
		int score = 8 * same(c, credentials, PARAM_NONCE) +
			4 * same(c, credentials, PARAM_REALM) +
			2 * (c->proxy == credentials->proxy) +
			slice_eq_nocase(params_value(&c->params, PARAM_ALGORITHM), algorithm);

		if (score >= best_score) { /* of equals the last: a newer nonce */
			best = c;
			best_score = score;
		}
	}
	return best;
}

const struct pasted_auth *pasted_choose(const struct pasted *p, struct slice algorithm)
{
	for (unsigned i = 0; i < p->challenge_count; i++) {
		enum algorithm a =
			algorithm_find(params_value(&p->challenges[i].params, PARAM_ALGORITHM));

		if (a != ALGORITHM_UNKNOWN && (!algorithm.p || algorithm_find(algorithm) == a))
			return &p->challenges[i];
	}
	return p->challenge_count ? &p->challenges[0] : NULL;
}

const struct pasted_auth *pasted_info_credentials(const struct pasted *p)
{
	struct slice cnonce = params_value(&p->info, PARAM_CNONCE);

	for (unsigned i = 0; cnonce.p && i < p->credential_count; i++)
		if (slice_eq(params_value(&p->credentials[i].params, PARAM_CNONCE), cnonce))
			return &p->credentials[i];
	return p->credential_count ? &p->credentials[p->credential_count - 1] : NULL;
}

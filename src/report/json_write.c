#include "report/json_write.h"

#include <assert.h>

#include "base/utf8.h"
#include "base/format.h"

/* Everything but the value: the comma, and the name inside objects. */
static void begin(struct json *j, const char *key)
{
	if (!j->depth)
		return;
	if (j->level[j->depth - 1].filled)
		buf_addc(j->out, ',');
	j->level[j->depth - 1].filled = true;
	if (key) {
		buf_addc(j->out, '"');
		buf_adds(j->out, key);
		buf_add(j->out, "\":", 2);
	}
}

static void open(struct json *j, const char *key, bool object)
{
	assert(j->depth < JSON_DEPTH_MAX);
	begin(j, key);
	buf_addc(j->out, object ? '{' : '[');
	j->level[j->depth++] = (struct json_level){.object = object};
}

void json_object(struct json *j, const char *key)
{
	open(j, key, true);
}

void json_array(struct json *j, const char *key)
{
	open(j, key, false);
}

void json_end(struct json *j)
{
	struct json_level *level = &j->level[j->depth - 1];

	if (level->object && level->invalid)
		json_bool(j, "invalid_utf8", true);
	buf_addc(j->out, level->object ? '}' : ']');
	j->depth--;
	if (level->invalid && j->depth)
		j->level[j->depth - 1].invalid = true;
}

/* DEL and the C1 controls are legal in JSON, but a terminal may obey them. */
static bool needs_escape(struct slice s, size_t sequence)
{
	unsigned char c = (unsigned char)s.p[0];

	return c < 0x20 || c == 0x7f || c == '"' || c == '\\' ||
		(sequence == 2 && c == 0xc2 && (unsigned char)s.p[1] < 0xa0);
}

static void escape(struct buf *out, unsigned code)
{
	static const char letters[] = {['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't', ['"'] = '"',
		['\\'] = '\\'};

	if (code < sizeof(letters) && letters[code]) {
		buf_addc(out, '\\');
		buf_addc(out, letters[code]);
	} else {
		buf_printf(out, "\\u%04x", code);
	}
}

/* The plain bytes at the beginning of s, which need no second look. */
static size_t plain(struct slice s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= 0x20 && s.p[n] < 0x7f && s.p[n] != '"' && s.p[n] != '\\')
		n++;
	return n;
}

void json_slice(struct json *j, const char *key, struct slice value)
{
	if (!value.p)
		return;
	begin(j, key);
	buf_addc(j->out, '"');
	while (value.n) {
		size_t n = plain(value);

		if (!n) {
			n = utf8_sequence(value);
			if (!n && j->depth)
				j->level[j->depth - 1].invalid = true;
			if (!n || needs_escape(value, n)) {
				escape(j->out, (unsigned char)value.p[n == 2]);
				value = slice_from(value, n ? n : 1);
				continue;
			}
		}
		buf_add(j->out, value.p, n);
		value = slice_from(value, n);
	}
	buf_addc(j->out, '"');
}

void json_string(struct json *j, const char *key, const char *value)
{
	json_slice(j, key, slice_of(value));
}

void json_uint(struct json *j, const char *key, uint64_t value)
{
	char digits[20];
	size_t at = sizeof(digits);

	begin(j, key);
	do
		digits[--at] = (char)('0' + value % 10);
	while (value /= 10);
	buf_add(j->out, digits + at, sizeof(digits) - at);
}

void json_bool(struct json *j, const char *key, bool value)
{
	begin(j, key);
	buf_adds(j->out, value ? "true" : "false");
}

void json_null(struct json *j, const char *key)
{
	begin(j, key);
	buf_adds(j->out, "null");
}

void json_time(struct json *j, const char *key, int64_t time)
{
	begin(j, key);
	buf_addc(j->out, '"');
	format_iso(j->out, time);
	buf_addc(j->out, '"');
}

void json_ms(struct json *j, const char *key, int64_t span)
{
	begin(j, key);
	format_ms(j->out, span);
}

void json_address(struct json *j, const char *key, const struct address *a)
{
	char text[ADDRESS_TEXT];

	json_string(j, key, address_format(a, text));
}

void json_ip(struct json *j, const char *key, const struct address *a)
{
	char text[ADDRESS_TEXT];

	json_string(j, key, address_format_ip(a, text));
}

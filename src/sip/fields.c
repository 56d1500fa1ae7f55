#include "sip/fields.h"

/* Up to the end of the line, without it; `rest` begins after it. */
static struct slice take_line(struct slice *rest)
{
	size_t n = slice_find(*rest, '\n');
	struct slice line = slice_head(*rest, n);

	*rest = slice_from(*rest, n + (n < rest->n));
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

static struct slice without_leading(struct slice message)
{
	while (message.n && (*message.p == '\r' || *message.p == '\n'))
		message = slice_from(message, 1);
	return message;
}

struct slice fields_begin(struct slice message)
{
	message = without_leading(message);
	take_line(&message);
	return message;
}

bool fields_next(struct slice *rest, struct field_line *out)
{
	struct slice line, more;
	size_t colon;

	if (!rest->n)
		return false;
	line = take_line(rest);
	if (!line.n)
		return false;
	while (rest->n && (*rest->p == ' ' || *rest->p == '\t')) {
		more = take_line(rest);
		line = slice_between(line.p, more.p + more.n);
	}
	colon = slice_find(line, ':');
	*out = (struct field_line){.line = line, .name = SLICE_ABSENT, .value = slice_trim(line)};
	if (colon < line.n) {
		out->name = slice_trim(slice_head(line, colon));
		out->value = slice_trim(slice_from(line, colon + 1));
	}
	return true;
}

struct slice field_long_name(struct slice name)
{
	static const struct {
		char letter;
		struct slice name;
	} compact[] = {
		{'a', SLICE("Accept-Contact")}, {'b', SLICE("Referred-By")}, {'c', SLICE("Content-Type")},
		{'e', SLICE("Content-Encoding")}, {'f', SLICE("From")}, {'i', SLICE("Call-ID")},
		{'k', SLICE("Supported")}, {'l', SLICE("Content-Length")}, {'m', SLICE("Contact")},
		{'o', SLICE("Event")}, {'r', SLICE("Refer-To")}, {'s', SLICE("Subject")}, {'t', SLICE("To")},
		{'u', SLICE("Allow-Events")}, {'v', SLICE("Via")}, {'x', SLICE("Session-Expires")},
	};

	for (size_t i = 0; name.n == 1 && i < sizeof(compact) / sizeof(*compact); i++)
		if ((*name.p | 0x20) == compact[i].letter)
			return compact[i].name;
	return name;
}

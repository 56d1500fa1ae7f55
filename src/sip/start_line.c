#include "sip/start_line.h"

#include "base/find.h"

static inline bool is_version(struct slice s)
{
	return s.n >= 5 && (s.p[0] | 0x20) == 's' && slice_starts_nocase(s, SLICE("SIP/")) && s.p[4] >= '0' &&
		s.p[4] <= '9';
}

/* `rest` is what follows the version. */
static inline bool scan_status_line(struct message *m, struct slice rest)
{
	unsigned status = 0;

	if (rest.n < 3 || (rest.n > 3 && rest.p[3] != ' ' && rest.p[3] != '\t'))
		return false;
	for (int i = 0; i < 3; i++) {
		unsigned digit = (unsigned char)rest.p[i] - (unsigned)'0';

		if (digit > 9)
			return false;
		status = 10 * status + digit;
	}
	m->status = (uint16_t)status;
	m->reason = slice_trim(slice_from(rest, 4));
	return status >= 100 && status <= 699;
}

/* Where the version, the last word of `rest`, begins; 0: there is none. */
static inline size_t find_version(struct slice rest)
{
	size_t last = rest.n;

	if (last > 8 && bytes_equal(rest.p + last - 8, " SIP/2.0", 8))
		return last - 7;
	while (last && rest.p[last - 1] != ' ')
		last--;
	return is_version(slice_from(rest, last)) ? last : 0;
}

/* `rest` is what follows the method. */
static inline bool scan_request_line(struct message *m, struct slice method, struct slice rest)
{
	size_t version = find_version(rest);

	if (!version || !method.n || method.n > 64)
		return false;
	m->request = true;
	m->method_name = method;
	m->method = method_find(method);
	m->request_uri = slice_trim(slice_head(rest, version - 1));
	return true;
}

bool start_line_scan(struct message *m, struct slice text, size_t *next)
{
	struct slice line = slice_head(text, find_byte(text, 0, '\n')), rest;
	size_t space = find_byte(text, 0, ' ');

	*next = line.n + (line.n < text.n);
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	else if (*next > line.n)
		m->defects |= MESSAGE_LF_ONLY;
	rest = slice_trim(slice_from(line, space + 1));
	return is_version(line) ? scan_status_line(m, rest) : scan_request_line(m, slice_head(line, space), rest);
}

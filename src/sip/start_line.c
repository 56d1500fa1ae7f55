#include "sip/start_line.h"

#include "base/find.h"

static inline bool is_version(struct slice s)
{
	return s.n >= 5 && (s.p[0] | 0x20) == 's' && slice_starts_nocase(s, SLICE("SIP/")) && s.p[4] >= '0' &&
		s.p[4] <= '9';
}

static bool scan_status_line(struct message *m, struct slice line)
{
	struct slice rest = slice_trim(slice_from(line, find_byte(line, 0, ' ')));
	uint64_t status;

	if (!slice_to_u64(slice_head(rest, 3), 699, &status) || status < 100)
		return false;
	if (rest.n > 3 && rest.p[3] != ' ' && rest.p[3] != '\t')
		return false;
	m->status = (unsigned)status;
	m->reason = slice_trim(slice_from(rest, 3));
	return true;
}

static bool scan_request_line(struct message *m, struct slice line)
{
	size_t space = find_byte(line, 0, ' ');
	struct slice rest = slice_trim(slice_from(line, space));
	size_t last = rest.n;

	if (!space || space == line.n || space > 64)
		return false;
	/* the version is the last word */
	if (rest.n > 8 && bytes_equal(rest.p + rest.n - 8, " SIP/2.0", 8))
		last -= 7;
	while (last && rest.p[last - 1] != ' ')
		last--;
	if (!last || !is_version(slice_from(rest, last)))
		return false;
	m->request = true;
	m->method_name = slice_head(line, space);
	m->method = method_find(m->method_name);
	m->request_uri = slice_trim(slice_head(rest, last));
	return true;
}

bool start_line_scan(struct message *m, struct slice text, size_t *next)
{
	struct slice line = slice_head(text, find_byte(text, 0, '\n'));

	*next = line.n + (line.n < text.n);
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	else if (*next > line.n)
		m->defects |= MESSAGE_LF_ONLY;
	return is_version(line) ? scan_status_line(m, line) : scan_request_line(m, line);
}

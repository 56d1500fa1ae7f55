#include "capture/textline.h"

#include <string.h>
#include <time.h>

#define SECOND INT64_C(1000000000)
#define DAY (86400 * SECOND)

enum { LINE_READ = 1024, URI_MAX = 4096 };

static const struct slice version = {"SIP/2.0", 7};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool has_at(struct slice s, size_t at, struct slice word)
{
	return at <= s.n && s.n - at >= word.n && memcmp(s.p + at, word.p, word.n) == 0;
}

/* Where the method begins whose last letter is before `end`. Bytes of a packet dump may touch it. */
static size_t method_before(struct slice line, size_t end)
{
	static const struct slice methods[] = {{"INVITE", 6}, {"ACK", 3}, {"BYE", 3}, {"CANCEL", 6},
		{"REGISTER", 8}, {"OPTIONS", 7}, {"SUBSCRIBE", 9}, {"NOTIFY", 6}, {"PUBLISH", 7}, {"INFO", 4},
		{"REFER", 5}, {"MESSAGE", 7}, {"PRACK", 5}, {"UPDATE", 6}};
	size_t at = end;

	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++)
		if (end >= methods[i].n && has_at(line, end - methods[i].n, methods[i]))
			return end - methods[i].n;
	while (at && is_upper(line.p[at - 1]))
		at--;
	return end - at >= 3 ? at : end;
}

/* "METHOD uri SIP/2.0", the version at `at`. */
static bool request_before(struct slice line, size_t at, size_t *start)
{
	size_t end = at, begin, method;

	if (!end || !is_blank(line.p[end - 1]))
		return false;
	while (end && is_blank(line.p[end - 1]))
		end--;
	for (begin = end; begin && !is_blank(line.p[begin - 1]) && end - begin < URI_MAX;)
		begin--;
	if (begin == end || begin < 4 || !memchr(line.p + begin, ':', end - begin))
		return false;
	for (method = begin; method && is_blank(line.p[method - 1]);)
		method--;
	*start = method_before(line, method);
	return *start < method;
}

size_t text_start(struct slice line)
{
	size_t at = 0, start;

	while (at + version.n <= line.n) {
		at += slice_find(slice_from(line, at), 'S');
		if (!has_at(line, at, version)) {
			at++;
			continue;
		}
		if (at + 11 <= line.n && line.p[at + 7] == ' ' && is_digit(line.p[at + 8]) &&
			is_digit(line.p[at + 9]) && is_digit(line.p[at + 10]) &&
			(at + 11 == line.n || !is_digit(line.p[at + 11])))
			return at;
		if (!(at + 7 < line.n && line.p[at + 7] == '/') && request_before(line, at, &start))
			return start;
		at += version.n;
	}
	return line.n;
}

/* ---- numbers ---- */

/* Exactly n digits at `at`, no more around them; -1: not so. */
static int64_t digits(struct slice s, size_t at, size_t n)
{
	int64_t value = 0;

	if (at + n > s.n || (at && is_digit(s.p[at - 1])) || (at + n < s.n && is_digit(s.p[at + n])))
		return -1;
	for (size_t i = at; i < at + n; i++) {
		if (!is_digit(s.p[i]))
			return -1;
		value = value * 10 + (s.p[i] - '0');
	}
	return value;
}

/* ".123456" or ",123": nanoseconds. */
static int64_t fraction(struct slice s, size_t at)
{
	int64_t value = 0, unit = SECOND / 10;

	if (at + 1 >= s.n || (s.p[at] != '.' && s.p[at] != ',') || !is_digit(s.p[at + 1]))
		return 0;
	for (at++; at < s.n && is_digit(s.p[at]); at++, unit /= 10)
		value += (s.p[at] - '0') * unit;
	return value;
}

/* ---- times ---- */

static int month_of(struct slice s, size_t at)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++)
		if (has_at(s, at, (struct slice){names + 3 * i, 3}))
			return i;
	return -1;
}

static int64_t midnight(int64_t year, int64_t month, int64_t day)
{
	struct tm t = {.tm_year = (int)year - 1900, .tm_mon = (int)month, .tm_mday = (int)day};

	return (int64_t)timegm(&t) * SECOND;
}

/* The date right before `at`: "2026-11-22 ", "2026/11/22T", "Nov 22 "; -1: none. */
static int64_t date_before(struct slice s, size_t at)
{
	size_t end = at;
	int64_t year, month, day;

	if (!end || (!is_blank(s.p[end - 1]) && s.p[end - 1] != 'T'))
		return -1;
	end--;
	if (end >= 10 && (s.p[end - 3] == '-' || s.p[end - 3] == '/')) {
		year = digits(s, end - 10, 4);
		month = digits(s, end - 5, 2);
		day = digits(s, end - 2, 2);
		if (year >= 1970 && year < 2200 && month >= 1 && month <= 12 && day >= 1 && day <= 31)
			return midnight(year, month - 1, day);
	}
	if (end >= 6 && month_of(s, end - 6) >= 0) {
		day = s.p[end - 2] == ' ' ? digits(s, end - 1, 1) : digits(s, end - 2, 2);
		/* syslog has no year */
		if (day >= 1 && day <= 31)
			return midnight(1970, month_of(s, end - 6), day);
	}
	return -1;
}

/* "10:22:01.310", with the date before it if there is one. */
static bool read_time(struct text_facts *f, struct text_clock *c, struct slice s)
{
	for (size_t at = 0; at + 8 <= s.n; at++) {
		int64_t hour, minute, second, time, date;

		if (s.p[at + 2] != ':' || s.p[at + 5] != ':')
			continue;
		hour = digits(s, at, 2);
		minute = digits(s, at + 3, 2);
		second = digits(s, at + 6, 2);
		if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
			continue;
		time = (hour * 3600 + minute * 60 + second) * SECOND + fraction(s, at + 8);
		date = date_before(s, at);
		if (date >= 0) {
			c->day = date;
		} else if (c->last >= 0 && time < c->last - DAY / 2) {
			c->day += DAY; /* past midnight */
		}
		c->last = time;
		f->time = c->day + time;
		return f->has_time = true;
	}
	return false;
}

/* "1795342921.310000": seconds since 1970. */
static void read_epoch(struct text_facts *f, struct slice s)
{
	for (size_t at = 0; at + 14 <= s.n; at++) {
		int64_t seconds = s.p[at + 10] == '.' ? digits(s, at, 10) : -1;

		if (seconds < 0 || !is_digit(s.p[at + 13]))
			continue;
		f->time = seconds * SECOND + fraction(s, at + 10);
		f->has_time = true;
		return;
	}
}

/* ---- addresses ---- */

/* ":5060", "]:5060", or tcpdump's ".5060"; moves *at behind it. */
static uint16_t port_at(struct slice s, size_t *at)
{
	size_t i = *at;
	uint64_t port;
	size_t n = 0;

	if (i < s.n && s.p[i] == ']')
		i++;
	if (i >= s.n || (s.p[i] != ':' && s.p[i] != '.'))
		return 5060;
	i++;
	while (i + n < s.n && is_digit(s.p[i + n]))
		n++;
	if (!slice_to_u64((struct slice){s.p + i, n}, 65535, &port) || !port)
		return 5060;
	*at = i + n;
	return (uint16_t)port;
}

static bool address_at(struct slice s, size_t *at, struct address *out)
{
	size_t i = *at, n = 0, dots = 0;

	if (s.p[i] == '[') {
		n = slice_find(slice_from(s, i), ']');
		if (i + n >= s.n || n < 3 || !address_parse_ip((struct slice){s.p + i + 1, n - 1}, out))
			return false;
		*at = i + n;
		out->port = port_at(s, at);
		return true;
	}
	if (i && (is_digit(s.p[i - 1]) || s.p[i - 1] == '.' || s.p[i - 1] == '-'))
		return false;
	while (i + n < s.n && (is_digit(s.p[i + n]) || (s.p[i + n] == '.' && dots < 3)))
		dots += s.p[i + n++] == '.';
	if (dots != 3 || !address_parse_ip((struct slice){s.p + i, n}, out))
		return false;
	*at = i + n;
	out->port = port_at(s, at);
	return true;
}

/* Is there an arrow to the left between them: "A <- B"? */
static bool points_left(struct slice between)
{
	for (size_t i = 0; i + 1 < between.n; i++)
		if (between.p[i] == '<' && between.p[i + 1] == '-')
			return slice_find(between, '>') == between.n;
	return false;
}

static void read_addresses(struct text_facts *f, struct slice s)
{
	struct address found[2];
	unsigned count = 0;
	size_t first_end = 0;

	for (size_t at = 0; at < s.n && count < 2; at++) {
		size_t end = at;

		if ((s.p[at] != '[' && !is_digit(s.p[at])) || !address_at(s, &end, &found[count]))
			continue;
		if (count++ && points_left((struct slice){s.p + first_end, at - first_end})) {
			struct address swap = found[0];

			found[0] = found[1];
			found[1] = swap;
		}
		first_end = end;
		at = end - 1;
	}
	if (!count)
		return;
	f->addresses = count;
	memcpy(f->address, found, count * sizeof(*found));
}

static void read_words(struct text_facts *f, struct slice s)
{
	static const struct {
		struct slice word;
		enum direction direction;
	} words[] = {
		{{"recv", 4}, DIRECTION_IN}, {{"receiv", 6}, DIRECTION_IN}, {{"read from", 9}, DIRECTION_IN},
		{{"incoming", 8}, DIRECTION_IN}, {{"transmit", 8}, DIRECTION_OUT}, {{"send ", 5}, DIRECTION_OUT},
		{{"sent", 4}, DIRECTION_OUT}, {{"sending", 7}, DIRECTION_OUT}, {{"outgoing", 8}, DIRECTION_OUT},
	};
	static const struct {
		struct slice word;
		enum transport transport;
	} transports[] = {
		{{"udp", 3}, TRANSPORT_UDP}, {{"tcp", 3}, TRANSPORT_TCP}, {{"tls", 3}, TRANSPORT_TLS},
		{{"wss", 3}, TRANSPORT_WSS}, {{"ws:", 3}, TRANSPORT_WS}, {{"sctp", 4}, TRANSPORT_SCTP},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (slice_has_nocase(s, words[i].word)) {
			f->direction = words[i].direction;
			break;
		}
	for (size_t i = 0; i < sizeof(transports) / sizeof(*transports); i++)
		if (slice_has_nocase(s, transports[i].word)) {
			f->transport = transports[i].transport;
			f->has_transport = true;
			break;
		}
}

void text_read(struct text_facts *f, struct text_clock *c, struct slice line)
{
	line = slice_head(line, LINE_READ);
	if (!read_time(f, c, line))
		read_epoch(f, line);
	read_addresses(f, line);
	read_words(f, line);
}

struct address text_via(struct slice value)
{
	struct address a = {.family = 0};
	size_t at = 0;

	value = slice_trim(value);
	at = slice_find(value, ' ');
	while (at < value.n && is_blank(value.p[at]))
		at++;
	if (at >= value.n || !address_at(value, &at, &a))
		return (struct address){.family = 0};
	return a;
}

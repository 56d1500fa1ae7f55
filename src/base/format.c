#include "base/format.h"

#include <inttypes.h>
#include <time.h>

#include "base/utf8.h"

enum { SECOND = 1000000000 };

/* Splits into whole seconds and the nanoseconds within, also before 1970. */
static int64_t split(int64_t time, struct tm *tm)
{
	int64_t nanoseconds = time % SECOND;
	time_t seconds = (time_t)(time / SECOND);

	if (nanoseconds < 0) {
		nanoseconds += SECOND;
		seconds--;
	}
	gmtime_r(&seconds, tm);
	return nanoseconds;
}

void format_iso(struct buf *out, int64_t time)
{
	struct tm tm;
	int64_t ns = split(time, &tm);

	buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%06" PRId64 "Z", tm.tm_year + 1900,
		tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, ns / 1000);
}

void format_date(struct buf *out, int64_t time)
{
	struct tm tm;

	split(time, &tm);
	buf_printf(out, "%04d-%02d-%02d %02d:%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1,
		tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void format_date_after(struct buf *out, int64_t time, int64_t earlier)
{
	struct tm tm, before;

	split(time, &tm);
	split(earlier, &before);
	if (tm.tm_year != before.tm_year || tm.tm_yday != before.tm_yday)
		format_date(out, time);
	else
		buf_printf(out, "%02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void format_clock(struct buf *out, int64_t time)
{
	struct tm tm;
	int64_t ns = split(time, &tm);

	buf_printf(
		out, "%02d:%02d:%02d.%03" PRId64, tm.tm_hour, tm.tm_min, tm.tm_sec, ns / 1000000);
}

/* Two neighboring units, the smaller one only where it is not zero. */
static void two_units(
	struct buf *out, int64_t whole, const char *big, int64_t rest, const char *small)
{
	buf_printf(out, "%" PRId64 " %s", whole, big);
	if (rest)
		buf_printf(out, " %" PRId64 " %s", rest, small);
}

void format_span(struct buf *out, int64_t span)
{
	int64_t ms = span / 1000000, s = ms / 1000;

	if (span < 0) {
		buf_addc(out, '-');
		format_span(out, -span);
	} else if (ms < 1000) {
		buf_printf(out, "%" PRId64 " ms", ms);
	} else if (s < 60) {
		buf_printf(out, "%" PRId64 ".%" PRId64 " s", s, ms % 1000 / 100);
	} else if (s < 3600) {
		two_units(out, s / 60, "min", s % 60, "s");
	} else if (s < 86400) {
		two_units(out, s / 3600, "h", s % 3600 / 60, "min");
	} else {
		two_units(out, s / 86400, "d", s % 86400 / 3600, "h");
	}
}

void format_ms(struct buf *out, int64_t span)
{
	int64_t us = span / 1000;
	int64_t part = us % 1000 < 0 ? -(us % 1000) : us % 1000;

	buf_printf(out, "%s%" PRId64, us < 0 && us > -1000 ? "-" : "", us / 1000);
	if (!part)
		return;
	buf_printf(out, ".%03" PRId64, part);
	while (out->p[out->n - 1] == '0')
		out->n--;
}

void format_count(struct buf *out, uint64_t n, const char *singular)
{
	buf_printf(out, "%" PRIu64 " %s%s", n, singular, n == 1 ? "" : "s");
}

/* Length of the escape sequence for color at the beginning of s, 0 if there is none. */
static size_t escape_length(struct slice s)
{
	size_t end;

	if (s.n < 2 || s.p[0] != '\033' || s.p[1] != '[')
		return 0;
	end = slice_find(s, 'm');
	return end < s.n ? end + 1 : 0;
}

size_t format_columns(struct slice s)
{
	size_t columns = 0;

	while (s.n) {
		size_t n = escape_length(s);

		if (!n) {
			n = utf8_sequence(s);
			n = n ? n : 1;
			columns++;
		}
		s = slice_from(s, n);
	}
	return columns;
}

void format_indent(struct buf *out, size_t n)
{
	while (n--)
		buf_addc(out, ' ');
}

size_t format_wrap(struct buf *out, struct slice text, size_t column, size_t indent, size_t width)
{
	bool fresh = true; /* nothing of this text stands on the line yet */

	text = slice_trim(text);
	while (text.n) {
		struct slice word = slice_head(text, slice_find(text, ' '));
		size_t columns = format_columns(word);

		if (!fresh && column + 1 + columns > width) {
			buf_addc(out, '\n');
			format_indent(out, indent);
			column = indent;
			fresh = true;
		}
		if (!fresh)
			buf_addc(out, ' ');
		column += columns + !fresh;
		buf_add_slice(out, word);
		fresh = false;
		/* several spaces are kept: they may be part of a value */
		text = slice_from(text, word.n + 1);
	}
	return column;
}

struct slice format_head(struct slice s, size_t max)
{
	size_t at = 0;

	while (at < s.n) {
		size_t n = utf8_sequence(slice_from(s, at));

		n = n ? n : 1;
		if (at + n > max)
			break;
		at += n;
	}
	return slice_head(s, at);
}

void format_short(struct buf *out, struct slice value, size_t max)
{
	size_t tail = max / 3, at;

	if (value.n <= max) {
		buf_add_printable(out, value);
		return;
	}
	buf_add_printable(out, format_head(value, max - tail - 2));
	buf_adds(out, "..");
	at = value.n - tail;
	while (at < value.n && ((unsigned char)value.p[at] & 0xc0) == 0x80)
		at++;
	buf_add_printable(out, slice_from(value, at));
}

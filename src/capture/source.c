#include "capture/source.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "capture/filter.h"
#include "capture/reader.h"

enum {
	FILES_MAX = 65535,
	NAME_SHOWN = 140, /* of a path, its end: there must be room for the trouble */
};

struct source {
	struct source_options options;
	struct reader **heap;  /* those that have a packet, the earliest first */
	size_t count;
	bool given;            /* the packet of heap[0] was given out: read on before the next */
	struct filter *filter; /* NULL: everything passes */
	struct source_stats stats;
	struct source_error *only_error; /* while the only file is opened: its trouble goes there */
};

__attribute__((format(printf, 2, 3)))
static void complain(struct source *s, const char *format, ...)
{
	struct buf line = {0};
	va_list args;

	if (!s->options.complain)
		return;
	va_start(args, format);
	buf_vprintf(&line, format, args);
	va_end(args);
	s->options.complain(s->options.arg, buf_string(&line));
	buf_free(&line);
}

/* A file cannot be read from its start. */
static void refuse(struct source *s, const char *name, const char *why)
{
	size_t n = strlen(name);

	if (s->only_error)
		snprintf(s->only_error->text, sizeof(s->only_error->text), "%s: %s",
			name + (n > NAME_SHOWN ? n - NAME_SHOWN : 0), why);
	else
		complain(s, "%s: %s", name, why);
}

enum advance {
	ADVANCE_PACKET,
	ADVANCE_END,
	ADVANCE_FAILED, /* not even a first packet */
};

/* The file ends here, but not as it should. */
static enum advance trouble(struct source *s, struct reader *r, bool truncated)
{
	uint32_t frame = reader_packet(r)->frame;

	if (truncated) {
		s->stats.truncated = true;
		complain(s, "%s: the file ends inside packet %u; what is before it was read", reader_name(r),
			frame + 1);
		return ADVANCE_END;
	}
	s->stats.broken = true;
	if (!frame) {
		refuse(s, reader_name(r), reader_trouble(r));
		return ADVANCE_FAILED;
	}
	complain(s, "%s: unreadable after packet %u: %s; what is before it was read", reader_name(r),
		frame, reader_trouble(r));
	return ADVANCE_END;
}

/* To the next packet of the file that passes the filter. */
static enum advance advance(struct source *s, struct reader *r)
{
	enum reader_result result;

	while ((result = reader_next(r)) == READER_PACKET) {
		struct slice secrets = reader_secrets(r);

		if (secrets.n && s->options.secrets)
			s->options.secrets(s->options.arg, secrets);
		s->stats.packets++;
		if (!s->filter || filter_passes(s->filter, reader_packet(r)))
			return ADVANCE_PACKET;
		s->stats.filtered++;
		if (filter_wrong(s->filter))
			return ADVANCE_END;
	}
	return result == READER_END ? ADVANCE_END : trouble(s, r, result == READER_TRUNCATED);
}

static bool earlier(const struct reader *a, const struct reader *b)
{
	const struct packet *x = reader_packet(a), *y = reader_packet(b);

	return x->time < y->time || (x->time == y->time && x->file < y->file);
}

static void sift_down(struct source *s, size_t i)
{
	struct reader **heap = s->heap;

	for (;;) {
		size_t least = i, child = 2 * i + 1;
		struct reader *swap = heap[i];

		if (child < s->count && earlier(heap[child], heap[least]))
			least = child;
		if (child + 1 < s->count && earlier(heap[child + 1], heap[least]))
			least = child + 1;
		if (least == i)
			return;
		heap[i] = heap[least];
		heap[least] = swap;
		i = least;
	}
}

/* True: the file could be read, were it without a packet. */
static bool add_file(struct source *s, size_t i)
{
	const struct source_options *o = &s->options;
	const char *name = strcmp(o->paths[i], "-") == 0 ? "standard input" : o->paths[i];
	struct input_wait wait = {o->follow && i + 1 == o->count, o->idle, o->arg, o->idle_ms};
	char why[READER_TROUBLE];
	struct reader *r = reader_open(o->paths[i], (uint16_t)(i + 1), &wait, why);
	enum advance result;

	if (!r) {
		refuse(s, name, why);
		return false;
	}
	result = advance(s, r);
	if (result == ADVANCE_PACKET) {
		s->heap[s->count++] = r;
		return true;
	}
	reader_close(r);
	return result != ADVANCE_FAILED;
}

/* How many could not be read. */
static size_t add_files(struct source *s)
{
	size_t failed = 0, count = s->options.count;
	bool stdin_seen = false;

	s->heap = xcalloc(count, sizeof(*s->heap));
	for (size_t i = 0; i < count; i++) {
		bool is_stdin = strcmp(s->options.paths[i], "-") == 0;

		if (is_stdin && stdin_seen) {
			complain(s, "standard input: named twice, but it can be read once only");
			failed++;
		} else if (!add_file(s, i)) {
			failed++;
		}
		stdin_seen |= is_stdin;
	}
	for (size_t i = s->count; i-- > 0;)
		sift_down(s, i);
	return failed;
}

struct source *source_open(const struct source_options *o, size_t *failed, struct source_error *error)
{
	struct source *s = xcalloc(1, sizeof(*s));

	error->text[0] = '\0';
	*failed = 0;
	s->options = *o;
	s->only_error = o->count == 1 ? error : NULL;
	if (o->filter && *o->filter)
		s->filter = filter_new(o->filter, o->complain, o->arg);
	if (!o->count || o->count > FILES_MAX)
		snprintf(error->text, sizeof(error->text), "%zu captures; name 1 to %d", o->count, FILES_MAX);
	else if ((*failed = add_files(s)) == o->count && o->count > 1)
		snprintf(error->text, sizeof(error->text), "none of the %zu captures could be read", o->count);
	else if (s->filter && filter_wrong(s->filter))
		snprintf(error->text, sizeof(error->text), "the filter \"%.80s\" cannot be used: %.120s", o->filter,
			filter_wrong(s->filter));
	s->only_error = NULL;
	if (*error->text) {
		source_close(s);
		return NULL;
	}
	return s;
}

const struct packet *source_next(struct source *s)
{
	if (s->given) {
		s->given = false;
		if (advance(s, s->heap[0]) != ADVANCE_PACKET) {
			reader_close(s->heap[0]);
			s->heap[0] = s->heap[--s->count];
		}
		if (s->count > 1)
			sift_down(s, 0);
	}
	if (!s->count)
		return NULL;
	s->given = true;
	return reader_packet(s->heap[0]);
}

const struct source_stats *source_stats(const struct source *s)
{
	return &s->stats;
}

void source_close(struct source *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->count; i++)
		reader_close(s->heap[i]);
	filter_free(s->filter);
	free(s->heap);
	free(s);
}

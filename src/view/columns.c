#include "view/columns.h"

#include <string.h>
#include <strings.h>

#include "base/format.h"

enum { WIDE = 120 };

static const struct column_row table[COLUMN_COUNT] = {
#define COLUMN(id, name_, title_, width_, right_, words_) [COLUMN_##id] = {name_, title_, words_, width_, right_},
#include "view/columns.def"
};

const struct column_row *column_row(enum column c)
{
	return &table[c];
}

int column_find(const char *name)
{
	for (int c = 0; c < COLUMN_COUNT; c++)
		if (strcasecmp(table[c].name, name) == 0)
			return c;
	return -1;
}

void column_set_parse(struct column_set *set, const char *text, unsigned width)
{
	static const char narrow[] = "n,method,account,source,target,outcome,cause";
	static const char wide[] = "n,time,method,account,source,target,transport,rounds,outcome,cause,agent";

	*set = (struct column_set){.count = 0};
	if (!*text)
		text = width < WIDE ? narrow : wide;
	while (*text && set->count < COLUMN_COUNT) {
		size_t n = strcspn(text, ",");
		char name[16] = "";

		memcpy(name, text, n < sizeof(name) ? n : sizeof(name) - 1);
		if (column_find(name) >= 0)
			set->list[set->count++] = (enum column)column_find(name);
		text += n + (text[n] == ',');
	}
	if (!set->count)
		set->list[set->count++] = COLUMN_N;
}

void column_set_text(const struct column_set *set, struct buf *out)
{
	for (unsigned i = 0; i < set->count; i++)
		buf_printf(out, "%s%s", i ? "," : "", table[set->list[i]].name);
}

/* ---- texts ---- */

static void put_address(const struct column_context *c, uint32_t number, struct buf *out)
{
	struct address a = texts_get_address(&c->rows->texts, number);
	const char *alias = settings_alias(c->settings, &a);
	char text[ADDRESS_TEXT];

	if (alias)
		buf_add_printable(out, slice_of(alias));
	else
		/* the port that everybody has says nothing */
		buf_adds(out, a.port == 5060 ? address_format_ip(&a, text) : address_format(&a, text));
}

static void put_time(const struct column_context *c, const struct row *row, struct buf *out)
{
	if (settings_choice(c->settings, SETTING_TIME) == 0)
		format_clock(out, row->first);
	else
		buf_printf(out, "+%.3f", (double)(row->first - c->begin) / 1e9);
}

static void put_date(const struct row *row, struct buf *out)
{
	struct buf b = {0};

	format_date(&b, row->first);
	buf_add_slice(out, slice_head(buf_slice(&b), 10));
	buf_free(&b);
}

static uint32_t text_of(enum column c, const struct row *row)
{
	switch (c) {
	case COLUMN_ACCOUNT:
		return row->user;
	case COLUMN_FROM:
		return row->from;
	case COLUMN_TO:
		return row->to;
	case COLUMN_AGENT:
		return row->agent;
	case COLUMN_SERVER:
		return row->server;
	default:
		return row->call_id;
	}
}

static void put_number(uint64_t n, struct buf *out)
{
	if (n)
		buf_printf(out, "%llu", (unsigned long long)n);
}

static uint64_t number_of(enum column c, const struct row *row)
{
	switch (c) {
	case COLUMN_N:
		return row->n;
	case COLUMN_MESSAGES:
		return row->message_count;
	case COLUMN_ROUNDS:
		return row->rounds;
	case COLUMN_STATUS:
		return row->status;
	case COLUMN_LEG:
		return row->leg_of;
	case COLUMN_DURATION:
		return (uint64_t)(row->last - row->first);
	default:
		return (uint64_t)row->first;
	}
}

static const char *digest_of(const struct row *row)
{
	if (row->flags & ROW_MISMATCH)
		return "wrong";
	return row->flags & ROW_MATCH ? "right" : "";
}

static const char *word_of(enum column c, const struct row *row)
{
	switch (c) {
	case COLUMN_METHOD:
		return method_name((enum method)row->method);
	case COLUMN_TRANSPORT:
		return transport_name((enum transport)row->transport);
	case COLUMN_OUTCOME:
		return row_outcome(row);
	case COLUMN_DIGEST:
		return digest_of(row);
	default:
		return row->cause ? finding_kind((enum finding_id)(row->cause - 1))->id : "";
	}
}

void column_text(enum column c, const struct column_context *context, const struct row *row, struct buf *out)
{
	switch (c) {
	case COLUMN_TIME:
		put_time(context, row, out);
		break;
	case COLUMN_DATE:
		put_date(row, out);
		break;
	case COLUMN_SOURCE:
		put_address(context, row->client, out);
		break;
	case COLUMN_TARGET:
		put_address(context, row->target, out);
		break;
	case COLUMN_DURATION:
		format_span(out, row->last - row->first);
		break;
	case COLUMN_N:
	case COLUMN_MESSAGES:
	case COLUMN_ROUNDS:
	case COLUMN_STATUS:
	case COLUMN_LEG:
		put_number(number_of(c, row), out);
		break;
	case COLUMN_METHOD:
	case COLUMN_TRANSPORT:
	case COLUMN_OUTCOME:
	case COLUMN_CAUSE:
	case COLUMN_DIGEST:
		buf_adds(out, word_of(c, row));
		break;
	default:
		buf_add_printable(out, texts_get(&context->rows->texts, text_of(c, row)));
	}
}

/* ---- sorting ---- */

static int compare_slices(struct slice a, struct slice b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	return c ? c : (a.n > b.n) - (a.n < b.n);
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

int column_compare(enum column c, const struct rows *rows, const struct row *a, const struct row *b)
{
	switch (c) {
	case COLUMN_SOURCE:
		return compare_slices(texts_get(&rows->texts, a->client), texts_get(&rows->texts, b->client));
	case COLUMN_TARGET:
		return compare_slices(texts_get(&rows->texts, a->target), texts_get(&rows->texts, b->target));
	case COLUMN_METHOD:
	case COLUMN_TRANSPORT:
	case COLUMN_OUTCOME:
	case COLUMN_CAUSE:
	case COLUMN_DIGEST:
		return strcmp(word_of(c, a), word_of(c, b));
	case COLUMN_ACCOUNT:
	case COLUMN_FROM:
	case COLUMN_TO:
	case COLUMN_AGENT:
	case COLUMN_SERVER:
	case COLUMN_CALL_ID:
		return compare_slices(texts_get(&rows->texts, text_of(c, a)), texts_get(&rows->texts, text_of(c, b)));
	default:
		return compare_numbers(number_of(c, a), number_of(c, b));
	}
}
